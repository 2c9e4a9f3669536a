"""Many rows at once: ids taken before they are written, and rows made without asking twice."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import insert, text
from sqlalchemy.orm import configure_mappers, make_transient_to_detached
from sqlalchemy.orm.attributes import manager_of_class
from sqlmodel import Session

from remelt.platform.kernel.rows import Row

OURS = "ledger_own"  # execution option: a query for nothing that an open batch holds back
AnyRow = TypeVar("AnyRow", bound=Row)


def reserve(session: Session, model: type[Row], *, count: int) -> list[int]:
    """Take `count` ids of a table, rising, that nobody else gets; rows may point at them at once.

    On SQLite the caller holds the write lock; what it reserved and has not written yet is
    remembered with the session.
    """
    table = str(model.__tablename__)
    if not count:
        return []
    if session.get_bind().dialect.name == "postgresql":
        statement = text("SELECT nextval(:name) FROM generate_series(1, :count)")
        found = session.connection().execute(statement, {"name": f"{table}_id_seq", "count": count})
        return sorted(found.scalars())
    taken: dict[str, int] = session.info.setdefault("reserved", {})
    statement = text("SELECT max(seq) FROM sqlite_sequence WHERE name = :name")
    last = session.connection().execute(statement, {"name": table}).scalar() or 0
    first = max(last, taken.get(table, 0)) + 1
    taken[table] = first + count - 1
    return list(range(first, first + count))


def made(model: type[AnyRow], values: Mapping[str, Any]) -> AnyRow:
    """Return a row with these values and no other, as if it had been read: nothing is pending.

    About 60 times as fast as calling the model; the caller answers for every column.
    """
    configure_mappers()
    row: AnyRow = manager_of_class(model).new_instance()
    row.__dict__.update(values)
    return row


def kept(session: Session, row: Row) -> None:
    """Let the session know a row that `made` made and that is written past it, by its id."""
    make_transient_to_detached(row)
    session.add(row)


def write(session: Session, model: type[Row], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in one go; all have the same columns."""
    if rows:
        session.connection().execute(insert(model), list(rows))
