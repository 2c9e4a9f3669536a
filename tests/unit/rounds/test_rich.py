"""What a day can ask for beyond one trip with one load: each rule against a figure by hand."""

import time
from dataclasses import replace

import pytest

from remelt.routing.evaluator import judge
from remelt.routing.incumbent import Incumbent
from remelt.routing.polish import polish
from remelt.routing.problem import Break, Hub, Stop, Visit, Window, electric_g_per_km
from remelt.routing.rounds import plan
from remelt.routing.search import Budget

from .world import HOUR, NAMES, a_day, a_pickup, a_truck, line

RELOAD = Visit("hub", "reload")


def _codes(day, **routes):
    return [(each.code, each.stop, each.excess) for each in judge(day, routes).violations]


def _round(day, *visits):
    return judge(day, {"truck": visits})


def _loads(*keys):
    return tuple(Visit(key, "load") for key in keys)


def test_a_truck_unloads_at_a_hub_and_goes_on():
    truck = a_truck(reloads=1, reload_at=("hub",))
    day = a_day(
        a_pickup("a", mass_kg=8_000),
        a_pickup("b", mass_kg=7_000),
        vehicles=[truck],
        hubs=(Hub("hub", service_s=1_800),),
    )
    whole = _round(day, Visit("a", "load"), RELOAD, Visit("b", "load"))
    [found] = whole.rounds
    assert whole.feasible
    assert [leg.load_kg for leg in found.legs] == [0, 8_000, 0, 7_000]
    assert found.distance_m == 10_000 * (1 + 1 + 2 + 2)
    assert found.return_s - found.depart_s == 60 * 60 + 600 + 1_800 + 600
    assert _codes(day, truck=_loads("a", "b")) == [
        ("capacity", "b", 5_000),
    ]


def test_a_delivery_after_a_reload_is_on_board_from_there():
    stops = [Stop(key, "delivery", key, 9_000, ready_s=12 * HOUR) for key in "ab"]
    day = a_day(*stops, vehicles=[a_truck(reloads=1, reload_at=("hub",))])
    whole = _round(day, Visit("a", "unload"), RELOAD, Visit("b", "unload"))
    [found] = whole.rounds
    assert whole.feasible
    assert [leg.load_kg for leg in found.legs] == [9_000, 0, 9_000, 0]
    assert found.depart_s == 12 * HOUR


def test_a_reload_must_be_allowed_and_cannot_part_a_pair():
    pair = Stop("p", "pair", "a", 1_000, to="b")
    day = a_day(pair)
    load, unload = pair.visits()
    assert _codes(day, truck=(load, unload, RELOAD)) == [
        ("no-reload", "hub", 0),
        ("no-reload", "", 1),
    ]
    able = replace(day, vehicles=(a_truck(reloads=1, reload_at=("hub",)),))
    assert _codes(able, truck=(load, RELOAD, unload)) == [("order", "p", 0)]


def test_every_size_of_a_load_has_its_bound():
    truck = a_truck(capacities=(5_000, 10))
    day = a_day(a_pickup("a", sizes=(3_000, 4)), a_pickup("b", sizes=(2_000, 7)), vehicles=[truck])
    assert _codes(day, truck=_loads("a", "b")) == [("capacity", "b", 1)]
    assert _codes(day, truck=_loads("a")) == []


@pytest.mark.parametrize(
    ("compartments", "feasible"),
    [((), False), ((5_000, 5_000), True), ((2_000, 8_000), True), ((1_000, 9_000), False)],
)
def test_families_that_quarrel_ride_in_compartments(compartments, feasible):
    day = a_day(
        a_pickup("a", family="al", mass_kg=2_000),
        a_pickup("b", family="pb", mass_kg=5_000),
        vehicles=[a_truck(compartments=compartments)],
        incompatible=frozenset({("al", "pb")}),
    )
    assert _round(day, *_loads("a", "b")).feasible is feasible


def test_families_that_quarrel_ride_one_after_the_other():
    day = a_day(
        a_pickup("a", family="al"),
        a_pickup("b", family="pb"),
        vehicles=[a_truck(reloads=1, reload_at=("hub",))],
        incompatible=frozenset({("al", "pb")}),
    )
    assert _round(day, Visit("a", "load"), RELOAD, Visit("b", "load")).feasible


