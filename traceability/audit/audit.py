"""Replay the ledger from its first event and compare with every live table, bit for bit.

One pass in the order of the log, a page at a time: what an event says of itself, its leaf and
nodes, its private values, and the rows that follow from it. Lots are compared at the end. Memory
does not grow with the ledger.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from sqlmodel import Session, col, select

from remelt.traceability.audit.events import LogCheck, bad_event, bad_values
from remelt.traceability.audit.liverows import (
    TABLES,
    Rows,
    counted,
    edges_held,
    held,
    odd,
    said,
    same_but_erased,
)
from remelt.traceability.audit.shelf import Shelf
from remelt.traceability.corrections.cones import cone_of
from remelt.traceability.door.reading import opened_all
from remelt.traceability.door.sheet_rows import columns
from remelt.traceability.facts import SEALED, Facts
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.rules import editions as rules
from remelt.traceability.rules.changing import RESTATES
from remelt.traceability.rules.restating import DoesNotReplay
from remelt.traceability.rules.views import Outcome

PAGE = 500
CANNOT = (KeyError, TypeError, ValueError, ArithmeticError, AssertionError)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as the events say. seq: the first bad event, where there is one."""

    what: str
    where: str
    seq: int | None = None


@dataclass(kw_only=True)
class Replayed:
    """The world as the events alone make it.

    rows: how many rows follow from the events, by what they are. doubtful: edges, by event, that
    the table does not hold as the event said; a later correction may explain them.
    """

    lots: Shelf = field(default_factory=Shelf)
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))
    doubtful: dict[int, tuple[int, Rows]] = field(default_factory=dict)
    sound: bool = True


def audit(session: Session) -> list[Finding]:
    """Return everything that is not as the events say, the first bad event first; [] is sound.

    From the first event on that cannot be believed, what follows from events is not compared any
    more: only the events themselves and the log are.
    """
    world, log = Replayed(), LogCheck(session)
    found = [*_checked(session, world, log), *_at_the_end(session, world, log)]
    world.lots.close()
    return sorted(found, key=lambda each: (each.seq is None, each.seq or 0))


def replay(session: Session) -> Replayed:
    """Apply every event, from 0 on, by the rules that it names; compares nothing."""
    world = Replayed()
    for page in _pages(session):
        for event, facts in zip(page, opened_all(session, page), strict=True):
            _apply(session, world, event, facts)
    return world


def _checked(session: Session, world: Replayed, log: LogCheck) -> Iterator[Finding]:
    for page in _pages(session):
        bad: dict[int, list[Finding]] = {}
        for event in page:
            for what in bad_event(event, expected=log.expected):
                seq = log.expected if what == "number-gap" else event.seq
                finding = Finding(what=what, where=event.hash, seq=seq)
                bad.setdefault(event.seq, []).append(finding)
            log.take_in(event)
        for seq, where in bad_values(session, page):
            finding = Finding(what="private-value-changed", where=where, seq=seq)
            bad.setdefault(seq, []).append(finding)
        for seq, where in log.compare():
            bad.setdefault(seq, []).append(Finding(what="log-node-changed", where=where, seq=seq))
        yield from _compared(session, world, page, bad)


def _compared(
    session: Session, world: Replayed, page: list[LedgerEvent], bad: dict[int, list[Finding]]
) -> Iterator[Finding]:
    """Lay what follows from each event beside the tables, up to the first that is not sound."""
    sound = list(takewhile(lambda each: each.seq not in bad, page)) if world.sound else []
    live = held(session, [event.key for event in sound])
    for event, facts in zip(sound, opened_all(session, sound), strict=True):
        if not world.sound:
            break
        try:
            outcome = _apply(session, world, event, facts)
        except DoesNotReplay as lot:
            world.sound = False
            yield Finding(what="lot-does-not-replay", where=str(lot), seq=event.seq)
        except CANNOT as reason:
            world.sound = False
            yield Finding(what="cannot-replay", where=repr(reason)[:200], seq=event.seq)
        else:
            yield from _rows_of(session, world, event, outcome, live)
    for event in page:
        yield from bad.get(event.seq, ())
    world.sound = world.sound and not bad


