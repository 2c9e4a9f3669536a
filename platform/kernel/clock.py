"""Clocks. An action that decides by time takes its lock first, then asks the clock."""

import re
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, select

BEIJING = ZoneInfo("Asia/Shanghai")
_MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])", re.ASCII)


class DatabaseTime(FunctionElement[datetime]):
    """The database's clock, as a column of any statement; NULL on SQLite, which has none."""

    type = DateTime(timezone=True)
    name = "told_at"
    inherit_cache = True


@compiles(DatabaseTime)
def _null(*_args: Any, **_options: Any) -> str:
    return "NULL"


@compiles(DatabaseTime, "postgresql")
def _ticking(*_args: Any, **_options: Any) -> str:
    return "clock_timestamp()"


_ASKED = select(DatabaseTime())


class Clock(Protocol):
    """Tells aware UTC time, as seen by the transaction that asks."""

    def now(self, session: Session, *, told: datetime | None = None) -> datetime:
        """Return the time of this statement, after every lock the session holds.

        told: what `DatabaseTime` said in a statement that began after every lock, where one was
        asked for it already.
        """


class SystemClock:
    """The database's own clock where it is shared by machines, else the process's."""

    def now(self, session: Session, *, told: datetime | None = None) -> datetime:
        """Return `clock_timestamp()` on PostgreSQL, the process clock under SQLite's write lock."""
        if told is not None:
            return told.astimezone(UTC)
        if session.get_bind().dialect.name == "postgresql":
            moment: datetime = session.connection().execute(_ASKED).scalar_one()
            return moment.astimezone(UTC)
        return datetime.now(UTC)


class Stopped:
    """One moment, asked of a clock after the locks, for all that one action does at once."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(
        self,
        session: Session | None = None,  # noqa: ARG002 - the protocol's
        *,
        told: datetime | None = None,  # noqa: ARG002
    ) -> datetime:
        """Return that moment."""
        return self._moment


class SimulatedClock:
    """A clock that tests and the demo week wind by hand."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = Lock()

    def now(
        self,
        session: Session | None = None,  # noqa: ARG002 - the protocol's
        *,
        told: datetime | None = None,  # noqa: ARG002
    ) -> datetime:
        """Return the wound time."""
        return self._now

    def advance(self, **units: float) -> datetime:
        """Wind forward by `timedelta(**units)`; never backwards."""
        step = timedelta(**units)
        if step < timedelta(0):
            raise ValueError("a clock does not run backwards")
        with self._lock:
            self._now += step
            return self._now

    def set(self, moment: datetime) -> datetime:
        """Wind forward to `moment`."""
        return self.advance(seconds=(moment - self._now).total_seconds())


def month_of(moment: datetime) -> str:
    """Return the reporting month, `YYYY-MM` in Beijing time."""
    return moment.astimezone(BEIJING).strftime("%Y-%m")


def month_span(month: str) -> tuple[datetime, datetime]:
    """Return when a reporting month begins and ends, the end not included.

    Raises `ValueError` when it is no month, in four and two digits, or none of these centuries:
    the first and the last year of a calendar have no moment in UTC.

    >>> [each.isoformat() for each in month_span("2026-02")]
    ['2026-01-31T16:00:00+00:00', '2026-02-28T16:00:00+00:00']
    """
    if _MONTH.fullmatch(month) is None:
        raise ValueError(month)
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=BEIJING)
    after = (first + timedelta(days=32)).replace(day=1)
    return first.astimezone(UTC), after.astimezone(UTC)


def day_of(moment: datetime) -> str:
    """Return the calendar day, `YYYY-MM-DD` in Beijing time."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d")
