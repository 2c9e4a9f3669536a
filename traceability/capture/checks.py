"""EPCIS 2.0 documents as they come in: read, held against the standard's schema and our own rules.

Nothing is fetched: a JSON-LD context is a text. A fault names the place (JSON path) and the rule.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jsonschema_rs
import orjson

from remelt.platform.kernel.errors import Invalid
from remelt.traceability.capture.fields import TYPES
from remelt.traceability.capture.rules import (
    DEEPEST,
    LARGEST_CONTEXT,
    OTHERWISE,
    broken,
    depth_beyond,
    names_in,
)
from remelt.traceability.capture.schema import SCHEMA, validator

MOST_EVENTS = 1000
MOST_JUDGED = 2**15  # bytes of faulty events whose every fault is told
MOST_FAULTS = 5  # told of one event
EVENTS = "$.epcisBody.eventList[*]"
_KEYS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?', re.DOTALL)
_SPACED = re.compile(rb'"[ \t\r\n]+:')
_NUMBERS = [  # fractions and huge numbers in a text without blanks: after a name, or in a list
    re.compile(before + rb"-?[0-9]+(?:[.eE]|[0-9]{15})") for before in (rb'":', rb",", rb"\[")
]
_DOCUMENT, _ENVELOPE = validator(), validator("envelope")
_EVENT, _BARE, _FIELDS = validator("event"), validator("bare"), validator("traced")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS = {
    "type": "wrong-type",
    "required": "missing",
    "additionalProperties": "unknown-field",
    "enum": "unknown-word",
    "const": "unknown-word",
    "uniqueItems": "named-twice",
    "minItems": "empty",
    "minProperties": "empty",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One broken rule. event: the place of its event in the list, None for the envelope."""

    path: str
    rule: str
    event: int | None = None


class DocumentRefused(Invalid):
    """What was to be captured breaks rules; `faults` names each with its place."""

    code = "document-refused"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults=len(faults))
        self.faults = list(faults)


