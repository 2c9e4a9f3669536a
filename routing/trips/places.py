"""Where a removed stop costs least: between two calls, or on a trip of its own."""

from remelt.routing.trips.day import (
    CAPACITY,
    FIXED,
    FOES,
    HUBS,
    PER_KGM,
    PER_M,
    PICK,
    RELOADS,
    SIZES,
    STOPS,
    Day,
)
from remelt.routing.trips.jit import inlined, jit
from remelt.routing.trips.lines import (
    BEFORE,
    ENERGY,
    FAMILIES,
    GONE,
    GUESS,
    LAST,
    LOAD,
    METRES,
    REST,
    SOON,
    SPAN,
    Lines,
    join,
    joined,
    money,
    redraw,
)

BETWEEN, AFTER, AHEAD = 0, 1, 1_000
WORST = 1e30
MULTIPLIER, PRIME = 48_271, 2**31 - 1  # Park and Miller's row of numbers


@inlined
def best_in_line(
    day: Day, lines: Lines, v: int, stop: int, dice: int, blink: int
) -> tuple[float, int, int, int]:
    """Return the least that `stop` adds to a line, the position, the way, and the dice.

    way: BETWEEN the position and the next; AFTER + h: on a new last trip from hub h; AHEAD + h:
    on a new first trip that ends at hub h. blink: of 1,024 positions so many are overlooked.
    """
    kind, size, line = day.kind[v], lines.size[v], lines.line[v]
    best, spot, way = WORST, -1, BETWEEN
    give = PICK + day.counts[SIZES]
    for at in range(size + 1):
        dice = dice * MULTIPLIER % PRIME
        shut = day.node[stop, FOES] & lines.at[v, at, FAMILIES]
        if shut or dice & 1023 < blink or not _room(day, lines, v, at, stop):
            continue
        out, back = day.roads[0, line[at], stop], day.roads[0, stop, line[at + 1]]
        metres = float(out + back - day.roads[0, line[at], line[at + 1]])
        energy = lines.at[v, at, LOAD] * metres
        energy += float(day.node[stop, PICK]) * (back + lines.at[v, at, REST])
        energy += float(day.node[stop, give]) * (out + lines.at[v, at, GONE])
        added = day.price[kind, PER_M] * metres + day.price[kind, PER_KGM] * energy
        if size == 0:
            added += day.price[kind, FIXED]
        if added < best:
            whole = _timed(day, lines, v, at, stop, metres, energy) - lines.sums[v, GUESS]
            if whole < best:
                best, spot = whole, at
    if size and lines.turns[v] < day.fleet[kind, RELOADS]:
        best, spot, way = _on_a_trip(day, lines, v, stop, best, spot)
    return best, spot, way, dice


@inlined
def _room(day: Day, lines: Lines, v: int, at: int, stop: int) -> bool:
    kind, sizes = day.kind[v], day.counts[SIZES]
    for size in range(sizes):
        most = day.fleet[kind, CAPACITY + size]
        if lines.at[v, at, BEFORE + sizes + size] + day.node[stop, PICK + size] > most:
            return False
        if lines.at[v, at, BEFORE + size] + day.node[stop, PICK + sizes + size] > most:
            return False
    return True


@inlined
def _timed(
    day: Day, lines: Lines, v: int, at: int, stop: int, metres: float, energy: float
) -> float:
    """Return what the line costs with `stop` behind `at`; WORST where time does not allow it."""
    here = lines.at[v, at]
    span, soon, last = join(day, here[SPAN], here[SOON], here[LAST], lines.line[v, at], stop)
    if soon > last:
        return WORST
    drive = day.roads[1, stop, lines.line[v, at + 1]]
    span, soon, last = joined(lines, span, soon, last, drive, v, at + 1)
    if soon > last:
        return WORST
    metres += lines.sums[v, METRES]
    return money(day, day.kind[v], metres, span, lines.sums[v, ENERGY] + energy)


