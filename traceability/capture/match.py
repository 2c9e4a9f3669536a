"""Whether an event answers a query: one small test for each kind of parameter. Pure."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

from remelt.traceability.epcis.eventid import namespaces
from remelt.traceability.epcis.names import web_name
from remelt.traceability.epcis.values import moment

Event = Mapping[str, Any]
Test = Callable[[Event], bool]
Bound = float | datetime
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {"GT": gt, "GE": ge, "LT": lt, "LE": le}
QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_AREA = "urn:remelt:area:"
_PATTERN = "urn:epc:idpat:"
_WORDS = re.compile(
    r"(?:https://ref\.gs1\.org/cbv/(?:BizStep|Disp|BTT|SDT|ER|Comp)-|https?://gs1\.org/voc/"
    r"|urn:epcglobal:cbv:(?:bizstep|disp|btt|sdt|er):|cbv:(?:BizStep|Disp|BTT|SDT|ER|Comp)-|gs1:)"
)


def word(text: str) -> str:
    """Return a word of the standard without its address: `shipping`."""
    return _WORDS.sub("", text, count=1)


def words_in(path: tuple[str, ...], wanted: Collection[str]) -> Test:
    """The value at `path` (or one of its list) is one of the words."""
    given = frozenset(map(word, wanted))
    return lambda event: any(isinstance(v, str) and word(v) in given for v in at(event, path))


def names_in(paths: Collection[tuple[str, ...]], wanted: Collection[str]) -> Test:
    """One of the names at one of `paths` is wanted, in any form, or fits a wanted pattern."""
    exact = frozenset(web_name(name) for name in wanted if not name.startswith(_PATTERN))
    patterns = [fits(name) for name in wanted if name.startswith(_PATTERN)]

    def test(event: Event) -> bool:
        found = [v for path in paths for v in at(event, path) if isinstance(v, str)]
        return any(web_name(v) in exact or any(p(v) for p in patterns) for v in found)

    return test


def fits(pattern: str) -> Callable[[str], bool]:
    """Return whether a name fits an EPC pattern, whose last parts may be `*`.

    >>> fits("urn:epc:idpat:sgtin:0614141.*.*")("urn:epc:id:sgtin:0614141.107346.2018")
    True
    """
    scheme = pattern.removeprefix(_PATTERN).partition(":")[0]
    fixed = pattern.removeprefix(_PATTERN).partition(":")[2].partition("*")[0]
    beginning = f"urn:epc:id:{scheme}:{fixed}"
    whole = web_name(pattern)
    return lambda name: (
        name.startswith(beginning) or (whole != pattern and web_name(name).startswith(whole))
    )


def within(field: str, wanted: Collection[str]) -> Test:
    """The place is one of those wanted, or an area inside: a county lies in its province."""
    exact = frozenset(map(web_name, wanted))
    areas = tuple(name for name in wanted if name.startswith(_AREA))

    def test(event: Event) -> bool:
        return any(
            web_name(name) in exact or (areas and name.startswith(areas))
            for name in at(event, (field, "id"))
        )

    return test


def compared(paths: Collection[tuple[str, ...]], operator: str, bound: Bound) -> Test:
    """A number or a time at one of `paths` stands in this order to the bound."""
    holds = COMPARE[operator]

    def test(event: Event) -> bool:
        values = (read_as(v, bound) for path in paths for v in at(event, path))
        return any(v is not None and holds(v, bound) for v in values)

    return test


def equal(values: Iterator[Any], wanted: Collection[str]) -> bool:
    """Tell whether a value is one of those wanted, as text, number or instant."""
    return any(_same(value, text) for value in values for text in wanted)


def one_of(paths: Collection[tuple[str, ...]], wanted: Collection[str]) -> Test:
    """A value at one of `paths` is one of those wanted."""
    return lambda event: any(equal(at(event, path), wanted) for path in paths)


def present(path: tuple[str, ...]) -> Test:
    """There is something at `path`."""
    return lambda event: any(True for _ in at(event, path))


def measured(lists: tuple[str, ...], field: str, uom: str, holds: Callable[[Any], bool]) -> Test:
    """An entry in this unit has a `field` that the given test takes."""

    def test(event: Event) -> bool:
        entries = (each for each in at(event, lists) if isinstance(each, dict))
        return any(
            each.get("uom") == uom
            and isinstance(each.get(field), int | float)
            and holds(each[field])
            for each in entries
        )

    return test


def paired(field: str, member: str, kind: str, wanted: Collection[str]) -> Test:
    """A transaction, source or destination of this type has one of the names."""
    exact = frozenset(map(web_name, wanted))
    return lambda event: any(
        word(each.get("type", "")) == kind and web_name(each[member]) in exact
        for each in event.get(field, ())
    )


def extended(
    where: tuple[str, ...],
    name: str,
    holds: Callable[[Any], bool],
    *,
    inner: bool,
    names: Mapping[str, str],
) -> Test:
    """An extension of this name under `where` holds; inner: one that lies inside an extension.

    names: the asker's prefixes; a prefix they do not bind is compared as it is written.
    """
    prefix, _, local = name.partition(":")
    full = names[prefix] + local if prefix in names else None

    def test(event: Event) -> bool:
        bound = namespaces(event.get("@context", []))
        places = at(event, where) if where else iter([event])
        return any(
            holds(value)
            for place in places
            if isinstance(place, dict)
            for key, value in _members(place, inner=inner)
            if key == name or (full is not None and _full(key, bound) == full)
        )

    return test


def at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Give every value at `path`; lists on the way and at its end are gone through."""
    if isinstance(value, list):
        for each in value:
            yield from at(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from at(value[path[0]], path[1:])


def read_as(value: Any, bound: Bound) -> Bound | None:
    """Return a value as what it is compared with: a time or a number; None when it is neither."""
    if isinstance(bound, datetime):
        return moment(value) if isinstance(value, str) else None
    if isinstance(value, bool):
        return None
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None


def _same(value: Any, text: str) -> bool:
    if isinstance(value, bool):
        return text == ("true" if value else "false")
    if isinstance(value, str) and value == text:
        return True
    number = read_as(text, 0.0)
    if number is not None:
        return read_as(value, 0.0) == number
    instant = moment(text) if text[:4].isdigit() and "T" in text else None
    return instant is not None and isinstance(value, str) and moment(value) == instant


def _members(place: Event, *, inner: bool) -> Iterator[tuple[str, Any]]:
    if not inner:
        yield from place.items()
        return
    for key, value in place.items():
        if ":" in key:
            yield from _below(value)


def _below(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from _below(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key, each
            yield from _below(each)


def _full(key: str, bound: Mapping[str, str]) -> str:
    prefix, _, local = key.partition(":")
    return bound[prefix] + local if prefix in bound else key
