"""Is the machine code of the compiled search on disk? A first compilation outlasts any deadline."""

import time

import numpy as np

from remelt.routing.field import Plane
from remelt.routing.problem import Problem, Stop, Vehicle, Window
from remelt.routing.ruins.compiled import FOLDER, alone, made
from remelt.routing.ruins.near import nearest
from remelt.routing.ruins.search import ruin_and_recreate
from remelt.routing.search import Budget

NAME = "ready"
LONG_S = 3600


def ready() -> bool:
    """Tell whether the compiled search answers at once."""
    return made(NAME)


def warm() -> None:
    """Compile what is not compiled yet, and leave a mark; nothing where it cannot be kept.

    One process compiles; others that ask meanwhile wait, and then read what it left on disk.
    """
    with alone() as mine:
        if not mine or FOLDER is None:
            return
        day, budget = _tiny(), Budget(time.monotonic() + LONG_S, looks=64)
        routes = ruin_and_recreate(day, seed=1, budget=budget)
        ruin_and_recreate(day, seed=1, budget=budget, routes=routes)
        nearest(np.zeros((3, 2)), most=2)
        (FOLDER / NAME).touch()


def _tiny() -> Problem:
    """A day of three stops: the arrays of every day are of the same types."""
    points = np.array([(0.0, 0.0), (0.0, 9.0), (9.0, 0.0), (9.0, 9.0)])
    stops = [Stop(f"s{at}", "pickup", f"p{at}", 1, windows=(Window(0, 90),)) for at in (1, 2, 3)]
    cars = tuple(Vehicle(f"v{at}", 2, "p0", "p0", fen_per_hour=60) for at in (1, 2))
    return Problem(Plane(tuple(f"p{at}" for at in range(4)), points), tuple(stops), cars)
