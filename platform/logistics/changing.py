"""Changes in the day: a lot more, a lot less, a truck lost. Rounds go on from where they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.logistics.errors import (
    AlreadyLoaded,
    DayNotPlanned,
    NoPlace,
    NotOnARound,
    OrderNotOpen,
    PlanRunning,
    RoundUnderWay,
)
from remelt.platform.logistics.models import PlanRun, Round, RoundStop, TransportOrder, Vehicle
from remelt.platform.logistics.orders import order_by_code
from remelt.platform.logistics.planning import (
    Day,
    beijing,
    check_day,
    free_vehicles,
    payload_of,
    round_by_code,
    running,
)
from remelt.platform.logistics.rewriting import keep_changed
from remelt.platform.logistics.saving import leave_out
from remelt.platform.logistics.solving import direct_m, problem_of, round_to_json
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site
from remelt.routing.changes import Change, Standing, as_of, drop, ended, insert, lose
from remelt.routing.evaluator import judge_round
from remelt.routing.problem import Action, Routes, Visit
from remelt.routing.reasons import Reason

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


@dataclass(frozen=True, slots=True)
class Relief:
    """What became of a lost truck's orders: open again with a reason, or still on board.

    plan_code: the plan beside whose rounds the reasons are kept.
    """

    plan_code: str
    taken_over: tuple[str, ...]
    left: tuple[Reason, ...]
    stranded: tuple[str, ...]


def add_order(
    session: Session, *, clock: Clock, code: str, organisation_id: int, day: date
) -> Round:
    """Put an open order on the rounds of a day as they stand, where it costs least.

    A round under way is changed behind what has begun. A truck that stays at home may be sent.

    Raises `NoSuchOrder`, `OrderNotOpen`, `DayPast`, `PlanRunning`, `DayNotPlanned` where no plan
    was made, or `NoPlace` with the reason.
    """
    parties.organisation_by_id(session, organisation_id=organisation_id, lock=True)
    order = order_by_code(session, code=code, organisation_id=organisation_id, lock=True)
    if order.state != "open":
        raise OrderNotOpen(order=order.code)
    check_day(day, now=clock.now(session))
    site = parties.site_by_id(session, site_id=order.dispatch_site_id)
    board = _board(session, clock=clock, site=site, day=day, extra=[order])
    standing = board.standing
    if not standing.problem.knows(order.code):
        raise NoPlace(reason="no-position")
    stop = standing.problem.stop(order.code)
    without = drop(standing, order.code)
    change = insert(
        Standing(without.problem, standing.routes, standing.frozen, standing.done, standing.now_s),
        stop,
    )
    if not change.changed:
        raise NoPlace(reason=change.left[0].code)
    return _keep(session, board, change, clock=clock)[0]


def take_off(session: Session, *, clock: Clock, code: str, organisation_id: int) -> Round:
    """Take an order off its round before it is loaded; it is open again.

    Raises `NoSuchOrder`, `NotOnARound`, or `AlreadyLoaded`.
    """
    parties.organisation_by_id(session, organisation_id=organisation_id, lock=True)
    order = order_by_code(session, code=code, organisation_id=organisation_id, lock=True)
    if order.round_id is None:
        raise NotOnARound(lot=order.lot_code)
    if order.loaded_at is not None:
        raise AlreadyLoaded(lot=order.lot_code)
    row = session.exec(select(Round).where(Round.id == order.round_id)).one()
    site = parties.site_by_id(session, site_id=row.site_id)
    board = _board(session, clock=clock, site=site, day=row.day, extra=[])
    order.round_id = None
    vehicle = next(key for key, each in board.rounds.items() if each.id == row.id)
    rest = tuple(v for v in board.standing.routes[vehicle] if v.stop != order.code)
    routes = {**board.standing.routes, vehicle: rest}
    change = Change(board.standing.problem, routes, (vehicle,))
    return _keep(session, board, change, clock=clock)[0]


def lose_vehicle(session: Session, *, clock: Clock, code: str, organisation_id: int) -> Relief:
    """Relieve a round whose truck is lost: others take over what it has not loaded.

    What finds no place is open again, with its reason. What is on board stays on its round, to
    be handed over or left.

    Raises `NoSuchRound`, or `RoundUnderWay` when it is over.
    """
    parties.organisation_by_id(session, organisation_id=organisation_id, lock=True)
    row = round_by_code(session, code=code, organisation_id=organisation_id, lock=True)
    if row.state in {"driven", "cancelled"}:
        raise RoundUnderWay(round=row.code)
    site = parties.site_by_id(session, site_id=row.site_id)
    board = _board(session, clock=clock, site=site, day=row.day, extra=[])
    vehicle = next(key for key, each in board.rounds.items() if each.id == row.id)
    change = lose(board.standing, vehicle)
    aboard = {o.code for o in board.orders.values() if o.round_id == row.id and o.loaded_at}
    for reason in change.left:
        board.orders[reason.stop].round_id = None
    kept = {visit.stop for visit in board.standing.routes[vehicle] if visit.stop in aboard}
    kept |= set(change.stranded)
    routes: Routes = {key: visits for key, visits in change.routes.items() if key != vehicle}
    lost = {vehicle: _as_lost(board, change, vehicle, kept)} if kept else {}
    now = Change(board.standing.problem, routes, change.changed)
    _keep(session, board, now, clock=clock, lost=lost)
    served = {v.stop for visits in routes.values() for v in visits}
    before = {v.stop for v in board.standing.routes[vehicle]}
    run = session.exec(select(PlanRun).where(PlanRun.id == row.plan_run_id)).one()
    for reason in change.left:
        leave_out(session, run, board.orders[reason.stop], reason.to_json())
    return Relief(run.code, tuple(sorted(before & served)), change.left, tuple(sorted(kept)))


def _as_lost(board: Board, change: Change, vehicle: str, aboard: set[str]) -> dict[str, Any]:
    """Return a lost truck's round: it ends where it served last, and what is on board stays on it.

    Nobody drives it home, so no leg home is counted; loads still answer for their way to where
    they were to be unloaded.
    """
    problem, begun = board.standing.problem, change.routes.get(vehicle, ())
    served = tuple(
        visit
        for visit in board.standing.routes[vehicle]
        if visit.stop in aboard and (visit in begun or visit.action == "load")
    )
    day = ended(problem, vehicle, served, aboard)
    found = round_to_json(day, judge_round(day, day.vehicle(vehicle), served))
    rest = sorted(aboard.difference(visit.stop for visit in served))
    ways = {key: direct_m(problem, key, vehicle) for key in aboard}
    return found | {"direct_m": ways, "aboard": rest}


def _board(
    session: Session, *, clock: Clock, site: Site, day: date, extra: Sequence[TransportOrder]
) -> Board:
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
    problem = problem_of(payload)
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


def _keep(
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
