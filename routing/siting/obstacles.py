"""Why no answer meets the terms: which of them stands in the way, and what would help."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from remelt.routing.siting.engine import NotInTime, whole
from remelt.routing.siting.network import Network, network_of
from remelt.routing.siting.problem import Scenario, Terms
from remelt.routing.siting.programme import Programme

OUT_OF_TIME = "out-of-time"
LOOK_S = 3.0
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One term that stands in the way, whom it concerns, and the value that would do.

    code: `too-far`, `hub-takes-none`, `no-smelter`, `smelters-too-small`, `hubs-too-small`,
    `standing-too-many`, `hubs-too-few`, `budget-too-small`, `terms-together`,
    `terms-unexplained` or `out-of-time`. needed: metres, kilograms, hubs or fen, by the code; None
    where no value of this term alone helps.
    """

    code: str
    subject: str
    given: int | None
    needed: int | None


class Impossible(Exception):
    """No answer meets the terms of the scenario; `obstacles` says why."""

    def __init__(self, obstacles: tuple[Obstacle, ...]) -> None:
        super().__init__("; ".join(f"{each.code} {each.subject}" for each in obstacles))
        self.obstacles = obstacles


def refuse_plain(network: Network) -> None:
    """Refuse what can be seen without solving. Raises `Impossible`."""
    found = tuple(plain(network))
    if found:
        raise Impossible(found)


def plain(network: Network) -> Iterator[Obstacle]:
    """Return the obstacles that a glance shows."""
    scenario = network.scenario
    terms = scenario.terms
    if terms.most_hubs is not None and network.stands.sum() > terms.most_hubs:
        standing = int(network.stands.sum())
        yield Obstacle("standing-too-many", "most_hubs", terms.most_hubs, standing)
    if terms.least_hubs > network.hubs:
        yield Obstacle("hubs-too-few", "least_hubs", terms.least_hubs, network.hubs)
    if terms.left_fen_per_t is None:
        yield from _unreached(network)
        yield from _unmelted(network)
        yield from _too_small(network)


def explain(network: Network, *, until: float) -> tuple[Obstacle, ...]:
    """Return the terms each of which, loosened alone, would let an answer exist.

    Where none does, the one obstacle is `terms-together`; where that was not shown in time,
    `terms-unexplained`. Values needed are such that an answer exists, if not always the least.
    """
    found, late = [], False
    for look in (_hubs, _budget, partial(_distance, until=until)):
        try:
            each = look(network)
        except NotInTime:
            late = True
        else:
            found += [] if each is None else [each]
    code = "terms-unexplained" if late else "terms-together"
    return tuple(found) or (Obstacle(code, "terms", None, None),)


def _unreached(network: Network) -> Iterator[Obstacle]:
    """Goods that no hub can take, or none near enough."""
    scenario = network.scenario
    lost = np.setdiff1d(np.arange(len(network.goods.kg)), network.inward.end)
    if not len(lost):
        return
    wide = network_of(_with(scenario, longest_m=None))
    for good in lost[:MOST_NAMED].tolist():
        zone = scenario.zones[int(network.goods.zone[good])].key
        family = network.families[int(network.goods.family[good])]
        metres = wide.inward.metres[wide.inward.end == good]
        if len(metres):
            longest = scenario.terms.longest_m
            yield Obstacle("too-far", f"{zone}/{family}", longest, int(metres.min()))
        else:
            yield Obstacle("hub-takes-none", f"{zone}/{family}", None, None)


def _unmelted(network: Network) -> Iterator[Obstacle]:
    """Families that no smelter takes, or that all of them together cannot."""
    for row, family in enumerate(network.families):
        supply = int(network.goods.kg[network.goods.family == row].sum())
        takes = int(network.outlets.kg[network.outlets.family == row].sum())
        if supply and not takes:
            yield Obstacle("no-smelter", family, 0, supply)
        elif takes < supply:
            yield Obstacle("smelters-too-small", family, takes, supply)


def _too_small(network: Network) -> Iterator[Obstacle]:
    largest = np.zeros(network.hubs, dtype=np.int64)
    np.maximum.at(largest, network.sizes.hub, network.sizes.kg)
    takes = int(largest.sum())
    if takes < network.total_kg:
        yield Obstacle("hubs-too-small", "candidates", takes, network.total_kg)


def _hubs(network: Network) -> Obstacle | None:
    """The fewest hubs with which everything else can be met."""
    terms = network.scenario.terms
    if terms.most_hubs is None:
        return None
    free = network_of(_with(network.scenario, most_hubs=None))
    needed = _least(free, np.ones(len(free.sizes.hub)))
    return (
        needed if needed is None else Obstacle("hubs-too-few", "most_hubs", terms.most_hubs, needed)
    )


def _budget(network: Network) -> Obstacle | None:
    """The least budget with which everything else can be met."""
    terms = network.scenario.terms
    if terms.budget_fen is None:
        return None
    free = network_of(_with(network.scenario, budget_fen=None))
    needed = _least(free, free.sizes.budget_fen.astype(np.float64))
    if needed is None:
        return None
    return Obstacle("budget-too-small", "budget_fen", terms.budget_fen, needed)


def _distance(network: Network, *, until: float) -> Obstacle | None:
    """The shortest service distance with which everything else can be met, by halving."""
    longest = network.scenario.terms.longest_m
    if longest is None:
        return None
    wide = network_of(_with(network.scenario, longest_m=None))
    metres = np.unique(wide.inward.metres[wide.inward.metres > longest])
    low, high = 0, len(metres)  # metres[high:] suffice
    if not high or not _exists(network.scenario, int(metres[-1])):
        return None
    high -= 1
    while low < high and time.monotonic() < until:
        middle = (low + high) // 2
        if _exists(network.scenario, int(metres[middle])):
            high = middle
        else:
            low = middle + 1
    return Obstacle("too-far", "longest_m", longest, int(metres[high]))


def _exists(scenario: Scenario, longest_m: int) -> bool:
    network = network_of(_with(scenario, longest_m=longest_m))
    return _least(network, np.zeros(len(network.sizes.hub))) is not None


def _least(network: Network, weight: Iterable[float]) -> int | None:
    """The least sum of weights of the sizes built, whatever it costs; None if nothing can be."""
    programme = Programme(network)
    weights = np.asarray(weight, dtype=np.float64)
    unit = max(1.0, float(np.abs(weights).max(initial=1.0)))
    programme.cost = np.zeros(programme.count)
    programme.cost[programme.z] = weights / unit
    found = whole(programme.proto(programme.all_links(), whole=True), seconds=LOOK_S)
    if found.values is None:
        if not found.settled:
            raise NotInTime
        return None
    return int(np.rint((found.values[programme.z] > 0.5) @ weights))  # noqa: PLR2004 - open or not


def _with(scenario: Scenario, **terms: int | None) -> Scenario:
    changed: Terms = replace(scenario.terms, **terms)  # type: ignore[arg-type]
    return replace(scenario, terms=changed)
