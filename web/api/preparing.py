"""Preparing for programs: drafts, lists of lots, and terms changed while a listing stands."""

from typing import Annotated, Any

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.market.preparing import importing, keeping
from remelt.platform.market.preparing.filerows import parse
from remelt.platform.market.preparing.models import LotDraft
from remelt.platform.market.preparing.said import missing_of
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.market_in import Code
from remelt.web.context import clock, house, needs, require, store
from remelt.web.errors import say
from remelt.web.inputs import ApiIn, ApiOut
from remelt.web.uploads import decoded

bp = api_blueprint("drafts", tag="Market")
DAY_S = 86_400


class DraftIn(ApiIn):
    """A lot not published yet; `said` holds fields of POST /listings, any may be missing."""

    site: Code | None = None
    said: dict[str, Any] = Field(default_factory=dict, max_length=30)
    open_s: Annotated[int, Field(ge=300, le=30 * DAY_S)] = DAY_S


class DraftOut(ApiOut):
    """A draft, and the fields that it still lacks."""

    code: str
    said: dict[str, Any]
    open_s: int
    own_number: str
    missing: list[str]

    @classmethod
    def of(cls, row: LotDraft) -> "DraftOut":
        """Return a draft."""
        lacks = list(missing_of(row.said)) + ([] if row.site_id else ["site"])
        return cls(
            code=row.code, said=row.said, open_s=row.open_s, own_number=row.own_number,
            missing=lacks,
        )  # fmt: skip


class DraftsOut(ApiOut):
    """Drafts that wait to be published, the last changed first."""

    items: list[DraftOut]


class PublishedOut(ApiOut):
    """The listing that a draft became."""

    listing: str
    lot_code: str


class LotFileIn(ApiIn):
    """A list of lots as CSV or XLSX in base64. then: check (write nothing), keep or publish."""

    site: Code
    name: Annotated[str, Field(max_length=200)]
    content: Annotated[str, Field(max_length=12_000_000)]
    mass_unit: Annotated[str, Field(pattern="^(kg|t|jin|g)?$")] = ""
    price_unit: Annotated[str, Field(pattern="^(t|kg|jin)?$")] = ""
    then: Annotated[str, Field(pattern="^(check|keep|publish)$")] = "check"


class CellOut(ApiOut):
    """What is wrong with a cell: its place, the rule, and what to write instead."""

    cell: str
    row: int
    column: str
    rule: str
    remedy: str


class LotFileOut(ApiOut):
    """What a file became, or would become while cells stand in the way."""

    lots: int
    known: int
    problems: list[CellOut]
    drafts: list[str]
    listings: list[str]


def _check_own(who: Actor, code: str) -> None:
    with store().read() as session:
        keeping.draft_by_code(session, code=code, seller_id=who.organisation_id)


@bp.get("/drafts")
@needs("market.sell")
@bp.output(DraftsOut)
def get_drafts() -> DraftsOut:
    """List the newest 100 drafts."""
    who = require("market.sell")
    with store().read() as session:
        rows = keeping.drafts_of(session, seller_id=who.organisation_id, limit=100)
        return DraftsOut(items=[DraftOut.of(row) for row in rows])


@bp.post("/drafts")
@needs("market.sell")
@bp.input(DraftIn, arg_name="data")
@bp.output(DraftOut, status_code=201)
def post_draft(data: DraftIn) -> Response:
    """Keep a draft."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, DraftOut]:
        row = keeping.keep_draft(
            session,
            clock=clock(),
            seller_id=who.organisation_id,
            person_id=who.person_id,
            said=data.said,
            site_id=_site(session, who, data.site),
            open_s=data.open_s,
        )
        return 201, DraftOut.of(row)

    return once(who, act)


@bp.post("/drafts/<draft>/publish")
@needs("market.sell")
@first(_check_own, permission="market.sell", of="draft")
@bp.output(PublishedOut)
def post_publish(draft: str) -> Response:
    """Publish a draft; asked again, the listing that it became."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, PublishedOut]:
        made = keeping.publish_draft(
            session,
            clock=clock(),
            code=draft,
            seller_id=who.organisation_id,
            person_id=who.person_id,
            house=house(),
        )
        return 200, PublishedOut(listing=made.code, lot_code=made.lot_code)

    return once(who, act)


@bp.post("/drafts/<draft>/drop")
@needs("market.sell")
@first(_check_own, permission="market.sell", of="draft")
@bp.output(DraftOut)
def post_drop(draft: str) -> Response:
    """Drop a draft."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, DraftOut]:
        row = keeping.drop_draft(session, clock=clock(), code=draft, seller_id=who.organisation_id)
        return 200, DraftOut.of(row)

    return once(who, act)


@bp.post("/drafts/file")
@needs("market.sell")
@bp.input(LotFileIn, arg_name="data")
@bp.output(LotFileOut)
def post_file(data: LotFileIn) -> Response:
    """Check a list of lots cell by cell, or take all of it in."""
    who = require("market.sell")
    content = decoded(data.content, field="content", name=data.name)

    def act(session: Session) -> tuple[int, LotFileOut]:
        return 200, _taken(session, who, data, content)

    return once(who, act)


def _taken(session: Session, who: Actor, data: LotFileIn, content: bytes) -> LotFileOut:
    parsed = parse(
        content,
        filename=data.name,
        mass_unit=data.mass_unit or None,
        price_unit=data.price_unit or None,
    )
    site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
    said: dict[str, Any] = {
        "clock": clock(),
        "seller_id": who.organisation_id,
        "site_id": site.key,
        "parsed": parsed,
        "house": house(),
    }
    preview = importing.dry_run(session, **said)
    answer = LotFileOut(
        lots=len(preview.lots),
        known=preview.known,
        problems=[
            CellOut(
                cell=each.cell, row=each.row, column=each.heading, rule=each.refusal.code,
                remedy=say(each.refusal),
            )
            for each in preview.problems
        ],
        drafts=[],
        listings=[],
    )  # fmt: skip
    if data.then == "check":
        return answer
    done = importing.import_lots(
        session, person_id=who.person_id, publish=data.then == "publish", **said
    )
    answer.drafts = [row.code for row in done.drafts]
    answer.listings = [row.code for row in done.listings]
    return answer


def _site(session: Session, who: Actor, code: str | None) -> int | None:
    if code is None:
        return None
    return parties.site(session, code=code, organisation_id=who.organisation_id).key
