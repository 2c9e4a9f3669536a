"""OR-Tools in the best configuration measured: savings, ruin and recreate, annealing."""

import random
import time

from remelt.routing.engine import Engine
from remelt.routing.problem import Problem, Routes


def routes(problem: Problem, *, seconds: float, seed: int) -> Routes:
    """Return OR-Tools' best routes; none where it found no feasible ones."""
    began = time.perf_counter()
    stops = list(problem.stops)
    random.Random(seed).shuffle(stops)
    engine = Engine(problem, stops=stops)
    left_ms = int(1000 * max(0.1, seconds - (time.perf_counter() - began)))
    return engine.solve(time_ms=left_ms, effort=10**9, at_solution=lambda: None) or {}
