"""What a correction can reach, read from the books by indexed look-ups: lots, events, the past."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import Session, col, select

from remelt.traceability.corrections.pasts import AT_ONCE, FAR, among, pasts, portions
from remelt.traceability.door.reading import opened_all
from remelt.traceability.door.seal import staged
from remelt.traceability.errors import NoSuchEvent
from remelt.traceability.facts import Facts
from remelt.traceability.models import Edge, EventLot, LedgerEvent
from remelt.traceability.rules.changing import (
    RESTATE,
    change_of,
    changed_by,
)
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.views import Cone, LotView, Past

FEW = 60
_KEYS: Any = bindparam("keys", expanding=True)
_CODES = text("SELECT id, code FROM lot WHERE id IN :keys").bindparams(_KEYS)
_TOUCHES = text(
    "SELECT event_key, lot_id FROM event_lot"
    " WHERE lot_id IN :keys AND event_key >= :since AND event_key < :until"
).bindparams(_KEYS)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a correction names and how far it reaches.

    roots: the events that are said anew; by: for each, the event that says how and its facts,
    None for the very event that is being appended. lots: id -> code, the corrected lot first.
    """

    roots: tuple[LedgerEvent, ...]
    by: tuple[tuple[LedgerEvent | None, Facts], ...]
    lots: Mapping[int, str]


def reach_of(session: Session, facts: Facts, *, until: int = FAR) -> Reach:
    """Return which events a correction says anew, and every lot that may be another for it.

    until: key of the correcting event; nothing later is read. Raises `NoSuchEvent`.
    """
    by: list[tuple[LedgerEvent | None, Facts]] = [(None, facts)]
    if facts["kind"] == RESTATE:
        events = by_hash(session, facts["of"])
        by = list(zip(events, opened_all(session, events), strict=True))
    named = dict.fromkeys(name for _, said in by for name in changed_by(said))
    roots = sorted(by_hash(session, list(named)), key=lambda event: event.key)
    return Reach(roots=tuple(roots), by=tuple(by), lots=_lots(session, roots, until=until))


def cone_of(
    session: Session, facts: Facts, *, until: int = FAR, reach: Reach | None = None
) -> Cone:
    """Return all that the correction of `facts` needs; the same live and in an audit."""
    found = reach or reach_of(session, facts, until=until)
    codes = tuple(found.lots.values())
    if facts.get("put_off"):
        return Cone(codes=codes)
    changes, said_by = _changes(found)
    touched = _touched(session, found, until=until)
    roots = {root.key: root for root in found.roots}

    def events(differing: Mapping[str, LotView]) -> Iterator[Past]:
        waiting: Sequence[int] = sorted(touched)
        size = FEW
        while waiting:
            keys, waiting = _next(waiting, touched, roots, set(differing), size=size)
            size = min(2 * size, AT_ONCE)
            for past in pasts(session, keys, until=until):
                alone = past.key in roots and "inputs" not in past.facts
                first = _first(session, roots[past.key], until=until) if alone else ()
                yield but(past, first=first)

    return Cone(
        events=events,
        changes=changes,
        said_by=said_by,
        codes=codes,
    )


def by_hash(session: Session, hashes: Sequence[str]) -> list[LedgerEvent]:
    """Return the events of these hashes, stored or still staged, in order. Raises `NoSuchEvent`."""
    found = {event.hash: event for event in staged(session) if event.hash in set(hashes)}
    for some in portions([each for each in hashes if each not in found]):
        statement = select(LedgerEvent).where(among(LedgerEvent.hash, some))
        found |= {event.hash: event for event in session.exec(statement)}
    for each in hashes:
        if each not in found:
            raise NoSuchEvent(event_hash=each)
    return [found[each] for each in hashes]


