"""Replay the ledger from its first event and compare with every live table, bit for bit."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session, col, select

from remelt.traceability import rules
from remelt.traceability.changing import RESTATES
from remelt.traceability.cones import cone_of
from remelt.traceability.epcis import EVIDENCE, MARK, facts_of
from remelt.traceability.epcisrules import canonical as canonical_evidence
from remelt.traceability.eventid import event_id
from remelt.traceability.facts import SEALED, Facts, Opened, canonical, changed_values
from remelt.traceability.log import leaf_hash as leaf
from remelt.traceability.log import root
from remelt.traceability.models import (
    BookLine,
    Edge,
    EventLot,
    LedgerEvent,
    LogHead,
    Lot,
    MeltLine,
    PrivateValue,
    SubjectSecret,
)
from remelt.traceability.models_restating import LotBefore, Restatement
from remelt.traceability.reading import opened_all
from remelt.traceability.restating import DoesNotReplay
from remelt.traceability.sheet_rows import columns, edges_of, found_as
from remelt.traceability.views import LotView, Outcome

PAGE = 500


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as the events say. seq: the first bad event, where there is one."""

    what: str
    where: str
    seq: int | None = None


@dataclass(kw_only=True)
class Replayed:
    """The world as the events alone make it: lots by code, and the rows derived with them."""

    lots: dict[str, LotView] = field(default_factory=dict)
    edges: dict[tuple[int, str, str], tuple[int, int, bool]] = field(default_factory=dict)
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    melts: list[tuple[Any, ...]] = field(default_factory=list)
    touched: list[tuple[int, str]] = field(default_factory=list)
    before: list[tuple[int, str, int, bytes]] = field(default_factory=list)
    changes: list[tuple[int, int, int]] = field(default_factory=list)


def audit(session: Session) -> list[Finding]:
    """Return everything that is not as the events say, the first bad event first; [] is sound."""
    found = [*_bad_events(session), *_bad_log(session), *_bad_values(session)]
    if found:
        return sorted(found, key=lambda each: (each.seq is None, each.seq or 0))
    try:
        world = replay(session)
    except DoesNotReplay as lot:
        return [Finding(what="lot-does-not-replay", where=str(lot))]
    return list(_differences(session, world))


def replay(session: Session) -> Replayed:
    """Apply every event, from 0 on, by the rules that it names; touches no live table."""
    world = Replayed()
    for event, facts in _events(session):
        if "rules" not in facts:
            continue  # evidence that others captured: it creates nothing
        again = facts["kind"] in RESTATES
        cone = cone_of(session, facts, until=event.key) if again else None
        outcome = rules.apply(world.lots, facts, event_hash=event.hash, cone=cone)
        _take_in(world, event.key, event.hash, outcome)
    return world


def _events(session: Session) -> Iterator[tuple[LedgerEvent, Facts]]:
    seq = -1
    while True:
        statement = (
            select(LedgerEvent)
            .where(LedgerEvent.seq > seq)
            .order_by(col(LedgerEvent.seq))
            .limit(PAGE)
        )
        page = list(session.exec(statement))
        if not page:
            return
        yield from zip(page, opened_all(session, page), strict=True)
        seq = page[-1].seq


def _take_in(world: Replayed, event_key: int, event_hash: str, outcome: Outcome) -> None:
    world.lots.update({lot.code: lot for lot in outcome.lots})
    world.edges |= {
        (event_key, e["child"], e["parent"]): (e["mass_g"], e["held_g"], e["internal"])
        for e in edges_of(outcome)
    }
    world.edges |= {
        (of, link.child, link.parent): (link.mass_g, held_g, link.internal)
        for of, link, held_g in outcome.restated.links
    }
    world.lines += [
        (
            event_key,
            line.lot_code or "",
            line.kind,
            line.name,
            line.metal,
            line.state.mass_g,
            canonical(line.state.to_json()),
            line.beyond_tolerance,
            line.sign,
            line.restates,
        )
        for line in outcome.lines
    ]
    own = [(event_hash, melt) for melt in outcome.melts]
    world.melts += [
        (of, _row({**melt, "written_key": event_key}))
        for of, melt in (*own, *outcome.restated.melts)
    ]
    found = [(event_key, lot) for lot in outcome.before]
    world.before += [
        (of, lot.code, event_key, canonical(found_as(lot)))
        for of, lot in (*found, *outcome.restated.before)
    ]
    world.changes += [
        (of, event_key if by is None else by, event_key) for of, by in outcome.restated.changes
    ]
    world.touched += [(event_key, code) for code in dict.fromkeys(outcome.touched)]


def _bad_events(session: Session) -> Iterator[Finding]:
    """Name events whose body, id or number was changed."""
    rows = session.exec(select(LedgerEvent).order_by(col(LedgerEvent.seq)))
    for expected, event in enumerate(rows):
        body = orjson.loads(event.body)
        if event.seq != expected:
            yield Finding(what="number-gap", where=event.hash, seq=expected)
            return
        if hashlib.sha256(event.body.encode()).hexdigest() != event.hash:
            yield Finding(what="body-changed", where=event.hash, seq=event.seq)
        elif event_id(body) != event.event_id or canonical_evidence(body).decode() != event.body:
            yield Finding(what="id-changed", where=event.hash, seq=event.seq)
        elif (event.kind == EVIDENCE) != (MARK not in body):
            yield Finding(what="kind-changed", where=event.hash, seq=event.seq)


