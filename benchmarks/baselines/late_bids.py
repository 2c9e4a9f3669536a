"""Ways to refuse a late bid, right and wrong, as plain SQL on a table `sale(id, closes_at, price)`.

Each is handed a connection in autocommit and the id of a row, and tells whether it took the bid.
"""

from datetime import UTC, datetime
from typing import Any

TAKE = "UPDATE sale SET price = price + 1 WHERE id = {id}"


def guarded(clock: str, connection: Any, row: int) -> bool:
    """One UPDATE that asks `clock` in its WHERE."""
    return bool(connection.execute(f"{TAKE.format(id=row)} AND closes_at > {clock}").rowcount)


def guarded_lock(connection: Any, row: int) -> bool:
    """A lock that asks the clock in its WHERE, then an UPDATE."""
    with connection.transaction():
        asked = f"SELECT FROM sale WHERE id = {row} AND closes_at > clock_timestamp() FOR UPDATE"
        return bool(connection.execute(asked).rowcount and connection.execute(TAKE.format(id=row)))


def told_by_lock(connection: Any, row: int) -> bool:
    """A lock that tells the clock in its columns, then an UPDATE."""
    with connection.transaction():
        asked = f"SELECT clock_timestamp() < closes_at FROM sale WHERE id = {row} FOR UPDATE"  # noqa: S608 - our own numbers and names
        in_time = connection.execute(asked).fetchone()[0]
        return bool(in_time and connection.execute(TAKE.format(id=row)))


def clock_first(clock: str, connection: Any, row: int) -> bool:
    """The clock, of Python or of SQL, before the lock."""
    with connection.transaction():
        now = datetime.now(UTC)
        if clock == "sql":
            now = connection.execute("SELECT clock_timestamp()").fetchone()[0]
        locked = connection.execute(f"SELECT closes_at FROM sale WHERE id = {row} FOR UPDATE")  # noqa: S608 - our own numbers and names
        return bool(now < locked.fetchone()[0] and connection.execute(TAKE.format(id=row)))


def lock_first(connection: Any, row: int) -> bool:
    """The lock in a statement of its own, then a guarded UPDATE."""
    with connection.transaction():
        connection.execute(f"SELECT FROM sale WHERE id = {row} FOR UPDATE")
        return guarded("clock_timestamp()", connection, row)


def advisory_first(connection: Any, row: int) -> bool:
    """An advisory lock in a statement of its own, then a guarded UPDATE."""
    with connection.transaction():
        connection.execute(f"SELECT pg_advisory_xact_lock({row})")
        return guarded("clock_timestamp()", connection, row)


def returned(connection: Any, row: int) -> bool:
    """An UPDATE that tells the clock as it returns; rolled back when it is late."""
    connection.execute("BEGIN")
    told = connection.execute(f"{TAKE.format(id=row)} RETURNING clock_timestamp() < closes_at")
    in_time = bool(told.fetchone()[0])
    connection.execute("COMMIT" if in_time else "ROLLBACK")
    return in_time


FUNCTION = """CREATE OR REPLACE FUNCTION bid(sale_id int) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE ends timestamptz;
BEGIN
  SELECT closes_at INTO ends FROM sale WHERE id = sale_id FOR UPDATE;
  IF clock_timestamp() >= ends THEN RETURN false; END IF;
  UPDATE sale SET price = price + 1 WHERE id = sale_id;
  RETURN true;
END $$"""


def in_function(connection: Any, row: int) -> bool:
    """A function in the database: the lock, then the clock."""
    return bool(connection.execute(f"SELECT bid({row})").fetchone()[0])
