"""Spectrometer results: a lot's composition restated, the difference to the books kept apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.catalogue.queries import Alloy
from remelt.platform.kernel.clock import Clock
from remelt.platform.works.errors import NoAssay
from remelt.platform.works.places import lots_here, place_of
from remelt.platform.works.working import HUBS
from remelt.traceability import ledger
from remelt.traceability.door.reading import opened_all
from remelt.traceability.models import BookLine, EventLot, LedgerEvent, Lot
from remelt.traceability.rules.allot import less

UNKNOWN = "unknown"
WHOLE_PPM = 1_000_000
FITS, OUTSIDE, UNDECIDED, NOT_MEASURED = "fits", "outside", "undecided", "not_measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One analysis: shares and standard deviations in parts per million, method, sample.

    balance: the base metal where the method finds it by difference; otherwise what is not
    named is unknown.
    """

    elements_ppm: Mapping[str, int]
    method: str
    sample: str
    sd_ppm: Mapping[str, int] = field(default_factory=dict)
    balance: str | None = None


@dataclass(frozen=True, slots=True)
class ElementLine:
    """One element: what the books held before, what was measured, and the signed difference."""

    element: str
    before_ppm: int
    ppm: int
    sd_ppm: int | None
    difference_mg: int


@dataclass(frozen=True, slots=True)
class AssayView:
    """One analysis of a lot as it was booked."""

    event_hash: str
    at: datetime
    method: str
    sample: str
    lines: tuple[ElementLine, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One element of a measured lot against an alloy's limits, in parts per million."""

    element: str
    ppm: int | None
    sd_ppm: int
    min_ppm: int | None
    max_ppm: int | None
    verdict: str


def record_assay(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    lot_codes: Sequence[str],
    result: Result,
) -> dict[str, tuple[ElementLine, ...]]:
    """Restate the composition of lots at the site by one sample: a lot, or all casts of a heat.

    Returns each lot's difference line of every element. Raises `NoAssay`, `SiteCannot`,
    `NotInCustody` and what the ledger refuses.
    """
    if not (result.elements_ppm and result.method.strip() and result.sample.strip()):
        raise NoAssay(field="sample")
    place = place_of(session, site_id=site_id, person_id=person_id, needs=HUBS)
    lots = lots_here(session, place, lot_codes)
    said = {}
    for code in lot_codes:
        before = lots[code].vectors.elements
        ledger.assay(
            session,
            clock=clock,
            lot_code=code,
            elements_ppm=result.elements_ppm,
            sd_ppm=result.sd_ppm,
            balance=result.balance,
            method=result.method.strip(),
            sample_ref=result.sample.strip(),
            site=place.ref,
            actor=place.actor,
        )
        said[code] = compare(
            measured=_measured(result.elements_ppm, result.balance),
            sd_ppm=result.sd_ppm,
            difference_mg=less(lots[code].vectors.elements, before),
            mass_g=lots[code].mass_g,
        )
    return said


def assays_of(session: Session, lot: Lot) -> list[AssayView]:
    """Return the analyses of a lot with their difference lines, the newest first."""
    events = session.exec(
        select(LedgerEvent)
        .join(EventLot, col(EventLot.event_key) == col(LedgerEvent.id))
        .where(EventLot.lot_id == lot.key, LedgerEvent.kind == "assay")
        .order_by(col(LedgerEvent.id).desc())
    ).all()
    lines = session.exec(
        select(BookLine).where(
            BookLine.lot_id == lot.key,
            BookLine.kind == "restated",
        )
    )
    differences = {line.event_key: dict(line.vector["elements"]) for line in lines}
    return [
        AssayView(
            event_hash=event.hash,
            at=event.occurred_at,
            method=facts["method"],
            sample=facts["sample"],
            lines=compare(
                measured=_measured(facts["elements_ppm"], facts.get("balance")),
                sd_ppm=facts["sd_ppm"],
                difference_mg=differences.get(event.key, {}),
                mass_g=facts["assayed_g"],
            ),
        )
        for event, facts in zip(events, opened_all(session, events), strict=True)
    ]


def compare(
    *,
    measured: Mapping[str, int],
    sd_ppm: Mapping[str, int],
    difference_mg: Mapping[str, int],
    mass_g: int,
) -> tuple[ElementLine, ...]:
    """Return the difference line of every element. Pure.

    >>> compare(measured={"Al": 900_000}, sd_ppm={}, difference_mg={"Al": -50_000}, mass_g=1_000)
    (ElementLine(element='Al', before_ppm=950000, ppm=900000, sd_ppm=None, difference_mg=-50000),)
    """
    return tuple(
        ElementLine(
            element=name,
            before_ppm=measured.get(name, 0) - difference_mg.get(name, 0) * 1_000 // mass_g,
            ppm=measured.get(name, 0),
            sd_ppm=sd_ppm.get(name),
            difference_mg=difference_mg.get(name, 0),
        )
        for name in sorted({*measured, *difference_mg})
    )


def against(alloy: Alloy, view: AssayView) -> list[Check]:
    """Test the last analysis against the limits of an alloy, element by element. Pure.

    An element fits when it lies within the limits by more than two standard deviations, is
    outside when it misses one by more than that, and is undecided between. What was not
    measured is said so: unknown never fits.
    """
    known = {line.element: line for line in view.lines}
    checks = []
    for limit in alloy.limits:
        if limit.element.startswith("others"):
            continue
        line = known.get(limit.element)
        sd = (line.sd_ppm or 0) if line else 0
        checks.append(
            Check(
                element=limit.element,
                ppm=line.ppm if line else None,
                sd_ppm=sd,
                min_ppm=limit.min_ppm,
                max_ppm=limit.max_ppm,
                verdict=verdict(
                    line.ppm if line else None, sd, low=limit.min_ppm, high=limit.max_ppm
                ),
            )
        )
    return checks


def verdict(ppm: int | None, sd_ppm: int, *, low: int | None, high: int | None) -> str:
    """Say whether a measured share lies within limits, given twice its standard deviation.

    >>> verdict(9_000, 100, low=None, high=10_000), verdict(9_900, 100, low=None, high=10_000)
    ('fits', 'undecided')
    >>> verdict(10_300, 100, low=None, high=10_000), verdict(None, 0, low=1, high=2)
    ('outside', 'not_measured')
    """
    if ppm is None:
        return NOT_MEASURED
    spread = 2 * sd_ppm
    rooms = [ppm - low] if low is not None else []
    rooms += [high - ppm] if high is not None else []
    room = min(rooms, default=WHOLE_PPM)
    if room < -spread or (room < 0 and not spread):
        return OUTSIDE
    return FITS if room >= spread else UNDECIDED


def _measured(elements_ppm: Mapping[str, int], balance: str | None) -> dict[str, int]:
    named = dict(elements_ppm)
    rest = WHOLE_PPM - sum(named.values())
    return named | ({balance or UNKNOWN: rest} if rest else {})
