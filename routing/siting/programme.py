"""The mixed-integer programme of a network, in columns and rows that MathOpt takes whole.

Columns, in this order: the share of goods on each inward way, the share left where goods may be
left, each outward way as a share of the most it can carry, smelters that cost something to use,
and hub sizes. Link rows (a way is used only as far as its hub is open) are few and chosen: those
that a relaxation breaks make it as strong as all of them, at a tenth of the size.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import model_pb2

from remelt.routing.siting.network import Floats, Mask, Network, Whole

INF = float("inf")
LOOSE = 1e-5  # of the dearest size: more than a solver's tolerance; cuts keep to the fen
LARGEST = 1e6  # costs are scaled so that no column costs more


@dataclass(slots=True)
class Rows:
    """Rows of a matrix, gathered block by block."""

    rows: list[Whole] = field(default_factory=list)
    columns: list[Whole] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    lower: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)
    count: int = 0

    def add(
        self,
        *parts: tuple[Whole, Whole, Floats | float],
        size: int,
        lower: Floats | float,
        upper: Floats | float,
    ) -> None:
        """Add `size` rows made of (row, column, value) entries."""
        for rows, columns, values in parts:
            self.rows.append(rows + self.count)
            self.columns.append(columns)
            self.values.append(np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape))
        self.lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), (size,)))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), (size,)))
        self.count += size


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Link rows to state: inward ways and outward ways to their hub, outward ways to a smelter."""

    inward: Mask
    outward: Mask
    smelter: Mask

    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.inward.any() or self.outward.any() or self.smelter.any())

    def joined(self, more: "Links") -> "Links":
        """Return both."""
        return Links(
            self.inward | more.inward, self.outward | more.outward, self.smelter | more.smelter
        )

    def only(self, inward: Mask, outward: Mask) -> "Links":
        """Return the links of some of the ways."""
        return Links(self.inward[inward], self.outward[outward], self.smelter[outward])


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """One row that every answer keeps to: the sum of some columns is within whole numbers."""

    columns: Whole
    lower: float
    upper: float


def model_of(rows: Rows, *, cost: Floats, most: Floats, integer: Mask) -> model_pb2.ModelProto:
    """Return rows and columns (from 0 to `most`) as MathOpt's model, to be made cheap."""
    model = model_pb2.ModelProto()
    columns, count = model.variables, len(cost)
    columns.ids.extend(range(count))
    columns.lower_bounds.extend(np.zeros(count).tolist())
    columns.upper_bounds.extend(most.tolist())
    columns.integers.extend(integer.tolist())
    paid = np.flatnonzero(cost)
    model.objective.linear_coefficients.ids.extend(paid.tolist())
    model.objective.linear_coefficients.values.extend(cost[paid].tolist())
    model.linear_constraints.ids.extend(range(rows.count))
    model.linear_constraints.lower_bounds.extend(np.concatenate(rows.lower).tolist())
    model.linear_constraints.upper_bounds.extend(np.concatenate(rows.upper).tolist())
    row, column = np.concatenate(rows.rows), np.concatenate(rows.columns)
    order = np.lexsort((column, row))
    matrix = model.linear_constraint_matrix
    matrix.row_ids.extend(row[order].tolist())
    matrix.column_ids.extend(column[order].tolist())
    matrix.coefficients.extend(np.concatenate(rows.values)[order].tolist())
    return model


