"""A day becomes flat arrays for the compiled search, and its plan becomes routes again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from remelt.routing.book import Book
from remelt.routing.dear import lost_fen
from remelt.routing.docks import staggered
from remelt.routing.field import Globe, Plane
from remelt.routing.problem import Problem, Stop, Vehicle
from remelt.routing.roads import UNREACHABLE, Roads
from remelt.routing.ruins.distances import (
    NO_ROAD,
    TABLED,
    Hours,
    bands,
    in_metres,
    legs,
    near_stops,
    rounding,
    tables,
    told,
    turned,
)
from remelt.routing.ruins.state import NOT_ALLOWED, NOT_ALONE, Big, Day, Real, Small

LATEST = 2**28


def understood(problem: Problem) -> bool:
    """Tell whether the compiled search knows the rules of the day (docks: see `staggered`)."""
    kinds = {stop.kind for stop in problem.stops}
    return (
        bool(problem.vehicles)
        and len(problem.stops) > 1
        and len(kinds) == 1
        and "pair" not in kinds
        and not problem.incompatible
        and all(_plain_stop(stop) for stop in problem.stops)
        and all(_plain_vehicle(problem, car) for car in problem.vehicles)
        and (len(problem.matrix.keys) <= TABLED or _pointed(problem.matrix))
    )


def _pointed(roads: Roads) -> bool:
    """Tell whether distances come from points; an engine's pairs are asked cell by cell."""
    return isinstance(roads, Globe | Plane) or (isinstance(roads, Book) and roads.engine is None)


def _plain_stop(stop: Stop) -> bool:
    return len(stop.windows) == 1 and not stop.ready_s and not any(stop.sizes)


