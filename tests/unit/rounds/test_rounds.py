"""Planning a day: always an answer, never worse than greedy, every stop left out explained."""

import itertools
import random
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remelt.routing import choice
from remelt.routing.cells import Map
from remelt.routing.codec import (
    problem_from_json,
    problem_to_json,
    routes_from_json,
    routes_to_json,
)
from remelt.routing.evaluator import judge
from remelt.routing.field import globe
from remelt.routing.incumbent import Incumbent
from remelt.routing.insertion import insert_all
from remelt.routing.matrix import Place
from remelt.routing.model import FAR, Model
from remelt.routing.problem import BadProblem, Break, Hub, Problem, Stop, Window
from remelt.routing.rounds import plan
from remelt.routing.ruins import ready as ruins
from remelt.routing.search import PENALTY_PER_MEAN
from remelt.routing.trips import ready as trips

from .proof import prove
from .world import HOUR, NAMES, a_day, a_pickup, a_truck, line

PLACES = st.sampled_from(NAMES)
WINDOWS = st.sampled_from(
    [(Window(0, 86_400),), (Window(8 * HOUR, 9 * HOUR),), (Window(12 * HOUR, 12 * HOUR),)]
)


@st.composite
def stops(draw, key):
    kind = draw(st.sampled_from(["pickup", "delivery", "pair"]))
    return Stop(
        key=key,
        kind=kind,
        place=draw(PLACES),
        to=draw(PLACES) if kind == "pair" else None,
        mass_kg=draw(st.integers(0, 12_000)),
        windows=draw(WINDOWS),
        service_s=draw(st.sampled_from([0, 600, 3600])),
        family=draw(st.sampled_from(["al", "pb"])),
        vehicles=draw(st.sampled_from([None, None, frozenset({"t0"}), frozenset({"ghost"})])),
        prize_fen=draw(st.sampled_from([None, None, 5_000])),
    )


