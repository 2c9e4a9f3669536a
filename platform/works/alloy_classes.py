"""Which alloy class a grade is of: family, series and alloy, from the catalogue."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import Grade
from remelt.platform.catalogue.queries import Alloy
from remelt.platform.works.primary import grade_system
from remelt.traceability.ledger import Output, Taken
from remelt.traceability.models import Lot
from remelt.traceability.rules.grades import DROSS, RANKS

Named = tuple[str, str]
COPPER_PPM = 7_000
_NUMBER = re.compile(r"\b([1-8])(?:\d{3}|xxx)\b")
_ONE = re.compile(r"\d{4}")


def classed(
    session: Session,
    *,
    inputs: Sequence[Taken],
    outputs: Sequence[Output],
    lots: Mapping[str, Lot],
) -> dict[str, Any]:
    """Return inputs and outputs of a transformation with the alloy class of each grade."""
    named = {code: (lot.grade_system, lot.grade_code) for code, lot in lots.items()}
    made = [(each.spec.grade_system, each.spec.grade_code) for each in outputs]
    known = alloy_classes(session, {*named.values(), *made})
    return {
        "inputs": [
            replace(each, alloy_class=known.get(named.get(each.lot_code, ("", "")), ""))
            for each in inputs
        ],
        "outputs": [
            replace(each, alloy_class=known.get(name, ""))
            for each, name in zip(outputs, made, strict=True)
        ],
    }


def alloy_classes(session: Session, wanted: Iterable[Named]) -> dict[Named, str]:
    """Return the class of every grade and alloy of `wanted` that has one."""
    names = set(wanted)
    every = {(grade_system(each.standard), each.alloy): of_alloy(each) for each in
             catalogue.alloys(session)}  # fmt: skip
    every |= {(each.system, each.code): of_grade(each) for each in catalogue.grades(session)}
    every["works", "dross"] = DROSS
    return {name: every[name] for name in names if every.get(name)}


def of_alloy(alloy: Alloy) -> str:
    """Return the class of an alloy: a wrought one's series by its number, a cast one's by limits.

    Casting alloys with at most 0.7 % copper or more are Al-Si-Cu, with less Al-Si.
    """
    if alloy.family not in RANKS:
        return ""
    series = ""
    if alloy.family == "wrought":
        series = "+".join(_series(alloy.alloy))
    if alloy.family == "cast":
        most = [each.max_ppm or 0 for each in alloy.limits if each.element == "Cu"]
        series = "Al-Si-Cu" if max(most, default=0) >= COPPER_PPM else "Al-Si"
    return f"{alloy.family}:{series}:{alloy.alloy}"


def of_grade(grade: Grade) -> str:
    """Return the class of a scrap grade; empty where the catalogue says mixed or nothing.

    An alloy is named only where the grade holds one alone.
    """
    if grade.kind != "grade" or grade.family not in RANKS:
        return ""
    said = "" if grade.alloy_series.startswith("mixed") else grade.alloy_series
    if grade.family == "cast":
        series = "Al-Si-Cu" if "Cu" in said else ("Al-Si" if "A356" in said else "")
        return f"cast:{series}:"
    alloy = said if _ONE.fullmatch(said) else ""
    return f"{grade.family}:{'+'.join(_series(said))}:{alloy}"


def _series(text: str) -> list[str]:
    """Return the series of alloy numbers, in order.

    >>> _series("6063/6061/7075"), _series("1xxx/3xxx"), _series("Cu-ETP")
    (['6xxx', '7xxx'], ['1xxx', '3xxx'], [])
    """
    return sorted({f"{found}xxx" for found in _NUMBER.findall(text)})
