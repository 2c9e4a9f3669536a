"""The one door: events are sealed in privacy, applied by the rules, and staged for their numbers.

A single action is a batch of one: `append_all` is the only way in.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from remelt.traceability.door import bulk
from remelt.traceability.door.batch import batched, lock_carried, lock_lots, open_sheet
from remelt.traceability.door.private import keys_for
from remelt.traceability.door.seal import new_events, stage, unkeyed, waiting
from remelt.traceability.door.sheet import Sheet
from remelt.traceability.door.sheet_rows import columns, view
from remelt.traceability.epcis import words as epcis
from remelt.traceability.epcis.eventid import event_id as named
from remelt.traceability.errors import BeforeItsLots
from remelt.traceability.facts import Facts, Opened, canonical, close, plain, subjects
from remelt.traceability.models import EventLot, LedgerEvent, Lot
from remelt.traceability.rules import editions as rules
from remelt.traceability.rules.views import Cone, LotView, Outcome

__all__ = [
    "Appended",
    "Entry",
    "append",
    "append_all",
    "batched",
    "columns",
    "declare",
    "find_all",
    "lock_carried",
    "lock_lots",
    "view",
]
AT_ONCE = 500
_ASKED = col(LedgerEvent.event_id).in_(bindparam("ids", expanding=True))
_KNOWN = select(LedgerEvent).where(
    _ASKED, col(LedgerEvent.corrects).is_(None), col(LedgerEvent.variant) == ""
)
_ANY_KNOWN = _KNOWN.with_only_columns(col(LedgerEvent.id)).limit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event to append: what it says, when it happened, when it is told.

    check: refuses what cannot be done. It is asked as the event's turn comes, after those before
    it in the batch, and only for an event that is new, so a repeated capture is never refused.
    cone: what an event needs that changes what earlier ones said; carried: lots that it reaches,
    as `lock_carried` returns them.
    """

    facts: Facts
    at: datetime
    recorded_at: datetime
    check: Callable[[], None] | None = None
    cone: Cone | None = None
    carried: Mapping[int, LotView] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Appended:
    """An event in the ledger. fresh is False when the ledger held it already.

    lots: the lots it names and those it made, by code (of a batch: all of the batch).
    """

    event: LedgerEvent
    outcome: Outcome
    fresh: bool
    lots: Mapping[str, Lot]


@dataclass(frozen=True, slots=True)
class _Draft:
    entry: Entry
    event_id: str
    text: bytes
    opened: list[Opened]


def append(
    session: Session,
    *,
    facts: Facts,
    lots: Mapping[str, Lot],
    at: datetime,
    recorded_at: datetime,
    check: Callable[[], None] | None = None,
) -> Appended:
    """Add one event and what it makes true; the same event again returns the one that is there.

    `lots` holds the locked lots the event names; `check` as in `Entry`.
    """
    entry = Entry(facts=facts, at=at, recorded_at=recorded_at, check=check)
    return append_all(session, [entry], lots=lots)[0]


def append_all(
    session: Session, entries: Sequence[Entry], *, lots: Mapping[str, Lot]
) -> list[Appended]:
    """Add events in their order, and write what all of them make true in one go.

    `lots` holds the locked lots that the batch names and that exist already (`lock_lots`); what
    an earlier event of the batch made, a later one may name. Their rows are as the batch leaves
    them. An event that the ledger holds, or that stands twice in the batch, is answered with the
    one that is there. One refusal refuses the whole batch: leave the session then.
    """
    batch = open_sheet(session)
    sheet = batch or Sheet(session)
    sheet.know(lots)
    drafts = _drafts(session, sheet, entries)
    known = find_all(session, event_ids=[draft.event_id for draft in drafts])
    fresh = {draft.event_id: draft for draft in drafts if draft.event_id not in known}
    events = {name: unkeyed(_row(draft)) for name, draft in fresh.items()}
    outcomes = {name: _enter(sheet, draft, events[name]) for name, draft in fresh.items()}
    if batch is None or known:
        sheet.write()
    stage(session, *events.values())
    old = _lots_of(session, list(known.values()))
    told = []
    for draft in drafts:
        name = draft.event_id
        outcome = outcomes.pop(name, None)
        found = known[name] if name in known else events[name]
        named_lots = old.get(found.key, {}) if name in known else sheet.lots
        told.append(
            Appended(
                event=found,
                outcome=outcome or Outcome(),
                fresh=outcome is not None,
                lots=named_lots,
            )
        )
    return told


