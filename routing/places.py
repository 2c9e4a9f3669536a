"""The cheapest place for one more stop, on all rounds at once; the judge has the last word."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from remelt.routing.evaluator import Judged, Verdict, judge, judge_round
from remelt.routing.insertion import candidates
from remelt.routing.legs import Legs
from remelt.routing.problem import Problem, Routes, Stop, Vehicle, Visit

MOST_JUDGED = 40
SECONDS_PER_VISIT = 6e-5  # to work out the legs


@dataclass(frozen=True, slots=True)
class Put:
    """A round with one stop more. added_fen: what it costs more, carbon as priced."""

    vehicle: str
    visits: tuple[Visit, ...]
    added_fen: int
    judged: Judged


def cheapest(legs: Legs, stop: Stop, *, frozen: Mapping[str, int] | None = None) -> Put | None:
    """Return the cheapest place the judge accepts; None when there is none.

    frozen: for each vehicle, how many of its legs have begun: nothing goes between them, and
    what is to be brought cannot be loaded any more. At most 40 places that promise most are
    judged.
    """
    best: Put | None = None
    was: dict[str, int] = {}
    for judged_, (promised, car, visits) in enumerate(_promising(legs, stop, frozen or {})):
        if judged_ >= MOST_JUDGED or (best is not None and promised >= best.added_fen):
            break
        best = _better(legs, best, car, visits, was)
    if best is None:
        for car, visits in _further(legs, stop, frozen or {}):
            best = _better(legs, best, car, visits, was)
    return best


def completed(
    problem: Problem, routes: Routes, verdict: Verdict, *, until: float | None = None
) -> tuple[Routes, Verdict]:
    """Put in every mandatory stop that finds a place as the routes stand, until a clock's end."""
    left = [problem.stop(key) for key in verdict.unserved]
    waiting = [stop for stop in left if stop.prize_fen is None]
    if not waiting or not problem.vehicles or _too_late(problem, until):
        return routes, verdict
    legs = Legs(problem, routes)
    for stop in waiting:
        if _too_late(problem, until):
            break
        found = cheapest(legs, stop)
        if found is not None:
            legs.change(found.vehicle, found.visits)
    now = judge(problem, legs.routes)
    better = now.feasible and now.rank < verdict.rank
    return (legs.routes, now) if better else (routes, verdict)


def _too_late(problem: Problem, until: float | None) -> bool:
    size = len(problem.stops) + len(problem.vehicles)
    return until is not None and until - time.monotonic() < SECONDS_PER_VISIT * size


def _promising(
    legs: Legs, stop: Stop, frozen: Mapping[str, int]
) -> Iterator[tuple[float, Vehicle, tuple[Visit, ...]]]:
    """Return the places that the legs allow, by the cost of their metres, cheapest first."""
    if stop.kind == "pair":
        return
    cars = legs.problem.vehicles
    told = legs.look(stop)
    open_ = np.array([_may(legs, car, stop, frozen) for car in cars])
    since = np.array([frozen.get(car.key, 0) for car in cars])
    rate = np.array([car.fen_per_km / 1000 for car in cars])
    start = np.array([0 if legs.routes.get(car.key) else car.fixed_fen for car in cars])
    free = np.flatnonzero(told.free & open_[told.car] & (told.at >= since[told.car]))
    promised = rate[told.car[free]] * told.added_m[free] + start[told.car[free]]
    for at in np.argsort(promised, kind="stable")[:MOST_JUDGED].tolist():
        car, spot = cars[int(told.car[free[at]])], int(told.at[free[at]])
        before = legs.routes.get(car.key, ())
        yield float(promised[at]), car, (*before[:spot], *stop.visits(), *before[spot:])


def _further(
    legs: Legs, stop: Stop, frozen: Mapping[str, int]
) -> Iterator[tuple[Vehicle, tuple[Visit, ...]]]:
    """Return what the legs cannot tell: pairs, new trips, drivers who rest; any of which may do."""
    cars = [
        car for car in legs.problem.vehicles if stop.vehicles is None or car.key in stop.vehicles
    ]
    for car in cars:
        before = legs.routes.get(car.key, ())
        done = frozen.get(car.key, 0)
        if done > len(before) or (done and stop.kind == "delivery"):
            continue
        if legs.exact(car, stop):
            if not done:
                yield from ((car, visits) for visits in own_trips(legs, car, stop))
            continue
        for visits in candidates(before[done:], stop, car):
            yield car, (*before[:done], *visits)


def own_trips(legs: Legs, car: Vehicle, stop: Stop) -> Iterator[tuple[Visit, ...]]:
    """Return the rounds with a trip of its own for the stop, which the legs do not know."""
    before = legs.routes.get(car.key, ())
    if not before or not car.reloads:
        return
    reloads = _reloads(before)
    yield from (each for each in candidates(before, stop, car) if _reloads(each) > reloads)


def _reloads(visits: tuple[Visit, ...]) -> int:
    return sum(visit.action == "reload" for visit in visits)


def _may(legs: Legs, car: Vehicle, stop: Stop, frozen: Mapping[str, int]) -> bool:
    allowed = stop.vehicles is None or car.key in stop.vehicles
    gone = stop.kind == "delivery" and frozen.get(car.key, 0) > 0
    return allowed and not gone and legs.exact(car, stop)


def _better(
    legs: Legs,
    best: Put | None,
    car: Vehicle,
    visits: tuple[Visit, ...],
    was: dict[str, int],
) -> Put | None:
    judged = judge_round(legs.problem, car, visits, brief=True)
    if judged.violations:
        return best
    if car.key not in was:
        before = legs.routes.get(car.key, ())
        now = judge_round(legs.problem, car, before, brief=True).cost_fen if before else 0
        was[car.key] = now
    added = judged.cost_fen - was[car.key]
    return Put(car.key, visits, added, judged) if best is None or added < best.added_fen else best
