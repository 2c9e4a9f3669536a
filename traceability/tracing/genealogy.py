"""Who came from whom: traces back and forward over the edges, in the order that things happened.

A heap takes in and gives out for a day: what went in after a piece was taken is no ancestor of the
piece. So every walk carries the event at which it came by, and follows only edges before it (back)
or after it (forward). Event keys rise along every line of descent.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, column, text
from sqlmodel import Session

from remelt.traceability.models import Lot

_EVER = (1 << 63) - 1
_UP = """
WITH RECURSIVE up (id, until) AS (
  SELECT parent_id, event_key FROM lot_edge WHERE child_id = :lot
  UNION
  SELECT e.parent_id, e.event_key FROM up
  JOIN lot_edge e ON e.child_id = up.id AND e.event_key < up.until
)
"""
_DOWN = """
WITH RECURSIVE down (id, since) AS (
  SELECT child_id, event_key FROM lot_edge WHERE parent_id = :lot
  UNION
  SELECT e.child_id, e.event_key FROM down
  JOIN lot_edge e ON e.parent_id = down.id AND e.event_key > down.since
)
"""
_TOLD = """, told (id, until) AS (
  SELECT id, max(until) FROM up GROUP BY id UNION ALL SELECT :lot, :ever
), keys (event_key, late) AS (
  SELECT t.event_key, min(CASE WHEN t.event_key > told.until THEN 1 ELSE 0 END)
  FROM told JOIN event_lot t ON t.lot_id = told.id GROUP BY t.event_key
)
SELECT e.seq, e.hash, e.kind, e.body FROM keys
JOIN ledger_event e ON e.id = keys.event_key
WHERE keys.late = 0 OR e.kind IN ('correct', 'declare', 'true_up', 'bear', 'restate') ORDER BY e.seq
"""
_IDS_UP = text(f"{_UP} SELECT DISTINCT id FROM up")  # noqa: S608 - our own words
_IDS_DOWN = text(f"{_DOWN} SELECT DISTINCT id FROM down")  # noqa: S608 - our own words
_CODES_UP = text(f"{_UP} SELECT code FROM lot WHERE id IN (SELECT id FROM up)")  # noqa: S608 - our own words
_CODES_DOWN = text(f"{_DOWN} SELECT code FROM lot WHERE id IN (SELECT id FROM down)")  # noqa: S608 - our own words
_EVIDENCE = text(_UP + _TOLD)


class Evidence(NamedTuple):
    """One event as it is stored: its number in the log, its hash, its canonical public body."""

    seq: int
    hash: str
    kind: str
    body: str


def descendants(session: Session, lot: Lot) -> list[str]:
    """Return the codes of all lots made of this one, at any depth."""
    return list(session.execute(_CODES_DOWN, {"lot": lot.key}).scalars())


def ancestors(session: Session, lot: Lot) -> list[str]:
    """Return the codes of all lots that this one was made of, at any depth."""
    return list(session.execute(_CODES_UP, {"lot": lot.key}).scalars())


def evidence(session: Session, lot: Lot) -> list[Evidence]:
    """Return every event of a lot and of all that it was made of, in the order of the log.

    Of an ancestor, only what happened before it was taken of, and every later correction.
    """
    known = {"lot": lot.key, "ever": _EVER}
    return [Evidence._make(row) for row in session.execute(_EVIDENCE, known).all()]


def below(lot: Lot) -> Any:
    """Return the ids of all descendants, each once, as a table to join with."""
    return _table(_IDS_DOWN, lot, "below")


def above(lot: Lot) -> Any:
    """Return the ids of all ancestors, each once, as a table to join with."""
    return _table(_IDS_UP, lot, "above")


def _table(statement: Any, lot: Lot, name: str) -> Any:
    return statement.bindparams(lot=lot.key).columns(column("id", BigInteger)).subquery(name)


def is_among_ancestors(session: Session, *, lot: Lot, of: Iterable[Lot]) -> bool:
    """Tell whether `lot` is an ancestor of any of `of`."""
    made = [each for each in of if each.source != each.code]  # the others were brought in
    if not made:
        return False
    found = set(session.execute(_IDS_DOWN, {"lot": lot.key}).scalars())
    return any(each.id in found for each in made)
