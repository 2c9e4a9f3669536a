"""Scenarios from JSON and from the collections' files; what is wrong is named, never a crash."""

import copy
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remelt.routing.formats import singlesource, twostage
from remelt.routing.problem import BadProblem
from remelt.routing.siting import codec
from remelt.routing.siting.checks import check
from remelt.routing.siting.judge import judge
from remelt.routing.siting.problem import BadSites
from remelt.routing.siting.solving import solve

GIVEN = {
    "places": [
        {"key": "a", "lat": 26.5, "lon": 106.5},
        {"key": "b", "lat": 26.6, "lon": 106.7},
        {"key": "c", "lat_e6": 26_700_000, "lon_e6": 106_900_000},
    ],
    "zones": [
        {"key": "z1", "place": "a", "supply_kg": {"Al": 5_000}},
        {"key": "z2", "place": "b", "supply_kg": {"Al": 3_000, "Cu": 100}},
    ],
    "candidates": [
        {"key": "h1", "place": "a", "steps": [{"capacity_kg": 9_000, "fixed_fen": 1_000}]},
        {
            "key": "h2",
            "place": "b",
            "buys": True,
            "families": None,
            "steps": [{"capacity_kg": 9_000, "fixed_fen": 1_000}],
        },
    ],
    "smelters": [{"key": "s", "place": "c", "takes_kg": {"Al": 9_000, "Cu": 500}}],
    "inbound": {"fen_per_t_km": 120, "g_co2e_per_t_km": 286},
    "outbound": {"fen_per_t_km": 45, "g_co2e_per_t_km": 78},
    "terms": {"longest_m": 60_000},
}


def changed(path, value):
    data = copy.deepcopy(GIVEN)
    *way, last = path
    spot = data
    for step in way:
        spot = spot[step]
    spot[last] = value
    return data


def read(data):
    scenario, barred = codec.scenario_of(data)
    check(scenario)
    return scenario, barred


def test_a_scenario_is_read_solved_and_its_answer_reads_back_the_same():
    scenario, barred = read(GIVEN)
    found = solve(scenario, deadline_s=20)
    assert barred == []
    told = json.loads(json.dumps(codec.answer_to_json(found)))
    assert codec.sites_of(told["sites"]) == found.sites
    assert judge(scenario, codec.sites_of(told["sites"])) == found.verdict
    assert told["verdict"]["total_fen"] == found.verdict.costs.total_fen


def test_a_buffer_takes_a_purchase_point_out():
    near = changed(
        ["neighbours"], [{"key": "n", "kind": "mine", "lat_e6": 26_600_000, "lon_e6": 106_700_000}]
    )
    near["buffers"] = [{"kind": "mine", "distance_m": 500, "source": "art. 6"}]
    scenario, barred = read(near)
    assert [each.key for each in scenario.candidates] == ["h1"]
    assert [(each.candidate, each.neighbour) for each in barred] == [("h2", "n")]


def test_a_table_of_metres_stands_in_for_the_globe():
    table = [[0, 1_000, 2_000], [1_000, 0, -1], [2_000, -1, 0]]
    scenario, _ = read(changed(["metres"], table))
    assert scenario.roads.metres("a", "c") == 2_000
    assert scenario.roads.metres("b", "c") is None


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["zones", 0, "supply_kg", "Al"], -1, "zones[z1].supply_kg[Al]"),
        (["zones", 0, "supply_kg", "Al"], 1.5, "zones[z1].supply_kg"),
        (["zones", 0, "supply_kg"], None, "zones[z1].supply_kg"),
        (["zones", 1, "key"], "z1", "zones[z1].key"),
        (["zones", 1, "place"], "nowhere", "zones[z2].place"),
        (["zones", 1, "mass"], 5, "zones[z2].mass"),
        (["zones"], [], "zones"),
        (["zones"], {"a": 1}, "zones"),
        (["smelters"], [], "smelters"),
        (["candidates"], [], "candidates"),
        (["candidates", 0, "steps"], [], "candidates[h1].steps"),
        (["candidates", 0, "steps"], 5, "candidates[h1].steps"),
        (["candidates", 0, "place"], "nowhere", "candidates[h1].place"),
        (["candidates", 0, "steps", 0, "capacity_kg"], 0, "candidates[h1].capacity_kg"),
        (["candidates", 0, "steps", 0, "fixed_fen"], -5, "candidates[h1].fixed_fen"),
        (["places", 0, "lat"], float("nan"), "places[a]"),
        (["places", 0, "lat"], 91.0, "places[a]"),
        (["places", 0, "lat"], "26.5", "places[a]"),
        (["places", 2, "key"], "a", "places[a]"),
        (["metres"], [[0, 1], [1, 0]], "metres"),
        (["metres"], 7, "metres"),
        (["metres"], [[0, 1, 2], [1, 0, "3"], [2, 3, 0]], "metres"),
        (["inbound"], None, "inbound"),
        (["inbound", "fen_per_t_km"], -1, "inbound.fen_per_t_km"),
        (["terms", "most_hubs"], 0, "terms.most_hubs"),
        (["terms", "budget_fen"], -1, "terms.budget_fen"),
        (["terms", "longest"], 5, "terms.longest"),
        (["neighbours"], [{"key": "n"}], "neighbours[n]"),
    ],
)
def test_what_is_wrong_is_named_by_field_rule_and_remedy(path, value, field):
    with pytest.raises(BadSites) as refused:
        read(changed(path, value))
    assert refused.value.field == field
    assert refused.value.rule
    assert refused.value.remedy


