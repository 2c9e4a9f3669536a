"""One day, or one cell of a large one, solved as a whole within a budget."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from remelt.routing.choice import PYVRP, TRIPS, by_trips
from remelt.routing.incumbent import Incumbent
from remelt.routing.polish import polish, polishes
from remelt.routing.problem import Problem, Routes, Stop
from remelt.routing.search import Budget, search
from remelt.routing.trips.search import improve

TURNS = 6
TOLD_EVERY_S = 0.25
SEARCH_SHARE = 0.6
CROWDED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Task:
    """A cell to be solved anywhere: all it needs and nothing else. end: `time.monotonic`."""

    problem: Problem
    routes: Routes
    seed: int
    seconds: float
    end: float
    looks: int | None = None
    warm: bool = False


def solve_task(task: Task) -> Routes:
    """Return routes no worse than the task's own; the same task gives the same when looks end."""
    problem = replace(task.problem, matrix=task.problem.matrix.table())
    best = Incumbent(problem, task.routes, engine="known")
    budget = Budget(min(task.end, time.monotonic() + task.seconds), looks=task.looks)
    solve_whole(best, seed=task.seed, budget=budget, warm=task.warm)
    return best.routes


def solve_whole(
    best: Incumbent,
    *,
    seed: int,
    budget: Budget,
    warm: bool = False,
    tell: Callable[[], None] | None = None,
) -> None:
    """Improve the incumbent by the search over trips; where a rule has no place there, by others.

    Those are PyVRP, in turns where families quarrel, then OR-Tools' polish.
    """
    if by_trips(best.problem):
        _over_trips(best, seed=seed, budget=budget, warm=warm, tell=tell)
        return
    told = 0.0

    def at_best(routes: Routes) -> None:
        nonlocal told
        if tell is not None and time.monotonic() - told > TOLD_EVERY_S:
            told = time.monotonic()
            best.offer(routes, engine=PYVRP, until=budget.until)

    polished = polishes(best.problem)
    searching = budget
    if polished:
        share = budget.left_s * SEARCH_SHARE
        searching = replace(budget, until=time.monotonic() + share)
    if best.problem.incompatible:
        _in_turns(best, seed=seed, budget=searching, tick=tell)
    else:
        found = search(
            best.problem,
            seed=seed,
            budget=searching,
            routes=best.routes if warm else None,
            strict=best.verdict.missing == 0,
            at_best=at_best,
            tick=tell,
        )
        best.offer(found, engine=PYVRP, until=budget.until)
    if polished and not budget.over():
        polish(best, seed=seed, budget=budget)


def _over_trips(
    best: Incumbent, *, seed: int, budget: Budget, warm: bool, tell: Callable[[], None] | None
) -> None:
    """Improve by the search over trips, which knows no queue for docks on the way."""
    if not crowded(best.problem):
        improve(best, seed=seed, budget=budget, warm=warm, tell=tell)
        return
    improve(best, seed=seed, budget=_share(budget, CROWDED_SHARE), warm=warm, tell=tell)
    best.offer(best.routes, engine=best.engine, until=budget.until)
    rest = _share(budget, 1 - CROWDED_SHARE)
    if best.verdict.missing:
        _unloading_once(best, seed=seed, budget=rest)
    else:
        improve(best, seed=seed + 1, budget=rest, warm=True, tell=tell)


def crowded(problem: Problem) -> bool:
    """Tell whether vehicles may unload on the way where they queue for docks."""
    docks = {hub.place for hub in problem.hubs if hub.docks}
    return any(car.reloads and docks.intersection(car.reload_at) for car in problem.vehicles)


def _unloading_once(best: Incumbent, *, seed: int, budget: Budget) -> None:
    """Offer a plan without unloading on the way, for which the search knows when docks are free.

    With it the search knows nothing of the queue, and the judge throws out what comes too late.
    """
    cars = tuple(replace(car, reloads=0) for car in best.problem.vehicles)
    once = Incumbent(replace(best.problem, vehicles=cars), {}, engine="none")
    improve(once, seed=seed, budget=budget)
    best.offer(once.routes, engine=TRIPS, until=budget.until)


def _share(budget: Budget, share: float) -> Budget:
    """Return a part of the looks of a budget; the first part ends in time for the second."""
    until = budget.until if share < CROWDED_SHARE else time.monotonic() + budget.left_s * share
    return replace(budget, until=until, looks=budget.looks and max(1, int(budget.looks * share)))


def _in_turns(
    best: Incumbent, *, seed: int, budget: Budget, tick: Callable[[], None] | None
) -> None:
    """Give each vehicle families that ride in peace, search, then give otherwise and try again.

    PyVRP knows no quarrel, so a vehicle is shut to the families that quarrel with its own.
    """
    dice = random.Random(seed)  # noqa: S311 - a reproducible choice, not a secret
    for turn in range(TURNS):
        if budget.over():
            return
        now = replace(
            budget,
            until=time.monotonic() + budget.left_s / (TURNS - turn),
            looks=budget.looks and budget.looks // TURNS,
        )
        given, routes = _given(best, dice, change=turn > 0)
        found = search(
            _shut(best.problem, given),
            seed=seed + turn,
            budget=now,
            routes=routes if turn else None,
            strict=best.verdict.missing == 0 and len(routes) == len(best.routes),
            tick=tick,
        )
        best.offer(found, engine=PYVRP, until=budget.until)


def _given(
    best: Incumbent, dice: random.Random, *, change: bool
) -> tuple[dict[str, frozenset[str]], Routes]:
    """Return the families of each vehicle, and the routes that are still right for them.

    A vehicle on the road keeps what it carries; one or two of them change when asked. Others are
    given to the families that wait, the heaviest more often.
    """
    problem, routes = best.problem, dict(best.routes)
    left = [problem.stop(key) for key in best.verdict.unserved] or list(problem.stops)
    waiting = [stop.family for stop in left]
    weights = [1 + stop.mass_kg for stop in left]
    if change and not best.verdict.missing and routes:
        for key in dice.sample(sorted(routes), k=min(len(routes), dice.choice([0, 1, 2]))):
            del routes[key]
    given: dict[str, frozenset[str]] = {}
    for car in problem.vehicles:
        if car.key in routes:
            own = {
                problem.stop(visit.stop).family
                for visit in routes[car.key]
                if visit.action != "reload"
            }
            peaceful = not any(problem.quarrel(a, b) for a in own for b in own)
        else:
            own, peaceful = {dice.choices(waiting, weights)[0]}, True
        if not peaceful:
            routes.pop(car.key)
            own = {dice.choice(sorted(own))}
        given[car.key] = _widened(problem, own)
    return given, routes


def _widened(problem: Problem, own: set[str]) -> frozenset[str]:
    """Add every family that quarrels with none of those already there."""
    together = set(own)
    for family in sorted({stop.family for stop in problem.stops}):
        if not any(problem.quarrel(family, other) for other in together):
            together.add(family)
    return frozenset(together)


def _shut(problem: Problem, given: dict[str, frozenset[str]]) -> Problem:
    def narrowed(stop: Stop) -> Stop:
        may = frozenset(key for key, families in given.items() if stop.family in families)
        return replace(stop, vehicles=may if stop.vehicles is None else may & stop.vehicles)

    return replace(
        problem, stops=tuple(narrowed(stop) for stop in problem.stops), incompatible=frozenset()
    )