def _changes(reach: Reach) -> tuple[dict[int, Facts], tuple[tuple[int, int | None], ...]]:
    keys = {root.hash: root.key for root in reach.roots}
    changes: dict[int, Facts] = {}
    said_by: list[tuple[int, int | None]] = []
    for event, said in reach.by:
        for name in changed_by(said):
            key = keys[name]
            changes[key] = changes.get(key, {}) | change_of(said, name)
            said_by.append((key, None if event is None else event.key))
    return changes, tuple(said_by)


def _lots(session: Session, roots: Sequence[LedgerEvent], *, until: int) -> dict[int, str]:
    """Return the lots of the roots and everything made of them since, the roots' own first."""
    keys = [root.key for root in roots]
    made = set()
    for some in portions(keys):
        made |= set(session.exec(select(Edge.child_id).where(among(Edge.event_key, some))))
    named = set()
    worked = _worked(session, keys)
    for some in portions([key for key in keys if key not in worked]):
        named |= set(session.exec(select(EventLot.lot_id).where(among(EventLot.event_key, some))))
    found = dict.fromkeys(sorted(named | made))
    for some in portions(list(found)):
        found |= dict.fromkeys(_below(session, some, since=min(keys), until=until))
    codes: dict[int, str] = {}
    for some in portions(list(found)):
        rows = session.execute(_CODES, {"keys": list(some)}).all()
        codes |= {key: code for key, code in rows}  # noqa: C416 - a row is no pair
    return {key: codes[key] for key in found}


def _worked(session: Session, keys: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for some in portions(keys):
        statement = select(Edge.event_key).where(among(Edge.event_key, some)).distinct()
        found |= set(session.exec(statement))
    return found


def _below(session: Session, ids: Sequence[int], *, since: int, until: int) -> list[int]:
    """Return everything made of the lots `ids` between two events, in the order things happened."""
    start: Any = select(col(Edge.child_id).label("id"), col(Edge.event_key).label("since")).where(
        among(Edge.parent_id, ids), col(Edge.event_key) >= since, col(Edge.event_key) < until
    )
    tree = start.cte("below", recursive=True)
    tree = tree.union(
        select(col(Edge.child_id), col(Edge.event_key))
        .join(tree, col(Edge.parent_id) == tree.c.id)
        .where(col(Edge.event_key) > tree.c.since, col(Edge.event_key) < until)
    )
    return sorted(session.execute(select(tree.c.id).distinct()).scalars())


def _touched(session: Session, reach: Reach, *, until: int) -> dict[int, set[str]]:
    """Return which lots of the reach every event since the first root touched, by its key."""
    since = min(root.key for root in reach.roots)
    found: dict[int, set[str]] = {root.key: set() for root in reach.roots}
    for some in portions(list(reach.lots)):
        asked = {"keys": list(some), "since": since, "until": until}
        for key, lot_id in session.execute(_TOUCHES, asked).all():
            found.setdefault(key, set()).add(reach.lots[lot_id])
    return found


def _next(
    waiting: Sequence[int],
    touched: Mapping[int, set[str]],
    roots: Collection[int],
    differing: set[str],
    *,
    size: int,
) -> tuple[list[int], Sequence[int]]:
    """Return the next events that may touch a lot that differs, and those still to be asked."""
    chosen: list[int] = []
    for n, key in enumerate(waiting):
        if key in roots or not differing.isdisjoint(touched[key]):
            chosen.append(key)
            differing |= touched[key]
        if len(chosen) == size:
            return chosen, waiting[n + 1 :]
    return chosen, ()


def _first(session: Session, root: LedgerEvent, *, until: int) -> tuple[Past, ...]:
    """Return the events of the corrected lot before its correction, from its last working on."""
    statement = (
        select(EventLot.event_key)
        .where(
            col(EventLot.lot_id).in_(select(EventLot.lot_id).where(EventLot.event_key == root.key)),
            col(EventLot.event_key) < root.key,
        )
        .order_by(col(EventLot.event_key))
    )
    own = pasts(session, session.exec(statement).all(), until=until)
    worked = [i for i, past in enumerate(own) if "inputs" in past.facts]
    return tuple(own[worked[-1] if worked else 0 :])
