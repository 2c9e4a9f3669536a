"""The compiled search: what it finds stands before the judge, to the fen."""

import random
import time
from dataclasses import replace

import numpy as np
import pytest

from remelt.routing.book import Book
from remelt.routing.dear import lost_fen
from remelt.routing.evaluator import judge
from remelt.routing.field import Plane, globe
from remelt.routing.matrix import Known, Matrix, Place
from remelt.routing.problem import BadProblem, Hub, Problem, Stop, Vehicle, Window
from remelt.routing.rounds import plan
from remelt.routing.ruins import distances, search
from remelt.routing.ruins.near import nearest
from remelt.routing.ruins.ready import ready, warm
from remelt.routing.ruins.search import Ruins, ruin_and_recreate
from remelt.routing.ruins.state import NOT_ALONE
from remelt.routing.ruins.translate import understood
from remelt.routing.search import Budget

HOUR = 3600


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """Compile the search where that has not been done: half a minute, once for each source."""
    warm()
    assert ready()


def a_day(seed: int, *, count: int = 40, trucks: int = 12, roads: str = "globe") -> Problem:
    """Two hubs, two kinds of trucks with fixed and hourly costs, windows, prizes and bars."""
    dice = random.Random(seed)
    kind = dice.choice(["pickup", "delivery"])
    keys = [*(f"hub{at}" for at in range(2)), *(f"p{at}" for at in range(count))]
    spots = [(dice.uniform(26.2, 27.4), dice.uniform(106.2, 107.4)) for _ in keys]
    stops = tuple(
        Stop(
            f"s{at}",
            kind,
            f"p{at}",
            dice.randint(100, 1_500),
            windows=(dice.choice([Window(8 * HOUR, 12 * HOUR), Window(0, 24 * HOUR)]),),
            service_s=dice.choice([300, 900]),
            prize_fen=dice.choice([None, None, 5_000]),
            vehicles=dice.choice([None, None, None, frozenset({"v0", "v1", "v3"})]),
        )
        for at in range(count)
    )
    cars = tuple(
        Vehicle(
            key=f"v{at}",
            capacity_kg=4_000 if at % 3 else 9_000,
            start=f"hub{at % 2}",
            end=f"hub{at % 2}",
            fixed_fen=20_000 + 10_000 * (at % 3),
            fen_per_km=250 if at % 3 else 400,
            fen_per_hour=dice.choice([0, 4_000]),
            regular_s=dice.choice([None, 7 * HOUR]),
        )
        for at in range(trucks)
    )
    if roads == "plane":
        points = np.array(spots) * [111_000, 99_000]
        return Problem(Plane(tuple(keys), points - points.min(axis=0)), stops, cars)
    places = [
        Place(key, round(lat * 1e6), round(lon * 1e6))
        for key, (lat, lon) in zip(keys, spots, strict=True)
    ]
    hubs = (Hub("hub0", 7 * HOUR, 19 * HOUR),)
    return Problem(told(places, dice) if roads == "told" else globe(places), stops, cars, hubs)


def told(places: list[Place], dice: random.Random) -> Book:
    """Roads of which somebody knows many better: longer one way, quicker, or none at all."""
    book = Book(globe(places))
    book.learn(
        {
            (one.key, other.key): Known(
                dice.choice([None, 3_000, 60_000]), dice.choice([None, 600, 7_200]), "measured"
            )
            for one in places
            for other in dice.sample(places, 12)
            if one is not other
        }
    )
    return book


