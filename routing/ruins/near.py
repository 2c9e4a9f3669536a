"""The nearest stops of each stop, of thousands too: only they are looked at."""

from typing import NamedTuple

import numpy as np

from remelt.routing.ruins.compiled import compiled
from remelt.routing.ruins.state import Real, Small

IN_A_CELL = 2.0
MOST_CELLS = 2_000


class Grid(NamedTuple):
    """Points in square cells: those of cell (x, y) stand in `order` from `first` of it on."""

    points: Real
    cells: Small
    shape: Small
    first: Small
    order: Small
    side: float


def nearest(points: Real, *, most: int) -> tuple[Small, Real]:
    """Return for each of two or more points its `most` nearest others and how far they are."""
    most = min(most, len(points) - 1)
    found = np.zeros((len(points), most), dtype=np.int32)
    far = np.zeros((len(points), most))
    _search(_grid(points), found, far)
    return found, np.sqrt(far)


def _grid(points: Real) -> Grid:
    low = points.min(axis=0)
    spread = np.maximum(points.max(axis=0) - low, 1e-9)
    fine = float(np.sqrt(spread[0] * spread[1] * IN_A_CELL / len(points)))
    side = max(fine, float(spread.max()) / MOST_CELLS)
    cells = np.floor((points - low) / side).astype(np.int32)
    shape = (cells.max(axis=0) + 1).astype(np.int32)
    flat = cells[:, 0] * shape[1] + cells[:, 1]
    order = np.argsort(flat, kind="stable").astype(np.int32)
    first = np.searchsorted(flat[order], np.arange(shape[0] * shape[1] + 1)).astype(np.int32)
    return Grid(np.ascontiguousarray(points), cells, shape, first, order, side)


@compiled
def _search(grid: Grid, found: Small, far: Real) -> None:
    """Look through rings of cells around each point until nothing nearer can come."""
    most = found.shape[1]
    for point in range(len(grid.points)):
        have, ring = 0, 0
        while ring <= max(grid.shape[0], grid.shape[1]):
            have = _ring(grid, point, ring, found, far, have)
            if have == most and far[point, have - 1] <= (ring * grid.side) ** 2:
                break
            ring += 1


@compiled
def _ring(grid: Grid, point: int, ring: int, found: Small, far: Real, have: int) -> int:
    """Take in the points of the cells at a distance of `ring` cells."""
    here, there = grid.cells[point, 0], grid.cells[point, 1]
    for x in range(max(0, here - ring), min(grid.shape[0], here + ring + 1)):
        step = 1 if ring == 0 or abs(x - here) == ring else 2 * ring
        for y in range(there - ring, there + ring + 1, step):
            if y < 0 or y >= grid.shape[1]:
                continue
            cell = x * grid.shape[1] + y
            for at in range(grid.first[cell], grid.first[cell + 1]):
                if grid.order[at] != point:
                    have = _take(grid.points, point, grid.order[at], found, far, have)
    return have


@compiled
def _take(points: Real, point: int, other: int, found: Small, far: Real, have: int) -> int:
    """Keep `other` among the nearest of `point`, sorted."""
    apart = (points[point, 0] - points[other, 0]) ** 2 + (points[point, 1] - points[other, 1]) ** 2
    most = found.shape[1]
    if have == most and apart >= far[point, most - 1]:
        return have
    at = have if have < most else most - 1
    while at > 0 and far[point, at - 1] > apart:
        far[point, at] = far[point, at - 1]
        found[point, at] = found[point, at - 1]
        at -= 1
    far[point, at] = apart
    found[point, at] = other
    return int(min(have + 1, most))
