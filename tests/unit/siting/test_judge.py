"""The judge against figures worked out by hand, and against every way of being wrong."""

from dataclasses import replace

import pytest

from remelt.routing.siting.judge import Fault, judge
from remelt.routing.siting.problem import Inflow, Outflow, Sites, Terms
from tests.unit.siting.world import a_row, with_terms

IN_THE_MIDDLE = Sites(
    {"h-mid": 1},
    tuple(Inflow(f"z-{name}", "Al", "h-mid", 10_000) for name in ("west", "mid", "east")),
    (Outflow("h-mid", "Al", "s", 30_000),),
)


def test_one_hub_in_the_middle_costs_what_a_sheet_of_paper_says():
    """20 t x 10 km in, 30 t x 20 km out: 200 and 600 tonne-kilometres."""
    found = judge(with_terms(a_row(), fen_per_t_co2e=10_000), IN_THE_MIDDLE)
    costs = found.costs
    assert found.feasible
    assert (costs.fixed_fen, costs.handling_fen) == (180_000, 30_000)
    assert (costs.inbound_fen, costs.outbound_fen) == (20_000, 30_000)
    assert found.co2e_g == 200 * 250 + 600 * 80 == 98_000
    assert costs.co2e_fen == 980
    assert costs.total_fen == 260_980
    assert (found.inbound_kg_m, found.outbound_kg_m) == (200_000_000, 600_000_000)
    assert (found.farthest_m, found.mean_m) == (10_000, 6_667)
    assert found.taken_kg == {"h-mid": 30_000}
    assert found.budget_fen == 180_000


def test_a_standing_hub_spends_only_what_it_grows_by():
    row = a_row()
    standing = tuple(replace(each, stands=each.key == "h-mid") for each in row.candidates)
    assert judge(replace(row, candidates=standing), IN_THE_MIDDLE).budget_fen == 80_000


def test_what_is_left_costs_what_the_terms_say():
    less = Sites({"h-mid": 0}, IN_THE_MIDDLE.inflows[1:], (Outflow("h-mid", "Al", "s", 20_000),))
    found = judge(with_terms(a_row(), left_fen_per_t=7_000), less)
    assert found.feasible
    assert found.left_kg == {("z-west", "Al"): 10_000}
    assert found.costs.left_fen == 70_000


def test_a_better_price_is_a_gain():
    row = a_row()
    dear = replace(row, smelters=(replace(row.smelters[0], gain_fen_per_t={"Al": 20_000}),))
    assert judge(dear, IN_THE_MIDDLE).costs.gain_fen == 600_000
    assert judge(dear, IN_THE_MIDDLE).costs.total_fen == 260_000 - 600_000


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"steps": {"h-mid": 0}}, Fault("hub-too-small", "h-mid")),
        ({"steps": {"h-mid": 2}}, Fault("unknown-hub", "h-mid")),
        ({"steps": {"h-east": 1}}, Fault("hub-not-open", "h-mid")),
        ({"inflows": IN_THE_MIDDLE.inflows[:2]}, Fault("hub-out-of-balance", "h-mid")),
        ({"inflows": IN_THE_MIDDLE.inflows[:2]}, Fault("not-all-collected", "z-east")),
        ({"inflows": (*IN_THE_MIDDLE.inflows, Inflow("z-mid", "Al", "h-mid", 1))},
         Fault("more-than-there-is", "z-mid")),
        ({"inflows": (*IN_THE_MIDDLE.inflows, Inflow("z-mid", "Al", "h-mid", 0))},
         Fault("empty-flow", "h-mid")),
        ({"inflows": (*IN_THE_MIDDLE.inflows, Inflow("z-far", "Al", "h-mid", 1))},
         Fault("unknown-zone", "z-far")),
        ({"outflows": (Outflow("h-mid", "Al", "t", 30_000),)}, Fault("unknown-smelter", "t")),
        ({"outflows": (Outflow("h-mid", "Cu", "s", 30_000),)}, Fault("smelter-too-small", "s")),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_named(changes, fault):
    assert fault in judge(a_row(), replace(IN_THE_MIDDLE, **changes)).faults


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        ({"longest_m": 9_999}, Fault("too-far", "z-west")),
        ({"least_hubs": 2}, Fault("too-few-hubs", "1")),
        ({"budget_fen": 179_999}, Fault("over-budget", "180000")),
    ],
)
def test_broken_terms_are_named(terms, fault):
    assert fault in judge(with_terms(a_row(), **terms), IN_THE_MIDDLE).faults


def test_terms_that_just_hold_are_kept():
    just = Terms(longest_m=10_000, least_hubs=1, most_hubs=1, budget_fen=180_000, one_hub=True)
    assert judge(replace(a_row(), terms=just), IN_THE_MIDDLE).feasible


def test_two_hubs_for_a_zone_and_a_closed_standing_hub_are_named():
    row = a_row()
    standing = tuple(replace(each, stands=each.key == "h-west") for each in row.candidates)
    split = Sites(
        {"h-mid": 0, "h-east": 0},
        (
            *IN_THE_MIDDLE.inflows[:1],
            Inflow("z-mid", "Al", "h-mid", 4_000),
            Inflow("z-mid", "Al", "h-east", 6_000),
            Inflow("z-east", "Al", "h-east", 10_000),
        ),
        (Outflow("h-mid", "Al", "s", 14_000), Outflow("h-east", "Al", "s", 16_000)),
    )
    one = Terms(one_hub=True, most_hubs=1)
    found = judge(replace(row, candidates=standing, terms=one), split).faults
    assert set(found) == {
        Fault("standing-hub-closed", "h-west"),
        Fault("two-hubs", "z-mid"),
        Fault("too-many-hubs", "2"),
    }


def test_families_and_missing_roads_bind():
    row = a_row()
    choosy = tuple(replace(each, families=frozenset({"Cu"})) for each in row.candidates)
    assert (
        Fault("family-not-taken", "h-mid")
        in judge(replace(row, candidates=choosy), IN_THE_MIDDLE).faults
    )
    cut = row.roads.distance_m.copy()
    cut[1, 3] = -1
    broken = replace(row, roads=replace(row.roads, distance_m=cut))
    assert Fault("no-road", "h-mid") in judge(broken, IN_THE_MIDDLE).faults
