"""What the dispatcher, the driver and the pages read. A fixed number of queries each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from remelt.platform.kernel.jobs import Job
from remelt.platform.logistics.errors import NoSuchPlan
from remelt.platform.logistics.models import (
    LeftOut,
    Leg,
    PlanRun,
    Round,
    RoundStop,
    TransportOrder,
    Vehicle,
)
from remelt.platform.logistics.planning import round_by_code
from remelt.platform.logistics.positions import position_of
from remelt.platform.parties.models import Site


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One transport order with the sites it joins."""

    order: TransportOrder
    start: Site
    end: Site
    round_code: str | None

    @property
    def called_at(self) -> Site:
        """The site away from the dispatcher."""
        return self.start if self.order.kind == "pickup" else self.end


@dataclass(frozen=True, slots=True)
class LeftOutLine:
    """An order that a plan could not place, with its reason."""

    line: OrderLine
    reason: str
    remedy: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RoundCard:
    """One round in a list."""

    round: Round
    vehicle: Vehicle
    site: Site


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as asked for, how far its job is, and what came of it."""

    run: PlanRun
    site: Site
    job: Job
    rounds: tuple[RoundCard, ...]
    left_out: tuple[LeftOutLine, ...]

    @property
    def going(self) -> list[RoundCard]:
        """The rounds as they stand, changes in the day included; none that were taken back."""
        return [card for card in self.rounds if card.round.cancelled_at is None]

    @property
    def state(self) -> str:
        """waiting, running, done, refused (the orders changed meanwhile) or failed."""
        if self.run.ended_at is not None:
            return "refused" if (self.run.result or {}).get("refused") else "done"
        return self.job.state


@dataclass(frozen=True, slots=True)
class StopLine:
    """One thing to do on a round."""

    stop: RoundStop
    order: TransportOrder
    site: Site

    @property
    def state(self) -> str:
        """left, done or due."""
        if self.stop.left_at is not None:
            return "left"
        return "due" if self.stop.done_at is None else "done"


@dataclass(frozen=True, slots=True)
class LegLine:
    """One drive of a round."""

    leg: Leg
    start: Site
    end: Site


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map, in degrees of WGS84."""

    code: str
    name_zh: str
    name_en: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round with all that the driver's sheet shows."""

    card: RoundCard
    stops: tuple[StopLine, ...]
    legs: tuple[LegLine, ...]
    points: tuple[Point, ...]


def orders_at(
    session: Session,
    *,
    organisation_id: int,
    site_id: int | None = None,
    ready_by: date | None = None,
    open_only: bool = False,
    limit: int = 500,
) -> list[OrderLine]:
    """Return the living orders that the organisation's sites dispatch, oldest first."""
    dispatch = aliased(Site)
    statement = _order_lines().join(
        dispatch, col(dispatch.id) == col(TransportOrder.dispatch_site_id)
    )
    wanted: list[ColumnElement[bool]] = [
        col(dispatch.organisation_id) == organisation_id,
        col(TransportOrder.unloaded_at).is_(None),
        col(TransportOrder.cancelled_at).is_(None),
    ]
    if site_id is not None:
        wanted.append(col(TransportOrder.dispatch_site_id) == site_id)
    if ready_by is not None:
        wanted.append(col(TransportOrder.ready_on) <= ready_by)
    if open_only:
        wanted.append(col(TransportOrder.round_id).is_(None))
    rows = session.execute(statement.where(*wanted).order_by(col(TransportOrder.id)).limit(limit))
    return [OrderLine(*row) for row in rows]


def plan_view(session: Session, *, code: str, organisation_id: int) -> PlanView:
    """Return a plan of the organisation. Raises `NoSuchPlan`."""
    found = session.exec(
        select(PlanRun, Site, Job)
        .join(Site, col(Site.id) == col(PlanRun.site_id))
        .join(Job, col(Job.code) == col(PlanRun.job_code))
        .where(PlanRun.code == code, PlanRun.organisation_id == organisation_id)
    ).one_or_none()
    if found is None:
        raise NoSuchPlan(plan=code[:20])
    run, site, job = found
    return PlanView(
        run=run,
        site=site,
        job=job,
        rounds=tuple(rounds_where(session, col(Round.plan_run_id) == run.key)),
        left_out=tuple(_left_out(session, run.key)),
    )


