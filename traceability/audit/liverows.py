"""The rows that follow from events: as an outcome says they are, and as the tables hold them.

Both as plain tuples, so that the audit can lay one beside the other; lots by code.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, text
from sqlmodel import Session, col, select

from remelt.traceability.door.sheet_rows import edges_of, found_as, lines_of, melt_told
from remelt.traceability.facts import SEALED, canonical
from remelt.traceability.models import MeltLine
from remelt.traceability.rules.allot import more
from remelt.traceability.rules.views import Outcome

Rows = list[tuple[Any, ...]]
TABLES = {
    "edges": "lot_edge",
    "lines": "book_line",
    "melts": "melt_line",
    "touched": "event_lot",
    "before": "lot_before",
    "changes": "restatement",
}
_KEYS: Any = bindparam("keys", expanding=True)
_EDGES = text(
    "SELECT e.event_key, c.code, p.code, e.mass_g, e.held_g, e.internal FROM lot_edge e"
    " LEFT JOIN lot c ON c.id = e.child_id LEFT JOIN lot p ON p.id = e.parent_id"
    " WHERE e.event_key IN :keys"
).bindparams(_KEYS)
_LINES = text(
    "SELECT b.event_key, coalesce(l.code, ''), b.kind, b.name, b.metal, b.mass_g,"
    " CAST(b.vector AS TEXT), b.beyond_tolerance, b.sign, b.restates FROM book_line b"
    " LEFT JOIN lot l ON l.id = b.lot_id WHERE b.event_key IN :keys"
).bindparams(_KEYS)
_TOUCHED = text(
    "SELECT t.event_key, l.code FROM event_lot t LEFT JOIN lot l ON l.id = t.lot_id"
    " WHERE t.event_key IN :keys"
).bindparams(_KEYS)
_BEFORE = text(
    "SELECT b.written_key, b.event_key, l.code, b.owner, CAST(b.lot AS TEXT) FROM lot_before b"
    " LEFT JOIN lot l ON l.id = b.lot_id WHERE b.event_key IN :keys"
    " AND b.written_key = b.event_key UNION ALL"
    " SELECT b.written_key, b.event_key, l.code, b.owner, CAST(b.lot AS TEXT) FROM lot_before b"
    " LEFT JOIN lot l ON l.id = b.lot_id WHERE b.written_key IN :keys"
    " AND b.written_key <> b.event_key"
).bindparams(_KEYS)
_CHANGES = text(
    "SELECT written_key, event_key, by_key FROM restatement WHERE written_key IN :keys"
).bindparams(_KEYS)


def said(outcome: Outcome, *, key: int, event_hash: str) -> dict[str, Rows]:
    """Return the rows that the outcome of an event makes, by what they are, each list in order.

    Links that it says anew of earlier events are not among them: see `Outcome.restated`.
    """
    again = outcome.restated
    melts = [*((event_hash, melt) for melt in outcome.melts), *again.melts]
    before = [*((key, lot) for lot in outcome.before), *again.before]
    rows: dict[str, Rows] = {
        "edges": [
            (e["child"], e["parent"], e["mass_g"], e["held_g"], bool(e["internal"]))
            for e in edges_of(outcome)
        ],
        "lines": [
            (*(line[name] for name in _LINE), canonical(line["vector"]), *_marks(line))
            for line in lines_of(outcome)
        ],
        "melts": [(of, *_melt(melt)) for of, melt in melts],
        "touched": [(code,) for code in dict.fromkeys(outcome.touched)],
        "before": [(of, lot.code, lot.owner, canonical(found_as(lot))) for of, lot in before],
        "changes": [(of, key if by is None else by) for of, by in again.changes],
    }
    return {what: _ordered(each) for what, each in rows.items()}


def held(session: Session, keys: Sequence[int]) -> dict[str, dict[int, Rows]]:
    """Return the rows that the tables hold of events, by what they are and the event's key."""
    asked = {"keys": list(keys)}
    lines = session.execute(_LINES, asked)
    before = session.execute(_BEFORE, asked)
    found = {
        "edges": edges_held(session, keys),
        "lines": _grouped((*r[:6], _spelt(r[6]), bool(r[7]), *r[8:]) for r in lines),
        "melts": _grouped(_melts(session, keys)),
        "touched": _grouped(session.execute(_TOUCHED, asked)),
        "before": _grouped((*r[:4], _spelt(r[4])) for r in before),
        "changes": _grouped(session.execute(_CHANGES, asked)),
    }
    return {
        what: {key: _ordered(rows) for key, rows in groups.items()}
        for what, groups in found.items()
    }