def _plain_vehicle(problem: Problem, car: Vehicle) -> bool:
    rises = car.full_g_per_km > car.empty_g_per_km
    return (
        not car.breaks
        and not car.reloads
        and car.range_m is None
        and not (car.regular_s is not None and car.overtime_s)
        and not (rises and problem.fen_per_kg_co2e)
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A day as arrays, and which stop and vehicle each number stands for.

    stops: rows of `problem.stops` by number, in an order in which neighbours stand together.
    """

    problem: Problem
    day: Day
    stops: tuple[Stop, ...]
    vehicles: tuple[str, ...]
    kinds: tuple[Vehicle, ...]


def sheet_of(problem: Problem) -> Sheet:
    """Return the day as arrays."""
    problem = staggered(problem)
    order = np.array([problem.matrix.index(stop.place) for stop in problem.stops])
    points = problem.matrix.points()[order]
    stops = tuple(problem.stops[at] for at in _in_space(points).tolist())
    kinds = _kinds(problem)
    cars = [(key, kind) for kind, keys in enumerate(kinds.values()) for key in keys]
    models = [car for car, _ in kinds]
    kind_of = np.array([kind for _, kind in cars], dtype=np.int32)
    rows = _rows(problem, stops, [models[kind] for kind in kind_of.tolist()])
    hours = _hours(problem, stops, [models[kind] for kind in kind_of.tolist()])
    points = in_metres(problem)
    metres, seconds = tabled = tables(problem)
    better = told(problem)
    hourly = any(car.fen_per_hour or car.regular_s is not None for car in models)
    dear = lost_fen(problem)
    day = Day(
        stops=len(stops),
        tabled=len(metres) > 1,
        timed=hourly or _is_shut(seconds, better.seconds) or _is_timed(hours),
        hourly=hourly,
        metres=metres,
        back=turned(metres),
        seconds=seconds,
        back_s=turned(seconds),
        points=points,
        rounding=rounding(problem),
        scale=float(getattr(problem.matrix, "scale", 1)),
        bands=bands(problem),
        told=better.codes,
        told_m=better.metres,
        told_s=better.seconds,
        has_told=better.rows,
        row=rows,
        demand=np.array([stop.mass_kg for stop in stops], dtype=np.int64),
        opens=hours.opens,
        closes=hours.closes,
        service=hours.service,
        near=near_stops(problem, rows[: len(stops)], hours, tabled),
        lost=np.array([dear if s.prize_fen is None else s.prize_fen for s in stops], dtype=float),
        alone=_alone(problem, points, stops, list(kinds)),
        kind=kind_of,
        capacity=np.array([car.capacity_kg for car in models], dtype=np.int64),
        per_m=np.array([_per_m(problem, car) for car in models], dtype=float),
        per_s=np.array([car.fen_per_hour / 3600 for car in models], dtype=float),
        fixed=np.array([car.fixed_fen for car in models], dtype=float),
        most_s=np.array([LATEST if c.regular_s is None else c.regular_s for c in models]),
        orders=_orders(problem, stops),
    )
    return Sheet(problem, day, stops, tuple(key for key, _ in cars), tuple(models))


def _per_m(problem: Problem, car: Vehicle) -> float:
    return (car.fen_per_km + car.empty_g_per_km * problem.fen_per_kg_co2e / 1000) / 1000


def _kinds(problem: Problem) -> dict[tuple[Vehicle, tuple[bool, ...]], list[str]]:
    """Vehicles that are alike, and alike to every stop."""
    circles = list(dict.fromkeys(s.vehicles for s in problem.stops if s.vehicles is not None))
    kinds: dict[tuple[Vehicle, tuple[bool, ...]], list[str]] = {}
    for car in problem.vehicles:
        inside = tuple(car.key in circle for circle in circles)
        kinds.setdefault((replace(car, key=""), inside), []).append(car.key)
    return kinds


def _rows(problem: Problem, stops: Sequence[Stop], cars: Sequence[Vehicle]) -> Small:
    index = problem.matrix.index
    rows = [index(stop.place) for stop in stops]
    for car in cars:
        rows += (index(car.start), index(car.end))
    return np.array(rows, dtype=np.int32)


def _hours(problem: Problem, stops: Sequence[Stop], cars: Sequence[Vehicle]) -> Hours:
    opens = [stop.windows[0].start_s for stop in stops]
    closes = [stop.windows[0].end_s for stop in stops]
    for car in cars:
        opens += (max(car.shift_start_s, problem.hub(car.start).opens_s), 0)
        closes += (
            problem.hub(car.start).closes_s,
            min(car.shift_end_s, problem.hub(car.end).closes_s),
        )
    service = [stop.service_s for stop in stops] + [0, 0] * len(cars)
    return Hours(
        np.minimum(np.array(opens, dtype=np.int64), LATEST),
        np.minimum(np.array(closes, dtype=np.int64), LATEST),
        np.array(service, dtype=np.int64),
    )


def _is_shut(*seconds: Small | Big) -> bool:
    """Tell whether some leg is no road: only its time keeps it out."""
    return any(bool((each >= NO_ROAD).any()) for each in seconds)


def _is_timed(hours: Hours) -> bool:
    longest = 10**7
    return bool((hours.closes < longest).any() or (hours.opens > 0).any())


def _alone(
    problem: Problem,
    points: Real,
    stops: Sequence[Stop],
    kinds: Sequence[tuple[Vehicle, tuple[bool, ...]]],
) -> Real:
    """What each stop costs on a round of its own, by kind."""
    index = problem.matrix.index
    rows = np.array([index(stop.place) for stop in stops], dtype=np.int64)
    opens, closes, service = _hours(problem, stops, [])
    mass = np.array([stop.mass_kg for stop in stops])
    circles = list(dict.fromkeys(s.vehicles for s in problem.stops if s.vehicles is not None))
    at: dict[frozenset[str] | None, int] = {each: number for number, each in enumerate(circles)}
    circle = [at.get(stop.vehicles, -1) for stop in stops]
    ways = {
        ends: (
            legs(problem, points, index(ends[0]), rows),
            legs(problem, points, rows, index(ends[1])),
        )
        for ends in {(car.start, car.end) for car, _ in kinds}
    }
    found = np.empty((len(stops), len(kinds)))
    for column, (car, inside) in enumerate(kinds):
        (to_m, to_s), (from_m, from_s) = ways[car.start, car.end]
        leaves = max(car.shift_start_s, problem.hub(car.start).opens_s)
        begins = np.maximum(leaves + to_s, opens)
        home = begins + service + from_s
        away = home - np.maximum(leaves, begins - to_s)
        cost = (
            car.fixed_fen + _per_m(problem, car) * (to_m + from_m) + car.fen_per_hour / 3600 * away
        )
        barred = np.array([not inside[each] if each >= 0 else False for each in circle])
        wrong = (
            (to_m == UNREACHABLE)
            | (from_m == UNREACHABLE)
            | (begins > closes)
            | (home > min(car.shift_end_s, problem.hub(car.end).closes_s))
            | (begins - to_s > problem.hub(car.start).closes_s)
            & (leaves > problem.hub(car.start).closes_s)
            | (away > (LATEST if car.regular_s is None else car.regular_s))
        )
        found[:, column] = np.where(
            barred | (mass > car.capacity_kg), NOT_ALLOWED, np.where(wrong, NOT_ALONE, cost)
        )
    return found


def _orders(problem: Problem, stops: Sequence[Stop]) -> Real:
    """Measures by which stops are put back: demand (twice), far, near, and by their windows."""
    index = problem.matrix.index
    home = problem.matrix.points()[sorted({index(car.start) for car in problem.vehicles})]
    points = problem.matrix.points()[[index(stop.place) for stop in stops]]
    far = np.min([((points - each) ** 2).sum(axis=1) for each in home], axis=0)
    demand = -np.array([stop.mass_kg for stop in stops], dtype=float)
    starts = np.array([stop.windows[0].start_s for stop in stops], dtype=float)
    ends = np.array([stop.windows[0].end_s for stop in stops], dtype=float)
    columns = [demand] * 4 + [-far] * 2 + [far]
    if np.ptp(starts) or np.ptp(ends):
        columns += [ends - starts] * 2 + [starts] * 2 + [-ends] * 2
    return np.ascontiguousarray(np.column_stack(columns))


def _in_space(points: Real) -> NDArray[np.int64]:
    """An order of points in which neighbours in the row are neighbours on the map."""
    low = points.min(axis=0)
    spread = max(1e-9, float(np.ptp(points, axis=0).max()))
    cells = ((points - low) / spread * 65_535).astype(np.uint64)
    mixed = np.zeros(len(points), dtype=np.uint64)
    for bit in range(16):
        one = np.uint64(1)
        for axis in range(2):
            mixed |= ((cells[:, axis] >> np.uint64(bit)) & one) << np.uint64(2 * bit + axis)
    return np.argsort(mixed, kind="stable")
