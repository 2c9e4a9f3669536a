"""What a file says is of the type it must be: Python takes a 1.5 or a "9" until it is too late."""

from collections.abc import Iterable
from dataclasses import is_dataclass
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from remelt.routing.matrix import Matrix
from remelt.routing.problem import FOREVER_S, MOST_FEN, BadProblem
from remelt.routing.roads import UNREACHABLE, Roads, Whole

LONGEST_KEY = 200
FARTHEST = 10**9
_KNOWN: dict[type, dict[str, Any]] = {}


def check_types(parts: Iterable[Any]) -> None:
    """Refuse stops, vehicles and hubs with a field of another type or beyond all measure.

    Raises `BadProblem` that names the part and the field.
    """
    for part in parts:
        for name, hint in _hints(type(part)).items():
            value = getattr(part, name)
            dear = "fen" in name and isinstance(value, int) and value > MOST_FEN
            if dear or not _fits(value, hint):
                named = getattr(part, "key", None) or getattr(part, "place", "")
                raise BadProblem("bad-number", f"{named}.{name}"[:80])


def whole_table(rows: Any) -> Whole:
    """Return a table of whole numbers. Raises `BadProblem`: numpy would cut a 1.9 to a 1."""
    table = np.asarray(rows)
    if table.size and table.dtype.kind not in "iu":
        raise BadProblem("bad-number", "matrix")
    return table.astype(np.int64)


def check_table(roads: Roads) -> None:
    """Refuse a table of distances with a figure below nought (-1 metres: no road) or too large.

    Keys are texts, each its own, and every source is one that is named.
    """
    if isinstance(roads, Matrix) and roads.keys:
        named: tuple[object, ...] = (*roads.keys, *roads.source_names)
        for key in named:
            if not isinstance(key, str) or len(key) > LONGEST_KEY:
                raise BadProblem("bad-number", f"matrix {key}"[:80])
        if len(set(roads.keys)) < len(roads.keys):
            raise BadProblem("named-twice", "matrix.keys")
        if roads.sources.min() < 0 or roads.sources.max() >= len(roads.source_names):
            raise BadProblem("bad-number", "matrix.sources")
        lowest = (roads.distance_m.min() - UNREACHABLE, roads.duration_s.min())
        if min(lowest) < 0 or max(roads.distance_m.max(), roads.duration_s.max()) > FARTHEST:
            raise BadProblem("bad-number", "matrix")


def _hints(kind: type) -> dict[str, Any]:
    if kind not in _KNOWN:
        _KNOWN[kind] = get_type_hints(kind)
    return _KNOWN[kind]


def _fits(value: Any, hint: Any) -> bool:
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= FOREVER_S
    if hint is str:
        return isinstance(value, str) and len(value) <= LONGEST_KEY
    if hint is type(None):
        return value is None
    if is_dataclass(hint):
        return type(value) is hint and all(
            _fits(getattr(value, name), one) for name, one in _hints(hint).items()
        )
    return _holds(value, get_origin(hint), get_args(hint))


def _holds(value: Any, origin: Any, inside: tuple[Any, ...]) -> bool:
    """Tell whether a value fits a union, a choice or a collection."""
    if origin is UnionType:
        return any(_fits(value, one) for one in inside)
    if origin is Literal:
        return isinstance(value, str) and value in inside
    return isinstance(value, origin) and all(_fits(each, inside[0]) for each in value)
