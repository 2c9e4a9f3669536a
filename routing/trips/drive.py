"""A line timed as the judge times it: every window, rests, and loads that are not ready yet."""

from remelt.routing.trips.day import (
    EARLY,
    FIRST_WINDOW,
    LAST_WINDOW,
    LATE,
    READY,
    SERVICE,
    SIMPLE,
    STOPS,
    Day,
)
from remelt.routing.trips.jit import inlined, jit
from remelt.routing.trips.lines import COST, ENERGY, METRES, NEVER, Lines, money

LATE_S = 2**50


@jit
def true_cost(day: Day, lines: Lines, v: int) -> float:
    """Return what a line costs by every rule of time; NEVER where it breaks one."""
    kind = day.kind[v]
    if day.counts[SIMPLE] or lines.sums[v, COST] >= NEVER or lines.size[v] == 0:
        known: float = lines.sums[v, COST]
        return known
    start = lines.line[v, 0]
    home, left, late = _drive(day, lines, v, day.node[start, EARLY])
    if late:
        return NEVER
    latest = _latest(day, lines, v, home)
    if latest > left:
        again, then, late = _drive(day, lines, v, latest)
        if again <= home and not late:
            left = then
    if left > day.node[start, LATE] or home > day.node[lines.line[v, lines.size[v] + 1], LATE]:
        return NEVER
    return money(day, kind, lines.sums[v, METRES], max(home - left, 0), lines.sums[v, ENERGY])


@inlined
def _opening(day: Day, node: int, arrive: int) -> int:
    for at in range(day.node[node, FIRST_WINDOW], day.node[node, LAST_WINDOW]):
        if arrive <= day.windows[at, 1]:
            begin: int = max(arrive, day.windows[at, 0])
            return begin
    return LATE_S


@jit
def _ready(day: Day, lines: Lines, v: int, at: int) -> int:
    """Return when the trip that begins at a position may leave."""
    ready = 0
    for then in range(at + 1, lines.size[v] + 1):
        node = lines.line[v, then]
        if node >= day.counts[STOPS]:
            break
        ready = max(ready, day.node[node, READY])
    return ready


@jit
def _drive(day: Day, lines: Lines, v: int, depart: int) -> tuple[int, int, bool]:
    """Return when a line is home, when it left, and whether it was late anywhere."""
    line, size, kind = lines.line[v], lines.size[v], day.kind[v]
    depart = max(depart, _ready(day, lines, v, 0))
    now, rest = depart, 0
    while _skipped(day, kind, rest, depart):
        rest += 1
    late = False
    for at in range(1, size + 1):
        node = line[at]
        arrive = now + day.roads[1, line[at - 1], node]
        arrive, rest, missed = _pause(day, kind, rest, node, now, arrive, depart)
        begin = _opening(day, node, arrive)
        late |= missed or begin == LATE_S
        now = begin + day.node[node, SERVICE]
        if node >= day.counts[STOPS]:
            now = max(now, _ready(day, lines, v, at))
    home = now + day.roads[1, line[size], line[size + 1]]
    home, rest, missed = _pause(day, kind, rest, -1, now, home, depart)
    return home, depart, late or missed


@inlined
def _skipped(day: Day, kind: int, rest: int, depart: int) -> bool:
    """Tell whether a rest is over before the line is driven."""
    return bool(rest < day.rests.shape[1] and 0 <= day.rests[kind, rest, 1] < depart)


@inlined
def _pause(
    day: Day, kind: int, rest: int, node: int, now: int, arrive: int, depart: int
) -> tuple[int, int, bool]:
    """Take the rests that cannot wait until after `node` (-1: home), as the judge does."""
    missed = False
    while rest < day.rests.shape[1] and day.rests[kind, rest, 1] >= 0:
        since, until, length = day.rests[kind, rest]
        begin = arrive if node < 0 else _opening(day, node, arrive)
        begin = arrive if begin == LATE_S else begin
        waits = max(arrive, since)
        if node < 0 or waits > until or waits + length > begin:
            if begin + (0 if node < 0 else day.node[node, SERVICE]) <= until:
                break
            start = max(now, since)
            missed |= start > until
            arrive = max(arrive, start) + length
            now = start + length
        rest += 1
        while _skipped(day, kind, rest, depart):
            rest += 1
    return arrive, rest, missed


@inlined
def _latest(day: Day, lines: Lines, v: int, home: int) -> int:
    """Return the latest departure that still seems to be home by then, window by window."""
    line, size = lines.line[v], lines.size[v]
    latest = home
    for at in range(size, 0, -1):
        node = line[at]
        begin = latest - day.roads[1, node, line[at + 1]] - day.node[node, SERVICE]
        latest = min(begin, _closing(day, node, begin))
    depart: int = latest - day.roads[1, line[0], line[1]]
    return depart


@inlined
def _closing(day: Day, node: int, begin: int) -> int:
    """Return the latest begin, no later than `begin`, that a window allows."""
    best: int = day.windows[day.node[node, FIRST_WINDOW], 1]
    for at in range(day.node[node, FIRST_WINDOW], day.node[node, LAST_WINDOW]):
        if day.windows[at, 0] <= begin:
            best = day.windows[at, 1]
    return best
