"""Why a stop stays behind, and what would help: both proven."""

import time
from collections import Counter
from dataclasses import replace

import pytest

from remelt.routing.evaluator import judge, judge_round
from remelt.routing.insertion import insert_all
from remelt.routing.problem import Hub, Stop, Window
from remelt.routing.reasons import CODES, NOT_WORTH, UNEXAMINED, Reason, explain_all
from remelt.routing.remedies import CHANGES
from remelt.routing.rounds import explained, judged
from remelt.web.road_words import REMEDIES

from .proof import helps, prove
from .test_trips import TRUCKS, a_rich_day
from .world import HOUR, a_day, a_pickup, a_truck, line


def reasons_of(day):
    routes = insert_all(day)
    found = judged(day, routes, engine="greedy")
    return found.routes, found.reasons


@pytest.mark.parametrize("truck", TRUCKS.values(), ids=TRUCKS)
@pytest.mark.parametrize("seed", range(10))
def test_every_reason_agrees_with_trying_every_place(seed, truck):
    day = a_rich_day(seed, truck)
    day = replace(day, vehicles=day.vehicles[: 1 + seed % 2])
    routes, reasons = reasons_of(day)
    assert {each.stop for each in reasons} == set(judge(day, routes).unserved)
    for each in reasons:
        assert each.code in {*CODES, NOT_WORTH}
        prove(day, routes, each)


def test_all_six_reasons_are_met_by_the_seeded_days():
    told = set()
    for seed in range(10):
        for truck in TRUCKS.values():
            day = a_rich_day(seed, truck)
            told |= {each.code for each in reasons_of(replace(day, vehicles=day.vehicles[:1]))[1]}
    assert {"capacity", "incompatible", "window-unreachable", "shift"} <= told


def test_every_remedy_when_applied_lets_the_judge_serve_the_stop():
    offered = Counter()
    for seed in range(16):
        for truck in TRUCKS.values():
            day = a_rich_day(seed, truck)
            hours = {
                "shift_start_s": (8, 12)[seed % 5 == 1] * HOUR,
                "shift_end_s": (10, 14, 18)[seed % 3] * HOUR,
            }
            short = [replace(car, **hours) for car in day.vehicles]
            stops = (replace(s, mass_kg=s.mass_kg * (1 + 3 * (seed % 4 == 3))) for s in day.stops)
            day = replace(day, stops=tuple(stops), vehicles=tuple(short[seed % 4 : 4]))
            routes, reasons = reasons_of(day)
            for each in reasons:
                assert each.remedy == "road" or helps(day, routes, each), each
                offered[each.remedy] += 1
    promised = {"another-vehicle", "bigger-vehicle", "wider-window", "longer-shift", "let-in"}
    promised |= {"several", "higher-prize"}
    assert promised <= offered.keys(), offered


def test_no_stop_is_left_without_a_word_of_what_would_help():
    """Too heavy, too far, barred and shut at once: the fewest changes that do are all named."""
    day = a_day(
        a_pickup("g", mass_kg=30_000, windows=(Window(0, HOUR),), vehicles=frozenset({"x"})),
        vehicles=[a_truck(shift_end_s=9 * HOUR, range_m=50_000)],
        hubs=(Hub("hub", 8 * HOUR, 9 * HOUR),),
    )
    routes, [reason] = reasons_of(day)
    facts = dict(reason.facts)
    assert reason.remedy == "several"
    assert facts.keys() >= {"vehicle", "bigger", "range_m", "longer", "gate_until_s"}
    assert "open_until_s" in facts
    assert helps(day, routes, reason)
    assert (
        helps(day, routes, replace(reason, facts=tuple((facts | {"range_m": 1}).items()))) is False
    )


def test_every_remedy_has_its_sentence():
    assert {*CHANGES, "another-vehicle", "more-docks", "road", "higher-prize"} <= REMEDIES.keys()


def test_a_truck_that_cannot_get_so_far_is_told_how_far_it_must():
    day = a_day(a_pickup("g"), vehicles=[a_truck(energy="electric", range_m=100_000)])
    routes, [reason] = reasons_of(day)
    assert (reason.remedy, dict(reason.facts)["range_m"]) == ("longer-range", 140_000)
    assert helps(day, routes, reason)


@pytest.mark.parametrize(("closes", "remedy"), [(11, "another-vehicle"), (10, "more-docks")])
def test_a_further_truck_is_offered_only_where_it_would_be_unloaded_in_time(closes, remedy):
    dock = Hub("hub", 0, closes * HOUR, docks=1, service_s=2 * HOUR)
    day = a_day(a_pickup("a", mass_kg=9_000), a_pickup("b", mass_kg=9_000), hubs=(dock,))
    routes = {"truck": day.stop("a").visits()}
    [reason] = explain_all(day, routes, ["b"])
    assert reason.remedy == remedy
    further = replace(day, vehicles=(*day.vehicles, a_truck(key="second")))
    crowded = judge(further, routes | {"second": day.stop("b").visits()})
    assert crowded.feasible is (remedy == "another-vehicle")