def edges_held(session: Session, keys: Sequence[int]) -> dict[int, Rows]:
    """Return what came of what in events, as the table holds it, by the event's key."""
    rows = session.execute(_EDGES, {"keys": list(keys)})
    return _grouped((*row[:5], bool(row[5])) for row in rows)


def odd(mine: Rows, theirs: Rows) -> str:
    """Return the first row that stands on one side only, as text."""
    ours, others = {repr(row) for row in mine}, {repr(row) for row in theirs}
    return min(ours ^ others, default=repr(theirs[:1]))[:200]


def same_but_erased(what: str, mine: Rows, theirs: Rows) -> bool:
    """Tell whether rows differ in nothing but the names of owners that were erased since.

    The events show a digest in place of each erased name. The figures of a lot are compared
    whatever its owner's name; what a heat brought to erased owners is compared in total, as the
    events do not tell any more which of their lots were of one owner.
    """
    fits = {"before": _same_lot, "melts": _same_heat}.get(what)
    return (
        fits is not None
        and len(mine) == len(theirs)
        and all(fits(*pair) for pair in zip(mine, theirs, strict=True))
    )


def _same_lot(mine: tuple[Any, ...], theirs: tuple[Any, ...]) -> bool:
    of, code, owner, figures = mine
    return theirs == (of, code, theirs[2] if owner.startswith(SEALED) else owner, figures)


def _same_heat(mine: tuple[Any, ...], theirs: tuple[Any, ...]) -> bool:
    """Compare all but the primary metal of a named owner: it falls on owners by their shares."""
    *rest, told = mine
    *stored, kept = theirs
    ours, others = orjson.loads(told), orjson.loads(kept)
    named = [owner for owner in ours if not owner.startswith(SEALED)]
    return (
        rest == stored
        and (mine == theirs or len(named) < len(ours))
        and _total(ours) == _total(others)
        and all(_recycled(ours[owner]) == _recycled(others.get(owner, {})) for owner in named)
    )


def _total(credited: dict[str, dict[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line in credited.values():
        totals = more(totals, line)
    return totals


def _recycled(line: dict[str, int]) -> dict[str, int]:
    return {name: grams for name, grams in line.items() if name != "primary"}


def counted(session: Session, table: str) -> int:
    """Return how many rows a table holds."""
    return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - our own names


_LINE = ("lot", "kind", "name", "metal", "mass_g")


def _marks(line: dict[str, Any]) -> tuple[Any, ...]:
    return bool(line["beyond_tolerance"]), line["sign"], line["restates"]


def _melts(session: Session, keys: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    columns = MeltLine.__table__.columns  # type: ignore[attr-defined]  # SQLModel hides it
    statement = select(*columns).where(col(MeltLine.written_key).in_(list(keys)))
    for row in session.execute(statement).mappings():
        yield row["written_key"], row["event_hash"], *_melt(melt_told(row))


def _melt(melt: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return a melt line in two parts: all but what it brought to whom, and that."""
    rest = {k: v.timestamp() if isinstance(v, datetime) else v for k, v in melt.items()}
    credited = rest.pop("credited")
    return canonical(rest), canonical(credited)


def _spelt(vector: str) -> bytes:
    return canonical(orjson.loads(vector))


def _grouped(rows: Iterable[Sequence[Any]]) -> dict[int, Rows]:
    groups: dict[int, Rows] = {}
    for key, *rest in rows:
        groups.setdefault(key, []).append(tuple(rest))
    return groups


def _ordered(rows: Rows) -> Rows:
    return sorted(rows, key=repr) if len(rows) > 1 else rows
