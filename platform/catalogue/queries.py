"""What the other rooms and the pages look up. `on` is the day asked for; None is the newest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Text, bindparam
from sqlmodel import Session, col, select

from remelt.platform.catalogue.columns import fold
from remelt.platform.catalogue.errors import NoSuchFactor, NoSuchGrade, NoSuchPlace
from remelt.platform.catalogue.models import (
    AlloyLimit,
    Edition,
    Facility,
    Factor,
    Grade,
    GradeAlias,
    Metal,
    Place,
    PolicyTarget,
    RecoveryRate,
    Reference,
    TariffCode,
)
from remelt.platform.catalogue.naming import Words, folded
from remelt.platform.kernel.many import Among, as_texts

R = TypeVar("R", bound=Reference)


def in_force(rows: Iterable[R], *, key: Sequence[str], on: date | None) -> list[R]:
    """Return of each key the row in force on a day, in order of first appearance.

    That is the one with the latest `valid_from` not after `on`, the later loaded among equals,
    unless its `valid_to` is past. Without a day: the newest of all.
    """
    found: dict[tuple[Any, ...], R] = {}
    for row in sorted(rows, key=lambda row: row.key):
        named = tuple(getattr(row, name) for name in key)
        before = found.get(named)
        begun = on is None or row.valid_from <= on
        if begun and (before is None or row.valid_from >= before.valid_from):
            found[named] = row
    return [row for row in found.values() if on is None or not row.valid_to or row.valid_to >= on]


def metals(session: Session, *, on: date | None = None) -> list[Metal]:
    """Return the metals of the trade."""
    return in_force(session.exec(select(Metal)), key=("code",), on=on)


def grades(
    session: Session, *, metal: str | None = None, standards: bool = False, on: date | None = None
) -> list[Grade]:
    """Return the grades that can be picked, of one metal or all; standards only when asked."""
    statement = select(Grade)
    if metal is not None:
        statement = statement.where(Grade.metal == metal)
    rows = in_force(session.exec(statement), key=("system", "code"), on=on)
    return [row for row in rows if standards or row.kind == "grade"]


def grade(session: Session, *, system: str, code: str, on: date | None = None) -> Grade:
    """Return one grade. Raises `NoSuchGrade`."""
    named = select(Grade).where(Grade.system == system, Grade.code == code)
    rows = in_force(session.exec(named), key=("system", "code"), on=on)
    if not rows:
        raise NoSuchGrade(field="grade", system=system[:20], grade=code[:40])
    return rows[0]


def find_grade(session: Session, text: str) -> Grade | None:
    """Return the grade that a word means, as `Words.grade` does."""
    return words_of(session, [text]).grade(text)


def grades_named(session: Session, text: str) -> list[Grade]:
    """Return every grade that a word may mean, as `Words.grades` does."""
    return words_of(session, [text]).grades(text)


def words_of(session: Session, texts: Iterable[str]) -> Words:
    """Look up what words of the trade mean. Two statements, whatever their number."""
    asked = select(GradeAlias).where(Among(col(GradeAlias.folded), bindparam("words", type_=Text)))
    found = session.exec(asked, params={"words": as_texts({folded(text) for text in texts})})
    named = in_force(found, key=("folded", "lang", "system", "code"), on=None)
    return Words.of(grades(session), aliases=named)


def kin(session: Session) -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    """Return of each grade those that the trade calls by a word of its own too, itself included.

    Lists of different systems name one material: what one yard offers as the first, another buys
    as the second. Two statements.
    """
    called: dict[str, set[tuple[str, str]]] = {}
    named = [(row.folded, (row.system, row.code)) for row in aliases(session)]
    for row in grades(session):
        here = (row.system, row.code)
        named += [(fold(name), here) for name in (row.name_zh, row.name_en) if name]
        named.append(("", here))
    for word, grade_ in named:
        called.setdefault(word or f"{grade_}", set()).add(grade_)
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for group in called.values():
        for grade_ in group:
            found.setdefault(grade_, set()).update(group)
    return {grade_: frozenset(group) for grade_, group in found.items()}


def aliases(session: Session, *, on: date | None = None) -> list[GradeAlias]:
    """Return what yards call the grades."""
    return in_force(
        session.exec(select(GradeAlias)), key=("folded", "lang", "system", "code"), on=on
    )


def factors(session: Session, *, on: date | None = None) -> list[Factor]:
    """Return every factor, benchmark and saving, missing ones too."""
    return in_force(session.exec(select(Factor)), key=("factor_id",), on=on)


def factor(
    session: Session, factor_id: str, *, on: date | None = None, edition: str | None = None
) -> Factor:
    """Return a factor as in force, or as a named edition had it. Raises `NoSuchFactor`.

    Its value may be missing: look at `value_digits`, or let `carbon.rate` refuse.
    """
    statement = select(Factor).where(Factor.factor_id == factor_id)
    if edition is not None:
        statement = statement.where(Factor.edition == edition)
    rows = in_force(session.exec(statement), key=("factor_id",), on=on)
    if not rows:
        raise NoSuchFactor(factor=factor_id[:60])
    return rows[0]


@dataclass(frozen=True, slots=True)
class Needed:
    """What the operator must supply for a value that is missing."""

    factor_id: str
    activity: str
    unit: str
    scope: str
    region: str
    year: int | None
    hint: str


def needed(factor: Factor) -> Needed | None:
    """Return what the operator must supply for a factor; None when it has its value."""
    if factor.value_digits is not None:
        return None
    return Needed(
        factor_id=factor.factor_id,
        activity=factor.activity,
        unit=factor.unit,
        scope=factor.scope,
        region=factor.region,
        year=factor.year,
        hint=factor.note or factor.source,
    )


def recovery(
    session: Session, *, metal: str, scrap_class: str | None = None, on: date | None = None
) -> list[RecoveryRate]:
    """Return recovery rates of a metal, of one class of scrap or all."""
    statement = select(RecoveryRate).where(RecoveryRate.metal == metal)
    if scrap_class is not None:
        statement = statement.where(RecoveryRate.scrap_class == scrap_class)
    return in_force(session.exec(statement), key=("metal", "scrap_class", "meaning"), on=on)


@dataclass(frozen=True, slots=True)
class Alloy:
    """An alloy of a standard with the limits of its elements, in parts per million."""

    alloy: str
    standard: str
    name_zh_or_near: str
    family: str
    base_metal: str
    complete: bool
    limits: tuple[AlloyLimit, ...]

    @property
    def confidence(self) -> str:
        """The weakest confidence among its limits."""
        order = ("sourced", "partly sourced", "unverified", "missing")
        return max((limit.confidence for limit in self.limits), key=order.index)


def alloys(
    session: Session, *, base_metal: str | None = None, on: date | None = None
) -> list[Alloy]:
    """Return the alloys with their limits, by base metal, family and name."""
    statement = select(AlloyLimit)
    if base_metal is not None:
        statement = statement.where(AlloyLimit.base_metal == base_metal)
    rows = in_force(session.exec(statement), key=("standard", "alloy", "element"), on=on)
    rows.sort(key=lambda row: (row.base_metal, row.family, row.alloy, row.standard))
    made = []
    for _, group in groupby(rows, key=lambda row: (row.alloy, row.standard)):
        limits = tuple(group)
        first = limits[0]
        made.append(
            Alloy(
                alloy=first.alloy,
                standard=first.standard,
                name_zh_or_near=first.name_zh_or_near,
                family=first.family,
                base_metal=first.base_metal,
                complete=all(limit.complete == "yes" for limit in limits),
                limits=limits,
            )
        )
    return made


def targets(session: Session, *, on: date | None = None) -> list[PolicyTarget]:
    """Return policy targets, actual figures and rules."""
    return in_force(session.exec(select(PolicyTarget)), key=("target_id",), on=on)


def places(session: Session, *, level: str | None = None, parent: str | None = None) -> list[Place]:
    """Return places by adcode, of a level (province, prefecture, county), under a parent."""
    statement = select(Place).order_by(col(Place.adcode))
    if level is not None:
        statement = statement.where(Place.level == level)
    if parent is not None:
        statement = statement.where(Place.parent == parent)
    found = in_force(session.exec(statement), key=("adcode",), on=None)
    return sorted(found, key=lambda row: row.adcode)


def place(session: Session, adcode: str) -> Place:
    """Return a place. Raises `NoSuchPlace`."""
    rows = in_force(
        session.exec(select(Place).where(Place.adcode == adcode)), key=("adcode",), on=None
    )
    if not rows:
        raise NoSuchPlace(field="adcode", adcode=adcode[:10])
    return rows[0]


def codes(session: Session, *, on: date | None = None) -> list[TariffCode]:
    """Return codes of the customs tariff, of Basel and of hazardous waste."""
    return in_force(session.exec(select(TariffCode)), key=("system", "code"), on=on)


def facilities(session: Session, *, on: date | None = None) -> list[Facility]:
    """Return real facilities, for the map only."""
    return in_force(session.exec(select(Facility)), key=("name_zh",), on=on)


def editions(session: Session) -> list[Edition]:
    """Return every load of reference data, the newest first."""
    return list(session.exec(select(Edition).order_by(col(Edition.id).desc())))
