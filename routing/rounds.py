"""A day's rounds: greedy first, then the solver, and the judge decides which is kept."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from remelt.routing.checks import check
from remelt.routing.engine import Engine
from remelt.routing.evaluator import Verdict, judge
from remelt.routing.insertion import insert_all
from remelt.routing.problem import Problem, Routes
from remelt.routing.reasons import Reason, explain

Report = Callable[[int, str, "Routes"], None]
MOST_FOR_ENGINE = 1_000
RESERVE_S = 0.3


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
) -> Plan:
    """Return the best plan found within `deadline_s`, never less than the greedy one.

    effort: how many solutions the solver looks at (by default 600 for each stop, 3,000 to
        60,000); where it is reached before the deadline, the same seed gives the same plan.
    report: told progress (0 to 1000), a note and the incumbent, which is always feasible.

    Raises `BadProblem` for a problem that contradicts itself.
    """
    began = time.monotonic()
    check(problem)
    tell = report or _silent
    routes = insert_all(problem)
    kept = judge(problem, routes)
    engine = "greedy"
    tell(50, engine, routes)
    left_s = deadline_s - RESERVE_S - (time.monotonic() - began)
    if problem.vehicles and 1 < len(problem.stops) <= MOST_FOR_ENGINE and left_s > 0:
        looks = effort or min(60_000, max(3_000, 600 * len(problem.stops)))
        found = _solve(problem, seed=seed, left_s=left_s, looks=looks, tell=tell, routes=routes)
        if found is not None:
            found = insert_all(problem, routes=found)
            verdict = judge(problem, found)
            if verdict.feasible and verdict.rank < kept.rank:
                routes, kept, engine = found, verdict, "ortools"
    tell(1000, engine, routes)
    return judged(problem, routes, engine=engine)


def judged(problem: Problem, routes: Routes, *, engine: str) -> Plan:
    """Return the plan of feasible routes, with the reason of every stop that they leave out."""
    verdict = judge(problem, routes)
    reasons = tuple(explain(problem, routes, problem.stop(key)) for key in verdict.unserved)
    return Plan(routes=routes, verdict=verdict, reasons=reasons, engine=engine)


def _solve(
    problem: Problem, *, seed: int, left_s: float, looks: int, tell: Report, routes: Routes
) -> Routes | None:
    """Let the solver try; the seed is the order in which it meets the stops."""
    stops = sorted(problem.stops, key=lambda stop: stop.key)
    random.Random(seed).shuffle(stops)  # noqa: S311 - a reproducible order, not a secret
    began = time.monotonic()
    seen, told = 0, 50

    def at_solution() -> None:
        nonlocal seen, told
        seen += 1
        share = max((time.monotonic() - began) / left_s, seen / looks)
        progress = 50 + int(900 * min(1.0, share))
        if progress >= told + 10:
            told = progress
            tell(progress, "ortools", routes)

    engine = Engine(problem, stops=stops)
    left_ms = int(1000 * (left_s - (time.monotonic() - began)))
    if left_ms <= 0:
        return None
    return engine.solve(time_ms=left_ms, effort=looks, at_solution=at_solution)


def _silent(progress: int, note: str, routes: Routes) -> None:  # noqa: ARG001 - nobody listens
    return