def _rows_of(
    session: Session,
    world: Replayed,
    event: LedgerEvent,
    outcome: Outcome,
    live: dict[str, dict[int, Rows]],
) -> Iterator[Finding]:
    for what, mine in said(outcome, key=event.key, event_hash=event.hash).items():
        theirs = live[what].get(event.key, [])
        world.rows[what] += len(mine)
        if mine == theirs or same_but_erased(what, mine, theirs):
            continue
        if what == "edges":
            world.doubtful[event.key] = (event.seq, mine)
        else:
            yield Finding(what=f"{what}-differ", where=odd(mine, theirs), seq=event.seq)
    for of, link, held_g in outcome.restated.links:
        if of not in world.doubtful:  # until now the table held what that event said
            world.doubtful[of] = (event.seq, edges_held(session, [of]).get(of, []))
        seq, rows = world.doubtful[of]
        named = (link.child, link.parent)
        rows = [row for row in rows if row[:2] != named]
        world.doubtful[of] = (seq, [*rows, (*named, link.mass_g, held_g, link.internal)])


def _at_the_end(session: Session, world: Replayed, log: LogCheck) -> Iterator[Finding]:
    """Compare what only all events together say: lots, the log's head, how many rows there are."""
    for where in log.end():
        yield Finding(what="log-does-not-fit", where=where)
    if not world.sound:
        return
    for at in range(0, len(world.doubtful), PAGE):
        keys = list(world.doubtful)[at : at + PAGE]
        live = edges_held(session, keys)
        for key in keys:
            seq, mine = world.doubtful[key]
            theirs = live.get(key, [])
            if sorted(mine, key=repr) != sorted(theirs, key=repr):
                yield Finding(what="edges-differ", where=odd(mine, theirs), seq=seq)
    for what, table in TABLES.items():
        if world.rows[what] != counted(session, table):
            yield Finding(what=f"{what}-differ", where=f"rows of {table} that no event made")
    yield from _lots(session, world)


def _lots(session: Session, world: Replayed) -> Iterator[Finding]:
    count = 0
    for row in _live_lots(session):
        found = world.lots.get(row.code)
        if found is None:
            yield Finding(what="lot-missing-or-foreign", where=row.code)
            continue
        count += 1
        for name, value in columns(found).items():
            if not _same(getattr(row, name), value):
                yield Finding(what=f"lot-{name}", where=row.code)
    if count < len(world.lots):
        yield from _missing(session, world.lots)


def _missing(session: Session, lots: Iterable[str]) -> Iterator[Finding]:
    codes = list(lots)
    for at in range(0, len(codes), PAGE):
        some = codes[at : at + PAGE]
        there = set(session.exec(select(Lot.code).where(col(Lot.code).in_(some))))
        for code in some:
            if code not in there:
                yield Finding(what="lot-missing-or-foreign", where=code)


def _live_lots(session: Session) -> Iterator[Any]:
    last = 0
    statement = select(*Lot.__table__.columns).order_by(col(Lot.id)).limit(PAGE)  # type: ignore[attr-defined]  # SQLModel hides it
    while rows := session.execute(statement.where(col(Lot.id) > last)).all():
        yield from rows
        last = rows[-1].id


def _pages(session: Session) -> Iterator[list[LedgerEvent]]:
    seq = -1
    statement = select(LedgerEvent).order_by(col(LedgerEvent.seq)).limit(PAGE)
    while page := list(session.exec(statement.where(LedgerEvent.seq > seq))):
        yield page
        seq = page[-1].seq


def _apply(session: Session, world: Replayed, event: LedgerEvent, facts: Facts) -> Outcome:
    if "rules" not in facts:
        return Outcome()  # evidence that others captured: it creates nothing
    again = facts["kind"] in RESTATES
    cone = cone_of(session, facts, until=event.key) if again else None
    outcome = rules.apply(world.lots, facts, event_hash=event.hash, cone=cone)
    for lot in outcome.lots:
        world.lots.put(lot)
    return outcome


def _same(live: Any, replayed: Any) -> bool:
    """Compare; a value whose owner was erased is a digest in the replay."""
    return live == replayed or (isinstance(replayed, str) and replayed.startswith(SEALED))
