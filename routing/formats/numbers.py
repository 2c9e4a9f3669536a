"""Numbers of benchmark files: finite, scaled and rounded as their collection says."""

import math
from dataclasses import dataclass

import numpy as np

from remelt.routing.field import Plane, Rounding
from remelt.routing.problem import BadProblem


@dataclass(frozen=True, slots=True)
class Scale:
    """How a collection makes integers: times `times`, rounded to the nearest or down."""

    times: int
    rounding: Rounding

    def whole(self, value: float) -> int:
        """Return one figure as an integer."""
        scaled = self.times * value
        return math.floor(scaled + 0.5) if self.rounding == "nearest" else int(scaled)

    def plane(self, keys: list[str], xy: list[tuple[float, float]]) -> Plane:
        """Return the points with distances in this scale."""
        points = np.array(xy, dtype=np.float64).reshape(-1, 2)
        return Plane(tuple(keys), points, self.times, self.rounding)


ROUNDED = Scale(1, "nearest")
DIMACS = Scale(10, "down")
HUNDREDTHS = Scale(100, "nearest")
EXACT = Scale(1000, "nearest")


def number(word: str) -> float:
    """Return a finite number. Raises `BadProblem` for anything else, NaN and infinity too."""
    try:
        found = float(word)
    except ValueError:
        raise BadProblem("bad-number", word[:20]) from None
    if not math.isfinite(found):
        raise BadProblem("bad-number", word[:20])
    return found


def whole(word: str) -> int:
    """Return an integer. Raises `BadProblem` for anything else."""
    found = number(word)
    if not found.is_integer():
        raise BadProblem("bad-number", word[:20])
    return int(found)
