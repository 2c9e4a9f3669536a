"""Many rows in one statement."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Table, TextClause, insert, text
from sqlmodel import Session


def insert_many(
    session: Session,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    computed: Mapping[str, str] | None = None,
) -> None:
    """Insert rows that all name the same columns; what they leave out the database fills.

    On PostgreSQL they travel as one JSON document, which it takes apart faster than a driver can
    bind rows one by one. computed: columns that it fills by an expression of its own.
    """
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), list(rows))
        return
    statement = _from_json(table.name, tuple(rows[0]), tuple((computed or {}).items()))
    connection.execute(statement, {"rows": orjson.dumps(list(rows)).decode()})


@cache
def _from_json(
    table: str, names: tuple[str, ...], computed: tuple[tuple[str, str], ...]
) -> TextClause:
    into = ", ".join([*names, *(name for name, _ in computed)])
    taken = ", ".join([*names, *(expression for _, expression in computed)])
    return text(
        f"INSERT INTO {table} ({into}) SELECT {taken}"  # noqa: S608 - our own names
        f" FROM json_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS json))"
    )
