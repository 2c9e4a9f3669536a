"""The search for the best hubs: a kernel, neighbourhoods, the whole; the judge decides."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from remelt.routing.siting.cuts import flowless, overspent
from remelt.routing.siting.engine import Found, NotInTime, whole
from remelt.routing.siting.flows import Choice, cheapest
from remelt.routing.siting.judge import Verdict, judge
from remelt.routing.siting.network import Floats, Mask, Network
from remelt.routing.siting.problem import Scenario, Sites
from remelt.routing.siting.programme import Cut, Links, Programme
from remelt.routing.siting.relaxing import Root, alive, onward, rank_within

KERNEL, MOST_KERNEL, FREE, MOST_FREE_OPEN, SMELTERS, WAYS = 25, 60, 25, 16, 12, 12
USED = 1e-3
NODES, LOOK_S = 400, 10.0
HALF = 0.5
ROUNDING_FEN = 8  # the judge rounds each of eight costs


@dataclass(slots=True)
class Best:
    """The best answer so far, as judged, and what none can cost less than."""

    scenario: Scenario
    bound_fen: float
    sites: Sites | None = None
    verdict: Verdict | None = None
    engine: str = ""

    def offer(self, sites: Sites, *, engine: str) -> Verdict:
        """Keep an answer if it may be built and is cheaper; return what it is worth."""
        verdict = judge(self.scenario, sites)
        if verdict.feasible and verdict.costs.total_fen < self.fen:
            self.sites, self.verdict, self.engine = sites, verdict, engine
        return verdict

    @property
    def fen(self) -> float:
        """What it costs; infinity while there is none."""
        return float("inf") if self.verdict is None else self.verdict.costs.total_fen

    @property
    def gap(self) -> float:
        """How far the best may be from the least, as a share of its cost."""
        if self.verdict is None:
            return float("inf")
        return max(0.0, self.fen - self.bound_fen) / max(1.0, abs(self.fen))

    @property
    def settled(self) -> bool:
        """Whether nothing is cheaper, up to the judge's rounding and one part in a million."""
        room = max(ROUNDING_FEN, 1e-6 * abs(self.fen))
        return self.verdict is not None and self.fen - self.bound_fen <= room

    def raise_bound(self, fen: float) -> None:
        """Note that no answer costs less than `fen`, or than the best."""
        self.bound_fen = max(self.bound_fen, min(fen, self.fen))


