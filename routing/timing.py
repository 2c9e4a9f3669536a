"""When a vehicle is where: visits timed one after the other, waiting moved to the yard."""

from collections.abc import Sequence
from dataclasses import dataclass

from remelt.routing.problem import Problem, Stop, Vehicle, Visit, Window


@dataclass(frozen=True, slots=True)
class Missed:
    """A stop whose last window had passed by `late_s` seconds."""

    stop: str
    late_s: int


@dataclass(frozen=True, slots=True)
class Call:
    """One visit as timed: arrival, begin of service (after waiting) and departure."""

    visit: Visit
    place: str
    arrive_s: int
    begin_s: int
    depart_s: int


def place_of(stop: Stop, visit: Visit) -> str:
    """Return where a visit takes place."""
    if visit.action == "unload" and stop.to is not None:
        return stop.to
    return stop.place


def windows_of(stop: Stop, visit: Visit) -> tuple[Window, ...]:
    """Return when a visit may begin."""
    return stop.to_windows if visit.action == "unload" and stop.to is not None else stop.windows


def service_of(stop: Stop, visit: Visit) -> int:
    """Return how long a visit takes, in s."""
    return stop.to_service_s if visit.action == "unload" and stop.to is not None else stop.service_s


def drive(
    problem: Problem, vehicle: Vehicle, visits: Sequence[Visit], *, depart_s: int
) -> tuple[tuple[Call, ...], int, list[Missed]]:
    """Time the visits; return them, the time at home and the windows missed."""
    now, here = depart_s, vehicle.start
    calls: list[Call] = []
    late: list[Missed] = []
    for visit in visits:
        stop = problem.stop(visit.stop)
        place = place_of(stop, visit)
        arrive = now + problem.matrix.seconds(here, place)
        begin = opening(windows_of(stop, visit), arrive)
        if begin is None:
            end = max(window.end_s for window in windows_of(stop, visit))
            late.append(Missed(stop.key, arrive - end))
            begin = arrive
        now = begin + service_of(stop, visit)
        calls.append(Call(visit, place, arrive, begin, now))
        here = place
    return tuple(calls), now + problem.matrix.seconds(here, vehicle.end), late


def opening(windows: Sequence[Window], arrive_s: int) -> int | None:
    """Return when service can begin on arrival; None when the last window has passed."""
    fits = [max(arrive_s, window.start_s) for window in windows if arrive_s <= window.end_s]
    return min(fits, default=None)


def latest_start(problem: Problem, vehicle: Vehicle, calls: Sequence[Call], home_s: int) -> int:
    """Return the latest departure that keeps the time at home and every chosen window."""
    latest, after = home_s, vehicle.end
    for call in reversed(calls):
        stop = problem.stop(call.visit.stop)
        begin = latest - problem.matrix.seconds(call.place, after) - (call.depart_s - call.begin_s)
        for window in windows_of(stop, call.visit):
            if window.start_s <= call.begin_s <= window.end_s:
                begin = min(begin, window.end_s)
        latest, after = max(begin, call.begin_s), call.place
    return latest - problem.matrix.seconds(vehicle.start, after)
