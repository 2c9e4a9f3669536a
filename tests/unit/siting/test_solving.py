"""The solver against trying everything, against what must hold, and against published optima."""

import time
from dataclasses import replace

import pytest

from remelt.routing.formats import singlesource, twostage
from remelt.routing.siting.judge import judge
from remelt.routing.siting.network import network_of
from remelt.routing.siting.obstacles import Impossible, Obstacle
from remelt.routing.siting.problem import Candidate, Sites, Step, Terms
from remelt.routing.siting.relaxing import solve_root
from remelt.routing.siting.search import Best, Search
from remelt.routing.siting.solving import solve
from tests.shared import needs, shared
from tests.unit.siting.world import (
    a_row,
    by_chance,
    cheapest_by_trying,
    dear,
    least_spent,
    with_terms,
)

ROUNDING_FEN = 8
QUICK_S = 20.0


def fen(scenario, **given):
    found = solve(scenario, deadline_s=QUICK_S, **given)
    assert judge(scenario, found.sites) == found.verdict
    assert found.verdict.feasible
    assert found.proven
    assert found.bound_fen <= found.verdict.costs.total_fen + ROUNDING_FEN
    return found.verdict.costs.total_fen


def begun(country):
    """A search with nothing found yet."""
    network, best, soon = network_of(country), Best(country, bound_fen=0), time.monotonic() + 9
    root = solve_root(network, until=soon, last=soon)
    return Search(network, root, best, seed=1, stopped=lambda: False), best


def test_three_towns_in_a_row_want_one_hub_in_the_east():
    """East: 300 tonne-kilometres in and 300 out, 450.00; the middle: 200 and 600, 500.00."""
    found = solve(a_row(), deadline_s=QUICK_S)
    assert found.sites.steps == {"h-east": 1}
    assert found.verdict.costs.total_fen == 180_000 + 30_000 + 30_000 + 15_000
    assert found.proven


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_cheaper_than_what_is_found(seed):
    country = by_chance(seed)
    assert fen(country) == pytest.approx(cheapest_by_trying(country), abs=ROUNDING_FEN)


