"""A first answer within moments: the hubs that the relaxation opens most, then fewer."""

import time
from collections.abc import Callable

import numpy as np

from remelt.routing.siting.flows import Choice, cheapest
from remelt.routing.siting.judge import Verdict, judge
from remelt.routing.siting.network import Floats, Network, Whole
from remelt.routing.siting.problem import Sites

Offer = Callable[[Sites], Verdict]
TRIES, DROPS = 8, 12


def first_answer(network: Network, open_: Floats, *, offer: Offer, until: float) -> None:
    """Offer an answer with the hubs of highest `open_`, then with ever fewer and smaller ones.

    More hubs are tried while flows find no way, up to what the terms allow. May offer none.
    """
    order = np.lexsort((-open_, ~network.stands))
    most = network.scenario.terms.most_hubs or network.hubs
    count = _least(network, order)
    for _ in range(TRIES):
        count = min(count, most, network.hubs)
        found = cheapest(network, _choice(network, order[:count]))
        if found is not None:
            _thin_out(network, found, offer=offer, until=until)
            return
        if count == min(most, network.hubs) or time.monotonic() > until:
            return
        count += max(1, count // 3)


def _least(network: Network, order: Whole) -> int:
    """How many hubs from the first together can take everything."""
    largest = np.zeros(network.hubs)
    np.maximum.at(largest, network.sizes.hub, network.sizes.kg)
    enough = np.searchsorted(np.cumsum(largest[order]), network.total_kg)
    standing = int(network.stands.sum())
    return max(int(enough) + 1, network.scenario.terms.least_hubs, standing, 1)


def _choice(network: Network, hubs: Whole) -> Choice:
    sizes = {int(hub): len(network.scenario.candidates[int(hub)].steps) - 1 for hub in hubs}
    return Choice(sizes, np.ones(len(network.smelter_fen), bool))


def _thin_out(network: Network, sites: Sites, *, offer: Offer, until: float) -> None:
    """Close one hub after the other, the emptiest first, while that is cheaper."""
    best = _fitted(network, sites)
    verdict = offer(best)
    rows = {each.key: row for row, each in enumerate(network.scenario.candidates)}
    for key in sorted(verdict.taken_kg, key=lambda each: (verdict.taken_kg[each], each))[:DROPS]:
        if network.stands[rows[key]] or time.monotonic() > until:
            continue
        rest = np.array([rows[each] for each in best.steps if each != key], dtype=np.int64)
        if len(rest) < max(1, network.scenario.terms.least_hubs):
            return
        found = cheapest(network, _choice(network, rest))
        if found is None:
            continue
        fitted = _fitted(network, found)
        cheaper = judge(network.scenario, fitted)
        if len(cheaper.faults) <= len(verdict.faults) and (
            cheaper.costs.total_fen < verdict.costs.total_fen or verdict.faults
        ):
            best, verdict = fitted, offer(fitted)


def _fitted(network: Network, sites: Sites) -> Sites:
    """Build each hub in the smallest size that takes what it is brought."""
    taken: dict[str, int] = dict.fromkeys(sites.steps, 0)
    for flow in sites.inflows:
        taken[flow.hub] += flow.mass_kg
    steps = {}
    for key in sites.steps:
        candidate = network.scenario.candidate(key)
        sizes = candidate.steps if candidate else ()
        fits = [n for n, step in enumerate(sizes) if step.capacity_kg >= taken[key]]
        steps[key] = min(fits, key=lambda n: sizes[n].fixed_fen)
    return Sites(steps, sites.inflows, sites.outflows)