def test_pairs_have_reasons_too():
    day = a_day(
        Stop("p", "pair", "a", 6_000, to="g"),
        Stop("q", "pair", "b", 7_000, to="f", windows=(Window(8 * HOUR, 9 * HOUR),)),
        a_pickup("c", mass_kg=9_000, windows=(Window(8 * HOUR, 9 * HOUR),)),
    )
    routes, reasons = reasons_of(day)
    assert reasons
    for each in reasons:
        prove(day, routes, each)


def _facts(day):
    [reason] = reasons_of(day)[1]
    return reason, dict(reason.facts)


def test_a_second_truck_is_offered_with_its_hours_and_they_hold():
    noon = (Window(13 * HOUR, 13 * HOUR),)
    day = a_day(
        a_pickup("a", mass_kg=6_000, windows=noon), a_pickup("g", mass_kg=7_000, windows=noon)
    )
    reason, facts = _facts(day)
    assert reason.remedy == "another-vehicle"
    second = a_truck(key="second", shift_start_s=facts["from_s"], shift_end_s=facts["until_s"])
    more = replace(day, vehicles=(*day.vehicles, second))
    assert judged(more, insert_all(more), engine="greedy").reasons == ()
    late = replace(second, shift_start_s=facts["from_s"] + 1)
    assert judge_round(more, late, more.stop(reason.stop).visits()).violations


def test_wider_opening_hours_hold_to_the_second():
    day = a_day(a_pickup("g", windows=(Window(0, 8 * HOUR),)))
    reason, facts = _facts(day)
    assert (reason.code, reason.remedy) == ("window-unreachable", "wider-window")
    stop = day.stop("g")
    for close_s, served in ((facts["open_until_s"], True), (facts["open_until_s"] - 1, False)):
        wide = a_day(replace(stop, windows=(Window(0, close_s),)))
        assert (judged(wide, insert_all(wide), engine="greedy").reasons == ()) is served


def test_a_longer_shift_holds_to_the_second():
    reason, facts = _facts(a_day(a_pickup("g"), vehicles=[a_truck(shift_end_s=9 * HOUR)]))
    assert (reason.code, reason.remedy) == ("shift", "longer-shift")
    hours = {"shift_start_s": facts["from_s"], "shift_end_s": facts["until_s"]}
    long = a_day(a_pickup("g"), vehicles=[a_truck(**hours)])
    assert reasons_of(long)[1] == ()


def test_a_bigger_truck_and_an_open_gate_are_named():
    heavy, facts = _facts(a_day(a_pickup("a", mass_kg=30_000)))
    assert (heavy.code, heavy.remedy) == ("capacity", "bigger-vehicle")
    assert (facts["need_kg"], facts["most_kg"]) == (30_000, 10_000)
    barred, facts = _facts(a_day(a_pickup("a", vehicles=frozenset({"x"}))))
    assert (barred.code, barred.remedy, facts["vehicle"]) == ("vehicle-may-not-enter", "let-in", 0)


def test_no_road_and_no_prize_are_told_as_such():
    lost, _ = _facts(a_day(a_pickup("a"), matrix=line(no_road={("hub", "a"), ("a", "hub")})))
    assert (lost.code, lost.remedy) == ("unreachable", "road")
    poor, facts = _facts(a_day(a_pickup("g", prize_fen=100)))
    assert poor.code == NOT_WORTH
    paid = a_day(a_pickup("g", prize_fen=facts["cost_fen"]))
    assert reasons_of(paid)[1] == ()


def test_a_shut_hub_is_a_matter_of_the_shift():
    day = a_day(a_pickup("g"), hubs=(Hub("hub", 0, 10 * HOUR),))
    routes, [reason] = reasons_of(day)
    assert reason.code == "shift"
    prove(day, routes, reason)


def test_the_clock_leaves_reasons_for_later_and_says_of_which():
    day = a_day(*(a_pickup(f"{at}", place="a", mass_kg=9_000) for at in range(9)))
    routes = insert_all(day)
    keys = judge(day, routes).unserved
    late = explain_all(day, routes, keys, until=0.0)
    assert late == tuple(Reason(key, UNEXAMINED) for key in keys)
    found = explain_all(day, routes, keys)
    assert tuple(each.stop for each in found) == keys
    assert {each.code for each in found} == {"capacity"}
    hasty = judged(day, routes, engine="greedy", until=0.0)
    assert hasty.reasons == late
    assert explained(day, hasty, until=time.monotonic() + 60).reasons == found
