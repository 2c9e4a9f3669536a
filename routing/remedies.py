"""What would make a stop possible: changes tried, alone and together, until the judge says yes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

from remelt.routing.evaluator import Judged, judge, judge_round
from remelt.routing.insertion import candidates
from remelt.routing.problem import DAY_S, Hub, Problem, Routes, Stop, Vehicle, Window

Facts = tuple[tuple[str, int], ...]
Remedy = tuple[str, Facts]
WEEK_S = 7 * DAY_S
LET_IN, BIGGER, RANGE, SHIFT, GATES, WINDOW = CHANGES = (
    "let-in",
    "bigger-vehicle",
    "longer-range",
    "longer-shift",
    "open-gates",
    "wider-window",
)
OWN = {
    "capacity": BIGGER,
    "window-unreachable": WINDOW,
    "shift": SHIFT,
    "vehicle-may-not-enter": LET_IN,
}
ANOTHER, DOCKS, ROAD, SEVERAL = "another-vehicle", "more-docks", "road", "several"


def remedy_of(problem: Problem, routes: Routes, stop: Stop, code: str) -> Remedy:
    """Return the least change after which the judge lets somebody serve `stop`, and its figures.

    A further vehicle like one of those there comes first; then what the reason names; then the
    fewest changes that do together, for a vehicle that has nothing else to do.
    """
    need: Facts = (("need_kg", stop.mass_kg),)
    cars = problem.vehicles
    if stop.vehicles is not None:
        cars = tuple(car for car in cars if car.key in stop.vehicles)
    allowed = [car for _, car in _kinds(cars)]
    if code == "capacity":
        most = max((car.capacity_kg for car in allowed or problem.vehicles), default=0)
        need = (*need, ("most_kg", most))
    again = _alone(problem, stop, allowed)
    if again is not None:
        remedy = ANOTHER if _unloads(problem, routes, stop, again) else DOCKS
        return remedy, (*need, *_span(again), ("cost_fen", again.cost_fen))
    if code == "vehicle-may-not-enter":
        let = _let_in(problem, routes, stop)
        if let is not None:
            return LET_IN, (*need, *let)
    if code in {"shift", "window-unreachable"}:
        need = (*need, *_soonest(problem, stop, allowed))
    remedy, facts = _fewest(problem, stop, OWN.get(code, BIGGER))
    return remedy, (*need, *facts)


@lru_cache(maxsize=8)
def _kinds(cars: tuple[Vehicle, ...]) -> tuple[tuple[int, Vehicle], ...]:
    """Return the first vehicle of each kind and its row: alone, the others fare alike."""
    found: dict[Vehicle, tuple[int, Vehicle]] = {}
    for number, car in enumerate(cars):
        found.setdefault(replace(car, key=""), (number, car))
    return tuple(found.values())


def _alone(problem: Problem, stop: Stop, cars: Sequence[Vehicle]) -> Judged | None:
    """Return the cheapest round for this stop alone that the judge accepts."""
    alone = [judge_round(problem, car, stop.visits(), brief=True) for car in cars]
    return min((e for e in alone if not e.violations), key=lambda e: e.cost_fen, default=None)


def _unloads(problem: Problem, routes: Routes, stop: Stop, alone: Judged) -> bool:
    """Tell whether a further vehicle is unloaded in time where all queue for the docks."""
    if not any(hub.docks for hub in problem.hubs):
        return True
    further = replace(problem.vehicle(alone.vehicle), key=f"{alone.vehicle} again")
    more = replace(problem, vehicles=(*problem.vehicles, further))
    return judge(more, routes | {further.key: stop.visits()}, brief=True).feasible


def _span(judged: Judged) -> Facts:
    return (("from_s", judged.depart_s), ("until_s", judged.return_s))


def _let_in(problem: Problem, routes: Routes, stop: Stop) -> Facts | None:
    """Return which vehicle would take it on its round as it stands, were it let in."""
    open_to_all = replace(stop, vehicles=None)
    stops = tuple(open_to_all if s.key == stop.key else s for s in problem.stops)
    now = replace(problem, stops=stops)
    for number, car in enumerate(problem.vehicles):
        for visits in candidates(routes.get(car.key, ()), open_to_all, car):
            found = judge_round(now, car, visits, brief=True)
            if not found.violations:
                return (("vehicle", number), *_span(found))
    return None


def _soonest(problem: Problem, stop: Stop, cars: Sequence[Vehicle]) -> Facts:
    """When an empty truck would be there, and home."""
    alone = [judge_round(problem, car, stop.visits(), brief=True) for car in cars]
    timed = [each for each in alone if each.calls]
    if not timed:
        return ()
    first = min(timed, key=lambda each: each.return_s)
    return (("arrive_s", first.calls[0].arrive_s), ("return_s", first.return_s))


@dataclass(frozen=True, slots=True)
class _Loosened:
    """A vehicle alone with one stop, and what was changed so that it may."""

    number: int
    judged: Judged

    def facts(self, changes: Sequence[str]) -> Facts:
        """Return when the vehicle would be away, and how far each change must go."""
        begins = sorted(call.begin_s for call in self.judged.calls)
        told: dict[str, Facts] = {
            LET_IN: (("vehicle", self.number),),
            BIGGER: (("bigger", 1),),
            RANGE: (("range_m", self.judged.distance_m),),
            SHIFT: (("longer", 1),),
            GATES: (("gate_from_s", self.judged.depart_s), ("gate_until_s", self.judged.return_s)),
            WINDOW: (("open_from_s", begins[0]), ("open_until_s", begins[-1])),
        }
        return (*_span(self.judged), *(fact for change in changes for fact in told[change]))


def _fewest(problem: Problem, stop: Stop, own: str) -> Remedy:
    """Return the fewest changes that do, the reason's own first; a road where none would."""
    cars = _kinds(problem.vehicles)
    order = (own, *(change for change in CHANGES if change != own))
    for size in range(1, len(order) + 1):
        for changes in combinations(order, size):
            for number, car in cars:
                judged = _loosened(problem, stop, car, changes)
                if judged is not None:
                    facts = _Loosened(number, judged).facts(changes)
                    return (changes[0] if size == 1 else SEVERAL), facts
    return ROAD, ()


