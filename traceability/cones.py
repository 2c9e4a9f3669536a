"""What a correction can reach, read from the books by indexed look-ups: lots, events, the past."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from remelt.traceability.changing import (
    RESTATE,
    RESTATES,
    STILL,
    as_held,
    change_of,
    changed,
    changed_by,
)
from remelt.traceability.errors import NoSuchEvent
from remelt.traceability.facts import Facts
from remelt.traceability.models import Edge, EventLot, LedgerEvent, Lot
from remelt.traceability.models_restating import LotBefore, Restatement
from remelt.traceability.reading import opened_all
from remelt.traceability.seal import staged
from remelt.traceability.states import State
from remelt.traceability.views import Cone, LotView, Past

AT_ONCE = 500
FAR = 2**62
T = TypeVar("T")


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
    events = _events(session, found, until=until)
    past = _pasts(session, events, until=until)
    firsts = {
        root.key: _first(session, root, until=until)
        for root in found.roots
        if root.key not in {key for key, each in past.items() if "inputs" in each.facts}
    }
    return Cone(
        events=tuple(_with_first(each, firsts.get(each.key, ())) for each in past.values()),
        changes=changes,
        said_by=said_by,
        codes=codes,
    )


def by_hash(session: Session, hashes: Sequence[str]) -> list[LedgerEvent]:
    """Return the events of these hashes, stored or still staged, in order. Raises `NoSuchEvent`."""
    found = {event.hash: event for event in staged(session) if event.hash in set(hashes)}
    for some in portions([each for each in hashes if each not in found]):
        statement = select(LedgerEvent).where(col(LedgerEvent.hash).in_(some))
        found |= {event.hash: event for event in session.exec(statement)}
    for each in hashes:
        if each not in found:
            raise NoSuchEvent(event_hash=each)
    return [found[each] for each in hashes]


def believed(session: Session, events: Sequence[LedgerEvent]) -> list[Past]:
    """Return events as they are believed now, with the lots as they found them."""
    pasts = _pasts(session, events, until=FAR).values()
    return [
        Past(key=p.key, hash=p.hash, facts=as_held(p.facts, p.before), before=p.before)
        for p in pasts
    ]


def portions(every: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield `every` in pieces that fit one statement."""
    for at in range(0, len(every), AT_ONCE):
        yield every[at : at + AT_ONCE]


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
        made |= set(session.exec(select(Edge.child_id).where(col(Edge.event_key).in_(some))))
    named = set()
    worked = _worked(session, keys)
    for some in portions([key for key in keys if key not in worked]):
        named |= set(session.exec(select(EventLot.lot_id).where(col(EventLot.event_key).in_(some))))
    found = dict.fromkeys(sorted(named | made))
    for some in portions(list(found)):
        found |= dict.fromkeys(_below(session, some, since=min(keys), until=until))
    codes: dict[int, str] = {}
    for some in portions(list(found)):
        rows = session.exec(select(Lot.id, Lot.code).where(col(Lot.id).in_(some)))
        codes |= {key or 0: code for key, code in rows}
    return {key: codes[key] for key in found}


