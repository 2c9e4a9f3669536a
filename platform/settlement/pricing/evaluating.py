"""From a formula and what indices said to a price, exact until its one rounding at the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from remelt.platform.settlement.pricing.periods import (
    Dates,
    Days,
    Month,
    Period,
    Quotation,
    days_of,
)
from remelt.platform.settlement.pricing.quotes import Index, Quoted, Used, Wanting, used
from remelt.platform.settlement.pricing.syntax import (
    Binary,
    Choice,
    Expression,
    Formula,
    Negative,
    Number,
    Quote,
    Taxed,
)

BP = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """A part of the tonnage whose price was called (点价): the quote of `code` for a day."""

    code: str
    day: date
    mass_g: int


@dataclass(frozen=True, slots=True)
class Calling:
    """What may be called: how much in all, until when, and what holds for the rest after that.

    over: the window has passed; the uncalled rest then takes the average or the last quote of it.
    """

    mass_g: int
    window: Dates
    default: Literal["avg", "last"]
    over: bool = False
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a formula is worked.

    delivered_on: the Beijing day of delivery; quotation: what QP stands for. upto: for a
    provisional price, the day whose last quotes stand in for all that was not called by then.
    """

    delivered_on: date
    quotation: Period | None = None
    upto: date | None = None
    calling: Calling | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """What one index came to in a formula, exact in its unit, and the quotes behind it."""

    quote: Quote
    value: Fraction
    used: tuple[Used, ...]


@dataclass(frozen=True, slots=True)
class Priced:
    """A price: exact, in CNY per tonne, rounded half up to the fen, and what it was worked from."""

    exact: Fraction
    price_fen_per_t: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class NotYet:
    """No price yet: what is waited for, by name."""

    wanting: tuple[Wanting, ...]


def evaluate(formula: Formula, *, book: Mapping[str, Index], occasion: Occasion) -> Priced | NotYet:
    """Work out a price from the formula's indices in `book`.

    Only quoted days of a period count: a holiday inside it is no gap, a trading day without a
    quote is, and then the price is not yet to be had. The price is rounded once, half up, to
    0.01 CNY per tonne.
    """
    worked = _Worked(book=book, occasion=occasion)
    exact = worked.value(formula.price)
    if exact is None:
        return NotYet(tuple(sorted(worked.wanting, key=_by_name)))
    rounded = half_up(exact * 100)
    return Priced(exact, rounded, tuple(worked.figures))


def half_up(value: Fraction) -> int:
    """Return the nearest whole number; halves go away from nought.

    >>> half_up(Fraction(5, 2)), half_up(Fraction(-5, 2))
    (3, -3)
    """
    n = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return n if value >= 0 else -n


