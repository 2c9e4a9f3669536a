"""A cell as text, so that a worker on another machine can solve it: about 20 KB for 250 stops."""

import base64
import json
import time
import zlib
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from remelt.routing.codec import day_to_json, problem_from_json, routes_from_json, routes_to_json
from remelt.routing.field import Globe, Plane
from remelt.routing.matrix import Band, Matrix
from remelt.routing.problem import Problem
from remelt.routing.roads import Roads
from remelt.routing.whole import Task, solve_task


def to_text(task: Task) -> str:
    """Return the task as text, packed. A moment of this machine's clock becomes time left."""
    problem = task.problem
    told = day_to_json(
        stops=problem.stops,
        vehicles=problem.vehicles,
        hubs=problem.hubs,
        incompatible=problem.incompatible,
        fen_per_kg_co2e=problem.fen_per_kg_co2e,
    )
    return _packed(
        {
            "problem": told,
            "roads": _roads(problem.matrix),
            "routes": routes_to_json(task.routes),
            "seed": task.seed,
            "seconds": task.seconds,
            "left_s": task.end - time.monotonic(),
            "looks": task.looks,
            "warm": task.warm,
        }
    )


def from_text(text: str) -> Task:
    """Return the task that `to_text` wrote; its end is counted from now on."""
    told = _unpacked(text)
    problem: Problem = problem_from_json(told["problem"], matrix=_roads_of(told["roads"]))
    return Task(
        problem=problem,
        routes=routes_from_json(told["routes"]),
        seed=told["seed"],
        seconds=told["seconds"],
        end=time.monotonic() + told["left_s"],
        looks=told["looks"],
        warm=told["warm"],
    )


def solve_text(text: str) -> str:
    """Solve a task written as text: what a worker does, anywhere and as often as it is asked.

    A task that comes too late, or a second time, is solved in the time that it was given at first:
    better late than not at all, for whoever still waits.
    """
    task = from_text(text)
    late = replace(task, end=max(task.end, time.monotonic() + min(task.seconds, 1.0)))
    return json.dumps(routes_to_json(solve_task(late)))


def answer_of(text: str) -> dict[str, Any]:
    """Return the routes that `solve_text` wrote, as JSON."""
    found: dict[str, Any] = json.loads(text)
    return found


def _packed(value: dict[str, Any]) -> str:
    plain = json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
    return base64.b64encode(zlib.compress(plain)).decode()


def _unpacked(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(text)))
    return found


def _roads(roads: Roads) -> dict[str, Any]:
    if isinstance(roads, Globe):
        bands = [asdict(band) for band in roads.bands]
        points = {"lat": roads.lat.tolist(), "lon": roads.lon.tolist()}
        return {"kind": "globe", "keys": roads.keys, "bands": bands, **points}
    if isinstance(roads, Plane):
        points = {"xy": roads.xy.tolist(), "scale": roads.scale, "rounding": roads.rounding}
        return {"kind": "plane", "keys": roads.keys, **points}
    if isinstance(roads, Matrix):
        tables = ("distance_m", "duration_s", "sources")
        table = {name: getattr(roads, name).ravel().tolist() for name in tables}
        return {"kind": "table", "keys": roads.keys, "names": roads.source_names, **table}
    raise TypeError(f"{type(roads).__name__} cannot be written down")


def _roads_of(told: dict[str, Any]) -> Roads:
    keys = tuple(told["keys"])
    if told["kind"] == "globe":
        bands = tuple(Band(**band) for band in told["bands"])
        return Globe(keys, np.array(told["lat"]), np.array(told["lon"]), bands)
    if told["kind"] == "plane":
        xy = np.array(told["xy"], dtype=np.float64).reshape(-1, 2)
        return Plane(keys, xy, told["scale"], told["rounding"])
    tables = (told["distance_m"], told["duration_s"], told["sources"])
    return Matrix(keys, *tables, tuple(told["names"]))
