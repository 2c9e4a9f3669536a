"""A day's rounds: greedy first, then the solvers, and the judge decides which is kept."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from remelt.routing.checks import check
from remelt.routing.evaluator import Verdict, judge
from remelt.routing.hands import Hands, workers
from remelt.routing.incumbent import Incumbent
from remelt.routing.insertion import insert_all
from remelt.routing.large import Large
from remelt.routing.problem import Problem, Routes
from remelt.routing.reasons import Reason, explain_all
from remelt.routing.search import Budget
from remelt.routing.sweep import sweep
from remelt.routing.whole import solve_whole

Report = Callable[[int, str, "Routes"], None]
WHOLE, MOST_WHOLE, WHOLE_PER_S = 400, 1_200, 120
INSERTED = TABLED = 700
RESERVE_S, RESERVE_JUDGED = 0.1, 8
GREEDY_SHARE = 0.35
LEAST_S = 0.15


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
        processes: how many solve the cells of a day of more than 400 stops. hands: who solves
        them, where not processes of this machine.

    Raises `BadProblem` for a problem that contradicts itself.
    """
    began = time.monotonic()
    end = began + deadline_s
    check(problem)
    if len(problem.matrix.keys) <= TABLED:
        problem = replace(problem, matrix=problem.matrix.table())
    large = len(problem.stops) > max(WHOLE, min(MOST_WHOLE, int(WHOLE_PER_S * deadline_s)))
    with workers(processes if large and hands is None else 1) as own:
        pool = hands if large and hands is not None else own
        routes = _greedy(problem, until=began + GREEDY_SHARE * deadline_s)
        judging = time.monotonic()
        best = Incumbent(problem, routes, engine="greedy")
        until = end - RESERVE_S - RESERVE_JUDGED * (time.monotonic() - judging)
        telling = _Telling(best, report, began=began, until=until)
        telling.now(50)
        budget = Budget(until, looks=effort or _looks(problem), stopped=stopped)
        if problem.vehicles and len(problem.stops) > 1 and budget.left_s > LEAST_S:
            if large:
                day = Large(
                    problem, best.routes, seed=seed, budget=budget, pool=pool, processes=processes
                )
                day.run(lambda: telling.large(day.routes))
                best.offer(day.routes, engine="pyvrp", until=until)
            else:
                solve_whole(best, seed=seed, budget=budget, tell=telling.whole)
    telling.now(1000)
    return judged(problem, best.routes, engine=best.engine, until=end - RESERVE_S / 2)


def judged(problem: Problem, routes: Routes, *, engine: str, until: float | None = None) -> Plan:
    """Return the plan of feasible routes, with the reason of every stop that they leave out."""
    verdict = judge(problem, routes)
    reasons = explain_all(problem, routes, verdict.unserved, until=until)
    return Plan(routes=routes, verdict=verdict, reasons=reasons, engine=engine)


def _greedy(problem: Problem, *, until: float) -> Routes:
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

    def large(self, routes: Routes) -> None:
        """Judge and tell a large day now and then: judging it costs time."""
        if self._report is not None and self._share() > self._next:
            self._next = self._share() + 0.2
            self._best.offer(routes, engine="pyvrp")
            self.whole()

    def _share(self) -> float:
        return (time.monotonic() - self._began) / max(1e-9, self._until - self._began)