@dataclass(slots=True)
class _Worked:
    book: Mapping[str, Index]
    occasion: Occasion
    figures: list[Figure] = field(default_factory=list)
    wanting: set[Wanting] = field(default_factory=set)

    def value(self, part: Expression) -> Fraction | None:
        match part:
            case Number():
                return part.value
            case Quote():
                return self._quote(part)
            case Negative() | Taxed():
                inner = self.value(part.part)
                return None if inner is None else _turned(part, inner)
            case Binary():
                return self._binary(part)
            case Choice():
                return self._choice(part)

    def _choice(self, part: Choice) -> Fraction | None:
        values = [self.value(each) for each in part.parts]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        return min(known) if part.which == "min" else max(known)

    def _binary(self, part: Binary) -> Fraction | None:
        left, right = self.value(part.left), self.value(part.right)
        if left is None or right is None:
            return None
        match part.sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right

    def _quote(self, part: Quote) -> Fraction | None:
        index = self.book.get(part.code)
        if index is None:
            self.wanting.add(Wanting(part.code))
            return None
        weighed = self._weighed(part, index)
        known = [(mass_g, quoted) for mass_g, quoted in weighed if quoted is not None]
        if not known or len(known) < len(weighed):
            return None
        value = mean((mass_g, quoted.value) for mass_g, quoted in known)
        quotes = {quoted.day: used(index, quoted) for _, quoted in known}
        self.figures.append(Figure(part, value, tuple(quotes[day] for day in sorted(quotes))))
        return value

    def _weighed(self, part: Quote, index: Index) -> list[tuple[Fraction, Quoted | None]]:
        """Return the quotes that a figure is the mean of, each with its weight."""
        if self.occasion.upto is not None:
            return self._so_far(part, index, upto=self.occasion.upto)
        if part.period is None:
            return self._called(index)
        days = self._days(self._meant(part.period), index)
        return self._evenly(index, days[-1:] if part.how == "last" else days)

    def _so_far(
        self, part: Quote, index: Index, *, upto: date
    ) -> list[tuple[Fraction, Quoted | None]]:
        """Return what was called by a day, and the last quote up to it for all the rest."""
        last = index.last(upto)
        if last is None:
            self.wanting.add(Wanting(index.code, upto))
        calling = self.occasion.calling
        if part.period is not None or calling is None:
            return [(Fraction(1), last)]
        mine = [call for call in calling.calls if call.code == index.code and call.day <= upto]
        parts = [(Fraction(call.mass_g), self._of(index, call.day)) for call in mine]
        rest_g = calling.mass_g - sum(call.mass_g for call in mine)
        return [*parts, (Fraction(rest_g), last)] if rest_g > 0 else parts

    def _meant(self, period: Period) -> Month | Days | Dates:
        meant = self.occasion.quotation if isinstance(period, Quotation) else period
        if meant is None or isinstance(meant, Quotation):
            raise LookupError("the terms say what the quotation period is")
        return meant

    def _days(self, period: Month | Days | Dates, index: Index) -> Sequence[date]:
        delivered_on = self.occasion.delivered_on
        days = days_of(period, delivered_on=delivered_on, calendar=index.calendar)
        if not days:
            self.wanting.add(Wanting(index.code))
        return days

    def _evenly(
        self, index: Index, days: Sequence[date], *, mass_g: int = 1
    ) -> list[tuple[Fraction, Quoted | None]]:
        return [(Fraction(mass_g, len(days)), self._of(index, day)) for day in days]

    def _of(self, index: Index, day: date) -> Quoted | None:
        quoted = index.quotes.get(day)
        if quoted is None:
            self.wanting.add(Wanting(index.code, day))
        return quoted

    def _called(self, index: Index) -> list[tuple[Fraction, Quoted | None]]:
        """Return the called parts by mass; the rest, once the window has passed, by default."""
        calling = self.occasion.calling
        if calling is None:
            raise LookupError("the terms say who may call the price")
        mine = [call for call in calling.calls if call.code == index.code]
        parts = [(Fraction(call.mass_g), self._of(index, call.day)) for call in mine]
        rest_g = calling.mass_g - sum(call.mass_g for call in mine)
        if rest_g <= 0:
            return parts
        if not calling.over:
            self.wanting.add(Wanting(index.code, calling.window.last, what="call"))
            return []
        days = self._days(calling.window, index)
        days = days if calling.default == "avg" else days[-1:]
        return parts + self._evenly(index, days, mass_g=rest_g)


def mean(weighed: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    """Return the mean of values by weight; at least one weight is above nought."""
    parts = tuple(weighed)
    whole = sum((weight * value for weight, value in parts), Fraction(0))
    return whole / sum(weight for weight, _ in parts)


def _turned(part: Negative | Taxed, value: Fraction) -> Fraction:
    if isinstance(part, Negative):
        return -value
    rate = Fraction(BP + part.rate_bp, BP)
    return value * rate if part.which == "plus_vat" else value / rate


def _by_name(each: Wanting) -> tuple[str, str, str]:
    return (each.code, "" if each.day is None else each.day.isoformat(), each.what)
