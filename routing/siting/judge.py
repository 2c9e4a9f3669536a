"""The only judge of an answer: counts it anew in whole numbers, with no solver's help."""

from collections import Counter
from dataclasses import dataclass, field

from remelt.routing.siting.problem import (
    Candidate,
    Haul,
    Inflow,
    Outflow,
    Scenario,
    Sites,
    Smelter,
    Step,
    Zone,
)

NO_ROAD = -1


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which an answer breaks the scenario: what is broken, and by whom."""

    code: str
    subject: str


@dataclass(frozen=True, slots=True)
class Costs:
    """What an answer costs in the period, in fen. `gain` is what smelters pay above reference."""

    fixed_fen: int = 0
    handling_fen: int = 0
    inbound_fen: int = 0
    outbound_fen: int = 0
    co2e_fen: int = 0
    left_fen: int = 0
    gain_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All of it; below 0 where the gain is greater than the cost."""
        paid = self.fixed_fen + self.handling_fen + self.inbound_fen + self.outbound_fen
        return paid + self.co2e_fen + self.left_fen - self.gain_fen


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer is worth. faults: empty when it may be built.

    inbound_kg_m, outbound_kg_m: kilograms times metres. farthest_m: the longest way from a zone to
    its hub; mean_m: the mean by mass. taken_kg: by hub. left_kg: what nobody collects, by zone and
    family. budget_fen: what is spent on hubs that are new or grow.
    """

    faults: tuple[Fault, ...]
    costs: Costs = Costs()
    inbound_kg_m: int = 0
    outbound_kg_m: int = 0
    co2e_g: int = 0
    farthest_m: int = 0
    mean_m: int = 0
    budget_fen: int = 0
    taken_kg: dict[str, int] = field(default_factory=dict)
    left_kg: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def feasible(self) -> bool:
        """Whether nothing is broken."""
        return not self.faults


def judge(scenario: Scenario, sites: Sites) -> Verdict:
    """Return what is wrong with an answer and what it costs, in fen, kg m and g CO2e.

    Each cost is rounded once, to the nearest fen. The reference price of the metal is no cost.
    """
    unknown = _unknown(scenario, sites)
    return Verdict(faults=unknown) if unknown else _Counted(scenario, sites).verdict()


def _unknown(scenario: Scenario, sites: Sites) -> tuple[Fault, ...]:
    """Name what the scenario does not know: nothing else can be counted then."""
    hubs = [
        Fault("unknown-hub", key)
        for key, number in sites.steps.items()
        if not 0 <= number < len(_steps(scenario, key))
    ]
    zones = [
        Fault("unknown-zone", flow.zone)
        for flow in sites.inflows
        if scenario.zone(flow.zone) is None
    ]
    smelters = [
        Fault("unknown-smelter", flow.smelter)
        for flow in sites.outflows
        if scenario.smelter(flow.smelter) is None
    ]
    closed = [
        Fault("hub-not-open", flow.hub) for flow in _flows(sites) if flow.hub not in sites.steps
    ]
    return (*hubs, *zones, *smelters, *closed)


def _steps(scenario: Scenario, key: str) -> tuple[Step, ...]:
    candidate = scenario.candidate(key)
    return () if candidate is None else candidate.steps


def _flows(sites: Sites) -> list[Inflow | Outflow]:
    return [*sites.inflows, *sites.outflows]


class _Counted:
    """One answer of which every key is known, counted."""

    def __init__(self, scenario: Scenario, sites: Sites) -> None:
        self._scenario, self._sites = scenario, sites
        self._zones: dict[str, Zone] = {each.key: each for each in scenario.zones}
        self._smelters: dict[str, Smelter] = {each.key: each for each in scenario.smelters}
        open_ = [each for each in scenario.candidates if each.key in sites.steps]
        self._hubs: dict[str, Candidate] = {each.key: each for each in open_}
        self._in = [self._metres(flow) for flow in sites.inflows]
        self._out = [self._metres(flow) for flow in sites.outflows]
        self._taken = Counter[str]()
        for flow in sites.inflows:
            self._taken[flow.hub] += flow.mass_kg
        self._left = self._not_collected()
        self._budget_fen = sum(self._spent(each) for each in open_)

    def verdict(self) -> Verdict:
        """Return what it is worth."""
        sites, moved = self._sites, self._taken.total()
        inbound = sum(f.mass_kg * m for f, m in zip(sites.inflows, self._in, strict=True))
        outbound = sum(f.mass_kg * m for f, m in zip(sites.outflows, self._out, strict=True))
        co2e_ug = _co2e_ug(self._scenario.inbound, inbound)
        co2e_ug += _co2e_ug(self._scenario.outbound, outbound)
        faults = (
            *self._way_faults(),
            *self._term_faults(),
            *self._mass_faults(),
            *self._supply_faults(),
        )
        return Verdict(
            faults=faults,
            costs=self._costs(inbound, outbound, co2e_ug),
            inbound_kg_m=inbound,
            outbound_kg_m=outbound,
            co2e_g=_nearest(co2e_ug, 1_000_000),
            farthest_m=max(self._in, default=0),
            mean_m=_nearest(inbound, moved) if moved else 0,
            budget_fen=self._budget_fen,
            taken_kg={key: self._taken[key] for key in sites.steps},
            left_kg={pair: kg for pair, kg in self._left.items() if kg > 0},
        )

    def _way_faults(self) -> list[Fault]:
        """Each way by itself: a mass, a road, a hub that may take it, not too far."""
        longest = self._scenario.terms.longest_m
        found = []
        flows = _flows(self._sites)
        for flow, metres in zip(flows, self._in + self._out, strict=True):
            families = self._hubs[flow.hub].families
            if flow.mass_kg <= 0:
                found.append(Fault("empty-flow", flow.hub))
            if metres == NO_ROAD:
                found.append(Fault("no-road", flow.hub))
            if families is not None and flow.family not in families:
                found.append(Fault("family-not-taken", flow.hub))
            if isinstance(flow, Inflow) and longest is not None and metres > longest:
                found.append(Fault("too-far", flow.zone))
        return found

    def _term_faults(self) -> list[Fault]:
        """What binds the answer as a whole."""
        terms, count = self._scenario.terms, len(self._sites.steps)
        found = [
            Fault("standing-hub-closed", each.key)
            for each in self._scenario.candidates
            if each.stands and each.key not in self._sites.steps
        ]
        if count < terms.least_hubs:
            found.append(Fault("too-few-hubs", str(count)))
        if terms.most_hubs is not None and count > terms.most_hubs:
            found.append(Fault("too-many-hubs", str(count)))
        if terms.budget_fen is not None and self._budget_fen > terms.budget_fen:
            found.append(Fault("over-budget", str(self._budget_fen)))
        if terms.one_hub:
            pairs = Counter((flow.zone, flow.family) for flow in self._sites.inflows)
            found += [Fault("two-hubs", zone) for (zone, _), times in pairs.items() if times > 1]
        return found

    def _mass_faults(self) -> list[Fault]:
        """What goes in comes out, and nobody takes more than fits."""
        stock, arrived = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for inflow in self._sites.inflows:
            stock[inflow.hub, inflow.family] += inflow.mass_kg
        for outflow in self._sites.outflows:
            stock[outflow.hub, outflow.family] -= outflow.mass_kg
            arrived[outflow.smelter, outflow.family] += outflow.mass_kg
        found = [Fault("hub-out-of-balance", hub) for (hub, _), kg in stock.items() if kg]
        for key, hub in self._hubs.items():
            if self._taken[key] > hub.steps[self._sites.steps[key]].capacity_kg:
                found.append(Fault("hub-too-small", key))
        for (key, family), kg in arrived.items():
            if kg > self._smelters[key].takes_kg.get(family, 0):
                found.append(Fault("smelter-too-small", key))
        return found

    def _supply_faults(self) -> list[Fault]:
        """Nobody brings more than there is; where nothing may be left, all is brought."""
        found = [
            Fault("more-than-there-is", zone) for (zone, _), kg in self._left.items() if kg < 0
        ]
        if self._scenario.terms.left_fen_per_t is None:
            lost = [zone for (zone, _), kg in self._left.items() if kg > 0]
            found += [Fault("not-all-collected", zone) for zone in lost]
        return found

    def _costs(self, inbound: int, outbound: int, co2e_ug: int) -> Costs:
        scenario, steps = self._scenario, self._sites.steps
        fixed = sum(hub.steps[steps[key]].fixed_fen for key, hub in self._hubs.items())
        used = {flow.smelter for flow in self._sites.outflows}
        handling = sum(self._taken[key] * hub.handling_fen_per_t for key, hub in self._hubs.items())
        gain = sum(
            flow.mass_kg * self._smelters[flow.smelter].gain_fen_per_t.get(flow.family, 0)
            for flow in self._sites.outflows
        )
        left = sum(self._left.values()) * (scenario.terms.left_fen_per_t or 0)
        return Costs(
            fixed_fen=fixed + sum(self._smelters[key].fixed_fen for key in used),
            handling_fen=_nearest(handling, 1000),
            inbound_fen=_nearest(inbound * scenario.inbound.fen_per_t_km, 1_000_000),
            outbound_fen=_nearest(outbound * scenario.outbound.fen_per_t_km, 1_000_000),
            co2e_fen=_nearest(co2e_ug * scenario.terms.fen_per_t_co2e, 10**12),
            left_fen=_nearest(left, 1000),
            gain_fen=_nearest(gain, 1000),
        )

    def _not_collected(self) -> dict[tuple[str, str], int]:
        left = {
            (zone.key, family): kg
            for zone in self._scenario.zones
            for family, kg in zone.supply_kg.items()
        }
        for flow in self._sites.inflows:
            pair = (flow.zone, flow.family)
            left[pair] = left.get(pair, 0) - flow.mass_kg
        return left

    def _spent(self, hub: Candidate) -> int:
        paid = hub.steps[0].fixed_fen if hub.stands else 0
        return hub.steps[self._sites.steps[hub.key]].fixed_fen - paid

    def _metres(self, flow: Inflow | Outflow) -> int:
        hub = self._hubs[flow.hub].place
        if isinstance(flow, Inflow):
            found = self._scenario.roads.metres(self._zones[flow.zone].place, hub)
        else:
            found = self._scenario.roads.metres(hub, self._smelters[flow.smelter].place)
        return NO_ROAD if found is None else found


def _co2e_ug(haul: Haul, kg_m: int) -> int:
    """Grams for a tonne-kilometre are micrograms for a kilogram-metre."""
    return kg_m * haul.g_co2e_per_t_km


def _nearest(value: int, by: int) -> int:
    return (2 * value + by) // (2 * by)
