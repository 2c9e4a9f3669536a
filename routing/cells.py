"""Whole rounds that lie near each other, cut out of a large day as a day of their own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from remelt.routing.problem import Problem, Routes, Stop, Vehicle

CELL = 250
SPARE = 3


@dataclass(frozen=True, slots=True)
class Part:
    """Some rounds, the stops they serve and stops nobody serves yet, with vehicles to spare."""

    routes: Routes
    loose: tuple[str, ...] = ()

    def stops(self) -> list[str]:
        """Return the keys of the stops of this part."""
        served = [
            visit.stop
            for visits in self.routes.values()
            for visit in visits
            if visit.action != "reload"
        ]
        return [*dict.fromkeys(served), *self.loose]


class Map:
    """Where stops and rounds lie."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._points = problem.matrix.points()
        self._row = {stop.key: problem.matrix.index(stop.place) for stop in problem.stops}

    def middles(self, routes: Routes) -> NDArray[np.float64]:
        """Return the middle of each round."""
        return np.array(
            [
                self._points[[self._row[v.stop] for v in visits if v.stop in self._row]].mean(
                    axis=0
                )
                for visits in routes.values()
            ]
        ).reshape(-1, 2)

    def cells(self, routes: Routes, *, loose: Sequence[str], size: int = CELL) -> list[Part]:
        """Cut the map of rounds in two, again and again, until each cell has about `size` stops."""
        keys, middles = list(routes), self.middles(routes)
        count = np.array([len(visits) for visits in routes.values()])
        done: list[NDArray[np.int64]] = []
        todo = [np.arange(len(keys))] if keys else []
        while todo:
            cell = todo.pop()
            if len(cell) == 1 or count[cell].sum() <= size:
                done.append(cell)
                continue
            axis = int(np.ptp(middles[cell], axis=0).argmax())
            ranked = cell[np.argsort(middles[cell, axis], kind="stable")]
            half = int(np.searchsorted(count[ranked].cumsum(), count[ranked].sum() / 2))
            half = min(max(1, half), len(ranked) - 1)
            todo += [ranked[half:], ranked[:half]]
        if not done:
            return [Part({}, tuple(loose))]
        centres = np.array([middles[cell].mean(axis=0) for cell in done])
        lost: list[list[str]] = [[] for _ in done]
        for key in loose:
            far = ((centres - self._points[self._row[key]]) ** 2).sum(axis=1)
            lost[int(far.argmin())].append(key)
        return [
            Part({keys[at]: routes[keys[at]] for at in cell.tolist()}, tuple(left[: size // 3]))
            for cell, left in zip(done, lost, strict=True)
        ]

    def around(
        self,
        routes: Routes,
        *,
        centre: str,
        taken: Collection[str],
        loose: Sequence[str],
        size: int = CELL,
    ) -> Part:
        """Return the round `centre` and its nearest ones, up to about `size` stops."""
        keys = [key for key in routes if key not in taken]
        middles = self.middles({key: routes[key] for key in keys})
        far = ((middles - middles[keys.index(centre)]) ** 2).sum(axis=1)
        chosen: Routes = {}
        count = 0
        for at in np.argsort(far, kind="stable").tolist():
            visits = routes[keys[at]]
            if chosen and count + len(visits) > size:
                break
            chosen[keys[at]] = visits
            count += len(visits)
        return Part(chosen, tuple(loose[: max(0, size // 10)]))


def day_of(problem: Problem, part: Part, *, spare: Sequence[Vehicle]) -> Problem:
    """Return the part as a problem of its own, with only its own places in it."""
    stops: list[Stop] = [problem.stop(key) for key in part.stops()]
    vehicles = (*(problem.vehicle(key) for key in part.routes), *spare)
    places = {place for stop in stops for place in (stop.place, stop.to) if place is not None}
    for car in vehicles:
        places |= {car.start, car.end, *car.reload_at}
    families = {stop.family for stop in stops}
    return replace(
        problem,
        matrix=problem.matrix.part(sorted(places)),
        stops=tuple(stops),
        vehicles=vehicles,
        hubs=tuple(hub for hub in problem.hubs if hub.place in places),
        incompatible=frozenset(pair for pair in problem.incompatible if families >= {*pair}),
    )


def spares(
    free: Mapping[Vehicle, Sequence[str]], problem: Problem, *, taken: Collection[str], most: int
) -> list[Vehicle]:
    """Return up to `most` free vehicles of each kind that nobody else has taken."""
    return [
        problem.vehicle(key)
        for keys in free.values()
        for key in [key for key in keys if key not in taken][:most]
    ]
