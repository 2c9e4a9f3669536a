"""The yield of a month: what its heats were expected to give back, brought to what came out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock, month_of, month_span
from remelt.platform.parties.models import Site
from remelt.platform.works.errors import NoHeatsThen, YieldTruedUp
from remelt.platform.works.events import YieldBrought
from remelt.platform.works.furnaces import SMELTS
from remelt.platform.works.models import Furnace, Heat
from remelt.platform.works.places import place_of
from remelt.platform.works.rules import check_month_over
from remelt.traceability.corrections.restated import Said
from remelt.traceability.corrections.truing import Recovery, measured_and_expected, recovery
from remelt.traceability.corrections.workings import Working, workings
from remelt.traceability.ledger import true_up_yield
from remelt.traceability.models import BookLine, LedgerEvent
from remelt.traceability.rules.changing import TRUE_UP

OPEN, TRUED, CHANGED, RUNNING = "open", "trued", "changed", "running"
AT_ONCE = 12
STATES = (OPEN, TRUED, CHANGED, RUNNING)


@dataclass(frozen=True, slots=True)
class YieldMonth:
    """A month of a site: metal expected back of its heats, and what came out, in g.

    said: [measured, expected] that the ledger was told last. state: open; trued up; changed since
    by a correction or a late heat; running while the month is not over.
    """

    site: Site
    month: str
    heats: int
    measured_g: int
    expected_g: int
    said: tuple[int, int] | None
    state: str

    @property
    def may(self) -> bool:
        """Whether the month can be trued up now."""
        return self.state in {OPEN, CHANGED} and self.measured_g > 0 and self.expected_g > 0


@dataclass(frozen=True, slots=True)
class YieldPage:
    """Some months, the newest first; older: ask for those before this month, None at the end."""

    months: list[YieldMonth]
    older: str | None


@dataclass(frozen=True, slots=True)
class HeatYield:
    """One heat with its recoveries: as expected at the furnace, and brought to the yield."""

    heat: Heat
    furnace: str
    expected: Recovery
    brought: Recovery


@dataclass(frozen=True, slots=True)
class BookDifference:
    """One line by which a true-up set the books right: kind, name, metal and grams."""

    kind: str
    name: str
    metal: str
    mass_g: int


def yield_months(
    session: Session, *, sites: Sequence[Site], now: datetime, before: str | None = None
) -> YieldPage:
    """Return the newest months in which sites tapped heats, a page of them, the newest first.

    before: only months earlier than this one. Raises `NoHeatsThen` when it is no month.
    """
    until = None if before is None else _span(before)[0]
    newest = _newest(session, sites, before=until)
    if newest is None:
        return YieldPage(months=[], older=None)
    since, until = _page_until(newest)
    older = None if _newest(session, sites, before=since) is None else month_of(since)
    return YieldPage(months=_months(session, sites, since=since, until=until, now=now), older=older)


def yield_month(session: Session, *, site: Site, month: str, now: datetime) -> YieldMonth:
    """Return one month of a site. Raises `NoHeatsThen`."""
    since, until = _span(month)
    found = _months(session, [site], since=since, until=until, now=now)
    if not found:
        raise NoHeatsThen(month=month[:7])
    return found[0]


def _newest(session: Session, sites: Sequence[Site], *, before: datetime | None) -> datetime | None:
    """Return when the last heat before a moment was tapped."""
    statement = select(Heat.tapped_at).where(col(Heat.site_id).in_([site.key for site in sites]))
    if before is not None:
        statement = statement.where(Heat.tapped_at < before)
    return session.exec(statement.order_by(col(Heat.tapped_at).desc()).limit(1)).first()


def _page_until(newest: datetime) -> tuple[datetime, datetime]:
    """Return the span of the calendar months of a page that ends with the month of a heat."""
    since, until = month_span(month_of(newest))
    for _ in range(AT_ONCE - 1):
        since = month_span(month_of(since - timedelta(days=1)))[0]
    return since, until


def _months(
    session: Session, sites: Sequence[Site], *, since: datetime, until: datetime, now: datetime
) -> list[YieldMonth]:
    by_id = {site.key: site for site in sites}
    heats = session.exec(
        select(Heat)
        .where(col(Heat.site_id).in_(by_id), Heat.tapped_at >= since, Heat.tapped_at < until)
        .order_by(col(Heat.tapped_at).desc())
    ).all()
    found = workings(session, [heat.event_hash for heat in heats])
    groups: dict[tuple[str, int], list[Working]] = {}
    for heat in heats:
        key = month_of(heat.tapped_at), heat.site_id
        groups.setdefault(key, []).append(found[heat.event_hash])
    return [
        _month(by_id[site_id], month, group, this_month=month_of(now))
        for (month, site_id), group in groups.items()
    ]


def yield_heats(session: Session, *, site: Site, month: str) -> list[HeatYield]:
    """Return the heats of a month: the preview of a true-up, and what it has done afterwards."""
    rows = _heats(session, site=site, month=month)
    found = workings(session, [heat.event_hash for heat, _ in rows])
    ratio = measured_and_expected(list(found.values()))
    return [
        HeatYield(
            heat=heat,
            furnace=furnace,
            expected=recovery(found[heat.event_hash], brought_to=None),
            brought=recovery(found[heat.event_hash], brought_to=ratio),
        )
        for heat, furnace in rows
    ]


def bring_to_yield(
    session: Session, *, clock: Clock, site_id: int, person_id: int, month: str
) -> Said:
    """Bring the expected recovery of a month's heats to the yield that was measured.

    Nothing but recovered metal, origins and shares change: masses stay as weighed. Everything
    made of the heats is derived anew and its certificates superseded. Raises `SiteCannot`,
    `MonthNotOver`, `NothingToTrueUp`, `YieldTruedUp` when nothing has changed since.
    """
    _lock(session, site_id=site_id)
    place = place_of(session, site_id=site_id, person_id=person_id, needs=SMELTS)
    now = clock.now(session)
    check_month_over(month, this_month=month_of(now))
    hashes = [heat.event_hash for heat, _ in _heats(session, site=place.site, month=month)]
    found = list(workings(session, hashes).values())
    if found and _month(place.site, month, found, this_month=month_of(now)).state == TRUED:
        raise YieldTruedUp(field="month", month=month)
    said = true_up_yield(
        session, clock=clock, month=month, heats=hashes, site=place.ref, actor=place.actor
    )
    measured_g, expected_g = measured_and_expected(found)
    outbox.record(
        session,
        YieldBrought(
            at=now,
            site_code=place.site.code,
            month=month,
            measured_g=measured_g,
            expected_g=expected_g,
            lots=len(said.lots),
        ),
    )
    return said


def book_differences(session: Session, *, site: Site, month: str) -> list[BookDifference]:
    """Return the lines by which true-ups of a month's yield set the books right, in order."""
    hashes = [heat.event_hash for heat, _ in _heats(session, site=site, month=month)]
    events = select(LedgerEvent.id).where(col(LedgerEvent.hash).in_(hashes))
    rows = session.exec(
        select(BookLine.kind, BookLine.name, BookLine.metal, BookLine.mass_g)
        .join(LedgerEvent, col(LedgerEvent.id) == col(BookLine.event_key))
        .where(LedgerEvent.kind == TRUE_UP, col(BookLine.restates).in_(events))
        .order_by(col(BookLine.id))
    )
    return [BookDifference(*row) for row in rows]