def test_overtime_is_paid_and_bounded():
    # g is 70 km off: 140 min on the road and 10 min of loading
    day = a_day(
        a_pickup("g"),
        vehicles=[a_truck(regular_s=7_200, overtime_s=1_800, fen_per_overtime_hour=6_000)],
    )
    found = _round(day, Visit("g", "load"))
    assert found.feasible
    assert found.cost_fen == 20_000 + 140 * 300 + 10_000 + 3_000
    short = replace(day, vehicles=(a_truck(regular_s=7_200, overtime_s=1_700),))
    assert _codes(short, truck=_loads("g")) == [("hours", "", 100)]


def test_an_electric_truck_has_a_range_and_the_footprint_of_its_power():
    empty = electric_g_per_km(wh_per_km=1_000, g_per_kwh=600)
    full = electric_g_per_km(wh_per_km=1_500, g_per_kwh=600)
    truck = a_truck(energy="electric", range_m=139_000, empty_g_per_km=empty, full_g_per_km=full)
    day = a_day(a_pickup("g", mass_kg=5_000), vehicles=[truck])
    found = _round(day, Visit("g", "load"))
    assert [(each.code, each.excess) for each in found.violations] == [("range", 1_000)]
    assert found.co2e_g == 70 * 600 + 70 * 750


def test_carbon_has_a_price():
    day = a_day(a_pickup("a", mass_kg=5_000))
    free, priced = (
        _round(replace(day, fen_per_kg_co2e=price), Visit("a", "load")) for price in (0, 100)
    )
    # 10 km at 600 g and 10 km at 750 g: 13.5 kg
    assert priced.cost_fen - free.cost_fen == 1_350


@pytest.mark.parametrize(
    ("pause", "codes", "home_later_s"),
    [
        (Break(9 * HOUR, 9 * HOUR + 600, 1_800), [], 1_800),  # on the way
        (Break(11 * HOUR + 1_800, 18 * HOUR, 1_800), [], 0),  # home before
        (Break(8 * HOUR, 8 * HOUR + 1_800, 1_800), [], 0),  # before it leaves
        (Break(10 * HOUR + 700, 10 * HOUR + 800, 900), ["window"], 1_000),  # it falls into loading
    ],
)
def test_a_driver_rests_when_the_law_says(pause, codes, home_later_s):
    # out at 9:00 to be at g at 10:10; loading until 10:20, home at 11:30
    until = 10 * HOUR + 600 if codes else 12 * HOUR
    stop = a_pickup("g", windows=(Window(10 * HOUR + 600, until),))
    day = a_day(stop, vehicles=[a_truck(shift_start_s=9 * HOUR, breaks=(pause,))])
    found = _round(day, Visit("g", "load"))
    assert [each.code for each in found.violations] == codes
    assert found.rounds[0].return_s == 11 * HOUR + 1_800 + home_later_s


def test_rests_told_in_another_order_are_taken_all_the_same():
    # out at 8:00, at a at 8:10, home at 8:30: the first rest is due on the way, the last never
    first, last = Break(8 * HOUR, 8 * HOUR + 300, 1_800), Break(16 * HOUR, 17 * HOUR, 1_800)
    stop = a_pickup(windows=(Window(8 * HOUR, 8 * HOUR + 900),))
    for breaks in ((first, last), (last, first)):
        found = _round(a_day(stop, vehicles=[a_truck(breaks=breaks)]), Visit("a", "load"))
        assert [each.code for each in found.violations] == ["window"]


def test_more_docks_than_trucks_are_docks_enough():
    stop, hub = a_pickup(), Hub("hub", docks=10**12, service_s=600)
    day = a_day(stop, hubs=(hub,))
    free = a_day(stop, hubs=(replace(hub, docks=0),))
    one, other = (_round(each, Visit("a", "load")).rounds[0].return_s for each in (day, free))
    assert one == other


def test_a_rest_while_waiting_costs_no_time():
    stop = a_pickup("a", windows=(Window(8 * HOUR, 8 * HOUR + 900), Window(12 * HOUR, 13 * HOUR)))
    far = a_pickup("c", service_s=HOUR)
    truck = a_truck(breaks=(Break(10 * HOUR, 11 * HOUR, 1_800),))
    rests = _round(a_day(far, stop, vehicles=[truck]), *_loads("c", "a"))
    works = _round(a_day(far, stop, vehicles=[a_truck()]), *_loads("c", "a"))
    assert rests.feasible
    assert rests.rounds[0].return_s == works.rounds[0].return_s


