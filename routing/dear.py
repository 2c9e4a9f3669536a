"""What leaving out a mandatory stop counts in a search: more than serving every stop may cost."""

from collections.abc import Iterable

import numpy as np

from remelt.routing.matrix import MOST_IN_A_TABLE
from remelt.routing.problem import Problem, Vehicle
from remelt.routing.roads import UNREACHABLE

LEAST_FEN, MOST_DEAR_FEN = 1e9, 1e15


def lost_fen(problem: Problem) -> float:
    """Return more than any plan of the day costs, prizes included, so that no stop is too dear.

    Above 1e15 fen a float would not tell a fen any more, so it is never more than that.
    """
    metres, seconds = _longest(problem)
    cars = dict.fromkeys(problem.vehicles)
    rounds = min(len(problem.stops), len(cars))
    legs = len(problem.stops) + rounds
    per_km = max((_per_km(problem, car) for car in cars), default=0.0)
    per_hour = max((car.fen_per_hour + car.fen_per_overtime_hour for car in cars), default=0)
    hours = min(legs * seconds + _at_places_s(problem, rounds), rounds * _longest_s(cars)) / 3600
    fixed = sum(sorted((car.fixed_fen for car in cars), reverse=True)[:rounds])
    prizes = sum(stop.prize_fen or 0 for stop in problem.stops)
    most = per_km * legs * metres / 1000 + per_hour * hours + fixed + prizes
    return min(MOST_DEAR_FEN, max(LEAST_FEN, 2 * most))


def _per_km(problem: Problem, car: Vehicle) -> float:
    return car.fen_per_km + car.full_g_per_km * problem.fen_per_kg_co2e / 1000


def _at_places_s(problem: Problem, rounds: int) -> int:
    """Return the seconds of all calls, and of waiting for the last window on every round."""
    calls = sum(stop.service_s + stop.to_service_s for stop in problem.stops)
    return calls + rounds * max((w.start_s for s in problem.stops for w in s.windows), default=0)


def _longest_s(cars: Iterable[Vehicle]) -> int:
    return max((car.shift_end_s - car.shift_start_s for car in cars), default=0)


def _longest(problem: Problem) -> tuple[float, float]:
    """Return the metres and seconds of the longest leg, roughly where there is no table."""
    roads, count = problem.matrix, len(problem.matrix.keys)
    if count == 0:
        return 0.0, 0.0
    if count <= MOST_IN_A_TABLE:
        metres, seconds = roads.block(range(count))
        there = metres != UNREACHABLE
        return float(metres.max(initial=0, where=there)), float(seconds.max(initial=0, where=there))
    far = 2 * float(np.hypot(*np.ptp(roads.points(), axis=0))) * getattr(roads, "scale", 1)
    return far, far
