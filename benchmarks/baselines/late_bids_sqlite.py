"""The same ways on SQLite, where one writer holds the whole file and all others wait for it."""

from datetime import UTC, datetime
from typing import Any

ENDS = "SELECT closes_at FROM sale WHERE id = ?"
TAKE = "UPDATE sale SET price = price + 1 WHERE id = ?"


def now() -> str:
    """The clock of the process, as the column holds it."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def guarded(connection: Any, row: int) -> bool:
    """One UPDATE with the clock as a parameter."""
    return bool(connection.execute(f"{TAKE} AND closes_at > ?", (row, now())).rowcount)


def guarded_there(connection: Any, row: int) -> bool:
    """One UPDATE that asks the database's clock."""
    late = f"{TAKE} AND closes_at > strftime('%Y-%m-%d %H:%M:%f', 'now')"
    return bool(connection.execute(late, (row,)).rowcount)


def clock_first(connection: Any, row: int) -> bool:
    """The clock, then the lock."""
    moment = now()
    connection.execute("BEGIN IMMEDIATE")
    taken = moment < connection.execute(ENDS, (row,)).fetchone()[0]
    connection.execute(TAKE if taken else ENDS, (row,))
    connection.execute("COMMIT")
    return bool(taken)


def lock_first(connection: Any, row: int) -> bool:
    """The lock, then the clock."""
    connection.execute("BEGIN IMMEDIATE")
    taken = now() < connection.execute(ENDS, (row,)).fetchone()[0]
    connection.execute(TAKE if taken else ENDS, (row,))
    connection.execute("COMMIT")
    return bool(taken)