def _loosened(problem: Problem, stop: Stop, car: Vehicle, changes: Sequence[str]) -> Judged | None:
    """Return the round of a vehicle for this stop alone after the changes, if the judge agrees."""
    if LET_IN in changes:
        stop = replace(stop, vehicles=None)
    elif stop.vehicles is not None and car.key not in stop.vehicles:
        return None
    if WINDOW in changes:
        always = (Window(0, WEEK_S),)
        stop = replace(stop, windows=always, to_windows=always)
    hubs = problem.hubs
    if GATES in changes:
        hubs = tuple(Hub(h.place, 0, WEEK_S, h.docks, h.service_s) for h in hubs)
    day = replace(problem, stops=(stop,), vehicles=(car,), hubs=hubs)
    for each in _able(stop, car, changes):
        judged = judge_round(day, each, stop.visits(), brief=True)
        if not judged.violations:
            return judged
    return None


def _able(stop: Stop, car: Vehicle, changes: Sequence[str]) -> Iterator[Vehicle]:
    """Yield the vehicle as it would have to be; on a longer shift it would rather start as now."""
    if BIGGER in changes:
        sizes = (*stop.sizes, *[0] * len(car.capacities))
        car = replace(
            car,
            capacity_kg=max(car.capacity_kg, stop.mass_kg),
            capacities=tuple(map(max, car.capacities, sizes)),
        )
    if RANGE in changes:
        car = replace(car, range_m=None)
    if SHIFT not in changes:
        yield car
        return
    long = replace(car, shift_end_s=WEEK_S, regular_s=None)
    yield long
    yield replace(long, shift_start_s=0)
    rested = tuple(each for each in car.breaks if each.length_s == 0)
    yield replace(long, shift_start_s=0, breaks=rested)
