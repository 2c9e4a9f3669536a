"""Index prices from a file: read cell by cell, and kept as revisions where a figure changed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import BEIJING, Clock
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
from remelt.platform.kernel.sheets.headings import Vocabulary, find_headings
from remelt.platform.kernel.sheets.reading import read_sheet
from remelt.platform.settlement.pricing.errors import IndexDayTwice, IndexUnitDiffers
from remelt.platform.settlement.pricing.models import MOST_E6, IndexPrice, PriceIndex
from remelt.platform.settlement.pricing.quotes import E6
from remelt.platform.settlement.pricing.units import WRITTEN

VOCABULARY: Final = Vocabulary.of(
    """
index: 指数, 代码, 指数代码, 品种, index, code, index code
day: 日期, 交易日, 报价日, day, date, trading day
price: 价格, 均价, 结算价, 收盘价, 数值, price, value, average, settlement
unit: 单位, unit
published: 发布时间, published, published at
""",
    needed=("index", "day", "price"),
    masses=(),
    prices=(),
)


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One quote of the file; row: its line, from 1."""

    row: int
    code: str
    day: date
    value_e6: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class QuoteFile:
    """What a file of quotes says; cells to mend stand in `problems`."""

    filename: str
    sha256: str
    rows: tuple[QuoteRow, ...]
    problems: tuple[CellProblem, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did: new days, revised days, days that said the same; the indices touched."""

    added: int
    revised: int
    known: int
    codes: tuple[str, ...]


def parse_quotes(
    content: bytes, *, filename: str, indices: Mapping[str, str], today: date
) -> QuoteFile:
    """Read a CSV or XLSX of index, day and price. indices: code -> the unit it is quoted in.

    today: the Beijing day; no quote is of a later one. Touches no database. Mistakes are gathered
    by cell; a file that cannot be read at all raises `FileUnreadable`, `FileTooLarge` or
    `HeadingsMissing`.
    """
    sheet = read_sheet(content, filename=filename)
    headings = find_headings(sheet, VOCABULARY)
    rows: list[QuoteRow] = []
    problems: list[CellProblem] = []
    seen: set[tuple[str, date]] = set()
    for number, cells in enumerate(sheet.rows[headings.row :], start=headings.row + 1):
        if not any(cells) or str(cells[0]).lower().startswith(TOTALS):
            continue
        at = RowCells(headings=headings, row=number, cells=cells)
        row = _row(at, indices=indices, today=today)
        if row is not None and (row.code, row.day) in seen:
            at.wrong("day", IndexDayTwice(typed=row.day.isoformat()))
        problems += at.problems
        if row is not None:
            seen.add((row.code, row.day))
            rows.append(row)
    return QuoteFile(
        filename=filename[:200], sha256=hashlib.sha256(content).hexdigest(), rows=tuple(rows),
        problems=tuple(problems),
    )  # fmt: skip


def import_quotes(
    session: Session, *, clock: Clock, person_id: int, rows: Sequence[QuoteRow], sha256: str
) -> Taken:
    """Keep the quotes of a checked file: a changed figure is the next revision of its day."""
    now = clock.now(session)
    codes = sorted({row.code for row in rows})
    found = session.exec(
        select(PriceIndex).where(col(PriceIndex.code).in_(codes)).with_for_update()
    )
    ids = {row.code: row.key for row in found}
    standing = _standing(session, ids=list(ids.values()), days={row.day for row in rows})
    added = revised = 0
    for row in rows:
        revision, value_e6 = standing.get((ids[row.code], row.day), (0, None))
        if value_e6 == row.value_e6:
            continue
        session.add(
            IndexPrice(
                index_id=ids[row.code], day=row.day, revision=revision + 1,
                value_e6=row.value_e6, published_at=row.published_at, imported_at=now,
                file_sha256=sha256, person_id=person_id,
            )
        )  # fmt: skip
        added, revised = (added + (not revision), revised + bool(revision))
    session.flush()
    return Taken(added, revised, len(rows) - added - revised, tuple(codes))


def _standing(
    session: Session, *, ids: list[int], days: set[date]
) -> dict[tuple[int, date], tuple[int, int]]:
    """Return revision and figure that stand for each index and day."""
    first, last = min(days, default=date.max), max(days, default=date.min)
    newest = (
        select(
            col(IndexPrice.index_id),
            col(IndexPrice.day),
            func.max(col(IndexPrice.revision)).label("revision"),
        )
        .where(col(IndexPrice.index_id).in_(ids), col(IndexPrice.day).between(first, last))
        .group_by(col(IndexPrice.index_id), col(IndexPrice.day))
        .subquery()
    )
    rows = session.exec(
        select(IndexPrice).join(
            newest,
            (col(IndexPrice.index_id) == newest.c.index_id)
            & (col(IndexPrice.day) == newest.c.day)
            & (col(IndexPrice.revision) == newest.c.revision),
        )
    )
    return {(row.index_id, row.day): (row.revision, row.value_e6) for row in rows}


def _row(at: RowCells, *, indices: Mapping[str, str], today: date) -> QuoteRow | None:
    code = at.text("index", most=20, needed=True).upper()
    if code and code not in indices:
        at.wrong("index", CellUnknownWord(typed=code))
    day, published = _time(at, "day"), _time(at, "published")
    if not at.cell("day"):
        at.wrong("day", CellEmpty())
    if day is not None and day.date() > today:
        at.wrong("day", CellNotATime(typed=day.date().isoformat()))
    value = _value(at)
    unit = tidy(at.cell("unit"))
    if unit and code in indices and _unit(unit) != indices[code]:
        at.wrong("unit", IndexUnitDiffers(typed=unit[:20], unit=indices[code]))
    if at.problems or day is None or value is None:
        return None
    published_at = None if published is None else published.replace(tzinfo=BEIJING).astimezone(UTC)
    return QuoteRow(at.row, code, day.date(), value, published_at)


def _value(at: RowCells) -> int | None:
    text = tidy(at.cell("price")).lstrip("¥￥$ ")
    value = read_whole(text, factor=E6, limit=MOST_E6) if text else None
    if not value:
        at.wrong("price", CellNotANumber(typed=text[:30]) if text else CellEmpty())
    return value


def _time(at: RowCells, name: str) -> datetime | None:
    cell = at.cell(name)
    if not cell:
        return None
    moment = cell if isinstance(cell, datetime) else read_time(cell)
    if moment is None or not 2000 <= moment.year < 2100:  # noqa: PLR2004 - a century of quotes
        at.wrong(name, CellNotATime(typed=str(cell)[:30]))
        return None
    return moment


def _unit(text: str) -> str:
    unit, factor = WRITTEN.get(text, (None, None))
    return str(unit) if unit is not None and factor == 1 else text
