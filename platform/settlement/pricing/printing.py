"""A formula in its one canonical form; what is printed reads back as the same parts."""

from fractions import Fraction
from typing import Final

from remelt.platform.settlement.pricing.periods import period_text
from remelt.platform.settlement.pricing.syntax import (
    Binary,
    Choice,
    Expression,
    Formula,
    Invoice,
    Negative,
    Number,
    Quote,
    Taxed,
)
from remelt.platform.settlement.pricing.units import NUMBER

_STRENGTH: Final = {"+": 1, "-": 1, "*": 2, "/": 2}
PART: Final = 3


def canonical(formula: Formula) -> str:
    """Return the formula as the contract keeps it.

    >>> canonical(parse("88% *avg(smm_a00,QP)-150CNY/t without invoice"))  # doctest: +SKIP
    '0.88 * avg(SMM_A00, QP) - 150 CNY/t without invoice'
    """
    return printed(formula.price) + _invoice(formula.invoice)


def decimal(value: Fraction) -> str:
    """Return a fraction with a finite decimal form, without noughts at its end.

    >>> decimal(Fraction(22, 25))
    '0.88'
    """
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
        if places > 40:  # noqa: PLR2004 - typed figures, halves and quarters end far sooner
            raise ValueError("no finite decimal form")
    whole, rest = divmod(abs(int(value * 10**places)), 10**places)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


def printed(part: Expression) -> str:
    """Return one part as text."""
    match part:
        case Number(value, unit):
            return decimal(value) + (f" {unit}" if unit != NUMBER else "")
        case Quote(how, code, period):
            return f"{how}({code}, {period_text(period)})" if period else f"{how}({code})"
        case Negative(inner):
            return f"-{_within(inner, least=PART)}"
        case Binary(sign, left, right):
            strength = _STRENGTH[sign]
            right_text = _within(right, least=strength + 1)
            return f"{_within(left, least=strength)} {sign} {right_text}"
        case Choice(which, parts):
            return f"{which}({', '.join(printed(each) for each in parts)})"
        case Taxed(which, inner, rate_bp):
            return f"{which}({printed(inner)}, {_percent(rate_bp)})"


def _within(part: Expression, *, least: int) -> str:
    """Return a part, in brackets where it binds less than what stands beside it."""
    strength = _STRENGTH[part.sign] if isinstance(part, Binary) else PART
    return f"({printed(part)})" if strength < least else printed(part)


def _percent(rate_bp: int) -> str:
    return f"{decimal(Fraction(rate_bp, 100))}%"


def _invoice(invoice: Invoice | None) -> str:
    if invoice is None:
        return ""
    return f" with invoice {_percent(invoice.rate_bp)}" if invoice.included else " without invoice"
