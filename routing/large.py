"""A large day: cells of near rounds solved apart, then their borders mended, in parallel."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from remelt.routing.cells import SPARE, Map, Part, day_of, spares
from remelt.routing.choice import PYVRP, TRIPS, by_trips
from remelt.routing.evaluator import judge
from remelt.routing.hands import Hands
from remelt.routing.problem import Problem, Routes, Vehicle
from remelt.routing.search import Budget
from remelt.routing.whole import Task, solve_task

FIRST_SHARE = 0.4
LEAST_S, MOST_S = 0.3, 4.0
REPAIR_S = 0.8
LATE_S = 0.05
ENDLESS_S = 10**6


class Large:
    """The coordinator: it alone holds the plan, and takes a part back only if it got better."""

    def __init__(
        self,
        problem: Problem,
        routes: Routes,
        *,
        seed: int,
        budget: Budget,
        pool: Hands | None,
        processes: int,
    ) -> None:
        self.routes = dict(routes)
        self.engine = PYVRP
        self._problem = problem
        self._seed = seed
        self._budget = budget
        self._pool, self._processes = pool, processes if pool else 1
        self._map = Map(problem)
        self._dice = random.Random(seed)  # noqa: S311 - a reproducible choice, not a secret
        self._touched = dict.fromkeys(routes, 0)
        served = {visit.stop for visits in routes.values() for visit in visits}
        self._loose = [stop.key for stop in problem.stops if stop.key not in served]
        self._free: dict[Vehicle, list[str]] = {}
        for car in problem.vehicles:
            if car.key not in routes:
                self._free.setdefault(replace(car, key=""), []).append(car.key)
        self._sent = 0

    def run(self, tell: Callable[[], None]) -> None:
        """Solve the cells, then mend their borders until the budget is used up."""
        cells = self._map.cells(self.routes, loose=self._loose)
        left = self._budget.left_s * FIRST_SHARE * self._processes / max(1, len(cells))
        looks = self._budget.looks and max(50, self._budget.looks // (2 * len(cells)))
        self._dice.shuffle(cells)
        seconds = min(MOST_S, max(LEAST_S, left))
        for at in range(0, len(cells), self._processes):
            if self._budget.over():
                return
            wave = cells[at : at + self._processes]
            self._wave(wave, seconds=seconds, looks=looks, warm=False)
            tell()
        spent = looks * len(cells) if looks else 0
        while not self._budget.over() and self._budget.left_s > LEAST_S and len(self.routes) > 1:
            wave = self._neighbours()
            self._wave(wave, seconds=REPAIR_S, looks=looks and looks // 2, warm=True)
            spent += (looks or 0) // 2 * len(wave)
            if self._budget.looks and spent >= self._budget.looks:
                return
            tell()

    def _neighbours(self) -> list[Part]:
        """Parts that share no round, each around one of the rounds least touched so far."""
        taken: set[str] = set()
        parts: list[Part] = []
        for _ in range(self._processes):
            rest = [key for key in self.routes if key not in taken]
            if len(rest) < 2:  # noqa: PLR2004 - one round has no neighbour
                break
            least = min(self._touched[key] for key in rest)
            centre = self._dice.choice([key for key in rest if self._touched[key] == least])
            loose = self._loose if not parts else ()
            part = self._map.around(self.routes, centre=centre, taken=taken, loose=loose)
            taken |= part.routes.keys()
            parts.append(part)
        return parts

    def _wave(
        self, parts: Sequence[Part], *, seconds: float, looks: int | None, warm: bool
    ) -> None:
        """Send some parts out, wait for all of them, and take back what is better."""
        taken: set[str] = set()
        sent: list[tuple[Part, Task]] = []
        for part in parts:
            most = max(SPARE, len(part.loose), 0 if warm else len(part.routes) // 5)
            spare = spares(self._free, self._problem, taken=taken, most=most)
            taken |= {car.key for car in spare}
            day = day_of(self._problem, part, spare=spare)
            self.engine = TRIPS if by_trips(day) else self.engine
            self._sent += 1
            seed = self._seed * 1_000_003 + self._sent
            end = self._budget.until - LATE_S
            seconds = ENDLESS_S if looks else seconds
            sent.append((part, Task(day, part.routes, seed, seconds, end, looks, warm)))
        for part, task, found in self._answers(sent):
            self._take(part, task.problem, found)

    def _answers(
        self, sent: Sequence[tuple[Part, Task]]
    ) -> Iterator[tuple[Part, Task, Routes | None]]:
        if self._pool is None:
            for part, task in sent:
                yield part, task, solve_task(task)
            return
        asked = [self._pool.submit(solve_task, task) for _, task in sent]
        for (part, task), answer in zip(sent, asked, strict=True):
            while not answer.done() and not self._budget.over():
                time.sleep(min(0.01, max(0.0, self._budget.left_s)))
            yield part, task, answer.result() if answer.done() else None

    def _take(self, part: Part, day: Problem, found: Routes | None) -> None:
        for key in part.routes:
            self._touched[key] += 1
        if found is None:
            return
        was, now = judge(day, part.routes, brief=True), judge(day, found, brief=True)
        if now.violations or now.rank >= was.rank:
            return
        most = max((self._touched[key] for key in part.routes), default=0)
        for key in part.routes:
            del self.routes[key]
            self._free.setdefault(replace(self._problem.vehicle(key), key=""), []).append(key)
        for key, visits in found.items():
            self.routes[key] = visits
            self._touched.setdefault(key, most)
            self._free[replace(self._problem.vehicle(key), key="")].remove(key)
        left = set(now.unserved)
        here = set(part.stops())
        self._loose = [key for key in self._loose if key not in here] + sorted(left)
