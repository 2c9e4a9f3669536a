"""The big programme solved through a small one: only lots worth a look are in it.

A few hundred of five thousand lots enter the best plan. The small programme holds those looked at
so far; its duals price every other lot in one product of matrices, and those that would make the
plan better join. When none would, the small optimum is the optimum of the whole, to `EXACT`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from remelt.platform.works.charging.linear import (
    Flags,
    Numbers,
    Places,
    Programme,
    Solved,
    solve,
)
from remelt.platform.works.charging.matrix import INFINITE, Arrays

SEED_LOTS = 60
JOIN = 120
NEAR = 0.01
ROUNDS = 80
EXACT = 1e-7
PENALTY = 1e9


@dataclass(frozen=True, slots=True)
class Side:
    """One row over all that is charged: low <= weight x <= high, weight by source and charge."""

    weight: Numbers
    low: float = -INFINITE
    high: float = INFINITE


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best plan where lots may be cut.

    tonnes: gross, by source and charge. row_duals: of each charge's rows. stock_duals: what one
    more gross tonne of a source would save, >= 0. short: (charge, row, amount) that cannot be met
    by anything at hand. near: the lots in the plan or within 1 % of it, to begin the next solve
    with. reduced: what a gross tonne of each lot would add to the objective.
    """

    objective: float
    tonnes: Numbers
    row_duals: tuple[Numbers, ...]
    stock_duals: Numbers
    side_duals: Numbers
    short: tuple[tuple[int, int, float], ...]
    reduced: Numbers
    near: Flags
    rounds: int


def sift(
    known: Arrays,
    *,
    cost: Numbers | None = None,
    sides: Sequence[Side] = (),
    near: Flags | None = None,
) -> Optimum:
    """Solve a problem to its optimum. cost: another objective than `known.cost`, same shape.

    near: of an earlier solve; a change of a few lots then takes a round or two.
    """
    aim = known.cost if cost is None else np.where(np.isinf(known.cost), INFINITE, cost)
    active = _first(known, aim) if near is None else near & np.isfinite(aim)
    scale = max(1.0, float(np.abs(_finite(aim)).max()))
    for rounds in range(1, ROUNDS + 1):
        small = _Small(known, aim, sides, active)
        solved = solve(small.programme())
        if not solved.found:
            raise ArithmeticError("the elastic programme has no optimum")
        priced = small.prices(solved.duals)
        gain = np.where(active, 0.0, priced)
        joining = _joining(gain, tolerance=EXACT * scale)
        if not joining.any():
            return small.optimum(solved, reduced=priced, rounds=rounds)
        active = active | joining
    raise ArithmeticError("the sifting does not end")


def _finite(values: Numbers) -> Numbers:
    finite: Numbers = np.where(np.isfinite(values), values, 0.0)
    return finite


def _first(known: Arrays, aim: Numbers) -> Flags:
    """Begin with what is no scrap and the lots that are cheapest per tonne of metal."""
    active: Flags = np.isfinite(aim) & (known.scrap == 0)[:, None]
    per_metal = aim / known.yields[:, None]
    few = min(SEED_LOTS, len(aim))
    for charge in range(aim.shape[1]):
        best = np.argpartition(per_metal[:, charge], few - 1)[:few]
        active[best, charge] |= np.isfinite(aim[best, charge])
    return active


def _joining(gain: Numbers, *, tolerance: float) -> Flags:
    """Return the lots with the steepest gain of each charge."""
    joining = np.zeros(gain.shape, dtype=bool)
    few = min(JOIN, len(gain))
    for charge in range(gain.shape[1]):
        column = gain[:, charge]
        best = np.argpartition(column, few - 1)[:few]
        joining[best, charge] = column[best] < -tolerance
    return joining


