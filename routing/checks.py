"""A problem that contradicts itself is refused before any engine sees it, and its culprit named."""

from collections.abc import Iterable

from remelt.routing.problem import (
    FOREVER_S,
    MOST_FEN,
    MOST_RELOADS,
    MOST_STOPS,
    BadProblem,
    Problem,
    Stop,
    Vehicle,
)


def check(problem: Problem) -> None:
    """Refuse a problem that contradicts itself. Raises `BadProblem`."""
    if len(problem.stops) > MOST_STOPS:
        raise BadProblem("too-many-stops", str(len(problem.stops)))
    _check_unique(each.key for each in problem.stops)
    _check_unique(each.key for each in problem.vehicles)
    _check_unique(each.place for each in problem.hubs)
    for stop in problem.stops:
        check_stop(problem, stop)
    for vehicle in problem.vehicles:
        _check_vehicle(problem, vehicle)
        _check_work(vehicle)
    for hub in problem.hubs:
        _check_hours(hub.opens_s, hub.closes_s, hub.place)
        if min(hub.docks, hub.service_s) < 0:
            raise BadProblem("negative-service", hub.place)
    _check_carbon(problem)


def _check_carbon(problem: Problem) -> None:
    price = problem.fen_per_kg_co2e
    if price < 0:
        raise BadProblem("negative-cost", "fen_per_kg_co2e")
    if not _whole(price):
        raise BadProblem("bad-number", "fen_per_kg_co2e")
    _check_measure("", fen_per_kg_co2e=price)
    for car in problem.vehicles:
        _check_measure(car.key, most=FOREVER_S, full_g_per_km=car.full_g_per_km * price)


def _check_unique(keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise BadProblem("named-twice", key)
        seen.add(key)


def _check_measure(subject: str, *, most: int = MOST_FEN, **amounts: int | None) -> None:
    """Refuse an amount beyond which the sums of a search would run over."""
    for name, amount in amounts.items():
        if amount is not None and amount > most:
            raise BadProblem("bad-number", f"{subject}.{name}" if subject else name)


def check_stop(problem: Problem, stop: Stop) -> None:
    """Refuse a stop that contradicts itself, or is at no known place. Raises `BadProblem`."""
    for size in (stop.mass_kg, *stop.sizes):
        if not _whole(size) or size < 0:
            raise BadProblem("negative-load", stop.key)
    if min(stop.service_s, stop.to_service_s, stop.ready_s) < 0:
        raise BadProblem("negative-service", stop.key)
    if (stop.kind == "pair") != (stop.to is not None):
        raise BadProblem("pair-without-place", stop.key)
    _check_places(problem, stop.place, *(() if stop.to is None else (stop.to,)))
    if not stop.windows or not stop.to_windows:
        raise BadProblem("no-window", stop.key)
    for window in (*stop.windows, *stop.to_windows):
        _check_hours(window.start_s, window.end_s, stop.key)
    if stop.prize_fen is not None and stop.prize_fen < 0:
        raise BadProblem("negative-cost", stop.key)
    _check_measure(stop.key, prize_fen=stop.prize_fen)
    size, service_s = max(stop.sizes, default=0), max(stop.service_s, stop.to_service_s)
    _check_measure(
        stop.key,
        most=FOREVER_S,
        mass_kg=stop.mass_kg,
        sizes=size,
        service_s=service_s,
        ready_s=stop.ready_s,
    )


def _check_places(problem: Problem, *places: str) -> None:
    for place in places:
        if not problem.matrix.knows(place):
            raise BadProblem("unknown-place", place)


def _check_vehicle(problem: Problem, vehicle: Vehicle) -> None:
    for capacity in (vehicle.capacity_kg, *vehicle.capacities, *vehicle.compartments):
        if not _whole(capacity) or capacity <= 0:
            raise BadProblem("no-capacity", vehicle.key)
    _check_places(problem, vehicle.start, vehicle.end, *vehicle.reload_at)
    _check_hours(vehicle.shift_start_s, vehicle.shift_end_s, vehicle.key)
    costs = (vehicle.fixed_fen, vehicle.fen_per_km, vehicle.fen_per_hour)
    if min(*costs, vehicle.fen_per_overtime_hour, vehicle.fen_per_hour_squared) < 0:
        raise BadProblem("negative-cost", vehicle.key)
    _check_amounts(vehicle)
    if not 0 <= vehicle.empty_g_per_km <= vehicle.full_g_per_km:
        raise BadProblem("emission-curve-falls", vehicle.key)


def _check_amounts(vehicle: Vehicle) -> None:
    _check_measure(
        vehicle.key,
        fixed_fen=vehicle.fixed_fen,
        fen_per_km=vehicle.fen_per_km,
        fen_per_hour=vehicle.fen_per_hour,
        fen_per_overtime_hour=vehicle.fen_per_overtime_hour,
        fen_per_hour_squared=vehicle.fen_per_hour_squared,
    )
    _check_measure(
        vehicle.key,
        most=FOREVER_S,
        capacity_kg=vehicle.capacity_kg,
        capacities=max(vehicle.capacities, default=0),
        regular_s=vehicle.regular_s,
        overtime_s=vehicle.overtime_s,
        range_m=vehicle.range_m,
    )
    _check_measure(vehicle.key, most=MOST_FEN, full_g_per_km=vehicle.full_g_per_km)
    _check_measure(vehicle.key, most=MOST_RELOADS, reloads=vehicle.reloads)


def _check_work(vehicle: Vehicle) -> None:
    if min(vehicle.overtime_s, vehicle.reloads, vehicle.regular_s or 0, vehicle.range_m or 0) < 0:
        raise BadProblem("negative-work", vehicle.key)
    for each in vehicle.breaks:
        _check_hours(each.from_s, each.until_s, vehicle.key)
        if each.length_s < 0:
            raise BadProblem("negative-work", vehicle.key)


def _check_hours(start_s: int, end_s: int, subject: str) -> None:
    if not _whole(start_s) or not _whole(end_s) or start_s < 0:
        raise BadProblem("bad-time", subject)
    if end_s < start_s:
        raise BadProblem("closes-before-it-opens", subject)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