@jit
def _on_a_trip(
    day: Day, lines: Lines, v: int, stop: int, best: float, spot: int
) -> tuple[float, int, int]:
    """Try a new last trip and a new first one, from and to each hub."""
    kind, sizes, way = day.kind[v], day.counts[SIZES], BETWEEN
    for size in range(sizes):
        load = day.node[stop, PICK + size] + day.node[stop, PICK + sizes + size]
        if load > day.fleet[kind, CAPACITY + size]:
            return best, spot, way
    for hub in range(day.counts[HUBS]):
        node = day.counts[STOPS] + hub
        if not day.may[kind, node]:
            continue
        whole = _last_trip(day, lines, v, stop, node) - lines.sums[v, GUESS]
        if whole < best:
            best, spot, way = whole, lines.size[v], AFTER + hub
        whole = _first_trip(day, lines, v, stop, node) - lines.sums[v, GUESS]
        if whole < best:
            best, spot, way = whole, 0, AHEAD + hub
    return best, spot, way


@inlined
def _last_trip(day: Day, lines: Lines, v: int, stop: int, hub: int) -> float:
    size = lines.size[v]
    tail, end = lines.line[v, size], lines.line[v, size + 1]
    here = lines.at[v, size]
    span, soon, last = join(day, here[SPAN], here[SOON], here[LAST], tail, hub)
    span, soon, last = join(day, span, soon, last, hub, stop)
    span, soon, last = join(day, span, soon, last, stop, end)
    if soon > last:
        return WORST
    turn = float(day.roads[0, tail, hub] - day.roads[0, tail, end])
    return _with_trip(day, lines, v, stop, turn, hub, end, span, here[LOAD])


@inlined
def _first_trip(day: Day, lines: Lines, v: int, stop: int, hub: int) -> float:
    start, first = lines.line[v, 0], lines.line[v, 1]
    here = lines.at[v, 0]
    span, soon, last = join(day, here[SPAN], here[SOON], here[LAST], start, stop)
    span, soon, last = join(day, span, soon, last, stop, hub)
    span, soon, last = joined(lines, span, soon, last, day.roads[1, hub, first], v, 1)
    if soon > last:
        return WORST
    turn = float(day.roads[0, hub, first] - day.roads[0, start, first])
    return _with_trip(day, lines, v, stop, turn, start, hub, span, here[LOAD])


@inlined
def _with_trip(
    day: Day,
    lines: Lines,
    v: int,
    stop: int,
    turn: float,
    start: int,
    end: int,
    span: int,
    load: int,
) -> float:
    """Return what a line costs with a trip to `stop` alone; turn: metres more for its old trip."""
    out, back = float(day.roads[0, start, stop]), float(day.roads[0, stop, end])
    energy = lines.sums[v, ENERGY] + load * turn
    energy += day.node[stop, PICK + day.counts[SIZES]] * out + day.node[stop, PICK] * back
    return money(day, day.kind[v], lines.sums[v, METRES] + turn + out + back, span, energy)


@jit
def put(day: Day, lines: Lines, v: int, stop: int, spot: int, way: int) -> None:
    """Put `stop` where `best_in_line` found room, and work the line out anew."""
    line, size = lines.line[v], lines.size[v]
    more = 1 if way == BETWEEN else 2
    for at in range(size, spot, -1):
        line[at + more] = line[at]
    hub = day.counts[STOPS] + way - (AHEAD if way >= AHEAD else AFTER)
    if way >= AHEAD:
        line[spot + 1], line[spot + 2] = stop, hub
    elif way == BETWEEN:
        line[spot + 1] = stop
    else:
        line[spot + 1], line[spot + 2] = hub, stop
    lines.size[v] = size + more
    redraw(day, lines, v)


@jit
def close_up(day: Day, lines: Lines, v: int) -> None:
    """Close the gaps (below 0) in a line, and leave out hubs between which nothing is left."""
    line = lines.line[v]
    kept = 0
    for at in range(1, lines.size[v] + 1):
        node = line[at]
        idle = node >= day.counts[STOPS] and (kept == 0 or line[kept] >= day.counts[STOPS])
        if node >= 0 and not idle:
            kept += 1
            line[kept] = node
    if kept and line[kept] >= day.counts[STOPS]:
        kept -= 1
    lines.size[v] = kept
    redraw(day, lines, v)