class _Small:
    """The small programme of one round: columns that are looked at, then shortages."""

    def __init__(self, known: Arrays, aim: Numbers, sides: Sequence[Side], active: Flags) -> None:
        self.known, self.aim, self.sides, self.active = known, aim, sides, active
        self.source, self.charge = np.nonzero(active)
        self.lots = np.nonzero(active.any(axis=1))[0]
        sizes = [len(block.rows) for block in known.blocks]
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.stock_row = int(self.starts[-1])
        self.side_row = self.stock_row + len(self.lots)
        self.rows = self.side_row + len(sides)

    def programme(self) -> Programme:
        """Return it as arrays; every row of a charge may be missed at a price no plan pays."""
        at, row, value = self._cells()
        columns = len(self.source)
        short_at, short_row, short_value = self._shortages(columns)
        at, row = np.concatenate([at, short_at]), np.concatenate([row, short_row])
        value = np.concatenate([value, short_value])
        keep = value != 0
        order = np.lexsort((at[keep], row[keep]))
        low, high = self._bounds()
        return Programme(
            cost=np.concatenate(
                [self.aim[self.source, self.charge], np.full(len(short_at), PENALTY)]
            ),
            upper=np.full(columns + len(short_at), INFINITE),
            low=low,
            high=high,
            row=row[keep][order],
            column=at[keep][order],
            value=value[keep][order],
        )

    def _cells(self) -> tuple[Places, Places, Numbers]:
        at, row, value = [], [], []
        for number, block in enumerate(self.known.blocks):
            mine = np.nonzero(self.charge == number)[0]
            cells = block.cells[:, self.source[mine]]
            at.append(np.tile(mine, len(block.rows)))
            row.append(np.repeat(np.arange(len(block.rows)) + self.starts[number], len(mine)))
            value.append(cells.ravel())
        every = np.arange(len(self.source))
        at.append(every)
        row.append(self.stock_row + np.searchsorted(self.lots, self.source))
        value.append(np.ones(len(every)))
        for number, side in enumerate(self.sides):
            at.append(every)
            row.append(np.full(len(every), self.side_row + number))
            value.append(side.weight[self.source, self.charge])
        return np.concatenate(at), np.concatenate(row), np.concatenate(value)

    def _shortages(self, first: int) -> tuple[Places, Places, Numbers]:
        """One column for each row of a charge: it fills what lacks, or takes what is too much."""
        rows = np.arange(self.stock_row)
        signs = [
            -1.0 if side == "max" else 1.0
            for block in self.known.blocks
            for _name, side in block.rows
        ]
        return first + rows, rows, np.array(signs)

    def _bounds(self) -> tuple[Numbers, Numbers]:
        blocks, lots = self.known.blocks, len(self.lots)
        low = [*(block.low for block in blocks), np.full(lots, -INFINITE)]
        high = [*(block.high for block in blocks), self.known.stock_t[self.lots]]
        low.append(np.array([side.low for side in self.sides]))
        high.append(np.array([side.high for side in self.sides]))
        return np.concatenate(low), np.concatenate(high)

    def prices(self, duals: Numbers) -> Numbers:
        """Return what a gross tonne of each source would change in each charge."""
        stock, side = self._parted(duals)
        priced = np.array(self.aim)
        for number, block in enumerate(self.known.blocks):
            mine = duals[self.starts[number] : self.starts[number + 1]]
            priced[:, number] -= mine @ block.cells
        priced -= stock[:, None] + side
        return priced

    def _parted(self, duals: Numbers) -> tuple[Numbers, Numbers]:
        stock = np.zeros(len(self.known.stock_t))
        stock[self.lots] = duals[self.stock_row : self.side_row]
        side = np.zeros(self.aim.shape)
        for dual, row in zip(duals[self.side_row :], self.sides, strict=True):
            side += dual * row.weight
        return stock, side

    def optimum(self, solved: Solved, *, reduced: Numbers, rounds: int) -> Optimum:
        """Return the answer over all sources."""
        columns = len(self.source)
        tonnes = np.zeros(self.aim.shape)
        tonnes[self.source, self.charge] = solved.x[:columns]
        stock, _side = self._parted(solved.duals)
        short = [
            (int(np.searchsorted(self.starts, row, side="right") - 1), int(row), float(amount))
            for row, amount in enumerate(solved.x[columns:])
            if amount > EXACT
        ]
        return Optimum(
            objective=float((np.where(tonnes > 0, self.aim, 0.0) * tonnes).sum()),
            tonnes=tonnes,
            row_duals=tuple(
                solved.duals[self.starts[n] : self.starts[n + 1]]
                for n in range(len(self.known.blocks))
            ),
            stock_duals=-stock,
            side_duals=solved.duals[self.side_row :],
            short=tuple(
                (charge, int(row - self.starts[charge]), amount) for charge, row, amount in short
            ),
            reduced=reduced,
            near=self.active & ((tonnes > 0) | (reduced <= NEAR * np.abs(_finite(self.aim)))),
            rounds=rounds,
        )
