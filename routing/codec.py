"""A problem and a plan as plain JSON, so that a child process or another machine can solve it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any

from remelt.routing.matrix import Matrix
from remelt.routing.problem import Hub, Problem, Routes, Stop, Vehicle, Visit, Window


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """Return the problem as plain JSON; `problem_from_json` gives an equal one back."""
    matrix = problem.matrix
    written = {
        "keys": list(matrix.keys),
        "distance_m": [list(row) for row in matrix.distance_m],
        "duration_s": [list(row) for row in matrix.duration_s],
        "sources": [list(row) for row in matrix.sources],
        "source_names": list(matrix.source_names),
    }
    day = day_to_json(
        stops=problem.stops,
        vehicles=problem.vehicles,
        hubs=problem.hubs,
        incompatible=problem.incompatible,
    )
    return {"matrix": written} | day


def day_to_json(
    *,
    stops: Sequence[Stop],
    vehicles: Sequence[Vehicle],
    hubs: Sequence[Hub] = (),
    incompatible: Collection[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Return a problem as plain JSON without its matrix, for whoever makes that elsewhere."""
    return {
        "stops": [_stop_to_json(stop) for stop in stops],
        "vehicles": [asdict(vehicle) for vehicle in vehicles],
        "hubs": [asdict(hub) for hub in hubs],
        "incompatible": [list(pair) for pair in sorted(incompatible)],
    }


def problem_from_json(data: dict[str, Any], *, matrix: Matrix | None = None) -> Problem:
    """Return the problem that `problem_to_json` wrote; `matrix` stands in where it wrote none."""
    return Problem(
        matrix=matrix or _matrix(data["matrix"]),
        stops=tuple(_stop_from_json(each) for each in data["stops"]),
        vehicles=tuple(Vehicle(**each) for each in data["vehicles"]),
        hubs=tuple(Hub(**each) for each in data["hubs"]),
        incompatible=frozenset((one, other) for one, other in data["incompatible"]),
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
    vehicles = data["vehicles"]
    return replace(
        Stop(**data),
        windows=_windows(data["windows"]),
        to_windows=_windows(data["to_windows"]),
        vehicles=None if vehicles is None else frozenset(vehicles),
    )


def _matrix(data: dict[str, Any]) -> Matrix:
    return Matrix(
        keys=tuple(data["keys"]),
        distance_m=tuple(tuple(row) for row in data["distance_m"]),
        duration_s=tuple(tuple(row) for row in data["duration_s"]),
        sources=tuple(tuple(row) for row in data["sources"]),
        source_names=tuple(data["source_names"]),
    )


def _windows(data: list[dict[str, int]]) -> tuple[Window, ...]:
    return tuple(Window(**each) for each in data)
