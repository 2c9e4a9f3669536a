"""What an event says, every part set apart from the next: tells events of one hash apart. Pure.

The standard's string that is hashed sets nothing between its parts, so that two events may have
one hash. Here every name, text and list keeps its bounds; what the standard takes for the same
(order, notation of a time, form of an EPC, prefix of a name) is still the same.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from remelt.traceability.epcis.eventid import Names, namespaces
from remelt.traceability.epcis.eventwords import (
    COMMENTS,
    EVENT,
    PAIRS,
    UNHASHED,
    Order,
)
from remelt.traceability.epcis.values import PLAIN, TIME, Way, address, instant

_WAYS: dict[str, Way] = EVENT.ways | {
    name: Order({"type": kind, member: PLAIN}) for name, (member, kind) in PAIRS.items()
}
_WHOLE = Order(_WAYS)


def content(event: Mapping[str, Any]) -> str:
    """Return what is hashed of an event, as a text that no other content has.

    >>> one, two = {"ex:a": "x", "ex:b": "y"}, {"ex:a": "x{https://ex.org/}b=y"}
    >>> content({"type": "ObjectEvent"} | one) == content({"type": "ObjectEvent"} | two)
    False
    """
    names = namespaces(event.get("@context", []))
    kept = {name: value for name, value in event.items() if name not in UNHASHED}
    return f"{_quoted(event['type'])}{_said(kept, _WHOLE, names)}"


def _said(value: Any, way: Way, names: Names) -> str:
    if isinstance(value, dict):
        ways = way.ways if isinstance(way, Order) else {}
        members = sorted(
            f"{_quoted(name if name in ways else _full(name, names))}:"
            f"{_said(each, ways.get(name, PLAIN), names)}"
            for name, each in value.items()
            if name not in COMMENTS
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted(_said(each, way, names) for each in value)) + "]"
    return _quoted(_text(value, way, names) if isinstance(value, str) else value)


def _text(value: str, way: Way, names: Names) -> str:
    """Return a text in the form that the standard hashes, but never a number made of it."""
    if value.startswith(names.starts):
        prefix, _, local = value.partition(":")
        value = names[prefix] + local
    if way is TIME:
        return instant(value)
    if ":" in value:
        return address(value) if value == value.strip() else value
    return way.beginning + value


def _full(name: str, names: Names) -> str:
    """Return a field's full name; NUL, which no name has, parts it from its namespace."""
    prefix, colon, local = name.partition(":")
    return f"{names[prefix]}\0{local}" if colon and prefix in names else name


def _quoted(value: Any) -> str:
    return orjson.dumps(value).decode()
