"""The event hash of CBV 2.0: one id for what an event says, however it is written down. Pure.

The standard's fields stand in its order, times in UTC with milliseconds, vocabulary as full
addresses, GS1 names as web addresses, numbers without needless zeros; then transactions, sources,
destinations, lot data and extensions, sorted. Key order, list order and the notation of a time do
not count; error declarations, record times, comments, contexts and the id itself neither.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from remelt.traceability.epcis.eventwords import (
    CBV,
    COMMENTS,
    EVENT,
    MEMBERS,
    PAIRS,
    PLAIN,
    TIME,
    UNHASHED,
    Order,
    Way,
)
from remelt.traceability.epcis.names import web_name

_KEPT = 200  # characters of a value, or 1,000 of field names, that are kept to be said again
_KEPT_NAMES = 1_000


class Names(dict[str, str]):
    """Prefixes and what they stand for; `starts` tells quickly whether a text has one."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.starts = tuple(f"{prefix}:" for prefix in self)


OURS = Names({"remelt": "urn:remelt:ns:"})
_OLD = re.compile("urn:epcglobal:cbv:(bizstep|disp|btt|sdt|er):")
_NEW = {"bizstep": "BizStep", "disp": "Disp", "btt": "BTT", "sdt": "SDT", "er": "ER"}
_WRITTEN = len("2026-03-02T00:00:00.000Z")
_EXACT = 2**53
_Said = tuple[str, str]  # what stands in its place, and what is left for the end


