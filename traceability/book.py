"""The one door: an event is sealed in privacy, applied by the rules, and staged for its number."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session, col, select

from remelt.traceability import epcis, rules
from remelt.traceability.errors import LotCodeTaken, NoSuchLot
from remelt.traceability.eventid import event_id as named
from remelt.traceability.facts import Facts, canonical, close, plain
from remelt.traceability.models import (
    BookLine,
    Edge,
    EventLot,
    LedgerEvent,
    Lot,
    MeltLine,
    PrivateValue,
)
from remelt.traceability.private import keys_for
from remelt.traceability.seal import stage, staged
from remelt.traceability.views import LotView, Outcome


@dataclass(frozen=True, kw_only=True)
class Appended:
    """An event in the ledger. fresh is False when the ledger held it already."""

    event: LedgerEvent
    outcome: Outcome
    fresh: bool
    lots: Mapping[str, Lot]


def lock_lots(session: Session, codes: Iterable[str]) -> dict[str, Lot]:
    """Lock the lots of `codes` in id order and return them by code. Raises `NoSuchLot`."""
    wanted = sorted(set(codes))
    statement = (
        select(Lot)
        .where(col(Lot.code).in_(wanted))
        .order_by(col(Lot.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {lot.code: lot for lot in session.exec(statement)}
    for code in wanted:
        if code not in found:
            raise NoSuchLot(lot_code=code)
    return found


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

    `lots` holds the locked lots the event names. `check` refuses what cannot be done; it is
    asked only for an event that is new, so a repeated capture is never refused.
    """
    public, opened = close(facts, keys=keys_for(session, facts))
    body = epcis.envelope(public)
    event_id = named(body)
    known = find(session, event_id=event_id)
    if known is not None:
        return Appended(event=known, outcome=Outcome(), fresh=False, lots=_of(session, known))
    if check is not None:
        check()
    event = _event(body | {"eventID": event_id}, facts, at=at, recorded_at=recorded_at)
    views = {code: view(lot) for code, lot in lots.items()}
    outcome = rules.apply(views, plain(facts), event_hash=event.hash)
    written = _write(session, event, outcome, lots)
    for each in opened:
        value = canonical(each.value).decode()
        session.add(
            PrivateValue(event_hash=event.hash, path=each.path, subject=each.subject, value=value)
        )
    stage(session, event)
    return Appended(event=event, outcome=outcome, fresh=True, lots=written)


def declare(
    session: Session, *, wrong: LedgerEvent, by: LedgerEvent, day: str, recorded_at: datetime
) -> LedgerEvent:
    """Say an earlier event again with an error declaration that points at its correction."""
    body = epcis.declaration(orjson.loads(wrong.body), day=day, corrective_ids=[by.event_id])
    text = canonical(body)
    event = LedgerEvent(
        seq=0,
        hash=hashlib.sha256(text).hexdigest(),
        event_id=wrong.event_id,
        kind="declare",
        rules=rules.RULES,
        corrects=wrong.hash,
        occurred_at=recorded_at,
        recorded_at=recorded_at,
        body=text.decode(),
    )
    touched = select(EventLot.lot_id).where(EventLot.event_hash == wrong.hash)
    for lot_id in sorted(session.exec(touched)):
        session.add(EventLot(lot_id=lot_id, event_hash=event.hash))
    stage(session, event)
    return event


def find(session: Session, *, event_id: str) -> LedgerEvent | None:
    """Return the event of this id, numbered or still staged, or None."""
    for event in staged(session):
        if event.event_id == event_id and event.corrects is None:
            return event
    statement = select(LedgerEvent).where(
        LedgerEvent.event_id == event_id, col(LedgerEvent.corrects).is_(None)
    )
    return session.exec(statement).first()


def _of(session: Session, event: LedgerEvent) -> dict[str, Lot]:
    statement = select(Lot).join(EventLot).where(EventLot.event_hash == event.hash)
    return {lot.code: lot for lot in session.exec(statement)}


def view(lot: Lot) -> LotView:
    """Return the lot as the rules see it."""
    return LotView(
        code=lot.code,
        spec=lot.spec,
        owner=lot.owner,
        custodian=lot.custodian,
        supplier=lot.supplier,
        source=lot.source,
        site_code=lot.site_code,
        adcode=lot.adcode,
        declared_mass_g=lot.declared_mass_g,
        state=lot.vectors,
        status=lot.status,
        handed_over=lot.handed_over,
        claims_blocked=lot.claims_blocked,
        role=lot.role,
        pool_key=lot.pool_key,
        made_by=lot.made_by,
        made_at=lot.made_at,
    )


def columns(lot: LotView) -> dict[str, Any]:
    """Return the lot as its row holds it."""
    plain_fields = {
        name: getattr(lot, name)
        for name in (
            "code",
            "owner",
            "custodian",
            "supplier",
            "source",
            "site_code",
            "adcode",
            "declared_mass_g",
            "status",
            "handed_over",
            "claims_blocked",
            "role",
            "pool_key",
            "made_by",
            "made_at",
        )
    }
    state = lot.state.to_json()
    return {**asdict(lot.spec), **plain_fields, "mass_g": lot.state.mass_g, "state": state}


def _event(
    body: dict[str, Any], facts: Facts, *, at: datetime, recorded_at: datetime
) -> LedgerEvent:
    text = canonical(body)
    return LedgerEvent(
        seq=0,
        hash=hashlib.sha256(text).hexdigest(),
        event_id=body["eventID"],
        kind=facts["kind"],
        rules=facts["rules"],
        occurred_at=at,
        recorded_at=recorded_at,
        body=text.decode(),
    )


def _write(
    session: Session, event: LedgerEvent, outcome: Outcome, lots: Mapping[str, Lot]
) -> dict[str, Lot]:
    written = dict(lots)
    for each in outcome.lots:
        row = written.get(each.code)
        if row is None:
            written[each.code] = _new_row(session, each)
            continue
        for name, value in columns(each).items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        session.add(row)
    session.flush()
    _write_derived(session, event, outcome, {code: lot.key for code, lot in written.items()})
    return written


def _new_row(session: Session, lot: LotView) -> Lot:
    taken = session.exec(select(Lot.id).where(Lot.code == lot.code)).first()
    if taken is not None:
        raise LotCodeTaken(lot_code=lot.code)
    row = Lot(**columns(lot))
    session.add(row)
    return row


def _write_derived(
    session: Session, event: LedgerEvent, outcome: Outcome, ids: Mapping[str, int]
) -> None:
    for code in dict.fromkeys(outcome.touched):
        session.add(EventLot(lot_id=ids[code], event_hash=event.hash))
    for link in outcome.links:
        session.add(
            Edge(
                child_id=ids[link.child],
                parent_id=ids[link.parent],
                mass_g=link.mass_g,
                internal=link.internal,
                event_hash=event.hash,
            )
        )
    for line in outcome.lines:
        session.add(
            BookLine(
                event_hash=event.hash,
                lot_id=None if line.lot_code is None else ids[line.lot_code],
                kind=line.kind,
                name=line.name,
                metal=line.metal,
                mass_g=line.state.mass_g,
                vector=line.state.to_json(),
                beyond_tolerance=line.beyond_tolerance,
            )
        )
    for melt in outcome.melts:
        session.add(MeltLine(event_hash=event.hash, **melt))
