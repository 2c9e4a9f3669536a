"""One vehicle's line of nodes: what is on board, when it is where, and what it costs."""

from typing import NamedTuple

import numpy as np

from remelt.routing.roads import Whole
from remelt.routing.trips.day import (
    BIT,
    CAPACITY,
    EARLY,
    FIXED,
    FOES,
    HUBS,
    LATE,
    MOST,
    PER_KGM,
    PER_M,
    PER_OVER_S,
    PER_S,
    PICK,
    REACH,
    REGULAR,
    RELOADS,
    SERVICE,
    SIZES,
    STOPS,
    Day,
    Real,
)
from remelt.routing.trips.jit import inlined, jit

NEVER = 1e15
SPAN, SOON, LAST, SPAN_ON, SOON_ON, LAST_ON, LOAD, GONE, REST, FAMILIES, BEFORE = range(11)
COST, GUESS, ENERGY, METRES = range(4)


class Lines(NamedTuple):
    """All lines as they stand. Columns are positions: 0 is the start, the last one the end.

    at: for each position: span, earliest and latest begin of the part up to it (SPAN, SOON,
    LAST) and from it on (.._ON); then, of the leg that leaves it, the kg on it (LOAD), metres
    from its trip's start (GONE), from its end to the trip's (REST), bits of the trip's families,
    and from BEFORE on, in every size, the most on the trip up to this leg, then from it on.
    sums: for each line, cost by every rule, guess by the hull of the windows, kg x m, metres.
    owner: the line of a stop, or -1.
    """

    line: Whole
    size: Whole
    turns: Whole
    at: Whole
    sums: Real
    owner: Whole


def blank(day: Day) -> Lines:
    """Return lines without a stop."""
    count, stops = len(day.kind), int(day.counts[STOPS])
    width = stops + int(day.fleet[:, RELOADS].max(initial=0)) + 4
    columns = BEFORE + 2 * int(day.counts[SIZES])
    return Lines(
        line=np.zeros((count, width), dtype=np.int64),
        size=np.zeros(count, dtype=np.int64),
        turns=np.zeros(count, dtype=np.int64),
        at=np.zeros((count, width, columns), dtype=np.int64),
        sums=np.zeros((count, 4)),
        owner=np.full(stops, -1, dtype=np.int64),
    )


@inlined
def join(day: Day, span: int, soon: int, last: int, one: int, other: int) -> tuple[int, int, int]:
    """Return the part that ends at `one` with `other` behind it; undrivable if soon > last."""
    delta = span + day.roads[1, one, other]
    wait = max(day.node[other, EARLY] - delta - last, 0)
    return (
        delta + day.node[other, SERVICE] + wait,
        max(day.node[other, EARLY] - delta, soon) - wait,
        min(day.node[other, LATE] - delta, last),
    )


@inlined
def joined(
    lines: Lines, span: int, soon: int, last: int, drive: int, v: int, at: int
) -> tuple[int, int, int]:
    """Return a part with the rest of a line behind it, from a position on."""
    delta = span + drive
    wait = max(lines.at[v, at, SOON_ON] - delta - last, 0)
    return (
        delta + lines.at[v, at, SPAN_ON] + wait,
        max(lines.at[v, at, SOON_ON] - delta, soon) - wait,
        min(lines.at[v, at, LAST_ON] - delta, last),
    )


@inlined
def money(day: Day, kind: int, metres: float, span: int, energy: float) -> float:
    """Return what a line costs in fen; NEVER where it is too long."""
    if span > day.fleet[kind, MOST] or metres > day.fleet[kind, REACH]:
        return NEVER
    over = max(0, span - day.fleet[kind, REGULAR])
    cost: float = (
        day.price[kind, FIXED]
        + day.price[kind, PER_M] * metres
        + day.price[kind, PER_S] * span
        + day.price[kind, PER_OVER_S] * over
        + day.price[kind, PER_KGM] * energy
    )
    return cost


