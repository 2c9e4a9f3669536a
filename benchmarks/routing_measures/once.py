"""One engine on one problem in a process of its own, so that its CPU and memory are its own.

Run as `python benchmarks/routing_measures/once.py ENGINE INSTANCE SECONDS SEED`; prints JSON.
Where a compiler and the shared folder are there, its clock is its own CPU time, which makes the
figures of a busy machine those of a quiet one.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from baselines import ortools_default, ortools_ils, pyvrp_default, vroom_level
from routing_measures.days import problem_of

from remelt.routing import large
from remelt.routing.evaluator import judge
from remelt.routing.hands import workers
from remelt.routing.problem import Problem, Routes
from remelt.routing.rounds import plan
from remelt.routing.search import Budget
from remelt.routing.sweep import sweep
from remelt.routing.warming import warm


def ours(problem: Problem, *, seconds: float, seed: int) -> Routes:
    """Plan with one process, until the deadline."""
    found = plan(problem, seed=seed, deadline_s=seconds, effort=10**9, processes=1)
    return found.routes


def halved(problem: Problem, *, seconds: float, seed: int) -> Routes:
    """Plan with two processes, until the deadline."""
    return plan(problem, seed=seed, deadline_s=seconds, effort=10**9, processes=2).routes


def cells_once(problem: Problem, *, seconds: float, seed: int) -> Routes:
    """Plan by cells with two processes for the whole time, and mend no border."""
    until = time.monotonic() + seconds
    large.FIRST_SHARE, large.MOST_S = 1.0, seconds
    routes = sweep(problem, until=until)
    with workers(2) as pool:
        budget = Budget(until)
        day = large.Large(problem, routes, seed=seed, budget=budget, pool=pool, processes=2)
        day.run(lambda: None)
    return day.routes


def vroom(problem: Problem, *, seconds: float, seed: int, level: int) -> Routes:  # noqa: ARG001
    """Run VROOM at a level; it knows no seed."""
    return vroom_level.routes(problem, level=level, most_s=seconds)


ENGINES = {
    "cells-once": cells_once,
    "remelt": ours,
    "remelt-2": halved,
    "pyvrp": pyvrp_default.routes,
    "ortools": ortools_ils.routes,
    "ortools-default": ortools_default.routes,
    **{f"vroom-{level}": partial(vroom, level=level) for level in range(6)},
}


def once(
    engine: str, instance: str, *, seconds: float, seed: int, cpu: bool = True
) -> dict[str, Any]:
    """Run one engine in a child and return what it prints."""
    environment, clock = cpu_clock() if cpu else (dict(os.environ), "wall")
    command = [sys.executable, __file__, engine, instance, str(seconds), str(seed)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer | {"clock": clock}


def side_by_side(asked: Sequence[tuple[str, str, float, int]]) -> list[dict[str, Any]]:
    """Run engine, instance, seconds and seed each, one on each core: their clock is their own."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda a: once(a[0], a[1], seconds=a[2], seed=a[3]), asked))


def cpu_clock() -> tuple[dict[str, str], str]:
    """Return an environment whose children's clock is their CPU time, where it can be had."""
    shim = _shim()
    return os.environ | ({"LD_PRELOAD": shim} if shim else {}), "CPU" if shim else "wall"


@cache
def _shim() -> str | None:
    source = Path(os.environ.get("REMELT_SHARED", "")) / "bench" / "cputime.c"
    made = Path(tempfile.mkdtemp(prefix="remelt-bench-")) / "cputime.so"
    try:
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", made, source], check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return str(made)


def _main(engine: str, instance: str, seconds: float, seed: int) -> None:
    problem = problem_of(instance)
    warm()
    began = time.monotonic()
    routes = ENGINES[engine](problem, seconds=seconds, seed=seed)
    took = time.monotonic() - began
    verdict = judge(problem, routes)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        json.dumps(
            {
                "cost": verdict.cost_fen,
                "missing": verdict.missing,
                "feasible": verdict.feasible,
                "took_s": took,
                "mb": used[0].ru_maxrss / 1024,
                "child_mb": used[1].ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
