"""Cost against scrap share, and cost against carbon: what each step towards the other asks.

Drawn for lots that may be cut; each point is a plan of whole grams that the judge has seen.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from remelt.platform.works.charging.judge import Verdict, judge
from remelt.platform.works.charging.linear import Numbers
from remelt.platform.works.charging.matrix import Arrays, arrays
from remelt.platform.works.charging.planning import in_grams
from remelt.platform.works.charging.problem import ChargeProblem, Line
from remelt.platform.works.charging.sifting import Optimum, Side, sift

POINTS = 6
SAME = 1e-9
STEPS = 20
Towards = Literal["scrap", "carbon"]


@dataclass(frozen=True, slots=True)
class Point:
    """One plan on a frontier, judged; the first is the cheapest plan of all."""

    lines: tuple[Line, ...]
    verdict: Verdict


def frontier(
    problem: ChargeProblem, *, towards: Towards, points: int = POINTS
) -> tuple[Point, ...]:
    """Return plans from the cheapest to the most scrap, or the least carbon, in equal steps.

    Empty when something is lacking for any plan at all.
    """
    known = arrays(problem)
    cheapest = sift(known)
    if cheapest.short:
        return ()
    begin, far = (
        (_share(known, cheapest), most_scrap(known, cheapest))
        if towards == "scrap"
        else (_carbon(known, cheapest), _least_carbon(known, cheapest))
    )
    found = [cheapest]
    if abs(far - begin) > SAME * max(1.0, abs(begin)):
        for step in range(1, points):
            level = begin + (far - begin) * step / (points - 1)
            side = _at_least(known, level) if towards == "scrap" else _at_most(known, level)
            found.append(sift(known, sides=[side], near=found[-1].near | cheapest.near))
    return tuple(_point(problem, each) for each in found)


def within(problem: ChargeProblem, *, above: float) -> Point:
    """Return the plan with the most scrap that costs at most a share `above` the cheapest."""
    known = arrays(problem)
    cheapest = sift(known)
    dearest = Side(_weights(known, known.cost), high=cheapest.objective * (1 + above))
    best, share = cheapest, _share(known, cheapest)
    for _step in range(STEPS):
        tried = sift(known, cost=_short_of(known, share), sides=[dearest], near=best.near)
        better = _share(known, tried)
        if better <= share + SAME:
            break
        best, share = tried, better
    return _point(problem, best)


def most_scrap(known: Arrays, begin: Optimum) -> float:
    """Return the greatest scrap share of gross charge: each step beats the share before it."""
    best, share = begin, _share(known, begin)
    for _step in range(STEPS):
        best = sift(known, cost=_short_of(known, share), near=best.near)
        better = _share(known, best)
        if better <= share + SAME:
            break
        share = better
    return share


def _short_of(known: Arrays, share: float) -> Numbers:
    return (share - known.scrap)[:, None] * 10.0


def _least_carbon(known: Arrays, begin: Optimum) -> float:
    return _carbon(known, sift(known, cost=known.co2e_t[:, None] * 10.0, near=begin.near))


def _at_least(known: Arrays, share: float) -> Side:
    return Side(_weights(known, known.scrap - share), low=-SAME)


def _at_most(known: Arrays, tonnes: float) -> Side:
    return Side(_weights(known, known.co2e_t), high=tonnes * (1 + SAME))


def _weights(known: Arrays, weight: Numbers) -> Numbers:
    """Spread a weight over the charges; where a source may not enter there is none."""
    spread = weight if weight.ndim > 1 else weight[:, None]
    return np.where(np.isfinite(known.cost), spread, 0.0)


def _share(known: Arrays, found: Optimum) -> float:
    total = float(found.tonnes.sum())
    return float(known.scrap @ found.tonnes.sum(axis=1)) / total if total else 0.0


def _carbon(known: Arrays, found: Optimum) -> float:
    return float(known.co2e_t @ found.tonnes.sum(axis=1))


def _point(problem: ChargeProblem, found: Optimum) -> Point:
    lines = in_grams(problem, found.tonnes)
    return Point(lines=lines, verdict=judge(problem, lines))
