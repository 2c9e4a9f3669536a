"""A first plan for thousands of stops: neighbours in a row fill one vehicle after the other."""

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from remelt.routing.evaluator import judge_round
from remelt.routing.problem import Problem, Routes, Stop, Vehicle, Visit

CELL = 40


def sweep(problem: Problem, *, routes: Routes | None = None, until: float | None = None) -> Routes:
    """Return feasible routes that take near stops together; what does not fit is left out.

    routes: kept as they are; what they leave out is swept up by the vehicles still at home.
    until: a moment of `time.monotonic` to end at.
    """
    found: Routes = dict(routes or {})
    index = problem.matrix.index
    points = problem.matrix.points()
    served = {visit.stop for visits in found.values() for visit in visits}
    stops = [stop for stop in problem.stops if stop.key not in served]
    rows = np.array([index(stop.place) for stop in stops], dtype=np.int64)
    waiting = [stops[at] for at in (in_space(points[rows]) if stops else [])]
    _fetch(problem, waiting)
    fleet = _Fleet(problem, points, away=found)
    at = 0
    while at < len(waiting) and (until is None or time.monotonic() < until):
        car = fleet.take(waiting[at])
        if car is None:
            at += 1
            continue
        visits, used = _fill(problem, car, waiting[at : at + 400])
        if not used:
            fleet.give_back(car)
            at += 1
            continue
        found[car.key] = visits
        at += used
    return found


def _fetch(problem: Problem, waiting: list[Stop]) -> None:
    """Have the legs from stop to stop, and to and from the nearest home, worked out at once."""
    index, points = problem.matrix.index, problem.matrix.points()
    ends = [(index(stop.place), index(stop.to or stop.place)) for stop in waiting]
    way = np.array(ends, dtype=np.int64).reshape(-1)
    homes = np.array(sorted({index(car.start) for car in problem.vehicles}), dtype=np.int64)
    if not len(way) or not len(homes):
        return
    far = [((points[way] - points[home]) ** 2).sum(axis=1) for home in homes]
    near = homes[np.argmin(far, axis=0)]
    problem.matrix.fetch(way[:-1], way[1:])
    problem.matrix.fetch(near, way)
    problem.matrix.fetch(way, near)


def in_space(points: NDArray[np.float64]) -> list[int]:
    """Return an order of points in which neighbours in the row are neighbours on the map."""
    done: list[int] = []
    todo = [np.arange(len(points))]
    while todo:
        cell = todo.pop()
        if len(cell) <= CELL:
            done += _by_nearest(points, cell)
            continue
        spread = np.ptp(points[cell], axis=0)
        ranked = cell[np.argsort(points[cell, int(spread.argmax())], kind="stable")]
        half = len(ranked) // 2
        todo += [ranked[half:], ranked[:half]]
    return done


def _by_nearest(points: NDArray[np.float64], cell: NDArray[np.int64]) -> list[int]:
    apart = points[cell][:, None, :] - points[cell][None, :, :]
    far = (apart**2).sum(axis=-1)
    here, way = 0, [0]
    far[:, 0] = np.inf
    for _ in range(len(cell) - 1):
        here = int(far[here].argmin())
        far[:, here] = np.inf
        way.append(here)
    found: list[int] = cell[way].tolist()
    return found


class _Fleet:
    """Vehicles still at home, by kind; the one that starts nearest is taken first."""

    def __init__(self, problem: Problem, points: NDArray[np.float64], *, away: Routes) -> None:
        self._problem, self._points = problem, points
        self._kinds: dict[Vehicle, list[str]] = {}
        for car in reversed(problem.vehicles):
            if car.key not in away:
                self._kinds.setdefault(replace(car, key=""), []).append(car.key)

    def take(self, stop: Stop) -> Vehicle | None:
        """Return the nearest vehicle that may call at `stop`, the largest first."""
        here = self._points[self._problem.matrix.index(stop.place)]

        def rank(kind: Vehicle) -> tuple[float, int]:
            home = self._points[self._problem.matrix.index(kind.start)]
            return (float(((home - here) ** 2).sum()), -kind.capacity_kg)

        for kind in sorted((kind for kind, keys in self._kinds.items() if keys), key=rank):
            for key in reversed(self._kinds[kind]):
                if stop.vehicles is None or key in stop.vehicles:
                    self._kinds[kind].remove(key)
                    return self._problem.vehicle(key)
        return None

    def give_back(self, car: Vehicle) -> None:
        """Put a vehicle that was not used back."""
        self._kinds[replace(car, key="")].append(car.key)


def _fill(problem: Problem, car: Vehicle, waiting: list[Stop]) -> tuple[tuple[Visit, ...], int]:
    """Return the longest feasible beginning of `waiting` for one vehicle: gallop, then halve."""
    low, high = 0, 1
    while high <= len(waiting) and _fits(problem, car, waiting[:high]):
        low, high = high, 2 * high
    high = min(high, len(waiting) + 1)
    while high - low > 1:
        middle = (low + high) // 2
        if _fits(problem, car, waiting[:middle]):
            low = middle
        else:
            high = middle
    return _visits(waiting[:low]), low


def _fits(problem: Problem, car: Vehicle, stops: list[Stop]) -> bool:
    if any(stop.vehicles is not None and car.key not in stop.vehicles for stop in stops):
        return False
    return not judge_round(problem, car, _visits(stops), brief=True).violations


def _visits(stops: list[Stop]) -> tuple[Visit, ...]:
    """Call first where the gate closes first, else as they lie on the map."""
    ordered = sorted(stops, key=lambda stop: (stop.windows[-1].end_s, stop.windows[0].start_s))
    return tuple(visit for stop in ordered for visit in stop.visits())