@st.composite
def days(draw):
    count = draw(st.integers(0, 6))
    fleet = draw(st.integers(0, 2))
    return Problem(
        matrix=line(no_road={("hub", "g"), ("smelter", "g")}),
        stops=tuple(draw(stops(f"s{at}")) for at in range(count)),
        vehicles=tuple(
            a_truck(key=f"t{at}", capacity_kg=draw(st.sampled_from([3_000, 10_000])))
            for at in range(fleet)
        ),
        hubs=(Hub("hub", 7 * HOUR, 17 * HOUR),),
        incompatible=draw(st.sampled_from([frozenset(), frozenset({("al", "pb")})])),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(days())
def test_any_small_day_gets_a_feasible_plan_and_every_reason(day):
    found = plan(day, seed=1, deadline_s=5, effort=300)
    assert found.verdict.feasible
    assert found.verdict == judge(day, found.routes)
    assert found.verdict.rank <= judge(day, insert_all(day)).rank
    assert {reason.stop for reason in found.reasons} == set(found.verdict.unserved)
    for reason in found.reasons:
        prove(day, found.routes, reason)


@settings(max_examples=25, deadline=None)
@given(days())
def test_a_day_is_the_same_after_a_journey_as_json(day):
    again = problem_from_json(problem_to_json(day))
    assert again == day
    routes = insert_all(day)
    assert judge(again, routes_from_json(routes_to_json(routes))) == judge(day, routes)


def test_the_solver_finds_the_best_of_all_orders():
    day = a_day(*(a_pickup(key) for key in "abcde"))
    best = min(
        judge(day, {"truck": tuple(v for s in order for v in day.stop(s).visits())}).cost_fen
        for order in itertools.permutations("abcde")
    )
    assert plan(day, seed=1, deadline_s=5).verdict.cost_fen == best


def test_collection_and_delivery_ride_together():
    stops = [
        Stop("out", "delivery", "smelter", 9_000),
        a_pickup("g", mass_kg=6_000),
        Stop("swap", "pair", "a", 1_000, to="c"),
    ]
    found = plan(a_day(*stops), seed=1, deadline_s=5, effort=2_000)
    assert found.verdict.unserved == ()
    assert found.verdict.rounds[0].most_kg <= 10_000


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_plan(seed):
    day = a_day(
        *(a_pickup(f"{at}", place=NAMES[1 + at % 7], mass_kg=900 + at) for at in range(20)),
        vehicles=[a_truck(key="t0"), a_truck(key="t1")],
    )
    runs = [plan(day, seed=seed, deadline_s=30, effort=1_500) for _ in range(2)]
    assert runs[0] == runs[1]


def _pairs_with_rests():
    """Pairs, families that quarrel, a price of carbon and rests: all that goes to the engines."""
    stops = [
        Stop(
            f"{at}",
            "pair",
            NAMES[1 + at % 7],
            900 + at,
            to=NAMES[1 + (at + 3) % 7],
            family=("al", "cu")[at % 2],
        )
        for at in range(10)
    ]
    rests = (Break(11 * HOUR, 13 * HOUR, 1_800),)
    trucks = [a_truck(key=f"t{at}", breaks=rests) for at in range(3)]
    day = a_day(*stops, vehicles=trucks, fen_per_kg_co2e=5_000)
    return replace(day, incompatible=frozenset({("al", "cu")}))


def _stop_by_stop(count):
    """Rich beyond one trip: reloads, several windows, rests; `count` stops."""
    day = _province(count, trucks=max(4, count // 12))
    windows = (Window(7 * HOUR, 9 * HOUR), Window(10 * HOUR, 19 * HOUR))
    trucks = tuple(replace(car, reloads=1, reload_at=("hub0",)) for car in day.vehicles)
    stops = tuple(replace(stop, windows=windows) for stop in day.stops)
    return replace(day, stops=stops, vehicles=trucks)


@pytest.mark.parametrize(
    ("day", "effort"),
    [
        (_pairs_with_rests, 600),
        (lambda: _stop_by_stop(30), 60),
        (lambda: _stop_by_stop(130), 200),
        (lambda: _province(450, trucks=40), 20),
    ],
    ids=["pairs and quarrels", "rich", "rich in cells", "large"],
)
def test_a_seed_and_an_effort_give_one_plan_whatever_the_day_asks(day, effort, monkeypatch):
    monkeypatch.setattr(choice, "WHOLE", 100)
    monkeypatch.setattr(choice, "MOST_WHOLE", 0)
    day = day()
    runs = [plan(day, seed=3, deadline_s=120, effort=effort, processes=1) for _ in range(2)]
    assert runs[0].verdict.feasible
    assert runs[0] == runs[1]


def test_the_deadline_is_kept_and_progress_told():
    day = a_day(
        *(a_pickup(f"{at}", place=NAMES[1 + at % 7], mass_kg=90) for at in range(60)),
        vehicles=[a_truck(key=f"t{at}") for at in range(4)],
    )
    told = []
    began = time.monotonic()
    found = plan(
        day,
        seed=1,
        deadline_s=2,
        effort=10**9,
        report=lambda progress, _note, routes: told.append((progress, judge(day, routes).feasible)),
    )
    assert time.monotonic() - began < 2.2
    assert found.verdict.feasible
    assert told == sorted(told)
    assert told[-1] == (1000, True)
    assert len(told) > 5


@pytest.mark.parametrize(
    ("stop", "vehicles", "code", "remedy"),
    [
        (a_pickup("a"), [], "capacity", "another-vehicle"),
        (a_pickup("a", vehicles=frozenset({"x"})), None, "vehicle-may-not-enter", "let-in"),
        (a_pickup("a", mass_kg=30_000), None, "capacity", "bigger-vehicle"),
        (a_pickup("g", windows=(Window(0, 8 * HOUR),)), None, "window-unreachable", "wider-window"),
        (
            a_pickup("g"),
            [a_truck(shift_end_s=9 * HOUR)],
            "shift",
            "longer-shift",
        ),
    ],
)
def test_an_impossible_stop_is_left_out_with_its_reason(stop, vehicles, code, remedy):
    found = plan(a_day(stop, vehicles=vehicles), seed=1, deadline_s=2)
    [reason] = found.reasons
    assert (reason.code, reason.remedy) == (code, remedy)


def test_a_full_truck_asks_for_another_one():
    day = a_day(a_pickup("a", mass_kg=6_000), a_pickup("b", mass_kg=7_000))
    [reason] = plan(day, seed=1, deadline_s=2).reasons
    assert (reason.code, reason.remedy) == ("capacity", "another-vehicle")
    second = a_day(*day.stops, vehicles=[a_truck(), a_truck(key="second")])
    assert plan(second, seed=1, deadline_s=2).reasons == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mass_kg": -1}, "negative-load"),
        ({"place": "moon"}, "unknown-place"),
        ({"windows": (Window(9, 8),)}, "closes-before-it-opens"),
        ({"windows": ()}, "no-window"),
        ({"mass_kg": float("nan")}, "negative-load"),
        ({"to": "b"}, "pair-without-place"),
    ],
)
def test_a_contradiction_is_named(change, code):
    with pytest.raises(BadProblem) as refused:
        plan(a_day(a_pickup("a", **change)), seed=1, deadline_s=2)
    assert refused.value.code == code


def test_bad_vehicles_and_too_many_stops_are_named():
    with pytest.raises(BadProblem, match="no-capacity"):
        plan(a_day(vehicles=[a_truck(capacity_kg=0)]), seed=1, deadline_s=2)
    with pytest.raises(BadProblem, match="named-twice"):
        plan(a_day(a_pickup("a"), a_pickup("a")), seed=1, deadline_s=2)
    with pytest.raises(BadProblem, match="too-many-stops"):
        plan(a_day(*[a_pickup("a")] * 30_001), seed=1, deadline_s=2)


def _province(count, *, seed=1, trucks=None):
    """Stops around a few towns of Guizhou, trucks of two sizes at two hubs."""
    dice = random.Random(seed)
    hubs = [Place("hub0", 26_580_000, 106_720_000), Place("hub1", 27_720_000, 106_930_000)]
    towns = [(26_580_000 + 110_000 * at, 106_500_000 + 70_000 * (at % 5)) for at in range(12)]
    places, waiting = list(hubs), []
    for at in range(count):
        lat, lon = dice.choice(towns)
        places.append(
            Place(f"p{at}", lat + dice.randrange(-60_000, 60_000), lon + dice.randrange(60_000))
        )
        open_h = dice.choice([(8, 18), (8, 18), (8, 12), (13, 18)])
        waiting.append(
            Stop(
                f"s{at}",
                "pickup",
                f"p{at}",
                dice.randint(50, 500),
                windows=(Window(open_h[0] * HOUR, open_h[1] * HOUR),),
                service_s=300,
            )
        )
    fleet = tuple(
        a_truck(
            key=f"t{at}",
            capacity_kg=12_000 if at % 2 else 6_000,
            start=f"hub{at % 2}",
            end=f"hub{at % 2}",
            shift_start_s=6 * HOUR,
            shift_end_s=20 * HOUR,
        )
        for at in range(trucks or count // 10)
    )
    return Problem(matrix=globe(places), stops=tuple(waiting), vehicles=fleet)


@pytest.fixture
def cells(monkeypatch):
    """A day of more than 100 stops is large, and nobody has compiled the search."""
    monkeypatch.setattr(ruins, "ready", lambda: False)
    monkeypatch.setattr(trips, "ready", lambda: False)
    monkeypatch.setattr(choice, "MOST_WHOLE", 0)
    monkeypatch.setattr(choice, "WHOLE", 100)
    monkeypatch.setattr(Map.cells, "__kwdefaults__", {"size": 60})


def test_a_large_day_is_cut_into_cells_and_mended(cells):
    day = _province(160)
    first = Incumbent(day, insert_all(day), engine="greedy").verdict
    found = plan(day, seed=1, deadline_s=60, effort=1_000, processes=1)
    assert found.engine == "pyvrp"
    assert found.verdict.feasible
    assert found.verdict == judge(day, found.routes)
    assert found.verdict.rank < first.rank
    assert found.verdict.cost_fen < 0.95 * first.cost_fen


def test_a_large_day_is_the_same_under_a_seed(cells):
    day = _province(150, trucks=20)
    one, two = (
        plan(day, seed=3, deadline_s=60, effort=300, processes=count).routes for count in (1, 1)
    )
    assert one == two


def test_penalties_keep_in_bounds_where_a_road_is_shut():
    """Beyond 2**63 a cost turns negative, and PyVRP's local search never comes back."""
    stops = [a_pickup("a", mass_kg=60_000), a_pickup("b", mass_kg=800), a_pickup("c")]
    shut = a_day(*stops, matrix=line(no_road={("hub", "a"), ("a", "hub")}))
    dearest = PENALTY_PER_MEAN * Model(shut, strict=False).cost_of_a_unit()
    assert dearest * FAR < 2**60
    assert dearest == pytest.approx(
        PENALTY_PER_MEAN * Model(a_day(*stops), strict=False).cost_of_a_unit(), rel=0.3
    )


def test_a_search_is_stopped_when_asked():
    day = _province(60)
    began = time.monotonic()
    found = plan(day, seed=1, deadline_s=60, effort=10**9, stopped=lambda: True)
    assert time.monotonic() - began < 10
    assert found.verdict.feasible


def test_thousands_of_stops_are_answered_at_all():
    day = _province(2_500, trucks=250)
    began = time.monotonic()
    found = plan(day, seed=1, deadline_s=3, processes=1)
    assert found.verdict.feasible
    assert len(found.verdict.unserved) < 1_250
    assert time.monotonic() - began < 30  # a crowded machine; the benchmark holds it to 0.2 s


def test_families_that_quarrel_are_planned_apart():
    day = _province(40, trucks=8)
    mixed = replace(
        day,
        stops=tuple(
            replace(stop, family=("al", "cu", "pb")[at % 3]) for at, stop in enumerate(day.stops)
        ),
        incompatible=frozenset({("al", "cu"), ("al", "pb"), ("cu", "pb")}),
    )
    first = judge(mixed, insert_all(mixed))
    found = plan(mixed, seed=1, deadline_s=20, effort=1_200)
    assert found.verdict.feasible
    assert found.verdict.rank <= first.rank
    for each in found.routes.values():
        assert len({mixed.stop(visit.stop).family for visit in each}) == 1


def test_a_price_of_carbon_shortens_the_way_of_the_load():
    stops = [a_pickup("g", mass_kg=6_000), a_pickup("a", mass_kg=100), a_pickup("c", mass_kg=100)]
    free = a_day(*stops)
    dear = replace(free, fen_per_kg_co2e=10_000)
    found = plan(dear, seed=1, deadline_s=5, effort=500)
    assert [visit.stop for visit in found.routes["truck"]] == ["g", "c", "a"]
