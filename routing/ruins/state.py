"""What the compiled search works on: flat arrays, told apart by what changes and what does not.

Nodes are the stops 0..stops-1, then one start and one end for each vehicle: vehicle r starts at
node stops + 2r and ends at stops + 2r + 1. A row is a place: two nodes may share one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Small = NDArray[np.int32]
Big = NDArray[np.int64]
Real = NDArray[np.float64]

ABSENT = -1
NOT_ALLOWED = 1e18  # both above what any plan costs, and above what a stop left out counts
NOT_ALONE = 1e17


class Day(NamedTuple):
    """What the search only reads.

    tabled: metres and seconds stand in tables (to a place by column in `metres`, by row in
        `back`); else they are worked out from `points`.
    told: pairs of rows (start x rows + end) that somebody knows better than their points, sorted,
        with their metres and seconds; has_told: 1 where a row starts one, 2 where it ends one.
    near: for each stop its nearest stops, nearest first.
    alone: what a vehicle of each kind costs that serves this stop only; NOT_ALONE where that
        misses a window or a road, NOT_ALLOWED where it may not come or is too small.
    lost: what it costs to leave a stop out.
    orders: the measures by which stops may be put back, one column each.
    """

    stops: int
    tabled: bool
    timed: bool
    hourly: bool
    metres: Small
    back: Small
    seconds: Small
    back_s: Small
    points: Real
    rounding: int
    scale: float
    bands: Real
    told: Big
    told_m: Big
    told_s: Big
    has_told: Small
    row: Small
    demand: Big
    opens: Big
    closes: Big
    service: Big
    near: Small
    lost: Real
    alone: Real
    kind: Small
    capacity: Big
    per_m: Real
    per_s: Real
    fixed: Real
    most_s: Big
    orders: Real


class Tour(NamedTuple):
    """The plan being changed: who follows whom, and what that means.

    leg: metres from a node to the next. early, late: the earliest and latest begin of service.
    ahead, behind: for the beginning and the rest of a round at each node its shortest length,
        and the earliest and latest start that keep it (columns 0, 1, 2).
    length, metres: seconds and metres of each vehicle's round.
    zone: the worker that may change a vehicle's round.
    """

    before: Small
    after: Small
    vehicle: Small
    leg: Big
    load: Big
    size: Small
    early: Big
    late: Big
    ahead: Big
    behind: Big
    length: Big
    metres: Big
    zone: Small
    best_after: Small
    best_vehicle: Small


class Work(NamedTuple):
    """One worker's own notes.

    totals: what the plan costs more than at the begin of the run, now [0] and at best [1]; what
        the touched part cost before it was touched [2].
    counts: GONE, LOOSE, TOUCHED, LOST, CHANGED, MINE, the worker's ZONE and the vehicles USED.
    gone: stops torn out, with the node each followed and its vehicle.
    free: vehicles that stay at home, by kind from `first_free` on; `spot` is where each stands.
    """

    dice: NDArray[np.uint64]
    totals: Real
    counts: Big
    gone: Small
    gone_after: Small
    gone_from: Small
    loose: Small
    keys: Real
    touched: Small
    marked: NDArray[np.uint8]
    lost: Small
    lost_at: Small
    changed: Small
    is_changed: NDArray[np.uint8]
    mine: Small
    free: Small
    spot: Small
    first_free: Small
    free_count: Small


GONE, LOOSE, TOUCHED, LOST, CHANGED, MINE, ZONE, USED = range(8)
