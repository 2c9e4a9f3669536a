"""The search over trips: what it calls feasible and what it calls a cost, the judge does too."""

import random
from dataclasses import replace

import pytest

from remelt.routing import choice
from remelt.routing.dear import lost_fen
from remelt.routing.evaluator import judge
from remelt.routing.insertion import insert_all
from remelt.routing.problem import Break, Hub, Problem, Stop, Window
from remelt.routing.rounds import plan
from remelt.routing.trips.day import fits
from remelt.routing.trips.ready import warm
from remelt.routing.trips.search import Search, first_routes

from .world import HOUR, NAMES, a_day, a_pickup, a_truck, line

FAMILIES = ("al", "cu", "pb")
QUARRELS = frozenset({("al", "cu"), ("al", "pb"), ("cu", "pb")})
TRUCKS = {
    "plain": {},
    "reload": {"reloads": 2, "reload_at": ("hub", "smelter")},
    "rests": {"breaks": (Break(9 * HOUR, 10 * HOUR, 1_800), Break(11 * HOUR, 13 * HOUR, 900))},
    "overtime": {"regular_s": 4 * HOUR, "overtime_s": 2 * HOUR, "fen_per_overtime_hour": 6_000},
    "electric": {"energy": "electric", "range_m": 190_000},
    "litres": {"capacities": (5_000, 12)},
    "short": {"shift_start_s": 9 * HOUR, "shift_end_s": 13 * HOUR},
}


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    warm()


def a_rich_day(seed, truck, *, price=0, quarrel=True):
    """Twelve loads to fetch and to bring, some with two windows, some not ready at once."""
    dice = random.Random(seed)
    stops = []
    for at in range(12):
        kind = dice.choice(["pickup", "pickup", "delivery"])
        windows = dice.choice(
            [
                (Window(0, 20 * HOUR),),
                (Window(9 * HOUR, 11 * HOUR),),
                (Window(8 * HOUR, 9 * HOUR), Window(12 * HOUR, 14 * HOUR)),
            ]
        )
        stops.append(
            Stop(
                f"s{at}",
                kind,
                dice.choice(NAMES[1:8]),
                dice.randrange(500, 6_000),
                windows=windows,
                service_s=dice.choice([0, 600, 1_200]),
                family=dice.choice(FAMILIES),
                sizes=(dice.randrange(3_000), dice.randrange(6)),
                ready_s=dice.choice([0, 0, 9 * HOUR]) if kind == "delivery" else 0,
                vehicles=dice.choice([None, None, None, frozenset({"t0", "t1"})]),
                prize_fen=dice.choice([None, None, None, 8_000]),
            )
        )
    fleet = [a_truck(key=f"t{at}", **truck) for at in range(3)]
    fleet.append(a_truck(key="far", start="smelter", end="hub", fen_per_km=200, **truck))
    return Problem(
        matrix=line(no_road={("hub", "g")}),
        stops=tuple(stops),
        vehicles=tuple(fleet),
        hubs=(Hub("hub", 7 * HOUR, 17 * HOUR, service_s=900),),
        incompatible=QUARRELS if quarrel else frozenset(),
        fen_per_kg_co2e=price,
    )


