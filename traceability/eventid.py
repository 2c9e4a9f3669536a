"""The event hash of CBV 2.0: one id for what an event says, however it is written down. Pure.

The fields that our events have stand in the standard's order, times in UTC with milliseconds,
vocabulary as full addresses, numbers without needless zeros; then our own fields, sorted. Key
order, list order and the notation of a time do not count; error declarations, record times and
the id itself neither.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

NAMESPACES = {"remelt": "urn:remelt:ns:"}
_CBV = "https://ref.gs1.org/cbv/"
_VOCABULARY = {"bizStep": "BizStep-", "disposition": "Disp-"}
_ORDER = (
    "eventTime",
    "eventTimeZoneOffset",
    "quantityList",
    "inputQuantityList",
    "outputQuantityList",
    "action",
    "bizStep",
    "disposition",
    "readPoint",
    "bizLocation",
    "bizTransactionList",
)
_UNHASHED = frozenset({"type", "eventID", "recordTime", "errorDeclaration", "@context"})


def event_id(event: Mapping[str, Any]) -> str:
    """Return the event hash as a named-information URI."""
    digest = hashlib.sha256(pre_hash(event).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: Mapping[str, Any]) -> str:
    """Return the string that is hashed.

    >>> pre_hash({"type": "ObjectEvent", "eventTime": "2026-03-02T00:00:00+08:00",
    ...     "bizStep": "shipping", "remelt:mass": 5, "eventID": "x"})
    'eventType=ObjectEventeventTime=2026-03-01T16:00:00.000ZbizStep=https://ref.gs1.org/cbv/BizStep-shipping{urn:remelt:ns:}mass=5'
    """
    standard = [_standard(name, event[name]) for name in _ORDER if name in event]
    others = [name for name in event if name not in _ORDER and name not in _UNHASHED]
    own = sorted(text for name in others for text in _own(name, event[name]))
    return "".join([f"eventType={event['type']}", *standard, *own])


def _standard(name: str, value: Any) -> str:
    if name == "eventTime":
        return f"{name}={_moment(value)}"
    if name in _VOCABULARY:
        return f"{name}={_CBV}{_VOCABULARY[name]}{value}"
    if name == "bizTransactionList":
        return name + _transactions(value)
    if name.endswith("List"):
        parts = (_members(each, ("epcClass", "quantity", "uom")) for each in value)
        return name + "".join(sorted(f"quantityElement{part}" for part in parts))
    if isinstance(value, dict):
        return name + _members(value, ("id",))
    return f"{name}={_text(value)}"


def _members(value: Mapping[str, Any], order: Sequence[str]) -> str:
    return "".join(f"{name}={_text(value[name])}" for name in order if name in value)


def _transactions(value: Sequence[Mapping[str, str]]) -> str:
    return "".join(
        sorted(
            f"type={_CBV}BTT-{each['type']}bizTransaction={each['bizTransaction']}"
            for each in value
        )
    )


def _own(name: str, value: Any) -> list[str]:
    """Return `name=value` of a field of ours, once for each entry of a list, members sorted."""
    prefix, _, local = name.partition(":")
    key = "{" + NAMESPACES.get(prefix, prefix) + "}" + local
    if isinstance(value, list):
        return [text for each in value for text in _own(name, each)]
    if isinstance(value, dict):
        inner = sorted(text for at, each in value.items() for text in _own(at, each))
        return [key + "".join(inner)]
    text = _text(value)
    return [f"{key}={text}" if text else key]


def _text(value: Any) -> str:
    return str(value).strip()


def _moment(value: str) -> str:
    moment = datetime.fromisoformat(value).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
