"""Changes in the day: a lot more, a lot less, a truck lost. Rounds go on from where they stand."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.logistics.boards import Board, board_of, keep
from remelt.platform.logistics.errors import (
    AlreadyLoaded,
    NoPlace,
    NotOnARound,
    OrderNotOpen,
    RoundUnderWay,
)
from remelt.platform.logistics.models import PlanRun, Round, TransportOrder
from remelt.platform.logistics.orders import order_by_code
from remelt.platform.logistics.planning import (
    check_day,
    round_by_code,
)
from remelt.platform.logistics.saving import leave_out
from remelt.platform.logistics.solving import direct_m, round_to_json
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site
from remelt.routing.book import Degrees, Engine
from remelt.routing.changes import Change, Standing, drop, ended, insert, lose
from remelt.routing.evaluator import judge_round
from remelt.routing.problem import Routes
from remelt.routing.reasons import Reason


@dataclass(frozen=True, slots=True)
class Relief:
    """What became of a lost truck's orders: open again with a reason, or still on board.

    plan_code: the plan beside whose rounds the reasons are kept.
    """

    plan_code: str
    taken_over: tuple[str, ...]
    left: tuple[Reason, ...]
    stranded: tuple[str, ...]


def beside_whom(session: Session, *, code: str, organisation_id: int) -> list[Degrees]:
    """Return where an order is called at, then every place of its site's rounds that go on.

    Between these a road engine is asked before the order is put on one of those rounds.

    Raises `NoSuchOrder`.
    """
    order = order_by_code(session, code=code, organisation_id=organisation_id)
    going = (
        select(TransportOrder)
        .join(Round, col(Round.id) == col(TransportOrder.round_id))
        .where(Round.site_id == order.dispatch_site_id)
        .where(col(Round.cancelled_at).is_(None), col(Round.driven_at).is_(None))
    )
    ends = [(each.from_site_id, each.to_site_id) for each in (order, *session.exec(going))]
    called = [start if end == order.dispatch_site_id else end for start, end in ends]
    keys = list(dict.fromkeys((called[0], order.dispatch_site_id, *called)))
    rows = {site.key: site for site in session.exec(select(Site).where(col(Site.id).in_(keys)))}
    sites = [rows[key] for key in keys]
    return [
        (site.lat_e6 / 1e6, site.lon_e6 / 1e6)
        for site in sites
        if site.lat_e6 is not None and site.lon_e6 is not None
    ]


def add_order(
    session: Session,
    *,
    clock: Clock,
    code: str,
    organisation_id: int,
    day: date,
    roads: Engine | None = None,
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
    board = board_of(session, clock=clock, site=site, day=day, extra=[order], roads=roads)
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
    return keep(session, board, change, clock=clock)[0]


def take_off(
    session: Session,
    *,
    clock: Clock,
    code: str,
    organisation_id: int,
    roads: Engine | None = None,
) -> Round:
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
    board = board_of(session, clock=clock, site=site, day=row.day, roads=roads)
    order.round_id = None
    vehicle = next(key for key, each in board.rounds.items() if each.id == row.id)
    rest = tuple(v for v in board.standing.routes[vehicle] if v.stop != order.code)
    routes = {**board.standing.routes, vehicle: rest}
    change = Change(board.standing.problem, routes, (vehicle,))
    return keep(session, board, change, clock=clock)[0]


def lose_vehicle(
    session: Session,
    *,
    clock: Clock,
    code: str,
    organisation_id: int,
    roads: Engine | None = None,
) -> Relief:
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
    board = board_of(session, clock=clock, site=site, day=row.day, roads=roads)
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
    keep(session, board, now, clock=clock, lost=lost)
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
