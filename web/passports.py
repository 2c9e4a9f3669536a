"""The passport as pages and programs show it: the ledger's public facts with names to them."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import NoSuchGrade, NoSuchPlace
from remelt.platform.catalogue.models import Grade, Metal, Place
from remelt.traceability import queries as ledger
from remelt.traceability.corrections.shown import Revision, revisions
from remelt.traceability.proofs import certificates
from remelt.traceability.proofs.claims import claims
from remelt.traceability.proofs.passports import Passport
from remelt.traceability.queries import Head, Step
from remelt.traceability.rules.footprint import Footprint, footprint
from remelt.traceability.rules.shares import Share, lot_share
from remelt.traceability.rules.states import State
from remelt.web.svg import Part

COLOURS = {"post_consumer": 1, "pre_consumer": 2, "unknown": 4, "primary": 3}


@dataclass(frozen=True, slots=True)
class Area:
    """An area of origin: its place where it is one of ours, else the country or `unknown`."""

    key: str
    place: Place | None
    mass_g: int


@dataclass(frozen=True, slots=True)
class Revised:
    """One correction of a lot: mass, recycled content and footprint until then and since."""

    revision: Revision
    before: tuple[int, Share, Footprint]
    after: tuple[int, Share, Footprint]


@dataclass(frozen=True, slots=True)
class PassportPage:
    """Everything that the public page of one lot shows."""

    passport: Passport
    metal: Metal | None
    grade: Grade | None
    areas: tuple[Area, ...]
    events: tuple[Step, ...]
    head: Head
    certificate: str = ""
    revised: tuple[Revised, ...] = ()

    @property
    def last(self) -> Step | None:
        """The lot's newest certificate in the log: an event of this lot and of no other."""
        return next((step for step in self.events[::-1] if step.kind == "certify"), None)


def passport_page(session: Session, *, code: str) -> PassportPage:
    """Return the public page of a lot. Raises `NoSuchLot`.

    Before the first hand-over it holds nothing but the registration. Sales are never shown.
    """
    passport = ledger.passport(session, code=code)
    history = tuple(step for step in ledger.history(session, code=code) if step.kind != "transfer")
    facts = passport.facts
    if facts is None:
        return PassportPage(passport, None, None, (), history[:1], ledger.checkpoint(session))
    return PassportPage(
        passport=passport,
        metal=next((m for m in catalogue.metals(session) if m.code == facts.metal), None),
        grade=grade_of(session, system=facts.grade_system, code=facts.grade_code),
        areas=tuple(Area(k, place_of(session, k), g) for k, g in facts.origins.items()),
        events=history,
        head=ledger.checkpoint(session),
        certificate=_certificate(session, code=code),
        revised=_revised(session, code=code),
    )


def _certificate(session: Session, *, code: str) -> str:
    found = certificates.in_force(session, lot_id=ledger.lot(session, code=code).key)
    return "" if found is None else found.code


def _revised(session: Session, *, code: str) -> tuple[Revised, ...]:
    every = revisions(session, ledger.lot(session, code=code))
    return tuple(Revised(each, _figures(each.before), _figures(each.after)) for each in every)


def _figures(state: State) -> tuple[int, Share, Footprint]:
    return state.mass_g, lot_share(state), footprint(state)


def grade_of(session: Session, *, system: str, code: str) -> Grade | None:
    """Return the grade of the catalogue, or None for an alloy or a name of one's own."""
    try:
        return catalogue.grade(session, system=system, code=code)
    except NoSuchGrade:
        return None


def place_of(session: Session, adcode: str) -> Place | None:
    """Return the place of a code, or None for a country or `unknown`."""
    try:
        return catalogue.place(session, adcode)
    except NoSuchPlace:
        return None


def parts_of(classes: dict[str, int], *, names: dict[str, str], said: Any) -> list[Part]:
    """Return the parts of a bar of origins; `said` puts grams into words."""
    return [
        Part(names[name], classes.get(name, 0), said(classes.get(name, 0)), colour)
        for name, colour in COLOURS.items()
    ]


def as_json(page: PassportPage) -> dict[str, Any]:
    """Return the passport for programs: integers in g and mg, every ratio as its two numbers."""
    facts = page.passport.facts
    proof: dict[str, Any] = {"log_size": page.head.size, "root": page.head.root}
    if page.last is not None:
        proof["certified"] = {"index": page.last.seq, "day": page.last.day}
    body: dict[str, Any] = {"code": page.passport.code, "proof": proof}
    if facts is None:
        return body | {"status": "registered"}
    return body | claims(facts)
