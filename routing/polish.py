"""What PyVRP cannot say, OR-Tools mends: neighbouring rounds from a warm start, by the judge."""

import time
from dataclasses import replace
from zlib import crc32

from remelt.routing.cells import Map, Part, day_of
from remelt.routing.choice import evened
from remelt.routing.engine import Engine
from remelt.routing.evaluator import judge, judge_round
from remelt.routing.incumbent import Incumbent
from remelt.routing.problem import Problem, Routes, Vehicle
from remelt.routing.search import Budget

NEAR = 80
SLICE_S, SLICE_S_PER_STOP = 1.0, 0.01
LOOKS_PER_STOP, MOST_LOOKS_PER_STOP = 10, 50
LEAST_S = 0.15


def polishes(problem: Problem) -> bool:
    """Tell whether the problem has what only OR-Tools can plan.

    That is a price on carried load, families that quarrel, rests, or rounds that are to be even.
    """
    priced = problem.fen_per_kg_co2e and any(
        car.full_g_per_km > car.empty_g_per_km for car in problem.vehicles
    )
    rests = any(car.breaks for car in problem.vehicles)
    return bool(priced or problem.incompatible or rests or evened(problem))


def polish(best: Incumbent, *, seed: int, budget: Budget) -> None:
    """Turn rounds that cost less the other way; then re-plan neighbours, place after place."""
    best.offer(_turned(best.problem, best.routes), engine="pyvrp")
    where = Map(best.problem)
    done: dict[str, int] = {}
    looks = budget.looks or 10**9
    while budget.left_s > LEAST_S and not budget.over() and best.routes and looks > 0:
        centre = min(
            best.routes, key=lambda key: (done.get(key, 0), crc32(f"{seed}{key}".encode()))
        )
        part = where.around(best.routes, centre=centre, taken=(), loose=(), size=NEAR)
        for key in part.routes:
            done[key] = done.get(key, 0) + 1
        looks -= _try(best, part.routes, budget=budget, looks=looks)


def _try(best: Incumbent, near: Routes, *, budget: Budget, looks: int) -> int:
    """Let OR-Tools re-plan some rounds; return how many solutions it may have looked at.

    Where looks are bounded they alone end it, so that a seed gives one plan; else a slice of time.
    """
    problem = best.problem
    keys = {visit.stop for visits in near.values() for visit in visits}
    if any(v.action == "reload" for visits in near.values() for v in visits) or len(keys) == 1:
        return 1
    part = day_of(problem, Part(near), spare=_idle(best) if evened(problem) else ())
    was = judge(part, near, brief=True)
    seconds, most = budget.left_s - LEAST_S / 2, min(looks, LOOKS_PER_STOP * len(keys))
    if budget.looks is None:
        seconds = min(SLICE_S, SLICE_S_PER_STOP * len(keys), seconds)
        most = MOST_LOOKS_PER_STOP * len(keys)
    engine = Engine(part, stops=[stop for stop in problem.stops if stop.key in keys])
    began = time.monotonic()
    found = engine.improve(near, time_ms=int(1000 * seconds), effort=most)
    if found is not None and time.monotonic() - began < budget.left_s + SLICE_S:
        now = judge(part, found, brief=True)
        if now.feasible and now.rank < was.rank:
            rest = {key: visits for key, visits in best.routes.items() if key not in near}
            best.offer(rest | found, engine="pyvrp+ortools")
    return most


def _idle(best: Incumbent) -> list[Vehicle]:
    """Return a vehicle of each kind that stays at home, for work that is to be shared out."""
    home = [car for car in best.problem.vehicles if car.key not in best.routes]
    return list({replace(car, key=""): car for car in reversed(home)}.values())


def _turned(problem: Problem, routes: Routes) -> Routes:
    """Drive each round in its better direction."""
    turned = dict(routes)
    for key, visits in routes.items():
        car, back = problem.vehicle(key), tuple(reversed(visits))
        was, now = (judge_round(problem, car, way, brief=True) for way in (visits, back))
        if not now.violations and now.cost_fen < was.cost_fen:
            turned[key] = back
    return turned
