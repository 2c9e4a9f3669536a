"""Putting a mark in the place of a person's traces, in every column that may hold one.

No trigger is ever lifted. History names nobody, or by a code that stands in one of the few columns
that the schema lets be erased; those open to `erase_row` alone, one row at a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    String,
    Table,
    UniqueConstraint,
    cast,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlmodel import AutoString, Field, Session, col

from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.rows import Row, bigint, table_args

MARK: Final = "erased"


class ErasurePermit(Row, table=True):
    """Lets one row of an insert-only table lose its erasable texts, while `erase_row` is at it."""

    __tablename__ = "erasure_permit"
    __table_args__ = table_args(UniqueConstraint("table_name", "row_id", name="uq_erasure_permit"))

    table_name: str = Field(max_length=60)
    row_id: int = bigint()


def texts_of(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that hold text, or JSON."""
    return [each for each in table.c if isinstance(each.type, AutoString | String | JSON)]


def scrub(
    session: Session, columns: Iterable[Sequence[Column[Any]]], *, code: str, said: Sequence[str]
) -> int:
    """Take `code` out of these texts, and with it what was `said`; return rows.

    columns: the texts of each table that may be changed.

    A fresh code stands for the person's, other in each row, so that rows can be told apart and
    not put together: two people who are erased one after the other never become one. In JSON the
    mark stands where a value was, or held, another of these. What was said (a name, a telephone
    number) goes only from rows that hold the code: others may be called the same.
    """
    session.flush()
    return sum(_scrubbed(session, texts, code=code, said=said) for texts in columns if texts)


def erase_row(
    session: Session, table: Table, *, row_id: int, values: Mapping[Column[Any], Any]
) -> None:
    """Write `values` over texts of one row: the one way into an insert-only table.

    The schema's triggers let it through for the columns of `ddl.ERASABLE` and for this row only;
    any other change is refused in the same transaction too, before, after and meanwhile.
    """
    run = session.connection().execute
    permit = {"table_name": table.name, "row_id": row_id}
    run(insert(ErasurePermit).values(permit))
    run(update(table).where(table.c.id == row_id).values(dict(values)))
    run(delete(ErasurePermit).where(col(ErasurePermit.row_id) == row_id))


def _scrubbed(
    session: Session, texts: Sequence[Column[Any]], *, code: str, said: Sequence[str]
) -> int:
    table = texts[0].table
    holds = or_(*(cast(column, String).contains(code, autoescape=True) for column in texts))
    rows = session.connection().execute(select(table.c.id, *texts).where(holds)).all()
    for row in rows:
        values = dict(zip(texts, row[1:], strict=True))
        erase_row(session, table, row_id=row[0], values=_without(values, code=code, said=said))
    return len(rows)


def _without(
    values: dict[Column[Any], Any], *, code: str, said: Sequence[str]
) -> dict[Column[Any], Any]:
    fresh = new_code()
    return {
        column: _marked(value, (code, *said), fresh)
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


def _marked(value: Any, said: Sequence[str], fresh: str) -> Any:
    if isinstance(value, dict):
        return {_name(key, said, fresh): _marked(each, said, fresh) for key, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, said, fresh) for each in value]
    if not _says(value, said):
        return value
    return fresh if value == said[0] else MARK


def _name(key: str, said: Sequence[str], fresh: str) -> str:
    """Return a name that no other in the object bears: what stands under it is never merged."""
    if not _says(key, said):
        return key
    return fresh if key == said[0] else new_code()


def _says(value: Any, said: Sequence[str]) -> bool:
    return isinstance(value, str) and (value in said or said[0] in value)
