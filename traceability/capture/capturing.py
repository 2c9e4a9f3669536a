"""Capture: events of others come in as evidence, are logged, and never change a lot.

The same event again, in another key order, EPC form or notation of its time, is the event that
is there; who captures it as well stands beside it as a second witness.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import orjson
from sqlmodel import Session, col, func, or_, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.traceability.capture.checks import DocumentRefused, Fault, Given, listed, step
from remelt.traceability.capture.models import CaptureJob, Evidence, EvidenceLot, EvidenceName
from remelt.traceability.capture.rules import (
    LARGEST_CONTEXT,
    LARGEST_EVENT,
    canonical,
    names_of,
    too_far_ahead,
)
from remelt.traceability.door import bulk
from remelt.traceability.door.seal import new_events, stage
from remelt.traceability.epcis.eventid import Names, event_id, moment, namespaces
from remelt.traceability.epcis.names import web_name
from remelt.traceability.epcis.words import EVIDENCE, LOT
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.rules.editions import RULES

AT_ONCE = 500
_LOT_LINK = re.compile(r"https?://\S+/(?:l|L|10)/([0-9A-Z]{14})")
T = TypeVar("T")


class Draft(NamedTuple):
    """One event, ready to be stored: its ids, canonical text and what it names."""

    at: int
    event_id: str
    identity: str
    text: bytes
    hash: str
    occurred_at: datetime
    said_id: str
    names: list[str]
    lots: list[str]
    declares: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A document as far as it can be judged without the ledger: sound drafts, and every fault."""

    given: Given
    drafts: list[Draft]
    faults: list[Fault]


def prepared(given: Given) -> Prepared:
    """Return the sound events of a document as drafts, and every fault. Pure."""
    faults = list(given.faults)
    bad = {fault.event for fault in faults}
    drafts: list[Draft] = []
    if len(canonical({"": given.context})) > LARGEST_CONTEXT:
        faults.append(Fault(path="$['@context']", rule="context-too-large"))
        return Prepared(given=given, drafts=drafts, faults=faults)
    names = namespaces(given.context)
    for at, event in enumerate(given.events):
        if at in bad:
            continue
        context, own = given.context, names
        if "@context" in event:
            context = _merged(context, listed(event["@context"]))
            own = namespaces(context)
        draft = _draft(event, at=at, context=context, names=own, plain=given.plain)
        if len(draft.text) > LARGEST_EVENT:
            faults.append(Fault(path=given.place(at), rule="event-too-large", event=at))
        else:
            drafts.append(draft)
    return Prepared(given=given, drafts=drafts, faults=faults)


def capture(
    session: Session, document: Prepared, *, clock: Clock, organisation: str, proceed: bool = False
) -> CaptureJob:
    """Store what is sound as evidence of `organisation`, and return the job that says so.

    proceed: store the sound events of a document though others are refused; else one fault
    refuses all of them. Raises `DocumentRefused`.
    """
    _one_at_a_time(session)
    now = clock.now(session)
    faults = [*document.faults, *_not_yet(document, now=now)]
    if faults and not proceed:
        raise DocumentRefused(faults)
    bad = {fault.event for fault in faults}
    sound = [draft for draft in document.drafts if draft.at not in bad]
    known = _known(session, sound)
    fresh = {draft.identity: draft for draft in sound if draft.identity not in known}
    originals = {d.event_id: d.hash for d in fresh.values() if not d.declares}
    originals |= _originals(session, fresh.values())
    rows = [_row(draft, originals, now=now) for draft in fresh.values()]
    events = dict(zip(fresh, new_events(session, rows), strict=True))
    job = CaptureJob(
        code=new_code(),
        organisation_code=organisation,
        created_at=now,
        behaviour="proceed" if proceed else "rollback",
        events=len(document.given.events),
        fresh=len(events),
        faults=[asdict(fault) for fault in faults],
    )
    session.add(job)
    session.flush()
    keys = known | {identity: event.key for identity, event in events.items()}
    _attach(session, sound, keys, job=job, fresh=set(fresh))
    stage(session, *events.values())
    return job


def _not_yet(document: Prepared, *, now: datetime) -> list[Fault]:
    return [
        Fault(
            path=step(document.given.place(draft.at), "eventTime"), rule="not-yet", event=draft.at
        )
        for draft in document.drafts
        if too_far_ahead(draft.occurred_at, now=now)
    ]


def _draft(
    event: dict[str, Any], *, at: int, context: list[Any], names: Names, plain: bool
) -> Draft:
    named = names_of(event)
    name = event_id(event, names=names)
    text = canonical({"eventID": name, **event, "@context": context}, plain=plain)
    declared = event.get("errorDeclaration")
    occurred_at = moment(event["eventTime"])
    if occurred_at is None:
        raise ValueError("the rules let no such time pass")
    return Draft(
        at=at,
        event_id=name,
        identity=name if declared is None else name + _declaration(declared),
        text=text,
        hash=hashlib.sha256(text).hexdigest(),
        occurred_at=occurred_at,
        said_id=event.get("eventID", ""),
        names=list(dict.fromkeys(map(web_name, named))),
        lots=[code for name in named if (code := _lot_code(name))],
        declares=declared is not None,
    )


