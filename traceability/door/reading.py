"""Stored events, opened: the public body with every private value that is still there."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import orjson
from sqlmodel import Session, col, select

from remelt.traceability.epcis.words import EVIDENCE, told
from remelt.traceability.facts import Facts, reopen
from remelt.traceability.models import LedgerEvent, PrivateValue

MOST_AT_ONCE = 500
T = TypeVar("T")


def opened(session: Session, event: LedgerEvent) -> Facts:
    """Return what one event says."""
    return opened_all(session, [event])[0]


def opened_all(session: Session, events: Sequence[LedgerEvent]) -> list[Facts]:
    """Return what each event says, in order; erased values stay digests.

    An error declaration says what the event it declares wrong said, under the kind `declare`.
    """
    keys = _keys(session, events)
    values = _values(session, sorted(set(keys)))
    return [_facts(event, values.get(key, {})) for event, key in zip(events, keys, strict=True)]


def _facts(event: LedgerEvent, values: dict[str, Any]) -> Facts:
    if event.kind == EVIDENCE:
        return {}
    facts = reopen(told(event.body), values)
    return facts | {"kind": "declare"} if event.corrects else facts


def _keys(session: Session, events: Sequence[LedgerEvent]) -> list[int]:
    """Return under which key the private values of each event stand."""
    wrong = {event.corrects for event in events if event.corrects}
    found: dict[str, int] = {}
    for some in _portions(sorted(wrong)):
        statement = select(LedgerEvent.hash, LedgerEvent.id).where(col(LedgerEvent.hash).in_(some))
        found |= {event_hash: key or 0 for event_hash, key in session.exec(statement)}
    return [found[event.corrects] if event.corrects else event.key for event in events]


def _values(session: Session, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for some in _portions(keys):
        statement = select(PrivateValue.event_key, PrivateValue.path, PrivateValue.value).where(
            col(PrivateValue.event_key).in_(some)
        )
        for event_key, path, value in session.exec(statement):
            found.setdefault(event_key, {})[path] = orjson.loads(value)
    return found


def _portions(every: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(every), MOST_AT_ONCE):
        yield every[at : at + MOST_AT_ONCE]
