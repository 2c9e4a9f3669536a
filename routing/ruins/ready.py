"""Is the machine code of the compiled search on disk? A first compilation outlasts any deadline.

`python -m remelt.routing.ruins.ready` compiles it, in half a minute, and says where it is kept.
"""

import fcntl
import shutil
import sys
import time
from pathlib import Path

import numpy as np

from remelt.routing.field import Plane
from remelt.routing.problem import Problem, Stop, Vehicle, Window
from remelt.routing.ruins.compiled import FOLDER, mark
from remelt.routing.ruins.near import nearest
from remelt.routing.ruins.search import ruin_and_recreate
from remelt.routing.search import Budget

LONG_S = 3600


def ready() -> bool:
    """Tell whether the compiled search answers at once."""
    return mark().exists()


def warm() -> Path:
    """Compile what is not compiled yet, leave a mark, and sweep out what older source left.

    One process compiles; others that ask meanwhile wait, and then read what it left on disk.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        day, budget = _tiny(), Budget(time.monotonic() + LONG_S, looks=64)
        routes = ruin_and_recreate(day, seed=1, budget=budget)
        ruin_and_recreate(day, seed=1, budget=budget, routes=routes)
        nearest(np.zeros((3, 2)), most=2)
        if not ready():
            _sweep()
            mark().touch()
    return FOLDER


def _sweep() -> None:
    for old in FOLDER.parent.glob("ruins-*"):
        if old != FOLDER:
            shutil.rmtree(old, ignore_errors=True)


def _tiny() -> Problem:
    """A day of three stops: the arrays of every day are of the same types."""
    points = np.array([(0.0, 0.0), (0.0, 9.0), (9.0, 0.0), (9.0, 9.0)])
    stops = [Stop(f"s{at}", "pickup", f"p{at}", 1, windows=(Window(0, 90),)) for at in (1, 2, 3)]
    cars = tuple(Vehicle(f"v{at}", 2, "p0", "p0", fen_per_hour=60) for at in (1, 2))
    return Problem(Plane(tuple(f"p{at}" for at in range(4)), points), tuple(stops), cars)


if __name__ == "__main__":
    sys.stdout.write(f"{warm()}\n")