def test_vehicles_queue_for_a_dock():
    trucks = [a_truck(key=key) for key in ("t1", "t2", "t3")]
    day = a_day(
        *(a_pickup(key, place="a") for key in "abc"),
        vehicles=trucks,
        hubs=(Hub("hub", docks=1, service_s=1_200),),
    )
    routes = {car.key: _loads(key) for car, key in zip(trucks, "abc", strict=True)}
    homes = [each.return_s for each in judge(day, routes).rounds]
    first = homes[0]
    assert homes == [first, first + 1_200, first + 2_400]
    two = replace(day, hubs=(Hub("hub", docks=2, service_s=1_200),))
    assert [each.return_s - first for each in judge(two, routes).rounds] == [0, 0, 1_200]


@pytest.mark.parametrize("shift", [0, 3])
def test_the_order_of_stops_and_a_moved_map_change_nothing(shift):
    names = ("x",) * shift + ("hub", "a", "b", "c", "d", "e", "f", "g", "smelter")
    names = tuple(f"{name}{at}" if name == "x" else name for at, name in enumerate(names))
    stops = [a_pickup(key) for key in "abc"]
    plain = a_day(*stops)
    moved = a_day(*reversed(stops), matrix=line(names=names))
    routes = {"truck": _loads("b", "c", "a")}
    one, other = judge(plain, routes), judge(moved, routes)
    assert one.rounds == other.rounds
    assert one.rank == other.rank


def test_doubled_prices_double_the_cost_and_a_wider_window_harms_nobody():
    day = a_day(a_pickup("a", windows=(Window(9 * HOUR, 10 * HOUR),)), a_pickup("c"))
    truck = day.vehicles[0]
    dear = replace(
        truck,
        fixed_fen=2 * truck.fixed_fen,
        fen_per_km=2 * truck.fen_per_km,
        fen_per_hour=2 * truck.fen_per_hour,
    )
    routes = {"truck": _loads("c", "a")}
    was = judge(day, routes)
    assert abs(judge(replace(day, vehicles=(dear,)), routes).cost_fen - 2 * was.cost_fen) <= 1
    wide = replace(day, stops=(a_pickup("a"), a_pickup("c")))
    assert judge(wide, routes).feasible
    assert judge(wide, routes).cost_fen <= was.cost_fen
    more = replace(day, vehicles=(truck, replace(truck, key="second")))
    assert judge(more, routes).rank == was.rank


def test_work_comes_out_even_where_the_square_of_the_hours_counts():
    """Eight loads for two drivers: one drives them all, unless long rounds are dear."""
    stops = [
        a_pickup(f"{at}", place=NAMES[1 + at % 4], mass_kg=1_000, service_s=1_800)
        for at in range(8)
    ]
    cars = [a_truck(key=key, fen_per_hour=0) for key in ("one", "two")]
    alone = plan(a_day(*stops, vehicles=cars), seed=1, deadline_s=60, effort=300)
    assert len(alone.verdict.rounds) == 1
    dear = [replace(car, fen_per_hour_squared=4_000) for car in cars]
    even = plan(a_day(*stops, vehicles=dear), seed=1, deadline_s=60, effort=300)
    assert even.engine in {"greedy", "pyvrp", "pyvrp+ortools"}
    hours = sorted((each.return_s - each.depart_s) / HOUR for each in even.verdict.rounds)
    assert even.verdict.unserved == ()
    assert len(hours) == 2
    assert hours[1] - hours[0] <= 0.75  # a stop and the way to it, more or less


def test_the_polish_evens_rounds_from_a_warm_start():
    stops = [a_pickup(f"{at}", place="abcd"[at % 4], mass_kg=500) for at in range(8)]
    cars = [a_truck(key=key, fen_per_hour_squared=40_000) for key in ("one", "two")]
    day = a_day(*stops, vehicles=cars)
    first = {"one": _loads(*(stop.key for stop in stops[:7])), "two": _loads("7")}
    best = Incumbent(day, first, engine="known")
    was = best.verdict.cost_fen
    polish(best, seed=1, budget=Budget(time.monotonic() + 60, looks=2_000))
    assert best.verdict.cost_fen < was
