"""Three tiers of one proof: the private values of a lot's events, opened to whoever may know them.

The public tier opens nothing. A buyer, the owner or holder of the lot, sees what its sites said of
it: place, time, masses, tickets, inputs, analysis. An auditor or regulator sees firms too. Persons
stay closed in both, also where a person is a party of the trade: no lot names its collector.
"""

import hmac
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import orjson
from sqlmodel import Session, col, or_, select

from remelt.traceability.epcis.words import facts_of
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.facts import Opened, canonical, salts
from remelt.traceability.models import EventLot, LedgerEvent, Lot, PrivateValue, SubjectSecret
from remelt.traceability.proofs.verifier import (
    key_list,
    logged,
    match,
    members,
    moment,
    need,
    parse,
)
from remelt.traceability.tracing.genealogy import above

BUYER, AUDITOR = "buyer", "auditor"
SUBJECTS = {BUYER: ("site:",), AUDITOR: ("site:", "org:")}
FORMAT = "remelt/openings@v1"
MOST_EVENTS = 500
Prove = Callable[[int], str]
Persons = Callable[[Collection[str]], Collection[str]]


def openings(
    session: Session, *, lot_code: str, tier: str, created: str, prove: Prove, persons: Persons
) -> dict[str, Any]:
    """Return the opened values of a lot's events, each with its salt, for the tier that asks.

    A buyer gets the lot's own events, an auditor also those of all that it was made of, the
    newest 500. prove: gives the tlog-proof of an event's number. persons: which of these codes of
    firms and sites lead to a person; nothing of them is opened. What was erased is not there.
    Raises `NoSuchLot`.
    """
    lot = session.exec(select(Lot).where(Lot.code == lot_code)).first()
    if lot is None:
        raise NoSuchLot(lot_code=lot_code)
    events = _events(session, lot, deep=tier == AUDITOR)
    values, keys = _values(session, events)
    closed = frozenset(persons(_codes(values.values())))
    return {
        "format": FORMAT,
        "tier": tier,
        "lot": lot_code,
        "created": created,
        "events": [
            {
                "event": event.body,
                "proof": prove(event.seq),
                "opened": list(
                    _opened(event, values.get(event.key, []), keys=keys, tier=tier, closed=closed)
                ),
            }
            for event in events
        ],
    }


def check_openings(file: bytes, *, keys: bytes, root: str, least: int = 0) -> list[dict[str, Any]]:
    """Return the values that a file opens, each checked against its event in the log, offline.

    It uses the passport's verifier and no database. Raises `verifier.Bad`.
    """
    known, said, found = key_list(keys, root=root, least=least), parse(file, "openings"), []
    members(said, "created events format lot tier", "openings")
    need(said["format"] == FORMAT, "openings.format", "not known")
    created = moment(said["created"], "openings.created")
    for number, each in enumerate(said["events"]):
        where = f"openings.events[{number}]"
        members(each, "event opened proof", where)
        event, place = logged(each, known, created, where)
        facts = facts_of(event)
        for one in each["opened"]:
            members(one, "path salt value", f"{where}.opened")
            salt = bytes.fromhex(match("([0-9a-f]{64})", one["salt"], where, "no salt")[0])
            made = hmac.digest(salt, canonical(one["value"]), "sha256").hex()
            right = _at(facts, one["path"]) == f"urn:remelt:sealed:{made}"
            need(right, f"{where} {one['path']}", "not what the event sealed")
            found.append({"event": place["index"], "path": one["path"], "value": one["value"]})
    return found


def _events(session: Session, lot: Lot, *, deep: bool) -> list[LedgerEvent]:
    whose = [col(EventLot.lot_id) == lot.key]
    if deep:
        whose.append(col(EventLot.lot_id).in_(select(above(lot).c.id)))
    named = select(EventLot.event_key).where(or_(*whose))
    newest = (
        select(LedgerEvent)
        .where(col(LedgerEvent.id).in_(named), col(LedgerEvent.corrects).is_(None))
        .order_by(col(LedgerEvent.seq).desc())
        .limit(MOST_EVENTS)
    )
    return list(session.exec(newest))[::-1]


def _values(
    session: Session, events: Sequence[LedgerEvent]
) -> tuple[dict[int, list[Opened]], dict[str, bytes]]:
    numbers = [event.key for event in events]
    found: dict[int, list[Opened]] = {}
    for row in session.exec(
        select(PrivateValue)
        .where(col(PrivateValue.event_key).in_(numbers))
        .order_by(col(PrivateValue.path))
    ):
        value = Opened(row.path, row.subject, orjson.loads(row.value))
        found.setdefault(row.event_key, []).append(value)
    wanted = {each.subject for values in found.values() for each in values}
    secrets = select(SubjectSecret.subject, SubjectSecret.secret)
    keys = session.exec(secrets.where(col(SubjectSecret.subject).in_(wanted)))
    return found, dict(keys.all())


def _codes(values: Iterable[Sequence[Opened]]) -> frozenset[str]:
    """Return the firms and sites that these values name or belong to."""
    whose = {each.subject for some in values for each in some}
    return frozenset(one.partition(":")[2] for one in whose if one.startswith(SUBJECTS[AUDITOR]))


def _opened(
    event: LedgerEvent,
    values: Sequence[Opened],
    *,
    keys: dict[str, bytes],
    tier: str,
    closed: frozenset[str],
) -> Iterable[dict[str, Any]]:
    salted = salts(facts_of(orjson.loads(event.body)), values, keys=keys)
    for each in values:
        may = each.subject.startswith(SUBJECTS[tier]) and not _of_a_person(each, closed)
        if may and each.path in salted:
            yield {"path": each.path, "salt": salted[each.path].hex(), "value": each.value}


def _of_a_person(value: Opened, closed: frozenset[str]) -> bool:
    """Tell whether a value names a person, or belongs to a firm that is one."""
    kind, _, code = value.subject.partition(":")
    said = value.value if isinstance(value.value, str) else ""
    named = said.removeprefix("org:") in closed or said.startswith("person:")
    return named or (kind == "org" and code in closed)


def _at(facts: Any, path: str) -> Any:
    for part in path.split("/")[1:]:
        try:
            facts = facts[int(part)] if isinstance(facts, list) else facts[part]
        except (LookupError, TypeError, ValueError):
            return None
    return facts
