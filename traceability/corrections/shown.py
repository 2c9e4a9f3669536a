"""What corrections have changed, for pages: the day, why by its kind, the figures until then."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import day_of
from remelt.traceability.corrections.pasts import FAR, among, portions
from remelt.traceability.epcis.words import told
from remelt.traceability.models import EventLot, LedgerEvent, Lot
from remelt.traceability.models_restating import LotBefore, Restatement
from remelt.traceability.rules.changing import BEAR, CORRECT, ENERGY, RESTATES
from remelt.traceability.rules.states import State

WEIGHING, ANALYSIS, WAY_BACK = "weighing", "analysis", "way_back"
ALONE = ("weigh", "assay", "carry", "return", "take_back", "declare_burden")
MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """When something was said anew, and why: one of the words of `_reason`."""

    day: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a correction made of a lot: what it carried until then, and since.

    key and until: the correction's key, and that of what came next, `FAR` after the last. alone:
    False where `after` holds what was weighed, analysed or carried later, too.
    """

    mark: Mark
    seq: int
    key: int
    until: int
    before: State
    after: State
    alone: bool


def revisions(session: Session, lot: Lot, *, most: int = MOST) -> tuple[Revision, ...]:
    """Return what corrections have made of a lot, newest first."""
    found = _found(session, lot)
    if not found:
        return ()
    marks = marks_of(session, [event.key for event, _ in found if event.kind in RESTATES])
    others = select(LedgerEvent.id).join(EventLot).where(EventLot.lot_id == lot.key)
    alone = session.exec(others.where(col(LedgerEvent.kind).in_(ALONE))).all()
    ends = [(event.key, state) for event, state in found[1:]] + [(FAR, _carried(lot.state, lot))]
    told_of = [
        Revision(
            mark=marks[event.key],
            seq=event.seq,
            key=event.key,
            until=end,
            before=before,
            after=after,
            alone=not any(event.key < (key or 0) < end for key in alone),
        )
        for (event, before), (end, after) in zip(found, ends, strict=True)
        if event.key in marks and before.mass_g and after.mass_g
    ]
    return tuple(reversed(told_of[-most:]))


def marks_of(session: Session, keys: Collection[int]) -> dict[int, Mark]:
    """Return of events that said earlier ones anew, by their key, when and why; of others none."""
    days: dict[int, str] = {}
    reasons: dict[int, set[str]] = {}
    for some in portions(sorted(set(keys))):
        pairs: Any = (
            select(Restatement.written_key, Restatement.by_key)
            .where(among(Restatement.written_key, some))
            .distinct()
        )
        rows = session.exec(pairs).all()
        named = {key for pair in rows for key in pair}
        events = {event.key: event for event in _events(session, named)}
        for key, by in rows:
            days[key] = day_of(events[key].occurred_at)
            reasons.setdefault(key, set()).add(_reason(events[by]))
    return {key: Mark(day=days[key], reasons=tuple(sorted(reasons[key]))) for key in days}


def laid(session: Session, hashes: Sequence[str]) -> set[str]:
    """Return which of these heats the energy of a closed month was laid on."""
    found: set[str] = set()
    for some in portions(list(hashes)):
        statement: Any = (
            select(LedgerEvent.hash, Restatement.by_key)
            .join(Restatement, col(Restatement.event_key) == col(LedgerEvent.id))
            .where(among(LedgerEvent.hash, some))
        )
        rows = session.exec(statement).all()
        by = {event.key for event in _events(session, {key for _, key in rows}) if _energy(event)}
        found |= {name for name, key in rows if key in by}
    return found


def _found(session: Session, lot: Lot) -> list[tuple[LedgerEvent, State]]:
    """Return the lot as each working and each correction found it, in order."""
    statement = (
        select(LedgerEvent, LotBefore.lot)
        .join(LotBefore, col(LotBefore.event_key) == col(LedgerEvent.id))
        .where(LotBefore.lot_id == lot.key, LotBefore.written_key == LotBefore.event_key)
        .order_by(col(LedgerEvent.id))
    )
    return [(event, _carried(stored["state"], stored)) for event, stored in session.exec(statement)]


def _carried(state: dict[str, Any], lot: Lot | Mapping[str, Any]) -> State:
    """Return what a lot carries; of one that left, what it left with."""
    outside = lot.outside if isinstance(lot, Lot) else lot.get("outside")
    return State.from_json(outside if outside and not state["mass_g"] else state)


def _events(session: Session, keys: Collection[int]) -> list[LedgerEvent]:
    found: list[LedgerEvent] = []
    for some in portions(sorted(keys)):
        found += session.exec(select(LedgerEvent).where(among(LedgerEvent.id, some))).all()
    return found


def _reason(event: LedgerEvent) -> str:
    if event.kind == BEAR:
        return WAY_BACK
    said = told(event.body)
    if event.kind == CORRECT:
        return ANALYSIS if said.get("elements_ppm") is not None else WEIGHING
    return str(said["what"])


def _energy(event: LedgerEvent) -> bool:
    return _reason(event) == ENERGY
