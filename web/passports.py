"""The passport as pages and programs show it: the ledger's public facts with names to them."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import NoSuchGrade, NoSuchPlace
from remelt.platform.catalogue.models import Grade, Metal, Place
from remelt.platform.kernel.clock import day_of
from remelt.traceability import queries as ledger
from remelt.traceability.passports.claims import claims
from remelt.traceability.passports.public import Passport
from remelt.traceability.proofs import certificates
from remelt.traceability.proofs.certificates import Standing
from remelt.traceability.queries import Head, Step
from remelt.web.svg import Part

COLOURS = {"post_consumer": 1, "pre_consumer": 2, "unknown": 4, "primary": 3}


@dataclass(frozen=True, slots=True)
class Area:
    """An area of origin: its place where it is one of ours, else the country or `unknown`."""

    key: str
    place: Place | None
    mass_g: int


@dataclass(frozen=True, slots=True)
class PassportPage:
    """Everything that the public page of one lot shows."""

    passport: Passport
    metal: Metal | None
    grade: Grade | None
    areas: tuple[Area, ...]
    events: tuple[Step, ...]
    head: Head
    certificates: tuple[Standing, ...] = ()

    @property
    def certificate(self) -> str:
        """The code of the passport in force, or nothing."""
        return next((x.certificate.code for x in self.certificates if x.end is None), "")

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
        certificates=tuple(certificates.of_lot(session, lot_id=ledger.lot(session, code=code).key)),
    )


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
    return body | claims(facts) | {"certificates": _standings(page.certificates)}


def _standings(every: tuple[Standing, ...]) -> list[dict[str, str]]:
    """Return the lot's passports, newest first: how each stands, why it ended, what followed."""
    told, newer = [], ""
    for each in every:
        one = {
            "code": each.certificate.code,
            "issued_on": day_of(each.certificate.issued_at),
            "status": each.status,
        }
        if each.end is not None:
            one |= {"reason": each.end.reason, "ended_on": day_of(each.end.at)}
        told.append(one | ({"superseded_by": newer} if newer else {}))
        newer = each.certificate.code
    return told
