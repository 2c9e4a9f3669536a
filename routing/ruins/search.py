"""The compiled search within a budget: in the time there is, or in a number of looks."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from remelt.routing.problem import Problem, Routes
from remelt.routing.ruins.anneal import anneal, fill, lay, total
from remelt.routing.ruins.distances import TABLED
from remelt.routing.ruins.plan import blank, notes, routes_of
from remelt.routing.ruins.state import ABSENT, Small, Work
from remelt.routing.ruins.translate import Sheet, sheet_of
from remelt.routing.search import Budget

HOT, COLD = 1.0, 0.01
EPOCH_S, CHECK_S = 1.0, 0.02
EPOCHS, LEAST_EPOCHS = 64, 8
FIRST_LOOKS = 500
FASTEST = 1_000_000
SHARED = 3_000


class Ruins:
    """A plan under search. The caller may read the best routes at any time between epochs."""

    def __init__(self, problem: Problem, *, seed: int, workers: int = 1) -> None:
        self.sheet = sheet_of(problem)
        self._seed, self._epoch = seed, 0
        self._workers = workers if len(problem.stops) > SHARED else 1
        self._tour = blank(self.sheet)
        self._best = self._tour.best_after.copy()
        self._cost = self.cost = float("inf")
        self._served = 0

    def begin(self, routes: Routes | None = None) -> None:
        """Lay known routes if there are any, then put in what waits, greedily."""
        work = self._notes()[0]
        if routes:
            lay(self.sheet.day, self._tour, work, *_laid(self.sheet, routes))
            work = self._notes()[0]
        fill(self.sheet.day, self._tour, work)
        self._best[:] = self._tour.best_after[:] = self._tour.after
        self._cost = self.cost = total(self.sheet.day, self._tour)

    def routes(self) -> Routes:
        """Return the best routes so far."""
        return routes_of(self.sheet, self._best.tolist())

    def run(
        self, budget: Budget, *, heat: float = HOT, tick: Callable[[], None] | None = None
    ) -> None:
        """Search until the budget is used up; `tick` is called after each epoch."""
        pace = _Pace(budget, heat=heat * self._mean_fen(), workers=self._workers)
        with ThreadPoolExecutor(self._workers) as pool:
            while not pace.over():
                work = self._notes()
                self._tour.best_after[:] = self._tour.after
                pace.begin_epoch()
                list(pool.map(lambda each: pace.work(self, each), work))
                pace.end_epoch()
                self._take(work)
                if tick is not None:
                    tick()

    def _mean_fen(self) -> float:
        """Return what a served stop costs now, on average; what is left out heats nothing."""
        served = self._tour.vehicle != ABSENT
        whole = self._cost - float(self.sheet.day.lost[~served].sum())
        return max(1.0, whole / max(1, int(served.sum())))

    def _take(self, work: list[Work]) -> None:
        found = self._cost + sum(each.totals[1] for each in work)
        if found < self.cost:
            self._best[:] = self._tour.best_after
            self.cost = found
        self._cost += sum(each.totals[0] for each in work)

    def look(self, work: Work, looks: int, *, hot: float, cold: float) -> None:
        """Let one worker look at so many plans."""
        anneal(self.sheet.day, self._tour, work, looks, hot, cold)

    def _notes(self) -> list[Work]:
        """Share rounds and stops out among the workers along a line drawn anew each time."""
        self._epoch += 1
        day, tour = self.sheet.day, self._tour
        seed = self._seed * 1_000_003 + self._epoch * 17
        mine = [np.arange(day.stops, dtype=np.int32)]
        if self._cost < float("inf") and self._workers > 1:
            mine = self._split()
        return [
            notes(day, tour, zone=zone, mine=each, seed=seed + zone)
            for zone, each in enumerate(mine)
        ]

    def _split(self) -> list[Small]:
        day, tour, count = self.sheet.day, self._tour, self._workers
        angle = self._epoch * 2.399963
        points = self.sheet.problem.matrix.points()[day.row[: day.stops]]
        along = points @ np.array([np.cos(angle), np.sin(angle)])
        served = tour.vehicle != ABSENT
        vehicles = tour.vehicle[served]
        sums = np.bincount(vehicles, weights=along[served], minlength=len(tour.size))
        used = np.flatnonzero(tour.size)
        middle = sums[used] / tour.size[used]
        ranked = used[np.argsort(middle, kind="stable")]
        before = np.cumsum(tour.size[ranked]) - tour.size[ranked] / 2
        tour.zone[:] = np.arange(len(tour.zone)) % count
        tour.zone[ranked] = np.minimum(count - 1, before * count / max(1, tour.size.sum()))
        of_stop = np.empty(day.stops, dtype=np.int64)
        of_stop[served] = tour.zone[vehicles]
        of_stop[~served] = np.arange((~served).sum()) % count
        return [np.flatnonzero(of_stop == zone).astype(np.int32) for zone in range(count)]


def _laid(sheet: Sheet, routes: Routes) -> tuple[Small, Small]:
    number = {stop.key: at for at, stop in enumerate(sheet.stops)}
    of = {key: at for at, key in enumerate(sheet.vehicles)}
    pairs = [(number[v.stop], of[key]) for key, visits in routes.items() for v in visits]
    laid = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    return np.ascontiguousarray(laid[:, 0]), np.ascontiguousarray(laid[:, 1])


class _Pace:
    """How far the search is, and how hot: by looks where they are bounded, else by the clock."""

    def __init__(self, budget: Budget, *, heat: float, workers: int) -> None:
        self._budget, self._heat, self._workers = budget, heat, workers
        self._began = time.monotonic()
        self._whole_s = max(1e-6, budget.until - self._began)
        self._looks = budget.looks
        if self._looks is not None and self._looks > FASTEST * self._whole_s:
            self._looks = None
        self._epochs = 0
        self._rate = FIRST_LOOKS / CHECK_S
        self._until = 0.0

    def over(self) -> bool:
        """Tell whether the search is to end."""
        return self._budget.over() or (self._looks is not None and self._epochs >= EPOCHS)

    def begin_epoch(self) -> None:
        """Note when an epoch by the clock is to end."""
        self._until = time.monotonic() + min(EPOCH_S, self._whole_s / LEAST_EPOCHS)

    def end_epoch(self) -> None:
        """Note that an epoch is over."""
        self._epochs += 1

    def work(self, ruins: Ruins, work: Work) -> None:
        """Let one worker look at plans for an epoch."""
        if self._looks is not None:
            self._by_looks(ruins, work)
        else:
            self._by_clock(ruins, work)

    def _by_looks(self, ruins: Ruins, work: Work) -> None:
        looks = max(1, (self._looks or 0) // (EPOCHS * self._workers))
        done = 0
        while done < looks and not self._budget.over():
            now = min(FIRST_LOOKS, looks - done)
            begin = (self._epochs + done / looks) / EPOCHS
            end = (self._epochs + (done + now) / looks) / EPOCHS
            ruins.look(work, now, hot=self._at(begin), cold=self._at(end))
            done += now

    def _by_clock(self, ruins: Ruins, work: Work) -> None:
        rate = self._rate
        while time.monotonic() < self._until and not self._budget.over():
            began = time.monotonic()
            left = min(CHECK_S, self._budget.until - began)
            now = max(20, int(rate * left))
            share = (began - self._began) / self._whole_s
            end = min(1.0, share + left / self._whole_s)
            ruins.look(work, now, hot=self._at(share), cold=self._at(end))
            rate = 0.5 * rate + 0.5 * now / max(1e-6, time.monotonic() - began)
        self._rate = rate

    def _at(self, share: float) -> float:
        return float(self._heat * (COLD / HOT) ** share)


def ruin_and_recreate(
    problem: Problem,
    *,
    seed: int,
    budget: Budget,
    routes: Routes | None = None,
    workers: int = 1,
    at_best: Callable[[Routes], None] | None = None,
) -> Routes:
    """Return the best routes found within the budget, from `routes` on if given."""
    if len(problem.matrix.keys) <= TABLED:
        problem = replace(problem, matrix=problem.matrix.table())
    ruins = Ruins(problem, seed=seed, workers=workers)
    ruins.begin(routes)
    ruins.run(budget, tick=None if at_best is None else lambda: at_best(ruins.routes()))
    return ruins.routes()
