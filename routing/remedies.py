"""What would make a stop possible: changes tried one after the other until the judge says yes."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from remelt.routing.evaluator import Judged, judge_round
from remelt.routing.insertion import candidates
from remelt.routing.problem import DAY_S, Hub, Problem, Routes, Stop, Vehicle, Window

Facts = tuple[tuple[str, int], ...]
Remedy = tuple[str, Facts]
WEEK_S = 7 * DAY_S


def remedy_of(problem: Problem, routes: Routes, stop: Stop, code: str) -> Remedy:
    """Return the first change after which the judge lets somebody serve `stop`, and its figures.

    A further vehicle like one of those there are comes first; then what the reason names.
    """
    need: Facts = (("need_kg", stop.mass_kg),)
    cars = problem.vehicles
    if stop.vehicles is not None:
        cars = tuple(car for car in cars if car.key in stop.vehicles)
    allowed = _kinds(cars)
    most = max((car.capacity_kg for car in allowed or problem.vehicles), default=0)
    if code == "capacity":
        need = (*need, ("most_kg", most))
    if allowed:
        again = _alone(problem, stop, allowed)
        if again is not None:
            return "another-vehicle", (*need, *_span(again), ("cost_fen", again.cost_fen))
    tries = {
        "capacity": _bigger,
        "window-unreachable": _wider,
        "shift": _longer,
        "vehicle-may-not-enter": _let_in,
    }
    if code not in tries:
        return ("road" if code == "unreachable" else "", need)
    remedy, facts = tries[code](problem, routes, stop, allowed)
    return remedy, (*need, *facts)


@lru_cache(maxsize=8)
def _kinds(cars: tuple[Vehicle, ...]) -> tuple[Vehicle, ...]:
    """Return one vehicle of each kind: alone, the others of its kind fare alike."""
    return tuple({replace(car, key=""): car for car in cars}.values())


def _alone(problem: Problem, stop: Stop, cars: Sequence[Vehicle]) -> Judged | None:
    """Return the cheapest round for this stop alone that the judge accepts."""
    alone = [judge_round(problem, car, stop.visits(), brief=True) for car in cars]
    return min((e for e in alone if not e.violations), key=lambda e: e.cost_fen, default=None)


def _span(judged: Judged) -> Facts:
    return (("from_s", judged.depart_s), ("until_s", judged.return_s))


def _bigger(
    problem: Problem, routes: Routes, stop: Stop, cars: Sequence[Vehicle]
) -> tuple[str, Facts]:
    del routes
    big = [
        replace(
            car,
            capacity_kg=max(car.capacity_kg, stop.mass_kg),
            capacities=tuple(map(max, car.capacities, (*stop.sizes, *[0] * len(car.capacities)))),
        )
        for car in cars
    ]
    found = _alone(problem, stop, big)
    return ("", ()) if found is None else ("bigger-vehicle", _span(found))


def _wider(
    problem: Problem, routes: Routes, stop: Stop, cars: Sequence[Vehicle]
) -> tuple[str, Facts]:
    """The opening hours that the soonest truck would need: earlier, later, or both."""
    del routes
    always = (Window(0, WEEK_S),)
    wide = _with(problem, replace(stop, windows=always, to_windows=always))
    arrived = _soonest(problem, stop, cars)
    for car in cars:
        found = judge_round(wide, car, stop.visits(), brief=True)
        if not found.violations:
            begins = sorted(call.begin_s for call in found.calls)
            hours = (("open_from_s", begins[0]), ("open_until_s", begins[-1]))
            return "wider-window", (*arrived, *hours)
    remedy, facts = _longer(wide, {}, wide.stop(stop.key), cars)
    return (remedy, (*arrived, *facts)) if remedy else ("", arrived)


def _longer(
    problem: Problem, routes: Routes, stop: Stop, cars: Sequence[Vehicle]
) -> tuple[str, Facts]:
    """The shift that would do: that of an empty truck, its gates open."""
    del routes
    open_gates = tuple(Hub(h.place, 0, WEEK_S, h.docks, h.service_s) for h in problem.hubs)
    free = replace(problem, hubs=open_gates)
    long = [
        replace(
            car,
            shift_start_s=0,
            shift_end_s=WEEK_S,
            regular_s=None,
            range_m=None,
            breaks=tuple(each for each in car.breaks if each.length_s == 0),
        )
        for car in cars
    ]
    arrived = _soonest(problem, stop, cars)
    found = _alone(free, stop, long)
    return ("", arrived) if found is None else ("longer-shift", (*arrived, *_span(found)))


def _let_in(
    problem: Problem, routes: Routes, stop: Stop, cars: Sequence[Vehicle]
) -> tuple[str, Facts]:
    """Which vehicle would do, were it let in: as it stands, or with nothing else to do."""
    del cars
    open_to_all = replace(stop, vehicles=None)
    now = _with(problem, open_to_all)
    for number, car in enumerate(problem.vehicles):
        for visits in candidates(routes.get(car.key, ()), open_to_all, car):
            found = judge_round(now, car, visits, brief=True)
            if not found.violations:
                return "let-in", (("vehicle", number), *_span(found))
    again = _alone(now, open_to_all, problem.vehicles)
    return ("", ()) if again is None else ("another-vehicle", _span(again))


def _soonest(problem: Problem, stop: Stop, cars: Sequence[Vehicle]) -> Facts:
    """When an empty truck would be there, and home."""
    alone = [judge_round(problem, car, stop.visits(), brief=True) for car in cars]
    timed = [each for each in alone if each.calls]
    if not timed:
        return ()
    first = min(timed, key=lambda each: each.return_s)
    return (("arrive_s", first.calls[0].arrive_s), ("return_s", first.return_s))


def _with(problem: Problem, stop: Stop) -> Problem:
    return replace(problem, stops=tuple(stop if s.key == stop.key else s for s in problem.stops))
