"""A file becomes a problem, whatever dialect it is written in; a bad one is named, not crashed."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from remelt.routing.checks import check
from remelt.routing.datum import County
from remelt.routing.formats import lilim, ours, solomon, vroom, vrplib
from remelt.routing.formats.typed import check_table, check_types
from remelt.routing.matrix import BadPlace
from remelt.routing.problem import BadProblem, Problem

MOST_CHARACTERS = 200_000_000
HALF_A_LETTER = re.compile(r"\\u[dD][89a-fA-F]")  # refused where its other half is missing
Dialect = Literal["ours", "vroom", "cvrplib", "solomon", "lilim"]
CRASHES = (
    KeyError,
    TypeError,
    ValueError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A file as read.

    points: where its places lie on WGS84, in micro-degrees, as far as it says.
    told: the file itself where it was JSON, for what only the answer needs.
    """

    problem: Problem
    dialect: Dialect
    points: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


def read_problem(text: str) -> Problem:
    """Return the problem in `text`. Raises `BadProblem`, as `read_asked`."""
    return read_asked(text).problem


def read_asked(text: str, *, counties: Sequence[County] = ()) -> Asked:
    """Return what `text` asks: our JSON, VROOM's JSON, CVRPLIB, Solomon or Li-Lim.

    counties: held against the places of our JSON that name theirs.

    Raises `BadProblem` with a code for anything that cannot be planned: `unknown-format`,
    `bad-file`, `bad-number`, `unsupported-field`, `gcj-02-as-wgs84`, `outside-county`, and those
    of `check`.
    """
    if len(text) > MOST_CHARACTERS:
        raise BadProblem("too-large", str(len(text)))
    try:
        asked = _asked(text, counties)
        problem = asked.problem
        check_types((*problem.stops, *problem.vehicles, *problem.hubs))
        check_table(problem.matrix)
        check(problem)
    except BadPlace as refused:
        raise BadProblem("bad-number", str(refused.key)[:80]) from refused
    except CRASHES as refused:
        if isinstance(refused, BadProblem):
            raise
        raise BadProblem("bad-file", str(refused)[:80]) from refused
    return asked


def _asked(text: str, counties: Sequence[County]) -> Asked:
    start = text.lstrip()[:1]
    if start == "{":
        return _of_json(text, counties)
    if "DIMENSION" in text:
        return Asked(vrplib.read(text), "cvrplib")
    if "CUSTOMER" in text and "VEHICLE" in text:
        return Asked(solomon.read(text), "solomon")
    if start.isdigit():
        return Asked(lilim.read(text), "lilim")
    raise BadProblem("unknown-format", text.strip()[:20])


def _of_json(text: str, counties: Sequence[County]) -> Asked:
    data = _json(text)
    if {"jobs", "shipments"} & data.keys():
        return Asked(vroom.read(data), "vroom", vroom.points(data), data)
    return Asked(ours.read(data, counties=counties), "ours", ours.points(data), data)


def _json(text: str) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise BadProblem("bad-number", name)

    data = json.loads(text, parse_constant=refuse)
    if HALF_A_LETTER.search(text):
        json.dumps(data, ensure_ascii=False).encode()
    return data if isinstance(data, dict) else {}
