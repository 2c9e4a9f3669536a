"""Putting a mark in the place of a person's traces, in every table that may hold one.

What is insert-only stays so: its rows are kept, and its triggers are away only inside the
transaction that puts the marks.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import JSON, Column, String, Table, cast, or_, select, text, update
from sqlmodel import AutoString, Session

from remelt.platform.kernel.codes import new_code

MARK: Final = "erased"


def scrub(session: Session, tables: Iterable[Table], *, code: str, said: Sequence[str]) -> int:
    """Take `code` out of every text of these tables, and with it what was `said`; return rows.

    In JSON the mark stands where a value was one of these; a text gets a fresh code for the
    person's, other in each row, so that rows can be told apart and not put together. What was
    said (a name, a telephone number) goes only from rows that hold the code: others may be
    called the same.
    """
    session.flush()
    return sum(_scrubbed(session, table, code=code, said=said) for table in tables)


def _scrubbed(session: Session, table: Table, *, code: str, said: Sequence[str]) -> int:
    texts = [each for each in table.c if isinstance(each.type, AutoString | String | JSON)]
    if not texts or "id" not in table.c:
        return 0
    holds = or_(*(cast(column, String).contains(code, autoescape=True) for column in texts))
    rows = session.connection().execute(select(table.c.id, *texts).where(holds)).all()
    if not rows:
        return 0
    with _unguarded(session, table.name):
        for row in rows:
            values = dict(zip(texts, row[1:], strict=True))
            session.connection().execute(
                update(table)
                .where(table.c.id == row[0])
                .values(_without(values, code=code, said=said))
            )
    return len(rows)


def _without(
    values: dict[Column[Any], Any], *, code: str, said: Sequence[str]
) -> dict[Column[Any], Any]:
    fresh = new_code()
    return {
        column: _marked(value, (code, *said))
        if isinstance(column.type, JSON)
        else _plain(value, code=code, fresh=fresh, said=said)
        for column, value in values.items()
        if value is not None
    }


def _plain(value: str, *, code: str, fresh: str, said: Sequence[str]) -> str:
    clean = value.replace(code, fresh)
    for each in said:
        clean = clean.replace(each, MARK[: len(each)]) if each != code else clean
    return clean


def _marked(value: Any, said: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {_marked(name, said): _marked(each, said) for name, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, said) for each in value]
    if isinstance(value, str) and (value in said or said[0] in value):
        return MARK
    return value


@contextmanager
def _unguarded(session: Session, table: str) -> Iterator[None]:
    """Let rows of an insert-only table be changed until the block ends; nobody else gets in."""
    run = session.connection().execute
    if session.get_bind().dialect.name == "postgresql":
        name = f"{table}_insert_only"
        found = run(text("SELECT 1 FROM pg_trigger WHERE tgname = :n"), {"n": name})
        away, back = (f"ALTER TABLE {table} {do} TRIGGER {name}" for do in ("DISABLE", "ENABLE"))
    else:
        found = run(
            text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :n"),
            {"n": f"{table}_no_update"},
        )
        away, back = f"DROP TRIGGER {table}_no_update", ""
    guard = found.scalar()
    if guard is not None:
        run(text(away))
    yield
    if guard is not None:
        run(text(back or guard))
