"""Is the machine code of the search over trips on disk? `ruins.ready` asks the same of its own."""

import numpy as np

from remelt.routing.matrix import Matrix
from remelt.routing.problem import Problem, Stop, Vehicle
from remelt.routing.ruins.compiled import FOLDER, alone, made
from remelt.routing.trips.search import first_routes

NAME = "ready-trips"


def ready() -> bool:
    """Tell whether the search over trips answers at once."""
    return made(NAME)


def warm() -> None:
    """Compile what is not compiled yet, and leave a mark; nothing where it cannot be kept."""
    with alone() as mine:
        if not mine or FOLDER is None:
            return
        first_routes(_tiny())
        (FOLDER / NAME).touch()


def _tiny() -> Problem:
    """A day of two stops: the arrays of every day are of the same types."""
    far = np.abs(np.arange(3)[:, None] - np.arange(3)[None, :])
    roads = Matrix(("hub", "a", "b"), far, far, 0 * far, ("ruler",))
    stops = (Stop("a", "pickup", "a", 1), Stop("b", "pickup", "b", 1))
    return Problem(roads, stops, (Vehicle("v", 2, "hub", "hub", reloads=1, reload_at=("hub",)),))
