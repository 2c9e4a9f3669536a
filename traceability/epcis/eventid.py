"""The event hash of CBV 2.0: one id for what an event says, however it is written down. Pure.

The standard's fields stand in its order, times in UTC with milliseconds, vocabulary as full
addresses, GS1 names as web addresses, numbers without needless zeros; then transactions, sources,
destinations, lot data and extensions, sorted. Key order, list order and the notation of a time do
not count; error declarations, record times, comments, contexts and the id itself neither.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from remelt.traceability.epcis.eventwords import COMMENTS, EVENT, MEMBERS, PAIRS, UNHASHED, Order
from remelt.traceability.epcis.values import PLAIN, Way, address, scalar


class Names(dict[str, str]):
    """Prefixes and what they stand for; `starts` tells quickly whether a text has one.

    A term with a colon in it (`ex:mass`) is no prefix: a name's prefix ends at its first colon.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(given)
        self.starts = tuple([f"{prefix}:" for prefix in given if ":" not in prefix])
        self.keys_of = _Keys(given)


class _Keys(dict[str, str]):
    """A field's name -> the same with its namespace."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        known = colon and prefix in self._names
        key = "{" + self._names[prefix] + "}" + local if known else name
        if len(self) < _MOST:
            self[name] = key
        return key


_MOST = 1_000  # names of fields that are kept
OURS = Names({"remelt": "urn:remelt:ns:"})
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
    found: dict[str, str] = {}
    for part in context if isinstance(context, list) else (context,):
        if isinstance(part, dict):
            found |= {prefix: name for prefix, name in part.items() if isinstance(name, str)}
    return Names(found)


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
            _own(others, name, event[name], names)
    others.sort()
    return "".join((f"eventType={event['type']}", *ordered, *others))


def _ordered(
    value: Mapping[str, Any], order: Order, names: Names
) -> tuple[list[str], list[str], list[str]]:
    """Say the fields of `order` that `value` has; what is left over from inside them; the rest."""
    said: list[str] = []
    left: list[str] = []
    starts = names.starts
    known, extensions = order.plans[tuple(value)]
    for _, name, way in known:
        one = value[name]
        if type(one) is str:
            text = _full(one, names) if one.startswith(starts) else way[one]
            if text:
                said.append(f"{name}={text}")
        elif type(one) is dict or type(one) is list:
            here, later = _inside(name, one, way, names)
            said.append(here)
            if later:
                left.append(later)
        else:
            said.append(f"{name}={scalar(one)}")
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
        own: list[str] = []
        _own(own, name, value, names)
        return "", "".join(own)
    return name + said if said else "", name + left if left else ""


def _each(name: str, values: Any, way: Way, names: Names) -> _Said:
    """Say every entry of a list, sorted."""
    said: list[str] = []
    left: list[str] = []
    order = way if isinstance(way, Order) else None
    for value in values:
        if order is not None and type(value) is dict:
            here, later = _members(value, order, names)
            if here:
                said.append(name + here)
            if later:
                left.append(name + later)
        elif text := _value(value, way, names):
            said.append(f"{name}={text}")
    said.sort()
    left.sort()
    return "".join(said), "".join(left)


def _members(value: Mapping[str, Any], order: Order, names: Names) -> _Said:
    """Say an object in the standard's order; its extensions follow in place, or at the end.

    An extension whose namespace ends in `/` stays with its object, when it is not alone there.
    """
    said, left, extensions = _ordered(value, order, names)
    if extensions:
        keys_of = names.keys_of
        placed: list[str] = []
        stay = _stays(value, [keys_of[name] for name in extensions])
        for name in extensions:
            _own(placed if stay and "/}" in keys_of[name] else left, name, value[name], names)
        placed.sort()
        said += placed
        left.sort()
    return "".join(said), "".join(left)


def _stays(value: Mapping[str, Any], keys: list[str]) -> bool:
    """Tell whether extensions of an object, of these full names, may stay with it."""
    said = "\n".join(keys)
    if "/}" not in said or "action" in said or "eventTime" in said:
        return False
    return sum([len(each) if type(each) is list else 1 for each in value.values()]) > 1


def _pairs(name: str, values: list[Any], names: Names) -> str:
    """Say transactions, sources or destinations: the type first."""
    member, words = PAIRS[name]
    said = []
    for each in values:
        kind = f"type={_value(each['type'], words, names)}" if "type" in each else ""
        said.append(f"{kind}{member}={_value(each[member], PLAIN, names)}")
    return name + "".join(sorted(said))


def _own(said: list[str], name: str, value: Any, names: Names) -> None:
    """Say an extension, once for each entry of a list, members sorted."""
    if name in COMMENTS:
        return
    key = names.keys_of[name]
    if type(value) is str:
        text = _full(value, names) if value.startswith(names.starts) else PLAIN[value]
        said.append(f"{key}={text}" if text else key)
    elif type(value) is not list and type(value) is not dict:
        said.append(f"{key}={scalar(value)}")
    elif name.endswith("List"):
        entries = value if type(value) is list else [value]
        said.append(key + "".join(sorted([_entry(key[:-4], each, names) for each in entries])))
    elif type(value) is list:
        said.extend([_entry(key, each, names) for each in value])
    else:
        said.append(_entry(key, value, names))


def _entry(key: str, value: Any, names: Names) -> str:
    if type(value) is dict:
        said: list[str] = []
        for at, each in value.items():
            _own(said, at, each, names)
        said.sort()
        return key + "".join(said)
    if type(value) is list:
        return key + "".join(sorted([_entry("", each, names) for each in value]))
    text = _value(value, PLAIN, names)
    return f"{key}={text}" if text else key


def _value(value: Any, way: Way, names: Names) -> str:
    """Return a value in its canonical form."""
    if type(value) is not str:
        return scalar(value)
    return _full(value, names) if value.startswith(names.starts) else way[value]


def _full(text: str, names: Names) -> str:
    """Return a text that begins with a bound prefix as the address it stands for."""
    prefix, _, local = text.partition(":")
    return address(names[prefix] + local)