def looked(day: Problem, *, seed: int = 1, looks: int = 6_000, workers: int = 1) -> Ruins:
    """Return a search after so many looks."""
    found = Ruins(day, seed=seed, workers=workers)
    found.begin()
    found.run(Budget(time.monotonic() + 60, looks=looks))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_the_judge_finds_the_same_cost_and_no_fault(seed):
    day = a_day(seed, trucks=4 + seed % 8)
    day = replace(day, matrix=day.matrix.table())
    assert understood(day)
    found = looked(day)
    verdict = judge(day, found.routes())
    assert verdict.violations == ()
    told = verdict.cost_fen + lost_fen(day) * verdict.missing
    assert found.cost == pytest.approx(told, abs=len(verdict.rounds) + 1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("roads", ["globe", "plane", "told"])
def test_without_a_table_it_is_right_to_a_second_a_leg(seed, roads, monkeypatch):
    monkeypatch.setattr(distances, "TABLED", 10)
    day = a_day(seed, roads=roads)
    assert understood(day)
    found = looked(day)
    verdict = judge(day, found.routes())
    assert verdict.violations == ()
    cost = verdict.cost_fen + lost_fen(day) * verdict.missing
    assert found.cost == pytest.approx(cost, rel=1e-3)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_and_effort_give_the_same_plan(workers, monkeypatch):
    monkeypatch.setattr(search, "SHARED", 10)
    day = a_day(5, count=80, trucks=20)
    one, two, other = (looked(day, seed=seed, workers=workers).routes() for seed in (3, 3, 4))
    assert one == two
    assert one != other


def test_two_workers_find_what_stands_before_the_judge(monkeypatch):
    monkeypatch.setattr(search, "SHARED", 10)
    day = a_day(8, count=150, trucks=30)
    begun = Ruins(day, seed=1)
    begun.begin()
    found = looked(day, looks=20_000, workers=2)
    verdict = judge(day, found.routes())
    assert verdict.violations == ()
    assert verdict.rank < judge(day, begun.routes()).rank


def test_known_routes_are_only_bettered():
    day = replace(a_day(2), matrix=a_day(2).matrix.table())
    known = looked(day, looks=500).routes()
    budget = Budget(time.monotonic() + 60, looks=500)
    found = ruin_and_recreate(day, seed=9, budget=budget, routes=known)
    assert judge(day, found).rank <= judge(day, known).rank


def test_no_round_takes_a_road_that_is_not_there():
    day = a_day(3, count=12)
    metres, seconds = day.matrix.block(range(14))
    metres[2:6, 6:] = metres[0, 2] = metres[1, 2] = -1
    roads = Matrix(day.matrix.keys, metres, seconds, 0 * metres, ("ruler",))
    found = looked(replace(day, matrix=roads))
    assert judge(replace(day, matrix=roads), found.routes()).violations == ()


def test_stops_that_nobody_can_serve_are_left_out():
    day = a_day(1, count=10)
    heavy = replace(day.stops[0], mass_kg=50_000)
    day = replace(day, stops=(heavy, *day.stops[1:]))
    found = looked(day)
    assert (found.sheet.day.alone.min(axis=1) >= NOT_ALONE).sum() == 1
    assert heavy.key in judge(day, found.routes()).unserved


def test_the_nearest_are_those_a_full_look_finds():
    dice = np.random.default_rng(1)
    points = np.concatenate((dice.normal(size=(200, 2)), 9 + dice.normal(size=(99, 2)) / 50))
    _, far = nearest(points, most=15)
    apart = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    assert np.allclose(np.sort(apart, axis=1)[:, 1:16], far)
    alike, _ = nearest(np.zeros((4, 2)), most=9)
    assert [sorted(row) for row in alike.tolist()] == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]


def test_a_plan_is_found_by_it_and_by_others_until_it_is_compiled(monkeypatch):
    day = a_day(4)
    assert plan(day, seed=1, deadline_s=9, effort=20).engine == "ruin and recreate"
    monkeypatch.setattr("remelt.routing.ruins.ready.ready", lambda: False)
    monkeypatch.setattr("remelt.routing.trips.ready.ready", lambda: False)
    assert plan(day, seed=1, deadline_s=9, effort=20).engine in {"greedy", "pyvrp"}