def _bad_log(session: Session) -> Iterator[Finding]:
    bodies = session.exec(select(LedgerEvent.body).order_by(col(LedgerEvent.seq)))
    leaves = [leaf(body.encode()) for body in bodies]
    head = session.exec(select(LogHead)).first()
    size, known = (head.size, head.root) if head else (0, root([]).hex())
    if size != len(leaves) or root(leaves).hex() != known:
        yield Finding(what="log-does-not-fit", where=known)


def _bad_values(session: Session) -> Iterator[Finding]:
    """Name events whose private values do not give the digests of their body any more."""
    secrets = dict(session.exec(select(SubjectSecret.subject, SubjectSecret.secret)).all())
    groups: dict[int, list[Opened]] = {}
    for row in session.exec(select(PrivateValue).order_by(col(PrivateValue.path))):
        opened = Opened(row.path, row.subject, orjson.loads(row.value))
        groups.setdefault(row.event_key, []).append(opened)
    for event in session.exec(select(LedgerEvent).where(col(LedgerEvent.corrects).is_(None))):
        opened_values = groups.get(event.key, [])
        public = facts_of(orjson.loads(event.body))
        for path in changed_values(public, opened_values, keys=secrets)[:1]:
            yield Finding(what="private-value-changed", where=path, seq=event.seq)


def _differences(session: Session, world: Replayed) -> Iterator[Finding]:
    live = {lot.code: lot for lot in session.exec(select(Lot))}
    codes = {lot.key: code for code, lot in live.items()}
    for code in sorted({*live, *world.lots}):
        if code not in live or code not in world.lots:
            yield Finding(what="lot-missing-or-foreign", where=code)
            continue
        for name, value in columns(world.lots[code]).items():
            if not _same(getattr(live[code], name), value):
                yield Finding(what=f"lot-{name}", where=code)
    for what, mine, theirs in (
        ("edges", [(*k, *v) for k, v in world.edges.items()], _live_edges(session, codes)),
        ("lines", world.lines, _live_lines(session, codes)),
        ("melts", world.melts, _live_melts(session)),
        ("touched", world.touched, _live_touched(session, codes)),
        ("before", world.before, _live_before(session, codes)),
        ("changes", world.changes, _live_changes(session)),
    ):
        if sorted(mine, key=repr) != sorted(theirs, key=repr):
            yield Finding(what=f"{what}-differ", where=_first_difference(mine, theirs))


def _first_difference(mine: list[Any], theirs: list[Any]) -> str:
    odd = {repr(each) for each in mine} ^ {repr(each) for each in theirs}
    return min(odd, default="")[:200]


def _same(live: Any, replayed: Any) -> bool:
    """Compare; a value whose owner was erased is a digest in the replay."""
    return live == replayed or (isinstance(replayed, str) and replayed.startswith(SEALED))


def _live_edges(session: Session, codes: dict[int, str]) -> list[tuple[Any, ...]]:
    return [
        (
            edge.event_key,
            codes[edge.child_id],
            codes[edge.parent_id],
            edge.mass_g,
            edge.held_g,
            edge.internal,
        )
        for edge in session.exec(select(Edge))
    ]


def _live_lines(session: Session, codes: dict[int, str]) -> list[tuple[Any, ...]]:
    return [
        (
            line.event_key,
            codes[line.lot_id] if line.lot_id is not None else "",
            line.kind,
            line.name,
            line.metal,
            line.mass_g,
            canonical(line.vector),
            line.beyond_tolerance,
            line.sign,
            line.restates,
        )
        for line in session.exec(select(BookLine))
    ]


def _live_melts(session: Session) -> list[tuple[Any, ...]]:
    return [
        (melt.event_hash, _row(melt.model_dump(exclude={"id", "event_hash"})))
        for melt in session.exec(select(MeltLine))
    ]


def _live_touched(session: Session, codes: dict[int, str]) -> list[tuple[int, str]]:
    return [(row.event_key, codes[row.lot_id]) for row in session.exec(select(EventLot))]


def _live_before(session: Session, codes: dict[int, str]) -> list[tuple[int, str, int, bytes]]:
    return [
        (row.event_key, codes[row.lot_id], row.written_key, canonical(row.lot))
        for row in session.exec(select(LotBefore))
    ]


def _live_changes(session: Session) -> list[tuple[int, int, int]]:
    rows = session.exec(select(Restatement))
    return [(row.event_key, row.by_key, row.written_key) for row in rows]


def _row(melt: dict[str, Any]) -> bytes:
    return canonical({k: v.timestamp() if isinstance(v, datetime) else v for k, v in melt.items()})