def test_sizes_must_grow():
    steps = [{"capacity_kg": 9, "fixed_fen": 1}, {"capacity_kg": 9, "fixed_fen": 2}]
    with pytest.raises(BadSites, match="grow"):
        read(changed(["candidates", 0, "steps"], steps))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
SPOTS = [
    *([name] for name in GIVEN),
    *([name, 0] for name in ("places", "zones", "candidates", "smelters")),
    ["places", 0, "lat"],
    ["places", 2, "lon_e6"],
    ["zones", 0, "supply_kg"],
    ["zones", 0, "key"],
    ["candidates", 0, "steps", 0],
    ["candidates", 0, "families"],
    ["smelters", 0, "takes_kg", "Al"],
    ["inbound", "fen_per_t_km"],
    ["terms", "left_fen_per_t"],
]


@settings(max_examples=80, deadline=None)
@given(path=st.sampled_from(SPOTS), value=JSON)
def test_nothing_put_anywhere_crashes_the_reader(path, value):
    with suppress(BadSites):
        read(changed(path, value))


TINY_TWO_STAGE = "1 2 2  5 7  20 300  4 6  8 100 9 150  1 2 3 4"
TINY_SINGLE = "2 2  9 100 9 50  5 4  10 20.5 30 40"


def test_a_two_stage_file_turns_its_arrows_round():
    """One plant, two depots, two customers: all from depot 2 costs 450 + 112 + 43."""
    scenario = twostage.read(TINY_TWO_STAGE)
    assert [zone.supply_kg["unit"] for zone in scenario.zones] == [5, 7]
    assert scenario.roads.metres("h2", "p1") == 6
    assert scenario.roads.metres("c2", "h1") == 2
    found = solve(scenario, deadline_s=20)
    assert found.proven
    # both depots are needed for 12 units: 8 of them through the first
    assert found.verdict.costs.fixed_fen == 300 + 250
    assert found.verdict.costs.outbound_fen == 8 * 4 + 4 * 6
    assert found.verdict.costs.inbound_fen == min(
        a * 1 + (8 - a) * 2 + (5 - a) * 3 + (a - 1) * 4 for a in range(1, 6)
    )


def test_a_single_source_file_counts_whole_customers_to_the_cent():
    found = solve(singlesource.read(TINY_SINGLE), deadline_s=20)
    assert found.verdict.costs.total_fen == 100 * min(100 + 10 + 20.5, 50 + 30 + 40)


@pytest.mark.parametrize(
    "text", ["1 2", "a b c", "1 2 2 5", TINY_TWO_STAGE + " 1", "0 0 0", "1 1 1 nan 1 1 1 1 1 1"]
)
def test_another_file_is_refused(text):
    with pytest.raises(BadProblem):
        twostage.read(text)


@pytest.mark.parametrize("text", ["1", "2 2 1", "1 1 5 5 0 5", "1 1 5 5 inf 5"])
def test_another_single_source_file_is_refused(text):
    with pytest.raises(BadProblem):
        singlesource.read(text)
