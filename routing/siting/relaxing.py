"""The relaxation of a network with the link rows that matter: a proven bound, and where to look."""

import time
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from ortools.math_opt.python import mathopt

from remelt.routing.siting.engine import NO_ANSWER, NoAnswer, Relaxed, relaxed_of
from remelt.routing.siting.network import Floats, Mask, Network, Whole
from remelt.routing.siting.programme import Links, Programme, openness

BROKEN = 1e-4
LEAST_NEAR, MOST_NEAR = 8, 25
ROUNDS = 6
FEW = 6


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """The solved relaxation. bound_fen: no answer costs less. open_: how far each hub is open."""

    programme: Programme
    links: Links
    relaxed: Relaxed
    bound_fen: float
    open_: Floats

    @property
    def nearly_whole(self) -> bool:
        """Whether most hubs that it opens are wholly open: then the whole is soon proven."""
        used = self.open_[self.open_ > BROKEN]
        return bool((used < 1 - BROKEN).sum() <= max(FEW, len(used) // 3))


def near_links(network: Network, programme: Programme) -> Links:
    """Return the links most likely to matter: each zone's cheapest ways, as a way costs in all."""
    every = programme.all_links()
    guess = network.inward.fen + onward(network)
    most = min(MOST_NEAR, max(LEAST_NEAR, len(np.unique(network.inward.hub)) // 4))
    near = rank_within(network.inward.end, guess) < most
    return Links(near, np.zeros_like(every.outward), np.zeros_like(every.smelter))


def solve_root(network: Network, *, until: float, last: float) -> Root | None:
    """Return the relaxation with broken links stated, round after round; None if out of time.

    The first round may take until `last`, the others until `until`. Raises `NoAnswer` when not
    even the relaxation can be met.
    """
    programme = Programme(network)
    links = near_links(network, programme)
    model = mathopt.Model.from_model_proto(programme.proto(links, whole=False))
    columns = list(model.variables())
    best: Relaxed | None = None
    with mathopt.IncrementalSolver(model, mathopt.SolverType.GLOP) as solver:
        for nth in range(ROUNDS):
            end = until if nth else last
            limit = timedelta(seconds=max(0.05, end - time.monotonic()))
            result = solver.solve(params=mathopt.SolveParameters(time_limit=limit))
            if result.termination.reason in NO_ANSWER:
                raise NoAnswer
            found = relaxed_of(model, result)
            if found is None:
                break
            best = found
            broken = _broken(programme, found.values, links)
            if broken is None or time.monotonic() >= until:
                break
            _state(model, columns, programme, broken)
            links = links.joined(broken)
    if best is None:
        return None
    return Root(
        programme, links, best, best.objective * programme.scale, openness(programme, best.values)
    )


def plain_bound(network: Network) -> float:
    """Return what no answer costs less than: every good on its cheapest way, hubs for nothing."""
    way = network.inward.fen + _cheapest_on(network)[_spots(network)]
    least = np.full(len(network.goods.kg), np.inf)
    np.minimum.at(least, network.inward.end, way)
    left = network.scenario.terms.left_fen_per_t
    if left is not None:
        least = np.minimum(least, left / 1000)
    return float(least @ network.goods.kg)


def _broken(programme: Programme, values: Floats, links: Links) -> Links | None:
    """The links that the values break; None when they break none."""
    net, every = programme.network, programme.all_links()
    open_ = openness(programme, values)
    used = np.ones(len(net.smelter_fen))
    used[programme.priced] = values[programme.w]
    ways_in, ways_out = values[programme.x], values[programme.y]
    found = Links(
        (ways_in > open_[net.inward.hub] + BROKEN) & ~links.inward,
        (ways_out > open_[net.outward.hub] + BROKEN) & ~links.outward,
        (ways_out > used[net.outlets.smelter[net.outward.end]] + BROKEN)
        & every.smelter
        & ~links.smelter,
    )
    return found if found.any() else None


def _state(
    model: mathopt.Model, columns: list[mathopt.Variable], programme: Programme, links: Links
) -> None:
    """Add link rows to a model."""
    net = programme.network
    sizes: dict[int, list[mathopt.Variable]] = {}
    for hub, column in zip(net.sizes.hub.tolist(), programme.z.tolist(), strict=True):
        sizes.setdefault(hub, []).append(columns[column])
    for ways, kept, hubs in (
        (programme.x, links.inward, net.inward.hub),
        (programme.y, links.outward, net.outward.hub),
    ):
        for way, hub in zip(ways[kept].tolist(), hubs[kept].tolist(), strict=True):
            model.add_linear_constraint(columns[way] <= mathopt.LinearSum(sizes[hub]))
    smelters = net.outlets.smelter[net.outward.end[links.smelter]]
    priced = programme.w[np.searchsorted(programme.priced, smelters)]
    for way, smelter in zip(programme.y[links.smelter].tolist(), priced.tolist(), strict=True):
        model.add_linear_constraint(columns[way] <= columns[smelter])


def onward(network: Network) -> Floats:
    """For each inward way: the hub's cheapest way on for its family, and the hub's own cost."""
    build = np.full(network.hubs, np.inf)
    np.minimum.at(build, network.sizes.hub, network.sizes.fen / network.sizes.kg)
    found: Floats = build[network.inward.hub] + _cheapest_on(network, used=True)[_spots(network)]
    return found


def _cheapest_on(network: Network, *, used: bool = False) -> Floats:
    """The cheapest way on by hub and family; `used`: a smelter's own cost spread over its mass."""
    cheapest = np.full((network.hubs, max(1, len(network.families))), np.inf)
    end = network.outward.end
    spot = network.outward.hub, network.outlets.family[end]
    fen = network.outward.fen
    if used:
        fen = fen + network.smelter_fen[network.outlets.smelter[end]] / network.outlets.kg[end]
    np.minimum.at(cheapest, spot, fen)
    return cheapest


def _spots(network: Network) -> tuple[Whole, Whole]:
    """Hub and family of each inward way."""
    return network.inward.hub, network.goods.family[network.inward.end]


def rank_within(group: Whole, value: Floats) -> Whole:
    """Return for each entry its rank by value within its group, from 0."""
    order = np.lexsort((value, group))
    ordered = group[order]
    first = np.searchsorted(ordered, ordered, side="left")
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - first
    return rank


def alive(root: Root, *, below_fen: float) -> tuple[Mask, Mask, Mask]:
    """Return the inward ways, smelters and sizes that an answer below a cost may use.

    A column that is used whole or not at all, and whose reduced cost exceeds the room between
    bound and cost, is in no better answer. A way that may be used in part tells nothing so.
    """
    programme, network = root.programme, root.programme.network
    room = (below_fen - root.bound_fen) / programme.scale * (1 + 1e-6) + 1e-6
    may = (root.relaxed.reduced <= room) | (root.relaxed.values > BROKEN)
    smelters = np.ones(len(network.smelter_fen), bool)
    smelters[programme.priced] = may[programme.w]
    ways = may[programme.x] | (not network.scenario.terms.one_hub)
    sizes = may[programme.z]
    hubs = np.zeros(network.hubs, bool)
    hubs[network.sizes.hub[sizes]] = True
    return ways & hubs[network.inward.hub], smelters, sizes
