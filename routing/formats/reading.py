"""A file becomes a problem, whatever dialect it is written in; a bad one is named, not crashed."""

import json
from typing import Any

from remelt.routing.checks import check
from remelt.routing.formats import lilim, ours, solomon, vroom, vrplib
from remelt.routing.matrix import BadPlace
from remelt.routing.problem import BadProblem, Problem

MOST_CHARACTERS = 200_000_000


def read_problem(text: str) -> Problem:
    """Return the problem in `text`: our JSON, VROOM's JSON, CVRPLIB, Solomon or Li-Lim.

    Raises `BadProblem` with a code for anything that cannot be planned: `unknown-format`,
    `bad-file`, `bad-number`, `unsupported-field`, and those of `check`.
    """
    if len(text) > MOST_CHARACTERS:
        raise BadProblem("too-large", str(len(text)))
    try:
        problem = _problem(text)
    except BadPlace as refused:
        raise BadProblem("bad-number", refused.key) from refused
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as refused:
        if isinstance(refused, BadProblem):
            raise
        raise BadProblem("bad-file", str(refused)[:80]) from refused
    check(problem)
    return problem


def _problem(text: str) -> Problem:
    start = text.lstrip()[:1]
    if start == "{":
        data = _json(text)
        return vroom.read(data) if {"jobs", "shipments"} & data.keys() else ours.read(data)
    if "DIMENSION" in text:
        return vrplib.read(text)
    if "CUSTOMER" in text and "VEHICLE" in text:
        return solomon.read(text)
    if start.isdigit():
        return lilim.read(text)
    raise BadProblem("unknown-format", text.strip()[:20])


def _json(text: str) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise BadProblem("bad-number", name)

    data = json.loads(text, parse_constant=refuse)
    return data if isinstance(data, dict) else {}
