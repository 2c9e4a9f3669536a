"""What anybody would write: a recursive query by lot, on the driver's own cursor."""

from typing import Any

UP = (
    "WITH RECURSIVE up (id) AS (SELECT parent_id FROM lot_edge WHERE child_id = {at} UNION"
    " SELECT e.parent_id FROM up JOIN lot_edge e ON e.child_id = up.id) "
)
CODES = UP + "SELECT code FROM lot WHERE id IN (SELECT id FROM up)"  # noqa: S608 - our own words
EVENTS = (
    UP  # noqa: S608 - our own words
    + "SELECT seq, hash, kind, body FROM ledger_event WHERE id IN (SELECT event_key"
    " FROM event_lot WHERE lot_id IN (SELECT id FROM up) OR lot_id = {at}) ORDER BY seq"
)


def lineage(cursor: Any, lot_id: int, at: str) -> list[Any]:
    """The codes of all ancestors; `at`: the driver's mark for a value."""
    cursor.execute(CODES.format(at=at), (lot_id,))
    return list(cursor.fetchall())


def evidence(cursor: Any, lot_id: int, at: str) -> list[Any]:
    """Every event of a lot and its ancestors, with bodies, in order."""
    cursor.execute(EVENTS.format(at=at), (lot_id, lot_id))
    return list(cursor.fetchall())
