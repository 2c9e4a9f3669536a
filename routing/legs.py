"""Every leg of every round as arrays, so that a stop is tried on all of them in one go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from remelt.routing.loading import loads_of, sizes_of, trips_of
from remelt.routing.problem import Problem, Routes, Stop, Vehicle, Visit, Window
from remelt.routing.roads import UNREACHABLE, Whole
from remelt.routing.timing import Way, fetch_legs, opening, way_of

NEVER_S = 2**50
Yes = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Line:
    """The legs of one round: when it can leave for each at the earliest, and must be there.

    rows: places in order; ready_s: earliest departure; latest_s: latest arrival at the leg's end
    that keeps all behind it in time; before, after: for each size, the most on the leg's trip up
    to it, and from it on; families: bits on its trip; metres: of the leg.
    """

    rows: Whole
    ready_s: Whole
    latest_s: Whole
    before: Whole
    after: Whole
    families: Whole
    metres: Whole


@dataclass(frozen=True, slots=True)
class Tried:
    """One stop tried behind every position of the rounds that are known exactly.

    car, at: which vehicle (its row) and the position; added_m: metres more; the rest say what
    is in the way: no road, too heavy, a quarrel, its own window, the time of what follows.
    """

    car: Whole
    at: Whole
    added_m: Whole
    shut: Yes
    heavy: Yes
    quarrel: Yes
    closed: Yes
    late: Yes

    @property
    def free(self) -> Yes:
        """Where nothing is in the way."""
        return ~(self.shut | self.heavy | self.quarrel | self.closed | self.late)


class Legs:
    """The rounds of a plan, and the vehicles that stay at home, leg by leg.

    A round of a driver who rests, is paid overtime, or whose truck has a range, is not told by
    its legs; `exact` says so, and the judge is asked instead.
    """

    def __init__(self, problem: Problem, routes: Routes) -> None:
        fetch_legs(problem, routes)
        self.problem = problem
        self.routes = dict(routes)
        self._told: tuple[Stop, Tried] | None = None
        self._bits = {f: 1 << at for at, f in enumerate(sorted({s.family for s in problem.stops}))}
        self._sizes = 1 + max((len(car.capacities) for car in problem.vehicles), default=0)
        self._lines = [self._line(car) for car in problem.vehicles]
        self._bounds = np.array(
            [
                [
                    car.capacity_kg,
                    *car.capacities,
                    *[NEVER_S] * (self._sizes - 1 - len(car.capacities)),
                ]
                for car in problem.vehicles
            ],
            dtype=np.int64,
        ).reshape(-1, self._sizes)
        self._join()

    def change(self, vehicle: str, visits: tuple[Visit, ...]) -> None:
        """Give one vehicle another round."""
        self.routes[vehicle] = visits
        for at, car in enumerate(self.problem.vehicles):
            if car.key == vehicle:
                self._lines[at] = self._line(car)
        self._join()

    def with_stop(self, stop: Stop) -> None:
        """Let the rounds know one stop more, which nobody serves yet."""
        self.problem = replace(self.problem, stops=(*self.problem.stops, stop))
        self._bits.setdefault(stop.family, 1 << len(self._bits))
        self._told = None

    def exact(self, car: Vehicle, stop: Stop) -> bool:
        """Tell whether the legs say all there is to say about this stop on this vehicle."""
        plain = not car.breaks and car.regular_s is None and car.range_m is None
        return plain and not car.compartments and stop.kind != "pair" and not stop.ready_s

    def look(self, stop: Stop) -> Tried:
        """Try a stop, not a pair, behind every position; the last answer is kept."""
        if self._told is None or self._told[0] != stop:
            self._told = (stop, self._look(stop))
        return self._told[1]

    def _look(self, stop: Stop) -> Tried:
        here = np.array([self.problem.matrix.index(stop.place)])
        pairs = self.problem.matrix.pairs
        (out_m, out_s), (back_m, back_s) = pairs(self._starts, here), pairs(here, self._ends)
        arrive = self._ready + out_s
        begin = np.full(len(arrive), NEVER_S)
        for window in stop.windows:
            fits = arrive <= window.end_s
            begin = np.where(fits, np.minimum(begin, np.maximum(arrive, window.start_s)), begin)
        closed = begin == NEVER_S
        leave = np.where(closed, arrive, begin) + stop.service_s
        load = np.zeros(self._sizes, dtype=np.int64)
        sizes = sizes_of(stop, max(self.problem.vehicles, key=lambda car: len(car.capacities)))
        load[: len(sizes)] = sizes
        side = self._before if stop.kind == "delivery" else self._after
        return Tried(
            car=self._car,
            at=self._spot,
            added_m=out_m + back_m - np.maximum(0, self._metres),
            shut=(out_m == UNREACHABLE) | (back_m == UNREACHABLE),
            heavy=np.asarray((side + load > self._bounds[self._car]).any(axis=1)),
            quarrel=(self._families & self._foes(stop)) != 0,
            closed=closed,
            late=leave + back_s > self._latest,
        )

    def _foes(self, stop: Stop) -> int:
        quarrel = self.problem.quarrel
        return sum(
            bit
            for family, bit in self._bits.items()
            if family != stop.family and quarrel(family, stop.family)
        )

    def _join(self) -> None:
        lines = self._lines
        self._told = None
        counts = [len(line.metres) for line in lines]
        self._car = np.repeat(np.arange(len(lines)), counts)
        self._spot = np.concatenate([np.arange(count) for count in counts] or [np.zeros(0, int)])
        self._starts = _joined([line.rows[:-1] for line in lines])
        self._ends = _joined([line.rows[1:] for line in lines])
        self._ready = _joined([line.ready_s for line in lines])
        self._latest = _joined([line.latest_s for line in lines])
        self._families = _joined([line.families for line in lines])
        self._metres = _joined([line.metres for line in lines])
        self._before = _joined([line.before for line in lines]).reshape(-1, self._sizes)
        self._after = _joined([line.after for line in lines]).reshape(-1, self._sizes)

    def _line(self, car: Vehicle) -> Line:
        visits = self.routes.get(car.key, ())
        way = way_of(self.problem, car, visits)
        places = [car.start, *(step.place for step in way.steps), car.end]
        before, after, families = self._loaded(car, visits)
        return Line(
            rows=np.array([self.problem.matrix.index(place) for place in places], dtype=np.int64),
            ready_s=np.array(self._ready_s(way), dtype=np.int64),
            latest_s=np.array(self._latest_s(way), dtype=np.int64),
            before=before,
            after=after,
            families=families,
            metres=np.array(way.metres, dtype=np.int64),
        )

    def _ready_s(self, way: Way) -> list[int]:
        hub = self.problem.hub(way.vehicle.start)
        now = max(way.vehicle.shift_start_s, hub.opens_s, way.ready_s)
        ready = [now]
        for step, seconds in zip(way.steps, way.seconds, strict=False):
            begin = opening(step.windows, now + seconds)
            now += seconds
            now = max((now if begin is None else begin) + step.service_s, step.ready_s)
            ready.append(now)
        return ready

    def _latest_s(self, way: Way) -> list[int]:
        latest = min(way.vehicle.shift_end_s, self.problem.hub(way.vehicle.end).closes_s)
        found = [latest]
        for step, seconds in zip(reversed(way.steps), reversed(way.seconds), strict=False):
            latest = _closing(step.windows, latest - seconds - step.service_s)
            found.append(latest)
        return found[::-1]

    def _loaded(self, car: Vehicle, visits: Sequence[Visit]) -> tuple[Whole, Whole, Whole]:
        """Return, for each leg, the most before and after it on its trip, and the families."""
        loads = np.zeros((len(visits) + 1, self._sizes), dtype=np.int64)
        loads[:, : 1 + len(car.capacities)] = loads_of(self.problem, car, visits)
        before, after = loads.copy(), loads.copy()
        families = np.zeros(len(loads), dtype=np.int64)
        for first, trip in _trips(visits):
            part = slice(first, first + len(trip) + 1)
            before[part] = np.maximum.accumulate(loads[part])
            after[part] = np.maximum.accumulate(loads[part][::-1])[::-1]
            for visit in trip:
                families[part] |= self._bits[self.problem.stop(visit.stop).family]
        return before, after, families


def _trips(visits: Sequence[Visit]) -> Iterator[tuple[int, Sequence[Visit]]]:
    """Return each trip with the number of its first leg."""
    first = 0
    for trip in trips_of(visits):
        yield first, trip
        first += len(trip) + 1


def _closing(windows: Sequence[Window], limit_s: int) -> int:
    """Return the latest moment up to `limit_s` at which service can begin; -1 for none."""
    fits = [min(limit_s, window.end_s) for window in windows if window.start_s <= limit_s]
    return max(fits, default=-1)


def _joined(parts: Sequence[Whole]) -> Whole:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