def event_id(event: Mapping[str, Any], *, names: Names | None = None) -> str:
    """Return the event hash as a named-information URI.

    names: prefix -> namespace; by default those of the event's own context, and ours.
    """
    digest = hashlib.sha256(pre_hash(event, names=names).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def namespaces(context: object) -> Names:
    """Return the prefixes that a JSON-LD context binds in itself; it is never fetched.

    >>> namespaces(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"a": "b:"}])
    {'a': 'b:'}
    """
    parts = context if isinstance(context, list) else [context]
    return Names(
        (prefix, name)
        for part in parts
        if isinstance(part, dict)
        for prefix, name in part.items()
        if isinstance(name, str)
    )


def pre_hash(event: Mapping[str, Any], *, names: Names | None = None) -> str:
    """Return the string that is hashed.

    >>> pre_hash({"type": "ObjectEvent", "eventTime": "2026-03-02T00:00:00+08:00",
    ...     "bizStep": "shipping", "remelt:mass": 5, "eventID": "x"})
    'eventType=ObjectEventeventTime=2026-03-01T16:00:00.000ZbizStep=https://ref.gs1.org/cbv/BizStep-shipping{urn:remelt:ns:}mass=5'
    """
    if names is None:
        names = namespaces(event["@context"]) if "@context" in event else OURS
    ordered, others, extensions = _ordered(event, EVENT, names)
    for name in extensions:
        if name in PAIRS and type(event[name]) is list:
            others.append(_pairs(name, event[name], names))
        elif name not in UNHASHED:
            others.extend(_own(name, event[name], names))
    others.sort()
    return "".join((f"eventType={event['type']}", *ordered, *others))


def moment(text: str) -> datetime | None:
    """Return a time as aware UTC, None when it is none that a calendar knows."""
    try:
        return datetime.fromisoformat(text.replace("z", "Z")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=256)
def _plan(keys: tuple[str, ...], order: Order) -> tuple[list[tuple[str, Way]], list[str]]:
    """Return the fields of `order` among `keys`, in order, and the extensions."""
    known = [(name, way) for name, way in order.ways.items() if name in keys]
    return known, [key for key in keys if key not in order.ways and key not in COMMENTS]


def _ordered(
    value: Mapping[str, Any], order: Order, names: Names
) -> tuple[list[str], list[str], list[str]]:
    """Say the fields of `order` that `value` has; what is left over from inside them; the rest."""
    said: list[str] = []
    left: list[str] = []
    plan = _plan if len("".join(value)) <= _KEPT_NAMES else _plan.__wrapped__
    known, extensions = plan(tuple(value), order)
    for name, way in known:
        one = value[name]
        if type(one) is list or type(one) is dict:
            here, later = _inside(name, one, way, names)
            said.append(here)
            if later:
                left.append(later)
        else:
            text = _value(one, way, names)
            if text:
                said.append(f"{name}={text}")
    return said, left, extensions


def _inside(name: str, value: Any, way: Way, names: Names) -> _Said:
    """Say a list or an object of the standard, `name` before each of its values."""
    if name in MEMBERS:
        said, left = _each(MEMBERS[name], value, way, names)
    elif type(value) is list:
        return _each(name, value, way, names)
    elif isinstance(way, Order):
        said, left = _members(value, way, names)
    else:
        return "", "".join(_own(name, value, names))
    return name + said if said else "", name + left if left else ""


def _each(name: str, values: Any, way: Way, names: Names) -> _Said:
    """Say every entry of a list, sorted."""
    said: list[str] = []
    left: list[str] = []
    for value in values:
        if type(value) is dict and isinstance(way, Order):
            here, later = _members(value, way, names)
            if later:
                left.append(name + later)
        else:
            here = _value(value, way, names)
            here = here and "=" + here
        if here:
            said.append(name + here)
    said.sort()
    left.sort()
    return "".join(said), "".join(left)


def _members(value: Mapping[str, Any], order: Order, names: Names) -> _Said:
    """Say an object in the standard's order; its extensions follow in place, or at the end.

    An extension whose namespace ends in `/` stays with its object, when it is not alone there.
    """
    said, left, extensions = _ordered(value, order, names)
    if extensions:
        alone = sum(len(v) if isinstance(v, list) else 1 for v in value.values()) <= 1
        placed: list[str] = []
        keys = [_key(name, names) for name in extensions]
        stay = not alone and not any("action" in key or "eventTime" in key for key in keys)
        for name, key in zip(extensions, keys, strict=True):
            (placed if stay and "/}" in key else left).extend(_own(name, value[name], names))
        said.extend(sorted(placed))
        left.sort()
    return "".join(said), "".join(left)


def _pairs(name: str, values: list[Any], names: Names) -> str:
    """Say transactions, sources or destinations: the type first."""
    member, words = PAIRS[name]
    said = []
    for each in values:
        kind = f"type={_value(each['type'], words, names)}" if "type" in each else ""
        said.append(f"{kind}{member}={_value(each[member], PLAIN, names)}")
    return name + "".join(sorted(said))


def _own(name: str, value: Any, names: Names) -> list[str]:
    """Say an extension, once for each entry of a list, members sorted."""
    if name in COMMENTS:
        return []
    key = _key(name, names)
    if name.endswith("List") and isinstance(value, list | dict):
        entries = value if isinstance(value, list) else [value]
        return [key + "".join(sorted(_entry(key[:-4], each, names) for each in entries))]
    if isinstance(value, list):
        return [_entry(key, each, names) for each in value]
    return [_entry(key, value, names)]


def _entry(key: str, value: Any, names: Names) -> str:
    if isinstance(value, dict):
        said = [text for at, each in value.items() for text in _own(at, each, names)]
        said.sort()
        return key + "".join(said)
    if isinstance(value, list):
        return key + "".join(sorted(_entry("", each, names) for each in value))
    text = _value(value, PLAIN, names)
    return f"{key}={text}" if text else key


def _key(name: str, names: Names) -> str:
    prefix, colon, local = name.partition(":")
    return "{" + names[prefix] + "}" + local if colon and prefix in names else name


def _value(value: Any, way: Way, names: Names) -> str:
    """Return a value in its canonical form."""
    if type(value) is str:
        if value.startswith(names.starts):
            prefix, _, local = value.partition(":")
            return address(names[prefix] + local)
        return _text(value, way) if len(value) <= _KEPT else _text.__wrapped__(value, way)
    exact = type(value) is int and -_EXACT < value < _EXACT
    return str(value) if exact else _number(str(value))


@lru_cache(maxsize=16_384)
def _text(value: str, way: Way) -> str:
    """Return a text without a bound prefix in its canonical form; many are said again and again."""
    if way is TIME:
        return instant(value.strip())
    if ":" in value:
        return address(value)
    return way + value if isinstance(way, str) else _number(value.strip())


def address(text: str) -> str:
    """Return an address as the standard says it: today's words, GS1 names as web addresses."""
    text = text.strip()
    if text.startswith("urn:epcglobal"):
        text = _OLD.sub(lambda found: f"{CBV}{_NEW[found[1]]}-", text)
    return web_name(text) if text.startswith(("urn:epc:", "http")) and "." in text else text


def _number(text: str) -> str:
    if not text or (text[0] not in "+-." and not text[0].isdecimal()):
        return text
    try:
        number = float(text)
        return str(int(number) if int(number) == number else number)
    except (ValueError, OverflowError):
        return text


def instant(text: str) -> str:
    """Return a time in UTC with milliseconds; a text that is no time as it is."""
    if len(text) == _WRITTEN and text[10] == "T" and text[19] == "." and text[23] == "Z":
        return text
    at = moment(text)
    if at is None:
        return text
    at += timedelta(microseconds=round(at.microsecond, -3) - at.microsecond)
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"