class Search:
    """Improves `best` of a network from its relaxation."""

    def __init__(
        self,
        network: Network,
        root: Root,
        best: Best,
        *,
        seed: int,
        stopped: Callable[[], bool],
    ) -> None:
        self._network, self._root, self._best = network, root, best
        self._random = np.random.default_rng(seed)
        self._seed = seed
        self._stopped = stopped
        whole_way = network.inward.fen + onward(network)
        far = float(whole_way.max(initial=1.0, where=np.isfinite(whole_way)))
        whole_way = np.minimum(whole_way, far)
        self._costs = np.full((network.hubs, len(network.goods.kg)), far)
        self._costs[network.inward.hub, network.inward.end] = whole_way

    def kernel(self, *, until: float) -> None:
        """Solve with the hubs and smelters that the relaxation uses most."""
        hubs, open_ = self._network.stands.copy(), self._root.open_
        used = int((open_ > USED).sum())
        most = max(KERNEL, min(MOST_KERNEL, used + KERNEL // 2))
        hubs[np.argsort(-open_, kind="stable")[:most]] = True
        part = self._network.only(hubs, self._smelters(set()))
        near = rank_within(part.inward.end, part.inward.fen + onward(part)) < WAYS
        part = part.narrowed(near, np.ones(len(part.outward.hub), bool))
        self._look(part, until=until, engine="kernel")

    def improve(self, *, until: float, looks: int | None, patience: int) -> int:
        """Open, close and swap in one neighbourhood after another; return how many it looked at.

        patience: how many in a row may bring nothing. Without an open hub there is none to look at.
        """
        looked = missed = 0
        while missed < patience and (looks is None or looked < looks):
            if time.monotonic() >= until or self._stopped() or not self._open():
                break
            before = self._best.fen
            end = min(until, max(time.monotonic() + LOOK_S, (time.monotonic() + until) / 2))
            self._look(self._neighbourhood(), until=end, engine="neighbourhoods")
            looked += 1
            missed = 0 if self._best.fen < before else missed + 1
        return looked

    def everything(self, *, until: float) -> bool:
        """Solve the whole as far as time allows; raise the bound. Return False if nothing exists.

        Ways and sizes that no cheaper answer can use, by their reduced costs, are left out.
        """
        network, links = self._network, self._root.links
        if self._best.verdict is not None:
            inward, smelters, sizes = alive(self._root, below_fen=self._best.fen)
            outward = smelters[network.outlets.smelter[network.outward.end]]
            network = network.narrowed(inward, outward).sized(sizes)
            links = links.only(inward, outward)
        programme = Programme(network)
        found = self._solve(programme, links, until=until, nodes=None, engine="highs")
        if found.settled and found.values is None and self._best.verdict is None:
            return False
        self._best.raise_bound(found.bound * programme.scale)
        return True

    def _look(self, part: Network, *, until: float, engine: str) -> None:
        programme = Programme(part)
        near = rank_within(part.inward.end, part.inward.fen + onward(part)) < KERNEL // 2
        every = programme.all_links()
        links = Links(near, np.zeros_like(every.outward), every.smelter)
        self._solve(programme, links, until=until, nodes=NODES, engine=engine)

    def _solve(
        self, programme: Programme, links: Links, *, until: float, nodes: int | None, engine: str
    ) -> Found:
        """Solve, and offer what is found; what only a solver's tolerance allows is cut off."""
        cuts: list[Cut] = []
        while True:
            room = max(ROUNDING_FEN / 2, 1e-7 * abs(self._best.fen)) if self._best.verdict else 0.0
            found = whole(
                programme.proto(links, whole=True, cuts=cuts),
                seconds=until - time.monotonic(),
                better_than=(self._best.fen - room) / programme.scale,
                nodes=nodes,
                seed=self._seed,
            )
            cut = None if found.values is None else self._take(found.values, programme, engine)
            if cut is None:
                return found
            if time.monotonic() >= until or self._stopped():
                return replace(found, settled=False)
            cuts.append(cut)

    def _take(self, values: Floats, programme: Programme, engine: str) -> Cut | None:
        """Offer the answer that a solver's values choose, in whole kilograms.

        Where there is none, return the cut that keeps a solver from choosing so again.
        """
        cut = overspent(programme, values)
        if cut is not None:
            return cut
        net = programme.network
        built = values[programme.z] > HALF
        numbers = net.sizes.hub[built].tolist(), net.sizes.number[built].tolist()
        smelters = net.smelter_fen == 0
        smelters[programme.priced] = values[programme.w] > HALF
        ways = None
        if net.scenario.terms.one_hub:
            used = values[programme.x] > HALF
            pairs = net.inward.hub[used].tolist(), net.inward.end[used].tolist()
            ways = frozenset(zip(*pairs, strict=True))
        choice = Choice(dict(zip(*numbers, strict=True)), smelters, ways)
        try:
            sites = cheapest(self._network, choice)
        except NotInTime:
            return None
        if sites is None:
            return flowless(programme, values)
        self._best.offer(sites, engine=engine)
        return None

    def _neighbourhood(self) -> Network:
        """A part of the network: hubs near one another and some by chance are free, others stay."""
        network, sizes = self._network, self._open()
        open_ = np.zeros(network.hubs, bool)
        open_[list(sizes)] = True
        centre = int(self._random.choice(np.flatnonzero(open_)))
        free = np.zeros(network.hubs, bool)
        near = np.abs(self._costs - self._costs[centre]).mean(axis=1)
        free[np.argsort(near, kind="stable")[: FREE // 2]] = True
        chance = np.sqrt(self._root.open_ + 1e-3)
        some = min(FREE - FREE // 2, network.hubs)
        free[self._random.choice(network.hubs, some, replace=False, p=chance / chance.sum())] = True
        if open_.sum() <= MOST_FREE_OPEN:
            free |= open_
        part = network.only(free | open_, self._smelters(self._used_smelters()))
        chosen = np.full(network.hubs, -1)
        chosen[list(sizes)] = list(sizes.values())
        kept = free[part.sizes.hub] | (chosen[part.sizes.hub] == part.sizes.number)
        part = replace(part.sized(kept), stands=network.stands | (open_ & ~free))
        near_ways = rank_within(part.inward.end, part.inward.fen + onward(part)) < WAYS
        return part.narrowed(
            near_ways | self._used_ways(part), np.ones(len(part.outward.hub), bool)
        )

    def _open(self) -> dict[int, int]:
        """The best answer's hubs and sizes, by row."""
        rows = {each.key: row for row, each in enumerate(self._best.scenario.candidates)}
        sites = self._best.sites
        return {} if sites is None else {rows[key]: n for key, n in sites.steps.items()}

    def _used_smelters(self) -> set[int]:
        rows = {each.key: row for row, each in enumerate(self._best.scenario.smelters)}
        sites = self._best.sites
        return set() if sites is None else {rows[flow.smelter] for flow in sites.outflows}

    def _smelters(self, kept: set[int]) -> Mask:
        """The smelters to keep in a part: the used ones and those the relaxation uses most."""
        programme = self._root.programme
        found = np.zeros(len(self._network.smelter_fen), bool)
        used = self._root.relaxed.values[programme.w]
        found[programme.priced[np.argsort(-used, kind="stable")[:SMELTERS]]] = True
        found[list(kept)] = True
        return found

    def _used_ways(self, part: Network) -> Mask:
        sites = self._best.sites
        if sites is None:
            return np.zeros(len(part.inward.hub), bool)
        zones = {each.key: row for row, each in enumerate(self._best.scenario.zones)}
        used = {(zones[f.zone], f.family, f.hub) for f in sites.inflows}
        keys = [each.key for each in self._best.scenario.candidates]
        goods = part.goods
        triples = (
            (int(goods.zone[end]), part.families[int(goods.family[end])], keys[hub])
            for hub, end in zip(part.inward.hub.tolist(), part.inward.end.tolist(), strict=True)
        )
        return np.array([each in used for each in triples], dtype=bool)
