"""Is the machine code of the search over trips on disk? `ruins.ready` asks the same of its own.

`python -m remelt.routing.trips.ready` compiles it.
"""

import sys
from pathlib import Path

import numpy as np

from remelt.routing.matrix import Matrix
from remelt.routing.problem import Problem, Stop, Vehicle
from remelt.routing.ruins.compiled import FOLDER, mark
from remelt.routing.trips.search import first_routes

NAME = "ready-trips"


def ready() -> bool:
    """Tell whether the search over trips answers at once."""
    return mark(NAME).exists()


def warm() -> Path:
    """Compile what is not compiled yet, and leave a mark."""
    first_routes(_tiny())
    mark(NAME).touch()
    return FOLDER


def _tiny() -> Problem:
    """A day of two stops: the arrays of every day are of the same types."""
    far = np.abs(np.arange(3)[:, None] - np.arange(3)[None, :])
    roads = Matrix(("hub", "a", "b"), far, far, 0 * far, ("ruler",))
    stops = (Stop("a", "pickup", "a", 1), Stop("b", "pickup", "b", 1))
    return Problem(roads, stops, (Vehicle("v", 2, "hub", "hub", reloads=1, reload_at=("hub",)),))


if __name__ == "__main__":
    sys.stdout.write(f"{warm()}\n")
