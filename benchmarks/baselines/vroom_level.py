"""VROOM at one exploration level: so much work, however long it takes, and no seed."""

from datetime import timedelta

import vroom

from remelt.routing.problem import Problem, Routes


def routes(problem: Problem, *, level: int, most_s: float | None = None) -> Routes:
    """Return VROOM's routes of deliveries at a cost of metres; cut off after `most_s`."""
    table, asked = problem.matrix.table(), vroom.Input()
    asked.set_durations_matrix("car", table.duration_s)
    asked.set_costs_matrix("car", table.distance_m)
    at = {key: row for row, key in enumerate(table.keys)}
    for number, car in enumerate(problem.vehicles):
        ends = {"start": at[car.start], "end": at[car.end], "capacity": [car.capacity_kg]}
        shift = (car.shift_start_s, car.shift_end_s)
        asked.add_vehicle(vroom.Vehicle(number, time_window=shift, **ends))
    for number, stop in enumerate(problem.stops):
        work = {"default_service": stop.service_s, "delivery": [stop.mass_kg]}
        windows = [(each.start_s, each.end_s) for each in stop.windows]
        asked.add_job(vroom.Job(number, at[stop.place], time_windows=windows, **work))
    limit = None if most_s is None else timedelta(seconds=most_s)
    rows = asked.solve(exploration_level=level, nb_threads=1, timeout=limit).routes
    found: dict[str, Routes] = {car.key: () for car in problem.vehicles}
    for row in rows[rows.type == "job"].itertuples():
        found[problem.vehicles[row.vehicle_id].key] += problem.stops[row.id].visits()
    return found
