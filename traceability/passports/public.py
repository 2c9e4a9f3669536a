"""What anybody may know of a lot: no site, person, firm, price or exact time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, func, or_, select

from remelt.platform.kernel.clock import BEIJING
from remelt.traceability.corrections.shown import Revision, revisions
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.models import EventLot, LedgerEvent, Lot
from remelt.traceability.passports import disclosure
from remelt.traceability.passports.contents import Content, Given, content, given_to
from remelt.traceability.passports.disclosure import Band
from remelt.traceability.rules.allot import Vector, tidy
from remelt.traceability.rules.blocking import CORRECTING
from remelt.traceability.rules.footprint import Footprint, footprint
from remelt.traceability.rules.states import State
from remelt.traceability.tracing.genealogy import above

LEAST_SUPPLIERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A lot's figures as one revision left them; mass as in `Facts`."""

    mass_g: int | None
    band: Band
    recycled: Content
    footprint: Footprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """One correction that reached the lot: when, why, and the figures until then and since.

    alone: False where `after` holds what was weighed, analysed or carried later, too.
    """

    day: str
    reasons: tuple[str, ...]
    before: Figures
    after: Figures
    alone: bool


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a lot that has been handed over tells in public.

    mass_g: of a product, 0 of an empty lot; None where it is private, and band tells its class.
    basis_g: the mass that all figures are said for: the product's own, else one tonne.
    origins: area -> g; an area is a county only where at least 5 suppliers stand behind it in
    the month, else its prefecture, else its province; a country or `unknown` stays as it is. Empty
    where the content is of the books: where its scrap came from was given away with it.
    steps: kind of event -> how often, over the lot and all it was made of. claims_blocked: why no
    claim may be made.
    """

    metal: str
    grade_system: str
    grade_code: str
    form: str
    role: str
    mass_g: int | None
    band: Band
    basis_g: int
    status: str
    evidence: str
    recycled: Content
    claims_blocked: str
    custody: str
    footprint: Footprint
    elements: Vector
    origins: Vector
    steps: dict[str, int]
    revised: tuple[Revised, ...]

    @property
    def correcting(self) -> bool:
        """Whether a correction is still being worked into the lot."""
        return CORRECTING in self.claims_blocked


@dataclass(frozen=True, kw_only=True)
class Passport:
    """A lot's public page: before the first hand-over it says only that it is registered."""

    code: str
    facts: Facts | None
    made_by: str

    @property
    def registered_only(self) -> bool:
        """Whether nothing but the registration is public yet."""
        return self.facts is None


def passport(session: Session, *, code: str) -> Passport:
    """Return what is public about a lot. Raises `NoSuchLot`."""
    lot = session.exec(select(Lot).where(Lot.code == code)).first()
    if lot is None:
        raise NoSuchLot(lot_code=code)
    known = _facts(session, lot) if lot.handed_over else None
    return Passport(code=lot.code, facts=known, made_by=lot.made_by)


def disclosed(track: Vector, suppliers: dict[str, int], *, least: int = LEAST_SUPPLIERS) -> Vector:
    """Coarsen places of collection until at least `least` suppliers stand behind each.

    suppliers: county adcode -> suppliers of the period; prefectures sum their counties.

    >>> disclosed({"520102": 7, "520103": 3, "AU": 1}, {"520102": 5, "520103": 1})
    {'520100': 3, '520102': 7, 'AU': 1}
    >>> disclosed({"520304": 9}, {"520304": 4})
    {'520000': 9}
    """
    by_prefecture: Counter[str] = Counter()
    for county, count in suppliers.items():
        by_prefecture[county[:4]] += count
    shown: Vector = {}
    for place, grams in track.items():
        area = place
        if place.isdigit() and suppliers.get(place, 0) < least:
            wide = by_prefecture[place[:4]] >= least
            area = place[:4] + "00" if wide else place[:2] + "0000"
        shown[area] = shown.get(area, 0) + grams
    return tidy(shown)


def _facts(session: Session, lot: Lot) -> Facts:
    mass_g, state = _told(lot.vectors, lot)
    given = given_to(session, lot)
    recycled = content(lot.vectors, role=lot.role, given=given)
    track = {} if recycled.classes is None else state.track
    return Facts(
        metal=lot.metal,
        grade_system=lot.grade_system,
        grade_code=lot.grade_code,
        form=lot.form,
        role=lot.role,
        mass_g=mass_g,
        band=disclosure.band(lot.mass_g),
        basis_g=state.mass_g,
        status=lot.status,
        evidence=lot.evidence,
        recycled=recycled,
        claims_blocked=lot.claims_blocked,
        custody=state.custody,
        footprint=footprint(state),
        elements=state.elements,
        origins=disclosed(track, suppliers_of_month(session, at=lot.made_at)),
        steps=_steps(session, lot),
        revised=tuple(_revised(each, lot, given) for each in revisions(session, lot)),
    )


def _told(state: State, lot: Lot) -> tuple[int | None, State]:
    """Return the mass, where it is no secret, and the state as it may be told."""
    shown = disclosure.is_product(state, role=lot.role)
    return state.mass_g if shown else None, disclosure.public(state, role=lot.role)


def _revised(each: Revision, lot: Lot, given: Sequence[Given]) -> Revised:
    return Revised(
        day=each.mark.day,
        reasons=each.mark.reasons,
        before=_figures(each.before, lot, given, at=each.key),
        after=_figures(each.after, lot, given, at=each.until),
        alone=each.alone,
    )


def _figures(state: State, lot: Lot, given: Sequence[Given], *, at: int) -> Figures:
    mass_g, told = _told(state, lot)
    return Figures(
        mass_g=mass_g,
        band=disclosure.band(state.mass_g),
        recycled=content(state, role=lot.role, given=given, at=at),
        footprint=footprint(told),
    )


def suppliers_of_month(session: Session, *, at: datetime) -> dict[str, int]:
    """Return county -> suppliers whose lots were registered in the Beijing month of `at`."""
    first = at.astimezone(BEIJING).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (first + timedelta(days=32)).replace(day=1)
    statement = (
        select(Lot.track, func.count(func.distinct(Lot.supplier)))
        .where(
            Lot.supplier != "",
            col(Lot.made_at) >= first.astimezone(UTC),
            col(Lot.made_at) < after.astimezone(UTC),
        )
        .group_by(Lot.track)
    )
    return dict(session.exec(statement).all())


def _steps(session: Session, lot: Lot) -> dict[str, int]:
    """Return how often each kind of event stands behind the lot."""
    behind = (
        select(LedgerEvent.kind, func.count(func.distinct(LedgerEvent.id)))
        .join(EventLot, col(EventLot.event_key) == col(LedgerEvent.id))
        .where(
            or_(
                col(EventLot.lot_id) == lot.key,
                col(EventLot.lot_id).in_(select(above(lot).c.id)),
            )
        )
        .group_by(LedgerEvent.kind)
    )
    return dict(sorted(session.exec(behind).all()))