class TooManyEvents(Invalid):
    """More events than one capture takes."""

    code = "too-many-events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given to capture: events in order, where each stands, what is wrong with them.

    plain: the text holds no fraction, no huge number and nothing beyond ASCII.
    """

    events: list[dict[str, Any]]
    context: list[Any]
    path: str
    faults: list[Fault]
    plain: bool

    def place(self, at: int) -> str:
        """Return the JSON path of an event."""
        return self.path.replace("*", str(at))


def valid(document: Any) -> bool:
    """Tell whether a decoded EPCIS document, query document or event follows the standard."""
    return _DOCUMENT.is_valid(document)


def read(raw: bytes) -> Given:
    """Return the events of an EPCISDocument, of one event, or of a list of events.

    Faults of events are returned, because the others may still be captured. Raises
    `DocumentRefused` for what is no such document, `TooManyEvents` beyond 1,000.
    """
    given = _decoded(raw)
    whole = isinstance(given, dict) and given.get("type") == "EPCISDocument"
    if whole:
        events, context, path = _opened(given)
    else:
        single = isinstance(given, dict)
        events, context, path = [given] if single else given, [], "$" if single else "$[*]"
    if len(events) > MOST_EVENTS:
        raise TooManyEvents(count=len(events), most=MOST_EVENTS)
    deep = _deep(events)
    compact = b"" if deep else orjson.dumps(given)
    plain = not deep and raw.isascii() and b"\\u" not in raw
    plain = plain and not any(form.search(compact) for form in _NUMBERS)
    found = Given(events=events, context=context, path=path, faults=[], plain=plain)
    if _said_twice(raw, given, compact):
        raise DocumentRefused([Fault(path="$", rule="name-twice")])
    found.faults.extend(_faults(found, whole=given if whole else None, deep=deep))
    return found


def step(path: str, *keys: str | int) -> str:
    """Return the JSON path of what lies under `path`.

    >>> step("$", "epcList", 0), step("$", "ex:a b")
    ('$.epcList[0]', "$['ex:a b']")
    """
    for key in keys:
        if isinstance(key, int):
            path += f"[{key}]"
        elif _PLAIN_KEY.fullmatch(key):
            path += f".{key}"
        else:
            quoted = key[:100].replace("\\", "\\\\").replace("'", "\\'")
            path += f"['{quoted}']"
    return path


def _decoded(raw: bytes) -> Any:
    try:
        given = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise DocumentRefused([Fault(path="$", rule="not-json")]) from None
    if not isinstance(given, dict | list):
        raise DocumentRefused([Fault(path="$", rule="wrong-type")])
    if isinstance(given, dict) and given.get("type") == "EPCISQueryDocument":
        raise DocumentRefused([Fault(path="$.type", rule="not-for-capture")])
    return given


def _opened(document: dict[str, Any]) -> tuple[list[dict[str, Any]], list[Any], str]:
    """Return events, context and path of a document whose envelope is sound."""
    body = document.get("epcisBody")
    if isinstance(body, dict) and isinstance(body.get("eventList"), list):
        body = {**body, "eventList": []}  # events are judged one by one
    if depth_beyond({**document, "epcisBody": body}):
        raise DocumentRefused([Fault(path="$", rule="too-deep")])
    faults = _errors(_ENVELOPE, document, "$", event=None, room=0)
    if faults:
        raise DocumentRefused(faults[:MOST_FAULTS])
    return document["epcisBody"]["eventList"], listed(document["@context"]), EVENTS


def listed(context: Any) -> list[Any]:
    """Return a JSON-LD context as the list of its parts."""
    return context if isinstance(context, list) else [context]


def _deep(events: list[Any]) -> set[int]:
    """Return the numbers of the events that nest too deep for anything but this to go through."""
    if not depth_beyond(events, most=DEEPEST + 1):
        return set()
    return {
        at
        for at, event in enumerate(events)
        if isinstance(event, dict | list) and depth_beyond(event)
    }


def _faults(given: Given, *, whole: Any, deep: set[int]) -> list[Fault]:
    """Return what is wrong with events: the schema once for all, our rules one by one."""
    events = given.events
    sound = not deep and (_DOCUMENT.is_valid(whole) if whole else all(map(_BARE.is_valid, events)))
    schema = _EVENT if whole else _BARE
    found: list[Fault] = []
    room = MOST_JUDGED
    for at, event in enumerate(events):
        if at in deep:
            found.append(Fault(path=given.place(at), rule="too-deep", event=at))
            continue
        faults: list[Fault] = []
        if not sound:
            faults = _errors(schema, event, given.place(at), event=at, room=room)
            room -= len(orjson.dumps(event)) if faults else 0
        if not faults and event["type"] not in TYPES:
            faults = _worn(event, given.place(at), event=at, room=room)
            room -= len(orjson.dumps(event)) if faults else 0
        if not faults:
            faults = [
                Fault(path=step(given.place(at), *keys), rule=rule, event=at)
                for keys, rule in broken(event, plain=given.plain)
            ]
        found += faults[:MOST_FAULTS]
    return found


def _worn(value: dict[str, Any], path: str, *, event: int, room: int) -> list[Fault]:
    """Return where an event of somebody's own type has the standard's fields in another shape.

    The schema leaves such an event free; what is read, matched and hashed later needs the shape.
    """
    faults = _errors(_FIELDS, value, path, event=event, room=room)
    return [replace(fault, rule=OTHERWISE) for fault in faults]


def _said_twice(raw: bytes, given: Any, compact: bytes) -> bool:
    """Tell whether an object names a member twice: then readers differ in what it says.

    Written again, a document has as many `":` as before, unless a member stood twice, or blanks
    or escapes hide some: then names are counted one by one.
    """
    if compact and b"\\u0022" not in raw and _SPACED.search(raw) is None:
        return raw.count(b'":') != compact.count(b'":')
    return sum(1 for colon in _KEYS.findall(raw) if colon) != names_in(given)


def _errors(
    schema: jsonschema_rs.Draft202012Validator,
    value: Any,
    path: str,
    *,
    event: int | None,
    room: int,
) -> list[Fault]:
    """Return what the schema finds wrong; only the first of it when there is no room for more.

    room: bytes that may still be gone through for every fault: a wide list has one an element. A
    context too large is refused before the schema looks at each part of it in every way.
    """
    if schema.is_valid(value):
        return []
    if isinstance(value, dict) and len(orjson.dumps(value.get("@context"))) > LARGEST_CONTEXT:
        return [Fault(path=step(path, "@context"), rule="context-too-large", event=event)]
    whole = room > 0 and len(orjson.dumps(value)) <= MOST_JUDGED
    found: dict[Fault, None] = {}
    for error in schema.iter_errors(value) if whole else _first(schema, value):
        keys = list(error.instance_path)
        kind = error.kind.as_dict()
        keyword = error.schema_path[-1]
        rule = _KEYWORDS.get(str(keyword)) or _comment(error.schema_path)
        if type(error.kind).__name__.endswith("PropertyNames"):
            keys, rule = [*keys, str(kind["error"].instance)], "unknown-field"
        elif keyword == "required":
            keys.append(kind["property"])
        elif keyword == "additionalProperties":
            keys.append(kind["unexpected"][0])
        found[Fault(path=step(path, *keys), rule=rule, event=event)] = None
    return list(found)


def _first(
    schema: jsonschema_rs.Draft202012Validator, value: Any
) -> list[jsonschema_rs.ValidationError]:
    try:
        schema.validate(value)
    except jsonschema_rs.ValidationError as error:
        return [error]
    return []


def _comment(schema_path: Sequence[str | int]) -> str:
    """Return the rule that the schema's author wrote beside the keyword that failed."""
    node: Any = SCHEMA
    rule = OTHERWISE
    for key in schema_path:
        node = node[key]
        if isinstance(node, dict):
            rule = node.get("$comment", rule)
    return rule
