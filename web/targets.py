"""Whether a policy target was met, as far as published figures say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Literal

from remelt.platform.catalogue.models import PolicyTarget

Verdict = Literal["met", "missed", "no-data", "running", "no-number"]
_HOLDS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": ge,
    ">": gt,
    "<=": le,
    "<": lt,
    "=": ge,  # a plan's figure for output is reached or passed
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A target, the published figure of the same indicator, place, unit and period, the verdict."""

    target: PolicyTarget
    actual: PolicyTarget | None
    verdict: Verdict


def judge(rows: Sequence[PolicyTarget], *, on: date) -> list[Judged]:
    """Return every target among `rows` with its verdict on a day, in the order given.

    Only a figure of the same indicator, scope, unit and period answers a target. Without one, a
    target whose period is over has no data; our own ledger never stands in for the country.
    """
    actuals = {_named(row): row for row in rows if row.kind == "actual"}
    return [
        Judged(row, actuals.get(_named(row)), _verdict(row, actuals.get(_named(row)), on=on))
        for row in rows
        if row.kind == "target"
    ]


def _named(row: PolicyTarget) -> tuple[object, ...]:
    return row.indicator, row.scope, row.unit, row.period_start, row.period_end


def _verdict(target: PolicyTarget, actual: PolicyTarget | None, *, on: date) -> Verdict:
    wanted = _value(target)
    if wanted is None or target.op not in _HOLDS:
        return "no-number"
    reached = None if actual is None else _value(actual)
    if reached is not None:
        return "met" if _HOLDS[target.op](reached, wanted) else "missed"
    over = target.period_end is not None and target.period_end < on
    return "no-data" if over else "running"


def _value(row: PolicyTarget) -> Decimal | None:
    if row.value_digits is None or row.value_places is None:
        return None
    return Decimal(row.value_digits).scaleb(-row.value_places)
