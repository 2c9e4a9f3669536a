"""Small days to plan: a line of places ten kilometres apart, driven at 60 km/h."""

from remelt.routing.matrix import Matrix
from remelt.routing.problem import Problem, Stop, Vehicle

HOUR = 3600
NAMES = ("hub", "a", "b", "c", "d", "e", "f", "g", "smelter")


def line(*, names=NAMES, gap_m=10_000, no_road=()):
    """The places in a row; `no_road` are pairs without a road."""
    size = range(len(names))

    def metres(i, j):
        return -1 if (names[i], names[j]) in no_road else abs(i - j) * gap_m

    return Matrix(
        keys=tuple(names),
        distance_m=tuple(tuple(metres(i, j) for j in size) for i in size),
        duration_s=tuple(tuple(max(0, metres(i, j)) * 60 // 1000 for j in size) for i in size),
        sources=tuple(tuple(0 for _ in size) for _ in size),
        source_names=("ruler",),
    )


def a_truck(**changes):
    given = {
        "key": "truck",
        "capacity_kg": 10_000,
        "start": "hub",
        "end": "hub",
        "shift_start_s": 8 * HOUR,
        "shift_end_s": 18 * HOUR,
        "fixed_fen": 20_000,
        "fen_per_km": 300,
        "fen_per_hour": 4_000,
        "empty_g_per_km": 600,
        "full_g_per_km": 900,
    }
    return Vehicle(**(given | changes))


def a_pickup(key="a", **changes):
    given = {"key": key, "kind": "pickup", "place": key, "mass_kg": 2_000, "service_s": 600}
    return Stop(**(given | changes))


def a_day(*stops, vehicles=None, matrix=None, **more):
    trucks = (a_truck(),) if vehicles is None else tuple(vehicles)
    return Problem(matrix=matrix or line(), stops=tuple(stops), vehicles=trucks, **more)
