"""Judging a formula: its indices are known, its units fit, a price in CNY per tonne comes out."""

from collections.abc import Mapping

from remelt.platform.settlement.pricing.errors import (
    FormulaNotAPrice,
    FormulaTooLong,
    FormulaUnits,
    FormulaUnknownIndex,
)
from remelt.platform.settlement.pricing.parser import parse
from remelt.platform.settlement.pricing.printing import canonical
from remelt.platform.settlement.pricing.syntax import (
    MOST_CHARACTERS,
    Binary,
    Choice,
    Expression,
    Formula,
    Negative,
    Number,
    Quote,
    Taxed,
)
from remelt.platform.settlement.pricing.units import CNY_PER_T, Unit


def read_formula(text: str, *, indices: Mapping[str, Unit]) -> Formula:
    """Return the formula that a text says. indices: code -> the unit it is quoted in.

    Raises a refusal of `errors.py` that names the column and the remedy.
    """
    formula = parse(text)
    unit = unit_of(formula.price, indices=indices)
    if unit != CNY_PER_T:
        raise FormulaNotAPrice(field="formula", unit=str(unit))
    if len(canonical(formula)) > MOST_CHARACTERS:  # it is kept so, and has to read back
        raise FormulaTooLong(field="formula", most=MOST_CHARACTERS)
    return formula


def unit_of(part: Expression, *, indices: Mapping[str, Unit]) -> Unit:
    """Return the unit of a part. Raises `FormulaUnknownIndex` or `FormulaUnits`."""
    match part:
        case Number():
            return part.unit
        case Quote():
            if part.code not in indices:
                known = ", ".join(sorted(indices)[:12])
                raise FormulaUnknownIndex(
                    field="formula", column=part.at, typed=part.code[:30], known=known
                )
            return indices[part.code]
        case Negative() | Taxed():
            return unit_of(part.part, indices=indices)
        case Binary():
            return _binary(part, indices=indices)
        case Choice():
            return _choice(part, indices=indices)


def _binary(part: Binary, *, indices: Mapping[str, Unit]) -> Unit:
    left, right = unit_of(part.left, indices=indices), unit_of(part.right, indices=indices)
    if part.sign == "*":
        return left.times(right)
    if part.sign == "/":
        return left.over(right)
    _same(left, right, at=part.at)
    return left


def _choice(part: Choice, *, indices: Mapping[str, Unit]) -> Unit:
    first, *others = (unit_of(each, indices=indices) for each in part.parts)
    for other, each in zip(others, part.parts[1:], strict=True):
        _same(first, other, at=each.at)
    return first


def _same(left: Unit, right: Unit, *, at: int) -> None:
    if left != right:
        raise FormulaUnits(field="formula", column=at, left=str(left), right=str(right))
