"""Instances made up under a seed, on which the search is tuned, so that published ones judge it.

`made-x-N-SEED` has places, demands and a round's length as in Uchoa et al. (2017): centre or
corner or random depot, random and clustered customers. `made-tw-N-SEED` adds windows as in
Gehring and Homberger's sets.
"""

import random

import numpy as np

from remelt.routing.field import Plane
from remelt.routing.problem import Problem, Stop, Vehicle, Window

SIDE = 1_000
HORIZON = 10_000


def made(name: str) -> Problem:
    """Return the instance of that name."""
    _, kind, count, seed = name.split("-")
    dice = random.Random(int(seed))
    points = [dice.choice([(0, 0), (SIDE // 2, SIDE // 2), (dice.randint(0, SIDE),) * 2])]
    points += _customers(dice, int(count))
    low, high = dice.choice([(1, 10), (5, 10), (1, 100), (50, 100)])
    demand = [dice.randint(low, high) for _ in range(int(count))]
    capacity = max(high, round(dice.triangular(3, 25, 6) * sum(demand) / int(count)))
    windows = [_window(dice) if kind == "tw" else Window(0, 10**9) for _ in demand]
    stops = tuple(
        Stop(
            f"s{at}",
            "delivery",
            f"p{at + 1}",
            demand[at],
            windows=(windows[at],),
            service_s=100 if kind == "tw" else 0,
        )
        for at in range(int(count))
    )
    cars = tuple(
        Vehicle(f"v{at}", capacity, "p0", "p0", 0, 2 * HORIZON, fen_per_km=1_000)
        for at in range(int(count))
    )
    keys = tuple(f"p{at}" for at in range(int(count) + 1))
    return Problem(Plane(keys, np.array(points, dtype=float)), stops, cars)


def _customers(dice: random.Random, count: int) -> list[tuple[int, int]]:
    """Half of them anywhere; the others near one of a few seeds, the likelier the nearer."""
    near = dice.choice([0.0, 0.5, 1.0])
    seeds = [(dice.randint(0, SIDE), dice.randint(0, SIDE)) for _ in range(dice.randint(3, 8))]
    found: set[tuple[int, int]] = set()
    while len(found) < count:
        if dice.random() < near:
            x, y = dice.choice(seeds)
            far, turn = dice.expovariate(1 / 60), dice.uniform(0, 2 * np.pi)
            point = (round(x + far * np.cos(turn)), round(y + far * np.sin(turn)))
        else:
            point = (dice.randint(0, SIDE), dice.randint(0, SIDE))
        if 0 <= point[0] <= SIDE and 0 <= point[1] <= SIDE:
            found.add(point)
    return sorted(found)


def _window(dice: random.Random) -> Window:
    if dice.random() < 0.25:
        return Window(0, HORIZON)
    width = dice.choice([300, 600, 1_200])
    start = dice.randint(2 * SIDE, HORIZON - width)  # whoever leaves at 0 is there in time
    return Window(start, start + width)
