"""VROOM's problem JSON in; what VROOM can say and we cannot plan is named, not passed over."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from remelt.routing.field import globe
from remelt.routing.formats.typed import whole_table
from remelt.routing.matrix import (
    ANYWHERE,
    MOST_IN_A_TABLE,
    Matrix,
    Place,
    by_geodesic,
    with_anywhere,
)
from remelt.routing.problem import BadProblem, Break, Problem, Stop, Vehicle, Window
from remelt.routing.roads import Roads
from remelt.routing.timing import in_turn

NOT_OURS = {
    "vehicles": {"steps", "speed_factor", "max_tasks", "max_travel_time"},
    "jobs": {"setup", "setup_per_type", "service_per_type"},
    "shipments": set(),
}
COSTS = frozenset({"fixed", "per_hour", "per_km"})
TABLES = frozenset({"durations", "distances"})
PROFILE = "car"  # of a vehicle that names none
LONG_S = 10**9


def read(data: dict[str, Any]) -> Problem:
    """Return the problem. Amounts are kg first, then further sizes; costs are fen.

    Every job is mandatory: VROOM's priorities only order what is left out. A vehicle without
    costs of its own costs a fen per second, as VROOM counts. Raises `BadProblem`.
    """
    for name, words in NOT_OURS.items():
        for each in data.get(name, []):
            if words & each.keys():
                raise BadProblem("unsupported-field", f"{name}.{min(words & each.keys())}")
    roads = _Places(data)
    stops = [_job(each, roads) for each in data.get("jobs", [])]
    stops += [_shipment(each, roads) for each in data.get("shipments", [])]
    cars = data.get("vehicles", [])
    vehicles = tuple(_vehicle(each, roads) for each in cars)
    skills = {
        car.key: set(each.get("skills", [])) for car, each in zip(vehicles, cars, strict=True)
    }
    needs = [*data.get("jobs", []), *data.get("shipments", [])]
    return Problem(
        matrix=roads.matrix(),
        stops=tuple(
            _who(stop, set(each.get("skills", [])), skills)
            for stop, each in zip(stops, needs, strict=True)
        ),
        vehicles=vehicles,
    )


def points(data: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return where the places of a file that was read lie, WGS84 in micro-degrees."""
    ends = [end for each in data.get("shipments", []) for end in (each["pickup"], each["delivery"])]
    named = [(each, "location") for each in (*data.get("jobs", []), *ends)]
    named += [(car, end) for car in data.get("vehicles", []) for end in ("start", "end")]
    places = _Places(data)
    found = {}
    for each, name in named:
        if each.get(name) is not None:
            lon, lat = each[name]
            found[places.key(each, name)] = (round(lat * 1e6), round(lon * 1e6))
    return found


class _Places:
    """The places of a file: points on the globe, or rows of the matrix it brings along."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._table = _table_of(data)
        self._found: dict[str, Place] = {}
        self._open = False

    def key(self, each: Mapping[str, Any], name: str = "location") -> str:
        """Return the key of a place that a job, step or vehicle names."""
        if self._table is not None:
            at = each.get(f"{name}_index")
            if not isinstance(at, int) or not 0 <= at < len(self._table["durations"]):
                raise BadProblem("unknown-place", f"{name}_index {at}")
            return str(at)
        if name not in each:
            raise BadProblem("unsupported-field", f"{name} left open")
        lon, lat = each[name]
        key = f"{lat:.6f},{lon:.6f}"
        self._found[key] = Place(key, round(lat * 1e6), round(lon * 1e6))
        return key

    def end(self, car: Mapping[str, Any], name: str) -> str:
        """Return the key of a vehicle's start or end; one of the two may be left open."""
        given = {each for each in ("start", "end") if {each, f"{each}_index"} & car.keys()}
        if name in given or not given:
            return self.key(car, name)
        self._open = True
        return ANYWHERE

    def matrix(self) -> Roads:
        """Return the distances among the places seen."""
        found = self._known()
        if not self._open:
            return found
        if not isinstance(found, Matrix):
            raise BadProblem("unsupported-field", "start or end left open among so many places")
        return with_anywhere(found)

    def _known(self) -> Roads:
        if self._table is None:
            places = list(self._found.values())
            return by_geodesic(places) if len(places) <= MOST_IN_A_TABLE else globe(places)
        seconds = whole_table(self._table["durations"])
        metres = whole_table(self._table.get("distances", seconds))
        keys = tuple(str(at) for at in range(len(seconds)))
        return Matrix(keys, metres, seconds, np.zeros_like(metres), ("matrix",))


