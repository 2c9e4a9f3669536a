"""Who captured an event: told to those who judge all there is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlmodel import Session, col, select

from remelt.traceability.capture.models import Evidence

_AT_ONCE = 500


class Found(NamedTuple):
    """An event that may answer: body in the reader's own words, event is the same parsed."""

    seq: int
    body: str
    event: dict[str, Any]
    recorded: datetime
    key: int
    hash_id: str


def bodies(session: Session, found: Sequence[Found], *, judging: bool) -> list[str]:
    """Return the bodies of events; judging: with the captors of evidence, and its hash."""
    if not judging:
        return [each.body for each in found]
    captors = _captors(session, [each.key for each in found])
    return [
        f"{each.body[:-1]},{_said(each, captors[each.key])}" if each.key in captors else each.body
        for each in found
    ]


def _captors(session: Session, keys: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Return who captured each event and which id they gave it, the first first."""
    captors: dict[int, list[tuple[str, str]]] = {}
    for at in range(0, len(keys), _AT_ONCE):
        statement = (
            select(Evidence.event_key, Evidence.organisation_code, Evidence.said_id)
            .where(col(Evidence.event_key).in_(keys[at : at + _AT_ONCE]))
            .order_by(col(Evidence.id))
        )
        for key, organisation, said_id in session.exec(statement):
            captors.setdefault(key, []).append((organisation, said_id))
    return captors


def _said(found: Found, captors: list[tuple[str, str]]) -> str:
    told: dict[str, Any] = {
        "remelt:capturedBy": [organisation for organisation, _ in captors],
        "remelt:eventHash": found.hash_id,
    }
    claimed = {said for _, said in captors if said.startswith("ni:") and said != found.hash_id}
    if claimed:
        told["remelt:claimedIDs"] = sorted(claimed)
    return orjson.dumps(told)[1:].decode()
