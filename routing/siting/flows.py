"""Who goes where once it is decided which hubs stand: the cheapest flows, in whole kilograms."""

from dataclasses import dataclass

import numpy as np
from ortools.math_opt.python import mathopt

from remelt.routing.siting.engine import NoAnswer, NotInTime, relax, whole
from remelt.routing.siting.network import Floats, Mask, Network, Whole
from remelt.routing.siting.problem import Inflow, Outflow, Sites
from remelt.routing.siting.programme import INF, Rows, model_of

WHOLE = 1e-5
SECONDS = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Kilograms:
    """Mass on each inward and outward way."""

    inward: Whole
    outward: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What is decided before flows are: the size of each open hub, and which smelters are used.

    ways: where each zone brings all it has to one hub, its (hub, good) pairs.
    """

    sizes: dict[int, int]
    smelters: Mask
    ways: frozenset[tuple[int, int]] | None = None


def cheapest(network: Network, choice: Choice) -> Sites | None:
    """Return the cheapest answer to a choice; None if there is none.

    Masses are whole: where the cheapest flows are not, capacities are held back by the few
    kilograms that rounding may need, and at the last whole columns are asked for. Raises
    `NotInTime` when these find nothing and do not show that there is nothing.
    """
    part = _chosen(network, choice)
    for slack, integer in ((0, False), (1, False), (0, True)):
        try:
            kilograms = _solve(part, slack=slack, integer=integer)
        except NoAnswer:
            if not slack:
                return None
            continue
        if kilograms is not None:
            return _sites(part, kilograms)
    return None


def _chosen(network: Network, choice: Choice) -> Network:
    chosen = np.full(network.hubs, -1)
    chosen[list(choice.sizes)] = list(choice.sizes.values())
    part = network.sized(chosen[network.sizes.hub] == network.sizes.number)
    part = part.only(chosen >= 0, choice.smelters)
    if choice.ways is None:
        return part
    pairs = zip(part.inward.hub.tolist(), part.inward.end.tolist(), strict=True)
    kept = np.array([pair in choice.ways for pair in pairs], dtype=bool)
    return part.narrowed(kept, np.ones(len(part.outward.hub), bool))


def _solve(net: Network, *, slack: int, integer: bool) -> Kilograms | None:
    ways, out = len(net.inward.hub), len(net.outward.hub)
    cost = np.concatenate([net.inward.fen, net.outward.fen, _left_fen(net)])
    cost /= max(1e-9, float(np.abs(cost).max(initial=0.0)))
    most = np.full(len(cost), INF)
    proto = model_of(
        _rows(net, slack=slack), cost=cost, most=most, integer=np.full(len(cost), integer)
    )
    if integer:
        found = whole(proto, seconds=SECONDS)
        if found.values is None and not found.settled:
            raise NotInTime
        values = found.values
    else:
        relaxed = relax(mathopt.Model.from_model_proto(proto), seconds=SECONDS)
        values = None if relaxed is None else relaxed.values
    if values is None:
        return None
    if np.abs(values - np.rint(values)).max(initial=0.0) < WHOLE:
        kilograms = np.rint(values).astype(np.int64)
        return Kilograms(kilograms[:ways], kilograms[ways : ways + out])
    return _rounded(net, values) if slack else None


def _left_fen(net: Network) -> Floats:
    left = net.scenario.terms.left_fen_per_t
    return np.zeros(0) if left is None else np.full(len(net.goods.kg), left / 1000)


def _rounded(net: Network, values: Floats) -> Kilograms:
    """Round so that each good keeps its mass, and each hub and family its balance."""
    ways, out = len(net.inward.hub), len(net.outward.hub)
    left = values[ways + out :]
    groups = np.concatenate([net.inward.end, np.arange(len(left))])
    collected = _largest_rest(np.concatenate([values[:ways], left]), groups, net.goods.kg)
    inward = collected[:ways]
    families = len(net.families)
    key_in = net.inward.hub * families + net.goods.family[net.inward.end]
    key_out = net.outward.hub * families + net.outlets.family[net.outward.end]
    taken = np.zeros(net.hubs * families, dtype=np.int64)
    np.add.at(taken, key_in, inward)
    return Kilograms(inward, _largest_rest(values[ways : ways + out], key_out, taken))


def _largest_rest(values: Floats, group: Whole, totals: Whole) -> Whole:
    """Round so that each group sums to its total: the largest rests are rounded up."""
    down = np.floor(values + WHOLE).astype(np.int64)
    short = totals.copy()
    np.subtract.at(short, group, down)
    order = np.lexsort((down - values, group))
    ordered = group[order]
    rank = np.arange(len(order)) - np.searchsorted(ordered, ordered, side="left")
    found = down.copy()
    found[order] += (rank < short[ordered]).astype(np.int64)
    return found


def _rows(net: Network, *, slack: int) -> Rows:
    """Columns in kilograms: inward ways, outward ways, what is left."""
    rows, ways, out = Rows(), len(net.inward.hub), len(net.outward.hub)
    goods, families = len(net.goods.kg), len(net.families)
    x, y, u = np.arange(ways), ways + np.arange(out), np.arange(len(_left_fen(net)))
    supply = net.goods.kg.astype(np.float64)
    collected = (net.inward.end, x, 1.0), (u, ways + out + u, 1.0)
    rows.add(*collected, size=goods, lower=supply, upper=supply)
    inward = net.inward.hub * families + net.goods.family[net.inward.end]
    outward = net.outward.hub * families + net.outlets.family[net.outward.end]
    used, at = np.unique(np.concatenate([inward, outward]), return_inverse=True)
    rows.add((at[:ways], x, -1.0), (at[ways:], y, 1.0), size=len(used), lower=0.0, upper=0.0)
    room = np.zeros(net.hubs)
    room[net.sizes.hub] = net.sizes.kg
    touched = np.bincount(net.inward.hub, minlength=net.hubs)
    rows.add((net.inward.hub, x, 1.0), size=net.hubs, lower=-INF, upper=room - slack * touched)
    takes = net.outlets.kg - slack * np.bincount(net.outward.end, minlength=len(net.outlets.kg))
    rows.add((net.outward.end, y, 1.0), size=len(takes), lower=-INF, upper=takes.astype(np.float64))
    return rows


def _sites(net: Network, kilograms: Kilograms) -> Sites:
    """Put masses into the scenario's words."""
    scenario, goods, outlets = net.scenario, net.goods, net.outlets
    hubs = [each.key for each in scenario.candidates]
    inflows = []
    for way in np.flatnonzero(kilograms.inward).tolist():
        good = int(net.inward.end[way])
        zone = scenario.zones[int(goods.zone[good])].key
        family = net.families[int(goods.family[good])]
        hub = hubs[int(net.inward.hub[way])]
        inflows.append(Inflow(zone, family, hub, int(kilograms.inward[way])))
    outflows = []
    for way in np.flatnonzero(kilograms.outward).tolist():
        outlet = int(net.outward.end[way])
        smelter = scenario.smelters[int(outlets.smelter[outlet])].key
        family = net.families[int(outlets.family[outlet])]
        hub = hubs[int(net.outward.hub[way])]
        outflows.append(Outflow(hub, family, smelter, int(kilograms.outward[way])))
    built = zip(net.sizes.hub.tolist(), net.sizes.number.tolist(), strict=True)
    return Sites({hubs[hub]: number for hub, number in built}, tuple(inflows), tuple(outflows))
