"""Events, recorded in the transaction that made them true, and kept: they are the audit trail."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Insert, String, Table, and_, cast, func, or_
from sqlmodel import Field, Session, col, select

from remelt.platform.kernel.many import insert_many, inserting
from remelt.platform.kernel.rows import Row, bigint, json_column, table_args

Cursor = tuple[int, int]
START: Cursor = (0, 0)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in the trade. Subclasses name it in the past and hold plain facts.

    unkept: facts for the handlers alone, which the stored row leaves out: the codes of parties.
    A row is never changed, not even for a person who is erased, so it names parties by ids only,
    its own or those of the row that another code of it leads to.
    """

    name: ClassVar[str]
    unkept: ClassVar[tuple[str, ...]] = ()
    version: ClassVar[int] = 1
    at: datetime

    def body(self) -> dict[str, Any]:
        """Return the facts that are kept as plain JSON, times in UTC."""
        kept = (f.name for f in dataclasses.fields(self) if f.name not in self.unkept)
        return {name: _plain(getattr(self, name)) for name in kept}


Handler = Callable[[Session, Any], None]


@dataclass(frozen=True, slots=True)
class Together:
    """A handler that takes all events of its kind that stand in a row at once."""

    handle: Callable[[Session, Sequence[Any]], None]


Answer = Handler | Together
Handlers = Mapping[type[Event], Sequence[Answer]]


class OutboxRow(Row, table=True):
    """One event as stored. Insert-only; `xid` orders it on PostgreSQL, where ids commit late."""

    __tablename__ = "outbox"
    __table_args__ = table_args()

    xid: int = bigint(default=0, index=True)
    at: datetime
    name: str = Field(index=True)
    version: int
    body: dict[str, Any] = json_column()


_OUTBOX: Table = OutboxRow.__table__  # type: ignore[attr-defined]
_XID = {"xid": "pg_current_xact_id()::text::bigint"}


def record(session: Session, event: Event) -> None:
    """Keep `event` with the transaction; its handlers run as the write session is left."""
    row = OutboxRow(at=event.at, name=event.name, version=event.version, body=event.body())
    if session.get_bind().dialect.name == "postgresql":
        row.xid = session.scalars(
            select(cast(cast(func.pg_current_xact_id(), String), BigInteger))
        ).one()
    session.add(row)
    session.info.setdefault("events", []).append(event)


def record_all(session: Session, events: Sequence[Event]) -> None:
    """Keep many events at once, in one statement, as `record` keeps one."""
    if events:
        session.flush()  # those recorded before them come first
        insert_many(session, _OUTBOX, staged(session, events), computed=_XID)


def staged(session: Session, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Hand events to their handlers, and return the rows that the caller is to keep of them."""
    session.info.setdefault("events", []).extend(events)
    return [
        {"at": each.at, "name": each.name, "version": each.version, "body": each.body()}
        for each in events
    ]


def inserting_events(*, rows: str) -> Insert:
    """Return PostgreSQL's insert of what `staged` gave, as JSON in the parameter `rows`."""
    names = ("at", "name", "version", "body")
    return inserting(_OUTBOX, names, rows=rows, computed=tuple(_XID.items()))


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Write apart from the rest: an exception takes back what was written here, events too."""
    waiting: list[Event] = session.info.setdefault("events", [])
    before = len(waiting)
    try:
        with session.begin_nested():
            yield
    except BaseException:
        del waiting[before:]
        raise


def dispatch(session: Session, handlers: Handlers) -> None:
    """Run the handlers of every recorded event, and of those that they record, in order."""
    waiting: list[Event] = session.info.setdefault("events", [])
    while waiting:
        answers = handlers.get(type(waiting[0]), ())
        many = any(isinstance(answer, Together) for answer in answers)
        events = _in_a_row(waiting) if many else waiting[:1]
        del waiting[: len(events)]
        for answer in answers:
            if isinstance(answer, Together):
                answer.handle(session, events)
                continue
            for event in events:
                answer(session, event)
    session.flush()


def _in_a_row(waiting: Sequence[Event]) -> list[Event]:
    """Return the first events, as far as they are of one kind."""
    kind = type(waiting[0])
    return list(takewhile(lambda event: type(event) is kind, waiting))


def after(
    session: Session, cursor: Cursor = START, *, limit: int = 100, names: Sequence[str] = ()
) -> list[OutboxRow]:
    """Return events past `cursor` = (xid, id), oldest first, none of which can still be preceded.

    On PostgreSQL only rows of transactions older than every running one are read, so a
    transaction that commits late loses nothing.
    """
    xid, last = cursor
    statement = (
        select(OutboxRow)
        .where(
            or_(col(OutboxRow.xid) > xid, and_(col(OutboxRow.xid) == xid, col(OutboxRow.id) > last))
        )
        .order_by(col(OutboxRow.xid), col(OutboxRow.id))
        .limit(limit)
    )
    if names:
        statement = statement.where(col(OutboxRow.name).in_(names))
    if session.get_bind().dialect.name == "postgresql":
        oldest = cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), String), BigInteger)
        statement = statement.where(col(OutboxRow.xid) < oldest)
    return list(session.exec(statement))


def head(session: Session) -> Cursor:
    """Return the cursor of the newest event that `after` would give."""
    rows = session.exec(
        select(OutboxRow.xid, OutboxRow.id)
        .order_by(col(OutboxRow.xid).desc(), col(OutboxRow.id).desc())
        .limit(1)
    ).all()
    return (rows[0][0], rows[0][1] or 0) if rows else START


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value