def _table_of(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the table that all vehicles drive by; None: their places are points."""
    tables: dict[str, dict[str, Any]] = data.get("matrices", {})
    if not tables:
        return None
    profiles = {car.get("profile", PROFILE) for car in data.get("vehicles", [])}
    if len(profiles) > 1:
        raise BadProblem("unsupported-field", "vehicles.profile")
    profile = next(iter(profiles), PROFILE)
    if profile not in tables:
        raise BadProblem("unsupported-field", f"matrices without {profile}"[:60])
    unknown = tables[profile].keys() - TABLES
    if unknown:
        raise BadProblem("unsupported-field", f"matrices.{min(unknown)}"[:60])
    return tables[profile]


def _job(data: dict[str, Any], places: _Places) -> Stop:
    given, taken = data.get("delivery") or data.get("amount"), data.get("pickup")
    if given and taken and any(given) and any(taken):
        raise BadProblem("unsupported-field", "jobs.pickup with delivery")
    kg, *sizes = (taken if taken and any(taken) else given) or [0]
    return Stop(
        key=f"job-{data['id']}",
        kind="pickup" if taken and any(taken) else "delivery",
        place=places.key(data),
        mass_kg=kg,
        sizes=tuple(sizes),
        windows=_windows(data),
        service_s=data.get("service", 0),
    )


def _shipment(data: dict[str, Any], places: _Places) -> Stop:
    there, here = data["delivery"], data["pickup"]
    kg, *sizes = data.get("amount") or [0]
    return Stop(
        key=f"shipment-{here['id']}-{there['id']}",
        kind="pair",
        place=places.key(here),
        to=places.key(there),
        mass_kg=kg,
        sizes=tuple(sizes),
        windows=_windows(here),
        to_windows=_windows(there),
        service_s=here.get("service", 0),
        to_service_s=there.get("service", 0),
    )


def _who(stop: Stop, needs: set[int], skills: Mapping[str, set[int]]) -> Stop:
    from_all = frozenset(key for key, has in skills.items() if needs <= has)
    if len(from_all) == len(skills):
        return stop
    return replace(stop, vehicles=from_all)


def _vehicle(data: dict[str, Any], places: _Places) -> Vehicle:
    kg, *sizes = data.get("capacity") or [LONG_S]
    start_s, end_s = data.get("time_window", (0, LONG_S))
    costs = data.get("costs", {})
    if costs.keys() - COSTS:
        raise BadProblem("unsupported-field", f"costs.{min(costs.keys() - COSTS)}"[:60])
    per_hour = costs.get("per_hour", 0 if "per_km" in costs else 3600)
    return Vehicle(
        key=f"{data['id']}",
        capacity_kg=kg,
        capacities=tuple(sizes),
        start=places.end(data, "start"),
        end=places.end(data, "end"),
        shift_start_s=start_s,
        shift_end_s=end_s,
        fixed_fen=costs.get("fixed", 0),
        fen_per_km=costs.get("per_km", 0),
        fen_per_hour=per_hour,
        breaks=tuple(in_turn(each for one in data.get("breaks", []) for each in _breaks(one))),
        range_m=data.get("max_distance"),
    )


def _breaks(data: dict[str, Any]) -> Iterable[Break]:
    windows = data.get("time_windows", [])
    if "max_load" in data:
        raise BadProblem("unsupported-field", "breaks.max_load")
    if len(windows) != 1:
        raise BadProblem("unsupported-field", "breaks.time_windows")
    yield Break(windows[0][0], windows[0][1], data.get("service", 0))


def _windows(data: Mapping[str, Any]) -> tuple[Window, ...]:
    given = data.get("time_windows")
    return tuple(Window(*each) for each in given) if given else (Window(0, LONG_S),)
