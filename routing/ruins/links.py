"""Distances, and stops taken out of and put into rounds. Compiled."""

import math

from remelt.routing.ruins.compiled import compiled
from remelt.routing.ruins.state import ABSENT, CHANGED, TOUCHED, USED, Day, Tour, Work

NEAREST, DOWN = 0, 1
MEAN_RADIUS_M = 6_371_000.0


@compiled
def straight(day: Day, one: int, other: int) -> float:
    """Return the straight metres between two rows by their points."""
    x = day.points[one, 0] - day.points[other, 0]
    y = day.points[one, 1] - day.points[other, 1]
    if day.rounding <= DOWN:
        return float(day.scale * math.sqrt(x * x + y * y))
    z = day.points[one, 2] - day.points[other, 2]
    chord2 = x * x + y * y + z * z
    return float(math.sqrt(chord2) * (1 + chord2 / (24 * MEAN_RADIUS_M * MEAN_RADIUS_M)))


@compiled
def measured(day: Day, one: int, other: int) -> int:
    """Return the metres of road from a row to another, by their points if nobody told better."""
    at = _told(day, one, other)
    if at >= 0:
        return int(day.told_m[at])
    far = straight(day, one, other)
    if day.rounding <= DOWN:
        return int(far + 0.5) if day.rounding == NEAREST else int(far)
    return int(far * day.bands[_band(day, far), 1])


@compiled
def measured_s(day: Day, one: int, other: int) -> int:
    """Return the seconds from a row to another, by their points never too few."""
    at = _told(day, one, other)
    if at >= 0:
        return int(day.told_s[at])
    if day.rounding <= DOWN:
        return measured(day, one, other)
    far = straight(day, one, other)
    band = _band(day, far)
    return int(far * day.bands[band, 1] * day.bands[band, 2]) + 1


@compiled
def _told(day: Day, one: int, other: int) -> int:
    """Return where a pair of rows stands among those that were told; -1 where it does not."""
    if len(day.told) == 0 or not (day.has_told[one] & 1 and day.has_told[other] & 2):
        return -1
    code = one * len(day.has_told) + other
    low, high = 0, len(day.told)
    while low < high:
        middle = (low + high) // 2
        if day.told[middle] < code:
            low = middle + 1
        else:
            high = middle
    return low if low < len(day.told) and day.told[low] == code else -1


@compiled
def _band(day: Day, far: float) -> int:
    band = 0
    while far >= day.bands[band, 0]:
        band += 1
    return band


@compiled
def to(day: Day, row: int, node: int) -> int:
    """Return the metres from a row to a node."""
    if day.tabled:
        return int(day.metres[row, day.row[node]])
    return measured(day, row, day.row[node])


@compiled
def since(day: Day, row: int, node: int) -> int:
    """Return the metres from a node to a row."""
    if day.tabled:
        return int(day.back[row, day.row[node]])
    return measured(day, day.row[node], row)


@compiled
def drive_s(day: Day, row: int, node: int) -> int:
    """Return the seconds from a row to a node."""
    if day.tabled:
        return int(day.seconds[row, day.row[node]])
    return measured_s(day, row, day.row[node])


@compiled
def drive_s_since(day: Day, row: int, node: int) -> int:
    """Return the seconds from a node to a row."""
    if day.tabled:
        return int(day.back_s[row, day.row[node]])
    return measured_s(day, day.row[node], row)


@compiled
def cost_of(day: Day, tour: Tour, vehicle: int) -> float:
    """Return what a vehicle's round costs."""
    if tour.size[vehicle] == 0:
        return 0.0
    kind = day.kind[vehicle]
    cost = day.fixed[kind] + day.per_m[kind] * tour.metres[vehicle]
    return float(cost + day.per_s[kind] * tour.length[vehicle] if day.hourly else cost)


@compiled
def touch(day: Day, tour: Tour, work: Work, vehicle: int) -> None:
    """Note that a round is about to change."""
    if not work.marked[vehicle]:
        work.totals[2] += cost_of(day, tour, vehicle)
        work.marked[vehicle] = 1
        work.touched[work.counts[TOUCHED]] = vehicle
        work.counts[TOUCHED] += 1


@compiled
def note(work: Work, node: int) -> None:
    """Note that a node is no longer as in the best plan."""
    if not work.is_changed[node]:
        work.is_changed[node] = 1
        work.changed[work.counts[CHANGED]] = node
        work.counts[CHANGED] += 1


@compiled
def unlink(day: Day, tour: Tour, work: Work, stop: int) -> None:
    """Take a stop out of its round."""
    one, other, vehicle = tour.before[stop], tour.after[stop], tour.vehicle[stop]
    tour.after[one] = other
    tour.before[other] = one
    tour.vehicle[stop] = ABSENT
    straight = to(day, day.row[one], other)
    tour.metres[vehicle] += straight - tour.leg[one] - tour.leg[stop]
    tour.leg[one] = straight
    tour.load[vehicle] -= day.demand[stop]
    tour.size[vehicle] -= 1
    note(work, one)
    note(work, stop)
    if tour.size[vehicle] == 0:
        _stay(day, work, vehicle)


@compiled
def link(day: Day, tour: Tour, work: Work, stop: int, one: int, vehicle: int) -> None:
    """Put a stop into a round behind a node of it."""
    other = tour.after[one]
    if tour.size[vehicle] == 0:
        _leave(day, work, vehicle)
    tour.after[one] = stop
    tour.before[stop] = one
    tour.after[stop] = other
    tour.before[other] = stop
    tour.vehicle[stop] = vehicle
    tour.metres[vehicle] -= tour.leg[one]
    tour.leg[one] = since(day, day.row[stop], one)
    tour.leg[stop] = to(day, day.row[stop], other)
    tour.metres[vehicle] += tour.leg[one] + tour.leg[stop]
    tour.load[vehicle] += day.demand[stop]
    tour.size[vehicle] += 1
    note(work, one)
    note(work, stop)


@compiled
def _stay(day: Day, work: Work, vehicle: int) -> None:
    """Put an empty vehicle among those at home."""
    kind = day.kind[vehicle]
    at = work.first_free[kind] + work.free_count[kind]
    work.free[at] = vehicle
    work.spot[vehicle] = at
    work.free_count[kind] += 1
    work.counts[USED] -= 1


@compiled
def _leave(day: Day, work: Work, vehicle: int) -> None:
    """Take a vehicle from those at home."""
    kind = day.kind[vehicle]
    work.free_count[kind] -= 1
    work.counts[USED] += 1
    last = work.free[work.first_free[kind] + work.free_count[kind]]
    work.free[work.spot[vehicle]] = last
    work.spot[last] = work.spot[vehicle]
