"""One event as it will be stored: its ids, its canonical text, and what is wrong with it whole."""

import hashlib
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

import orjson

from remelt.traceability.capture.checks import MOST_FAULTS, Fault, step
from remelt.traceability.capture.reserved import RULE as RESERVED
from remelt.traceability.capture.reserved import rebound, reserved
from remelt.traceability.capture.rules import LARGEST_EVENT, canonical, names_of
from remelt.traceability.epcis.eventid import Names, event_id, moment
from remelt.traceability.epcis.names import web_name


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
    declares: bool


def draft_of(
    event: dict[str, Any], *, at: int, context: list[Any], names: Names, plain: bool
) -> Draft:
    """Return an event that the rules let pass as a draft. names: the prefixes of its context."""
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
        identity=name if declared is None else name + declaration(declared),
        text=text,
        hash=hashlib.sha256(text).hexdigest(),
        occurred_at=occurred_at,
        said_id=event.get("eventID", ""),
        names=list(dict.fromkeys(map(web_name, named))),
        declares=declared is not None,
    )


def refused(
    draft: Draft, event: dict[str, Any], *, context: list[Any], names: dict[str, str], place: str
) -> list[Fault]:
    """Return what is wrong with an event as a whole: its size, and names that are not its own."""
    if len(draft.text) > LARGEST_EVENT:
        return [Fault(path=place, rule="event-too-large", event=draft.at)]
    if rebound(context):
        return [Fault(path=step(place, "@context"), rule=RESERVED, event=draft.at)]
    return [
        Fault(path=step(place, *keys), rule=RESERVED, event=draft.at)
        for keys in islice(reserved(event, names, text=draft.text), MOST_FAULTS)
    ]


def declaration(declared: dict[str, Any]) -> str:
    """Return what makes one error declaration another than the next about the same event."""
    at = moment(declared.get("declarationTime", ""))
    said = [str(at), declared.get("reason"), sorted(declared.get("correctiveEventIDs", ()))]
    return "#" + hashlib.sha256(orjson.dumps(said)).hexdigest()
