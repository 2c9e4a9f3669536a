"""Greedy insertion: always an answer, in milliseconds, and the first incumbent of every plan."""

from collections.abc import Iterator

from remelt.routing.evaluator import judge_round
from remelt.routing.problem import Problem, Routes, Stop, Vehicle, Visit
from remelt.routing.timing import place_of

MOST_TRIES = 60


def insert_all(problem: Problem, *, routes: Routes | None = None) -> Routes:
    """Return feasible routes: each stop where it lengthens the day least, far stops first.

    `routes` are kept as they are and added to. What fits nowhere is left out, and so is a prize
    stop whose detour costs more than its prize.
    """
    grown: Routes = {vehicle.key: () for vehicle in problem.vehicles} | dict(routes or {})
    served = {visit.stop for visits in grown.values() for visit in visits}
    waiting = [stop for stop in problem.stops if stop.key not in served]
    for stop in sorted(waiting, key=lambda each: _urgency(problem, each)):
        found = best_insertion(problem, grown, stop)
        if found is not None:
            vehicle, visits = found
            grown[vehicle] = visits
    return {key: visits for key, visits in grown.items() if visits}


def best_insertion(
    problem: Problem, routes: Routes, stop: Stop
) -> tuple[str, tuple[Visit, ...]] | None:
    """Return the cheapest feasible place for `stop` as (vehicle, its new visits), if there is one.

    Candidates are tried by added distance, at most 60 for each vehicle; a prize stop must be
    worth what it adds.
    """
    best: tuple[int, str, tuple[Visit, ...]] | None = None
    for vehicle in problem.vehicles:
        if stop.vehicles is not None and vehicle.key not in stop.vehicles:
            continue
        before = routes.get(vehicle.key, ())
        was = judge_round(problem, vehicle, before).cost_fen if before else 0
        tried = sorted(candidates(before, stop), key=lambda v: _metres(problem, vehicle, v))
        for visits in tried[:MOST_TRIES]:
            judged = judge_round(problem, vehicle, visits)
            if judged.violations:
                continue
            added = judged.cost_fen - was
            if (stop.prize_fen is None or added <= stop.prize_fen) and (
                best is None or added < best[0]
            ):
                best = (added, vehicle.key, visits)
            break
    return None if best is None else best[1:]


def candidates(visits: tuple[Visit, ...], stop: Stop) -> Iterator[tuple[Visit, ...]]:
    """Every way to put `stop` between `visits`, their order kept."""
    first, *second = stop.visits()
    for at in range(len(visits) + 1):
        if not second:
            yield (*visits[:at], first, *visits[at:])
            continue
        for then in range(at, len(visits) + 1):
            yield (*visits[:at], first, *visits[at:then], second[0], *visits[then:])


def _urgency(problem: Problem, stop: Stop) -> tuple[bool, int, int, str]:
    """Mandatory before prize, far before near, narrow window before wide, then by key."""
    far = max(
        (problem.matrix.metres(vehicle.start, stop.place) or 0 for vehicle in problem.vehicles),
        default=0,
    )
    open_s = sum(window.end_s - window.start_s for window in stop.windows)
    return (stop.prize_fen is not None, -far, open_s, stop.key)


def _metres(problem: Problem, vehicle: Vehicle, visits: tuple[Visit, ...]) -> int:
    total, here = 0, vehicle.start
    for visit in visits:
        place = place_of(problem.stop(visit.stop), visit)
        total += problem.matrix.metres(here, place) or 0
        here = place
    return total + (problem.matrix.metres(here, vehicle.end) or 0)