@pytest.mark.parametrize(
    "terms",
    [
        {"most_hubs": 3, "fen_per_t_co2e": 60_000},
        {"least_hubs": 4},
        {"longest_m": 150_000},
        {"budget_fen": 90_000},
        {"longest_m": 130_000, "budget_fen": 150_000, "most_hubs": 4},
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_terms_are_kept_at_the_least_cost_or_there_is_none(terms, seed):
    country = with_terms(by_chance(seed), **terms)
    certain = cheapest_by_trying(country)
    if certain is None:
        with pytest.raises(Impossible):
            solve(country, deadline_s=QUICK_S)
    else:
        assert fen(country) == pytest.approx(certain, abs=ROUNDING_FEN)


@pytest.mark.parametrize("less_fen", [1, 30])
@pytest.mark.parametrize("seed", [3, 4, 11, 27])
def test_a_budget_of_milliards_is_kept_to_the_fen(seed, less_fen):
    """A solver's tolerance is thousands of fen here: it must neither spend nor refuse them."""
    country = dear(by_chance(seed, hubs=9, zones=10, sizes=1, slack=3), seed=seed)
    spent = solve(country, deadline_s=QUICK_S).verdict.budget_fen
    tight = with_terms(country, budget_fen=spent - less_fen)
    found = solve(tight, deadline_s=QUICK_S)
    certain = cheapest_by_trying(tight)
    assert found.verdict.feasible
    assert found.proven
    assert found.verdict.costs.total_fen == pytest.approx(certain, abs=1e-6 * certain)
    assert found.bound_fen <= certain


def test_less_than_the_least_budget_is_refused_to_the_fen():
    country = dear(by_chance(4, hubs=9, zones=10, sizes=1, slack=3), seed=4)
    least = least_spent(country)
    assert solve(with_terms(country, budget_fen=least), deadline_s=QUICK_S).verdict.feasible
    with pytest.raises(Impossible) as refused:
        solve(with_terms(country, budget_fen=least - 1), deadline_s=QUICK_S)
    assert "out-of-time" not in {each.code for each in refused.value.obstacles}


def test_without_an_open_hub_there_is_nothing_to_improve():
    """Neither before the first answer nor where the best one leaves everything."""
    large = by_chance(3, hubs=60, zones=60, slack=4)
    search, best = begun(with_terms(large, left_fen_per_t=1_000))
    assert search.improve(until=time.monotonic() + 1, looks=3, patience=3) == 0
    best.offer(Sites({}, (), ()), engine="nothing")
    assert best.verdict.feasible
    assert search.improve(until=time.monotonic() + 1, looks=3, patience=3) == 0


def test_a_standing_hub_stays_and_is_paid():
    country = by_chance(3)
    worst = min(country.candidates, key=lambda each: each.steps[0].capacity_kg)
    standing = tuple(replace(each, stands=each.key == worst.key) for each in country.candidates)
    changed = replace(country, candidates=standing)
    assert fen(changed) == pytest.approx(cheapest_by_trying(changed), abs=ROUNDING_FEN)
    assert worst.key in solve(changed, deadline_s=QUICK_S).sites.steps


@pytest.mark.parametrize("seed", [4, 5])
def test_one_more_candidate_is_never_worse(seed):
    country = by_chance(seed)
    more = Candidate("h9", "z0", (Step(9_000, 8_000),))
    assert fen(replace(country, candidates=(*country.candidates, more))) <= fen(country)


@pytest.mark.parametrize("seed", [6, 7])
def test_a_larger_budget_is_never_worse(seed):
    country = by_chance(seed)
    spent = solve(country, deadline_s=QUICK_S).verdict.budget_fen
    costs = []
    for share in (70, 85, 100, 120):
        try:
            costs.append(fen(with_terms(country, budget_fen=spent * share // 100)))
        except Impossible:
            costs.append(10**18)
    assert costs == sorted(costs, reverse=True)
    assert costs[2] == costs[3] < 10**18


@pytest.mark.parametrize("seed", [8, 9])
def test_a_dearer_tonne_of_co2e_never_emits_more(seed):
    country = by_chance(seed)
    emitted = [
        solve(with_terms(country, fen_per_t_co2e=price), deadline_s=QUICK_S).verdict.co2e_g
        for price in (0, 10_000, 1_000_000, 100_000_000)
    ]
    assert emitted == sorted(emitted, reverse=True)
    assert emitted[-1] < emitted[0]


def test_twice_the_mass_in_twice_the_room_costs_twice_the_haul():
    country = by_chance(10, sizes=1)
    twice = replace(
        country,
        zones=tuple(replace(z, supply_kg={"Al": 2 * z.supply_kg["Al"]}) for z in country.zones),
        candidates=tuple(
            replace(c, steps=tuple(Step(2 * s.capacity_kg, 2 * s.fixed_fen) for s in c.steps))
            for c in country.candidates
        ),
        smelters=tuple(replace(s, takes_kg={"Al": 2 * s.takes_kg["Al"]}) for s in country.smelters),
    )
    assert fen(twice) == pytest.approx(2 * fen(country), abs=2 * ROUNDING_FEN)


def test_two_families_share_a_hub_and_each_finds_its_smelter():
    row = a_row()
    zones = tuple(replace(each, supply_kg={"Al": 7_001, "Cu": 2_999}) for each in row.zones)
    both = replace(row.smelters[0], takes_kg={"Al": 50_000})
    far = replace(row.smelters[0], key="t", place="west", takes_kg={"Cu": 9_000})
    found = solve(replace(row, zones=zones, smelters=(both, far)), deadline_s=QUICK_S)
    assert {(flow.family, flow.smelter) for flow in found.sites.outflows} == {
        ("Al", "s"),
        ("Cu", "t"),
    }
    assert found.verdict.feasible


def test_a_zone_that_may_not_be_split_goes_to_one_hub():
    country = with_terms(by_chance(11), one_hub=True)
    found = solve(country, deadline_s=QUICK_S)
    assert found.verdict.feasible
    assert len({flow.zone for flow in found.sites.inflows}) == len(found.sites.inflows)
    assert found.verdict.costs.total_fen >= fen(with_terms(country)) - ROUNDING_FEN


def test_goods_may_be_left_where_a_hub_costs_more():
    dear = with_terms(a_row(), left_fen_per_t=1_000)
    found = solve(dear, deadline_s=QUICK_S)
    assert found.sites.steps == {}
    assert found.verdict.costs.total_fen == 30_000


def test_the_same_seed_gives_the_same_answer():
    country = by_chance(12)
    first, again = (solve(country, seed=7, deadline_s=QUICK_S) for _ in range(2))
    assert first.sites == again.sites


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"terms": Terms(most_hubs=1, longest_m=9_999)},
         Obstacle("hubs-too-few", "most_hubs", 1, 3)),
        ({"terms": Terms(most_hubs=1, longest_m=9_999)},
         Obstacle("too-far", "longest_m", 9_999, 10_000)),
        ({"terms": Terms(budget_fen=179_999)},
         Obstacle("budget-too-small", "budget_fen", 179_999, 180_000)),
        ({"terms": Terms(least_hubs=4)}, Obstacle("hubs-too-few", "least_hubs", 4, 3)),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_named_with_what_would_help(changes, obstacle):
    row = replace(a_row(), **changes)
    with pytest.raises(Impossible) as refused:
        solve(row, deadline_s=QUICK_S)
    assert obstacle in refused.value.obstacles


def test_a_loosened_obstacle_lets_an_answer_exist():
    country = with_terms(by_chance(2), most_hubs=2, longest_m=90_000, budget_fen=60_000)
    with pytest.raises(Impossible) as refused:
        solve(country, deadline_s=QUICK_S)
    for each in refused.value.obstacles:
        if each.subject in {"most_hubs", "longest_m", "budget_fen"}:
            looser = replace(country, terms=replace(country.terms, **{each.subject: each.needed}))
            assert solve(looser, deadline_s=QUICK_S).verdict.feasible


def test_what_no_smelter_takes_and_no_hub_holds_is_named():
    row = a_row()
    with pytest.raises(Impossible) as refused:
        solve(replace(row, smelters=(replace(row.smelters[0], takes_kg={"Al": 29_999}),)))
    assert refused.value.obstacles == (Obstacle("smelters-too-small", "Al", 29_999, 30_000),)
    with pytest.raises(Impossible) as refused:
        solve(replace(row, smelters=(replace(row.smelters[0], takes_kg={"Cu": 1}),)))
    assert refused.value.obstacles == (Obstacle("no-smelter", "Al", 0, 30_000),)
    small = tuple(replace(each, steps=each.steps[:1]) for each in row.candidates[:1])
    with pytest.raises(Impossible) as refused:
        solve(replace(row, candidates=small))
    assert refused.value.obstacles == (Obstacle("hubs-too-small", "candidates", 20_000, 30_000),)


@needs("bench/two_stage_cflp")
def test_a_published_country_is_solved_to_its_published_optimum():
    """PSC1-C1-50: 50 plants, 100 hubs, 200 customers; best known 722,178."""
    text = (shared("bench/two_stage_cflp") / "PSC1-C1-50.txt").read_text()
    found = solve(twostage.read(text), deadline_s=120)
    assert found.verdict.costs.total_fen == 722_178
    assert found.proven


@needs("bench/single_source_cflp")
@pytest.mark.parametrize(("name", "best"), [("2_p10", 761_700), ("3_p1", 93_261_575)])
def test_single_source_countries_are_solved_to_their_published_optima(name, best):
    text = (shared("bench/single_source_cflp") / f"Lib_{name}.txt").read_text()
    found = solve(singlesource.read(text), deadline_s=60)
    assert found.verdict.costs.total_fen == best
    assert found.proven
