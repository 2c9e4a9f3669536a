"""Rows of a weighbridge program's file, cell by cell: each mistake is named by its cell."""

import hashlib
import json
from dataclasses import astuple, dataclass
from datetime import UTC, datetime

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.sheets.cells import (
    TOTALS,
    CellProblem,
    RowCells,
    read_time,
    read_whole,
    tidy,
)
from remelt.platform.kernel.sheets.errors import (
    CellEmpty,
    CellNotANumber,
    CellNotATime,
    CellUnknownWord,
)
from remelt.platform.kernel.sheets.headings import Headings, find_headings
from remelt.platform.kernel.sheets.reading import read_sheet
from remelt.platform.yard.cells import AMOUNT_LIMIT_FEN, INCOMING, METHOD_WORDS, OUTGOING, kg
from remelt.platform.yard.errors import CellNetDiffers
from remelt.platform.yard.headings import VOCABULARY
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
    headings = find_headings(sheet, VOCABULARY, mass_unit=mass_unit, price_unit=price_unit)
    rows: list[FileRow] = []
    problems: list[CellProblem] = []
    left_out: list[LeftOut] = []
    for number, cells in enumerate(sheet.rows[headings.row :], start=headings.row + 1):
        if not any(cells):
            continue
        reader = _Reader(RowCells(headings=headings, row=number, cells=cells))
        why = reader.left_out()
        if why is not None:
            left_out.append(LeftOut(row=number, why=why))
            continue
        row = reader.read() if reader.cells.whole(sheet.merged) else None
        problems += reader.cells.problems
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
    """Reads the cells of one weighing."""

    cells: RowCells

    def left_out(self) -> str | None:
        first = next((cell for cell in self.cells.cells if cell), "")
        if isinstance(first, str) and first.lower().startswith(TOTALS):
            return "total"
        return "outgoing" if self.cells.lower("direction") in OUTGOING else None

    def read(self) -> FileRow | None:
        text = self.cells.text
        number = text("number", most=40, needed=True)
        at = self._time()
        material = text("material", most=200, needed=True)
        gross_g, tare_g = self._mass("gross", needed=True), self._mass("tare", needed=True)
        share_bp = self.cells.share("deduction_share")
        deducted_g = self._deducted(gross_g, tare_g, share_bp)
        price, amount = self.cells.price("price"), self._amount()
        direction = self.cells.lower("direction")
        if direction not in INCOMING:
            self.cells.wrong("direction", CellUnknownWord(typed=direction[:20]))
        method = self.cells.one_of("method", METHOD_WORDS, empty="") or None
        plate, phone = text("plate", most=12), text("phone", most=21)
        seller, note = text("seller", most=60), text("note", most=200)
        if self.cells.problems or at is None or gross_g is None or tare_g is None:
            return None
        return FileRow(
            row=self.cells.row, number=number, at=at, plate=plate, material=material,
            gross_g=gross_g, tare_g=tare_g, deducted_g=deducted_g, share_bp=share_bp,
            price_fen_per_t=price, amount_fen=amount, method=method,
            seller=seller, phone=phone, note=note,
        )  # fmt: skip

    def _mass(self, name: str, *, needed: bool = False) -> int | None:
        return self.cells.mass(name, limit=SCALE_LIMIT_G, needed=needed)

    def _time(self) -> datetime | None:
        cell = self.cells.cell("at")
        if not cell:
            self.cells.wrong("at", CellEmpty())
            return None
        moment = cell if isinstance(cell, datetime) else read_time(cell)
        if moment is None or not 2000 <= moment.year < 2100:  # noqa: PLR2004 - a century of scales
            self.cells.wrong("at", CellNotATime(typed=str(cell)[:30]))
            return None
        return moment.replace(tzinfo=BEIJING, microsecond=0).astimezone(UTC)

    def _deducted(
        self, gross_g: int | None, tare_g: int | None, share_bp: int | None
    ) -> int | None:
        given, payable_g = self._mass("deduction"), self._mass("payable")
        net_g = self._mass("net")
        if gross_g is None or tare_g is None:
            return None
        if tare_g >= gross_g:
            self._differs("tare", gross_g - tare_g)
            return None
        weighed_g = gross_g - tare_g
        if net_g is not None and net_g != weighed_g:
            self._differs("net", weighed_g)
        if payable_g is None or share_bp is not None:
            return self._fits(given, weighed_g)
        if given is not None and given != weighed_g - payable_g:
            self._differs("payable", weighed_g - given)
        if payable_g > weighed_g:
            self._differs("payable", weighed_g)
        return (weighed_g - payable_g) or None

    def _fits(self, given: int | None, weighed_g: int) -> int | None:
        if given is not None and given > weighed_g:
            self._differs("deduction", weighed_g)
        return given or None

    def _differs(self, name: str, net_g: int) -> None:
        self.cells.wrong(name, CellNetDiffers(net_kg=kg(net_g)))

    def _amount(self) -> int | None:
        text = tidy(self.cells.cell("amount")).lstrip("¥￥ ").removesuffix("元").strip()
        if not text:
            return None
        value = read_whole(text, factor=100, limit=AMOUNT_LIMIT_FEN)
        if value is None:
            self.cells.wrong("amount", CellNotANumber(typed=text[:30]))
        return value
