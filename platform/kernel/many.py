"""Many rows in one statement, and many questions in one."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from typing import cast as cast_to

import orjson
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Dialect,
    Insert,
    Table,
    Text,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session


def insert_unless(session: Session, table: Table) -> postgresql.Insert:
    """Return the database's own insert, which can say what is done where a key stands already.

    Who inserts the same key in another transaction is waited for, so that of two who look at once
    neither fails. The words of both databases for it are the same.
    """
    made = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return cast_to("postgresql.Insert", made.insert(table))


def insert_many(
    session: Session,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    computed: Mapping[str, str] | None = None,
) -> None:
    """Insert rows that all name the same columns; what they leave out the database fills.

    On PostgreSQL they travel as one JSON document, which it takes apart faster than a driver can
    bind rows one by one. computed: columns that it fills by an expression of its own; on SQLite
    they get the table's default.
    """
    if not rows:
        return
    connection, more = session.connection(), computed or {}
    if connection.dialect.name != "postgresql":
        defaults = {name: getattr(table.c[name].default, "arg", None) for name in more}
        _insert_bound(connection, table, rows, defaults=defaults)
        return
    statement = inserting(table, tuple(rows[0]), rows="rows", computed=tuple(more.items()))
    connection.execute(statement, {"rows": as_json(rows)})


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as `inserting` takes them."""
    return orjson.dumps(list(rows)).decode()


@cache
def inserting(
    table: Table,
    names: tuple[str, ...],
    *,
    rows: str,
    computed: tuple[tuple[str, str], ...] = (),
) -> Insert:
    """Return PostgreSQL's insert of the rows that come as JSON in the parameter `rows`."""
    document = cast(bindparam(rows, type_=Text), JSON)
    empty: Any = literal_column(f"CAST(NULL AS {table.name})")
    given = func.json_populate_recordset(empty, document).table_valued(*names)
    values = [given.c[name] for name in names]
    values += [literal_column(expression) for _, expression in computed]
    into = [*names, *(name for name, _ in computed)]
    return insert(table).from_select(into, select(*values), include_defaults=False)


class Among(FunctionElement[bool]):
    """Tell whether a column is one of the texts that come as JSON: the same words for any number.

    Made with the column and the parameter.
    """

    type = Boolean()
    name = "among"
    inherit_cache = True


@compiles(Among, "sqlite")
def _among_each(element: Any, compiler: Any, **options: Any) -> str:
    column, texts = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 - made of our columns


@compiles(Among, "postgresql")
def _among_array(element: Any, compiler: Any, **options: Any) -> str:
    column, texts = (compiler.process(each, **options) for each in element.clauses)
    listed = f"SELECT json_array_elements_text(CAST({texts} AS json))"
    return f"{column} = ANY (ARRAY({listed}))"


def as_texts(texts: Iterable[str]) -> str:
    """Return texts as `Among` takes them; no column holds one with a NUL, so none is asked for."""
    return orjson.dumps([each for each in texts if "\0" not in each]).decode()


def _insert_bound(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    defaults: Mapping[str, Any],
) -> None:
    """Insert rows whose values are bound here, column by column, a value that repeats once."""
    names = [*rows[0], *defaults]
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
    columns = [_bound(table.c[name], rows, dialect=connection.dialect) for name in rows[0]]
    columns += [[value] * len(rows) for value in defaults.values()]
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def _bound(
    column: Column[Any], rows: Sequence[Mapping[str, Any]], *, dialect: Dialect
) -> list[Any]:
    """Return a column's values as the driver takes them; one that stands in a row is made once."""
    values = [row[column.name] for row in rows]
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)
    if bind is None:
        return values
    before, made = values[0], bind(values[0])
    found = []
    for value in values:
        if value is not before:
            before, made = value, bind(value)
        found.append(made)
    return found
