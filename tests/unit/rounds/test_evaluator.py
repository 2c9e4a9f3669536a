"""The judge, against rounds worked out by hand."""

import pytest

from remelt.routing.carbon import shares_of_round
from remelt.routing.evaluator import judge
from remelt.routing.problem import Hub, Stop, Visit, Window

from .world import HOUR, a_day, a_pickup, a_truck, line


def test_a_collection_round_worked_out_by_hand():
    # hub -10 km- a (2 t) -10 km- b (3 t) -20 km- hub
    day = a_day(a_pickup("a"), a_pickup("b", mass_kg=3_000))
    verdict = judge(day, {"truck": (Visit("a", "load"), Visit("b", "load"))})
    [found] = verdict.rounds
    assert verdict.feasible
    assert [leg.load_kg for leg in found.legs] == [0, 2_000, 5_000]
    assert found.distance_m == 40_000
    # 10 km at 600 g, 10 km at 660 g, 20 km at 750 g
    assert [leg.co2e_g for leg in found.legs] == [6_000, 6_600, 15_000]
    assert found.return_s - found.depart_s == 40 * 60 + 2 * 600
    # 200 yuan + 40 km x 3 yuan + 1 h x 40 yuan
    assert found.cost_fen == 20_000 + 12_000 + 4_000
    assert {leg.source for leg in found.legs} == {"ruler"}


def test_a_delivery_is_on_board_from_the_start():
    stop = Stop("s", "delivery", "smelter", 8_000, service_s=900)
    [found] = judge(a_day(stop), {"truck": (Visit("s", "unload"),)}).rounds
    assert [leg.load_kg for leg in found.legs] == [8_000, 0]


def test_a_pair_is_loaded_here_and_unloaded_there():
    pair = Stop("p", "pair", "a", 4_000, to="c")
    day = a_day(pair)
    [found] = judge(day, {"truck": pair.visits()}).rounds
    assert [leg.load_kg for leg in found.legs] == [0, 4_000, 0]
    backwards = judge(day, {"truck": pair.visits()[::-1]})
    assert {each.code for each in backwards.violations} == {"order"}
    half = judge(day, {"truck": pair.visits()[:1]})
    assert {each.code for each in half.violations} == {"order"}
    assert half.unserved == ("p",)


def test_waiting_is_done_in_the_yard():
    day = a_day(a_pickup("a", windows=(Window(12 * HOUR, 13 * HOUR),)))
    [found] = judge(day, {"truck": (Visit("a", "load"),)}).rounds
    assert found.depart_s == 12 * HOUR - 600
    assert found.calls[0].arrive_s == found.calls[0].begin_s == 12 * HOUR


def test_the_second_window_is_taken_when_the_first_has_passed():
    windows = (Window(0, 8 * HOUR), Window(10 * HOUR, 11 * HOUR))
    day = a_day(a_pickup("a", windows=windows))
    [found] = judge(day, {"truck": (Visit("a", "load"),)}).rounds
    assert found.calls[0].begin_s == 10 * HOUR


@pytest.mark.parametrize(
    ("stops", "truck", "code", "excess"),
    [
        ([a_pickup("a", mass_kg=10_001)], {}, "capacity", 1),
        ([a_pickup("g", windows=(Window(0, 9 * HOUR),))], {}, "window", 600),
        ([a_pickup("g")], {"shift_end_s": 10 * HOUR}, "shift", 1_800),
        ([a_pickup("a", vehicles=frozenset({"other"}))], {}, "not-allowed", 0),
    ],
)
def test_a_round_that_cannot_be_driven_is_refused(stops, truck, code, excess):
    day = a_day(*stops, vehicles=[a_truck(**truck)])
    verdict = judge(day, {"truck": tuple(v for stop in stops for v in stop.visits())})
    assert [(each.code, each.excess) for each in verdict.violations] == [(code, excess)]


def test_roads_hours_and_quarrels_are_rules_too():
    no_road = a_day(a_pickup("a"), matrix=line(no_road={("hub", "a")}))
    assert judge(no_road, {"truck": (Visit("a", "load"),)}).violations[0].code == "unreachable"
    shut = a_day(a_pickup("g"), hubs=(Hub("hub", 0, 10 * HOUR),))
    assert judge(shut, {"truck": (Visit("g", "load"),)}).violations[0].code == "hub-hours"
    mixed = a_day(
        a_pickup("a", family="al"),
        a_pickup("b", family="pb"),
        incompatible=frozenset({("pb", "al")}),
    )
    verdict = judge(mixed, {"truck": (Visit("a", "load"), Visit("b", "load"))})
    assert verdict.violations[0].code == "incompatible"


def test_what_nobody_asked_for_is_refused():
    day = a_day(a_pickup("a"))
    twice = judge(day, {"truck": (Visit("a", "load"), Visit("a", "load"))})
    assert {each.code for each in twice.violations} == {"served-twice"}
    assert judge(day, {"ghost": ()}).violations[0].code == "unknown-vehicle"
    assert judge(day, {"truck": (Visit("x", "load"),)}).violations[0].code == "unknown-stop"


@pytest.mark.parametrize(
    ("grams", "loads", "shares"),
    [
        (1000, {"a": (2, 10), "b": (1, 10)}, {"a": 667, "b": 333}),
        (100, {"a": (1, 0), "b": (3, 0)}, {"a": 25, "b": 75}),
        (3, {"a": (0, 0), "b": (0, 0)}, {"a": 2, "b": 1}),
        (0, {"a": (5, 7)}, {"a": 0}),
    ],
)
def test_the_whole_emission_is_shared_to_the_gram(grams, loads, shares):
    assert shares_of_round(grams, loads) == shares
