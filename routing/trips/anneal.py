"""Ruin and recreate under annealing, from known routes to better ones, within a budget."""

import math
from typing import NamedTuple

import numpy as np

from remelt.routing.roads import Whole
from remelt.routing.trips.day import LOST, SIMPLE, STOPS, Day, Real
from remelt.routing.trips.drive import true_cost
from remelt.routing.trips.jit import inlined, jit
from remelt.routing.trips.lines import COST, NEVER, Lines, redraw
from remelt.routing.trips.places import PRIME, best_in_line, put
from remelt.routing.trips.ruin import keep, roll, ruin, sort_loose

BLINK = 10
MOST_REFUSED = 6


class Held(NamedTuple):
    """What a turn can go back to, and the best so far.

    kept, best: lines as they were; sizes: of those lines. touched, barred: marks of a line.
    loose: what waits outside this turn and within it; waiting: how much. figures: the cost now,
    and of the best; keys: room for sorting; aside: room for one line. dice: the row of numbers.
    """

    kept: Whole
    kept_size: Whole
    best: Whole
    best_size: Whole
    touched: Whole
    barred: Whole
    loose: Whole
    inside: Whole
    waiting: Whole
    keys: Real
    aside: Whole
    figures: Real
    dice: Whole


def hold(day: Day, lines: Lines, seed: int) -> Held:
    """Return room for the search, with the lines as they are as its best."""
    count, stops = len(day.kind), int(day.counts[STOPS])
    return Held(
        kept=np.zeros_like(lines.line),
        kept_size=np.zeros(count, dtype=np.int64),
        best=lines.line.copy(),
        best_size=lines.size.copy(),
        touched=np.zeros(count, dtype=np.int64),
        barred=np.zeros(count, dtype=np.int64),
        loose=np.zeros(stops, dtype=np.int64),
        inside=np.zeros(stops, dtype=np.int64),
        waiting=np.zeros(1, dtype=np.int64),
        keys=np.zeros(stops),
        aside=np.zeros(lines.line.shape[1], dtype=np.int64),
        figures=np.zeros(2),
        dice=np.array([1 + (seed * 2_654_435_761 + 12_345) % (PRIME - 1)]),
    )


@jit
def begin(day: Day, lines: Lines, held: Held) -> None:
    """Work out the lines as they are drawn; they are the best so far."""
    for v in range(len(lines.size)):
        redraw(day, lines, v)
        lines.sums[v, COST] = true_cost(day, lines, v)
    for stop in range(day.counts[STOPS]):
        if lines.owner[stop] < 0:
            held.loose[held.waiting[0]] = stop
            held.waiting[0] += 1
    held.figures[0] = held.figures[1] = total(day, lines, held.loose, held.waiting[0])
    _copy(lines, held)


@jit
def turns(day: Day, lines: Lines, held: Held, count: int, heat: float, last: float) -> None:
    """Do `count` turns while the heat (fen) falls to `last`."""
    cooling = (last / heat) ** (1.0 / max(1, count))
    for _ in range(count):
        _turn(day, lines, held, heat)
        heat *= cooling


@inlined
def _turn(day: Day, lines: Lines, held: Held, heat: float) -> None:
    for v in range(len(lines.size)):
        held.touched[v] = 0
    loose, before = held.inside, held.waiting[0]
    for at in range(before):
        loose[at] = held.loose[at]
    count = ruin(day, lines, held.dice, loose, before, (held.kept, held.kept_size, held.touched))
    sort_loose(day, held.dice, loose, held.keys, count)
    left = 0
    for at in range(count):
        if not insert(day, lines, loose[at], held, BLINK):
            loose[left] = loose[at]
            left += 1
    cost = total(day, lines, loose, left)
    if cost < held.figures[0] - heat * math.log(max(1e-12, roll(held.dice))):
        held.figures[0] = cost
        held.waiting[0] = left
        for at in range(left):
            held.loose[at] = loose[at]
        if cost < held.figures[1] - 1e-6:
            held.figures[1] = cost
            _copy(lines, held)
    else:
        _back(day, lines, held)


@inlined
def insert(day: Day, lines: Lines, stop: int, held: Held, blink: int) -> bool:
    """Put `stop` where it adds least; False where no line takes it, or it is not worth it."""
    for v in range(len(lines.size)):
        held.barred[v] = 0
    for _ in range(MOST_REFUSED):
        v, spot, way = _cheapest(day, lines, stop, held, blink)
        if v < 0:
            return False
        keep(lines, v, held.kept, held.kept_size, held.touched)
        if day.counts[SIMPLE]:
            put(day, lines, v, stop, spot, way)
            return True
        if _tried(day, lines, held, v, stop, spot, way):
            return True
        held.barred[v] = 1
    return False


@inlined
def _cheapest(day: Day, lines: Lines, stop: int, held: Held, blink: int) -> tuple[int, int, int]:
    best, best_v, best_spot, best_way = day.ranks[LOST, stop], -1, -1, 0
    seen = -1
    for v in range(len(lines.size)):
        kind = day.kind[v]
        if not day.may[kind, stop] or held.barred[v]:
            continue
        if lines.size[v] == 0:
            if seen == kind:
                continue
            seen = kind
        added, spot, way, held.dice[0] = best_in_line(day, lines, v, stop, held.dice[0], blink)
        if spot >= 0 and added < best:
            best, best_v, best_spot, best_way = added, v, spot, way
    return best_v, best_spot, best_way


@jit
def _tried(day: Day, lines: Lines, held: Held, v: int, stop: int, spot: int, way: int) -> bool:
    """Put a stop and ask every rule; take it out again where one says no."""
    size = lines.size[v]
    for at in range(1, size + 1):
        held.aside[at] = lines.line[v, at]
    put(day, lines, v, stop, spot, way)
    lines.sums[v, COST] = true_cost(day, lines, v)
    if lines.sums[v, COST] < NEVER:
        return True
    for at in range(1, size + 1):
        lines.line[v, at] = held.aside[at]
    lines.size[v] = size
    lines.owner[stop] = -1
    redraw(day, lines, v)
    return False


@inlined
def total(day: Day, lines: Lines, loose: Whole, left: int) -> float:
    """Return the cost of all lines and of what is left out."""
    cost = 0.0
    for v in range(len(lines.size)):
        if lines.size[v]:
            cost += true_cost(day, lines, v)
    for at in range(left):
        cost += day.ranks[LOST, loose[at]]
    return cost


@inlined
def _copy(lines: Lines, held: Held) -> None:
    for v in range(len(lines.size)):
        size = lines.size[v]
        held.best_size[v] = size
        for at in range(1, size + 1):
            held.best[v, at] = lines.line[v, at]


@jit
def _back(day: Day, lines: Lines, held: Held) -> None:
    for v in range(len(lines.size)):
        if not held.touched[v]:
            continue
        for at in range(1, lines.size[v] + 1):
            if lines.line[v, at] < day.counts[STOPS]:
                lines.owner[lines.line[v, at]] = -1
    for v in range(len(lines.size)):
        if not held.touched[v]:
            continue
        size = held.kept_size[v]
        lines.size[v] = size
        for at in range(1, size + 1):
            lines.line[v, at] = held.kept[v, at]
        redraw(day, lines, v)
