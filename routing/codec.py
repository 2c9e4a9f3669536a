"""A problem and a plan as plain JSON, so that a child process or another machine can solve it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from remelt.routing.matrix import Matrix
from remelt.routing.problem import Break, Hub, Problem, Routes, Stop, Vehicle, Visit, Window
from remelt.routing.roads import Roads
from remelt.routing.timing import in_turn


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """Return the problem as plain JSON; `problem_from_json` gives an equal one back.

    Its distances must be a table.
    """
    matrix = problem.matrix
    if not isinstance(matrix, Matrix):
        raise TypeError("only a table of distances can be written down")
    written = {
        "keys": list(matrix.keys),
        "distance_m": matrix.distance_m.tolist(),
        "duration_s": matrix.duration_s.tolist(),
        "sources": matrix.sources.tolist(),
        "source_names": list(matrix.source_names),
    }
    day = day_to_json(
        stops=problem.stops,
        vehicles=problem.vehicles,
        hubs=problem.hubs,
        incompatible=problem.incompatible,
        fen_per_kg_co2e=problem.fen_per_kg_co2e,
    )
    return {"matrix": written} | day


def day_to_json(
    *,
    stops: Sequence[Stop],
    vehicles: Sequence[Vehicle],
    hubs: Sequence[Hub] = (),
    incompatible: Collection[tuple[str, str]] = (),
    fen_per_kg_co2e: int = 0,
) -> dict[str, Any]:
    """Return a problem as plain JSON without its matrix, for whoever makes that elsewhere."""
    return {
        "stops": [_stop_to_json(stop) for stop in stops],
        "vehicles": [asdict(vehicle) for vehicle in vehicles],
        "hubs": [asdict(hub) for hub in hubs],
        "incompatible": [list(pair) for pair in sorted(incompatible)],
        "fen_per_kg_co2e": fen_per_kg_co2e,
    }


def problem_from_json(data: dict[str, Any], *, matrix: Roads | None = None) -> Problem:
    """Return the problem that `problem_to_json` wrote; `matrix` stands in where it wrote none."""
    return Problem(
        matrix=matrix or _matrix(data["matrix"]),
        stops=tuple(_stop_from_json(each) for each in data["stops"]),
        vehicles=tuple(_vehicle_from_json(each) for each in data["vehicles"]),
        hubs=tuple(Hub(**each) for each in data.get("hubs", [])),
        incompatible=frozenset((one, other) for one, other in data.get("incompatible", [])),
        fen_per_kg_co2e=data.get("fen_per_kg_co2e", 0),
    )


def routes_to_json(routes: Routes) -> dict[str, Any]:
    """Return routes as vehicle -> list of [stop, action]."""
    return {key: [[v.stop, v.action] for v in visits] for key, visits in routes.items()}


def routes_from_json(data: dict[str, Any]) -> Routes:
    """Return the routes that `routes_to_json` wrote."""
    return {
        key: tuple(Visit(stop, action) for stop, action in visits) for key, visits in data.items()
    }


def _stop_to_json(stop: Stop) -> dict[str, Any]:
    plain = asdict(stop)
    plain["vehicles"] = None if stop.vehicles is None else sorted(stop.vehicles)
    return plain


def _stop_from_json(data: dict[str, Any]) -> Stop:
    plain = Stop(**data)
    return replace(
        plain,
        windows=_windows(plain.windows),
        to_windows=_windows(plain.to_windows),
        vehicles=None if plain.vehicles is None else frozenset(plain.vehicles),
        sizes=tuple(plain.sizes),
    )


def _vehicle_from_json(data: dict[str, Any]) -> Vehicle:
    plain = Vehicle(**data)
    return replace(
        plain,
        capacities=tuple(plain.capacities),
        compartments=tuple(plain.compartments),
        breaks=tuple(in_turn(_break(each) for each in plain.breaks)),
        reload_at=tuple(plain.reload_at),
    )


def _matrix(data: dict[str, Any]) -> Matrix:
    return Matrix(
        keys=tuple(data["keys"]),
        distance_m=data["distance_m"],
        duration_s=data["duration_s"],
        sources=data["sources"],
        source_names=tuple(data["source_names"]),
    )


def _windows(data: Iterable[Window | dict[str, int]]) -> tuple[Window, ...]:
    """Read windows; those that the file left out are windows already."""
    return tuple(each if isinstance(each, Window) else Window(**each) for each in data)


def _break(data: Break | dict[str, int]) -> Break:
    return data if isinstance(data, Break) else Break(**data)
