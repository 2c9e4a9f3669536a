"""The peer of capture: the same rows, handed to the driver's executemany, in one transaction."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

Tables = Mapping[str, tuple[Sequence[str], Sequence[tuple[Any, ...]]]]


def insert(connection: Any, tables: Tables, *, mark: str) -> float:
    """Insert rows of every table and commit; return the seconds. mark: `?` or `%s`."""
    begun = perf_counter()
    cursor = connection.cursor()
    cursor.execute("BEGIN")
    for name, (columns, rows) in tables.items():
        marks = ", ".join([mark] * len(columns))
        listed = ", ".join(columns)
        cursor.executemany(f"INSERT INTO {name} ({listed}) VALUES ({marks})", rows)  # noqa: S608 - our own names
    cursor.execute("COMMIT")
    return perf_counter() - begun
