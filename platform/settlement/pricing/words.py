"""A price formula as a sentence, in Chinese and in English: both parties sign what they read."""

from fractions import Fraction
from typing import Final

from remelt.platform.settlement.pricing.periods import Dates, Days, Month, Period, Quotation
from remelt.platform.settlement.pricing.printing import decimal
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

LANGUAGES: Final = ("zh", "en")
_UNITS_ZH: Final = {"CNY/t": "元/吨", "USD/t": "美元/吨", "CNY/USD": "元/美元"}
_SIGNS: Final = {
    "zh": {"+": " 加 ", "-": " 减 ", "*": " 乘以 ", "/": " 除以 "},
    "en": {"+": " plus ", "-": " less ", "*": " times ", "/": " divided by "},
}


def sentence(formula: Formula, *, zh: bool) -> str:
    """Return what a formula says, in one sentence without a full stop.

    >>> sentence(parse("0.88 * avg(SMM_A00, QP) - 150 CNY/t"), zh=False)  # doctest: +SKIP
    '88% of the average of SMM_A00 over the quotation period, less 150 CNY/t'
    """
    said = _said(formula.price, zh=zh)
    return said + _invoice(formula.invoice, zh=zh)


def period_words(period: Period, *, zh: bool) -> str:
    """Return a quotation period in words."""
    match period:
        case Quotation():
            return "作价期" if zh else "the quotation period"
        case Month(shift):
            return _month(shift, zh=zh)
        case Days(first, last):
            return _days(first, last, zh=zh)
        case Dates(first, last):
            return f"{first}至{last}" if zh else f"{first} to {last}"


def _said(part: Expression, *, zh: bool) -> str:
    match part:
        case Number(value, unit):
            name = str(unit)
            shown = _UNITS_ZH.get(name, name) if zh else name
            return decimal(value) + (f" {shown}" if unit != NUMBER else "")
        case Quote():
            return _quote(part, zh=zh)
        case Negative(inner):
            return ("负" if zh else "minus ") + _inside(inner, zh=zh)
        case Binary():
            return _binary(part, zh=zh)
        case Choice(which, parts):
            return _choice(which, parts, zh=zh)
        case Taxed():
            return _taxed(part, zh=zh)


def _taxed(part: Taxed, *, zh: bool) -> str:
    inner, rate, on = _inside(part.part, zh=zh), percent(part.rate_bp), part.which == "plus_vat"
    if zh:
        return f"{inner}（{'加' if on else '扣除'} {rate} 增值税）"
    return f"{inner} ({'with' if on else 'without'} VAT of {rate})"


def _quote(part: Quote, *, zh: bool) -> str:
    if part.period is None:
        return f"{part.code} 点价" if zh else f"the called price of {part.code}"
    days = period_words(part.period, zh=zh)
    if isinstance(part.period, Days) and part.period.first == part.period.last:
        return f"{part.code} {days}价" if zh else f"{part.code} on {days}"
    if part.how == "avg":
        return f"{part.code} {days}均价" if zh else f"the average of {part.code} over {days}"
    if zh:
        return f"{part.code} {days}末日价"
    return f"{part.code} on the last day of {days}"


def _binary(part: Binary, *, zh: bool) -> str:
    factor = part.left
    if part.sign == "*" and isinstance(factor, Number) and factor.unit == NUMBER:
        share = f"{decimal(factor.value * 100)}%"
        whole = _inside(part.right, zh=zh)
        return f"{whole}的 {share}" if zh else f"{share} of {whole}"
    tight = part.sign in "*/"
    left = _inside(part.left, zh=zh) if tight else _said(part.left, zh=zh)
    right = _inside(part.right, zh=zh) if tight or _adds(part.right) else _said(part.right, zh=zh)
    sign = _SIGNS["zh" if zh else "en"][part.sign]
    comma = "," if not zh and not tight else ""
    return f"{left}{comma}{sign}{right}"


def _choice(which: str, parts: tuple[Expression, ...], *, zh: bool) -> str:
    said = [_said(each, zh=zh) for each in parts]
    if zh:
        return f"（{'；'.join(said)}）中{'较低' if which == 'min' else '较高'}者"
    return f"the {'lower' if which == 'min' else 'higher'} of ({'; '.join(said)})"


def _inside(part: Expression, *, zh: bool) -> str:
    """Return a part, in brackets where a sum or a product would be misread."""
    said = _said(part, zh=zh)
    if not isinstance(part, Binary | Taxed):
        return said
    return f"（{said}）" if zh else f"({said})"


def _adds(part: Expression) -> bool:
    return isinstance(part, Binary) and part.sign in "+-"


def _invoice(invoice: Invoice | None, *, zh: bool) -> str:
    if invoice is None:
        return ""
    if not invoice.included:
        return "；不开票价" if zh else "; without invoice"
    rate = percent(invoice.rate_bp)
    return f"；含税价，开 {rate} 增值税发票" if zh else f"; with an invoice, {rate} VAT included"


def percent(rate_bp: int) -> str:
    """Return a rate in 1/10,000 as people write it: 1300 is 13%."""
    return f"{decimal(Fraction(rate_bp, 100))}%"


def _month(shift: int, *, zh: bool) -> str:
    if zh:
        near = {0: "交货当月", 1: "交货次月", -1: "交货上月"}.get(shift)
        return near or f"交货月{_side(shift, zh=True)}第 {abs(shift)} 个月"
    near = {0: "the month of delivery", 1: "the month after delivery"}.get(shift)
    return near or f"month {abs(shift)} {_side(shift, zh=False)} the month of delivery"


def _days(first: int, last: int, *, zh: bool) -> str:
    """Return trading days counted from delivery; the count is said once where it may be."""
    if first == last or first * last <= 0:
        ends = [_day(each, zh=zh) for each in dict.fromkeys((first, last))]
        return ("至" if zh else " to ").join(ends)
    near, far, side = abs(first), abs(last), _side(first, zh=zh)
    if zh:
        return f"交货日{side}第 {near} 至第 {far} 个交易日"
    return f"trading days {near} to {far} {side} delivery"


def _day(shift: int, *, zh: bool) -> str:
    if not shift:
        return "交货日" if zh else "the day of delivery"
    n, side = abs(shift), _side(shift, zh=zh)
    return f"交货日{side}第 {n} 个交易日" if zh else f"trading day {n} {side} delivery"


def _side(shift: int, *, zh: bool) -> str:
    if zh:
        return "后" if shift > 0 else "前"
    return "after" if shift > 0 else "before"
