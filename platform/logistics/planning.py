"""A day's rounds are asked for here; `saving` keeps what the solver found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import jobs, outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.logistics.emissions import curve_of
from remelt.platform.logistics.errors import (
    DayPast,
    NoSuchRound,
    NothingToPlan,
    PlanRunning,
    RoundUnderWay,
)
from remelt.platform.logistics.events import RoundCancelled
from remelt.platform.logistics.fleet import vehicles_of
from remelt.platform.logistics.models import PlanRun, Round, RoundStop, TransportOrder, Vehicle
from remelt.platform.logistics.positions import position_of
from remelt.platform.logistics.roads import known_among
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site
from remelt.routing.codec import day_to_json
from remelt.routing.matrix import Place
from remelt.routing.problem import Hub, Stop, Window
from remelt.routing.problem import Vehicle as Truck

JOB_KIND: Final = "logistics.plan"
DEADLINE_S: Final = 10
MOST_DEADLINE_S: Final = 300
LOOK_AHEAD: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Day:
    """What there is to plan: the site, its open orders and its free vehicles."""

    site: Site
    orders: Sequence[TransportOrder]
    vehicles: Sequence[Vehicle]


def request_plan(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    site_id: int,
    person_id: int,
    day: date,
    deadline_s: int = DEADLINE_S,
    seed: int = 1,
    effort: int | None = None,
) -> PlanRun:
    """Have the open orders of a site planned for a Beijing day; a solver's job is queued.

    deadline_s: 1 to 300 s of solving. effort: how many solutions are looked at; by default by the
    number of orders.

    Raises `NoSuchSite`, `DayPast`, `NothingToPlan` or `PlanRunning`.
    """
    parties.organisation_by_id(session, organisation_id=organisation_id, lock=True)
    site = parties.site_by_id(session, site_id=site_id, organisation_id=organisation_id)
    now = clock.now(session)
    check_day(day, now=now)
    if running(session, site_id=site.key, day=day):
        raise PlanRunning(site=site.code, day=day.isoformat())
    orders = open_orders(session, site_id=site.key, day=day)
    if not orders:
        raise NothingToPlan(day=day.isoformat())
    todo = Day(site, orders, free_vehicles(session, site=site, day=day))
    code = new_code()
    payload = payload_of(session, todo) | {
        "plan": code,
        "day": day.isoformat(),
        "seed": seed,
        "deadline_s": max(1, min(deadline_s, MOST_DEADLINE_S)),
        "effort": effort,
    }
    job = jobs.enqueue(
        session, code=new_code(), kind=JOB_KIND, payload=payload, clock=clock, owner_id=person_id
    )
    run = PlanRun(
        code=code,
        job_code=job.code,
        organisation_id=organisation_id,
        site_id=site.key,
        day=day,
        asked_at=now,
        asked_by=person_id,
    )
    session.add(run)
    session.flush()
    return run


def check_day(day: date, *, now: datetime) -> None:
    """Refuse a day that is over in Beijing, or more than a year ahead. Touches no database."""
    today = now.astimezone(BEIJING).date()
    if not today <= day <= today + LOOK_AHEAD:
        raise DayPast(field="day", today=today.isoformat())


def running(session: Session, *, site_id: int, day: date) -> bool:
    """Tell whether a plan of this site and day is asked for and its job not over."""
    statement = (
        select(PlanRun.id)
        .join(jobs.Job, col(jobs.Job.code) == col(PlanRun.job_code))
        .where(
            PlanRun.site_id == site_id,
            PlanRun.day == day,
            col(PlanRun.ended_at).is_(None),
            col(jobs.Job.state).in_(("waiting", "running")),
        )
    )
    return session.exec(statement).first() is not None


def open_orders(session: Session, *, site_id: int, day: date) -> list[TransportOrder]:
    """Return the orders that wait at a site and may ride on `day`, oldest first."""
    statement = (
        select(TransportOrder)
        .where(
            TransportOrder.dispatch_site_id == site_id,
            col(TransportOrder.round_id).is_(None),
            col(TransportOrder.cancelled_at).is_(None),
            TransportOrder.ready_on <= day,
        )
        .order_by(col(TransportOrder.id))
    )
    return list(session.exec(statement))


def free_vehicles(session: Session, *, site: Site, day: date) -> list[Vehicle]:
    """Return the vehicles of a site that have no round on `day` yet."""
    busy = set(
        session.exec(
            select(Round.vehicle_id).where(
                Round.site_id == site.key, Round.day == day, col(Round.cancelled_at).is_(None)
            )
        )
    )
    found = vehicles_of(session, organisation_id=site.organisation_id, site_id=site.key)
    return [vehicle for vehicle in found if vehicle.id not in busy]


def cancel_round(session: Session, *, clock: Clock, code: str, organisation_id: int) -> Round:
    """Take a planned round back; its orders are open again.

    Raises `NoSuchRound`, or `RoundUnderWay` once something was loaded.
    """
    row = round_by_code(session, code=code, organisation_id=organisation_id, lock=True)
    if row.state != "planned":
        raise RoundUnderWay(round=row.code)
    row.cancelled_at = clock.now(session)
    for order in orders_on(session, round_id=row.key):
        order.round_id = None
    outbox.record(session, RoundCancelled(at=row.cancelled_at, round_code=row.code))
    return row


def round_by_code(
    session: Session, *, code: str, organisation_id: int, lock: bool = False
) -> Round:
    """Return the organisation's round of this code. Raises `NoSuchRound`."""
    statement = select(Round).where(Round.code == code, Round.organisation_id == organisation_id)
    found = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NoSuchRound(round=code[:20])
    return found