@pytest.mark.parametrize("truck", TRUCKS.values(), ids=TRUCKS)
@pytest.mark.parametrize("seed", range(6))
def test_the_search_and_the_judge_agree_on_every_rule(seed, truck):
    day = a_rich_day(seed, truck, price=seed % 2 * 500, quarrel=seed % 3 > 0)
    search = Search(day, {}, seed=seed)
    dear = lost_fen(day)
    for _ in range(8):
        search.turn(40, hot=5_000.0, cold=500.0)
        found = judge(day, search.routes())
        assert found.violations == ()
        assert search.cost % dear == pytest.approx(found.cost_fen, abs=3 * len(found.rounds) + 3)
        assert round(search.cost // dear) == found.missing


@pytest.mark.parametrize("truck", TRUCKS.values(), ids=TRUCKS)
def test_what_is_known_is_where_the_search_begins(truck):
    day = a_rich_day(7, truck)
    known = insert_all(day)
    was = judge(day, known)
    search = Search(day, known, seed=1)
    assert search.routes() == known
    assert search.cost % lost_fen(day) == pytest.approx(was.cost_fen, abs=10)
    search.turn(400, hot=3_000.0, cold=30.0)
    assert judge(day, search.routes()).rank <= was.rank


def test_a_line_that_breaks_a_rule_is_never_its_best():
    day = a_day(a_pickup("a", mass_kg=8_000), a_pickup("b", mass_kg=8_000))
    broken = {"truck": tuple(each.visits()[0] for each in day.stops)}
    search = Search(day, broken, seed=1)
    search.turn(50, hot=100.0, cold=1.0)
    found = judge(day, search.routes())
    assert found.feasible
    assert found.missing == 1


def test_pairs_and_parted_bodies_are_left_to_others():
    assert fits(a_day(a_pickup("a")))
    assert not fits(a_day(Stop("p", "pair", "a", 1, to="b")))
    parted = a_day(
        a_pickup("a", family="al"),
        vehicles=[a_truck(compartments=(5_000, 5_000))],
        incompatible=QUARRELS,
    )
    assert not fits(parted)


def test_the_same_seed_gives_the_same_routes():
    day = a_rich_day(3, TRUCKS["reload"])
    one, two = (plan(day, seed=5, deadline_s=60, effort=60) for _ in range(2))
    assert one == two
    assert one.engine in {"greedy", "ruin and recreate over trips"}


def test_load_carried_far_costs_what_the_judge_says():
    day = a_rich_day(2, {"empty_g_per_km": 500, "full_g_per_km": 2_000}, price=5_000)
    day = replace(day, stops=tuple(replace(s, prize_fen=None) for s in day.stops))
    first = judge(day, first_routes(day))
    found = plan(day, seed=1, deadline_s=30, effort=100).verdict
    assert found.feasible
    assert found.rank <= first.rank


def test_trucks_that_queue_for_one_dock_bring_everything():
    fleet = [a_truck(key=f"t{at}", capacity_kg=50_000) for at in range(5)]
    stops = [a_pickup(f"{at}", place="ab"[at % 2], service_s=HOUR) for at in range(24)]
    day = a_day(*stops, vehicles=fleet)
    crowded = replace(day, hubs=(Hub("hub", docks=1, service_s=5_400),))
    unaware, aware = (Search(each, {}, seed=1) for each in (day, crowded))
    for search in (unaware, aware):
        search.turn(300, hot=5_000.0, cold=50.0)
    assert not judge(crowded, unaware.routes()).feasible
    found = judge(crowded, aware.routes())
    assert found.feasible
    assert found.missing == 0


def test_trucks_that_unload_on_the_way_at_a_crowded_dock_leave_nothing_behind():
    """Nobody but the judge knows that queue; where it throws stops out, all unload once."""
    dice = random.Random(2)
    fleet = [
        a_truck(key=f"t{at}", capacity_kg=9_000, reloads=2, reload_at=("hub",)) for at in range(7)
    ]
    stops = []
    for at in range(50):
        place, kg = NAMES[1 + dice.randrange(4)], dice.randrange(400, 1_500)
        stops.append(a_pickup(f"{at}", place=place, mass_kg=kg))
    dock = Hub("hub", closes_s=18 * HOUR, docks=1, service_s=5_400)
    found = plan(a_day(*stops, vehicles=fleet, hubs=(dock,)), seed=1, deadline_s=60, effort=120)
    assert found.verdict.feasible
    assert found.verdict.unserved == ()


def test_a_day_cut_into_cells_tells_who_searched_them(monkeypatch):
    monkeypatch.setattr(choice, "WHOLE", 10)
    monkeypatch.setattr(choice, "MOST_WHOLE", 0)
    day = a_rich_day(5, TRUCKS["plain"])
    found = plan(day, seed=1, deadline_s=20, effort=200, processes=1)
    assert found.engine in {"greedy", choice.TRIPS}
    assert found.verdict.feasible