@jit
def redraw(day: Day, lines: Lines, v: int) -> None:
    """Work out a line anew; its cost is NEVER where it breaks a rule."""
    kind, size = day.kind[v], lines.size[v]
    first = day.counts[STOPS] + day.counts[HUBS] + 2 * kind
    lines.line[v, 0], lines.line[v, size + 1] = first, first + 1
    right = _time(day, lines, v, size)
    for each in range(4):
        lines.sums[v, each] = 0.0
    lines.turns[v] = 0
    begin = 0
    for at in range(1, size + 2):
        node = lines.line[v, at]
        if node < day.counts[STOPS]:
            lines.owner[node] = v
            continue
        right &= _trip(day, lines, v, begin, at)
        lines.turns[v] += at <= size
        begin = at
    if size:
        span = lines.at[v, size + 1, SPAN]
        cost = money(day, kind, lines.sums[v, METRES], span, lines.sums[v, ENERGY])
        lines.sums[v, GUESS] = cost
        lines.sums[v, COST] = cost if right else NEVER


@inlined
def _time(day: Day, lines: Lines, v: int, size: int) -> bool:
    """Time the parts up to and from each position; tell whether the line can be driven."""
    line, at_ = lines.line[v], lines.at[v]
    span, soon, last = 0, day.node[line[0], EARLY], day.node[line[0], LATE]
    at_[0, SPAN], at_[0, SOON], at_[0, LAST] = span, soon, last
    for at in range(1, size + 2):
        span, soon, last = join(day, span, soon, last, line[at - 1], line[at])
        at_[at, SPAN], at_[at, SOON], at_[at, LAST] = span, soon, last
    right: bool = soon <= last
    end = line[size + 1]
    at_[size + 1, SPAN_ON], at_[size + 1, SOON_ON] = 0, day.node[end, EARLY]
    at_[size + 1, LAST_ON] = day.node[end, LATE]
    for at in range(size, 0, -1):
        node = line[at]
        drive = day.roads[1, node, line[at + 1]]
        own = (day.node[node, SERVICE], day.node[node, EARLY], day.node[node, LATE])
        span, soon, last = joined(lines, own[0], own[1], own[2], drive, v, at + 1)
        at_[at, SPAN_ON], at_[at, SOON_ON], at_[at, LAST_ON] = span, soon, last
    return right


@inlined
def _trip(day: Day, lines: Lines, v: int, first: int, last: int) -> bool:
    """Work out what is on board between two unloadings; tell whether it may be."""
    line, at_, kind = lines.line[v], lines.at[v], day.kind[v]
    families, right, far = 0, True, 0
    for at in range(first, last):
        node = line[at]
        if at > first:
            families |= day.node[node, BIT]
            right &= (day.node[node, FOES] & families) == 0 and day.may[kind, node]
        at_[at, GONE] = far
        far += day.roads[0, node, line[at + 1]]
        at_[at, REST] = -far
    sizes = day.counts[SIZES]
    for size in range(sizes):
        right &= _loaded(day, lines, v, first, last, size) <= day.fleet[kind, CAPACITY + size]
    for at in range(first, last):
        at_[at, REST] += far
        at_[at, FAMILIES] = families
        leg = day.roads[0, line[at], line[at + 1]]
        lines.sums[v, ENERGY] += at_[at, LOAD] * float(leg)
    lines.sums[v, METRES] += far
    return right


@inlined
def _loaded(day: Day, lines: Lines, v: int, first: int, last: int, size: int) -> int:
    """Work out one size of the load, leg by leg; return the most of it."""
    line, at_, sizes = lines.line[v], lines.at[v], day.counts[SIZES]
    load = 0
    for at in range(first + 1, last):
        load += day.node[line[at], PICK + sizes + size]
    most = 0
    for at in range(first, last):
        if at > first:
            load += day.node[line[at], PICK + size] - day.node[line[at], PICK + sizes + size]
        if size == 0:
            at_[at, LOAD] = load
        most = max(most, load)
        at_[at, BEFORE + size] = most
        at_[at, BEFORE + sizes + size] = load
    behind = 0
    for at in range(last - 1, first - 1, -1):
        behind = max(behind, at_[at, BEFORE + sizes + size])
        at_[at, BEFORE + sizes + size] = behind
    return most
