"""Factors as integers: grams of gas per unit of activity, and their product, exact (pure)."""

import re
from fractions import Fraction
from typing import Final, Protocol

from remelt.platform.catalogue.errors import FactorDoesNotFit, FactorMissing

_UNIT = re.compile(r"(kg|t)(CO2e?)/(.+)")
_GAS_G: Final = {"kg": 1_000, "t": 1_000_000}

# What a factor is printed per -> the integer unit that activity is kept in, and how many.
ACTIVITIES: Final = {
    "t": ("g", 1_000_000),
    "t Al": ("g", 1_000_000),
    "t liquid Al": ("g", 1_000_000),
    "kg": ("g", 1_000),
    "kWh": ("Wh", 1_000),
    "Nm3": ("dm3", 1_000),
    "tkm": ("g*m", 1_000_000_000),
}


class Printed(Protocol):
    """A factor as its source prints it."""

    @property
    def factor_id(self) -> str:
        """Its public id."""

    @property
    def unit(self) -> str:
        """Its unit, such as `kgCO2e/kWh`."""

    @property
    def value_digits(self) -> int | None:
        """The value's digits; None where it is missing."""

    @property
    def value_places(self) -> int | None:
        """How many of the digits stand behind the point."""


def gas_of(unit: str) -> str:
    """Return the gas a unit counts: `CO2`, `CO2e`, or empty when it counts none.

    >>> gas_of("kgCO2e/kWh"), gas_of("tCO2/t"), gas_of("kWh/t")
    ('CO2e', 'CO2', '')
    """
    found = _UNIT.fullmatch(unit)
    return found[2] if found else ""


def activity_unit(factor: Printed) -> str:
    """Return the integer unit in which the factor's activity is given: g, Wh, dm3 or g*m.

    g*m is gram-metre: 1 tkm is 1,000,000,000 g*m; 1 Nm3 is 1,000 dm3 at normal conditions.

    Raises `FactorDoesNotFit` when the factor counts no gas.
    """
    return _parts(factor)[1]


def rate(factor: Printed) -> tuple[int, int]:
    """Return grams of gas per unit of activity, as an exact pair in lowest terms.

    0.5777 kgCO2e/kWh is 577.7 g per kWh, so 5777/10000 g per Wh.

    Raises `FactorMissing` when the operator has not supplied the value, `FactorDoesNotFit` when
    the factor counts no gas.
    """
    gas_g, _, per = _parts(factor)
    if factor.value_digits is None:
        raise FactorMissing(factor=factor.factor_id)
    exact = Fraction(factor.value_digits * gas_g, 10 ** (factor.value_places or 0) * per)
    return exact.numerator, exact.denominator


def co2e_g(amount: int, factor: Printed, *, unit: str) -> int:
    """Return the grams of gas of an activity: the exact product, rounded half to even.

    amount: activity >= 0 in `unit`, which must be the factor's own `activity_unit`.
    The one rounding is at the end, to whole grams; a half goes to the even neighbour, so that
    many roundings do not lean to one side.

    Raises `FactorDoesNotFit` for another unit, `FactorMissing` for a factor without value.

    1,234 kWh at 0.5777 kgCO2e/kWh is 712,881.8 g, so 712,882 g.
    """
    if unit != activity_unit(factor):
        raise FactorDoesNotFit(factor=factor.factor_id, unit=unit)
    numerator, denominator = rate(factor)
    return round(Fraction(amount * numerator, denominator))


def _parts(factor: Printed) -> tuple[int, str, int]:
    found = _UNIT.fullmatch(factor.unit)
    if found is None or found[3] not in ACTIVITIES:
        raise FactorDoesNotFit(factor=factor.factor_id, unit=factor.unit)
    unit, per = ACTIVITIES[found[3]]
    return _GAS_G[found[1]], unit, per
