"""Changes in the day: what is driven is driven, and the rest moves as little as it can."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from remelt.routing.checks import check_stop
from remelt.routing.evaluator import Judged, judge, judge_round
from remelt.routing.insertion import in_order
from remelt.routing.legs import Legs
from remelt.routing.places import cheapest
from remelt.routing.problem import BadProblem, Problem, Routes, Stop, Vehicle, Visit, Window
from remelt.routing.reasons import Reason, explain
from remelt.routing.timing import place_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A day at a moment. The rounds under way keep their times; nothing leaves before `now_s`.

    frozen: for each vehicle, how many of its legs it has begun: nothing is put into those.
    done: the visits that have begun.
    """

    problem: Problem
    routes: Routes
    frozen: Mapping[str, int]
    done: Mapping[str, frozenset[Visit]]
    now_s: int


@dataclass(frozen=True, slots=True)
class Change:
    """A day after a change. Only `changed` rounds differ.

    left: stops that find no place now, and why. stranded: what is on board a lost truck, and
    must be fetched from it; its round ends where it served last, and nobody drives it home.
    """

    problem: Problem
    routes: Routes
    changed: tuple[str, ...]
    left: tuple[Reason, ...] = ()
    stranded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """A stop that another vehicle serves now; None: nobody."""

    stop: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A stop that is served at another time than before."""

    stop: str
    was_s: int
    now_s: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What a plan comes to."""

    cost_fen: int
    distance_m: int
    co2e_g: int
    rounds: int
    served: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two plans side by side."""

    was: Totals
    now: Totals
    moved: tuple[Moved, ...]
    arrivals: tuple[Arrival, ...]


def as_of(problem: Problem, routes: Routes, *, now_s: int) -> Standing:
    """Return the day as it stands at a second of the planning day, driven as planned so far."""
    cars: list[Vehicle] = []
    frozen: dict[str, int] = {}
    done: dict[str, frozenset[Visit]] = {}
    pinned: dict[Visit, int] = {}
    for car in problem.vehicles:
        visits = routes.get(car.key, ())
        judged = judge_round(problem, car, visits, brief=True) if visits else None
        if judged is None or judged.depart_s > now_s:
            cars.append(replace(car, shift_start_s=max(car.shift_start_s, now_s)))
            continue
        cars.append(replace(car, shift_start_s=judged.depart_s))
        leaves = [judged.depart_s, *(call.depart_s for call in judged.calls)]
        frozen[car.key] = sum(each <= now_s for each in leaves)
        begun = [call for call in judged.calls if call.begin_s <= now_s]
        done[car.key] = frozenset(call.visit for call in begun)
        pinned |= {call.visit: call.begin_s for call in begun if call.visit.action != "reload"}
    stops = tuple(_pinned(stop, pinned) for stop in problem.stops)
    late = tuple(replace(car, shift_end_s=max(car.shift_end_s, car.shift_start_s)) for car in cars)
    return Standing(replace(problem, stops=stops, vehicles=late), routes, frozen, done, now_s)


def insert(standing: Standing, stop: Stop, *, legs: Legs | None = None) -> Change:
    """Put an urgent stop where it costs least; where it finds no place, the change says why.

    legs: those of the standing day, where the caller keeps them; they are changed with it.

    Raises `BadProblem` for a key that is taken, or a stop that no problem may hold.
    """
    known = standing.problem if legs is None else legs.problem
    if known.knows(stop.key):
        raise BadProblem("named-twice", stop.key)
    check_stop(known, stop)
    legs = legs or Legs(standing.problem, standing.routes)
    legs.with_stop(stop)
    found = cheapest(legs, stop, frozen=standing.frozen)
    if found is None:
        return Change(legs.problem, legs.routes, (), (explain(legs, stop),))
    legs.change(found.vehicle, found.visits)
    return Change(legs.problem, legs.routes, (found.vehicle,))


def drop(standing: Standing, key: str) -> Change:
    """Take a stop out of the day. What is loaded or brought already stays as it is.

    Raises `BadProblem` for a stop that is not known, or whose service has begun.
    """
    problem, routes = standing.problem, dict(standing.routes)
    if not problem.knows(key):
        raise BadProblem("unknown-stop", key)
    if any(visit.stop == key for begun in standing.done.values() for visit in begun):
        raise BadProblem("begun", key)
    changed = []
    for car, visits in standing.routes.items():
        rest = tuple(visit for visit in visits if visit.stop != key or visit.action == "reload")
        if rest != visits:
            changed.append(car)
            routes[car] = rest
    stops = tuple(stop for stop in problem.stops if stop.key != key)
    routes = {car: visits for car, visits in routes.items() if visits}
    return Change(replace(problem, stops=stops), routes, tuple(changed))


def lose(standing: Standing, vehicle: str) -> Change:
    """Take a truck out of the day from now on; others take over what it has not loaded.

    Raises `BadProblem` for a vehicle that is not known.
    """
    problem = standing.problem
    if not problem.has(vehicle):
        raise BadProblem("unknown-vehicle", vehicle)
    visits = standing.routes.get(vehicle, ())
    driven, done = _driven(standing, vehicle), standing.done.get(vehicle, frozenset())
    begun = [at + 1 for at, v in enumerate(visits) if v in done and v.action != "reload"]
    kept = visits[: max(sum(call.begin_s <= standing.now_s for call in driven.calls), *begun, 0)]
    home = driven.return_s <= standing.now_s
    aboard = [] if home else _on_board(standing, vehicle, len(kept))
    open_ = {visit.stop for visit in visits[len(kept) :] if visit.action != "reload"}
    stops = [problem.stop(key) for key in sorted(open_.difference(aboard))]
    routes = {key: each for key, each in standing.routes.items() if key != vehicle}
    others = tuple(car for car in problem.vehicles if car.key != vehicle)
    legs = Legs(replace(problem, vehicles=others), routes)
    changed = []
    for stop in in_order(legs.problem, stops):
        found = cheapest(legs, stop, frozen=standing.frozen)
        if found is not None:
            legs.change(found.vehicle, found.visits)
            changed.append(found.vehicle)
    served = {visit.stop for each in legs.routes.values() for visit in each}
    left = tuple(explain(legs, stop) for stop in stops if stop.key not in served)
    after = legs.routes | ({vehicle: kept} if kept else {})
    names = tuple(dict.fromkeys((vehicle, *changed)))
    day = problem if home else ended(problem, vehicle, kept, aboard)
    return Change(day, after, names, left, tuple(aboard))


def compare(
    problem: Problem, was: Routes, now: Routes, *, after: Problem | None = None
) -> Comparison:
    """Return two plans of a day side by side. after: the problem of the second, if it differs."""
    one, other = judge(problem, was), judge(after or problem, now)
    first, second = _served(one.rounds), _served(other.rounds)
    keys = list(dict.fromkeys((*first, *second)))
    moved = [
        Moved(key, first.get(key, (None, 0))[0], second.get(key, (None, 0))[0])
        for key in keys
        if first.get(key, (None, 0))[0] != second.get(key, (None, 0))[0]
    ]
    arrivals = [
        Arrival(key, first[key][1], second[key][1])
        for key in keys
        if key in first and key in second and first[key][1] != second[key][1]
    ]
    return Comparison(
        was=Totals(one.cost_fen, one.distance_m, one.co2e_g, len(one.rounds), len(first)),
        now=Totals(other.cost_fen, other.distance_m, other.co2e_g, len(other.rounds), len(second)),
        moved=tuple(moved),
        arrivals=tuple(arrivals),
    )


def _served(rounds: tuple[Judged, ...]) -> dict[str, tuple[str | None, int]]:
    """Return who serves each stop, and when the service begins."""
    found: dict[str, tuple[str | None, int]] = {}
    for judged in rounds:
        for call in judged.calls:
            if call.visit.action != "reload":
                found.setdefault(call.visit.stop, (judged.vehicle, call.begin_s))
    return found


def _pinned(stop: Stop, begun: Mapping[Visit, int]) -> Stop:
    """Return a stop whose service, where it has begun, keeps its time."""
    first, *second = stop.visits()
    if first in begun:
        stop = replace(stop, windows=(Window(begun[first], begun[first]),))
    if second and second[0] in begun:
        stop = replace(stop, to_windows=(Window(begun[second[0]], begun[second[0]]),))
    return stop


def _on_board(standing: Standing, vehicle: str, done: int) -> list[str]:
    """Return what a truck that is away carries after its first `done` visits.

    That is what it has loaded since it last reloaded, and what it has brought from there and
    not unloaded yet.
    """
    problem, visits = standing.problem, standing.routes.get(vehicle, ())
    if vehicle not in standing.frozen:
        return []
    last = max((at for at, v in enumerate(visits[:done]) if v.action == "reload"), default=-1)
    trip = list(takewhile(lambda visit: visit.action != "reload", visits[last + 1 :]))
    since = done - last - 1
    loaded = {visit.stop for visit in trip[:since] if visit.action == "load"}
    brought = {v.stop for v in trip if problem.stop(v.stop).kind == "delivery"}
    unloaded = {visit.stop for visit in trip[:since] if visit.action == "unload"}
    return sorted((loaded | brought) - unloaded)


def _driven(standing: Standing, vehicle: str) -> Judged:
    """Return a truck's round as it is driven; nothing where it has not left."""
    if vehicle not in standing.frozen:
        return Judged(vehicle, return_s=standing.now_s + 1)
    car, visits = standing.problem.vehicle(vehicle), standing.routes[vehicle]
    return judge_round(standing.problem, car, visits, brief=True)


def ended(
    problem: Problem, vehicle: str, kept: Sequence[Visit], aboard: Collection[str]
) -> Problem:
    """Return the day where a lost truck's round ends at the last place that it served.

    A pair on board rides no further than that: it is a pickup by now.
    """
    car = problem.vehicle(vehicle)
    if not kept:
        return problem
    place = kept[-1].stop
    if kept[-1].action != "reload":
        place = place_of(problem.stop(place), kept[-1])
    stops = tuple(
        replace(stop, kind="pickup", to=None) if stop.to and stop.key in aboard else stop
        for stop in problem.stops
    )
    cars = tuple(replace(car, end=place) if each is car else each for each in problem.vehicles)
    return replace(problem, stops=stops, vehicles=cars)
