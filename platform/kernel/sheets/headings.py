"""What the columns of a file are called, and the units that they carry."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from remelt.platform.kernel.sheets.errors import HeadingsMissing, UnitMissing
from remelt.platform.kernel.sheets.reading import Cell, Sheet, column_letters

MASS_UNITS: Final = {"g": 1, "kg": 1_000, "jin": 500, "t": 1_000_000}
PRICE_UNITS: Final = {"t": 100, "kg": 100_000, "jin": 200_000}
"""Yuan per unit, in fen per tonne."""

_UNIT_WORDS: Final = {
    "kg": "kg", "公斤": "kg", "千克": "kg", "kgs": "kg",
    "t": "t", "吨": "t", "ton": "t", "tonne": "t", "tonnes": "t",
    "斤": "jin", "市斤": "jin", "jin": "jin",
    "g": "g", "克": "g",
}  # fmt: skip
_BRACKETS = re.compile(r"[(\[（【/](.*?)[)\]）】]?$")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that the columns of one kind of file go by.

    known: a heading in lower case -> what it means. needed: the meanings that a file must have;
    masses, prices: those whose numbers carry a unit.
    """

    known: Mapping[str, str]
    needed: tuple[str, ...]
    masses: frozenset[str]
    prices: frozenset[str]

    @classmethod
    def of(
        cls, words: str, *, needed: tuple[str, ...], masses: Sequence[str], prices: Sequence[str]
    ) -> Self:
        """Return the vocabulary of lines `meaning: heading, heading`."""
        known = {
            word.strip(): line.split(":", 1)[0]
            for line in words.strip().splitlines()
            for word in line.split(":", 1)[1].split(",")
        }
        return cls(known, needed, frozenset(masses), frozenset(prices))

    def named(self, meaning: str) -> str:
        """Return the first heading of a meaning, to name it to a person."""
        return next(word for word, name in self.known.items() if name == meaning)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is used: where it stands, what it is called, its factor to kept units.

    factor: grams, or fen per tonne, in one of the column's units; 1 where it has none.
    """

    index: int
    heading: str
    factor: int = 1

    @property
    def letters(self) -> str:
        """The column's name in a spreadsheet."""
        return column_letters(self.index)


@dataclass(frozen=True, slots=True)
class Headings:
    """The row (from 1) that names the columns, what each means, and those that are not used."""

    row: int
    columns: dict[str, Column]
    unused: tuple[str, ...]


def find_headings(
    sheet: Sheet,
    vocabulary: Vocabulary,
    *,
    mass_unit: str | None = None,
    price_unit: str | None = None,
) -> Headings:
    """Return the headings, sought in the first 20 rows.

    A unit stands in the heading (毛重(kg), 单价(元/吨), Price (CNY/kg)); where it does not,
    `mass_unit` (g, kg, jin, t) and `price_unit` (t, kg, jin) are what the person said.
    Raises `HeadingsMissing` and `UnitMissing`.
    """
    best: tuple[int, dict[str, tuple[int, str]]] = (0, {})
    for position, row in enumerate(sheet.rows[:20], start=1):
        found = _named(row, vocabulary)
        if len(found) > len(best[1]):
            best = (position, found)
    missing = [vocabulary.named(name) for name in vocabulary.needed if name not in best[1]]
    if missing:
        raise HeadingsMissing(field="file", missing=", ".join(missing))
    row_number, found = best
    units = dict.fromkeys(vocabulary.masses, ("mass_unit", mass_unit, MASS_UNITS))
    units |= dict.fromkeys(vocabulary.prices, ("price_unit", price_unit, PRICE_UNITS))
    columns = {
        name: Column(
            index=index,
            heading=heading,
            factor=_factor(heading, *units[name]) if name in units else 1,
        )
        for name, (index, heading) in found.items()
    }
    used = {column.index for column in columns.values()}
    unused = tuple(
        str(cell)
        for index, cell in enumerate(sheet.rows[row_number - 1])
        if cell and index not in used
    )
    return Headings(row=row_number, columns=columns, unused=unused)


def unit_of(text: str) -> str | None:
    """Return the unit that a heading's or cell's last word names: g, kg, jin, t or None."""
    return _UNIT_WORDS.get(text.strip().lower().rsplit("/", 1)[-1].strip())


def _named(row: Sequence[Cell], vocabulary: Vocabulary) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for index, cell in enumerate(row):
        if not isinstance(cell, str):
            continue
        name = vocabulary.known.get(_bare(cell, vocabulary))
        if name is not None:
            found.setdefault(name, (index, cell))
    return found


def _folded(heading: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", heading).replace("_", " ").lower().split())


def _bare(heading: str, vocabulary: Vocabulary) -> str:
    folded = _folded(heading).removesuffix(":")
    if folded in vocabulary.known:
        return folded
    return _BRACKETS.sub("", folded).strip().rstrip(".")


def _factor(heading: str, field: str, given: str | None, units: Mapping[str, int]) -> int:
    inside = _BRACKETS.search(_folded(heading))
    unit = (unit_of(inside.group(1)) if inside else None) or given
    if unit is None or unit not in units:
        raise UnitMissing(field=field, heading=heading[:40])
    return units[unit]
