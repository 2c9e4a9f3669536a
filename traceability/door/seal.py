"""The seal: as a write session is left, its events are numbered and hashed into the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event as sa_event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col, select

from remelt.traceability.door import bulk
from remelt.traceability.log.merkle import EMPTY_ROOT, HASH_BYTES, Frontier, append, leaf_hash
from remelt.traceability.models import LedgerEvent, LogHead, LogNode

_STAGED = "ledger_events"
_COLUMNS = (
    "id",
    "seq",
    "hash",
    "event_id",
    "variant",
    "kind",
    "rules",
    "corrects",
    "occurred_at",
    "recorded_at",
    "body",
)


@dataclass
class _Desk:
    """What waits for the end of a session: events in order, each with the savepoint it is in."""

    events: list[LedgerEvent] = field(default_factory=list)
    inside: list[SessionTransaction | None] = field(default_factory=list)
    by_id: dict[str, LedgerEvent] = field(default_factory=dict)


def new_events(session: Session, values: Sequence[dict[str, Any]]) -> list[LedgerEvent]:
    """Return events that are ready to be staged, each with its key (`id`), for thousands at once.

    values: hash, event_id, kind, rules, occurred_at, recorded_at and body of each, `corrects` for
    an error declaration, `variant` where another event has the same id. Rows that point at an
    event (`event_key`) may be written at once;
    the event itself is written by the seal. A key is not a number of the log: `seq` is.
    """
    keys = bulk.reserve(session, LedgerEvent, count=len(values))
    return [unkeyed(each | {"id": key}) for key, each in zip(keys, values, strict=True)]


def unkeyed(values: dict[str, Any]) -> LedgerEvent:
    """Return one such event that gets its key with the rows that point at it."""
    return bulk.made(LedgerEvent, {"corrects": None, "variant": "", "id": None, **values, "seq": 0})


def stage(session: Session, *events: LedgerEvent) -> None:
    """Keep `events` until the session is left; they are numbered then, in this order.

    What is staged inside a savepoint goes with it when that is rolled back.
    """
    desk, inside = _desk(session), session.get_nested_transaction()
    for event in events:
        desk.events.append(event)
        desk.inside.append(inside)
        if event.corrects is None:
            desk.by_id[event.event_id] = event


def staged(session: Session) -> list[LedgerEvent]:
    """Return the events of this session that are not numbered yet, in order."""
    return _desk(session).events


def waiting(session: Session, event_ids: Iterable[str]) -> dict[str, LedgerEvent]:
    """Return the staged events among `event_ids`, by id; declarations are not among them."""
    by_id = _desk(session).by_id
    return {event_id: by_id[event_id] for event_id in event_ids if event_id in by_id}


def seal(session: Session) -> None:
    """Lock the head of the log last of all, number the staged events and grow the tree."""
    events = list(staged(session))
    if not events:
        return
    session.flush()
    head = _locked_head(session)
    edge = _frontier(head)
    rows, nodes = [], []
    for event in events:
        event.__dict__["seq"] = edge.size
        rows.append({name: event.__dict__[name] for name in _COLUMNS})
        edge, made = append(edge, leaf=leaf_hash(event.body.encode()))
        nodes += [{"level": n.level, "idx": n.index, "hash": n.hash.hex()} for n in made]
    bulk.write(session, LedgerEvent, rows)
    bulk.write(session, LogNode, nodes)
    head.size, head.root = edge.size, edge.root.hex()
    head.frontier = b"".join(edge.hashes).hex()
    session.add(head)
    session.flush()
    del session.info[_STAGED]


def _desk(session: Session) -> _Desk:
    desk: _Desk | None = session.info.get(_STAGED)
    if desk is None:
        desk = session.info[_STAGED] = _Desk()
        if not sa_event.contains(session, "after_soft_rollback", _forget):
            sa_event.listen(session, "after_soft_rollback", _forget)
    return desk


def _forget(session: Session, rolled_back: SessionTransaction) -> None:
    """Drop what was staged inside the transaction that is taken back."""
    desk: _Desk | None = session.info.pop(_STAGED, None)
    if desk is None or not rolled_back.nested:
        return
    for event, inside in zip(desk.events, desk.inside, strict=True):
        if not _within(inside, rolled_back):
            fresh = _desk(session)
            fresh.events.append(event)
            fresh.inside.append(inside)
            if event.corrects is None:
                fresh.by_id[event.event_id] = event


def _within(inside: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while inside is not None:
        if inside is outer:
            return True
        inside = inside.parent
    return False


def _locked_head(session: Session) -> LogHead:
    """Return the one row of the head, as the last writer left it, locked until the commit."""
    statement = (
        select(LogHead)
        .where(col(LogHead.one) == 1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    head = session.exec(statement).first()
    if head is None:
        _make_head(session)
        head = session.exec(statement).one()
    return head


def _make_head(session: Session) -> None:
    """Make the empty head; of two first writers one makes it and the other waits for it."""
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if postgres else sqlite.insert
    row = {"one": 1, "size": 0, "root": EMPTY_ROOT.hex(), "frontier": ""}
    session.connection().execute(insert(LogHead).values(row).on_conflict_do_nothing())


def _frontier(head: LogHead) -> Frontier:
    edge = bytes.fromhex(head.frontier)
    hashes = tuple(edge[at : at + HASH_BYTES] for at in range(0, len(edge), HASH_BYTES))
    return Frontier(size=head.size, hashes=hashes)
