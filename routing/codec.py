"""A problem and a plan as plain JSON, so that a child process or another machine can solve it."""

from dataclasses import asdict, replace
from typing import Any

from remelt.routing.matrix import Matrix
from remelt.routing.problem import Hub, Problem, Routes, Stop, Vehicle, Visit, Window


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """Return the problem as plain JSON; `problem_from_json` gives an equal one back."""
    matrix = problem.matrix
    return {
        "matrix": {
            "keys": list(matrix.keys),
            "distance_m": [list(row) for row in matrix.distance_m],
            "duration_s": [list(row) for row in matrix.duration_s],
            "sources": [list(row) for row in matrix.sources],
            "source_names": list(matrix.source_names),
        },
        "stops": [_stop_to_json(stop) for stop in problem.stops],
        "vehicles": [asdict(vehicle) for vehicle in problem.vehicles],
        "hubs": [asdict(hub) for hub in problem.hubs],
        "incompatible": [list(pair) for pair in sorted(problem.incompatible)],
    }


def problem_from_json(data: dict[str, Any]) -> Problem:
    """Return the problem that `problem_to_json` wrote."""
    matrix = data["matrix"]
    return Problem(
        matrix=Matrix(
            keys=tuple(matrix["keys"]),
            distance_m=tuple(tuple(row) for row in matrix["distance_m"]),
            duration_s=tuple(tuple(row) for row in matrix["duration_s"]),
            sources=tuple(tuple(row) for row in matrix["sources"]),
            source_names=tuple(matrix["source_names"]),
        ),
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


def _windows(data: list[dict[str, int]]) -> tuple[Window, ...]:
    return tuple(Window(**each) for each in data)
