"""What was torn out is put back where it costs least, looking only beside near stops. Compiled."""

import math

from remelt.routing.ruins.compiled import compiled
from remelt.routing.ruins.links import drive_s, drive_s_since, link, since, to, touch
from remelt.routing.ruins.ruin import chance
from remelt.routing.ruins.state import ABSENT, LOOSE, NOT_ALLOWED, NOT_ALONE, ZONE, Day, Tour, Work
from remelt.routing.ruins.timing import length_with, retime

BLINK = 0.01
NEW = -2


@compiled
def recreate(day: Day, tour: Tour, work: Work) -> None:
    """Put back what waits, in an order drawn by lot."""
    _order(day, work)
    for at in range(work.counts[LOOSE]):
        _put(day, tour, work, work.loose[at])


@compiled
def _order(day: Day, work: Work) -> None:
    """Sort what waits: by chance, or by one of the measures of the day."""
    draw = int(chance(work) * (day.orders.shape[1] + 4)) - 4
    for at in range(work.counts[LOOSE]):
        stop = work.loose[at]
        key = chance(work) if draw < 0 else day.orders[stop, draw]
        back = at
        while back > 0 and work.keys[back - 1] > key:
            work.keys[back] = work.keys[back - 1]
            work.loose[back] = work.loose[back - 1]
            back -= 1
        work.keys[back] = key
        work.loose[back] = stop


@compiled
def _put(day: Day, tour: Tour, work: Work, stop: int) -> None:
    """Put one stop where it costs least; leave it out where that costs less or no place is."""
    cost, one = _beside(day, tour, work, stop)
    alone, kind = _alone(day, work, stop)
    if min(cost, alone) >= min(day.lost[stop], NOT_ALONE):
        return
    if alone < cost:
        vehicle = work.free[work.first_free[kind] + work.free_count[kind] - 1]
        one = day.stops + 2 * vehicle
    vehicle = tour.vehicle[one] if one < day.stops else (one - day.stops) >> 1
    touch(day, tour, work, vehicle)
    link(day, tour, work, stop, one, vehicle)
    if day.timed:
        retime(day, tour, vehicle)


@compiled
def _alone(day: Day, work: Work, stop: int) -> tuple[float, int]:
    """Return what the cheapest vehicle still at home costs for this stop, and its kind."""
    best, kind = 2 * NOT_ALLOWED, 0
    for at in range(day.alone.shape[1]):
        if day.alone[stop, at] < best and work.free_count[at] > 0:
            best, kind = day.alone[stop, at], at
    return best, kind


@compiled
def _beside(day: Day, tour: Tour, work: Work, stop: int) -> tuple[float, int]:
    """Return what it costs least to put a stop beside a near one, and behind which node."""
    best, where = NOT_ALLOWED, ABSENT
    row, blink = day.row[stop], _blink(work)
    for at in range(day.near.shape[1]):
        other = day.near[stop, at]
        vehicle = tour.vehicle[other]
        if vehicle < 0 or not _may(day, tour, work, stop, vehicle):
            continue
        blink -= 1
        if blink <= 0:
            blink = _blink(work)
            continue
        before, rate = tour.before[other], day.per_m[day.kind[vehicle]]
        cost = since(day, row, other) + to(day, row, tour.after[other]) - tour.leg[other]
        if rate * cost < best:
            cost = _in_time(day, tour, stop, other, vehicle, rate * cost)
            if cost < best:
                best, where = cost, other
        cost = since(day, row, before) + to(day, row, other) - tour.leg[before]
        if rate * cost < best:
            cost = _in_time(day, tour, stop, before, vehicle, rate * cost)
            if cost < best:
                best, where = cost, before
    return best, where


@compiled
def _may(day: Day, tour: Tour, work: Work, stop: int, vehicle: int) -> bool:
    """Tell whether this worker may put the stop on a vehicle, and it has room."""
    kind = day.kind[vehicle]
    return bool(
        tour.zone[vehicle] == work.counts[ZONE]
        and tour.load[vehicle] + day.demand[stop] <= day.capacity[kind]
        and day.alone[stop, kind] < NOT_ALLOWED
    )


@compiled
def _blink(work: Work) -> int:
    """Return after how many places the next one is overlooked."""
    return 1 + int(math.log(1.0 - chance(work)) / math.log(1.0 - BLINK))


@compiled
def _in_time(day: Day, tour: Tour, stop: int, one: int, vehicle: int, cost: float) -> float:
    """Return the cost with the hours in it; NOT_ALLOWED where a window would be missed."""
    if not day.timed:
        return cost
    other, row = tour.after[one], day.row[stop]
    to_s = drive_s_since(day, row, one)
    comes = max(day.opens[stop], tour.early[one] + day.service[one] + to_s)
    if comes > day.closes[stop]:
        return NOT_ALLOWED
    from_s = drive_s(day, row, other)
    if comes + day.service[stop] + from_s > tour.late[other]:
        return NOT_ALLOWED
    if not day.hourly:
        return cost
    kind = day.kind[vehicle]
    length = length_with(day, tour, stop, one, to_s, from_s)
    if length > day.most_s[kind]:
        return NOT_ALLOWED
    return float(cost + day.per_s[kind] * (length - tour.length[vehicle]))
