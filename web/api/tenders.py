"""A buyer's reverse auction on a need, for programs."""

from datetime import datetime
from typing import Annotated, Self

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.market.needs.stating import need_by_code, own_need
from remelt.platform.market.tenders.answering import Named, bid_down
from remelt.platform.market.tenders.errors import NoSuchTender
from remelt.platform.market.tenders.inviting import Terms, invite
from remelt.platform.market.tenders.models import TenderBid
from remelt.platform.market.tenders.queries import TenderRoom, tender_room
from remelt.platform.parties.actors import Actor
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.market_in import FenPerT
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut, Moment

bp = api_blueprint("tenders", tag="Market")


class TenderIn(ApiIn):
    """How sellers bid down; the rates are added to a price."""

    ceiling_fen_per_t: FenPerT
    step_fen_per_t: FenPerT
    closes_at: Moment
    freight_fen_per_tkm: Annotated[int, Field(ge=0, le=10_000)] = 0
    co2e_g_per_tkm: Annotated[int, Field(ge=0, le=5_000)] = 0
    carbon_fen_per_t: Annotated[int, Field(ge=0, le=10**7)] = 0
    undocumented_fen_per_t: Annotated[int, Field(ge=0, le=10**8)] = 0


class TenderBidIn(ApiIn):
    """A lot that one lists at a fixed price, at another price.

    floor_fen_per_t: down to where the house lowers it when others are better, unseen.
    """

    listing: Annotated[str, Field(min_length=1, max_length=14)]
    price_fen_per_t: FenPerT
    floor_fen_per_t: FenPerT | None = None


class TenderBidOut(ApiOut):
    """The answer to an offer; reason is empty when it leads."""

    seq: int
    price_fen_per_t: int
    cost_fen_per_t: int
    verdict: str
    reason: str
    closes_at: datetime


class TenderRungOut(ApiOut):
    """An accepted offer; `number` stands for the seller."""

    number: int
    mine: bool
    price_fen_per_t: int
    cost_fen_per_t: int
    placed_at: datetime


class TenderOut(ApiOut):
    """A reverse auction and how it stands; contract is told to its buyer."""

    need: str
    open: bool
    ceiling_fen_per_t: int
    step_fen_per_t: int
    leading_cost_fen_per_t: int | None
    closes_at: datetime
    hard_close_at: datetime
    contract: str | None
    items: list[TenderRungOut]

    @classmethod
    def of(cls, room: TenderRoom, *, need: str) -> Self:
        """Return a reverse auction."""
        row = room.tender
        return cls(
            need=need, open=room.open, ceiling_fen_per_t=row.ceiling_fen_per_t,
            step_fen_per_t=row.step_fen_per_t, closes_at=row.closes_at,
            leading_cost_fen_per_t=row.leading_cost_fen_per_t, hard_close_at=row.hard_close_at,
            contract=room.contract_code,
            items=[TenderRungOut.model_validate(rung) for rung in room.ladder],
        )  # fmt: skip


def _own(who: Actor, code: str) -> None:
    with store().read() as session:
        own_need(session, code=code, buyer_id=who.organisation_id)


def _need(_who: Actor, code: str) -> None:
    with store().read() as session:
        need_by_code(session, code=code)


@bp.get("/needs/<need>/tender")
@needs("market.browse")
@bp.output(TenderOut)
def get_tender(need: str) -> TenderOut:
    """Show the reverse auction of a need."""
    who = require("market.browse")
    with store().read() as session:
        return _told(session, need, who)


@bp.post("/needs/<need>/tender")
@needs("market.need")
@first(_own, permission="market.need", of="need")
@bp.input(TenderIn, arg_name="data")
@bp.output(TenderOut, status_code=201)
def post_tender(need: str, data: TenderIn) -> Response:
    """Invite sellers to bid down on one's own need."""
    who = require("market.need")

    def act(session: Session) -> tuple[int, TenderOut]:
        invite(
            session,
            clock=clock(),
            need_code=need,
            buyer_id=who.organisation_id,
            terms=Terms(**data.model_dump()),
        )
        return 201, _told(session, need, who)

    return once(who, act)


@bp.post("/needs/<need>/tender/bids")
@needs("market.sell")
@first(_need, permission="market.sell", of="need")
@bp.input(TenderBidIn, arg_name="data")
@bp.output(TenderBidOut, status_code=201)
def post_tender_bid(need: str, data: TenderBidIn) -> Response:
    """Offer a lot at a price. A refusal is recorded too: its code is the reason."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, TenderBidOut]:
        bid: TenderBid = bid_down(
            session,
            clock=clock(),
            need_code=need,
            listing_code=data.listing,
            seller_id=who.organisation_id,
            person_id=who.person_id,
            named=Named(price_fen_per_t=data.price_fen_per_t, floor_fen_per_t=data.floor_fen_per_t),
        )
        return 201 if bid.verdict == "accepted" else 422, TenderBidOut.model_validate(bid)

    return once(who, act)


def _told(session: Session, code: str, who: Actor) -> TenderOut:
    row = need_by_code(session, code=code)
    now = clock().now(session)
    room = tender_room(session, need=row, viewer_id=who.organisation_id, now=now)
    if room is None:
        raise NoSuchTender(need=code)
    return TenderOut.of(room, need=code)
