"""A scenario that contradicts itself is refused before any solver sees it."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from remelt.routing.siting.problem import BadSites, Candidate, Haul, Scenario, Smelter, Terms, Zone

MOST_ZONES, MOST_CANDIDATES, MOST_STEPS = 3_000, 1_000, 12
MOST_KG = 10**12
MOST_FEN = 10**15


def check(scenario: Scenario) -> None:
    """Refuse a scenario that no answer can be told for. Raises `BadSites`."""
    _check_rows("zones", scenario.zones, most=MOST_ZONES)
    _check_rows("candidates", scenario.candidates, most=MOST_CANDIDATES)
    _check_rows("smelters", scenario.smelters, most=MOST_CANDIDATES)
    for zone in scenario.zones:
        _check_zone(scenario, zone)
    for candidate in scenario.candidates:
        _check_candidate(scenario, candidate)
    for smelter in scenario.smelters:
        _check_smelter(scenario, smelter)
    _check_haul("inbound", scenario.inbound)
    _check_haul("outbound", scenario.outbound)
    _check_terms(scenario.terms)


def _check_rows(name: str, rows: tuple[Zone | Candidate | Smelter, ...], *, most: int) -> None:
    if not rows:
        raise BadSites(field=name, rule="there must be at least one", remedy=f"add {name}")
    if len(rows) > most:
        raise BadSites(field=name, rule=f"at most {most}", remedy="join small neighbours into one")
    seen: set[str] = set()
    for row in rows:
        if not row.key or row.key in seen:
            raise BadSites(
                field=f"{name}[{row.key}].key",
                rule="every key stands once",
                remedy="give it another key",
            )
        seen.add(row.key)


def _check_zone(scenario: Scenario, zone: Zone) -> None:
    name = f"zones[{zone.key}]"
    _check_place(scenario, name, zone.place)
    _check_masses(f"{name}.supply_kg", zone.supply_kg)


def _check_candidate(scenario: Scenario, candidate: Candidate) -> None:
    name = f"candidates[{candidate.key}]"
    _check_place(scenario, name, candidate.place)
    _whole(f"{name}.handling_fen_per_t", candidate.handling_fen_per_t)
    if not 1 <= len(candidate.steps) <= MOST_STEPS:
        raise BadSites(
            field=f"{name}.steps",
            rule=f"1 to {MOST_STEPS} sizes",
            remedy="give it a size with a capacity and a cost",
        )
    for step in candidate.steps:
        _whole(f"{name}.capacity_kg", step.capacity_kg, least=1, most=MOST_KG)
        _whole(f"{name}.fixed_fen", step.fixed_fen)
    if any(one.capacity_kg >= next_.capacity_kg for one, next_ in pairwise(candidate.steps)):
        raise BadSites(
            field=f"{name}.steps", rule="sizes grow from first to last", remedy="put them in order"
        )


def _check_smelter(scenario: Scenario, smelter: Smelter) -> None:
    name = f"smelters[{smelter.key}]"
    _check_place(scenario, name, smelter.place)
    _check_masses(f"{name}.takes_kg", smelter.takes_kg)
    for family, gain in smelter.gain_fen_per_t.items():
        _whole(f"{name}.gain_fen_per_t[{family}]", gain, least=-MOST_FEN)
    _whole(f"{name}.fixed_fen", smelter.fixed_fen)


def _check_haul(name: str, haul: Haul) -> None:
    _whole(f"{name}.fen_per_t_km", haul.fen_per_t_km)
    _whole(f"{name}.g_co2e_per_t_km", haul.g_co2e_per_t_km)


def _check_terms(terms: Terms) -> None:
    for name in ("longest_m", "most_hubs", "budget_fen", "left_fen_per_t"):
        value = getattr(terms, name)
        if value is not None:
            _whole(f"terms.{name}", value)
    _whole("terms.least_hubs", terms.least_hubs)
    _whole("terms.fen_per_t_co2e", terms.fen_per_t_co2e)
    if terms.most_hubs is not None and terms.most_hubs < max(1, terms.least_hubs):
        raise BadSites(
            field="terms.most_hubs",
            rule="at least 1 and not below least_hubs",
            remedy="raise it, or lower least_hubs",
        )


def _check_place(scenario: Scenario, name: str, place: str) -> None:
    if not scenario.roads.knows(place):
        raise BadSites(
            field=f"{name}.place", rule="its place is known", remedy=f"add {place!r} to the places"
        )


def _check_masses(name: str, masses: Mapping[str, int]) -> None:
    _check_named(name, masses)
    for family, mass_kg in masses.items():
        _whole(f"{name}[{family}]", mass_kg, most=MOST_KG)


def _check_named(name: str, families: Iterable[str]) -> None:
    if not all(families):
        raise BadSites(field=name, rule="families have names", remedy="name each family")


def _whole(name: str, value: object, *, least: int = 0, most: int = MOST_FEN) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadSites(
            field=name,
            rule=f"a whole number from {least} to {most}",
            remedy="correct the figure; unknown is no number: leave the row out",
        )
