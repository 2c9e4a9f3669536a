"""Needs for programs: what is looked for, and the lots that fit."""

from flask import Response
from sqlmodel import Session

from remelt.platform.market.needs import boards
from remelt.platform.market.needs.matching import lots_for
from remelt.platform.market.needs.stating import (
    end_need,
    is_open,
    need_by_code,
    own_need,
    state_need,
)
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.api.base import api_blueprint, once
from remelt.web.api.needs_shapes import FitsOut, NeedIn, NeedOut, NeedsIn, NeedsOut
from remelt.web.context import clock, needs, require, store

bp = api_blueprint("needs", tag="Market")


@bp.get("/needs")
@needs("market.browse")
@bp.input(NeedsIn, location="query", arg_name="asked")
@bp.output(NeedsOut)
def get_needs(asked: NeedsIn) -> NeedsOut:
    """List the newest needs that sellers may answer now, at most 100 a page."""
    who = require("market.browse")
    with store().read() as session:
        now = clock().now(session)
        rows = boards.open_needs(
            session, now=now, metal=asked.metal, limit=100, offset=(asked.page - 1) * 100
        )
        return NeedsOut(items=[NeedOut.of(row, own=_own(row.buyer_id, who)) for row in rows])


@bp.post("/needs")
@needs("market.need")
@bp.input(NeedIn, arg_name="data")
@bp.output(NeedOut, status_code=201)
def post_need(data: NeedIn) -> Response:
    """Say to every seller what is looked for."""
    who = require("market.need")

    def act(session: Session) -> tuple[int, NeedOut]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        made = state_need(
            session,
            clock=clock(),
            buyer_id=who.organisation_id,
            person_id=who.person_id,
            site_id=site.key,
            draft=data.draft(),
        )
        return 201, NeedOut.of(made, own=True)

    return once(who, act)


@bp.get("/needs/<need>")
@needs("market.browse")
@bp.output(NeedOut)
def get_need(need: str) -> NeedOut:
    """Show a need."""
    who = require("market.browse")
    with store().read() as session:
        row = need_by_code(session, code=need)
        return NeedOut.of(row, own=_own(row.buyer_id, who))


@bp.get("/needs/<need>/lots")
@needs("market.need")
@bp.output(FitsOut)
def get_lots(need: str) -> FitsOut:
    """List the lots on offer that fit one's own need, or miss it by one point, with reasons."""
    who = require("market.need")
    with store().read() as session:
        row = own_need(session, code=need, buyer_id=who.organisation_id)
        now = clock().now(session)
        found = lots_for(session, row, now=now, limit=100) if is_open(row, now=now) else []
        return FitsOut.of(found)


@bp.post("/needs/<need>/end")
@needs("market.need")
@bp.output(NeedOut)
def post_end(need: str) -> Response:
    """Take a need off the board; twice is once."""
    who = require("market.need")

    def act(session: Session) -> tuple[int, NeedOut]:
        row = end_need(session, clock=clock(), need_code=need, buyer_id=who.organisation_id)
        return 200, NeedOut.of(row, own=True)

    return once(who, act)


def _own(buyer_id: int, who: Actor) -> bool:
    return buyer_id == who.organisation_id
