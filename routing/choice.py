"""Who searches a day: the one place that knows what each search can do and whether it is there.

| asked | by strings (`ruins`) | over trips (`trips`) | else |
|---|---|---|---|
| a whole day | if it knows every rule | if it fits in its arrays | PyVRP, OR-Tools' polish |
| a cell of a large day | - | if it fits in its arrays | PyVRP, OR-Tools' polish |
| the first routes | its own | if it fits in its arrays | insertion, or sweep and insertion |

A day that is large for its time (`in_cells`) and is not searched by strings is cut into
cells, which processes of this machine or workers elsewhere solve.
"""

from remelt.routing.problem import Problem
from remelt.routing.ruins import ready as ruins
from remelt.routing.ruins.translate import understood
from remelt.routing.trips import ready as trips
from remelt.routing.trips.day import fits

STRINGS, TRIPS, PYVRP = "ruin and recreate", "ruin and recreate over trips", "pyvrp"
WHOLE, MOST_WHOLE, WHOLE_PER_S = 400, 1_200, 120


def by_strings(problem: Problem) -> bool:
    """Tell whether the compiled search by strings takes the whole day, be it ever so large."""
    return understood(problem) and not evened(problem) and ruins.ready()


def by_trips(problem: Problem) -> bool:
    """Tell whether the compiled search over trips takes the day, or the cell."""
    return fits(problem) and not evened(problem) and trips.ready()


def evened(problem: Problem) -> bool:
    """Tell whether rounds are to be even, which only OR-Tools' polish prices."""
    return any(car.fen_per_hour_squared for car in problem.vehicles)


def in_cells(problem: Problem, *, seconds: float) -> bool:
    """Tell whether a day that is not searched by strings is cut into cells."""
    return len(problem.stops) > max(WHOLE, min(MOST_WHOLE, int(WHOLE_PER_S * seconds)))
