"""Index prices from a file: read cell by cell, and kept as revisions where a figure changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.sheets.columns import amount, day, moment, words
from remelt.platform.kernel.sheets.errors import CellNotANumber, CellNotATime, CellUnknownWord
from remelt.platform.kernel.sheets.tables import RowCells, Table, read_table
from remelt.platform.settlement.pricing.errors import IndexDayTwice, IndexUnitDiffers
from remelt.platform.settlement.pricing.models import MOST_E6, IndexPrice, PriceIndex
from remelt.platform.settlement.pricing.quotes import E6
from remelt.platform.settlement.pricing.units import WRITTEN

INDEX: Final = words(
    "index", "指数, 代码, 指数代码, 品种, index, code, index code", most=20, needed=True
)
DAY: Final = day("day", "日期, 交易日, 报价日, day, date, trading day", needed=True)
PRICE: Final = amount(
    "price",
    "价格, 均价, 结算价, 收盘价, 数值, price, value, average, settlement",
    factor=E6,
    limit=MOST_E6,
    needed=True,
)
UNIT: Final = words("unit", "单位, unit", most=20)
PUBLISHED: Final = moment("published", "发布时间, published, published at")
COLUMNS: Final = (INDEX, DAY, PRICE, UNIT, PUBLISHED)


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One quote of the file; row: its line, from 1."""

    row: int
    code: str
    day: date
    value_e6: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did: new days, revised days, days that said the same; the indices touched."""

    added: int
    revised: int
    known: int
    codes: tuple[str, ...]


def parse_quotes(
    content: bytes, *, filename: str, indices: Mapping[str, str], today: date
) -> Table[QuoteRow]:
    """Read a CSV or XLSX of index, day and price. indices: code -> the unit it is quoted in.

    today: the Beijing day; no quote is of a later one. Touches no database. Raises what
    `read_table` raises.
    """
    seen: set[tuple[str, date]] = set()

    def read(at: RowCells) -> QuoteRow | None:
        row = _row(at, indices=indices, today=today)
        if row is not None and (row.code, row.day) in seen:
            at.wrong(DAY, IndexDayTwice(typed=row.day.isoformat()))
        elif row is not None:
            seen.add((row.code, row.day))
        return row

    return read_table(content, filename=filename, columns=COLUMNS, read=read)


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
    code, quoted, published_at = at[INDEX].upper(), at[DAY], at[PUBLISHED]
    if code and code not in indices:
        at.wrong(INDEX, CellUnknownWord(typed=code))
    if quoted is not None and quoted > today:
        at.wrong(DAY, CellNotATime(typed=quoted.isoformat()))
    value_e6, unit = at[PRICE], at[UNIT]
    if value_e6 == 0:
        at.wrong(PRICE, CellNotANumber(typed="0"))
    if unit and code in indices and _unit(unit) != indices[code]:
        at.wrong(UNIT, IndexUnitDiffers(typed=unit, unit=indices[code]))
    if quoted is None or value_e6 is None:
        return None
    return QuoteRow(at.row, code, quoted, value_e6, published_at)


def _unit(text: str) -> str:
    unit, factor = WRITTEN.get(text, (None, None))
    return str(unit) if unit is not None and factor == 1 else text
