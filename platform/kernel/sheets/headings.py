"""The row of a file that names its columns, and the units that they carry."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.sheets.cells import Cell
from remelt.platform.kernel.sheets.columns import Column, unit_of
from remelt.platform.kernel.sheets.errors import HeadingsMissing, UnitMissing
from remelt.platform.kernel.sheets.reading import SOUGHT_ROWS, Sheet, column_letters

_BRACKETS: Final = re.compile(r"[(\[（【/](.*?)[)\]）】]?$")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell, and where it stands (`cell`, as a spreadsheet names it)."""

    cell: str
    row: int
    heading: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands, what its heading says, and its factor to kept units."""

    index: int
    heading: str
    factor: int = 1


@dataclass(frozen=True, slots=True)
class Headings:
    """The row (from 1) that names the columns, where each stands, and those that are not used."""

    row: int
    places: Mapping[str, Place]
    unused: tuple[str, ...]

    def problem(self, name: str, *, row: int, refusal: Refusal) -> CellProblem:
        """Return what is wrong with a cell by its column's name.

        Where the file has no such column, it is told by the row alone.
        """
        place = self.places.get(name)
        return CellProblem(
            cell=f"{column_letters(place.index) if place else ''}{row}",
            row=row,
            heading=place.heading[:40] if place else "",
            refusal=refusal,
        )


def find_headings(
    sheet: Sheet,
    columns: Sequence[Column[Any]],
    *,
    units: Mapping[str, str | None],
    also: Mapping[str, str],
    one_of: Sequence[Column[Any]],
) -> Headings:
    """Return the headings, sought in the first 20 rows.

    A unit stands in the heading (毛重(kg), 单价(元/吨), Price (CNY/kg)); where it does not,
    `units` holds what the person said: mass_unit (g, kg, jin, t) and price_unit (t, kg, jin).
    also: headings of this file's maker -> the columns' names; they come before the known ones.
    one_of: columns of which a file must have one.
    Raises `HeadingsMissing` and `UnitMissing`.
    """
    known = {word: column.name for column in columns for word in column.headings}
    own = {folded(heading): name for heading, name in also.items()}
    best: tuple[int, dict[str, tuple[int, str]]] = (0, {})
    for position, row in enumerate(sheet.rows[:SOUGHT_ROWS], start=1):
        found = _named(row, own)
        taken = {index for index, _heading in found.values()}
        for name, place in _named(row, known).items():
            if place[0] not in taken:
                found.setdefault(name, place)
        if len(found) > len(best[1]):
            best = (position, found)
    row_number, found = best
    missing = [each.title for each in columns if each.needed and each.name not in found]
    if one_of and not any(each.name in found for each in one_of):
        missing.append(one_of[0].title)
    if missing:
        raise HeadingsMissing(field="file", missing=", ".join(missing))
    places = {
        each.name: Place(*found[each.name], factor=_factor(found[each.name][1], each, units))
        for each in columns
        if each.name in found
    }
    used = {place.index for place in places.values()}
    unused = tuple(
        str(cell)
        for index, cell in enumerate(sheet.rows[row_number - 1])
        if cell and index not in used
    )
    return Headings(row=row_number, places=places, unused=unused)


def folded(heading: str) -> str:
    """Return a heading as it is compared: NFKC, lower case, one space, no colon at its end."""
    plain = unicodedata.normalize("NFKC", heading).replace("_", " ").lower()
    return " ".join(plain.split()).removesuffix(":")


def _named(row: Sequence[Cell], known: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for index, cell in enumerate(row):
        if not isinstance(cell, str):
            continue
        whole = folded(cell)
        name = known.get(whole) or known.get(_BRACKETS.sub("", whole).strip().rstrip("."))
        if name is not None:
            found.setdefault(name, (index, cell))
    return found


def _factor(heading: str, column: Column[Any], said: Mapping[str, str | None]) -> int:
    if column.units is None:
        return 1
    inside = _BRACKETS.search(folded(heading))
    unit = (unit_of(inside.group(1)) if inside else None) or said.get(column.units.said_by)
    if unit is None or unit not in column.units.factors:
        raise UnitMissing(field=column.units.said_by, heading=heading[:40])
    return column.units.factors[unit]
