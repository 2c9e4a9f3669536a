"""Changes in the day: what is driven stays, the judge accepts the rest, and two plans compare."""

import random
import statistics
import time
from dataclasses import replace

import pytest

from remelt.routing.changes import Arrival, Moved, as_of, compare, drop, insert, lose
from remelt.routing.evaluator import judge, judge_round
from remelt.routing.insertion import candidates, insert_all
from remelt.routing.legs import Legs
from remelt.routing.problem import BadProblem, Stop, Visit, Window

from .test_trips import TRUCKS, a_rich_day
from .world import HOUR, a_day, a_pickup, a_truck


def _two_trucks(*stops, **more):
    return a_day(*stops, vehicles=[a_truck(key="t1"), a_truck(key="t2")], **more)


def _loads(*keys):
    return tuple(Visit(key, "load") for key in keys)


def _timeline(problem, routes, vehicle):
    [found] = [each for each in judge(problem, routes).rounds if each.vehicle == vehicle]
    return found


def test_an_urgent_stop_goes_where_it_costs_least():
    day = _two_trucks(a_pickup("a"), a_pickup("g"))
    routes = {"t1": _loads("a"), "t2": _loads("g")}
    change = insert(as_of(day, routes, now_s=0), a_pickup("x", place="f"))
    assert change.changed == ("t2",)
    assert judge(change.problem, change.routes).feasible
    assert change.routes["t1"] == routes["t1"]
    assert [visit.stop for visit in change.routes["t2"]] in (["x", "g"], ["g", "x"])


@pytest.mark.parametrize("seed", range(8))
def test_the_cheapest_place_is_the_cheapest_of_all(seed):
    dice = random.Random(seed)
    day = a_rich_day(seed, TRUCKS["reload"] if seed % 2 else TRUCKS["plain"])
    day = replace(day, stops=tuple(replace(s, ready_s=0, prize_fen=None) for s in day.stops))
    urgent = replace(dice.choice(day.stops), key="urgent")
    routes = insert_all(day)
    change = insert(as_of(day, routes, now_s=0), urgent)
    best = None
    for car in change.problem.vehicles:
        before = routes.get(car.key, ())
        was = judge_round(day, car, before).cost_fen if before else 0
        for visits in candidates(before, urgent, car):
            judged = judge_round(change.problem, car, visits)
            if not judged.violations:
                added = judged.cost_fen - was
                best = added if best is None else min(best, added)
    if best is None:
        assert [each.stop for each in change.left] == ["urgent"]
        return
    more = judge(change.problem, change.routes).cost_fen - judge(day, routes).cost_fen
    assert best <= more <= 1.1 * best + 100


def test_what_is_driven_is_not_touched_and_keeps_its_times():
    day = _two_trucks(a_pickup("a"), a_pickup("c"), a_pickup("g"))
    routes = {"t1": _loads("a", "c", "g")}
    before = _timeline(day, routes, "t1")
    now = before.calls[1].begin_s + 60
    standing = as_of(day, routes, now_s=now)
    assert standing.frozen == {"t1": 2}
    assert standing.done["t1"] == frozenset(_loads("a", "c"))
    change = insert(standing, a_pickup("x", place="b"))
    after = _timeline(change.problem, change.routes, change.changed[0])
    assert after.calls[-1].begin_s > now
    again = _timeline(change.problem, change.routes, "t1")
    assert [c.begin_s for c in again.calls[:2]] == [c.begin_s for c in before.calls[:2]]
    assert again.depart_s == before.depart_s
    assert [v.stop for v in change.routes["t1"]][:2] == ["a", "c"]


def test_nothing_is_put_on_a_leg_that_has_begun():
    day = a_day(a_pickup("g"))
    routes = {"truck": _loads("g")}
    out = _timeline(day, routes, "truck")
    on_the_way = as_of(day, routes, now_s=out.depart_s + 60)
    assert on_the_way.frozen == {"truck": 1}
    change = insert(on_the_way, a_pickup("x", place="a"))
    assert [v.stop for v in change.routes["truck"]] == ["g", "x"]
    home = as_of(day, routes, now_s=out.return_s - 60)
    refused = insert(home, a_pickup("y", place="a"))
    assert refused.changed == ()
    assert refused.left[0].remedy == "another-vehicle"


