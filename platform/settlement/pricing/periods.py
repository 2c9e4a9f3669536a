"""Quotation periods: which days a price follows, and the days on which an exchange trades."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from remelt.platform.settlement.pricing.errors import PeriodTurned, PeriodUnreadable

LONGEST: Final = timedelta(days=370)
MOST_DAYS: Final = 60
MOST_MONTHS: Final = 12
SATURDAY: Final = 5
_MONTH = re.compile(r"M(?:([+-])(\d{1,2}))?", re.ASCII)
_DAY = r"D(?:([+-])(\d{1,2}))?"
_DAYS = re.compile(rf"{_DAY}(?:\.\.{_DAY})?", re.ASCII)
_DATES = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quotation:
    """QP: the quotation period that the contract names."""


@dataclass(frozen=True, slots=True)
class Month:
    """The calendar month of delivery, or `shift` months after it."""

    shift: int = 0


@dataclass(frozen=True, slots=True)
class Days:
    """Trading days counted from delivery: D is that day, or the last before it that trades."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Dates:
    """From a day to a day, both counted."""

    first: date
    last: date


Period = Quotation | Month | Days | Dates


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which prices are quoted: weekdays, less what is closed, and what opens besides.

    closed: holidays on weekdays. opened: Saturdays and Sundays that are worked.
    """

    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    def trades(self, day: date) -> bool:
        """Tell whether prices are quoted on a day."""
        if day in self.closed:
            return False
        return day.weekday() < SATURDAY or day in self.opened

    def after(self, day: date, *, count: int) -> date:
        """Return the trading day that lies `count` trading days after `day`, before it below 0."""
        step = DAY if count > 0 else -DAY
        for _ in range(abs(count)):
            day += step
            while not self.trades(day):
                day += step
        return day

    def upto(self, day: date) -> date:
        """Return `day` if it trades, else the last day before it that does."""
        while not self.trades(day):
            day -= DAY
        return day


def read_period(text: str, *, at: int = 1) -> Period:
    """Return the period that a text names: QP, M, M+1, D, D+1..D+5 or 2026-03-02..2026-03-06.

    at: the column of its first character, for the refusal.
    Raises `PeriodUnreadable` or `PeriodTurned`.

    >>> read_period("D+1..D+5")
    Days(first=1, last=5)
    """
    plain = text.replace(" ", "").upper()
    if plain == "QP":
        return Quotation()
    period = _months(plain) or _days(plain) or _dates(plain)
    if period is None:
        raise PeriodUnreadable(field="formula", column=at, typed=text.strip()[:30])
    if not _in_order(period):
        raise PeriodTurned(field="formula", column=at, typed=text.strip()[:30])
    return period


def period_text(period: Period) -> str:
    """Return a period as formulas write it; `read_period` reads it back."""
    match period:
        case Quotation():
            return "QP"
        case Month(shift):
            return f"M{_signed(shift)}"
        case Days(first, last):
            return f"D{_signed(first)}" + (f"..D{_signed(last)}" if last != first else "")
        case Dates(first_day, last_day):
            return f"{first_day.isoformat()}..{last_day.isoformat()}"


def days_of(period: Period, *, delivered_on: date, calendar: Calendar) -> tuple[date, ...]:
    """Return the trading days of a period other than QP, in order.

    delivered_on: the Beijing day of delivery. A period in which nothing trades is empty.
    """
    match period:
        case Dates(first, last):
            pass
        case Month(shift):
            first = _month_start(delivered_on, shift=shift)
            last = _month_start(first, shift=1) - DAY
        case Days():
            start = calendar.upto(delivered_on)
            first = calendar.after(start, count=period.first)
            last = calendar.after(start, count=period.last)
        case Quotation():
            raise LookupError("the terms say what the quotation period is")
    return tuple(day for day in _range(first, last) if calendar.trades(day))


def _in_order(period: Period) -> bool:
    """Tell whether a period ends after it begins, and soon enough."""
    match period:
        case Days(first, last):
            return first <= last
        case Dates(first_day, last_day):
            return first_day <= last_day <= first_day + LONGEST
    return True


def _range(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + n * DAY


def _month_start(day: date, *, shift: int) -> date:
    months = day.year * 12 + day.month - 1 + shift
    return date(months // 12, months % 12 + 1, 1)


def _signed(n: int) -> str:
    return f"{n:+d}" if n else ""


def _count(sign: str | None, digits: str | None) -> int:
    n = int(digits or 0)
    return -n if sign == "-" else n


def _months(text: str) -> Month | None:
    found = _MONTH.fullmatch(text)
    if found is None:
        return None
    shift = _count(found[1], found[2])
    return Month(shift) if abs(shift) <= MOST_MONTHS else None


def _days(text: str) -> Days | None:
    found = _DAYS.fullmatch(text)
    if found is None:
        return None
    first = _count(found[1], found[2])
    last = _count(found[3], found[4]) if ".." in text else first
    return Days(first, last) if max(abs(first), abs(last)) <= MOST_DAYS else None


def _dates(text: str) -> Dates | None:
    found = _DATES.fullmatch(text)
    if found is None:
        return None
    try:
        return Dates(date.fromisoformat(found[1]), date.fromisoformat(found[2]))
    except ValueError:
        return None
