"""The parts of a price formula, as the parser makes them. Figures are exact fractions.

`at` is the column (from 1) where a part stands in the typed text; it is no part of its meaning.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Literal

from remelt.platform.settlement.pricing.periods import Period
from remelt.platform.settlement.pricing.units import NUMBER, Unit

MOST_CHARACTERS: Final = 400
MOST_DEPTH: Final = 24
HOWS: Final = ("avg", "last", "called")
CHOICES: Final = ("min", "max")
TAXES: Final = ("plus_vat", "less_vat")


@dataclass(frozen=True, slots=True)
class Number:
    """A figure as typed, at least 0, in `unit`."""

    value: Fraction
    unit: Unit = NUMBER
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Quote:
    """What an index says.

    The average of the quoted days of a period, the quote of its last day, or what was called
    (点价; then without a period).
    """

    how: Literal["avg", "last", "called"]
    code: str
    period: Period | None = None
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """Less than nothing: the part with its sign turned."""

    part: "Expression"
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Two parts and what stands between them."""

    sign: Literal["+", "-", "*", "/"]
    left: "Expression"
    right: "Expression"
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """The least or the greatest of at least two parts."""

    which: Literal["min", "max"]
    parts: tuple["Expression", ...]
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Taxed:
    """A part with VAT put on, or taken out; rate_bp in 1/10,000."""

    which: Literal["plus_vat", "less_vat"]
    part: "Expression"
    rate_bp: int
    at: int = field(default=1, compare=False)


Expression = Number | Quote | Negative | Binary | Choice | Taxed


@dataclass(frozen=True, slots=True)
class Invoice:
    """Whether the price comes with a VAT invoice, and at which rate (1/10,000); 0 without."""

    included: bool
    rate_bp: int = 0


@dataclass(frozen=True, slots=True)
class Formula:
    """A price in CNY per tonne. invoice: None where the text does not say."""

    price: Expression
    invoice: Invoice | None = None


def quotes(part: Expression) -> tuple[Quote, ...]:
    """Return what indices a part asks, from left to right."""
    match part:
        case Quote():
            return (part,)
        case Number():
            return ()
        case Negative() | Taxed():
            return quotes(part.part)
        case Binary():
            return quotes(part.left) + quotes(part.right)
        case Choice():
            return tuple(quote for each in part.parts for quote in quotes(each))