def test_a_delivery_cannot_be_loaded_on_a_truck_that_has_left():
    day = _two_trucks(a_pickup("g"))
    routes = {"t1": _loads("g")}
    gone = as_of(day, routes, now_s=_timeline(day, routes, "t1").depart_s + 60)
    assert insert(gone, Stop("x", "delivery", "a", 1_000)).changed == ("t2",)


def test_a_stop_is_dropped_and_one_that_is_loaded_is_not():
    day = _two_trucks(a_pickup("a"), a_pickup("g"))
    routes = {"t1": _loads("a", "g")}
    standing = as_of(day, routes, now_s=0)
    change = drop(standing, "g")
    assert change.routes == {"t1": _loads("a")}
    assert not change.problem.knows("g")
    loaded = as_of(day, routes, now_s=_timeline(day, routes, "t1").calls[0].begin_s)
    with pytest.raises(BadProblem, match="begun"):
        drop(loaded, "a")
    with pytest.raises(BadProblem, match="unknown-stop"):
        drop(standing, "nothing")


def test_a_lost_truck_is_relieved_of_what_it_has_not_loaded():
    day = _two_trucks(a_pickup("a"), a_pickup("c"), a_pickup("g"), a_pickup("b", mass_kg=9_500))
    routes = {"t1": _loads("a", "c", "g"), "t2": _loads("b")}
    before = _timeline(day, routes, "t1")
    standing = as_of(day, routes, now_s=before.calls[0].begin_s + 1)
    change = lose(standing, "t1")
    assert change.routes["t1"] == _loads("a")
    assert change.stranded == ("a",)
    assert _timeline(change.problem, change.routes, "t1").legs[-1].end == "a"
    served = {visit.stop for visit in change.routes["t2"]}
    assert {each.stop for each in change.left} == {"c", "g"} - served
    assert change.left
    assert judge(change.problem, change.routes).violations == ()
    at_home = lose(as_of(day, routes, now_s=0), "t1")
    assert "t1" not in at_home.routes
    assert at_home.stranded == ()


def test_what_is_on_board_a_lost_truck_is_stranded():
    stops = [Stop("out", "delivery", "g", 1_000), a_pickup("c")]
    day = _two_trucks(*stops)
    routes = {"t1": (Visit("c", "load"), Visit("out", "unload"))}
    gone = as_of(day, routes, now_s=_timeline(day, routes, "t1").depart_s + 1)
    change = lose(gone, "t1")
    assert change.stranded == ("out",)
    assert change.routes == {"t2": _loads("c")}


def test_what_was_collected_is_stranded_until_it_is_unloaded():
    reload = Visit("hub", "reload")
    day = _two_trucks(*(a_pickup(key) for key in "abcd"))
    truck = a_truck(key="t1", reloads=2, reload_at=("hub",))
    day = replace(day, vehicles=(truck, day.vehicles[1]))
    routes = {"t1": (*_loads("a"), reload, *_loads("b", "c"), reload, *_loads("d"))}
    out = _timeline(day, routes, "t1")
    on_board = [(), ("a",), (), ("b",), ("b", "c"), (), ("d",)]
    for at, expected in enumerate(on_board):
        moment = out.calls[at - 1].begin_s if at else out.depart_s
        change = lose(as_of(day, routes, now_s=moment), "t1")
        assert change.stranded == expected
        kept = change.routes.get("t1", ())
        assert kept == routes["t1"][:at]
        assert judge(change.problem, change.routes).violations == ()
        served = {visit.stop for visit in change.routes.get("t2", ())}
        rest = {v.stop for v in routes["t1"][at:] if v.action == "load"}
        assert served | {each.stop for each in change.left} == rest
    home = lose(as_of(day, routes, now_s=out.return_s), "t1")
    assert (home.stranded, home.routes["t1"]) == ((), routes["t1"])
    assert _timeline(home.problem, home.routes, "t1").legs[-1].end == "hub"