class Programme:
    """One network's columns, costs and rows. `scale`: fen for one unit of the objective."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.goods = len(network.goods.kg)
        self.left = self.goods if network.scenario.terms.left_fen_per_t is not None else 0
        ways_in, ways_out = len(network.inward.hub), len(network.outward.hub)
        self.priced = np.flatnonzero(network.smelter_fen > 0)
        sizes = (ways_in, self.left, ways_out, len(self.priced), len(network.sizes.hub))
        ends = np.cumsum((0, *sizes))
        spans = [np.arange(ends[n], ends[n + 1]) for n in range(len(sizes))]
        self.x, self.u, self.y, self.w, self.z = spans
        self.count = int(ends[-1])
        self.carried = self._most_carried()
        fen = self._fen()
        self.scale = max(1.0, float(np.abs(fen).max(initial=0.0)) / LARGEST)
        self.cost = fen / self.scale

    def all_links(self) -> Links:
        """Return every link row."""
        net = self.network
        priced = net.smelter_fen[net.outlets.smelter[net.outward.end]] > 0
        return Links(np.ones(len(self.x), bool), np.ones(len(self.y), bool), priced)

    def proto(self, links: Links, *, whole: bool, cuts: Iterable[Cut] = ()) -> model_pb2.ModelProto:
        """Return the programme. whole: hubs stand or do not, and ways too where the terms say."""
        rows = self._rows()
        self._add_links(rows, links)
        for cut in cuts:
            part = (np.zeros_like(cut.columns), cut.columns, 1.0)
            rows.add(part, size=1, lower=cut.lower, upper=cut.upper)
        integer = np.zeros(self.count, bool)
        integer[self.w] = integer[self.z] = whole
        integer[self.x] = integer[self.u] = whole and self.network.scenario.terms.one_hub
        return model_of(rows, cost=self.cost, most=np.ones(self.count), integer=integer)

    def _most_carried(self) -> Floats:
        """The most kilograms an outward way can carry: by its outlet, its hub and its family."""
        net = self.network
        largest = np.zeros(net.hubs)
        np.maximum.at(largest, net.sizes.hub, net.sizes.kg)
        supply = np.zeros(max(1, len(net.families)))
        np.add.at(supply, net.goods.family, net.goods.kg)
        end = net.outward.end
        outlet = np.minimum(net.outlets.kg[end], supply[net.outlets.family[end]])
        return np.maximum(1.0, np.minimum(outlet, largest[net.outward.hub]))

    def _fen(self) -> Floats:
        net = self.network
        left = net.scenario.terms.left_fen_per_t or 0
        return np.concatenate(
            [
                net.inward.fen * net.goods.kg[net.inward.end],
                net.goods.kg[: self.left] * (left / 1000),
                net.outward.fen * self.carried,
                net.smelter_fen[self.priced].astype(np.float64),
                net.sizes.fen.astype(np.float64),
            ]
        )

    def _rows(self) -> Rows:
        rows, net = Rows(), self.network
        collected = (net.inward.end, self.x, 1.0), (np.arange(self.left), self.u, 1.0)
        rows.add(*collected, size=self.goods, lower=1.0, upper=1.0)
        self._add_balance(rows)
        self._add_capacity(rows)
        self._add_counts(rows)
        if not self.left:
            self._add_covers(rows)
        return rows

    def _add_balance(self, rows: Rows) -> None:
        """What a hub takes of a family, it sends on."""
        net, families = self.network, len(self.network.families)
        inward = net.inward.hub * families + net.goods.family[net.inward.end]
        outward = net.outward.hub * families + net.outlets.family[net.outward.end]
        used, at = np.unique(np.concatenate([inward, outward]), return_inverse=True)
        largest = max(1.0, float(net.sizes.kg.max(initial=1)))
        rows.add(
            (at[: len(inward)], self.x, -net.goods.kg[net.inward.end] / largest),
            (at[len(inward) :], self.y, self.carried / largest),
            size=len(used),
            lower=0.0,
            upper=0.0,
        )

    def _add_capacity(self, rows: Rows) -> None:
        """Hubs take what their size allows; smelters what they take, once they are used."""
        net = self.network
        largest = max(1.0, float(net.sizes.kg.max(initial=1)))
        used, at = np.unique(np.concatenate([net.inward.hub, net.sizes.hub]), return_inverse=True)
        ways = len(self.x)
        rows.add(
            (at[:ways], self.x, net.goods.kg[net.inward.end] / largest),
            (at[ways:], self.z, -net.sizes.kg / largest),
            size=len(used),
            lower=-INF,
            upper=0.0,
        )
        outlets = net.outlets
        share = self.carried / outlets.kg[net.outward.end]
        priced = np.isin(outlets.smelter, self.priced)
        for kept, top in ((~priced, 1.0), (priced, 0.0)):
            number = np.cumsum(kept) - 1
            mine = kept[net.outward.end]
            parts = [(number[net.outward.end[mine]], self.y[mine], share[mine])]
            if top == 0.0:
                which = np.searchsorted(self.priced, outlets.smelter[kept])
                parts.append((number[kept], self.w[which], -np.ones(int(kept.sum()))))
            rows.add(*parts, size=int(kept.sum()), lower=-INF, upper=top)

    def _add_counts(self, rows: Rows) -> None:
        """One size for a hub, hubs that stand, how many, and the budget."""
        net, terms = self.network, self.network.scenario.terms
        hubs, at = np.unique(net.sizes.hub, return_inverse=True)
        many = np.bincount(at, minlength=len(hubs)) > 1
        for kept, lower in ((net.stands[hubs], 1.0), (many & ~net.stands[hubs], -INF)):
            number, mine = np.cumsum(kept) - 1, kept[at]
            part = (number[at[mine]], self.z[mine], 1.0)
            rows.add(part, size=int(kept.sum()), lower=lower, upper=1.0)
        everyone = np.zeros(len(self.z), dtype=np.int64)
        if terms.least_hubs or terms.most_hubs is not None:
            most = INF if terms.most_hubs is None else float(terms.most_hubs)
            part = (everyone, self.z, 1.0)
            rows.add(part, size=1, lower=float(terms.least_hubs), upper=most)
        if terms.budget_fen is not None:
            unit = max(1.0, float(np.abs(net.sizes.budget_fen).max(initial=1)))
            spent = (everyone, self.z, net.sizes.budget_fen / unit)
            rows.add(spent, size=1, lower=-INF, upper=terms.budget_fen / unit + LOOSE)

    def _add_covers(self, rows: Rows) -> None:
        """Open hubs together take all there is, used smelters all of a family: strong cuts."""
        net, total = self.network, max(1, self.network.total_kg)
        part = (np.zeros(len(self.z), dtype=np.int64), self.z, net.sizes.kg / total)
        rows.add(part, size=1, lower=1.0, upper=INF)
        outlets = net.outlets
        if not len(self.priced):
            return
        for family in range(len(net.families)):
            supply = int(net.goods.kg[net.goods.family == family].sum())
            mine = np.flatnonzero(outlets.family == family)
            priced = np.isin(outlets.smelter[mine], self.priced)
            rest = supply - int(outlets.kg[mine[~priced]].sum())
            if rest > 0 and priced.any():
                which = np.searchsorted(self.priced, outlets.smelter[mine[priced]])
                zeros = np.zeros(len(which), dtype=np.int64)
                rows.add(
                    (zeros, self.w[which], outlets.kg[mine[priced]] / rest),
                    size=1,
                    lower=1.0,
                    upper=INF,
                )

    def _add_links(self, rows: Rows, links: Links) -> None:
        net = self.network
        for ways, kept, hub in (
            (self.x, links.inward, net.inward.hub),
            (self.y, links.outward, net.outward.hub),
        ):
            number = np.cumsum(kept) - 1
            row, column = self._sizes_of(hub[kept])
            ways_part = (number[kept], ways[kept], 1.0)
            rows.add(ways_part, (row, column, -1.0), size=int(kept.sum()), lower=-INF, upper=0.0)
        kept = links.smelter
        if kept.any():
            which = np.searchsorted(self.priced, net.outlets.smelter[net.outward.end[kept]])
            number = np.arange(int(kept.sum()))
            parts = (number, self.y[kept], 1.0), (number, self.w[which], -1.0)
            rows.add(*parts, size=len(number), lower=-INF, upper=0.0)

    def _sizes_of(self, hubs: Whole) -> tuple[Whole, Whole]:
        """For each of `hubs` the columns of its sizes, as rows of `hubs` and columns."""
        order = np.argsort(self.network.sizes.hub, kind="stable")
        ordered = self.network.sizes.hub[order]
        first = np.searchsorted(ordered, hubs, side="left")
        many = np.searchsorted(ordered, hubs, side="right") - first
        rows = np.repeat(np.arange(len(hubs)), many)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many)
        return rows, self.z[order[np.repeat(first, many) + within]]


def openness(programme: Programme, values: NDArray[np.float64]) -> Floats:
    """Return for each hub how far it is open: the sum of its sizes."""
    open_ = np.zeros(programme.network.hubs)
    np.add.at(open_, programme.network.sizes.hub, values[programme.z])
    return open_
