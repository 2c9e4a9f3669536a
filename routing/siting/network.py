"""A scenario as arrays: who can bring what to which hub, and on to which smelter, at what cost.

Goods are the pairs of a zone and a family with a supply; outlets those of a smelter and a family
that it takes. Costs are in fen for a kilogram, as numbers a solver can use; the judge counts anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from remelt.routing.siting.problem import Candidate, Haul, Scenario

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]
G_PER_T = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Goods:
    """What is collected: zone and family (rows of the scenario and of `families`), kilograms."""

    zone: Whole
    family: Whole
    kg: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """Every size of every hub: what it takes, costs, and costs out of the budget."""

    hub: Whole
    number: Whole
    kg: Whole
    fen: Whole
    budget_fen: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Outlets:
    """Who takes what: smelter, family, kilograms."""

    smelter: Whole
    family: Whole
    kg: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """Ways: from goods to a hub, or from a hub to an outlet; metres, and fen for a kilogram."""

    hub: Whole
    end: Whole
    metres: Whole
    fen: Floats

    def only(self, kept: Mask) -> "Arcs":
        """Return some of the ways."""
        return Arcs(self.hub[kept], self.end[kept], self.metres[kept], self.fen[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The scenario's arrays, or a part of them; rows of hubs and smelters stay the scenario's."""

    scenario: Scenario
    families: tuple[str, ...]
    goods: Goods
    sizes: Sizes
    outlets: Outlets
    inward: Arcs
    outward: Arcs
    stands: Mask
    smelter_fen: Whole

    @property
    def hubs(self) -> int:
        """How many candidates the scenario has."""
        return len(self.stands)

    @property
    def total_kg(self) -> int:
        """What is collected in all."""
        return int(self.goods.kg.sum())

    def only(self, hubs: Mask, smelters: Mask | None = None) -> "Network":
        """Return the part with some of the hubs, and of the smelters that cost something to use."""
        free = self.smelter_fen == 0
        usable = np.ones_like(free) if smelters is None else free | smelters
        sizes = hubs[self.sizes.hub]
        taken = usable[self.outlets.smelter[self.outward.end]]
        return replace(
            self,
            sizes=_sizes_only(self.sizes, sizes),
            inward=self.inward.only(hubs[self.inward.hub]),
            outward=self.outward.only(hubs[self.outward.hub] & taken),
        )

    def sized(self, sizes: Mask) -> "Network":
        """Return the part with some of the sizes."""
        return replace(self, sizes=_sizes_only(self.sizes, sizes))

    def narrowed(self, inward: Mask, outward: Mask) -> "Network":
        """Return the part with some of the ways."""
        return replace(self, inward=self.inward.only(inward), outward=self.outward.only(outward))


def network_of(scenario: Scenario) -> Network:
    """Return the arrays of a checked scenario; ways that its terms forbid are not among them."""
    families = tuple(sorted({name for zone in scenario.zones for name in zone.supply_kg}))
    at = {name: row for row, name in enumerate(families)}
    goods = _rows(
        (row, at[name], kg)
        for row, zone in enumerate(scenario.zones)
        for name, kg in sorted(zone.supply_kg.items())
        if kg
    )
    outlets = _rows(
        (row, at[name], kg)
        for row, smelter in enumerate(scenario.smelters)
        for name, kg in sorted(smelter.takes_kg.items())
        if kg and name in at
    )
    may = np.array([_takes(each, families) for each in scenario.candidates], dtype=bool)
    return Network(
        scenario=scenario,
        families=families,
        goods=Goods(*goods),
        sizes=_sizes(scenario.candidates),
        outlets=Outlets(*outlets),
        inward=_inward(scenario, Goods(*goods), may),
        outward=_outward(scenario, Outlets(*outlets), may, families),
        stands=np.array([each.stands for each in scenario.candidates], dtype=bool),
        smelter_fen=np.array([each.fixed_fen for each in scenario.smelters], dtype=np.int64),
    )


def _rows(rows: Iterable[tuple[int, ...]], width: int = 3) -> Whole:
    return np.array(list(rows), dtype=np.int64).reshape(-1, width).T


def _takes(candidate: Candidate, families: tuple[str, ...]) -> list[bool]:
    return [candidate.families is None or name in candidate.families for name in families]


def _sizes(candidates: tuple[Candidate, ...]) -> Sizes:
    rows = _rows(
        (
            (row, number, step.capacity_kg, step.fixed_fen, step.fixed_fen - _paid(candidate))
            for row, candidate in enumerate(candidates)
            for number, step in enumerate(candidate.steps)
        ),
        width=5,
    )
    return Sizes(*rows)


def _paid(candidate: Candidate) -> int:
    return candidate.steps[0].fixed_fen if candidate.stands else 0


def _sizes_only(sizes: Sizes, kept: Mask) -> Sizes:
    return Sizes(
        sizes.hub[kept],
        sizes.number[kept],
        sizes.kg[kept],
        sizes.fen[kept],
        sizes.budget_fen[kept],
    )


def _inward(scenario: Scenario, goods: Goods, may: Mask) -> Arcs:
    starts = _places(scenario, [each.place for each in scenario.zones])
    ends = _places(scenario, [each.place for each in scenario.candidates])
    metres, _ = scenario.roads.pairs(starts[goods.zone][None, :], ends[:, None])
    reached = (metres >= 0) & may[:, goods.family]
    if scenario.terms.longest_m is not None:
        reached &= metres <= scenario.terms.longest_m
    hub, end = np.nonzero(reached)
    handling = np.array([each.handling_fen_per_t for each in scenario.candidates]) / 1000
    far = metres[reached]
    return Arcs(hub, end, far, _fen_per_kg(scenario, scenario.inbound, far) + handling[hub])


def _outward(scenario: Scenario, outlets: Outlets, may: Mask, families: tuple[str, ...]) -> Arcs:
    starts = _places(scenario, [each.place for each in scenario.candidates])
    ends = _places(scenario, [each.place for each in scenario.smelters])
    metres, _ = scenario.roads.pairs(starts[:, None], ends[outlets.smelter][None, :])
    reached = (metres >= 0) & may[:, outlets.family]
    hub, end = np.nonzero(reached)
    gain = np.array(
        [
            scenario.smelters[smelter].gain_fen_per_t.get(families[family], 0) / 1000
            for smelter, family in zip(outlets.smelter, outlets.family, strict=True)
        ]
    )
    far = metres[reached]
    return Arcs(hub, end, far, _fen_per_kg(scenario, scenario.outbound, far) - gain[end])


def _fen_per_kg(scenario: Scenario, haul: Haul, metres: Whole) -> Floats:
    co2e = haul.g_co2e_per_t_km * scenario.terms.fen_per_t_co2e / G_PER_T
    fen: Floats = metres.astype(np.float64) * ((haul.fen_per_t_km + co2e) / 1_000_000)
    return fen


def _places(scenario: Scenario, keys: list[str]) -> Whole:
    return np.array([scenario.roads.index(key) for key in keys], dtype=np.int64)
