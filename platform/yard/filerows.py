"""Rows of a weighbridge program's file, cell by cell: each mistake is named by its cell."""

import hashlib
import json
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.errors import Invalid
from remelt.platform.yard.cells import (
    AMOUNT_LIMIT_FEN,
    INCOMING,
    METHOD_WORDS,
    OUTGOING,
    PRICE_LIMIT_FEN_PER_T,
    TOTALS,
    kg,
    read_time,
    read_whole,
    tidy,
)
from remelt.platform.yard.errors import (
    CellEmpty,
    CellNetDiffers,
    CellNotANumber,
    CellNotATime,
    CellTooLong,
    CellUnknownWord,
)
from remelt.platform.yard.headings import MASS_UNITS as UNITS
from remelt.platform.yard.headings import Headings, find_headings, unit_of
from remelt.platform.yard.sheets import Cell, read_sheet
from remelt.platform.yard.weights import SCALE_LIMIT_G


@dataclass(frozen=True, slots=True)
class FileRow:
    """One weighing of the file in kept units. Price, amount and method are None where not said.

    row: its line in the file, from 1. at: aware UTC; the file speaks Beijing time.
    occurrence: which of the rows that say the same, from 1; twins on one ticket are two.
    """

    row: int
    number: str
    at: datetime
    plate: str
    material: str
    gross_g: int
    tare_g: int
    deducted_g: int | None
    share_bp: int | None
    price_fen_per_t: int | None
    amount_fen: int | None
    method: str | None
    seller: str
    phone: str
    note: str
    occurrence: int = 1

    @property
    def sha256(self) -> str:
        """The hash of what the row says, wherever it stands and however it is written."""
        said = [str(each) for each in astuple(self)[1:]]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell, and where it stands (`cell`, as a spreadsheet names it)."""

    cell: str
    row: int
    heading: str
    refusal: Invalid


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is no purchase: `why` is `outgoing` or `total`."""

    row: int
    why: str


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What a file says. `unused` names the columns that nothing is made of."""

    filename: str
    sha256: str
    rows: tuple[FileRow, ...]
    problems: tuple[CellProblem, ...]
    left_out: tuple[LeftOut, ...]
    headings: Headings

    @property
    def unused(self) -> tuple[str, ...]:
        """Columns of the file that nothing is made of."""
        return self.headings.unused


def parse(
    content: bytes,
    *,
    filename: str,
    mass_unit: str | None = None,
    price_unit: str | None = None,
) -> ParsedFile:
    """Read a CSV or XLSX of weighings; touches no database.

    Masses may be in kg, t, 斤 (0.5 kg) or g and prices in yuan per t, kg or 斤, as the heading
    or the cell says; `mass_unit` and `price_unit` speak for headings without a unit.
    Mistakes in cells are gathered; a file that cannot be read at all raises `FileUnreadable`,
    `FileTooLarge`, `HeadingsMissing` or `UnitMissing`.
    """
    sheet = read_sheet(content, filename=filename)
    headings = find_headings(sheet, mass_unit=mass_unit, price_unit=price_unit)
    rows: list[FileRow] = []
    problems: list[CellProblem] = []
    left_out: list[LeftOut] = []
    for number, cells in enumerate(sheet.rows[headings.row :], start=headings.row + 1):
        if not any(cells):
            continue
        reader = _Reader(headings=headings, row=number, cells=cells)
        why = reader.left_out()
        if why is not None:
            left_out.append(LeftOut(row=number, why=why))
            continue
        row = reader.read()
        problems += reader.problems
        if row is not None:
            rows.append(row)
    return ParsedFile(
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        rows=tuple(rows),
        problems=tuple(problems),
        left_out=tuple(left_out),
        headings=headings,
    )


@dataclass(slots=True)
class _Reader:
    """Reads the cells of one row and keeps what is wrong with them."""

    headings: Headings
    row: int
    cells: tuple[Cell, ...]
    problems: list[CellProblem] = field(default_factory=list)

    def left_out(self) -> str | None:
        first = next((cell for cell in self.cells if cell), "")
        if isinstance(first, str) and first.lower().startswith(TOTALS):
            return "total"
        return "outgoing" if self._word("direction") in OUTGOING else None

    def read(self) -> FileRow | None:
        number = self._text("number", most=40, needed=True)
        at = self._time()
        material = self._text("material", most=200, needed=True)
        gross_g, tare_g = self._mass("gross", needed=True), self._mass("tare", needed=True)
        share_bp = self._share()
        deducted_g = self._deducted(gross_g, tare_g, share_bp)
        price, amount = self._price(), self._amount()
        if self._word("direction") not in INCOMING:
            self._problem("direction", CellUnknownWord(typed=self._word("direction")[:20]))
        method = self._method()
        plate, phone = self._text("plate", most=12), self._text("phone", most=21)
        seller, note = self._text("seller", most=60), self._text("note", most=200)
        if self.problems or at is None or gross_g is None or tare_g is None:
            return None
        return FileRow(
            row=self.row, number=number, at=at, plate=plate, material=material,
            gross_g=gross_g, tare_g=tare_g, deducted_g=deducted_g, share_bp=share_bp,
            price_fen_per_t=price, amount_fen=amount, method=method,
            seller=seller, phone=phone, note=note,
        )  # fmt: skip

    def _cell(self, name: str) -> Cell:
        column = self.headings.columns.get(name)
        if column is None or column.index >= len(self.cells):
            return ""
        return self.cells[column.index]

    def _word(self, name: str) -> str:
        return tidy(self._cell(name)).lower()

    def _problem(self, name: str, refusal: Invalid) -> None:
        column = self.headings.columns[name]
        self.problems.append(
            CellProblem(
                cell=f"{column.letters}{self.row}",
                row=self.row,
                heading=column.heading[:40],
                refusal=refusal,
            )
        )

    def _text(self, name: str, *, most: int, needed: bool = False) -> str:
        text = tidy(self._cell(name))
        if needed and not text:
            self._problem(name, CellEmpty())
        if len(text) > most:
            self._problem(name, CellTooLong(most=most))
        return text

    def _time(self) -> datetime | None:
        cell = self._cell("at")
        if not cell:
            self._problem("at", CellEmpty())
            return None
        moment = cell if isinstance(cell, datetime) else read_time(cell)
        if moment is None or not 2000 <= moment.year < 2100:  # noqa: PLR2004 - a century of scales
            self._problem("at", CellNotATime(typed=str(cell)[:30]))
            return None
        return moment.replace(tzinfo=BEIJING, microsecond=0).astimezone(UTC)

    def _mass(self, name: str, *, needed: bool = False) -> int | None:
        text = tidy(self._cell(name))
        if not text:
            if needed:
                self._problem(name, CellEmpty())
            return None
        factor = self.headings.columns[name].factor
        bare = text.rstrip("kKgGsStT公千市克吨斤 ")
        said = unit_of(text[len(bare) :])
        value = read_whole(bare, factor=UNITS[said] if said else factor, limit=SCALE_LIMIT_G)
        if value is None:
            self._problem(name, CellNotANumber(typed=text[:30]))
        return value

    def _share(self) -> int | None:
        text = tidy(self._cell("deduction_share"))
        if not text:
            return None
        value = read_whole(text.removesuffix("%").strip(), factor=100, limit=10_000)
        if value is None:
            self._problem("deduction_share", CellNotANumber(typed=text[:30]))
        return value or None

    def _deducted(
        self, gross_g: int | None, tare_g: int | None, share_bp: int | None
    ) -> int | None:
        given, payable_g = self._mass("deduction"), self._mass("payable")
        net_g = self._mass("net")
        if gross_g is None or tare_g is None:
            return None
        if tare_g >= gross_g:
            self._problem("tare", CellNetDiffers(net_kg=kg(gross_g - tare_g)))
            return None
        weighed_g = gross_g - tare_g
        if net_g is not None and net_g != weighed_g:
            self._problem("net", CellNetDiffers(net_kg=kg(weighed_g)))
        if payable_g is None or share_bp is not None:
            return self._fits(given, weighed_g)
        if given is not None and given != weighed_g - payable_g:
            self._problem("payable", CellNetDiffers(net_kg=kg(weighed_g - given)))
        if payable_g > weighed_g:
            self._problem("payable", CellNetDiffers(net_kg=kg(weighed_g)))
        return (weighed_g - payable_g) or None

    def _fits(self, given: int | None, weighed_g: int) -> int | None:
        if given is not None and given > weighed_g:
            self._problem("deduction", CellNetDiffers(net_kg=kg(weighed_g)))
        return given or None

    def _price(self) -> int | None:
        text = tidy(self._cell("price")).lstrip("¥￥ ")
        if not text:
            return None
        factor = self.headings.columns["price"].factor
        value = read_whole(text, factor=factor, limit=PRICE_LIMIT_FEN_PER_T)
        if value is None:
            self._problem("price", CellNotANumber(typed=text[:30]))
        return value

    def _amount(self) -> int | None:
        text = tidy(self._cell("amount")).lstrip("¥￥ ").removesuffix("元").strip()
        if not text:
            return None
        value = read_whole(text, factor=100, limit=AMOUNT_LIMIT_FEN)
        if value is None:
            self._problem("amount", CellNotANumber(typed=text[:30]))
        return value

    def _method(self) -> str | None:
        word = self._word("method")
        if not word:
            return None
        if word not in METHOD_WORDS:
            self._problem("method", CellUnknownWord(typed=word[:20]))
            return None
        return METHOD_WORDS[word]
