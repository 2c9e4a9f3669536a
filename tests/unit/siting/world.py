"""Small countries to site hubs in, and the slow certain way to the best answer."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from remelt.routing.matrix import Matrix
from remelt.routing.siting.problem import Candidate, Haul, Scenario, Smelter, Step, Terms, Zone

NAMES = ("west", "mid", "east", "works")


def table(keys, metres):
    nothing = np.zeros((len(keys), len(keys)), dtype=np.int64)
    return Matrix(tuple(keys), np.array(metres), nothing, nothing, ("ruler",))


def row_of_places(names=NAMES, gap_m=10_000):
    """Places in a row, ten kilometres apart."""
    size = range(len(names))
    return table(names, [[abs(i - j) * gap_m for j in size] for i in size])


def a_row(**changes):
    """Three towns in a row with ten tonnes each, and a works ten kilometres beyond the last.

    A hub for 20 t costs 1,000.00; one for 40 t 1,800.00. In: 1.00 a tonne-kilometre; out: 0.50.
    """
    sizes = (Step(20_000, 100_000), Step(40_000, 180_000))
    given = {
        "roads": row_of_places(),
        "zones": tuple(Zone(f"z-{name}", name, {"Al": 10_000}) for name in NAMES[:3]),
        "candidates": tuple(
            Candidate(f"h-{name}", name, sizes, handling_fen_per_t=1_000) for name in NAMES[:3]
        ),
        "smelters": (Smelter("s", "works", {"Al": 50_000}),),
        "inbound": Haul(100, 250),
        "outbound": Haul(50, 80),
    }
    return Scenario(**(given | changes))


def with_terms(scenario, **terms):
    return replace(scenario, terms=Terms(**terms))


def by_chance(seed, *, zones=8, hubs=5, smelters=2, sizes=2, slack=1.6):
    """A country of one family with roads of any length."""
    chance = np.random.default_rng(seed)
    names = [f"z{n}" for n in range(zones)] + [f"h{n}" for n in range(hubs)]
    names += [f"s{n}" for n in range(smelters)]
    spots = chance.integers(0, 200_000, (len(names), 2))
    metres = np.abs(spots[:, None] - spots[None]).sum(axis=2)
    supply = chance.integers(1_000, 9_000, zones)
    fair = slack * supply.sum() / hubs
    candidates = []
    for n in range(hubs):
        first = int(fair * chance.uniform(0.5, 1.0))
        steps = [
            Step((m + 1) * first, int((m + 1) * chance.integers(10_000, 40_000)))
            for m in range(sizes)
        ]
        candidates.append(Candidate(f"h{n}", f"h{n}", tuple(steps), int(chance.integers(0, 900))))
    return Scenario(
        roads=table(names, metres),
        zones=tuple(Zone(f"z{n}", f"z{n}", {"Al": int(kg)}) for n, kg in enumerate(supply)),
        candidates=tuple(candidates),
        smelters=tuple(
            Smelter(f"s{n}", f"s{n}", {"Al": int(supply.sum() * 0.7)}, {"Al": 500 * n})
            for n in range(smelters)
        ),
        inbound=Haul(120, 286),
        outbound=Haul(45, 78),
    )


def dear(country, *, seed, spread_fen=4_000):
    """Return the country with hubs for about twenty million yuan each, that differ by little."""
    chance = np.random.default_rng(seed)
    changed = [
        replace(each, steps=(Step(each.steps[0].capacity_kg, 2_000_000_000 + int(more)),))
        for each, more in zip(
            country.candidates, chance.integers(0, spread_fen, len(country.candidates)), strict=True
        )
    ]
    return replace(country, candidates=tuple(changed))


def least_spent(country):
    """Return the least that hubs of one size can cost that together serve the country."""
    spent = [
        sum(country.candidates[n].steps[0].fixed_fen for n in hubs)
        for count in range(1, len(country.candidates) + 1)
        for hubs in combinations(range(len(country.candidates)), count)
        if flow_fen(country, dict.fromkeys(hubs, 0)) is not None
    ]
    return min(spent)


def cheapest_by_trying(scenario):
    """Return the least cost in fen over every set of hubs and sizes; None where none can be.

    For one family. Flows of each set by a network simplex of its own, which knows nothing of ours.
    """
    choices = [
        ([] if each.stands else [None]) + list(range(len(each.steps)))
        for each in scenario.candidates
    ]
    best = None
    for chosen in product(*choices):
        steps = {n: size for n, size in enumerate(chosen) if size is not None}
        if allowed(scenario, steps):
            flows = flow_fen(scenario, steps)
            if flows is not None:
                fen = flows + sum(
                    scenario.candidates[n].steps[m].fixed_fen for n, m in steps.items()
                )
                best = fen if best is None else min(best, fen)
    return best


def allowed(scenario, steps):
    terms, candidates = scenario.terms, scenario.candidates
    spent = sum(
        candidates[n].steps[m].fixed_fen
        - (candidates[n].steps[0].fixed_fen if candidates[n].stands else 0)
        for n, m in steps.items()
    )
    return (
        len(steps) >= terms.least_hubs
        and (terms.most_hubs is None or len(steps) <= terms.most_hubs)
        and (terms.budget_fen is None or spent <= terms.budget_fen)
    )


def flow_fen(scenario, steps):
    """The cheapest flows, in fen, with costs in millionths."""
    flow, terms = SimpleMinCostFlow(), scenario.terms
    zones, hubs = len(scenario.zones), len(scenario.candidates)
    outlet = zones + 2 * hubs
    sink = outlet + len(scenario.smelters)
    total = 0
    for n, zone in enumerate(scenario.zones):
        kg = zone.supply_kg["Al"]
        flow.set_node_supply(n, kg)
        total += kg
        for hub in steps:
            metres = scenario.roads.metres(zone.place, scenario.candidates[hub].place)
            if terms.longest_m is None or metres <= terms.longest_m:
                fen = ufen(scenario, scenario.inbound, metres)
                fen += 1000 * scenario.candidates[hub].handling_fen_per_t
                flow.add_arc_with_capacity_and_unit_cost(n, zones + hub, kg, fen)
    for hub, size in steps.items():
        room = scenario.candidates[hub].steps[size].capacity_kg
        flow.add_arc_with_capacity_and_unit_cost(zones + hub, zones + hubs + hub, room, 0)
        for n, smelter in enumerate(scenario.smelters):
            metres = scenario.roads.metres(scenario.candidates[hub].place, smelter.place)
            fen = ufen(scenario, scenario.outbound, metres) - 1000 * smelter.gain_fen_per_t.get(
                "Al", 0
            )
            flow.add_arc_with_capacity_and_unit_cost(zones + hubs + hub, outlet + n, room, fen)
    for n, smelter in enumerate(scenario.smelters):
        flow.add_arc_with_capacity_and_unit_cost(outlet + n, sink, smelter.takes_kg["Al"], 0)
    flow.set_node_supply(sink, -total)
    if flow.solve() != flow.OPTIMAL:
        return None
    return flow.optimal_cost() / 1_000_000


def ufen(scenario, haul, metres):
    """Millionths of a fen for a kilogram."""
    co2e = metres * haul.g_co2e_per_t_km * scenario.terms.fen_per_t_co2e // 1_000_000
    return metres * haul.fen_per_t_km + co2e
