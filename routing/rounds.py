"""A day's rounds: greedy first, then the solvers, and the judge decides which is kept."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

from remelt.routing.book import Book
from remelt.routing.checks import check
from remelt.routing.choice import STRINGS, WHOLE, by_strings, by_trips, in_cells
from remelt.routing.evaluator import Verdict, judge
from remelt.routing.hands import Hands, workers
from remelt.routing.incumbent import Incumbent
from remelt.routing.insertion import insert_all
from remelt.routing.large import Large
from remelt.routing.places import completed
from remelt.routing.problem import Problem, Routes
from remelt.routing.reasons import UNEXAMINED, Reason, explain_all, explaining_s
from remelt.routing.ruins.search import Ruins
from remelt.routing.search import Budget
from remelt.routing.sweep import sweep
from remelt.routing.trips.search import first_routes
from remelt.routing.whole import solve_whole

Report = Callable[[int, str, "Routes"], None]
INSERTED = TABLED = 700
RESERVE_S, RESERVE_JUDGED = 0.1, 8
GREEDY_SHARE = 0.35
EXPLAIN_SHARE = 0.15
RESERVE_JUDGED_ONCE, SOME = 2, 40
THREADS = 2  # where the hands are elsewhere, their count says nothing of this machine
LEAST_S = 0.15
LOOKS = 100  # of the compiled search take as long as one of PyVRP's
LEAST_EFFORT, EFFORT_PER_STOP = 500, 15


@dataclass(frozen=True, slots=True)
class Plan:
    """What to drive, as judged; every stop left out has its reason. `engine` found the routes."""

    routes: Routes
    verdict: Verdict
    reasons: tuple[Reason, ...]
    engine: str


def plan(
    problem: Problem,
    *,
    seed: int,
    deadline_s: float,
    report: Report | None = None,
    effort: int | None = None,
    stopped: Callable[[], bool] | None = None,
    processes: int = 2,
    hands: Hands | None = None,
) -> Plan:
    """Return the best plan found within `deadline_s`, never less than the greedy one.

    effort: how many solutions the solver looks at (up to 400 stops by default 600 for each stop,
        3,000 to 60,000); where it is reached before the deadline, the same seed gives the same
        plan. report: told progress (0 to 1000), a note and the incumbent, which is always
        feasible. stopped: asked often; once it says yes, the best plan so far is returned.
        processes: how many threads or processes share a large day. hands: who solves its cells,
        if it is cut into any, where not processes of this machine.

    Raises `BadProblem` for a problem that contradicts itself.
    """
    began = time.monotonic()
    end = began + deadline_s
    check(problem)
    if len(problem.matrix.keys) <= TABLED or isinstance(problem.matrix, Book):
        problem = replace(problem, matrix=problem.matrix.table())
    course = _Course(problem, seed, began, end, effort, stopped, report, processes, hands)
    if not by_strings(problem):
        best = course.solvers()
        return judged(problem, best.routes, engine=best.engine, until=end - RESERVE_S / 2)
    best, until = course.compiled(), end - RESERVE_S / 2
    routes, verdict = completed(problem, best.routes, best.verdict, until=until)
    reasons = explain_all(problem, routes, verdict.unserved, until=until)
    return Plan(routes, verdict, reasons, best.engine)


def judged(problem: Problem, routes: Routes, *, engine: str, until: float | None = None) -> Plan:
    """Return the plan of feasible routes, with the reason of every stop that they leave out.

    Mandatory stops that find a place as the routes stand are put there first. Where the clock
    (`until`) leaves stops unexamined, their reason says so: `explained` gives the true one.
    """
    verdict = judge(problem, routes)
    if verdict.unserved:
        routes, verdict = completed(problem, routes, verdict, until=until)
    reasons = explain_all(problem, routes, verdict.unserved, until=until)
    return Plan(routes=routes, verdict=verdict, reasons=reasons, engine=engine)


def explained(problem: Problem, found: Plan, *, until: float) -> Plan:
    """Return the plan with the reasons that its own clock left unexamined, until another's end."""
    rest = [each.stop for each in found.reasons if each.code == UNEXAMINED]
    if not rest:
        return found
    more = {each.stop: each for each in explain_all(problem, found.routes, rest, until=until)}
    reasons = tuple(more.get(each.stop, each) for each in found.reasons)
    return replace(found, reasons=reasons)