def _drafts(session: Session, sheet: Sheet, entries: Sequence[Entry]) -> list[_Draft]:
    """Close the facts of every entry, put them into the standard's words and name them."""
    keys = sheet.keys
    fresh = [entry.facts for entry in entries if not subjects(entry.facts) <= keys.keys()]
    if fresh:
        keys |= keys_for(session, *fresh)
    drafts = []
    for entry in entries:
        public, opened = close(entry.facts, keys=keys)
        body = epcis.envelope(public)
        event_id = named(body)
        drafts.append(_Draft(entry, event_id, canonical(body | {"eventID": event_id}), opened))
    return drafts


def _row(draft: _Draft) -> dict[str, Any]:
    entry = draft.entry
    return {
        "hash": hashlib.sha256(draft.text).hexdigest(),
        "event_id": draft.event_id,
        "kind": entry.facts["kind"],
        "rules": entry.facts["rules"],
        "occurred_at": entry.at,
        "recorded_at": entry.recorded_at,
        "body": draft.text.decode(),
    }


def _enter(sheet: Sheet, draft: _Draft, event: LedgerEvent) -> Outcome:
    """Ask whether the event can be, and let the rules say what it makes true."""
    entry = draft.entry
    sheet.see(entry.carried)
    if entry.check is not None:
        entry.check()
    outcome = rules.apply(sheet.views, plain(entry.facts), event_hash=event.hash, cone=entry.cone)
    _check_order(sheet, outcome, at=entry.at)
    sheet.take_in(event, outcome, draft.opened)
    return outcome


def _check_order(sheet: Sheet, outcome: Outcome, *, at: datetime) -> None:
    """Nothing happens to a lot before it was made: no child is older than its parent."""
    for code in outcome.touched:
        before = sheet.views.get(code)
        if before is not None and before.made_at is not None and at < before.made_at:
            raise BeforeItsLots(field="at", lot_code=code)


def declare(
    session: Session,
    *,
    wrong: LedgerEvent,
    by: LedgerEvent,
    lot: Lot,
    day: str,
    recorded_at: datetime,
) -> LedgerEvent:
    """Say an event about `lot` again with an error declaration that points at its correction."""
    body = epcis.declaration(orjson.loads(wrong.body), day=day, corrective_ids=[by.event_id])
    text = canonical(body)
    values = {
        "hash": hashlib.sha256(text).hexdigest(),
        "event_id": wrong.event_id,
        "kind": "declare",
        "rules": rules.RULES,
        "corrects": wrong.hash,
        "occurred_at": recorded_at,
        "recorded_at": recorded_at,
        "body": text.decode(),
    }
    (event,) = new_events(session, [values])
    bulk.write(session, EventLot, [{"lot_id": lot.key, "event_key": event.key}])
    stage(session, event)
    return event


def find_all(session: Session, *, event_ids: Sequence[str]) -> dict[str, LedgerEvent]:
    """Return the events of these ids that the ledger holds, numbered or still staged, by id."""
    found = waiting(session, event_ids)
    wanted = [event_id for event_id in dict.fromkeys(event_ids) if event_id not in found]
    for at in range(0, len(wanted), AT_ONCE):
        some = {"ids": wanted[at : at + AT_ONCE]}
        if session.connection().execute(_ANY_KNOWN, some).first() is not None:
            found |= {event.event_id: event for event in session.scalars(_KNOWN, some)}
    return found


def _lots_of(session: Session, events: Sequence[LedgerEvent]) -> dict[int, dict[str, Lot]]:
    """Return the lots that each event touched, by the event's key and the lot's code."""
    found: dict[int, dict[str, Lot]] = {}
    keys = [event.key for event in events]
    for at in range(0, len(keys), AT_ONCE):
        statement = (
            select(EventLot.event_key, Lot)
            .join(Lot)
            .where(col(EventLot.event_key).in_(keys[at : at + AT_ONCE]))
        )
        for key, lot in session.exec(statement):
            found.setdefault(key, {})[lot.code] = lot
    return found
