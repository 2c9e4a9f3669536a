"""PyVRP as its manual shows it: default parameters, a time limit, nothing else."""

import time

from pyvrp import solve
from pyvrp.stop import MaxRuntime

from remelt.routing.model import Model
from remelt.routing.problem import Problem, Routes


def routes(problem: Problem, *, seconds: float, seed: int) -> Routes:
    """Return PyVRP's best routes; none where it found no feasible ones."""
    began = time.perf_counter()
    model = Model(problem, strict=True)
    stop = MaxRuntime(max(0.1, seconds - (time.perf_counter() - began)))
    found = solve(model.data, stop=stop, seed=seed, collect_stats=False, display=False)
    return model.routes(found.best) if found.best.is_feasible() else {}
