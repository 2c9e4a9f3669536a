"""The plan that the compiled search changes, made from a day and read back as routes."""

from collections.abc import Sequence

import numpy as np

from remelt.routing.problem import Routes, Visit
from remelt.routing.ruins.state import ABSENT, LOST, MINE, USED, ZONE, Big, Day, Small, Tour, Work
from remelt.routing.ruins.translate import Sheet

MOST_LOOSE = 4_000


def blank(sheet: Sheet) -> Tour:
    """Return a plan in which every vehicle stays at home."""
    day, vehicles = sheet.day, len(sheet.vehicles)
    nodes = day.stops + 2 * vehicles
    tour = Tour(
        before=_small(nodes, ABSENT),
        after=_small(nodes, ABSENT),
        vehicle=_small(day.stops, ABSENT),
        leg=_big(nodes),
        load=_big(vehicles),
        size=_small(vehicles),
        early=_big(nodes),
        late=_big(nodes),
        ahead=np.zeros((nodes, 3), dtype=np.int64),
        behind=np.zeros((nodes, 3), dtype=np.int64),
        length=_big(vehicles),
        metres=_big(vehicles),
        zone=_small(vehicles),
        best_after=_small(nodes, ABSENT),
        best_vehicle=_small(day.stops, ABSENT),
    )
    start = np.arange(day.stops, nodes, 2)
    tour.after[start], tour.before[start + 1] = start + 1, start
    ends = zip(day.row[start].tolist(), day.row[start + 1].tolist(), strict=True)
    there = {pair: _metres(sheet, *pair) for pair in set(ends)}
    homes = zip(day.row[start].tolist(), day.row[start + 1].tolist(), strict=True)
    tour.leg[start] = tour.metres[:] = [there[pair] for pair in homes]
    for node in (start, start + 1):
        tour.early[node] = day.opens[start]
        tour.late[node] = np.where(node == start, day.closes[start], day.closes[start + 1])
        for part in (tour.ahead, tour.behind):
            part[node] = np.column_stack((day.service[node], day.opens[node], day.closes[node]))
    tour.best_after[:] = tour.after
    return tour


def _metres(sheet: Sheet, start: int, end: int) -> int:
    return max(0, int(sheet.problem.matrix.pairs(np.array([start]), np.array([end]))[0][0]))


def notes(day: Day, tour: Tour, *, zone: int, mine: Small, seed: int) -> Work:
    """Return the notes of the worker that may change the rounds of a zone and serve `mine`."""
    kinds, nodes = len(day.capacity), len(tour.after)
    theirs = np.flatnonzero((tour.size == 0) & (tour.zone == zone))[::-1]
    free = theirs[np.argsort(day.kind[theirs], kind="stable")].astype(np.int32)
    counts = np.bincount(day.kind[tour.zone == zone], minlength=kinds)
    first = np.concatenate(([0], np.cumsum(counts)))[:-1].astype(np.int32)
    work = Work(
        dice=np.array([_odd(seed)], dtype=np.uint64),
        totals=np.zeros(3),
        counts=np.zeros(8, dtype=np.int64),
        gone=_small(MOST_LOOSE),
        gone_after=_small(MOST_LOOSE),
        gone_from=_small(MOST_LOOSE),
        loose=_small(MOST_LOOSE),
        keys=np.zeros(MOST_LOOSE),
        touched=_small(len(tour.size)),
        marked=np.zeros(len(tour.size), dtype=np.uint8),
        lost=_small(day.stops),
        lost_at=_small(day.stops, ABSENT),
        changed=_small(nodes),
        is_changed=np.zeros(nodes, dtype=np.uint8),
        mine=np.ascontiguousarray(mine, dtype=np.int32),
        free=_small(len(tour.size)),
        spot=_small(len(tour.size)),
        first_free=first,
        free_count=np.bincount(day.kind[free], minlength=kinds).astype(np.int32),
    )
    _stand(work, day=day, free=free)
    left = mine[tour.vehicle[mine] == ABSENT]
    work.lost[: len(left)] = left
    work.lost_at[left] = np.arange(len(left))
    work.counts[[LOST, MINE, ZONE]] = len(left), len(mine), zone
    work.counts[USED] = int(((tour.size > 0) & (tour.zone == zone)).sum())
    return work


def _stand(work: Work, *, day: Day, free: Small) -> None:
    """Give each vehicle at home its place among those of its kind."""
    kinds = day.kind[free]
    rank = np.arange(len(free)) - np.searchsorted(kinds, kinds)
    spots = work.first_free[kinds] + rank
    work.free[spots] = free
    work.spot[free] = spots


def routes_of(sheet: Sheet, after: Sequence[int]) -> Routes:
    """Return the routes in which each node is followed by `after`."""
    found: Routes = {}
    visits = [stop.visits() for stop in sheet.stops]
    for at, key in enumerate(sheet.vehicles):
        start = sheet.day.stops + 2 * at
        way: list[Visit] = []
        node = after[start]
        while node != start + 1:
            way += visits[node]
            node = after[node]
        if way:
            found[key] = tuple(way)
    return found


def _small(size: int, value: int = 0) -> Small:
    return np.full(size, value, dtype=np.int32)


def _big(size: int) -> Big:
    return np.zeros(size, dtype=np.int64)


def _odd(seed: int) -> int:
    """Spread a seed over 64 bits; never 0 (splitmix64)."""
    mixed = (seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) % 2**64
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) % 2**64
    return (mixed ^ (mixed >> 31)) or 1
