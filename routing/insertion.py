"""Greedy insertion: always an answer, in milliseconds, and the first incumbent of every plan."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from remelt.routing.evaluator import judge_round
from remelt.routing.problem import Problem, Routes, Stop, Vehicle, Visit
from remelt.routing.roads import UNREACHABLE, Whole
from remelt.routing.timing import place_of

MOST_TRIES = 60
FEW_TRIES = 3
MOST_SPLIT = 12
NEVER = 2**60
MOST_MEASURED = 2_000
MOST_LEGS = 400


def insert_all(
    problem: Problem, *, routes: Routes | None = None, until: float | None = None
) -> Routes:
    """Return feasible routes: each stop where it lengthens the day least, far stops first.

    `routes` are kept as they are and added to. What fits nowhere is left out, and so is a prize
    stop whose detour costs more than its prize. until: a moment of `time.monotonic` to end at.
    """
    board = _Board(problem, routes or {})
    served = {visit.stop for visits in board.routes.values() for visit in visits}
    waiting = [stop for stop in problem.stops if stop.key not in served]
    for stop in in_order(problem, waiting):
        if until is not None and time.monotonic() > until:
            break
        board.insert(stop)
    return {key: visits for key, visits in board.routes.items() if visits}


def in_order(problem: Problem, stops: Sequence[Stop]) -> list[Stop]:
    """Mandatory before prize, far before near, narrow window before wide, then by key."""
    index = problem.matrix.index
    if len(stops) > MOST_MEASURED:
        return sorted(stops, key=lambda stop: (stop.prize_fen is not None, stop.key))
    homes = np.array(sorted({index(car.start) for car in problem.vehicles}), dtype=np.int64)
    rows = np.array([index(stop.place) for stop in stops], dtype=np.int64)
    far = [0] * len(stops)
    if homes.size and rows.size:
        far = problem.matrix.pairs(homes[:, None], rows[None, :])[0].max(axis=0).tolist()

    def urgency(at: int) -> tuple[bool, int, int, str]:
        stop = stops[at]
        open_s = sum(window.end_s - window.start_s for window in stop.windows)
        return (stop.prize_fen is not None, -max(0, far[at]), open_s, stop.key)

    return [stops[at] for at in sorted(range(len(stops)), key=urgency)]


def best_insertion(
    problem: Problem, routes: Routes, stop: Stop
) -> tuple[str, tuple[Visit, ...]] | None:
    """Return the cheapest feasible place for `stop` as (vehicle, its new visits), if there is one.

    Candidates are tried by added distance, at most 60 for each vehicle; a prize stop must be
    worth what it adds.
    """
    best: tuple[int, str, tuple[Visit, ...]] | None = None
    for vehicle in problem.vehicles:
        if stop.vehicles is not None and vehicle.key not in stop.vehicles:
            continue
        before = routes.get(vehicle.key, ())
        was = judge_round(problem, vehicle, before, brief=True).cost_fen if before else 0
        tried = sorted(
            candidates(before, stop, vehicle), key=lambda v: _metres(problem, vehicle, v)
        )
        for visits in tried[:MOST_TRIES]:
            judged = judge_round(problem, vehicle, visits, brief=True)
            if judged.violations:
                continue
            added = judged.cost_fen - was
            if (stop.prize_fen is None or added <= stop.prize_fen) and (
                best is None or added < best[0]
            ):
                best = (added, vehicle.key, visits)
            break
    return None if best is None else best[1:]


def candidates(
    visits: tuple[Visit, ...], stop: Stop, vehicle: Vehicle | None = None
) -> Iterator[tuple[Visit, ...]]:
    """Every way to put `stop` between `visits`, their order kept, or on a trip after a reload."""
    first, *second = stop.visits()
    for at in range(len(visits) + 1):
        if not second:
            yield (*visits[:at], first, *visits[at:])
            continue
        for then in range(at, len(visits) + 1):
            yield (*visits[:at], first, *visits[at:then], second[0], *visits[then:])
    if vehicle is not None and visits:
        done = sum(visit.action == "reload" for visit in visits)
        for hub in vehicle.reload_at if done < vehicle.reloads else ():
            yield (*visits, Visit(hub, "reload"), *stop.visits())
            yield (*stop.visits(), Visit(hub, "reload"), *visits)


def _metres(problem: Problem, vehicle: Vehicle, visits: tuple[Visit, ...]) -> int:
    return sum(max(0, each) for each in problem.matrix.along(_rows(problem, vehicle, visits))[0])


def _rows(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> list[int]:
    index = problem.matrix.index
    places = [
        visit.stop if visit.action == "reload" else place_of(problem.stop(visit.stop), visit)
        for visit in visits
    ]
    return [index(vehicle.start), *map(index, places), index(vehicle.end)]


@dataclass(slots=True)
class _Line:
    """A vehicle's route on the board: its places in order, its cost, kg delivered and collected."""

    vehicle: Vehicle
    rows: Whole
    cost_fen: int
    carried: tuple[int, int]


