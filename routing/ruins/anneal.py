"""Tear out, put back, and keep what is good enough at a falling temperature. Compiled."""

import math

from remelt.routing.ruins.compiled import compiled
from remelt.routing.ruins.links import cost_of, link, unlink
from remelt.routing.ruins.recreate import recreate
from remelt.routing.ruins.ruin import chance, ruin
from remelt.routing.ruins.state import (
    ABSENT,
    CHANGED,
    GONE,
    LOOSE,
    LOST,
    TOUCHED,
    Day,
    Small,
    Tour,
    Work,
)
from remelt.routing.ruins.timing import retime

RETRIED = 10
BETTER = 1e-6


@compiled
def anneal(day: Day, tour: Tour, work: Work, looks: int, hot: float, cold: float) -> None:
    """Look at so many plans while the temperature falls from `hot` to `cold`."""
    heat, fall = hot, math.exp(math.log(cold / hot) / max(1, looks))
    for _ in range(looks):
        ruin(day, tour, work)
        if day.timed:
            _retime(day, tour, work)
        _retry(day, work)
        recreate(day, tour, work)
        more = _after(day, tour, work) - work.totals[2]
        if more < -heat * math.log(1.0 - chance(work)):
            work.totals[0] += more
            _settle(tour, work)
            if work.totals[0] < work.totals[1] - BETTER:
                _remember(day, tour, work)
        else:
            _undo(day, tour, work)
        _forget(work)
        heat *= fall


@compiled
def fill(day: Day, tour: Tour, work: Work) -> None:
    """Put every stop of this worker that waits into the plan, the last one first."""
    count = work.counts[LOST]
    for at in range(count):
        stop = work.lost[count - 1 - at]
        work.loose[0] = stop
        work.counts[LOOSE] = 1
        work.totals[2] += day.lost[stop]
        recreate(day, tour, work)
        work.totals[0] += _after(day, tour, work) - work.totals[2]
        if tour.vehicle[stop] != ABSENT:
            _settle(tour, work)
        _forget(work)
    _remember(day, tour, work)


@compiled
def _retry(day: Day, work: Work) -> None:
    """Let some of the stops left out wait again."""
    count = work.counts[LOST]
    begin = int(chance(work) * count) if count > RETRIED else 0
    for at in range(min(count, RETRIED)):
        stop = work.lost[(begin + at) % count]
        work.loose[work.counts[LOOSE]] = stop
        work.counts[LOOSE] += 1
        work.totals[2] += day.lost[stop]


@compiled
def _after(day: Day, tour: Tour, work: Work) -> float:
    """Return what the touched part costs now."""
    cost = 0.0
    for at in range(work.counts[TOUCHED]):
        cost += cost_of(day, tour, work.touched[at])
    for at in range(work.counts[LOOSE]):
        stop = work.loose[at]
        if tour.vehicle[stop] == ABSENT:
            cost += day.lost[stop]
    return cost


@compiled
def _settle(tour: Tour, work: Work) -> None:
    """Keep the list of stops left out right."""
    for at in range(work.counts[LOOSE]):
        stop = work.loose[at]
        where = work.lost_at[stop]
        if tour.vehicle[stop] == ABSENT and where < 0:
            work.lost_at[stop] = work.counts[LOST]
            work.lost[work.counts[LOST]] = stop
            work.counts[LOST] += 1
        elif tour.vehicle[stop] != ABSENT and where >= 0:
            work.counts[LOST] -= 1
            last = work.lost[work.counts[LOST]]
            work.lost[where] = last
            work.lost_at[last] = where
            work.lost_at[stop] = -1


@compiled
def _undo(day: Day, tour: Tour, work: Work) -> None:
    """Put everything back where it was."""
    for back in range(work.counts[LOOSE]):
        stop = work.loose[work.counts[LOOSE] - 1 - back]
        if tour.vehicle[stop] != ABSENT:
            unlink(day, tour, work, stop)
    for back in range(work.counts[GONE]):
        at = work.counts[GONE] - 1 - back
        link(day, tour, work, work.gone[at], work.gone_after[at], work.gone_from[at])
    if day.timed:
        _retime(day, tour, work)


@compiled
def _retime(day: Day, tour: Tour, work: Work) -> None:
    for at in range(work.counts[TOUCHED]):
        retime(day, tour, work.touched[at])


@compiled
def _forget(work: Work) -> None:
    """Clear the notes of one look."""
    for at in range(work.counts[TOUCHED]):
        work.marked[work.touched[at]] = 0
    work.counts[GONE] = work.counts[LOOSE] = work.counts[TOUCHED] = 0
    work.totals[2] = 0.0


@compiled
def _remember(day: Day, tour: Tour, work: Work) -> None:
    """Keep the plan as the best; only what changed since the last best is written."""
    work.totals[1] = work.totals[0]
    for at in range(work.counts[CHANGED]):
        node = work.changed[at]
        work.is_changed[node] = 0
        tour.best_after[node] = tour.after[node]
        if node < day.stops:
            tour.best_vehicle[node] = tour.vehicle[node]
    work.counts[CHANGED] = 0


@compiled
def lay(day: Day, tour: Tour, work: Work, stops: Small, vehicles: Small) -> None:
    """Lay known rounds: each stop behind what its vehicle has so far."""
    for at in range(len(stops)):
        end = day.stops + 2 * vehicles[at] + 1
        link(day, tour, work, stops[at], tour.before[end], vehicles[at])
    if day.timed:
        for vehicle in range(len(tour.size)):
            if tour.size[vehicle] > 0:
                retime(day, tour, vehicle)


@compiled
def total(day: Day, tour: Tour) -> float:
    """Return what the whole plan costs, with what is lost by the stops left out."""
    cost = 0.0
    for vehicle in range(len(tour.size)):
        cost += cost_of(day, tour, vehicle)
    for stop in range(day.stops):
        if tour.vehicle[stop] == ABSENT:
            cost += day.lost[stop]
    return cost