def _worked(session: Session, keys: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for some in portions(keys):
        statement = select(Edge.event_key).where(col(Edge.event_key).in_(some)).distinct()
        found |= set(session.exec(statement))
    return found


def _below(session: Session, ids: Sequence[int], *, since: int, until: int) -> list[int]:
    """Return everything made of the lots `ids` between two events."""
    within = (col(Edge.event_key) >= since, col(Edge.event_key) < until)
    start: Any = select(col(Edge.child_id).label("id")).where(col(Edge.parent_id).in_(ids), *within)
    tree = start.cte("below", recursive=True)
    tree = tree.union(
        select(col(Edge.child_id)).join(tree, col(Edge.parent_id) == tree.c.id).where(*within)
    )
    return sorted(session.execute(select(tree.c.id)).scalars())


def _events(session: Session, reach: Reach, *, until: int) -> list[LedgerEvent]:
    """Return every event since the first root that changed a lot of the reach, in order."""
    since = min(root.key for root in reach.roots)
    keys: set[int] = {root.key for root in reach.roots}
    for some in portions(list(reach.lots)):
        statement = select(EventLot.event_key).where(
            col(EventLot.lot_id).in_(some),
            col(EventLot.event_key) >= since,
            col(EventLot.event_key) < until,
        )
        keys |= set(session.exec(statement))
    return _of_keys(session, sorted(keys))


def _of_keys(session: Session, keys: Sequence[int]) -> list[LedgerEvent]:
    wanted = set(keys)
    found = {event.key: event for event in staged(session) if event.key in wanted}
    for some in portions([key for key in keys if key not in found]):
        statement = select(LedgerEvent).where(col(LedgerEvent.id).in_(some))
        found |= {event.key: event for event in session.exec(statement)}
    return [
        found[key]
        for key in sorted(found)
        if found[key].corrects is None and found[key].kind not in STILL
    ]


def _pasts(session: Session, events: Sequence[LedgerEvent], *, until: int) -> dict[int, Past]:
    """Return events as they are believed, with lots as they found them, by key in order."""
    said = dict(zip((e.key for e in events), opened_all(session, events), strict=True))
    for key, by_key in _restatements(session, list(said), until=until):
        said[key] = by_key(said[key])
    before = _before(session, [k for k, facts in said.items() if "inputs" in facts], until=until)
    return {
        event.key: Past(
            key=event.key,
            hash=event.hash,
            facts=said[event.key],
            before=before.get(event.key, {}),
        )
        for event in events
    }


def _restatements(session: Session, keys: Sequence[int], *, until: int) -> Iterator[Any]:
    """Yield (key, what makes its facts those that are believed), in the order of belief."""
    rows: list[tuple[int, int, int]] = []
    for some in portions(keys):
        statement = select(
            Restatement.written_key, Restatement.event_key, Restatement.by_key
        ).where(col(Restatement.event_key).in_(some), col(Restatement.written_key) < until)
        rows += session.exec(statement).all()
    by_events = _said(session, sorted({by for _, _, by in rows}))
    hashes = _hashes(session, sorted({of for _, of, _ in rows}))
    for _, of, by in sorted(rows):
        change = change_of(by_events[by], hashes[of])
        yield of, lambda facts, change=change: changed(facts, change)


def _said(session: Session, keys: Sequence[int]) -> dict[int, Facts]:
    events = [event for event in _any_of_keys(session, keys) if event.kind in RESTATES]
    return dict(zip((e.key for e in events), opened_all(session, events), strict=True))


def _hashes(session: Session, keys: Sequence[int]) -> dict[int, str]:
    return {event.key: event.hash for event in _any_of_keys(session, keys)}


def _any_of_keys(session: Session, keys: Sequence[int]) -> list[LedgerEvent]:
    wanted = set(keys)
    found = [event for event in staged(session) if event.key in wanted]
    for some in portions(sorted(wanted - {event.key for event in found})):
        found += session.exec(select(LedgerEvent).where(col(LedgerEvent.id).in_(some)))
    return found


def _before(session: Session, keys: Sequence[int], *, until: int) -> dict[int, dict[str, LotView]]:
    """Return lots as workings found them, as believed before `until`."""
    found: dict[int, dict[str, LotView]] = {}
    for some in portions(keys):
        statement = (
            select(LotBefore.event_key, LotBefore.lot, Lot)
            .join(Lot, col(Lot.id) == col(LotBefore.lot_id))
            .where(col(LotBefore.event_key).in_(some), col(LotBefore.written_key) < until)
            .order_by(col(LotBefore.written_key))
        )
        for key, kept, lot in session.exec(statement):
            found.setdefault(key, {})[lot.code] = _view(lot, kept)
    return found


def _view(lot: Lot, kept: Mapping[str, Any]) -> LotView:
    """Return a lot as an event found it; who had it then and where makes no difference here."""
    outside = kept.get("outside")
    return LotView(
        code=lot.code,
        spec=lot.spec,
        owner="",
        custodian="",
        site_code="",
        adcode="",
        state=State.from_json(kept["state"]),
        outside=State.from_json(outside) if outside else State(),
        status=kept["status"],
        claims_blocked=kept.get("claims_blocked", ""),
        source=kept.get("source", ""),
        made_by=lot.made_by,
    )


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
    own = list(
        _pasts(session, _of_keys(session, session.exec(statement).all()), until=until).values()
    )
    worked = [i for i, past in enumerate(own) if "inputs" in past.facts]
    return tuple(own[worked[-1] if worked else 0 :])


def _with_first(past: Past, first: Iterable[Past]) -> Past:
    return Past(
        key=past.key, hash=past.hash, facts=past.facts, before=past.before, first=tuple(first)
    )
