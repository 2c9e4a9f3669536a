"""Cells as people and programs write them: numbers, times, words; mistakes kept by their place."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from remelt.platform.kernel.errors import Invalid
from remelt.platform.kernel.sheets.errors import (
    CellEmpty,
    CellMerged,
    CellNotANumber,
    CellTooLong,
    CellUnknownWord,
)
from remelt.platform.kernel.sheets.headings import MASS_UNITS, Headings, unit_of
from remelt.platform.kernel.sheets.reading import Cell

PRICE_LIMIT_FEN_PER_T: Final = 100_000_000
TOTALS: Final = ("合计", "总计", "小计", "total", "sum")
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
_TIMES: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
)


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell, and where it stands (`cell`, as a spreadsheet names it)."""

    cell: str
    row: int
    heading: str
    refusal: Invalid


@dataclass(slots=True)
class RowCells:
    """The cells of one row by what their columns mean; what is wrong with them is gathered."""

    headings: Headings
    row: int
    cells: tuple[Cell, ...]
    problems: list[CellProblem] = field(default_factory=list)

    def cell(self, name: str) -> Cell:
        """Return the cell under a heading; empty where the file has no such column."""
        column = self.headings.columns.get(name)
        if column is None or column.index >= len(self.cells):
            return ""
        return self.cells[column.index]

    def lower(self, name: str) -> str:
        """Return a cell's word in lower case."""
        return tidy(self.cell(name)).lower()

    def wrong(self, name: str, refusal: Invalid) -> None:
        """Keep what is wrong with a cell; one that the file has no column for stands at the row."""
        column = self.headings.columns.get(name)
        self.problems.append(
            CellProblem(
                cell=f"{column.letters if column else ''}{self.row}",
                row=self.row,
                heading=column.heading[:40] if column else "",
                refusal=refusal,
            )
        )

    def whole(self, merged: Collection[tuple[int, int]]) -> bool:
        """Refuse cells that one above is merged over: the mass of three lots is none of one.

        merged: (row, column) as `Sheet.merged` holds them. Returns whether there are none.
        """
        for name, column in self.headings.columns.items():
            if (self.row, column.index) in merged:
                self.wrong(name, CellMerged())
        return not self.problems

    def text(self, name: str, *, most: int, needed: bool = False) -> str:
        """Return a cell's text of at most `most` characters."""
        text = tidy(self.cell(name))
        if needed and not text:
            self.wrong(name, CellEmpty())
        if len(text) > most:
            self.wrong(name, CellTooLong(most=most))
        return text

    def mass(self, name: str, *, limit: int, needed: bool = False) -> int | None:
        """Return a mass in g; a unit in the cell speaks louder than the heading's."""
        text = tidy(self.cell(name))
        if not text:
            if needed:
                self.wrong(name, CellEmpty())
            return None
        factor = self.headings.columns[name].factor
        bare = text.rstrip("kKgGsStT公千市克吨斤 ")
        said = unit_of(text[len(bare) :])
        value = read_whole(bare, factor=MASS_UNITS[said] if said else factor, limit=limit)
        if value is None:
            self.wrong(name, CellNotANumber(typed=text[:30]))
        return value

    def price(self, name: str, *, needed: bool = False) -> int | None:
        """Return a price in fen per tonne, None where the cell is empty."""
        text = tidy(self.cell(name)).lstrip("¥￥ ")
        if not text:
            if needed:
                self.wrong(name, CellEmpty())
            return None
        factor = self.headings.columns[name].factor
        value = read_whole(text, factor=factor, limit=PRICE_LIMIT_FEN_PER_T)
        if value is None:
            self.wrong(name, CellNotANumber(typed=text[:30]))
        return value

    def share(self, name: str) -> int | None:
        """Return per cent in 1/10,000; None where the cell is empty or says nought."""
        text = tidy(self.cell(name))
        if not text:
            return None
        value = read_whole(text.removesuffix("%").strip(), factor=100, limit=10_000)
        if value is None:
            self.wrong(name, CellNotANumber(typed=text[:30]))
        return value or None

    def one_of(self, name: str, words: Mapping[str, str], *, empty: str) -> str:
        """Return what a cell's word stands for; `empty` where nothing is written."""
        word = self.lower(name)
        if word and word not in words:
            self.wrong(name, CellUnknownWord(typed=word[:20]))
        return words.get(word, empty)


def read_whole(text: str, *, factor: int, limit: int) -> int | None:
    """Return the number in kept units, None for what is no plain number of whole kept units.

    >>> read_whole("12,340.5", factor=1_000, limit=10**9)
    12340500
    >>> read_whole("1_000", factor=1, limit=10**9) is read_whole("-3", factor=1, limit=9) is None
    True
    """
    if not _NUMBER.fullmatch(text) or len(text) > 30:  # noqa: PLR2004 - no scale shows more
        return None
    exact = Decimal(text.replace(",", "")) * factor
    whole = int(exact)
    return whole if whole == exact and whole <= limit else None


def read_time(text: str) -> datetime | None:
    """Return the wall-clock time of a cell: 2026-03-02 12:30, 2026/3/2 12:30:05, 2026年3月2日.

    None for anything else; no zone is attached.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    for old, new in (("年", "-"), ("月", "-"), ("日", " "), ("/", "-"), (".", "-"), ("T", " "),
                     ("时", ":"), ("分", ":"), ("秒", "")):  # fmt: skip
        plain = plain.replace(old, new)
    plain = " ".join(plain.split()).rstrip(":")
    for shape in _TIMES:
        try:
            return datetime.strptime(plain, shape)  # noqa: DTZ007 - a wall clock
        except ValueError:
            continue
    return None


def tidy(cell: Cell) -> str:
    """Return a cell as one line of text: NFKC, no control characters, white space folded."""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    kept = "".join(c for c in unicodedata.normalize("NFKC", cell) if c.isprintable() or c.isspace())
    return " ".join(kept.split())
