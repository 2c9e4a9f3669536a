"""Base of every table, and the column types that all rooms share."""

from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Integer, MetaData
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata

BIG = BigInteger().with_variant(Integer, "sqlite")


class Row(SQLModel):
    """A row of a table: what it is assigned is validated, what it is made of the action checks.

    Ids come from the database, start at `province << 43` and are never shown.
    """

    model_config = SQLModelConfig(validate_assignment=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)

    @property
    def key(self) -> int:
        """The id of a row that the database has seen."""
        if self.id is None:
            raise LookupError(f"{type(self).__name__} was not flushed")
        return self.id


def table_args(*constraints: Any) -> tuple[Any, ...]:
    """Return `__table_args__`: the constraints, and ids that SQLite never gives twice."""
    return (*constraints, {"sqlite_autoincrement": True})


def bigint(*, nullable: bool = False, index: bool = False, **kwargs: Any) -> Any:
    """A 64-bit integer column: grams, fen, gCO2e, or the id of another row (`foreign_key=`)."""
    return Field(sa_type=BIG, nullable=nullable, index=index, **kwargs)


def json_column(**kwargs: Any) -> Any:
    """A JSON document; integers and text only."""
    return Field(sa_type=JSON, nullable=False, **kwargs)


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """Say once more, in the database, that `column` holds one of `values`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def not_negative(*columns: str) -> list[CheckConstraint]:
    """Say in the database that each column is at least zero."""
    return [CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative") for column in columns]
