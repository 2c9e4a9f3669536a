"""A site's day as it stands: read from the tables for the planner, and written back as changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.logistics.errors import DayNotPlanned, PlanRunning
from remelt.platform.logistics.models import PlanRun, Round, RoundStop, TransportOrder, Vehicle
from remelt.platform.logistics.planning import Day, beijing, free_vehicles, payload_of, running
from remelt.platform.logistics.rewriting import keep_changed
from remelt.platform.logistics.solving import problem_of, round_to_json
from remelt.platform.parties.models import Site
from remelt.routing.book import Engine
from remelt.routing.changes import Change, Standing, as_of
from remelt.routing.evaluator import judge_round
from remelt.routing.problem import Action, Routes, Visit

CALLS: Final[dict[tuple[str, str], Action]] = {
    ("pickup", "load"): "load",
    ("delivery", "unload"): "unload",
}


@dataclass(frozen=True, slots=True)
class Board:
    """A site's day as it stands, in the tables and in the planner's words."""

    site: Site
    day: date
    rounds: dict[str, Round]
    vehicles: dict[str, Vehicle]
    orders: dict[str, TransportOrder]
    standing: Standing


def board_of(
    session: Session,
    *,
    clock: Clock,
    site: Site,
    day: date,
    extra: Sequence[TransportOrder] = (),
    roads: Engine | None = None,
) -> Board:
    """Return the rounds of a day that are not over, the vehicles at home, and their orders.

    roads: what is kept of the operator's road engine: nobody is asked while rows are locked.

    Raises `PlanRunning`.
    """
    if running(session, site_id=site.key, day=day):
        raise PlanRunning(site=site.code, day=day.isoformat())
    rows = session.exec(
        select(Round, Vehicle)
        .join(Vehicle, col(Vehicle.id) == col(Round.vehicle_id))
        .where(Round.site_id == site.key, Round.day == day)
        .where(col(Round.cancelled_at).is_(None), col(Round.driven_at).is_(None))
    ).all()
    rounds = {vehicle.code: row for row, vehicle in rows}
    vehicles = [vehicle for _, vehicle in rows]
    vehicles += free_vehicles(session, site=site, day=day)
    on_them = session.exec(
        select(TransportOrder)
        .where(col(TransportOrder.round_id).in_([row.key for row in rounds.values()]))
        .order_by(col(TransportOrder.id))
    ).all()
    orders = [*on_them, *extra]
    payload = payload_of(session, Day(site, orders, vehicles))
    problem = problem_of(payload, engine=roads)
    if roads is not None:
        problem = replace(problem, matrix=problem.matrix.table())
    routes, done = _routes(session, rounds, {order.key: order for order in orders})
    now_s = int((clock.now(session) - beijing(day, 0)).total_seconds())
    standing = as_of(problem, routes, now_s=max(0, now_s))
    frozen = {key: max(done.get(key, 0), standing.frozen.get(key, 0)) for key in routes}
    standing = Standing(
        standing.problem,
        standing.routes,
        {key: count for key, count in frozen.items() if count},
        {
            key: standing.done.get(key, frozenset()) | set(routes[key][: done.get(key, 0)])
            for key in routes
        },
        standing.now_s,
    )
    return Board(
        site=site,
        day=day,
        rounds=rounds,
        vehicles={each.code: each for each in vehicles},
        orders={order.code: order for order in orders},
        standing=standing,
    )


def _routes(
    session: Session, rounds: dict[str, Round], orders: dict[int, TransportOrder]
) -> tuple[Routes, dict[str, int]]:
    """Return the visits of each round, and how many of its legs have begun for sure."""
    keys = {row.key: vehicle for vehicle, row in rounds.items()}
    steps = session.exec(
        select(RoundStop)
        .where(col(RoundStop.round_id).in_(list(keys)), col(RoundStop.left_at).is_(None))
        .order_by(col(RoundStop.round_id), col(RoundStop.seq))
    )
    routes: dict[str, tuple[Visit, ...]] = {}
    done: dict[str, int] = {}
    for step in steps:
        order, vehicle = orders[step.order_id], keys[step.round_id]
        if (order.kind, step.action) not in CALLS:
            continue
        visit = Visit(order.code, CALLS[order.kind, step.action])
        routes[vehicle] = (*routes.get(vehicle, ()), visit)
        if step.done_at is not None:
            done[vehicle] = len(routes[vehicle])
    return routes, done


def keep(
    session: Session,
    board: Board,
    change: Change,
    *,
    clock: Clock,
    lost: Mapping[str, dict[str, Any]] | None = None,
) -> list[Round]:
    """Write the changed rounds; a truck that stayed at home gets a round of the day's last plan.

    lost: rounds that end on the way, as they are to be kept.
    """
    now: datetime = clock.now(session)
    kept = []
    for vehicle in change.changed:
        visits = change.routes.get(vehicle, ())
        found = (lost or {}).get(vehicle)
        if visits:
            car = change.problem.vehicle(vehicle)
            judged = judge_round(change.problem, car, visits)
            found = round_to_json(change.problem, judged)
        row = keep_changed(
            session,
            run=_run(session, board),
            row=board.rounds.get(vehicle),
            found=found,
            vehicle=board.vehicles[vehicle],
            orders=board.orders,
            now=now,
        )
        if row is not None:
            kept.append(row)
    return kept


def _run(session: Session, board: Board) -> PlanRun:
    statement = (
        select(PlanRun)
        .where(PlanRun.site_id == board.site.key, PlanRun.day == board.day)
        .where(col(PlanRun.ended_at).is_not(None))
        .order_by(col(PlanRun.id).desc())
    )
    found = session.exec(statement).first()
    if found is None:
        raise DayNotPlanned(day=board.day.isoformat())
    return found
