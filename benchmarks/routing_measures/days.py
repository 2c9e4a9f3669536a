"""The problems measured: published instances by their path, and days made up under a seed."""

import json
import os
import random
from dataclasses import replace
from pathlib import Path

from routing_measures.made import made

from remelt.routing.field import globe
from remelt.routing.formats.reading import read_problem
from remelt.routing.matrix import Place
from remelt.routing.problem import Hub, Problem, Stop, Vehicle, Window

HOUR = 3600
FAMILIES = ("al", "cu", "pb")


def bench() -> Path | None:
    """Return the folder of published instances, where there is one."""
    shared = os.environ.get("REMELT_SHARED")
    return Path(shared) / "bench" if shared else None


def best_known(name: str) -> float:
    """Return the best value known of an instance, in the units of its rounding."""
    folder = bench()
    if folder is None:
        raise LookupError(name)
    told = json.loads((folder / "manifest.json").read_text())[name]
    names = ("bks_model_scale", "bks_dimacs_x10", "best_distance_x10_measured_here", "bks")
    return float(next(told[each] for each in names if each in told))


def problem_of(name: str) -> Problem:
    """Return a published instance, `province-N`, `rich-SEED` or `loaded:INSTANCE`."""
    kind, _, rest = name.partition("-")
    if kind == "province":
        return province(int(rest))
    if kind == "rich":
        return rich(int(rest))
    if kind == "made":
        return made(name)
    if name.startswith("loaded:"):
        return loaded(problem_of(name.removeprefix("loaded:")))
    folder = bench()
    if folder is None:
        raise LookupError(name)
    return read_problem((folder / name).read_text())


def loaded(problem: Problem) -> Problem:
    """Count load x distance: an empty truck weighs half of what it carries at most."""
    cars = tuple(
        replace(
            car,
            fen_per_km=0,
            empty_g_per_km=1_000 * car.capacity_kg // 2,
            full_g_per_km=1_000 * (car.capacity_kg // 2 + car.capacity_kg),
        )
        for car in problem.vehicles
    )
    return replace(problem, vehicles=cars, fen_per_kg_co2e=1_000)


def province(count: int, *, seed: int = 1, hubs: int = 9) -> Problem:
    """Collection stops around 88 towns between 24.7-29.1 N and 103.7-109.4 E, nine hubs."""
    dice = random.Random(seed)
    towns = [(dice.uniform(24.7, 29.1), dice.uniform(103.7, 109.4)) for _ in range(88)]
    places = [_at(f"hub{at}", *towns[at * 9]) for at in range(hubs)]
    stops = []
    for at in range(count):
        lat, lon = dice.choice(towns)
        places.append(_at(f"p{at}", lat + dice.gauss(0, 0.08), lon + dice.gauss(0, 0.08)))
        opens, closes = dice.choice([(8, 18), (8, 18), (8, 12), (13, 18)])
        stops.append(
            Stop(
                f"s{at}",
                "pickup",
                f"p{at}",
                dice.randint(50, 500),
                windows=(Window(opens * HOUR, closes * HOUR),),
                service_s=dice.choice([300, 600]),
            )
        )
    return Problem(
        matrix=globe(places),
        stops=tuple(stops),
        vehicles=tuple(
            _truck(f"v{hub}-{at}", f"hub{hub}", big=at % 3 == 0)
            for hub in range(hubs)
            for at in range(count // 100 + 3)
        ),
        hubs=tuple(Hub(f"hub{at}", 6 * HOUR, 21 * HOUR) for at in range(hubs)),
    )


def rich(seed: int) -> Problem:
    """200 stops, two hubs, one reload, three families that quarrel, shifts, few mixed trucks."""
    dice = random.Random(seed)
    day = province(200, seed=seed, hubs=2)
    near = [_at("hub0", 26.58, 106.72), _at("hub1", 27.72, 106.93)]
    near += [
        _at(f"p{at}", dice.uniform(26.2, 27.9), dice.uniform(106.3, 107.2)) for at in range(200)
    ]
    both = ("hub0", "hub1")
    return replace(
        day,
        matrix=globe(near),
        stops=tuple(replace(stop, family=FAMILIES[at % 3]) for at, stop in enumerate(day.stops)),
        vehicles=tuple(
            replace(_truck(f"v{at}", both[at % 2], big=at % 3 == 0), reloads=1, reload_at=both)
            for at in range(24)
        ),
        hubs=tuple(Hub(place, 6 * HOUR, 21 * HOUR, service_s=1_200) for place in both),
        incompatible=frozenset({("al", "cu"), ("al", "pb"), ("cu", "pb")}),
    )


def _at(key: str, lat: float, lon: float) -> Place:
    return Place(key, round(lat * 1e6), round(lon * 1e6))


def _truck(key: str, home: str, *, big: bool) -> Vehicle:
    return Vehicle(
        key=key,
        capacity_kg=12_000 if big else 6_000,
        start=home,
        end=home,
        shift_start_s=6 * HOUR,
        shift_end_s=20 * HOUR,
        fixed_fen=60_000 if big else 40_000,
        fen_per_km=350 if big else 250,
        fen_per_hour=4_000,
        empty_g_per_km=600,
        full_g_per_km=900,
    )