@pytest.mark.parametrize(
    "change",
    [
        {"reloads": 1, "reload_at": ("hub0",)},
        {"range_m": 90_000},
        {"regular_s": HOUR, "overtime_s": HOUR},
    ],
)
def test_what_it_does_not_know_is_left_to_others(change):
    day = a_day(1)
    assert not understood(replace(day, vehicles=(replace(day.vehicles[0], **change),)))
    mixed = (replace(day.stops[0], kind="pickup"), replace(day.stops[1], kind="delivery"))
    assert not understood(replace(day, stops=mixed))


def test_it_stops_when_asked():
    asked = []
    budget = Budget(time.monotonic() + 60, stopped=lambda: asked.append(1) or len(asked) > 5)
    began = time.monotonic()
    routes = ruin_and_recreate(a_day(6), seed=1, budget=budget)
    assert time.monotonic() - began < 5
    assert judge(a_day(6), routes).violations == ()


def a_yard(*, trucks: int = 12, count: int = 50, service_s: int = 0, **changes) -> Problem:
    """Loads around one hub, all to be fetched, by trucks that are alike."""
    dice = np.random.default_rng(7)
    points = np.vstack((np.zeros((1, 2)), dice.uniform(-900, 900, size=(count, 2))))
    keys = ("hub0", *(f"p{at}" for at in range(count)))
    stops = tuple(
        Stop(f"s{at}", "pickup", f"p{at}", 400, windows=(Window(0, 10**9),), service_s=service_s)
        for at in range(count)
    )
    car = {"capacity_kg": 4_000, "start": "hub0", "end": "hub0"} | changes
    cars = tuple(Vehicle(key=f"v{at}", **car) for at in range(trucks))
    return Problem(Plane(keys, points).table(), stops, cars)


def test_trucks_that_queue_for_one_dock_bring_everything():
    day = a_yard(count=28, capacity_kg=9_000, fixed_fen=20_000, service_s=3_000)
    crowded = replace(day, hubs=(Hub("hub0", docks=1, service_s=2 * HOUR),))
    assert not judge(crowded, looked(day, looks=2_000).routes()).feasible
    verdict = judge(crowded, looked(crowded, looks=2_000).routes())
    assert verdict.feasible
    assert verdict.missing == 0


def test_hours_are_paid_however_long_the_shift_is():
    shift = {"shift_start_s": 0, "shift_end_s": 2 * 10**7}
    day = a_yard(trucks=4, count=30, fen_per_hour=6_000, fen_per_km=0, **shift)
    found = looked(day)
    assert found.sheet.day.timed
    verdict = judge(day, found.routes())
    assert found.cost == pytest.approx(verdict.cost_fen, abs=len(verdict.rounds) + 1)


def test_a_mandatory_stop_is_never_too_dear():
    cheap, dear = (a_yard(fixed_fen=fen) for fen in (10**6, 10**9))
    one, other = (judge(day, looked(day).routes()) for day in (cheap, dear))
    assert other.missing == 0
    assert other.distance_m == pytest.approx(one.distance_m, rel=0.05)


def test_what_finds_no_place_is_left_out_whatever_its_prize():
    day = a_yard(trucks=2, count=5)
    heavy = replace(day.stops[0], mass_kg=9_000, prize_fen=2 * 10**18)
    day = replace(day, stops=(heavy, *day.stops[1:]))
    assert judge(day, looked(day, looks=100).routes()).unserved == (heavy.key,)
    with pytest.raises(BadProblem, match=r"bad-number: s0\.prize_fen"):
        plan(day, seed=1, deadline_s=1)


def test_a_leg_beyond_all_measure_is_not_a_short_one():
    day = a_yard(count=8)
    metres, seconds = day.matrix.block(range(9))
    metres[0, 1] = metres[1, 0] = 3 * 10**9
    seconds[0, 2] = seconds[2, 0] = 3 * 10**9
    far = replace(day, matrix=Matrix(day.matrix.keys, metres, seconds, 0 * metres, ("ruler",)))
    found = looked(far)
    assert found.sheet.day.metres.min() == found.sheet.day.seconds.min() == 0
    assert judge(far, found.routes()).violations == ()
