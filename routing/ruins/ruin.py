"""What is torn out: strings of stops that follow each other, in rounds near one stop. Compiled.

Source: J. Christiaens and G. Vanden Berghe, Slack Induction by String Removals for Vehicle
Routing Problems, Transportation Science 54(2), 2020.
"""

import numpy as np

from remelt.routing.ruins.compiled import compiled
from remelt.routing.ruins.links import touch, unlink
from remelt.routing.ruins.state import ABSENT, GONE, LOOSE, LOST, MINE, USED, ZONE, Day, Tour, Work

LONGEST, MEAN = 10, 10
SPLIT, LONGER = 0.5, 0.01
RIGHT, LEFT, BACK, HALF = (np.uint64(bits) for bits in (12, 25, 27, 11))
FACTOR, FINEST = np.uint64(2_685_821_657_736_338_717), 1.0 / 2**53


@compiled
def chance(work: Work) -> float:
    """Return a number from 0 up to 1 (xorshift64*)."""
    x = work.dice[0]
    x ^= x >> RIGHT
    x ^= x << LEFT
    x ^= x >> BACK
    work.dice[0] = x
    return float((x * FACTOR) >> HALF) * FINEST


@compiled
def ruin(day: Day, tour: Tour, work: Work) -> None:
    """Tear strings out of the rounds around one stop."""
    seed = work.mine[int(chance(work) * work.counts[MINE])]
    mean = (work.counts[MINE] - work.counts[LOST]) / max(1, work.counts[USED])
    longest = max(1.0, min(float(LONGEST), mean))
    strings = int(1 + chance(work) * (4.0 * MEAN / (1.0 + longest)))
    torn = 0
    if tour.vehicle[seed] != ABSENT:
        torn += _tear(day, tour, work, seed, longest)
    for at in range(day.near.shape[1]):
        if torn >= strings:
            break
        stop = day.near[seed, at]
        vehicle = tour.vehicle[stop]
        if vehicle == ABSENT or tour.zone[vehicle] != work.counts[ZONE] or work.marked[vehicle]:
            continue
        torn += _tear(day, tour, work, stop, longest)


@compiled
def _tear(day: Day, tour: Tour, work: Work, stop: int, longest: float) -> int:
    """Tear one string out that holds `stop`; return 1."""
    vehicle = tour.vehicle[stop]
    size = tour.size[vehicle]
    touch(day, tour, work, vehicle)
    length = int(1 + chance(work) * min(float(size), longest))
    kept = 0
    if length > 1 and length < size and chance(work) < SPLIT:
        kept = 1
        while length + kept < size and chance(work) < LONGER:
            kept += 1
    whole = length + kept
    node = _begin(day, tour, work, stop, whole)
    skip = 1 + int(chance(work) * (length - 1)) if kept else whole
    for at in range(whole):
        after = tour.after[node]
        if at < skip or at >= skip + kept:
            _out(day, tour, work, node)
        node = after
    return 1


@compiled
def _begin(day: Day, tour: Tour, work: Work, stop: int, whole: int) -> int:
    """Return the first stop of a string of `whole` stops that holds `stop`."""
    back, node = 0, tour.before[stop]
    while back < whole - 1 and node < day.stops:
        back += 1
        node = tour.before[node]
    on, node = 0, tour.after[stop]
    while on < whole - 1 and node < day.stops:
        on += 1
        node = tour.after[node]
    least = max(0, whole - 1 - on)
    steps = least + int(chance(work) * (back - least + 1))
    node = stop
    for _ in range(steps):
        node = tour.before[node]
    return int(node)


@compiled
def _out(day: Day, tour: Tour, work: Work, stop: int) -> None:
    at = work.counts[GONE]
    work.gone[at] = stop
    work.gone_after[at] = tour.before[stop]
    work.gone_from[at] = tour.vehicle[stop]
    work.counts[GONE] += 1
    work.loose[work.counts[LOOSE]] = stop
    work.counts[LOOSE] += 1
    unlink(day, tour, work, stop)
