"""A plan of charges: the cheapest within limits, judged, with what its duals say of every lot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from remelt.platform.works.charging.judge import Verdict, judge
from remelt.platform.works.charging.linear import Numbers
from remelt.platform.works.charging.matrix import Arrays, alike, arrays, changed
from remelt.platform.works.charging.problem import TONNE_G, ChargeProblem, Line
from remelt.platform.works.charging.sifting import Optimum, sift
from remelt.platform.works.charging.wholes import assign
from remelt.platform.works.charging.worth import Worths

WHOLE_S = 10.0


@dataclass(frozen=True, slots=True)
class Lacking:
    """What nothing at hand can give a charge: metal, or an element short (`min`) or over (`max`).

    mass_g: so many grams of it are missing or too much.
    """

    charge: str
    element: str
    side: str
    mass_g: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What to charge, judged; or what is lacking, and then no lines.

    bound_fen: no plan can cost less. gap: how far this one may be above the best, as a share;
    nought for lots that may be cut. worths: meaningless where something is lacking. relaxed: the
    plan were all lots cut; with problem and known, its arrays, the next one begins there.
    """

    lines: tuple[Line, ...]
    verdict: Verdict
    lacking: tuple[Lacking, ...]
    bound_fen: float
    gap: float
    worths: Worths
    relaxed: Optimum
    problem: ChargeProblem
    known: Arrays


def plan(problem: ChargeProblem, *, after: Plan | None = None, seconds: float = WHOLE_S) -> Plan:
    """Return the cheapest plan: price, carbon and falls of class together.

    after: the plan before a change of a few prices, masses or contents (same sources and
    charges, in order): the work begins there. seconds: for lots that are charged whole.

    Raises `ArithmeticError` when the judge refuses what the solver found.
    """
    known = _known(problem, after)
    relaxed = sift(known, near=after.relaxed.near if after else None)
    lacking = _lacking(problem, known, relaxed)
    tonnes, gap = relaxed.tonnes, 0.0
    if not lacking and known.whole.any():
        assigned = assign(known, relaxed, seconds=seconds)
        if assigned is None:
            lacking = (Lacking(charge="", element="", side="whole", mass_g=0),)
        else:
            tonnes, gap = assigned.tonnes, assigned.gap
    lines = () if lacking else in_grams(problem, tonnes)
    verdict = judge(problem, lines)
    if lines and verdict.faults:
        raise ArithmeticError(f"the judge refuses the plan: {verdict.faults[:3]}")
    return Plan(
        lines=lines,
        verdict=verdict,
        lacking=lacking,
        bound_fen=relaxed.objective * 100,
        gap=gap,
        worths=Worths(problem, known, relaxed),
        relaxed=relaxed,
        problem=problem,
        known=known,
    )


def in_grams(problem: ChargeProblem, tonnes: Numbers) -> tuple[Line, ...]:
    """Return a plan in whole grams, never more of a lot than there is."""
    lines = []
    left: dict[int, int] = {}
    for source, charge in np.argwhere(tonnes > 0).tolist():
        here = left.setdefault(source, problem.sources[source].mass_g)
        mass_g = min(round(float(tonnes[source, charge]) * TONNE_G), here)
        left[source] = here - mass_g
        if mass_g:
            lines.append(Line(problem.sources[source].key, problem.charges[charge].key, mass_g))
    return tuple(lines)


def _known(problem: ChargeProblem, after: Plan | None) -> Arrays:
    """Return the arrays of a problem; of one that differs in a few sources, from those before."""
    if after is None or not alike(after.problem, problem):
        return arrays(problem)
    pairs = enumerate(zip(after.problem.sources, problem.sources, strict=True))
    other = [place for place, (old, new) in pairs if old is not new and old != new]
    return changed(after.known, problem, places=other) if other else after.known


def _lacking(problem: ChargeProblem, known: Arrays, found: Optimum) -> tuple[Lacking, ...]:
    said: Sequence[Lacking] = [
        Lacking(
            charge=problem.charges[charge].key,
            element=known.blocks[charge].rows[row][0],
            side=known.blocks[charge].rows[row][1],
            mass_g=round(amount * TONNE_G),
        )
        for charge, row, amount in found.short
    ]
    return tuple(each for each in said if each.mass_g)
