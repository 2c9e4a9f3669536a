"""Which stops leave their lines: strings of calls of neighbouring lines, now and then a whole one.

Christiaens and Vanden Berghe, Slack Induction by String Removals (2020).
"""

from remelt.routing.roads import Whole
from remelt.routing.trips.day import STOPS, Day, Real
from remelt.routing.trips.jit import inlined
from remelt.routing.trips.lines import Lines
from remelt.routing.trips.places import MULTIPLIER, PRIME, close_up

MEAN_REMOVED = 10
LONGEST = 10
WHOLE_IN = 24
SPLIT, STOP_SPARING = 0.5, 0.01
DRAWS = (-1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 2, 3, 4, 4)  # ranks, the better ones more often


@inlined
def roll(dice: Whole) -> float:
    """Return the next number between 0 and 1 of a seeded row."""
    dice[0] = dice[0] * MULTIPLIER % PRIME
    share: float = dice[0] / PRIME
    return share


@inlined
def keep(lines: Lines, v: int, kept: Whole, kept_size: Whole, touched: Whole) -> None:
    """Remember a line as it was before this turn."""
    if touched[v]:
        return
    touched[v] = 1
    kept_size[v] = lines.size[v]
    for at in range(1, lines.size[v] + 1):
        kept[v, at] = lines.line[v, at]


@inlined
def ruin(
    day: Day, lines: Lines, dice: Whole, loose: Whole, count: int, hold: tuple[Whole, Whole, Whole]
) -> int:
    """Take strings of stops out; they join the `count` ones in `loose`. Return how many wait."""
    kept, kept_size, touched = hold
    driven = 0
    for v in range(len(lines.size)):
        driven += lines.size[v] > 0
    if driven == 0:
        return count
    mean = max(1.0, (day.counts[STOPS] - count) / driven)
    longest = min(float(LONGEST), mean)
    most = int(roll(dice) * (4.0 * MEAN_REMOVED / (1.0 + longest) - 1.0)) + 1
    whole = roll(dice) * WHOLE_IN < 1.0
    seed = int(roll(dice) * day.counts[STOPS])
    strings = 0
    for near in range(day.near.shape[1]):
        stop = day.near[seed, near]
        v = lines.owner[stop]
        if v < 0 or touched[v]:
            continue
        keep(lines, v, kept, kept_size, touched)
        length = int(roll(dice) * min(float(lines.size[v]), longest)) + 1
        if whole and strings == 0:
            length = lines.size[v]
        count = _string(day, lines, v, stop, length, dice, loose, count)
        strings += 1
        if strings >= most:
            break
    return count


@inlined
def _string(
    day: Day, lines: Lines, v: int, stop: int, length: int, dice: Whole, loose: Whole, count: int
) -> int:
    """Take a string with `stop` in it out of a line; half the time it leaves a part standing."""
    size, line = lines.size[v], lines.line[v]
    length = min(length, size)
    spared = 0
    if length > 1 and length < size and roll(dice) < SPLIT:
        while length + spared < size and roll(dice) > STOP_SPARING:
            spared += 1
            if roll(dice) < SPLIT:
                break
    at = 1
    while line[at] != stop:
        at += 1
    span = length + spared
    low, high = max(1, at - span + 1), min(at, size - span + 1)
    first = low + int(roll(dice) * (high - low + 1))
    gap = first + 1 + int(roll(dice) * max(1, length - 1))
    for spot in range(first, first + span):
        node = line[spot]
        if node >= day.counts[STOPS] or (gap <= spot < gap + spared and node != stop):
            continue
        loose[count] = node
        count += 1
        lines.owner[node] = -1
        line[spot] = -1
    close_up(day, lines, v)
    return count


@inlined
def sort_loose(day: Day, dice: Whole, loose: Whole, keys: Real, count: int) -> None:
    """Order the stops that wait: at random, or by one of the ranks."""
    rank = DRAWS[int(roll(dice) * len(DRAWS))]
    for at in range(count):
        keys[at] = roll(dice) if rank < 0 else day.ranks[rank, loose[at]]
    for at in range(1, count):
        stop, key, spot = loose[at], keys[at], at
        while spot > 0 and keys[spot - 1] > key:
            loose[spot], keys[spot] = loose[spot - 1], keys[spot - 1]
            spot -= 1
        loose[spot], keys[spot] = stop, key