def _merged(context: list[Any], own: list[Any]) -> list[Any]:
    return [*context, *(part for part in own if part not in context)]


def _declaration(declared: dict[str, Any]) -> str:
    """Return what makes one error declaration another than the next about the same event."""
    at = moment(declared["declarationTime"])
    said = [str(at), declared.get("reason"), sorted(declared.get("correctiveEventIDs", ()))]
    return "#" + hashlib.sha256(orjson.dumps(said)).hexdigest()


def _lot_code(name: str) -> str | None:
    if name.startswith(LOT):
        return name.removeprefix(LOT)
    found = _LOT_LINK.fullmatch(name) if name.startswith("http") else None
    return found[1] if found else None


def _one_at_a_time(session: Session) -> None:
    """Let captures wait for each other: of two that bring the same event, the second finds it."""
    if session.get_bind().dialect.name == "postgresql":
        name = func.hashtextextended("epcis-capture", 0)
        session.connection().execute(select(func.pg_advisory_xact_lock(name)))


def _known(session: Session, drafts: Sequence[Draft]) -> dict[str, int]:
    """Return the keys of the events that the ledger holds already, by identity."""
    found: dict[str, int] = {}
    declaring = any(draft.declares for draft in drafts)
    for some in _portions(sorted({draft.event_id for draft in drafts})):
        statement = select(LedgerEvent.id, LedgerEvent.event_id).where(
            col(LedgerEvent.event_id).in_(some), col(LedgerEvent.corrects).is_(None)
        )
        found |= {name: key or 0 for key, name in session.exec(statement)}
        if not declaring:
            continue
        declared = select(LedgerEvent).where(
            col(LedgerEvent.event_id).in_(some), col(LedgerEvent.corrects).is_not(None)
        )
        for event in session.exec(declared):
            said = orjson.loads(event.body)["errorDeclaration"]
            found[event.event_id + _declaration(said)] = event.key
    return found


def _originals(session: Session, drafts: Iterable[Draft]) -> dict[str, str]:
    """Return the hash of the stored event that each declaration says is wrong, by event id."""
    wanted = sorted({draft.event_id for draft in drafts if draft.declares})
    found: dict[str, str] = {}
    for some in _portions(wanted):
        statement = select(LedgerEvent.event_id, LedgerEvent.hash).where(
            col(LedgerEvent.event_id).in_(some), col(LedgerEvent.corrects).is_(None)
        )
        found |= dict(session.exec(statement).all())
    return found


def _row(draft: Draft, originals: dict[str, str], *, now: datetime) -> dict[str, Any]:
    """Return the event's row. A declaration about an event that nobody captured corrects ''."""
    return {
        "hash": draft.hash,
        "event_id": draft.event_id,
        "kind": EVIDENCE,
        "rules": RULES,
        "corrects": originals.get(draft.event_id, "") if draft.declares else None,
        "occurred_at": draft.occurred_at,
        "recorded_at": now,
        "body": draft.text.decode(),
    }


def _attach(
    session: Session,
    drafts: Sequence[Draft],
    keys: dict[str, int],
    *,
    job: CaptureJob,
    fresh: set[str],
) -> None:
    """Write who captured which event, what fresh events name, and which lots of theirs."""
    organisation = job.organisation_code
    wanted = {keys[draft.identity]: draft for draft in reversed(drafts)}
    for some in _portions([keys[d.identity] for d in drafts if d.identity not in fresh]):
        statement = select(Evidence.event_key).where(
            col(Evidence.event_key).in_(some), Evidence.organisation_code == organisation
        )
        for key in session.exec(statement):
            wanted.pop(key, None)
    common = {"organisation_code": organisation, "job_id": job.key}
    rows = [{"event_key": k, "said_id": d.said_id, **common} for k, d in wanted.items()]
    bulk.write(session, Evidence, rows)
    names = [
        {"event_key": key, "name": name}
        for key, draft in wanted.items()
        if draft.identity in fresh
        for name in draft.names
    ]
    bulk.write(session, EvidenceName, names)
    _link(session, wanted, organisation=organisation)


def _link(session: Session, wanted: dict[int, Draft], *, organisation: str) -> None:
    """Link evidence to lots of this ledger that the organisation owns, holds or supplied."""
    codes = sorted({code for draft in wanted.values() for code in draft.lots})
    ids: dict[str, int] = {}
    for some in _portions(codes):
        statement = select(Lot.code, Lot.id).where(
            col(Lot.code).in_(some),
            or_(
                Lot.owner == organisation,
                Lot.custodian == organisation,
                Lot.supplier == organisation,
            ),
        )
        ids |= {code: lot_id or 0 for code, lot_id in session.exec(statement)}
    rows = [
        {"event_key": key, "lot_id": ids[code], "organisation_code": organisation}
        for key, draft in wanted.items()
        for code in dict.fromkeys(draft.lots)
        if code in ids
    ]
    bulk.write(session, EvidenceLot, rows)


def _portions(every: Sequence[T]) -> list[Sequence[T]]:
    return [every[at : at + AT_ONCE] for at in range(0, len(every), AT_ONCE)]
