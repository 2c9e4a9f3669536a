"""The nearest stops of each stop, of thousands too: only they are looked at."""

import numpy as np

from remelt.routing.ruins.compiled import compiled
from remelt.routing.ruins.state import Real, Small

IN_A_CELL = 2.0


def nearest(points: Real, *, most: int) -> Small:
    """Return for each point its `most` nearest others, nearest first, by the straight line."""
    count = len(points)
    most = min(most, count - 1)
    low, high = points.min(axis=0), points.max(axis=0)
    spread = np.maximum(high - low, 1e-9)
    side = max(
        1e-9, float(np.sqrt(spread[0] * spread[1] * IN_A_CELL / count)), float(spread.max()) / 2000
    )
    cells = np.floor((points - low) / side).astype(np.int32)
    shape = cells.max(axis=0) + 1
    flat = cells[:, 0] * shape[1] + cells[:, 1]
    order = np.argsort(flat, kind="stable").astype(np.int32)
    first = np.searchsorted(flat[order], np.arange(shape[0] * shape[1] + 1)).astype(np.int32)
    found = np.full((count, max(1, most)), 0, dtype=np.int32)
    if most > 0:
        _search(
            np.ascontiguousarray(points),
            cells,
            shape.astype(np.int32),
            first,
            order,
            side,
            found,
            np.empty(found.shape[1]),
        )
    return found


@compiled
def _search(
    points: Real,
    cells: Small,
    shape: Small,
    first: Small,
    order: Small,
    side: float,
    found: Small,
    far: Real,
) -> None:
    for point in range(len(points)):
        have, ring = 0, 0
        while True:
            have = _ring(points, cells, shape, first, order, point, ring, found, far, have)
            whole = have == found.shape[1]
            if whole and far[have - 1] <= (ring * side) ** 2:
                break
            ring += 1
            if ring > max(shape[0], shape[1]):
                break


@compiled
def _ring(
    points: Real,
    cells: Small,
    shape: Small,
    first: Small,
    order: Small,
    point: int,
    ring: int,
    found: Small,
    far: Real,
    have: int,
) -> int:
    """Take in the points of the cells at a distance of `ring` cells."""
    for x in range(max(0, cells[point, 0] - ring), min(shape[0], cells[point, 0] + ring + 1)):
        edge = abs(x - cells[point, 0]) == ring
        step = 1 if edge or ring == 0 else 2 * ring
        for y in range(cells[point, 1] - ring, cells[point, 1] + ring + 1, step):
            if y < 0 or y >= shape[1]:
                continue
            cell = x * shape[1] + y
            for at in range(first[cell], first[cell + 1]):
                if order[at] != point:
                    have = _take(points, point, order[at], found, far, have)
    return have


@compiled
def _take(points: Real, point: int, other: int, found: Small, far: Real, have: int) -> int:
    """Keep `other` among the nearest of `point`, sorted."""
    apart = (points[point, 0] - points[other, 0]) ** 2 + (points[point, 1] - points[other, 1]) ** 2
    most = found.shape[1]
    if have == most and apart >= far[most - 1]:
        return have
    at = have if have < most else most - 1
    while at > 0 and far[at - 1] > apart:
        far[at] = far[at - 1]
        found[point, at] = found[point, at - 1]
        at -= 1
    far[at] = apart
    found[point, at] = other
    return int(min(have + 1, most))
