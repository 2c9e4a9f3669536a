"""The indices that are kept and what they said, as pages read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from remelt.platform.settlement.pricing.indices import index
from remelt.platform.settlement.pricing.models import IndexPrice, PriceIndex, TradingDay


@dataclass(frozen=True, slots=True)
class IndexLine:
    """An index with the last quote that stands, where it has one."""

    index: PriceIndex
    last: IndexPrice | None


def index_lines(session: Session) -> list[IndexLine]:
    """Return every index with its last quote, by code."""
    latest = (
        select(col(IndexPrice.index_id), func.max(col(IndexPrice.day)).label("day"))
        .group_by(col(IndexPrice.index_id))
        .subquery()
    )
    rows = session.exec(
        select(IndexPrice)
        .join(
            latest,
            (col(IndexPrice.index_id) == latest.c.index_id) & (col(IndexPrice.day) == latest.c.day),
        )
        .order_by(col(IndexPrice.revision))
    )
    last = {row.index_id: row for row in rows}
    found = session.exec(select(PriceIndex).order_by(col(PriceIndex.code)))
    return [IndexLine(row, last.get(row.key)) for row in found]


@dataclass(frozen=True, slots=True)
class IndexPage:
    """An index with its quotes, every revision of them, the latest day first."""

    index: PriceIndex
    quotes: tuple[IndexPrice, ...]
    days: tuple[TradingDay, ...]

    @property
    def standing(self) -> frozenset[int]:
        """The ids of the quotes that stand."""
        newest: dict[date, int] = {}
        for row in sorted(self.quotes, key=lambda row: row.revision):
            newest[row.day] = row.key
        return frozenset(newest.values())


def index_page(
    session: Session, *, code: str, until: date = date.max, limit: int = 300
) -> IndexPage:
    """Return an index with its newest quotes up to a day. Raises `NoSuchIndex`."""
    row = index(session, code=code)
    quotes: Sequence[IndexPrice] = session.exec(
        select(IndexPrice)
        .where(IndexPrice.index_id == row.key, IndexPrice.day <= until)
        .order_by(col(IndexPrice.day).desc(), col(IndexPrice.revision).desc())
        .limit(limit)
    ).all()
    days = session.exec(
        select(TradingDay)
        .where(TradingDay.calendar == row.calendar)
        .order_by(col(TradingDay.day).desc(), col(TradingDay.revision).desc())
        .limit(limit)
    ).all()
    return IndexPage(row, tuple(quotes), tuple(days))