def test_a_pair_on_board_a_lost_truck_is_stranded_where_the_truck_stands():
    day = _two_trucks(Stop("p", "pair", "b", 1_000, to="f"), Stop("q", "pair", "c", 1_000, to="g"))
    routes = {
        "t1": (
            Visit("p", "load"),
            Visit("q", "load"),
            Visit("p", "unload"),
            Visit("q", "unload"),
        )
    }
    out = _timeline(day, routes, "t1")
    change = lose(as_of(day, routes, now_s=out.calls[2].begin_s), "t1")
    assert change.stranded == ("q",)
    assert judge(change.problem, change.routes).violations == ()
    assert _timeline(change.problem, change.routes, "t1").legs[-1].end == "f"
    early = lose(as_of(day, routes, now_s=out.calls[0].begin_s), "t1")
    assert early.stranded == ("p",)
    assert [visit.stop for visit in early.routes["t2"]] == ["q", "q"]


def test_two_plans_stand_side_by_side():
    day = _two_trucks(a_pickup("a"), a_pickup("g"))
    was, now = {"t1": _loads("a", "g")}, {"t1": _loads("a"), "t2": _loads("g")}
    told = compare(day, was, now)
    assert told.was.cost_fen == judge(day, was).cost_fen
    assert told.now.distance_m == judge(day, now).distance_m
    assert (told.was.rounds, told.now.rounds, told.now.served) == (1, 2, 2)
    assert told.moved == (Moved("g", "t1", "t2"),)
    begins = [
        _timeline(day, each, car).calls[-1].begin_s for each, car in ((was, "t1"), (now, "t2"))
    ]
    assert Arrival("g", *begins) in told.arrivals or begins[0] == begins[1]
    same = compare(day, was, was)
    assert (same.moved, same.arrivals) == ((), ())
    gone = compare(day, was, {"t1": _loads("a")})
    assert gone.moved == (Moved("g", "t1", None),)


def test_bad_urgent_stops_are_named():
    day = a_day(a_pickup("a"))
    standing = as_of(day, {}, now_s=0)
    with pytest.raises(BadProblem, match="named-twice"):
        insert(standing, a_pickup("a"))
    with pytest.raises(BadProblem, match="unknown-place"):
        insert(standing, a_pickup("x", place="moon"))
    legs = Legs(standing.problem, standing.routes)
    insert(standing, a_pickup("x", place="b"), legs=legs)
    with pytest.raises(BadProblem, match="named-twice"):
        insert(standing, a_pickup("x", place="b"), legs=legs)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"mass_kg": -5}, "negative-load"),
        ({"mass_kg": 1.5}, "negative-load"),
        ({"service_s": -1}, "negative-service"),
        ({"windows": ()}, "no-window"),
        ({"windows": (Window(9 * HOUR, 3 * HOUR),)}, "closes-before-it-opens"),
        ({"windows": (Window(-1, HOUR),)}, "bad-time"),
        ({"kind": "pair"}, "pair-without-place"),
        ({"prize_fen": -1}, "negative-cost"),
    ],
)
def test_an_urgent_stop_that_contradicts_itself_is_refused(changes, code):
    standing = as_of(a_day(a_pickup("a")), {}, now_s=0)
    with pytest.raises(BadProblem, match=code):
        insert(standing, a_pickup("x", **{"place": "b"} | changes))


def test_a_moment_after_the_shift_leaves_no_truck():
    day = a_day(a_pickup("a"))
    change = insert(as_of(day, {}, now_s=20 * HOUR), a_pickup("x", place="b"))
    assert [each.code for each in change.left] == ["shift"]


def test_a_hundred_urgent_lots_are_placed_in_a_blink():
    count = 600
    dice = random.Random(1)
    stops = [
        a_pickup(f"s{at}", place=dice.choice("abcdefg"), mass_kg=50, service_s=60)
        for at in range(count)
    ]
    day = a_day(*stops, vehicles=[a_truck(key=f"t{at}") for at in range(60)])
    keys = [stop.key for stop in stops]
    routes = {f"t{at}": _loads(*keys[at * 12 : at * 12 + 12]) for at in range(count // 12)}
    standing = as_of(day, routes, now_s=0)
    legs, took = Legs(standing.problem, routes), []
    for at in range(100):
        urgent = a_pickup(f"u{at}", place=dice.choice("abcdefg"), windows=(Window(0, 16 * HOUR),))
        began = time.perf_counter()
        change = insert(standing, urgent, legs=legs)
        took.append(time.perf_counter() - began)
        assert change.left == ()
    assert judge(change.problem, change.routes).feasible
    assert statistics.median(took) < 0.25  # a crowded machine; the benchmark holds it to 0.1 s