def orders_on(session: Session, *, round_id: int) -> list[TransportOrder]:
    """Return the orders of a round, in the order in which they are first met."""
    statement = (
        select(TransportOrder)
        .join(RoundStop, col(RoundStop.order_id) == col(TransportOrder.id))
        .where(TransportOrder.round_id == round_id, RoundStop.round_id == round_id)
        .where(RoundStop.action == "load")
        .order_by(col(RoundStop.seq))
    )
    return list(session.exec(statement))


def beijing(day: date, second: int) -> datetime:
    """Return the moment `second` seconds after Beijing's midnight of `day`."""
    return datetime.combine(day, time.min, BEIJING) + timedelta(seconds=second)


def payload_of(session: Session, todo: Day) -> dict[str, Any]:
    """Put a day into the planner's words. Orders without a position are named, not dropped."""
    sites = _sites(session, todo)
    points = {key: position_of(session, site) for key, site in sites.items()}
    stops, lost = [], []
    home = points[todo.site.key]
    for order in todo.orders:
        ends = (points[order.from_site_id], points[order.to_site_id])
        if home is None or None in ends:
            lost.append(order.code)
        else:
            stops.append(_stop(order, sites))
    used = {place for stop in stops for place in (stop.place, stop.to)} | {todo.site.code}
    places = [point for point in points.values() if point is not None and point.key in used]
    hub = Hub(todo.site.code, todo.site.opens_min * 60, todo.site.closes_min * 60)
    trucks = [_truck(session, each, todo.site) for each in todo.vehicles]
    return {
        "places": [_place(place) for place in places],
        "roads": known_among(
            session, organisation_id=todo.site.organisation_id, site_ids=list(sites)
        ),
        "problem": day_to_json(stops=stops, vehicles=trucks if stops else [], hubs=[hub]),
        "no_position": lost,
    }


def _sites(session: Session, todo: Day) -> dict[int, Site]:
    wanted = {key for order in todo.orders for key in (order.from_site_id, order.to_site_id)}
    rows = session.exec(select(Site).where(col(Site.id).in_(wanted | {todo.site.key})))
    return {site.key: site for site in rows}


def _place(place: Place) -> dict[str, Any]:
    return {"key": place.key, "lat_e6": place.lat_e6, "lon_e6": place.lon_e6}


def _stop(order: TransportOrder, sites: dict[int, Site]) -> Stop:
    called_at = order.from_site_id if order.kind == "pickup" else order.to_site_id
    return Stop(
        key=order.code,
        kind="pickup" if order.kind == "pickup" else "delivery",
        place=sites[called_at].code,
        mass_kg=-(-order.mass_g // 1000),
        windows=(Window(order.window_from_min * 60, order.window_to_min * 60),),
        service_s=order.service_min * 60,
        family=order.metal,
    )


def _truck(session: Session, vehicle: Vehicle, site: Site) -> Truck:
    curve = curve_of(session, vehicle)
    return Truck(
        key=vehicle.code,
        capacity_kg=vehicle.capacity_g // 1000,
        start=site.code,
        end=site.code,
        shift_start_s=vehicle.shift_from_min * 60,
        shift_end_s=vehicle.shift_to_min * 60,
        fixed_fen=vehicle.fixed_fen,
        fen_per_km=vehicle.fen_per_km,
        fen_per_hour=vehicle.fen_per_hour,
        empty_g_per_km=0 if curve is None else curve.empty_g_per_km,
        full_g_per_km=0 if curve is None else curve.full_g_per_km,
    )
