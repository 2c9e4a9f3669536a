"""The indices that are kept: adding one, marking days of a calendar, reading them for a price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.settlement.pricing.errors import IndexKnown, NoSuchIndex
from remelt.platform.settlement.pricing.models import IndexPrice, PriceIndex, TradingDay
from remelt.platform.settlement.pricing.periods import Calendar
from remelt.platform.settlement.pricing.quotes import Index, Quoted
from remelt.platform.settlement.pricing.units import UNITS, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDraft:
    """What an index is called, who publishes it, in which unit and on which calendar."""

    code: str
    name_zh: str
    source: str
    unit: str
    calendar: str
    name_en: str = ""
    vat_rate_bp: int = 0


def add_index(session: Session, draft: IndexDraft, *, clock: Clock, person_id: int) -> PriceIndex:
    """Keep a new index. Raises `IndexKnown`."""
    code = draft.code.upper()
    if session.exec(select(PriceIndex.id).where(PriceIndex.code == code)).first() is not None:
        raise IndexKnown(field="code", typed=code)
    row = PriceIndex(
        code=code, name_zh=draft.name_zh, name_en=draft.name_en, source=draft.source,
        unit=draft.unit, calendar=draft.calendar.upper(), vat_rate_bp=draft.vat_rate_bp,
        added_at=clock.now(session), person_id=person_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def mark_day(
    session: Session, *, clock: Clock, person_id: int, calendar: str, day: date, trades: bool,
    name: str = "",
) -> TradingDay:  # fmt: skip
    """Say whether a calendar trades on a day, whatever its weekday; the last word counts."""
    name_of = calendar.upper()
    last = session.exec(
        select(func.max(TradingDay.revision)).where(
            TradingDay.calendar == name_of, TradingDay.day == day
        )
    ).one()
    row = TradingDay(
        calendar=name_of, day=day, revision=(last or 0) + 1, trades=trades, name=name[:60],
        set_at=clock.now(session), person_id=person_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def units(session: Session) -> dict[str, Unit]:
    """Return the unit of every index by code, as formulas are judged by."""
    rows = session.exec(select(PriceIndex.code, PriceIndex.unit))
    return {code: UNITS[unit] for code, unit in rows}


def index(session: Session, *, code: str) -> PriceIndex:
    """Return an index. Raises `NoSuchIndex`."""
    found = session.exec(select(PriceIndex).where(PriceIndex.code == code.upper())).one_or_none()
    if found is None:
        raise NoSuchIndex(index=code[:20])
    return found


def load_book(session: Session, *, codes: Iterable[str], since: date) -> dict[str, Index]:
    """Return indices with the newest revision of each day from `since` on, and their calendars."""
    rows = session.exec(select(PriceIndex).where(col(PriceIndex.code).in_(sorted(codes)))).all()
    quotes = _quotes(session, ids=[row.key for row in rows], since=since)
    calendars = load_calendars(session, names={row.calendar for row in rows})
    return {
        row.code: Index(
            code=row.code,
            unit_text=row.unit,
            source=row.source,
            calendar=calendars[row.calendar],
            quotes=quotes.get(row.key, {}),
        )
        for row in rows
    }


def load_calendars(session: Session, *, names: Iterable[str]) -> dict[str, Calendar]:
    """Return calendars by name; one that nobody marked a day of has its weekdays."""
    asked = sorted(set(names))
    rows = session.exec(
        select(TradingDay)
        .where(col(TradingDay.calendar).in_(asked))
        .order_by(col(TradingDay.revision))
    )
    said: dict[str, dict[date, bool]] = {name: {} for name in asked}
    for row in rows:
        said[row.calendar][row.day] = row.trades
    return {name: _calendar(days) for name, days in said.items()}


def _calendar(days: Mapping[date, bool]) -> Calendar:
    return Calendar(
        closed=frozenset(day for day, trades in days.items() if not trades),
        opened=frozenset(day for day, trades in days.items() if trades),
    )


def _quotes(session: Session, *, ids: list[int], since: date) -> dict[int, dict[date, Quoted]]:
    rows = session.exec(
        select(IndexPrice)
        .where(col(IndexPrice.index_id).in_(ids), IndexPrice.day >= since)
        .order_by(col(IndexPrice.revision))
    )
    found: dict[int, dict[date, Quoted]] = {}
    for row in rows:
        quoted = Quoted(row.day, row.value_e6, row.revision)
        found.setdefault(row.index_id, {})[row.day] = quoted
    return found
