"""Index prices as evaluation sees them: plain figures with their origin, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Final

from remelt.platform.settlement.pricing.periods import Calendar
from remelt.platform.settlement.pricing.units import UNITS, Unit

E6: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Quoted:
    """What an index said for a day, in millionths of its unit, as its `revision` stands."""

    day: date
    value_e6: int
    revision: int = 1

    @property
    def value(self) -> Fraction:
        """The figure in the index's unit."""
        return Fraction(self.value_e6, E6)


@dataclass(frozen=True, slots=True)
class Index:
    """A price series: who publishes it, in which unit, on which days, and what it said."""

    code: str
    unit_text: str
    source: str = ""
    calendar: Calendar = field(default_factory=Calendar)
    quotes: Mapping[date, Quoted] = field(default_factory=dict)

    @property
    def unit(self) -> Unit:
        """The unit it is quoted in."""
        return UNITS[self.unit_text]

    def last(self, upto: date) -> Quoted | None:
        """Return the last quote on or before a day."""
        days = [day for day in self.quotes if day <= upto]
        return self.quotes[max(days)] if days else None


@dataclass(frozen=True, slots=True)
class Used:
    """One quote that a figure was worked from."""

    code: str
    source: str
    day: date
    revision: int
    value_e6: int
    unit: str

    @property
    def origin(self) -> str:
        """The quote by name: CODE@day#revision."""
        return f"{self.code}@{self.day.isoformat()}#{self.revision}"


@dataclass(frozen=True, slots=True, order=True)
class Wanting:
    """What is waited for: the quote of a trading day, or (`what` is call) a price to be called."""

    code: str
    day: date | None = None
    what: str = "quote"


def used(index: Index, quoted: Quoted) -> Used:
    """Return a quote with where it comes from."""
    return Used(
        code=index.code,
        source=index.source,
        day=quoted.day,
        revision=quoted.revision,
        value_e6=quoted.value_e6,
        unit=index.unit_text,
    )
