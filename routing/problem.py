"""A day's transport as numbers: what waits where, what drives, and when. Integer units only.

Metres, seconds of the planning day (00:00 = 0), kilograms, fen and grams CO2e.
"""

from dataclasses import dataclass, field
from typing import Literal

from remelt.routing.matrix import Matrix

DAY_S = 86_400
MOST_STOPS = 30_000
StopKind = Literal["pickup", "delivery", "pair"]
Action = Literal["load", "unload"]


class BadProblem(ValueError):
    """The problem contradicts itself; `code` says how and `subject` names the culprit."""

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{code}: {subject}")
        self.code = code
        self.subject = subject


@dataclass(frozen=True, slots=True)
class Window:
    """When a stop may begin to be served, in seconds of the day, both ends included."""

    start_s: int
    end_s: int


ALL_DAY = (Window(0, DAY_S),)


@dataclass(frozen=True, slots=True)
class Stop:
    """One load to be moved.

    kind: `pickup` loads at `place` and rides to the vehicle's end; `delivery` is on board from
        the vehicle's start and is unloaded at `place`; `pair` loads at `place` and unloads at `to`.
    windows: any of them will do; for a pair, `to_windows` bind the unloading.
    service_s: time at the place; `to_service_s` at the second place of a pair.
    vehicles: the vehicles that may come; None when all may.
    prize_fen: None is mandatory; else what leaving it out costs.
    """

    key: str
    kind: StopKind
    place: str
    mass_kg: int
    to: str | None = None
    windows: tuple[Window, ...] = ALL_DAY
    to_windows: tuple[Window, ...] = ALL_DAY
    service_s: int = 0
    to_service_s: int = 0
    family: str = ""
    vehicles: frozenset[str] | None = None
    prize_fen: int | None = None

    def visits(self) -> tuple["Visit", ...]:
        """Return what a vehicle does for this stop, in order."""
        if self.kind == "pair":
            return (Visit(self.key, "load"), Visit(self.key, "unload"))
        return (Visit(self.key, "load" if self.kind == "pickup" else "unload"),)


@dataclass(frozen=True, slots=True)
class Visit:
    """A vehicle loads or unloads one stop's mass."""

    stop: str
    action: Action


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What drives one round: its body, its shift, its places, its cost and its emission curve.

    empty_g_per_km, full_g_per_km: g CO2e per km without load and at `capacity_kg`; between them
    the curve is a straight line.
    """

    key: str
    capacity_kg: int
    start: str
    end: str
    shift_start_s: int = 8 * 3600
    shift_end_s: int = 18 * 3600
    fixed_fen: int = 0
    fen_per_km: int = 100
    fen_per_hour: int = 0
    empty_g_per_km: int = 0
    full_g_per_km: int = 0


@dataclass(frozen=True, slots=True)
class Hub:
    """A place whose gate has hours: vehicles start and end there within them."""

    place: str
    opens_s: int = 0
    closes_s: int = DAY_S


@dataclass(frozen=True, slots=True)
class Problem:
    """One day to plan. `incompatible`: pairs of families that may not ride on one round."""

    matrix: Matrix
    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    hubs: tuple[Hub, ...] = ()
    incompatible: frozenset[tuple[str, str]] = frozenset()
    _stops: dict[str, Stop] = field(init=False, repr=False, compare=False)
    _vehicles: dict[str, Vehicle] = field(init=False, repr=False, compare=False)
    _hubs: dict[str, Hub] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stops", {each.key: each for each in self.stops})
        object.__setattr__(self, "_vehicles", {each.key: each for each in self.vehicles})
        object.__setattr__(self, "_hubs", {each.place: each for each in self.hubs})

    def stop(self, key: str) -> Stop:
        """Return the stop of that key."""
        return self._stops[key]

    def vehicle(self, key: str) -> Vehicle:
        """Return the vehicle of that key."""
        return self._vehicles[key]

    def knows(self, stop: str) -> bool:
        """Tell whether there is a stop of that key."""
        return stop in self._stops

    def hours(self, place: str) -> Window:
        """Return when the gate of `place` is open; all day where it has no hours."""
        hub = self._hubs.get(place)
        return Window(0, DAY_S) if hub is None else Window(hub.opens_s, hub.closes_s)

    def quarrel(self, one: str, other: str) -> bool:
        """Tell whether two families may not ride on one round."""
        return (one, other) in self.incompatible or (other, one) in self.incompatible


Routes = dict[str, tuple[Visit, ...]]


def check(problem: Problem) -> None:
    """Refuse a problem that contradicts itself, before any engine sees it. Raises `BadProblem`."""
    if len(problem.stops) > MOST_STOPS:
        raise BadProblem("too-many-stops", str(len(problem.stops)))
    _check_unique([each.key for each in problem.stops])
    _check_unique([each.key for each in problem.vehicles])
    for stop in problem.stops:
        _check_stop(problem, stop)
    for vehicle in problem.vehicles:
        _check_vehicle(problem, vehicle)
    for hub in problem.hubs:
        _check_hours(hub.opens_s, hub.closes_s, hub.place)


def _check_unique(keys: list[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise BadProblem("named-twice", key)
        seen.add(key)


def _check_stop(problem: Problem, stop: Stop) -> None:
    if not _whole(stop.mass_kg) or stop.mass_kg < 0:
        raise BadProblem("negative-load", stop.key)
    if stop.service_s < 0 or stop.to_service_s < 0:
        raise BadProblem("negative-service", stop.key)
    if (stop.kind == "pair") != (stop.to is not None):
        raise BadProblem("pair-without-place", stop.key)
    for place in (stop.place, stop.to):
        if place is not None and not problem.matrix.knows(place):
            raise BadProblem("unknown-place", place)
    if not stop.windows or not stop.to_windows:
        raise BadProblem("no-window", stop.key)
    for window in (*stop.windows, *stop.to_windows):
        _check_hours(window.start_s, window.end_s, stop.key)


def _check_vehicle(problem: Problem, vehicle: Vehicle) -> None:
    if not _whole(vehicle.capacity_kg) or vehicle.capacity_kg <= 0:
        raise BadProblem("no-capacity", vehicle.key)
    for place in (vehicle.start, vehicle.end):
        if not problem.matrix.knows(place):
            raise BadProblem("unknown-place", place)
    _check_hours(vehicle.shift_start_s, vehicle.shift_end_s, vehicle.key)
    if min(vehicle.fixed_fen, vehicle.fen_per_km, vehicle.fen_per_hour) < 0:
        raise BadProblem("negative-cost", vehicle.key)
    if not 0 <= vehicle.empty_g_per_km <= vehicle.full_g_per_km:
        raise BadProblem("emission-curve-falls", vehicle.key)


def _check_hours(start_s: int, end_s: int, subject: str) -> None:
    if not _whole(start_s) or not _whole(end_s) or start_s < 0:
        raise BadProblem("bad-time", subject)
    if end_s < start_s:
        raise BadProblem("closes-before-it-opens", subject)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
