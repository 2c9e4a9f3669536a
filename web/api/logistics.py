"""Orders, vehicles, plans, rounds and hand-overs for programs."""

from datetime import date

from flask import Response
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.logistics import fleet, handover, planning, queries
from remelt.platform.logistics.orders import When, cancel_order, order_delivery
from remelt.platform.logistics.tracks import written
from remelt.platform.parties import queries as parties
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.logistics_in import (
    DeliveryIn,
    HandoverIn,
    NothingIn,
    PlanIn,
    RoundsIn,
    ShapeAsked,
    VehicleIn,
)
from remelt.web.api.logistics_out import (
    HandoverOut,
    OrderOut,
    OrdersOut,
    PlanOut,
    RoundOut,
    RoundsOut,
    VehicleOut,
    VehiclesOut,
    order_out,
    plan_out,
    round_out,
    vehicle_out,
)
from remelt.web.context import clock, needs, require, store
from remelt.web.own_transport import check_order, check_round, check_vehicle

bp = api_blueprint("logistics", tag="Logistics")


@bp.get("/orders")
@bp.output(OrdersOut)
def get_orders() -> OrdersOut:
    """List the living transport orders that the organisation's sites dispatch."""
    who = require("logistics.dispatch")
    with store().read() as session:
        lines = queries.orders_at(session, organisation_id=who.organisation_id)
    return OrdersOut(items=[order_out(line) for line in lines])


@bp.post("/orders")
@needs("logistics.dispatch")
@bp.input(DeliveryIn, arg_name="data")
@bp.output(OrderOut, status_code=201)
def post_order(data: DeliveryIn) -> Response:
    """Release a lot on hand for delivery to another site."""
    who = require("logistics.dispatch")

    def act(session: Session) -> tuple[int, OrderOut]:
        start = parties.site(session, code=data.from_site, organisation_id=who.organisation_id)
        order = order_delivery(
            session,
            clock=clock(),
            lot_code=data.lot_code,
            organisation_id=who.organisation_id,
            from_site_id=start.key,
            to_site_id=parties.site(session, code=data.to_site).key,
            ordered_by=who.person_id,
            when=When(data.ready_on, data.window_from_min, data.window_to_min),
        )
        lines = queries.orders_at(session, organisation_id=who.organisation_id)
        return 201, next(order_out(each) for each in lines if each.order.id == order.id)

    return once(who, act)


@bp.post("/orders/<order>/cancel")
@needs("logistics.dispatch")
@first(check_order, permission="logistics.dispatch", of="order")
@bp.input(NothingIn, arg_name="data")
@bp.output(NothingIn)
def post_order_cancel(order: str, data: NothingIn) -> Response:
    """Take an open order back."""
    who = require("logistics.dispatch")

    def act(session: Session) -> tuple[int, NothingIn]:
        cancel_order(session, clock=clock(), code=order, organisation_id=who.organisation_id)
        return 200, data

    return once(who, act)


@bp.get("/vehicles")
@bp.output(VehiclesOut)
def get_vehicles() -> VehiclesOut:
    """List the vehicles in use."""
    who = require("logistics.dispatch")
    with store().read() as session:
        rows = fleet.vehicles_of(session, organisation_id=who.organisation_id)
    return VehiclesOut(items=[vehicle_out(row) for row in rows])


@bp.post("/vehicles")
@needs("logistics.dispatch")
@bp.input(VehicleIn, arg_name="data")
@bp.output(VehicleOut, status_code=201)
def post_vehicle(data: VehicleIn) -> Response:
    """Add a vehicle."""
    who = require("logistics.dispatch")

    def act(session: Session) -> tuple[int, VehicleOut]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        made = fleet.add_vehicle(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            site_id=site.key,
            **data.model_dump(exclude={"site"}),
        )
        return 201, vehicle_out(made)

    return once(who, act)


@bp.post("/vehicles/<vehicle>/end")
@needs("logistics.dispatch")
@first(check_vehicle, permission="logistics.dispatch", of="vehicle")
@bp.input(NothingIn, arg_name="data")
@bp.output(VehicleOut)
def post_vehicle_end(vehicle: str, data: NothingIn) -> Response:  # noqa: ARG001 - its body is empty
    """Take a vehicle out of use."""
    who = require("logistics.dispatch")

    def act(session: Session) -> tuple[int, VehicleOut]:
        own = who.organisation_id
        return 200, vehicle_out(
            fleet.end_vehicle(session, clock=clock(), code=vehicle, organisation_id=own)
        )

    return once(who, act)


