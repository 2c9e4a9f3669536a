"""A charge problem as plain JSON, on its way to the solver's process."""

from dataclasses import asdict
from typing import Any

from remelt.platform.works.charging.problem import (
    Charge,
    ChargeProblem,
    Content,
    Limit,
    Source,
    Terms,
)


def problem_to_json(problem: ChargeProblem) -> dict[str, Any]:
    """Return a problem as plain JSON."""
    return asdict(problem)


def problem_from_json(said: dict[str, Any]) -> ChargeProblem:
    """Return the problem that `problem_to_json` wrote."""
    return ChargeProblem(
        sources=tuple(
            Source(**each | {"elements": {n: Content(**c) for n, c in each["elements"].items()}})
            for each in said["sources"]
        ),
        charges=tuple(
            Charge(**each | {"limits": {n: Limit(**c) for n, c in each["limits"].items()}})
            for each in said["charges"]
        ),
        terms=Terms(**said["terms"] | {"fall_fen_per_t": tuple(said["terms"]["fall_fen_per_t"])}),
    )
