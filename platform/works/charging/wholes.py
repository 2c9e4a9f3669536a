"""Lots that are charged whole: the mixed programme over the lots near the relaxed plan."""

from dataclasses import dataclass

import numpy as np

from remelt.platform.works.charging.linear import Flags, Numbers, Places, Programme, solve
from remelt.platform.works.charging.matrix import INFINITE, Arrays
from remelt.platform.works.charging.sifting import Optimum

WANTED_GAP = 0.0005
WIDER = 0.06
ALL = 1_500


@dataclass(frozen=True, slots=True)
class Assigned:
    """Tonnes by source and charge, and how far above the best this may be, as a share."""

    tonnes: Numbers
    gap: float


def assign(known: Arrays, relaxed: Optimum, *, seconds: float) -> Assigned | None:
    """Return a plan with whole lots, or None when none was found in time.

    Of many lots those whose reduced cost is beyond a few per cent are left out; the gap is to the
    relaxed optimum over all lots, so it holds for them too.
    """
    spend = np.where(np.isfinite(known.cost), np.abs(known.cost), 0.0)
    active: Flags = np.isfinite(known.cost)
    if active.sum() > ALL:
        bought = (known.scrap == 0)[:, None]
        active &= relaxed.near | bought | (relaxed.reduced <= WIDER * spend)
    source, charge = np.nonzero(active)
    whole = known.whole[source]
    scale = np.where(whole, known.stock_t[source], 1.0)
    programme = _programme(known, source, charge, scale=scale, whole=whole)
    found = solve(programme, seconds=seconds, gap=WANTED_GAP)
    if not found.found:
        return None
    tonnes = np.zeros(known.cost.shape)
    x = np.where(whole, np.round(found.x), found.x)
    tonnes[source, charge] = np.maximum(x, 0.0) * scale
    objective = float((np.where(tonnes > 0, known.cost, 0.0) * tonnes).sum())
    return Assigned(
        tonnes=tonnes, gap=max(0.0, (objective - relaxed.objective) / max(abs(objective), 1e-9))
    )


def _programme(
    known: Arrays, source: Places, charge: Places, *, scale: Numbers, whole: Flags
) -> Programme:
    lots = np.nonzero(np.bincount(source))[0]
    row, column, value, low, high = [], [], [], [], []
    start = 0
    for number, block in enumerate(known.blocks):
        mine = np.nonzero(charge == number)[0]
        column.append(np.tile(mine, len(block.rows)))
        row.append(np.repeat(np.arange(len(block.rows)) + start, len(mine)))
        value.append((block.cells[:, source[mine]] * scale[mine]).ravel())
        low.append(block.low)
        high.append(block.high)
        start += len(block.rows)
    every = np.arange(len(source))
    column.append(every)
    row.append(start + np.searchsorted(lots, source))
    value.append(scale)
    low.append(np.full(len(lots), -INFINITE))
    high.append(known.stock_t[lots])
    cells = np.concatenate(value)
    keep = cells != 0
    at, line = np.concatenate(column)[keep], np.concatenate(row)[keep]
    order = np.lexsort((at, line))
    return Programme(
        cost=known.cost[source, charge] * scale,
        upper=np.where(whole, 1.0, INFINITE),
        low=np.concatenate(low),
        high=np.concatenate(high),
        row=line[order],
        column=at[order],
        value=cells[keep][order],
        whole=whole,
    )