def plans_of(session: Session, *, organisation_id: int, limit: int = 10) -> list[PlanRun]:
    """Return the newest plans of an organisation."""
    statement = (
        select(PlanRun)
        .where(PlanRun.organisation_id == organisation_id)
        .order_by(col(PlanRun.id).desc())
        .limit(limit)
    )
    return list(session.exec(statement))


def rounds_of_day(session: Session, *, organisation_id: int, day: date) -> list[RoundCard]:
    """Return the rounds of an organisation on a Beijing day, cancelled ones left out."""
    return rounds_where(
        session,
        col(Round.organisation_id) == organisation_id,
        col(Round.day) == day,
        col(Round.cancelled_at).is_(None),
    )


def rounds_where(session: Session, *conditions: ColumnElement[bool]) -> list[RoundCard]:
    """Return rounds with their vehicle and site, by departure."""
    statement = (
        select(Round, Vehicle, Site)
        .join(Vehicle, col(Vehicle.id) == col(Round.vehicle_id))
        .join(Site, col(Site.id) == col(Round.site_id))
        .where(*conditions)
        .order_by(col(Round.depart_at), col(Round.id))
    )
    return [RoundCard(*row) for row in session.execute(statement)]


def round_view(session: Session, *, code: str, organisation_id: int) -> RoundView:
    """Return a round of the organisation with its stops and legs. Raises `NoSuchRound`."""
    row = round_by_code(session, code=code, organisation_id=organisation_id)
    return views_of(session, rounds_where(session, col(Round.id) == row.key))[0]


def views_of(session: Session, cards: list[RoundCard]) -> list[RoundView]:
    """Return the rounds of `cards` with their stops, legs and points, in three queries."""
    keys = [card.round.key for card in cards]
    stops = _stops(session, keys)
    legs = _legs(session, keys)
    points = {
        site.key: _point(session, site)
        for site in {each.key: each for line in legs for each in (line.start, line.end)}.values()
    }
    return [_view(card, stops, legs, points) for card in cards]


def _view(
    card: RoundCard, stops: list[StopLine], legs: list[LegLine], points: dict[int, Point | None]
) -> RoundView:
    own = tuple(line for line in legs if line.leg.round_id == card.round.key)
    called = dict.fromkeys(site.key for line in own for site in (line.start, line.end))
    return RoundView(
        card=card,
        stops=tuple(line for line in stops if line.stop.round_id == card.round.key),
        legs=own,
        points=tuple(point for key in called if (point := points[key]) is not None),
    )


def _order_lines() -> Any:
    start, end = aliased(Site), aliased(Site)
    return (
        select(TransportOrder, start, end, Round.code)
        .join(start, col(start.id) == col(TransportOrder.from_site_id))
        .join(end, col(end.id) == col(TransportOrder.to_site_id))
        .join(Round, col(Round.id) == col(TransportOrder.round_id), isouter=True)
    )


def _left_out(session: Session, plan_run_id: int) -> list[LeftOutLine]:
    rows = session.execute(
        _order_lines()
        .add_columns(col(LeftOut.reason), col(LeftOut.remedy), col(LeftOut.facts))
        .join(LeftOut, col(LeftOut.order_id) == col(TransportOrder.id))
        .where(LeftOut.plan_run_id == plan_run_id)
        .order_by(col(LeftOut.id))
    )
    return [LeftOutLine(OrderLine(*row[:4]), *row[4:]) for row in rows]


def _stops(session: Session, keys: list[int]) -> list[StopLine]:
    statement = (
        select(RoundStop, TransportOrder, Site)
        .join(TransportOrder, col(TransportOrder.id) == col(RoundStop.order_id))
        .join(Site, col(Site.id) == col(RoundStop.site_id))
        .where(col(RoundStop.round_id).in_(keys))
        .order_by(col(RoundStop.round_id), col(RoundStop.seq))
    )
    return [StopLine(*row) for row in session.execute(statement)]


def _legs(session: Session, keys: list[int]) -> list[LegLine]:
    start, end = aliased(Site), aliased(Site)
    statement = (
        select(Leg, start, end)
        .join(start, col(start.id) == col(Leg.from_site_id))
        .join(end, col(end.id) == col(Leg.to_site_id))
        .where(col(Leg.round_id).in_(keys))
        .order_by(col(Leg.round_id), col(Leg.seq))
    )
    return [LegLine(*row) for row in session.execute(statement)]


def _point(session: Session, site: Site) -> Point | None:
    place = position_of(session, site)
    if place is None:
        return None
    return Point(site.code, site.name_zh, site.name_en, place.lat_e6 / 1e6, place.lon_e6 / 1e6)
