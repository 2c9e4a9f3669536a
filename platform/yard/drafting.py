"""Tickets as a file would make them: rows of one number priced, mistakes named by cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import Grade
from remelt.platform.kernel.errors import Invalid
from remelt.platform.kernel.sheets.errors import CellNotATime
from remelt.platform.kernel.sheets.headings import CellProblem
from remelt.platform.kernel.sheets.tables import Table
from remelt.platform.market.boards import Hangings, hangings
from remelt.platform.yard.cells import yuan
from remelt.platform.yard.errors import (
    CellAmountDiffers,
    CellTicketDiffers,
    UnknownMethod,
)
from remelt.platform.yard.filerows import FileRow
from remelt.platform.yard.pricing import LineGiven, Priced, priced
from remelt.platform.yard.weights import DeductionGiven, check_ticket

FROM_FILE: Final = "weighbridge-file"
YUAN_FEN: Final = 100


@dataclass(frozen=True, slots=True)
class DraftTicket:
    """A ticket as it would be written: its rows of the file, priced."""

    number: str
    rows: tuple[FileRow, ...]
    lines: tuple[Priced, ...]
    method: str
    rounding_fen: int

    @property
    def amount_fen(self) -> int:
        """What the file says was paid, or what the lines come to."""
        return sum(line.amount_fen for line in self.lines) + self.rounding_fen


@dataclass(frozen=True, slots=True)
class Pricer:
    """Prices the rows of one file by what was looked up once: grades and the site's board."""

    parsed: Table[FileRow]
    grades: Mapping[str, Grade | None]
    hung: Hangings
    now: datetime

    @classmethod
    def of(
        cls, session: Session, *, parsed: Table[FileRow], site_id: int, now: datetime
    ) -> "Pricer":
        """Look up what a file's rows are priced by. Three statements, whatever their number."""
        words = {row.material for row in parsed.rows}
        known = catalogue.words_of(session, words)
        return cls(
            parsed=parsed,
            grades={word: known.grade(word) for word in words},
            hung=hangings(session, site_id=site_id),
            now=now,
        )

    def draft(
        self, rows: Sequence[FileRow], *, paid_by: str | None
    ) -> tuple[DraftTicket | None, list[CellProblem]]:
        """Return the ticket that rows of one number make, or the cells that stand in the way."""
        problems: list[CellProblem] = []
        lines = [self._line(row, problems) for row in rows]
        whole = [line for line in lines if line is not None]
        method = next((row.method for row in rows if row.method), None) or paid_by
        if method is None:
            problems.append(self._problem(rows[0], "method", UnknownMethod(field="paid_by")))
        if any((row.plate, row.seller) != (rows[0].plate, rows[0].seller) for row in rows):
            problems.append(
                self._problem(rows[-1], "number", CellTicketDiffers(number=rows[0].number))
            )
        if problems or method is None or len(whole) < len(rows):
            return None, problems
        rounding_fen = sum(
            row.amount_fen - line.amount_fen
            for row, line in zip(rows, whole, strict=True)
            if row.amount_fen is not None
        )
        if abs(rounding_fen) >= YUAN_FEN:
            worked_fen = sum(line.amount_fen for line in whole)
            wrong = CellAmountDiffers(
                amount_yuan=yuan(worked_fen + rounding_fen), computed_yuan=yuan(worked_fen)
            )
            return None, [self._problem(rows[0], "amount", wrong)]
        return DraftTicket(
            number=rows[0].number,
            rows=tuple(rows),
            lines=tuple(whole),
            method=method,
            rounding_fen=rounding_fen,
        ), []

    def _line(self, row: FileRow, problems: list[CellProblem]) -> Priced | None:
        if row.at > self.now:
            problems.append(self._problem(row, "at", CellNotATime(typed=row.at.isoformat())))
            return None
        try:
            check_ticket([(row.gross_g, row.tare_g)], mode="platform")
            line = priced(_given(row), grade=self.grades[row.material], hangs=self._hangs(row.at))
        except Invalid as refusal:
            problems.append(self._problem(row, _column_of(refusal), refusal))
            return None
        if row.amount_fen is not None and abs(row.amount_fen - line.amount_fen) >= YUAN_FEN:
            wrong = CellAmountDiffers(
                amount_yuan=yuan(row.amount_fen), computed_yuan=yuan(line.amount_fen)
            )
            problems.append(self._problem(row, "amount", wrong))
            return None
        return line

    def _hangs(self, at: datetime) -> Callable[[Grade, int], int | None]:
        def hangs(grade: Grade, mass_g: int) -> int | None:
            return self.hung.price_fen_per_t(
                grade_system=grade.system, grade_code=grade.code, mass_g=mass_g,
                with_invoice=False, at=at,
            )  # fmt: skip

        return hangs

    def _problem(self, row: FileRow, name: str, refusal: Invalid) -> CellProblem:
        return self.parsed.headings.problem(name, row=row.row, refusal=refusal)


def _given(row: FileRow) -> LineGiven:
    deductions: tuple[DeductionGiven, ...] = ()
    if row.deducted_g:
        deductions += (DeductionGiven("dirt", mass_g=row.deducted_g),)
    if row.share_bp:
        deductions += (DeductionGiven("dirt", share_bp=row.share_bp),)
    return LineGiven(
        grade=row.material,
        gross_g=row.gross_g,
        tare_g=row.tare_g,
        price_fen_per_t=row.price_fen_per_t,
        reason=FROM_FILE,
        deductions=deductions,
    )


def _column_of(refusal: Invalid) -> str:
    field = (refusal.field or "").rsplit("-", 1)[-1]
    columns = {
        "grade": "material",
        "gross_kg": "gross",
        "tare_kg": "tare",
        "deduction_kg": "deduction",
        "price_yuan_per_t": "price",
    }
    return columns.get(field, "number")
