"""What the API of the road answers with. Masses in g, distances in m, emissions in gCO2e."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from remelt.platform.logistics.beside import Beside
from remelt.platform.logistics.models import Vehicle
from remelt.platform.logistics.queries import OrderLine, PlanView, RoundView
from remelt.platform.logistics.shares import shares_of
from remelt.web.inputs import ApiOut


class OrderOut(ApiOut):
    """A transport order."""

    code: str
    kind: str
    state: str
    lot_code: str
    metal: str
    mass_g: int
    from_site: str
    to_site: str
    ready_on: date
    window_from_min: int
    window_to_min: int
    round: str | None


class OrdersOut(ApiOut):
    """Transport orders."""

    items: list[OrderOut]


class VehicleOut(ApiOut):
    """A vehicle."""

    code: str
    plate: str
    capacity_g: int
    emission_class: str
    shift_from_min: int
    shift_to_min: int
    fixed_fen: int
    fen_per_km: int
    fen_per_hour: int
    empty_wh_per_km: int | None
    full_wh_per_km: int | None
    ended_at: datetime | None


class VehiclesOut(ApiOut):
    """Vehicles."""

    items: list[VehicleOut]


class LeftOutOut(ApiOut):
    """An order left out, the reason as a code, what would help, and the figures of both."""

    order: str
    lot_code: str
    reason: str
    remedy: str
    facts: dict[str, Any]


class PlanOut(ApiOut):
    """A plan. progress: 0 to 1000. state: waiting, running, done, refused or failed."""

    code: str
    site: str
    day: date
    state: str
    progress: int
    result: dict[str, Any] | None
    rounds: list[str]
    left_out: list[LeftOutOut]


class StopOut(ApiOut):
    """One thing to do on a round."""

    order: str
    lot_code: str
    action: str
    site: str
    state: str
    arrive_at: datetime
    begin_at: datetime
    depart_at: datetime
    load_after_g: int


class LegOut(ApiOut):
    """One drive. source: where its distance comes from."""

    from_site: str
    to_site: str
    depart_at: datetime
    arrive_at: datetime
    distance_m: int
    load_g: int
    co2e_g: int | None
    forecast_co2e_g: int | None
    source: str


class RoundShareOut(ApiOut):
    """A lot's part of the round's emission: forecast, and what entered the ledger once driven.

    by_leg_g is information only: each leg by the mass on board, empty kilometres left out.
    """

    lot_code: str
    mass_g: int
    direct_m: int
    forecast_g: int | None
    carried_g: int | None
    by_leg_g: int | None


class RoundOut(ApiOut):
    """A round. co2e_g is a forecast until driven; emission names curve and factors."""

    code: str
    state: str
    day: date
    site: str
    vehicle: str
    plate: str
    depart_at: datetime
    return_at: datetime
    distance_m: int
    most_g: int
    cost_fen: int
    co2e_g: int | None
    forecast_co2e_g: int | None
    emission: dict[str, Any]
    stops: list[StopOut]
    legs: list[LegOut]
    shares: list[RoundShareOut]


class RoundsOut(ApiOut):
    """Rounds."""

    items: list[RoundOut]


class ReliefOut(ApiOut):
    """What became of a lost truck's orders: taken over, open again and why, still on board."""

    taken_over: list[str]
    left_out: list[dict[str, Any]]
    stranded: list[str]


class SumsOut(ApiOut):
    """What a plan comes to. co2e_g: null while a factor is missing."""

    rounds: int
    orders: int
    cost_fen: int
    distance_m: int
    co2e_g: int | None


class DifferenceOut(ApiOut):
    """An order served by another truck or at another time; null: that plan leaves it out."""

    order: str
    lot_code: str
    was_plate: str | None
    now_plate: str | None
    later_min: int | None


class BesideOut(ApiOut):
    """Two plans side by side."""

    was: SumsOut
    now: SumsOut
    differences: list[DifferenceOut]


class HandoverOut(ApiOut):
    """A hand-over as recorded."""

    code: str
    lot_code: str
    action: str
    at: datetime
    scanned: bool


def beside_out(told: Beside) -> BesideOut:
    """Return two plans side by side for the API."""
    return BesideOut(
        was=SumsOut(orders=told.was_orders, **asdict(told.was)),
        now=SumsOut(orders=told.now_orders, **asdict(told.now)),
        differences=[
            DifferenceOut(
                order=each.call.order.code,
                lot_code=each.call.order.lot_code,
                was_plate=each.was.plate if each.was else None,
                now_plate=each.now.plate if each.now else None,
                later_min=each.later_min,
            )
            for each in told.differences
        ],
    )


def order_out(line: OrderLine) -> OrderOut:
    """Return an order for the API."""
    return OrderOut.model_validate(
        {
            **line.order.model_dump(include=set(OrderOut.model_fields)),
            "state": line.order.state,
            "from_site": line.start.code,
            "to_site": line.end.code,
            "round": line.round_code,
        }
    )


def vehicle_out(row: Vehicle) -> VehicleOut:
    """Return a vehicle for the API."""
    return VehicleOut.model_validate(row, from_attributes=True)


def plan_out(view: PlanView) -> PlanOut:
    """Return a plan for the API."""
    return PlanOut(
        code=view.run.code,
        site=view.site.code,
        day=view.run.day,
        state=view.state,
        progress=view.job.progress,
        result=view.run.result,
        rounds=[card.round.code for card in view.rounds],
        left_out=[
            LeftOutOut(
                order=left.line.order.code,
                lot_code=left.line.order.lot_code,
                reason=left.reason,
                remedy=left.remedy,
                facts=left.facts,
            )
            for left in view.left_out
        ],
    )


def round_out(view: RoundView) -> RoundOut:
    """Return a round with its stops and legs for the API."""
    row = view.card.round
    return RoundOut(
        **row.model_dump(include=set(RoundOut.model_fields) - {"stops", "legs", "shares"}),
        state=row.state,
        site=view.card.site.code,
        vehicle=view.card.vehicle.code,
        plate=view.card.vehicle.plate,
        stops=[
            StopOut(
                order=line.order.code,
                lot_code=line.order.lot_code,
                site=line.site.code,
                state=line.state,
                **line.stop.model_dump(
                    include={"action", "arrive_at", "begin_at", "depart_at", "load_after_g"}
                ),
            )
            for line in view.stops
        ],
        legs=[
            LegOut(
                from_site=line.start.code,
                to_site=line.end.code,
                **line.leg.model_dump(include=set(LegOut.model_fields)),
            )
            for line in view.legs
        ],
        shares=[
            RoundShareOut(
                lot_code=line.order.lot_code,
                mass_g=line.mass_g,
                direct_m=line.direct_m,
                forecast_g=line.forecast_g,
                carried_g=line.carried_g,
                by_leg_g=line.by_leg_g,
            )
            for line in shares_of(view).lines
        ],
    )
