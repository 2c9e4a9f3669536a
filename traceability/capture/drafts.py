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
from remelt.traceability.epcis.eventid import Names, event_id
from remelt.traceability.epcis.names import web_name
from remelt.traceability.epcis.values import moment

HASHED = "ni:"
Identity = tuple[str, str, str]


class Draft(NamedTuple):
    """One event, ready to be stored: its ids, canonical text and what it names.

    said: as its captor sent it, canonical. text: what is stored and hashed, the same but for an
    id that looks like an event hash and is another's: that is the captor's word, and no more.
    variant: the hash of its content where another event has the same event hash. identity: what
    makes it the event that is there.
    """

    at: int
    event_id: str
    text: bytes
    said: bytes
    hash: str
    occurred_at: datetime
    said_id: str
    names: list[str]
    declares: str
    variant: str = ""

    @property
    def identity(self) -> Identity:
        """What no two events share: event hash, variant, and what it declares wrong about it."""
        return self.event_id, self.variant, self.declares


def draft_of(
    event: dict[str, Any], *, at: int, context: list[Any], names: Names, plain: bool
) -> Draft:
    """Return an event that the rules let pass as a draft. names: the prefixes of its context."""
    named = names_of(event)
    name = event_id(event, names=names)
    said = text = canonical({"eventID": name, **event, "@context": context}, plain=plain)
    said_id = event.get("eventID", "")
    if said_id != name and said_id.startswith(HASHED):
        text = canonical({**event, "eventID": name, "@context": context}, plain=plain)
    declared = event.get("errorDeclaration")
    occurred_at = moment(event["eventTime"])
    if occurred_at is None:
        raise ValueError("the rules let no such time pass")
    return Draft(
        at=at,
        event_id=name,
        text=text,
        said=said,
        hash=hashlib.sha256(text).hexdigest(),
        occurred_at=occurred_at,
        said_id=said_id,
        names=list(dict.fromkeys(map(web_name, named))),
        declares="" if declared is None else declaration(declared),
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


def variant_of(said: str) -> str:
    """Return the SHA-256 of what an event says: nobody finds two contents that share one."""
    return hashlib.sha256(said.encode()).hexdigest()


def declaration(declared: dict[str, Any]) -> str:
    """Return what makes one error declaration another than the next about the same event."""
    at = moment(declared.get("declarationTime", ""))
    said = [str(at), declared.get("reason"), sorted(declared.get("correctiveEventIDs", ()))]
    return "#" + hashlib.sha256(orjson.dumps(said)).hexdigest()
