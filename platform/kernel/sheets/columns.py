"""Columns as a room declares them: a name, the headings it goes by, and how a cell is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Generic, TypeVar

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.sheets.cells import read_time, read_whole
from remelt.platform.kernel.sheets.errors import (
    CellNotANumber,
    CellNotATime,
    CellTooLong,
    CellUnknownWord,
)

PRICE_LIMIT_FEN_PER_T: Final = 100_000_000
MASS_UNITS: Final = {"g": 1, "kg": 1_000, "jin": 500, "t": 1_000_000}
PRICE_UNITS: Final = {"t": 100, "kg": 100_000, "jin": 200_000}
"""Yuan per unit, in fen per tonne."""

_UNIT_WORDS: Final = {
    "kg": "kg", "公斤": "kg", "千克": "kg", "kgs": "kg",
    "t": "t", "吨": "t", "ton": "t", "tonne": "t", "tonnes": "t",
    "斤": "jin", "市斤": "jin", "jin": "jin",
    "g": "g", "克": "g",
}  # fmt: skip
_YEARS: Final = range(2000, 2100)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Units:
    """The units that a heading may carry, as factors to kept units.

    said_by: the field of a form in which a person says the unit where no heading does.
    """

    said_by: str
    factors: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Column(Generic[Value]):
    """A column that a room reads.

    called: its headings in lower case, divided by commas; the first names it to a person.
    read: a cell's text and the factor of the column's unit -> what the cell says, or a refusal.
    empty: what an empty cell says. needed: a file must have the column; filled: and no cell of it
    may be empty.
    """

    name: str
    called: str
    read: Callable[[str, int], Value]
    empty: Value
    needed: bool = False
    filled: bool = False
    units: Units | None = None

    @property
    def headings(self) -> list[str]:
        """The headings that the column goes by."""
        return [word.strip() for word in self.called.split(",")]

    @property
    def title(self) -> str:
        """What the column is called in Chinese and in English, to name it to a person."""
        english = next((word for word in self.headings if word.isascii()), "")
        return " / ".join(dict.fromkeys(filter(None, (self.headings[0], english))))


_MASSES: Final = Units("mass_unit", MASS_UNITS)
_PRICES: Final = Units("price_unit", PRICE_UNITS)


def words(name: str, called: str, *, most: int, needed: bool = False) -> Column[str]:
    """Return a column of text of at most `most` characters."""

    def read(text: str, _factor: int) -> str:
        if len(text) > most:
            raise CellTooLong(most=most)
        return text

    return Column(name, called, read, empty="", needed=needed, filled=needed)


def choice(
    name: str, called: str, known: Mapping[str, Value], *, empty: Value, needed: bool = False
) -> Column[Value]:
    """Return a column of words in lower case, each of which stands for something."""

    def read(text: str, _factor: int) -> Value:
        word = text.lower()
        if word not in known:
            raise CellUnknownWord(typed=word[:20])
        return known[word]

    return Column(name, called, read, empty=empty, needed=needed)


def mass(name: str, called: str, *, limit: int, needed: bool = False) -> Column[int | None]:
    """Return a column of masses in g; a unit in the cell speaks louder than the heading's."""

    def read(text: str, factor: int) -> int:
        bare = text.rstrip("kKgGsStT公千市克吨斤 ")
        said = unit_of(text[len(bare) :])
        own = MASS_UNITS[said] if said else factor
        return _whole(bare, factor=own, limit=limit, typed=text)

    return Column(name, called, read, empty=None, needed=needed, filled=needed, units=_MASSES)


def price(name: str, called: str, *, needed: bool = False) -> Column[int | None]:
    """Return a column of prices in fen per tonne."""

    def read(text: str, factor: int) -> int:
        return _whole(text.lstrip("¥￥ "), factor=factor, limit=PRICE_LIMIT_FEN_PER_T, typed=text)

    return Column(name, called, read, empty=None, needed=needed, filled=needed, units=_PRICES)


def share(name: str, called: str) -> Column[int | None]:
    """Return a column of per cent, in 1/10,000; None where a cell is empty or says nought."""

    def read(text: str, _factor: int) -> int | None:
        bare = text.removesuffix("%").strip()
        return _whole(bare, factor=100, limit=10_000, typed=text) or None

    return Column(name, called, read, empty=None)


def amount(
    name: str, called: str, *, factor: int = 100, limit: int, needed: bool = False
) -> Column[int | None]:
    """Return a column of amounts of money at or above zero, in 1/`factor` of what is written."""

    def read(text: str, _factor: int) -> int:
        return _whole(_bare_amount(text), factor=factor, limit=limit, typed=text)

    return Column(name, called, read, empty=None, needed=needed, filled=needed)


def signed(name: str, called: str, *, limit: int) -> Column[int | None]:
    """Return a column of amounts in the smallest unit, below zero by a sign or in brackets.

    A lone dash says nothing.
    """

    def read(text: str, _factor: int) -> int | None:
        if text in {"-", "--"}:
            return None
        money = _bare_amount(text)
        sign = -1 if money.startswith(("-", "(")) else 1
        bare = _bare_amount(money.lstrip("+-( ").rstrip(") "))
        return sign * _whole(bare, factor=100, limit=limit, typed=text)

    return Column(name, called, read, empty=None)


def moment(name: str, called: str, *, needed: bool = False) -> Column[datetime | None]:
    """Return a column of times of this century, told by a clock in Beijing; aware UTC."""
    return Column(name, called, _moment, empty=None, needed=needed, filled=needed)


def day(name: str, called: str, *, needed: bool = False) -> Column[date | None]:
    """Return a column of days of this century."""

    def read(text: str, factor: int) -> date:
        return _moment(text, factor).astimezone(BEIJING).date()

    return Column(name, called, read, empty=None, needed=needed, filled=needed)


def unit_of(text: str) -> str | None:
    """Return the unit that a heading's or cell's last word names: g, kg, jin, t or None."""
    return _UNIT_WORDS.get(text.strip().lower().rsplit("/", 1)[-1].strip())


def _moment(text: str, _factor: int) -> datetime:
    found = read_time(text)
    if found is None or found.year not in _YEARS:
        raise CellNotATime(typed=text[:30])
    return found.replace(tzinfo=BEIJING).astimezone(UTC)


def _bare_amount(text: str) -> str:
    return text.lstrip("¥￥$ ").removesuffix("元").strip()


def _whole(text: str, *, factor: int, limit: int, typed: str) -> int:
    value = read_whole(text, factor=factor, limit=limit)
    if value is None:
        raise CellNotANumber(typed=typed[:30])
    return value
