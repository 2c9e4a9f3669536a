"""A lot said in short: what it is called, its mass, its price; the rest is what a collector means.

What is left unsaid is not made up: origin is unknown, evidence a declaration, the place the
seller's site. Productive scrap cannot be said in short, it needs its paper.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import Grade
from remelt.platform.market.drafts import FixedPrice, ListingDraft, is_barred
from remelt.platform.market.errors import NotScreened
from remelt.platform.market.preparing.errors import WordOfNoGrade, WordOfSeveralGrades

OPEN: Final = timedelta(days=3)
CHOICES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortLot:
    """What is typed: the word for it, or the grade as `system|code` once chosen, g, fen per t.

    safe: seen and free of all that may not be traded, and no scrap of industry, power, rail,
    building.
    """

    called: str
    chosen: str
    mass_g: int
    price_fen_per_t: int
    safe: bool


def meant(session: Session, called: str) -> list[Grade]:
    """Return the grades that a word may mean and that may be listed; one where trade means one."""
    one = catalogue.find_grade(session, called)
    found = [one] if one else catalogue.grades_named(session, called)
    return [each for each in found if each.kind == "grade" and not is_barred(each.hazard)]


def draft_in_short(session: Session, said: ShortLot, *, now: datetime) -> ListingDraft:
    """Return the draft of a lot said in short, at a fixed price for three days.

    Raises `WordOfNoGrade`, `WordOfSeveralGrades` (show `meant` and let the person choose) or
    `NotScreened`.
    """
    if not said.safe:
        raise NotScreened(field="safe")
    grade = _grade(session, said)
    return ListingDraft(
        metal=grade.metal,
        grade_system=grade.system,
        grade_code=grade.code,
        form="loose",
        declared_mass_g=said.mass_g,
        origin="unknown",
        evidence="declared",
        productive=False,
        hazard_free=True,
        radiation_checked=True,
        no_sealed_vessels=True,
        track="in_province",
        price=FixedPrice(price_fen_per_t=said.price_fen_per_t),
        tax_included=False,
        vat_rate_bp=0,
        closes_at=now + OPEN,
        title=said.called[:120],
    )


def _grade(session: Session, said: ShortLot) -> Grade:
    found = meant(session, said.called)
    if said.chosen:
        found = [each for each in found if f"{each.system}|{each.code}" == said.chosen] or found
    if not found:
        raise WordOfNoGrade(field="called", typed=said.called[:30])
    if len(found) > 1:
        raise WordOfSeveralGrades(field="called", typed=said.called[:30])
    return found[0]
