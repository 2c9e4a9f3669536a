"""The one reader of files from outside: a room declares its columns and reads row by row.

NUMBER = words("number", "编号, no", most=40)
MASS = mass("mass", "重量, weight", limit=10**9, needed=True)

def lot(at: RowCells) -> Lot | None:
    mass_g = at[MASS]
    return None if mass_g is None else Lot(row=at.row, number=at[NUMBER], mass_g=mass_g)

table = read_table(content, filename="lots.csv", columns=(NUMBER, MASS), read=lot)
stop_at(table.problems)
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from remelt.platform.kernel.errors import Invalid, Refusal
from remelt.platform.kernel.sheets.cells import Cell, says_total, tidy
from remelt.platform.kernel.sheets.columns import Column, Value
from remelt.platform.kernel.sheets.errors import CellEmpty, CellMerged, ImportHasErrors, TooManyRows
from remelt.platform.kernel.sheets.headings import CellProblem, Headings, find_headings
from remelt.platform.kernel.sheets.reading import ROWS_LIMIT, read_sheet

Row = TypeVar("Row")


@dataclass(slots=True)
class RowCells:
    """The cells of one row by their columns; what is wrong with them is gathered."""

    headings: Headings
    row: int
    cells: tuple[Cell, ...]
    problems: list[CellProblem] = field(default_factory=list)

    def __contains__(self, column: Column[Any]) -> bool:
        """Tell whether the file has the column."""
        return column.name in self.headings.places

    def __getitem__(self, column: Column[Value]) -> Value:
        """Return what a cell says; what an empty one says where it is empty, missing or wrong."""
        text = self.text(column)
        if not text:
            if column.filled:
                self.wrong(column, CellEmpty())
            return column.empty
        try:
            return column.read(text, self.headings.places[column.name].factor)
        except Invalid as refusal:
            self.wrong(column, refusal)
            return column.empty

    def text(self, column: Column[Any]) -> str:
        """Return a cell as one line of text, whatever it says."""
        place = self.headings.places.get(column.name)
        if place is None or place.index >= len(self.cells):
            return ""
        return tidy(self.cells[place.index])

    def wrong(self, column: Column[Any], refusal: Refusal) -> None:
        """Keep what is wrong with a cell; one that the file has no column for stands at the row."""
        self.problems.append(self.headings.problem(column.name, row=self.row, refusal=refusal))

    def whole(self, merged: Collection[tuple[int, int]]) -> bool:
        """Refuse cells that one above is merged over: the mass of three lots is none of one.

        merged: (row, column) as `Sheet.merged` holds them. Returns whether there are none.
        """
        for name, place in self.headings.places.items():
            if (self.row, place.index) in merged:
                self.problems.append(
                    self.headings.problem(name, row=self.row, refusal=CellMerged())
                )
        return not self.problems


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is none of those meant: `why` is `total`, or what the room says."""

    row: int
    why: str


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """What a file says, row by row; rows with cells to mend stand in `problems` alone."""

    filename: str
    sha256: str
    rows: tuple[Row, ...]
    problems: tuple[CellProblem, ...]
    left_out: tuple[LeftOut, ...]
    headings: Headings

    @property
    def unused(self) -> tuple[str, ...]:
        """Headings of columns that nothing is made of."""
        return self.headings.unused


def read_table(
    content: bytes,
    *,
    filename: str,
    columns: Sequence[Column[Any]],
    read: Callable[[RowCells], Row | None],
    skip: Callable[[RowCells], str | None] = lambda _at: None,
    units: Mapping[str, str | None] | None = None,
    also: Mapping[str, str] | None = None,
    one_of: Sequence[Column[Any]] = (),
) -> Table[Row]:
    """Read a CSV or XLSX; touches no database.

    read: makes one row; None, or a cell found wrong, and it is left to the problems. skip: why a
    row is none of those meant, None for those that are; rows of sums are skipped at once.
    units: what a person says the unit is where no heading does, mass_unit and price_unit.
    also: headings of this file's maker -> the names of columns. one_of: columns of which a file
    must have one.
    Mistakes in cells are gathered; a file that cannot be read at all raises `FileUnreadable`,
    `FileTooLarge`, `TooManyRows` (beyond 5,000 of those meant), `HeadingsMissing` or `UnitMissing`.
    """
    sheet = read_sheet(content, filename=filename)
    headings = find_headings(sheet, columns, units=units or {}, also=also or {}, one_of=one_of)
    rows: list[Row] = []
    problems: list[CellProblem] = []
    left_out: list[LeftOut] = []
    meant = 0
    for number, cells in enumerate(sheet.rows[headings.row :], start=headings.row + 1):
        if not any(cells):
            continue
        at = RowCells(headings=headings, row=number, cells=cells)
        why = "total" if says_total(next(cell for cell in cells if cell)) else skip(at)
        if why is not None:
            left_out.append(LeftOut(row=number, why=why))
            continue
        meant += 1
        if meant > ROWS_LIMIT:
            raise TooManyRows(field="file", limit_rows=ROWS_LIMIT)
        row = read(at) if at.whole(sheet.merged) else None
        problems += at.problems
        if row is not None and not at.problems:
            rows.append(row)
    return Table(
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        rows=tuple(rows),
        problems=tuple(problems),
        left_out=tuple(left_out),
        headings=headings,
    )


def stop_at(problems: Sequence[CellProblem]) -> None:
    """Take nothing in while cells are to be mended. Raises `ImportHasErrors`, naming the first."""
    if problems:
        first = problems[0]
        raise ImportHasErrors(
            field="file", count=len(problems), cell=first.cell, first=first.refusal.code
        )
