"""Units of prices and rates: what may be added to what."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of powers of CNY, USD and tonne; a bare number has none."""

    cny: int = 0
    usd: int = 0
    t: int = 0

    def times(self, other: "Unit") -> "Unit":
        """Return the unit of a product."""
        return Unit(self.cny + other.cny, self.usd + other.usd, self.t + other.t)

    def over(self, other: "Unit") -> "Unit":
        """Return the unit of a quotient."""
        return Unit(self.cny - other.cny, self.usd - other.usd, self.t - other.t)

    def __str__(self) -> str:
        """As people write it: CNY/t; "1" for a bare number."""
        powers = (("CNY", self.cny), ("USD", self.usd), ("t", self.t))
        above = [_power(name, n) for name, n in powers if n > 0]
        below = [_power(name, -n) for name, n in powers if n < 0]
        return "/".join(["·".join(above) or "1", *below])


def _power(name: str, n: int) -> str:
    return name if n == 1 else f"{name}^{n}"


NUMBER: Final = Unit()
CNY_PER_T: Final = Unit(cny=1, t=-1)
USD_PER_T: Final = Unit(usd=1, t=-1)
CNY_PER_USD: Final = Unit(cny=1, usd=-1)

UNITS: Final = {str(unit): unit for unit in (CNY_PER_T, USD_PER_T, CNY_PER_USD)}
"""The units that an index may be quoted in, and that a figure of a formula may carry."""

WRITTEN: Final[dict[str, tuple[Unit, Fraction]]] = {
    **{text: (unit, Fraction(1)) for text, unit in UNITS.items()},
    "CNY/kg": (CNY_PER_T, Fraction(1000)),
    "USD/kg": (USD_PER_T, Fraction(1000)),
    "元/吨": (CNY_PER_T, Fraction(1)),
    "元/kg": (CNY_PER_T, Fraction(1000)),
    "元/公斤": (CNY_PER_T, Fraction(1000)),
    "元/美元": (CNY_PER_USD, Fraction(1)),
    "美元/吨": (USD_PER_T, Fraction(1)),
}
"""Every way to write a unit, with what it is in the unit that is kept."""
