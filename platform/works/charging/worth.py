"""What a lot is worth to a furnace: the duals of the plan, row by row.

The worth of a gross tonne is what the rows of a charge would pay for it: the metal it replaces,
the alloying it brings, the limits it eases or uses up, less its carbon and its fall of class. For
a lot that the plan takes whole it is its price and the saving of one tonne more; the last tonne
is the least useful one, so the whole lot is worth no less.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from remelt.platform.works.charging.matrix import FEN, Arrays
from remelt.platform.works.charging.problem import TONNE_G, WHOLE_BP, ChargeProblem
from remelt.platform.works.charging.sifting import Optimum

HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a worth, in fen per gross tonne: `metal`, `carbon`, `fall`, or an element.

    side: `max` where the lot eases (above zero) or uses up room under a limit, `min` where it
    brings or lacks what the alloy needs.
    """

    what: str
    side: str
    fen_per_t: int


@dataclass(frozen=True, slots=True)
class Worth:
    """What a source is worth in the charge that would pay most, net of VAT, at the furnace.

    fen_per_t: for a gross tonne; fen_per_metal_t: for a tonne of metal recovered from it.
    taken_g: what the plan takes of it were lots cut.
    """

    charge: str
    fen_per_t: int
    fen_per_metal_t: int
    taken_g: int
    reasons: tuple[Reason, ...]


class Worths:
    """What every source of a problem is worth, worked out when asked for."""

    def __init__(self, problem: ChargeProblem, known: Arrays, found: Optimum) -> None:
        self._problem, self._known, self._found = problem, known, found
        self._place = {source.key: i for i, source in enumerate(problem.sources)}
        price = np.array([each.price_fen_per_t for each in problem.sources], dtype=float) / FEN
        beyond = np.where(np.isfinite(known.cost), known.cost - price[:, None], np.inf)
        paid = [
            duals @ block.cells for duals, block in zip(found.row_duals, known.blocks, strict=True)
        ]
        self._value = np.column_stack(paid) - beyond

    def of(self, key: str) -> Worth | None:
        """Return the worth of a source in the charge that pays most; None where none takes it."""
        at = self._place[key]
        charge = int(self._value[at].argmax())
        value = float(self._value[at, charge]) * FEN
        if not np.isfinite(value):
            return None
        source = self._problem.sources[at]
        return Worth(
            charge=self._problem.charges[charge].key,
            fen_per_t=int(np.floor(value + HAIR)),
            fen_per_metal_t=int(np.floor(value * WHOLE_BP / source.yield_bp + HAIR)),
            taken_g=round(float(self._found.tonnes[at].sum()) * TONNE_G),
            reasons=_reasons(self._problem, self._known, self._found, source=at, charge=charge),
        )


def _reasons(
    problem: ChargeProblem, known: Arrays, found: Optimum, *, source: int, charge: int
) -> tuple[Reason, ...]:
    """The parts of a worth, the weightiest first; parts under one fen are left out."""
    block, duals = known.blocks[charge], found.row_duals[charge]
    parts = [
        (name or side, "" if side == "metal" else side, float(dual * cell))
        for (name, side), dual, cell in zip(block.rows, duals, block.cells[:, source], strict=True)
    ]
    one = problem.sources[source]
    carbon = one.co2e_g_per_t * problem.terms.carbon_fen_per_t / TONNE_G / FEN
    fall = float(known.cost[source, charge]) - one.price_fen_per_t / FEN - carbon
    parts += [("carbon", "", -carbon), ("fall", "", -fall)]
    return _said(parts)


def _said(parts: Sequence[tuple[str, str, float]]) -> tuple[Reason, ...]:
    reasons = [Reason(what, side, round(value * FEN)) for what, side, value in parts]
    weighty = [each for each in reasons if each.fen_per_t]
    return tuple(sorted(weighty, key=lambda each: -abs(each.fen_per_t)))
