"""What we ask of a captured event beyond the standard's schema, and its canonical form. Pure.

Each rule keeps something that the ledger promises: amounts above zero, times that a calendar
knows, numbers that every reader reads alike, names that can be found again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson

from remelt.traceability.epcis.values import moment

DEEPEST = 32
LONGEST_NAME = 500
LARGEST_EVENT = 65_536  # bytes, canonical, context included
LARGEST_CONTEXT = 4_096
AHEAD = timedelta(days=1)
OTHERWISE = "not-as-the-standard-says"
STRICTER = (
    OTHERWISE,
    "quantity-not-positive",
    "not-on-the-calendar",
    "ends-before-it-starts",
    "number-not-exact",
    "nul-character",
    "name-too-long",
    "reserved-name",
    "too-deep",
    "name-twice",
    "not-yet",
    "event-too-large",
    "context-too-large",
)
_EXACT = 2**53
_PLAINLY = 1e-5  # below it, and only there, orjson writes a fraction otherwise than RFC 8785
_QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_NAMES = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
Keys = tuple[str | int, ...]


def broken(event: dict[str, Any], *, plain: bool = False) -> Iterator[tuple[Keys, str]]:
    """Give (place, rule) for each of our rules that an event breaks, which the schema let pass.

    Whole numbers written as fractions (`200.0`) become whole in `event`. plain: that the text of
    it holds no fraction, no huge number and no NUL, so that these need not be looked for.
    """
    yield from _amounts(event)
    yield from _times(event)
    yield from _long_names(event)
    if not plain:
        _make_whole(event)
        yield from _inexact(event, ())


def names_of(event: dict[str, Any]) -> list[str]:
    """Return every EPC, class and parent that an event names, as written, each once."""
    found: list[str] = []
    for field in _NAMES:
        if field in event:
            found += event[field]
    for field in _QUANTITIES:
        if field in event:
            found += [each["epcClass"] for each in event[field]]
    if "parentID" in event:
        found.append(event["parentID"])
    return list(dict.fromkeys(found))


def too_far_ahead(at: datetime, *, now: datetime) -> bool:
    """Tell whether an event says it happened later than a day from now."""
    return at > now + AHEAD


def canonical(event: dict[str, Any], *, plain: bool = False) -> bytes:
    """Return the RFC 8785 form of an event that `broken` found nothing wrong with.

    plain: that it holds no fraction and no name beyond ASCII.

    >>> canonical({"b": 1e-5, "a": "罐"}).decode()
    '{"a":"罐","b":0.00001}'
    """
    if not plain and _unusual(event):
        return _jcs(event).encode()
    return orjson.dumps(event, option=orjson.OPT_SORT_KEYS)


def depth_beyond(value: Any, *, most: int = DEEPEST) -> bool:
    """Tell whether lists and objects stand in each other deeper than `most`."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for each in level
            for inner in (each.values() if type(each) is dict else each)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def names_in(value: Any) -> int:
    """Return how many members the objects in a value have together, however deep it nests."""
    count, level = 0, [value]
    while level:
        below = []
        for each in level:
            if type(each) is dict:
                count += len(each)
                below += [v for v in each.values() if type(v) is dict or type(v) is list]
            elif type(each) is list:
                below += [v for v in each if type(v) is dict or type(v) is list]
        level = below
    return count


def _amounts(event: dict[str, Any]) -> Iterator[tuple[Keys, str]]:
    for field in _QUANTITIES:
        if field in event:
            for at, each in enumerate(event[field]):
                if each.get("quantity", 1) <= 0:
                    yield (field, at, "quantity"), "quantity-not-positive"


def _times(event: dict[str, Any]) -> Iterator[tuple[Keys, str]]:
    """Ask every time of the standard's fields for a day and an hour that exist."""
    if moment(event["eventTime"]) is None:
        yield ("eventTime",), "not-on-the-calendar"
    if "recordTime" in event and moment(event["recordTime"]) is None:
        yield ("recordTime",), "not-on-the-calendar"
    declared = event.get("errorDeclaration")
    if declared is not None and moment(declared["declarationTime"]) is None:
        yield ("errorDeclaration", "declarationTime"), "not-on-the-calendar"
    for at, sensor in enumerate(event.get("sensorElementList", ())):
        yield from _sensor_times(sensor, ("sensorElementList", at))


def _sensor_times(sensor: dict[str, Any], path: Keys) -> Iterator[tuple[Keys, str]]:
    about = sensor.get("sensorMetadata", {})
    told = [("sensorMetadata", name) for name in ("time", "startTime", "endTime") if name in about]
    known = {}
    for where, name in told:
        known[name] = moment(about[name])
        if known[name] is None:
            yield (*path, where, name), "not-on-the-calendar"
    start, end = known.get("startTime"), known.get("endTime")
    if start is not None and end is not None and end < start:
        yield (*path, "sensorMetadata", "endTime"), "ends-before-it-starts"
    for at, report in enumerate(sensor["sensorReport"]):
        if "time" in report and moment(report["time"]) is None:
            yield (*path, "sensorReport", at, "time"), "not-on-the-calendar"


def _long_names(event: dict[str, Any]) -> Iterator[tuple[Keys, str]]:
    for field in ("eventID", "type"):
        if len(event.get(field, "")) > LONGEST_NAME:
            yield (field,), "name-too-long"
    if max(map(len, names_of(event)), default=0) > LONGEST_NAME:
        yield (), "name-too-long"


def _make_whole(value: Any) -> None:
    for key, each in value.items() if type(value) is dict else enumerate(value):
        kind = type(each)
        if kind is float and each.is_integer():
            value[key] = int(each)
        elif kind is dict or kind is list:
            _make_whole(each)


def _inexact(value: Any, path: Keys) -> Iterator[tuple[Keys, str]]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in members:
        if isinstance(each, str) and "\0" in each:
            yield (*path, key), "nul-character"
        elif isinstance(each, int | float) and abs(each) >= _EXACT:
            yield (*path, key), "number-not-exact"
        elif isinstance(each, dict | list):
            yield from _inexact(each, (*path, key))
        if isinstance(key, str) and "\0" in key:
            yield path, "nul-character"


def _unusual(value: Any) -> bool:
    """Tell whether orjson would write or sort `value` otherwise than RFC 8785."""
    if type(value) is dict:
        if not "".join(value).isascii() and any(ord(max(name)) > 0xFFFF for name in value if name):  # noqa: PLR2004 - beyond UTF-16's first plane
            return True
        value = value.values()
    for each in value:
        kind = type(each)
        if kind is float and (each.is_integer() or -_PLAINLY < each < _PLAINLY):
            return True
        if (kind is dict or kind is list) and _unusual(each):
            return True
    return False


def _jcs(value: Any) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        inner = ",".join(f"{_jcs(name)}:{_jcs(value[name])}" for name in names)
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_jcs, value)) + "]"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, float) and abs(value) >= 1e-6:  # noqa: PLR2004 - ECMAScript's bound
        whole, _, exponent = repr(value).partition("e")
        if exponent:
            sign, digits = ("-", whole[1:]) if whole[0] == "-" else ("", whole)
            return f"{sign}0.{'0' * (-int(exponent) - 1)}{digits.replace('.', '')}"
        return whole
    return orjson.dumps(value).decode()
