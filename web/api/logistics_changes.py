"""Changes in the day for programs: a lot more, a lot less, a truck lost, two plans compared."""

from flask import Response
from sqlmodel import Session

from remelt.platform.logistics import changing, queries
from remelt.platform.logistics.beside import beside
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.logistics_in import DayIn, NothingIn, OtherPlan
from remelt.web.api.logistics_out import (
    BesideOut,
    ReliefOut,
    RoundOut,
    beside_out,
    round_out,
)
from remelt.web.context import clock, needs, require, store
from remelt.web.own_transport import check_order, check_round
from remelt.web.road_asking import known_roads

bp = api_blueprint("logistics_changes", tag="Logistics")


@bp.post("/orders/<order>/insert")
@needs("logistics.dispatch")
@first(check_order, permission="logistics.dispatch", of="order")
@bp.input(DayIn, arg_name="data")
@bp.output(RoundOut)
def post_insert(order: str, data: DayIn) -> Response:
    """Put an open order on the rounds of a day as they stand, where it costs least."""
    who = require("logistics.dispatch")
    known = known_roads(order=order, organisation_id=who.organisation_id)

    def act(session: Session) -> tuple[int, RoundOut]:
        own = who.organisation_id
        row = changing.add_order(
            session, clock=clock(), code=order, organisation_id=own, day=data.day, roads=known
        )
        return 200, round_out(queries.round_view(session, code=row.code, organisation_id=own))

    return once(who, act)


@bp.post("/orders/<order>/take-off")
@needs("logistics.dispatch")
@first(check_order, permission="logistics.dispatch", of="order")
@bp.input(NothingIn, arg_name="data")
@bp.output(RoundOut)
def post_take_off(order: str, data: NothingIn) -> Response:  # noqa: ARG001 - its body is empty
    """Take an order off its round before it is loaded; it is open again."""
    who = require("logistics.dispatch")

    def act(session: Session) -> tuple[int, RoundOut]:
        own = who.organisation_id
        row = changing.take_off(
            session, clock=clock(), code=order, organisation_id=own, roads=known_roads()
        )
        return 200, round_out(queries.round_view(session, code=row.code, organisation_id=own))

    return once(who, act)


@bp.post("/rounds/<round_code>/lose")
@needs("logistics.dispatch")
@first(check_round, permission="logistics.dispatch", of="round_code")
@bp.input(NothingIn, arg_name="data")
@bp.output(ReliefOut)
def post_lose(round_code: str, data: NothingIn) -> Response:  # noqa: ARG001 - its body is empty
    """Relieve a round whose truck is lost; others take over what it has not loaded."""
    who = require("logistics.dispatch")

    def act(session: Session) -> tuple[int, ReliefOut]:
        relief = changing.lose_vehicle(
            session,
            clock=clock(),
            code=round_code,
            organisation_id=who.organisation_id,
            roads=known_roads(),
        )
        return 200, ReliefOut(
            taken_over=list(relief.taken_over),
            left_out=[reason.to_json() for reason in relief.left],
            stranded=list(relief.stranded),
        )

    return once(who, act)


@bp.get("/plans/<plan>/beside")
@needs("logistics.dispatch")
@bp.input(OtherPlan, location="query", arg_name="asked")
@bp.output(BesideOut)
def get_beside(plan: str, asked: OtherPlan) -> BesideOut:
    """Return a plan beside another: cost, distance, emission, and what moved."""
    who = require("logistics.dispatch")
    with store().read() as session:
        own = who.organisation_id
        return beside_out(beside(session, code=plan, other=asked.other, organisation_id=own))