@dataclass(frozen=True, slots=True)
class _Course:
    """One asking for a plan: with what, until when, and who listens."""

    problem: Problem
    seed: int
    began: float
    end: float
    effort: int | None
    stopped: Callable[[], bool] | None
    report: Report | None
    processes: int
    hands: Hands | None

    def compiled(self) -> Incumbent:
        """Search with the compiled ruin and recreate; threads of one process share a large day.

        Judging thousands of stops takes a good part of a second, so it is done once where nobody
        listens, and the time for it is set aside by what a few rounds take.
        """
        best = Incumbent(self.problem, {}, engine="none")
        with _uncollected():
            threads = self.processes if self.hands is None else THREADS
            ruins = Ruins(self.problem, seed=self.seed, workers=threads)
            ruins.begin()
            first = ruins.routes()
        until = self.end - RESERVE_S - RESERVE_JUDGED_ONCE * _judging_s(self.problem, first)
        until -= self._explaining_s(first)
        telling = _Telling(best, self.report, began=self.began, until=until)
        if self.report is not None:
            best.offer(first, engine="insertion", whole=True)
            telling.now(50)
        effort, count = self.effort, len(self.problem.stops)
        if effort is None and count <= WHOLE:
            effort = LEAST_EFFORT + EFFORT_PER_STOP * count
        ruins.run(
            Budget(until, looks=effort and LOOKS * effort, stopped=self.stopped),
            tick=lambda: telling.searched(ruins.routes, engine=STRINGS),
        )
        with _uncollected():
            best.offer(ruins.routes(), engine=STRINGS, whole=True)
        telling.now(1000)
        return best

    def solvers(self) -> Incumbent:
        """Search with PyVRP and OR-Tools; processes share the cells of a large day."""
        problem, seconds = self.problem, self.end - self.began
        large = in_cells(problem, seconds=seconds)
        with workers(self.processes if large and self.hands is None else 1) as own:
            pool = self.hands if large and self.hands is not None else own
            routes = _greedy(problem, until=self.began + GREEDY_SHARE * seconds)
            best, telling, until = self._first(routes, engine="greedy")
            budget = Budget(until, looks=self.effort or _looks(problem), stopped=self.stopped)
            if problem.vehicles and len(problem.stops) > 1 and budget.left_s > LEAST_S:
                if large:
                    self._in_cells(best, telling, budget, pool)
                else:
                    solve_whole(best, seed=self.seed, budget=budget, tell=telling.whole)
            telling.now(1000)
        return best

    def _explaining_s(self, routes: Routes) -> float:
        """Return the time set aside to say why stops are left out, by those left out first."""
        most = EXPLAIN_SHARE * (self.end - self.began)
        return min(most, explaining_s(self.problem, routes))

    def _in_cells(
        self, best: Incumbent, telling: "_Telling", budget: Budget, pool: Hands | None
    ) -> None:
        day = Large(
            self.problem,
            best.routes,
            seed=self.seed,
            budget=budget,
            pool=pool,
            processes=self.processes,
        )
        day.run(lambda: telling.searched(lambda: day.routes, engine=day.engine))
        best.offer(day.routes, engine=day.engine, until=budget.until)

    def _first(self, routes: Routes, *, engine: str) -> tuple[Incumbent, "_Telling", float]:
        """Judge the first plan; what judging takes says until when the search may last."""
        judging = time.monotonic()
        best = Incumbent(self.problem, routes, engine=engine)
        until = self.end - RESERVE_S - RESERVE_JUDGED * (time.monotonic() - judging)
        until -= self._explaining_s(routes)
        telling = _Telling(best, self.report, began=self.began, until=until)
        telling.now(50)
        return best, telling, until


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage among the objects of thousands of stops while the clock runs."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _judging_s(problem: Problem, routes: Routes) -> float:
    """Return about how many seconds it takes to judge the routes, by judging some of them."""
    some = dict(islice(routes.items(), SOME))
    began = time.monotonic()
    judge(problem, some)
    visits = sum(len(each) for each in some.values())
    whole = sum(len(each) for each in routes.values())
    return (time.monotonic() - began) * whole / max(1, visits)


def _greedy(problem: Problem, *, until: float) -> Routes:
    if by_trips(problem):
        return first_routes(problem)
    if len(problem.stops) <= INSERTED:
        return insert_all(problem, until=until)
    routes = sweep(problem, until=until)
    return insert_all(problem, routes=sweep(problem, routes=routes, until=until), until=until)


def _looks(problem: Problem) -> int | None:
    count = len(problem.stops)
    return None if count > WHOLE else min(60_000, max(3_000, 600 * count))


class _Telling:
    """Tells how far it is: by the clock, never backwards."""

    def __init__(
        self, best: Incumbent, report: Report | None, *, began: float, until: float
    ) -> None:
        self._best, self._report = best, report
        self._began, self._until = began, until
        self._told = 0
        self._next = 0.2

    def now(self, progress: int) -> None:
        """Tell the incumbent."""
        if self._report is not None and progress > self._told:
            self._told = progress
            self._report(progress, self._best.engine, self._best.routes)

    def whole(self) -> None:
        """Tell how far a small day is."""
        self.now(50 + int(900 * min(1.0, self._share())))

    def searched(self, routes: Callable[[], Routes], *, engine: str) -> None:
        """Judge and tell a better plan now and then: judging a large one costs time."""
        if self._report is not None and self._share() > self._next:
            self._next = self._share() + 0.2
            self._best.offer(routes(), engine=engine, whole=True)
        self.whole()

    def _share(self) -> float:
        return (time.monotonic() - self._began) / max(1e-9, self._until - self._began)
