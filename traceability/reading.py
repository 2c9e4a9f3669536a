"""Stored events, opened: the public body with every private value that is still there."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlmodel import Session, col, select

from remelt.traceability.epcis import facts_of
from remelt.traceability.facts import Facts, reopen
from remelt.traceability.models import LedgerEvent, PrivateValue

MOST_AT_ONCE = 500


def opened(session: Session, event: LedgerEvent) -> Facts:
    """Return what one event says."""
    return opened_all(session, [event])[0]


def opened_all(session: Session, events: Sequence[LedgerEvent]) -> list[Facts]:
    """Return what each event says, in order; erased values stay digests.

    An error declaration says what the event it declares wrong said, under the kind `declare`.
    """
    values = _values(session, [event.corrects or event.hash for event in events])
    return [_facts(event, values.get(event.corrects or event.hash, {})) for event in events]


def _facts(event: LedgerEvent, values: dict[str, Any]) -> Facts:
    facts = reopen(facts_of(orjson.loads(event.body)), values)
    return facts | {"kind": "declare"} if event.corrects else facts


def _values(session: Session, hashes: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for at in range(0, len(hashes), MOST_AT_ONCE):
        some = hashes[at : at + MOST_AT_ONCE]
        statement = select(PrivateValue.event_hash, PrivateValue.path, PrivateValue.value).where(
            col(PrivateValue.event_hash).in_(some)
        )
        for event_hash, path, value in session.exec(statement):
            found.setdefault(event_hash, {})[path] = orjson.loads(value)
    return found