@bp.post("/plans")
@needs("logistics.dispatch")
@bp.input(PlanIn, arg_name="data")
@bp.output(PlanOut, status_code=202)
def post_plan(data: PlanIn) -> Response:
    """Have a site's day planned; ask for the plan until its state is no longer running."""
    who = require("logistics.dispatch")

    def act(session: Session) -> tuple[int, PlanOut]:
        own = who.organisation_id
        site = parties.site(session, code=data.site, organisation_id=own)
        run = planning.request_plan(
            session,
            clock=clock(),
            organisation_id=own,
            site_id=site.key,
            person_id=who.person_id,
            **data.model_dump(exclude={"site"}),
        )
        return 202, plan_out(queries.plan_view(session, code=run.code, organisation_id=own))

    return once(who, act)


@bp.get("/plans/<plan>")
@bp.output(PlanOut)
def get_plan(plan: str) -> PlanOut:
    """Return a plan: how far it is, its rounds, and what it left out and why."""
    who = require("logistics.dispatch")
    with store().read() as session:
        return plan_out(queries.plan_view(session, code=plan, organisation_id=who.organisation_id))


@bp.get("/rounds")
@needs("logistics.drive")
@bp.input(RoundsIn, location="query", arg_name="asked")
@bp.output(RoundsOut)
def get_rounds(asked: RoundsIn) -> RoundsOut:
    """List the rounds of a Beijing day with their stops and legs."""
    who = require("logistics.drive")
    with store().read() as session:
        cards = queries.rounds_of_day(
            session, organisation_id=who.organisation_id, day=asked.day or _today(session)
        )
        return RoundsOut(items=[round_out(view) for view in queries.views_of(session, cards)])


@bp.get("/rounds/<round_code>")
@bp.output(RoundOut)
def get_round(round_code: str) -> RoundOut:
    """Return a round with its stops and legs."""
    who = require("logistics.drive")
    with store().read() as session:
        return round_out(
            queries.round_view(session, code=round_code, organisation_id=who.organisation_id)
        )


@bp.get("/rounds/<round_code>/track")
@needs("logistics.drive")
@bp.input(ShapeAsked, location="query", arg_name="asked")
def get_round_track(round_code: str, asked: ShapeAsked) -> Response:
    """Return a round as GeoJSON, GPX or CSV."""
    who = require("logistics.drive")
    own = who.organisation_id
    with store().read() as session:
        view = queries.round_view(session, code=round_code, organisation_id=own)
    text, media = written([view], shape=asked.shape)
    return Response(text, content_type=media)


@bp.get("/plans/<plan>/track")
@needs("logistics.dispatch")
@bp.input(ShapeAsked, location="query", arg_name="asked")
def get_plan_track(plan: str, asked: ShapeAsked) -> Response:
    """Return all rounds of a plan as GeoJSON, GPX or CSV."""
    who = require("logistics.dispatch")
    with store().read() as session:
        view = queries.plan_view(session, code=plan, organisation_id=who.organisation_id)
        rounds = queries.views_of(session, list(view.rounds))
    text, media = written(rounds, shape=asked.shape)
    return Response(text, content_type=media)


@bp.post("/rounds/<round_code>/cancel")
@needs("logistics.dispatch")
@first(check_round, permission="logistics.dispatch", of="round_code")
@bp.input(NothingIn, arg_name="data")
@bp.output(RoundOut)
def post_round_cancel(round_code: str, data: NothingIn) -> Response:  # noqa: ARG001 - its body is empty
    """Take a planned round back; its orders are open again."""
    who = require("logistics.dispatch")

    def act(session: Session) -> tuple[int, RoundOut]:
        own = who.organisation_id
        planning.cancel_round(session, clock=clock(), code=round_code, organisation_id=own)
        return 200, round_out(queries.round_view(session, code=round_code, organisation_id=own))

    return once(who, act)


@bp.post("/handovers")
@needs("logistics.drive")
@bp.input(HandoverIn, arg_name="data")
@bp.output(HandoverOut, status_code=201)
def post_handover(data: HandoverIn) -> Response:
    """Load or unload a lot by its code."""
    who = require("logistics.drive")
    do = handover.load if data.action == "load" else handover.unload

    def act(session: Session) -> tuple[int, HandoverOut]:
        made = do(session, clock=clock(), lot_code=data.code, actor=who, scanned=data.scanned)
        return 201, HandoverOut.model_validate(made, from_attributes=True)

    return once(who, act)


def _today(session: Session) -> date:
    return clock().now(session).astimezone(BEIJING).date()
