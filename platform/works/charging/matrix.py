"""A charge problem as arrays: tonnes, CNY and parts by mass, for the solver's eyes only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remelt.platform.works.charging.linear import Flags, Numbers
from remelt.platform.works.charging.problem import (
    TONNE_G,
    WHOLE_BP,
    WHOLE_PPM,
    Charge,
    ChargeProblem,
)
from remelt.traceability.rules.grades import SPENT, downgrade

INFINITE = float("inf")
FEN = 100


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one charge over all sources: metal first, then each limit.

    rows: as (name, side) with side `metal`, `max` or `min`. cells: one row each, a column for
    every source, per gross tonne.
    """

    rows: tuple[tuple[str, str], ...]
    cells: Numbers
    low: Numbers
    high: Numbers


@dataclass(frozen=True, slots=True)
class Arrays:
    """A problem as arrays.

    cost: CNY per gross tonne by source and charge, infinite where the rule keeps a source out.
    stock_t: gross tonnes; co2e_t, scrap: per gross tonne.
    """

    stock_t: Numbers
    whole: Flags
    yields: Numbers
    co2e_t: Numbers
    scrap: Numbers
    cost: Numbers
    blocks: tuple[Block, ...]


def arrays(problem: ChargeProblem) -> Arrays:
    """Return a problem as arrays."""
    sources = problem.sources
    elements = sorted({name for charge in problem.charges for name in charge.limits})
    mean, spread = _contents(problem, elements)
    yields = np.array([each.yield_bp for each in sources], dtype=float) / WHOLE_BP
    scrap = np.array([each.scrap for each in sources], dtype=float)
    co2e = np.array([each.co2e_g_per_t for each in sources], dtype=float) / TONNE_G
    off = spread * (problem.terms.margin_centi / 100)
    return Arrays(
        stock_t=np.array([each.mass_g for each in sources], dtype=float) / TONNE_G,
        whole=np.array([each.whole for each in sources], dtype=bool),
        yields=yields,
        co2e_t=co2e,
        scrap=scrap,
        cost=_cost(problem, co2e),
        blocks=tuple(
            _block(charge, elements, mean=mean, off=off, yields=yields)
            for charge in problem.charges
        ),
    )


def alike(one: ChargeProblem, other: ChargeProblem) -> bool:
    """Tell whether two problems differ in what their sources say and in nothing else."""
    return (
        one.charges == other.charges
        and one.terms == other.terms
        and len(one.sources) == len(other.sources)
    )


def changed(known: Arrays, problem: ChargeProblem, *, places: Sequence[int]) -> Arrays:
    """Return the arrays of a problem that differs from that of `known` at a few sources."""
    few = arrays(replace(problem, sources=tuple(problem.sources[place] for place in places)))

    def put(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        copied = old.copy()
        copied[..., places] = new
        return copied

    return Arrays(
        stock_t=put(known.stock_t, few.stock_t),
        whole=put(known.whole, few.whole),
        yields=put(known.yields, few.yields),
        co2e_t=put(known.co2e_t, few.co2e_t),
        scrap=put(known.scrap, few.scrap),
        cost=put(known.cost.T, few.cost.T).T,
        blocks=tuple(
            replace(old, cells=put(old.cells, new.cells))
            for old, new in zip(known.blocks, few.blocks, strict=True)
        ),
    )


def _contents(problem: ChargeProblem, elements: Sequence[str]) -> tuple[Numbers, Numbers]:
    place = {name: i for i, name in enumerate(elements)}
    mean = np.zeros((len(elements), len(problem.sources)))
    spread = np.zeros_like(mean)
    for column, source in enumerate(problem.sources):
        for name, content in source.elements.items():
            row = place.get(name)
            if row is not None:
                mean[row, column] = content.mean_ppm
                spread[row, column] = content.sd_ppm
    return mean / WHOLE_PPM, spread / WHOLE_PPM


def _cost(problem: ChargeProblem, co2e: Numbers) -> Numbers:
    """CNY per gross tonne: price, carbon, fall; infinite where a source may not enter."""
    price = np.array([each.price_fen_per_t for each in problem.sources], dtype=float)
    base = price + co2e * problem.terms.carbon_fen_per_t
    classes = [each.alloy_class if each.scrap else None for each in problem.sources]
    kinds = sorted({each for each in classes if each is not None})
    kind_of = np.array([len(kinds) if each is None else kinds.index(each) for each in classes])
    columns = []
    for charge in problem.charges:
        falls = [downgrade(kind, charge.alloy_class) for kind in kinds] + [0]
        columns.append(base + np.array([_fall(problem, charge, each) for each in falls])[kind_of])
    return np.column_stack(columns) / FEN


def _fall(problem: ChargeProblem, charge: Charge, fall: int | None) -> float:
    if (SPENT if fall is None else fall) > charge.worst_index:
        return INFINITE
    return float(problem.terms.fall_fen_per_t[fall or 0])


def _block(
    charge: Charge, elements: Sequence[str], *, mean: Numbers, off: Numbers, yields: Numbers
) -> Block:
    rows: list[tuple[str, str]] = [("", "metal")]
    cells = [yields]
    low, high = [charge.least_g / TONNE_G], [charge.most_g / TONNE_G]
    for name, limit in charge.limits.items():
        at = elements.index(name)
        kept = charge.recovery_bp.get(name, WHOLE_BP) / WHOLE_BP
        if limit.max_ppm is not None:
            rows.append((name, "max"))
            most = np.minimum(mean[at] + off[at], 1.0)
            cells.append(yields * (most * kept - limit.max_ppm / WHOLE_PPM))
            low.append(-INFINITE)
            high.append(0.0)
        if limit.min_ppm:
            rows.append((name, "min"))
            least = np.maximum(mean[at] - off[at], 0.0)
            cells.append(yields * (least * kept - limit.min_ppm / WHOLE_PPM))
            low.append(0.0)
            high.append(INFINITE)
    return Block(rows=tuple(rows), cells=np.vstack(cells), low=np.array(low), high=np.array(high))
