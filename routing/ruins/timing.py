"""When a round can call where: kept for each node, so that a call is tried in no time. Compiled."""

from remelt.routing.ruins.compiled import compiled
from remelt.routing.ruins.links import measured_s
from remelt.routing.ruins.state import Day, Tour


@compiled
def leg_s(day: Day, tour: Tour, node: int) -> int:
    """Return the seconds from a node to the next one."""
    if day.tabled:
        return int(day.seconds[day.row[node], day.row[tour.after[node]]])
    return measured_s(day, day.row[node], day.row[tour.after[node]])


@compiled
def retime(day: Day, tour: Tour, vehicle: int) -> None:
    """Work out anew when a round can call where."""
    start = day.stops + 2 * vehicle
    end = start + 1
    node = start
    while node != end:
        after = tour.after[node]
        comes = tour.early[node] + day.service[node] + leg_s(day, tour, node)
        tour.early[after] = max(day.opens[after], comes)
        node = after
    while node != start:
        before = tour.before[node]
        leaves = tour.late[node] - leg_s(day, tour, before) - day.service[before]
        tour.late[before] = min(day.closes[before], leaves)
        node = before
    if day.hourly:
        _relength(day, tour, vehicle)


@compiled
def joined(
    length: int, early: int, late: int, between: int, length2: int, early2: int, late2: int
) -> tuple[int, int, int]:
    """Return two parts of a round driven one after the other: shortest length, its start bounds."""
    ahead = length + between
    waits = max(early2 - ahead - late, 0)
    return (
        ahead + waits + length2,
        max(early2 - ahead, early) - waits,
        min(late2 - ahead, late),
    )


@compiled
def _relength(day: Day, tour: Tour, vehicle: int) -> None:
    start = day.stops + 2 * vehicle
    end = start + 1
    _alone(day, tour.ahead, start)
    _alone(day, tour.behind, end)
    node = start
    while node != end:
        after = tour.after[node]
        tour.ahead[after, 0], tour.ahead[after, 1], tour.ahead[after, 2] = joined(
            tour.ahead[node, 0],
            tour.ahead[node, 1],
            tour.ahead[node, 2],
            leg_s(day, tour, node),
            day.service[after],
            day.opens[after],
            day.closes[after],
        )
        node = after
    while node != start:
        before = tour.before[node]
        tour.behind[before, 0], tour.behind[before, 1], tour.behind[before, 2] = joined(
            day.service[before],
            day.opens[before],
            day.closes[before],
            leg_s(day, tour, before),
            tour.behind[node, 0],
            tour.behind[node, 1],
            tour.behind[node, 2],
        )
        node = before
    tour.length[vehicle] = tour.ahead[end, 0] if tour.size[vehicle] else 0


@compiled
def _alone(day: Day, part: object, node: int) -> None:
    part[node, 0] = day.service[node]  # type: ignore[index]
    part[node, 1] = day.opens[node]  # type: ignore[index]
    part[node, 2] = day.closes[node]  # type: ignore[index]


@compiled
def length_with(day: Day, tour: Tour, stop: int, one: int, to_s: int, from_s: int) -> int:
    """Return how long a round takes with a stop put behind a node: `to_s` to it, `from_s` on."""
    other = tour.after[one]
    length, early, late = joined(
        tour.ahead[one, 0],
        tour.ahead[one, 1],
        tour.ahead[one, 2],
        to_s,
        day.service[stop],
        day.opens[stop],
        day.closes[stop],
    )
    length, _, _ = joined(
        length,
        early,
        late,
        from_s,
        tour.behind[other, 0],
        tour.behind[other, 1],
        tour.behind[other, 2],
    )
    return length