class _Board:
    """All routes at once, so that a stop is measured against every leg in one go."""

    def __init__(self, problem: Problem, routes: Routes) -> None:
        self._problem = problem
        self._points = problem.matrix.points()
        self.routes: Routes = {key: visits for key, visits in routes.items() if visits}
        self._lines: dict[str, _Line] = {}
        for key, visits in self.routes.items():
            self._draw(problem.vehicle(key), visits)
        self._empty: dict[Vehicle, list[str]] = {}
        for car in reversed(problem.vehicles):
            if car.key not in self.routes:
                self._empty.setdefault(replace(car, key=""), []).append(car.key)

    def insert(self, stop: Stop) -> bool:
        """Put `stop` where it adds least, if the judge lets it; tell whether it did.

        A few of the best ways on each round that has room are tried, then rounds of its own.
        """
        tries: dict[str, int] = {}
        few = MOST_TRIES if len(self._lines) <= MOST_SPLIT else FEW_TRIES
        joined = sorted((*self._between(stop), *self._new_trips(stop)), key=lambda each: each[0])
        alone = sorted(self._new_rounds(stop), key=lambda each: each[0])
        ways = [way for way in joined if not alone or way[0] <= alone[0][0]]
        for _, key, visits in (*ways, *alone, *joined[len(ways) :]):
            tries[key] = tries.get(key, 0) + 1
            if tries[key] > few or sum(tries.values()) > 2 * MOST_TRIES:
                continue
            car = self._problem.vehicle(key)
            judged = judge_round(self._problem, car, visits, brief=True)
            if not judged.violations:
                was = self._lines[key].cost_fen if key in self._lines else 0
                if stop.prize_fen is not None and judged.cost_fen - was > stop.prize_fen:
                    return False
                self._put(car, visits)
                return True
        return False

    def _put(self, car: Vehicle, visits: tuple[Visit, ...]) -> None:
        if car.key not in self.routes:
            self._empty[replace(car, key="")].remove(car.key)
        self.routes[car.key] = visits
        self._draw(car, visits)

    def _draw(self, car: Vehicle, visits: tuple[Visit, ...]) -> None:
        rows = np.array(_rows(self._problem, car, visits), dtype=np.int64)
        cost = judge_round(self._problem, car, visits, brief=True).cost_fen
        stops = [self._problem.stop(v.stop) for v in visits if v.action != "reload"]
        out, back = (sum(s.mass_kg for s in stops if s.kind == k) for k in ("delivery", "pickup"))
        self._lines[car.key] = _Line(car, rows, cost, (out, back))

    def _new_rounds(self, stop: Stop) -> Iterator[tuple[int, str, tuple[Visit, ...]]]:
        visits = stop.visits()
        for keys in self._empty.values():
            allowed = [k for k in reversed(keys) if stop.vehicles is None or k in stop.vehicles]
            if allowed:
                car = self._problem.vehicle(allowed[0])
                metres = _metres(self._problem, car, visits)
                yield car.fixed_fen * 1000 + car.fen_per_km * metres, car.key, visits

    def _new_trips(self, stop: Stop) -> Iterator[tuple[int, str, tuple[Visit, ...]]]:
        for key, line in self._lines.items():
            if not line.vehicle.reloads:
                continue
            before = self.routes[key]
            was = _metres(self._problem, line.vehicle, before)
            for hub in line.vehicle.reload_at:
                visits = (*before, Visit(hub, "reload"), *stop.visits())
                added = _metres(self._problem, line.vehicle, visits) - was
                yield line.vehicle.fen_per_km * added, key, visits

    def _between(self, stop: Stop) -> Iterator[tuple[int, str, tuple[Visit, ...]]]:
        """The best few legs of all rounds to call at on the way, and short rounds in full."""
        keys = [key for key, line in self._lines.items() if self._has_room(line, stop)]
        if not keys:
            return
        lines = [self._lines[key].rows for key in keys]
        starts = np.concatenate([rows[:-1] for rows in lines])
        ends = np.concatenate([rows[1:] for rows in lines])
        sizes = [len(rows) - 1 for rows in lines]
        owner = np.repeat(np.arange(len(keys)), sizes)
        first = np.concatenate([np.arange(size) for size in sizes])
        if len(starts) > MOST_LEGS:
            near = self._nearest(stop, starts, ends)
            starts, ends, owner, first = starts[near], ends[near], owner[near], first[near]
        rate = np.array([self._lines[key].vehicle.fen_per_km for key in keys])[owner]
        added = rate * self._detour(stop, starts, ends)
        most = min(MOST_TRIES, len(added))
        for at in np.argpartition(added, most - 1)[:most].tolist():
            key, spot = keys[owner[at]], int(first[at])
            before = self.routes[key]
            yield int(added[at]), key, (*before[:spot], *stop.visits(), *before[spot:])
            if stop.kind == "pair" and len(before) <= MOST_SPLIT:
                yield from self._split(stop, key)

    def _has_room(self, line: _Line, stop: Stop) -> bool:
        """Tell whether the vehicle may come and its load leaves room, as far as a glance shows."""
        if stop.vehicles is not None and line.vehicle.key not in stop.vehicles:
            return False
        if stop.kind == "pair" or line.vehicle.reloads:
            return True
        return line.carried[stop.kind == "pickup"] + stop.mass_kg <= line.vehicle.capacity_kg

    def _nearest(self, stop: Stop, starts: Whole, ends: Whole) -> Whole:
        """The legs that look nearest on the map: only they are worth measuring."""
        here = self._points[self._problem.matrix.index(stop.place)]
        out, back = self._points[starts] - here, self._points[ends] - here
        longer = np.hypot(*out.T) + np.hypot(*back.T) - np.hypot(*(out - back).T)
        return np.argpartition(longer, MOST_LEGS // 2)[: MOST_LEGS // 2]

    def _split(self, stop: Stop, key: str) -> Iterator[tuple[int, str, tuple[Visit, ...]]]:
        line, before = self._lines[key], self.routes[key]
        was = _metres(self._problem, line.vehicle, before)
        tried = [
            (_metres(self._problem, line.vehicle, visits) - was, visits)
            for visits in candidates(before, stop)
        ]
        for added, visits in sorted(tried, key=lambda each: each[0])[:MOST_SPLIT]:
            yield line.vehicle.fen_per_km * added, key, visits

    def _detour(self, stop: Stop, starts: Whole, ends: Whole) -> Whole:
        index, pairs = self._problem.matrix.index, self._problem.matrix.pairs
        here, there = np.array([index(stop.place)]), np.array([index(stop.to or stop.place)])
        out, back = pairs(starts, here)[0], pairs(there, ends)[0]
        own = pairs(here, there)[0]
        direct = np.maximum(0, pairs(starts, ends)[0])
        shut = (out == UNREACHABLE) | (back == UNREACHABLE) | (own == UNREACHABLE)
        return np.where(shut, NEVER // 10**6, out + own + back - direct)
