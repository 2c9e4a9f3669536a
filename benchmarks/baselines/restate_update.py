"""The least a correction can cost: a bare recursive CTE, and the same rows written by key."""

import time

from sqlalchemy import Connection, text

_BELOW = text("""
WITH RECURSIVE down (id, since) AS (
  SELECT child_id, event_key FROM lot_edge WHERE parent_id = :lot AND event_key >= :since
  UNION
  SELECT e.child_id, e.event_key FROM down
  JOIN lot_edge e ON e.parent_id = down.id AND e.event_key > down.since
) SELECT DISTINCT id FROM down
""")
_LOT = text("UPDATE lot SET state = state, mass_g = mass_g WHERE id = :id")
_EDGE = text("UPDATE lot_edge SET mass_g = mass_g, held_g = held_g WHERE event_key = :key")


def updated(connection: Connection, *, lot: int, since: int, keys: list[int]) -> float:
    """Return the seconds to find a lot's descendants and to write them and their edges again."""
    start = time.perf_counter()
    found = connection.execute(_BELOW, {"lot": lot, "since": since}).scalars().all()
    connection.execute(_LOT, [{"id": key} for key in [lot, *found]])
    connection.execute(_EDGE, [{"key": key} for key in keys])
    return time.perf_counter() - start
