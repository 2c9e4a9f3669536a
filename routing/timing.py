"""When a vehicle is where: visits timed one after the other, waiting moved to the yard."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from remelt.routing.problem import Break, Problem, Stop, Vehicle, Visit, Window


@dataclass(frozen=True, slots=True)
class Missed:
    """A stop, or a reload, whose last window had passed by `late_s` seconds."""

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


@dataclass(frozen=True, slots=True)
class Step:
    """One visit as a task: where, when it may begin, how long it takes, how soon it may leave."""

    visit: Visit
    place: str
    windows: tuple[Window, ...]
    service_s: int
    ready_s: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """A round before it is timed: its tasks, and the legs between them, the last one home."""

    vehicle: Vehicle
    steps: tuple[Step, ...]
    metres: list[int]
    seconds: list[int]
    ready_s: int


@dataclass(frozen=True, slots=True)
class Timed:
    """A round as driven. unpaused: breaks that could not begin in time."""

    calls: tuple[Call, ...]
    depart_s: int
    home_s: int
    late: tuple[Missed, ...]
    unpaused: int


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


def way_of(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> Way:
    """Return the tasks and legs of a round. Every place must be known."""
    steps = [_step(problem, visit) for visit in visits]
    ready = [0] * (len(steps) + 1)
    leaves_after = 0
    for at, visit in enumerate(visits):
        if visit.action == "reload":
            leaves_after = at + 1
        elif problem.stop(visit.stop).kind == "delivery":
            ready[leaves_after] = max(ready[leaves_after], problem.stop(visit.stop).ready_s)
    steps = [
        Step(step.visit, step.place, step.windows, step.service_s, ready[at + 1])
        if ready[at + 1]
        else step
        for at, step in enumerate(steps)
    ]
    index = problem.matrix.index
    rows = [index(vehicle.start), *(index(step.place) for step in steps), index(vehicle.end)]
    metres, seconds = problem.matrix.along(rows)
    return Way(vehicle, tuple(steps), metres, seconds, ready[0])


def fetch_legs(problem: Problem, driven: Mapping[str, tuple[Visit, ...]]) -> None:
    """Have the legs of all rounds worked out at once, where they are not in a table."""
    index, knows = problem.matrix.index, problem.knows
    starts: list[int] = []
    ends: list[int] = []
    for key, visits in driven.items():
        car = problem.vehicle(key)
        places = [place_of(problem.stop(v.stop), v) for v in visits if knows(v.stop)]
        rows = [index(place) for place in (car.start, *places, car.end)]
        starts += rows[:-1]
        ends += rows[1:]
    if starts:
        problem.matrix.fetch(np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64))


def _step(problem: Problem, visit: Visit) -> Step:
    if visit.action == "reload":
        hub = problem.hub(visit.stop)
        return Step(visit, visit.stop, (Window(hub.opens_s, hub.closes_s),), hub.service_s)
    stop = problem.stop(visit.stop)
    return Step(visit, place_of(stop, visit), windows_of(stop, visit), service_of(stop, visit))


def drive(way: Way, *, depart_s: int, queues: Mapping[int, int] | None = None) -> Timed:
    """Time a round. queues: seconds waited for a dock, by number of the call (its length: home)."""
    depart_s = max(depart_s, way.ready_s)
    now, calls, late, unpaused = depart_s, [], [], 0
    rest = in_turn(each for each in way.vehicle.breaks if each.until_s >= depart_s)
    queued = queues or {}
    for at, step in enumerate(way.steps):
        arrive = now + way.seconds[at]
        if rest:
            arrive, missed = _pause(rest, step, now=now, arrive=arrive)
            unpaused += missed
        begin = opening(step.windows, arrive)
        if begin is None:
            late.append(Missed(step.visit.stop, arrive - max(w.end_s for w in step.windows)))
            begin = arrive
        begin += queued.get(at, 0)
        now = max(begin + step.service_s, step.ready_s)
        calls.append(Call(step.visit, step.place, arrive, begin, now))
    home = now + way.seconds[-1]
    if rest:
        home, missed = _pause(rest, None, now=now, arrive=home)
        unpaused += missed
    home += queued.get(len(way.steps), 0)
    return Timed(tuple(calls), depart_s, home, tuple(late), unpaused)


def _pause(rest: list[Break], step: Step | None, *, now: int, arrive: int) -> tuple[int, int]:
    """Take the breaks that cannot wait until after `step` (None: home); return arrival, misses.

    A break is taken while the vehicle waits anyway, else on the way.
    """
    missed = 0
    while rest:
        due = rest[0]
        begin = arrive if step is None else opening(step.windows, arrive)
        begin = arrive if begin is None else begin
        waits = max(arrive, due.from_s)
        if step is not None and waits <= due.until_s and waits + due.length_s <= begin:
            rest.pop(0)
            continue
        if begin + (0 if step is None else step.service_s) <= due.until_s:
            break
        start = max(now, due.from_s)
        missed += start > due.until_s
        arrive = max(arrive, start) + due.length_s
        now = start + due.length_s
        rest.pop(0)
    return arrive, missed


def in_turn(breaks: Iterable[Break]) -> list[Break]:
    """Return breaks as they fall due, in whatever order they were given."""
    return sorted(breaks, key=lambda each: (each.until_s, each.from_s))


def opening(windows: Sequence[Window], arrive_s: int) -> int | None:
    """Return when service can begin on arrival; None when the last window has passed."""
    if len(windows) == 1:
        only = windows[0]
        return None if arrive_s > only.end_s else max(arrive_s, only.start_s)
    fits = [max(arrive_s, window.start_s) for window in windows if arrive_s <= window.end_s]
    return min(fits, default=None)


def in_the_yard(way: Way, *, earliest_s: int) -> Timed:
    """Time a round that leaves as late as it can without coming home later or missing more."""
    soon = drive(way, depart_s=earliest_s)
    latest = soon.home_s
    for at in range(len(soon.calls) - 1, -1, -1):
        call = soon.calls[at]
        begin = latest - way.seconds[at + 1] - (call.depart_s - call.begin_s)
        for window in way.steps[at].windows:
            if window.start_s <= call.begin_s <= window.end_s:
                begin = min(begin, window.end_s)
        latest = max(begin, call.begin_s)
    latest -= way.seconds[0]
    if latest <= soon.depart_s:
        return soon
    waited = drive(way, depart_s=latest)
    worse = (waited.home_s, len(waited.late), waited.unpaused) > (
        soon.home_s,
        len(soon.late),
        soon.unpaused,
    )
    return soon if worse else waited
