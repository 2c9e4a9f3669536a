"""Capture: events of others come in as evidence, are logged, and never change a lot.

The same event again, in another key order, EPC form or notation of its time, is the event that
is there; who captures it as well stands beside it as a second witness, with its own comments and
ids. Another event that only has the same hash stands beside it as well: nobody can take an id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import orjson
from sqlalchemy import and_, or_
from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.traceability.capture.checks import (
    DocumentRefused,
    Fault,
    Given,
    listed,
    step,
)
from remelt.traceability.capture.drafts import (
    Draft,
    Identity,
    declaration,
    draft_of,
    refused,
    variant_of,
)
from remelt.traceability.capture.models import CaptureJob, Evidence, EvidenceName
from remelt.traceability.capture.reserved import RULE as RESERVED
from remelt.traceability.capture.reserved import bindings, rebound
from remelt.traceability.capture.rules import (
    LARGEST_CONTEXT,
    canonical,
    too_far_ahead,
)
from remelt.traceability.door import bulk
from remelt.traceability.door.seal import new_events, stage
from remelt.traceability.epcis.content import content
from remelt.traceability.epcis.eventid import namespaces
from remelt.traceability.epcis.words import EVIDENCE
from remelt.traceability.models import LedgerEvent
from remelt.traceability.rules.editions import RULES

AT_ONCE = 500
Originals = dict[tuple[str, str], str]
T = TypeVar("T")


class Known(NamedTuple):
    """Events that are there: key by identity, body by key, and the first body of each id."""

    keys: dict[Identity, int]
    texts: dict[int, str]
    first: dict[str, bytes]


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
    if rebound(given.context):
        faults.append(Fault(path="$['@context']", rule=RESERVED))
        return Prepared(given=given, drafts=drafts, faults=faults)
    names, bound = namespaces(given.context), bindings(given.context)
    for at, event in enumerate(given.events):
        if at in bad:
            continue
        context, own, full = given.context, names, bound
        if "@context" in event:
            context = _merged(context, listed(event["@context"]))
            own, full = namespaces(context), bindings(context)
        draft = draft_of(event, at=at, context=context, names=own, plain=given.plain)
        wrong = refused(draft, event, context=context, names=full, place=given.place(at))
        faults += wrong
        if not wrong:
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
    late = _not_yet(document, now=now)
    known = Known({}, {}, {})
    _look_up(session, document.drafts, known)
    faults = [*document.faults, *late]
    if faults and not proceed:
        raise DocumentRefused(faults)
    bad = {fault.event for fault in faults}
    sound: dict[Identity, Draft] = {}
    for draft in document.drafts:
        if draft.at not in bad:
            one = _told_apart(draft, known.first)
            sound.setdefault(one.identity, one)
    _look_up(session, [draft for draft in sound.values() if draft.variant], known)
    keys = {identity: known.keys[identity] for identity in sound if identity in known.keys}
    held = _held(session, list(keys.values()), organisation=organisation)
    fresh = [draft for draft in sound.values() if draft.identity not in keys]
    events = _recorded(session, fresh, now=now)
    job = CaptureJob(
        code=new_code(),
        organisation_code=organisation,
        created_at=now,
        behaviour="proceed" if proceed else "rollback",
        events=len(document.given.events),
        fresh=len(sound) - len(held),
        faults=[asdict(fault) for fault in faults],
    )
    session.add(job)
    session.flush()
    keys |= {draft.identity: event.key for draft, event in zip(fresh, events, strict=True)}
    wanted = {keys[i]: draft for i, draft in sound.items() if keys[i] not in held}
    _attach(session, wanted, known, job=job)
    stage(session, *events)
    return job


def _not_yet(document: Prepared, *, now: datetime) -> list[Fault]:
    return [
        Fault(
            path=step(document.given.place(draft.at), "eventTime"), rule="not-yet", event=draft.at
        )
        for draft in document.drafts
        if too_far_ahead(draft.occurred_at, now=now)
    ]


def _merged(context: list[Any], own: list[Any]) -> list[Any]:
    return [*context, *(part for part in own if part not in context)]


def _one_at_a_time(session: Session) -> None:
    """Let captures wait for each other: of two that bring the same event, the second finds it."""
    if session.get_bind().dialect.name == "postgresql":
        name = func.hashtextextended("epcis-capture", 0)
        session.connection().execute(select(func.pg_advisory_xact_lock(name)))


def _look_up(session: Session, drafts: Sequence[Draft], known: Known) -> None:
    """Add to `known` what the ledger holds already under the ids and variants of `drafts`."""
    for some in _portions(sorted({(draft.event_id, draft.variant) for draft in drafts})):
        named = col(LedgerEvent.event_id).in_([name for name, _ in some])
        declares = col(LedgerEvent.corrects).is_not(None)
        statement = (
            select(LedgerEvent)
            .where(
                or_(and_(named, declares), and_(named, ~declares)),  # each has an index of its own
                col(LedgerEvent.variant).in_({variant for _, variant in some}),
            )
            .order_by(col(LedgerEvent.id))
        )
        for row in session.exec(statement):
            declared = ""
            if row.corrects is not None:
                declared = declaration(orjson.loads(row.body).get("errorDeclaration", {}))
            known.keys[row.event_id, row.variant, declared] = row.key
            known.texts[row.key] = row.body
            if not row.variant:
                known.first.setdefault(row.event_id, row.body.encode())


def _told_apart(draft: Draft, first: dict[str, bytes]) -> Draft:
    """Return the draft, as a variant where what came first under its hash says something else."""
    there = first.setdefault(draft.event_id, draft.text)
    if there == draft.text:
        return draft
    said = content(orjson.loads(draft.text))
    if content(orjson.loads(there)) == said:
        return draft
    return draft._replace(variant=variant_of(said))


def _held(session: Session, keys: Sequence[int], *, organisation: str) -> set[int]:
    """Return which of these events the organisation has captured before."""
    found: set[int] = set()
    for some in _portions(keys):
        statement = select(Evidence.event_key).where(
            col(Evidence.event_key).in_(some), Evidence.organisation_code == organisation
        )
        found.update(session.exec(statement))
    return found


def _recorded(session: Session, fresh: Sequence[Draft], *, now: datetime) -> list[LedgerEvent]:
    """Return the new events of the ledger, not staged yet."""
    originals = {(d.event_id, d.variant): d.hash for d in fresh if not d.declares}
    originals |= _originals(session, fresh)
    return new_events(session, [_row(draft, originals, now=now) for draft in fresh])


def _originals(session: Session, drafts: Iterable[Draft]) -> Originals:
    """Return the hash of the stored event that each declaration says is wrong."""
    wanted = sorted({draft.event_id for draft in drafts if draft.declares})
    found: Originals = {}
    for some in _portions(wanted):
        statement = select(LedgerEvent.event_id, LedgerEvent.variant, LedgerEvent.hash).where(
            col(LedgerEvent.event_id).in_(some), col(LedgerEvent.corrects).is_(None)
        )
        found |= {(name, variant): text for name, variant, text in session.exec(statement)}
    return found


def _row(draft: Draft, originals: Originals, *, now: datetime) -> dict[str, Any]:
    """Return the event's row. A declaration about an event that nobody captured corrects ''."""
    return {
        "hash": draft.hash,
        "event_id": draft.event_id,
        "variant": draft.variant,
        "kind": EVIDENCE,
        "rules": RULES,
        "corrects": originals.get((draft.event_id, draft.variant), "") if draft.declares else None,
        "occurred_at": draft.occurred_at,
        "recorded_at": now,
        "body": draft.text.decode(),
    }


def _attach(session: Session, wanted: dict[int, Draft], known: Known, *, job: CaptureJob) -> None:
    """Write who captured which event in which words, and what fresh events name."""
    common = {"organisation_code": job.organisation_code, "job_id": job.key}
    rows = []
    for key, draft in wanted.items():
        told = draft.said.decode()
        said = None if known.texts.get(key, draft.text.decode()) == told else told
        rows.append({"event_key": key, "said_id": draft.said_id, "said": said, **common})
    bulk.write(session, Evidence, rows)
    names = [
        {"event_key": key, "name": name}
        for key, draft in wanted.items()
        if key not in known.texts
        for name in draft.names
    ]
    bulk.write(session, EvidenceName, names)


def _portions(every: Sequence[T]) -> list[Sequence[T]]:
    return [every[at : at + AT_ONCE] for at in range(0, len(every), AT_ONCE)]