def _lock(session: Session, *, site_id: int) -> None:
    """Let one at a time bring a site's months to their yield; rows may go on pointing at it."""
    row = select(Site.id).where(Site.id == site_id).with_for_update(key_share=True)
    session.exec(row).one_or_none()


def _heats(session: Session, *, site: Site, month: str) -> list[tuple[Heat, str]]:
    since, until = _span(month)
    rows = session.exec(
        select(Heat, Furnace.name)
        .join(Furnace, col(Furnace.id) == col(Heat.furnace_id))
        .where(Heat.site_id == site.key, Heat.tapped_at >= since, Heat.tapped_at < until)
        .order_by(col(Heat.id))
    )
    return [(heat, name) for heat, name in rows]


def _span(month: str) -> tuple[datetime, datetime]:
    try:
        return month_span(month)
    except ValueError as wrong:
        raise NoHeatsThen(month=month[:7]) from wrong


def _month(site: Site, month: str, group: Sequence[Working], *, this_month: str) -> YieldMonth:
    measured_g, expected_g = measured_and_expected(group)
    told = {tuple(each.facts.get("yield") or ()) for each in group}
    said = next((each for each in told if each), None) if len(told) == 1 else None
    state = OPEN if told == {()} else CHANGED
    if said == (measured_g, expected_g):
        state = TRUED
    if month >= this_month:
        state = RUNNING
    return YieldMonth(
        site=site,
        month=month,
        heats=len(group),
        measured_g=measured_g,
        expected_g=expected_g,
        said=said,
        state=state,
    )
