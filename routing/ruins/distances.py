"""Distances as the compiled search reads them: tables of a small day, points of a large one."""

from typing import NamedTuple

import numpy as np

from remelt.routing.book import Book
from remelt.routing.field import Globe, Plane
from remelt.routing.problem import Problem
from remelt.routing.roads import UNREACHABLE
from remelt.routing.ruins.links import MEAN_RADIUS_M
from remelt.routing.ruins.near import nearest
from remelt.routing.ruins.state import Big, Real, Small

TABLED = 1_500
NO_ROAD = 10**9  # in seconds later than any window; no leg counts more, for tables are 32 bits wide
NEAR, NEAR_FIRST, NEAR_OF_MANY = 40, 100, 60
WAITING, MISSING = 0.2, 1.0
GLOBE = 2
RADIUS_M, FLATTENING = 6_378_137.0, 1 / 298.257223563


class Told(NamedTuple):
    """Pairs of rows that somebody knows better, as `Day` has them."""

    codes: Big
    metres: Big
    seconds: Big
    rows: Small


class Hours(NamedTuple):
    """When each node opens and closes, and how long a call takes there."""

    opens: Big
    closes: Big
    service: Big


def tables(problem: Problem) -> tuple[Small, Small]:
    """Return metres and seconds of every pair; one empty cell where the places are too many."""
    keys = problem.matrix.keys
    if len(keys) > TABLED:
        return np.zeros((1, 1), dtype=np.int32), np.zeros((1, 1), dtype=np.int32)
    metres, seconds = problem.matrix.block(range(len(keys)))
    far = np.where(metres == UNREACHABLE, NO_ROAD, np.minimum(metres, NO_ROAD)).astype(np.int32)
    long = np.where(metres == UNREACHABLE, NO_ROAD, np.minimum(seconds, NO_ROAD)).astype(np.int32)
    return far, far if np.array_equal(far, long) else long


def turned(table: Small) -> Small:
    """Return the table of the ways back."""
    return table if np.array_equal(table, table.T) else np.ascontiguousarray(table.T)


def in_metres(problem: Problem) -> Real:
    """Return the places as points between which the straight line is the distance."""
    matrix, globe = problem.matrix, _globe(problem)
    if globe is None:
        flat = matrix.points() if isinstance(matrix, Plane) else np.zeros((1, 2))
        return np.ascontiguousarray(np.column_stack((flat, np.zeros(len(flat)))))
    lat, lon = np.radians(globe.lat), np.radians(globe.lon)
    square = FLATTENING * (2 - FLATTENING)
    radius = RADIUS_M / np.sqrt(1 - square * np.sin(lat) ** 2)
    x, y = radius * np.cos(lat) * np.cos(lon), radius * np.cos(lat) * np.sin(lon)
    return np.ascontiguousarray(np.column_stack((x, y, radius * (1 - square) * np.sin(lat))))


def rounding(problem: Problem) -> int:
    """Return how a distance comes from two points."""
    matrix = problem.matrix
    if _globe(problem) is not None:
        return GLOBE
    return int(isinstance(matrix, Plane) and matrix.rounding == "down")


def bands(problem: Problem) -> Real:
    """Below so many straight metres: the detour, and seconds for a metre of road."""
    globe = _globe(problem)
    known = () if globe is None else globe.bands
    rows = [(float(b.below_m), b.detour_pct / 100, 3600 / b.metres_per_hour) for b in known]
    return np.array([*rows, (np.inf, 1.0, 1.0)])


def told(problem: Problem) -> Told:
    """Return the pairs that somebody knows better than their points, if any."""
    codes, metres, seconds = (np.zeros(0, dtype=np.int64) for _ in range(3))
    size = len(problem.matrix.keys)
    if isinstance(problem.matrix, Book) and size > TABLED:
        codes, metres, seconds = problem.matrix.told()
    rows = np.zeros(size, dtype=np.int32)
    rows[codes // max(1, size)] |= 1
    rows[codes % max(1, size)] |= 2
    shut = metres == UNREACHABLE
    far, long = (np.minimum(np.where(shut, NO_ROAD, e), NO_ROAD) for e in (metres, seconds))
    return Told(codes.copy(), far, long, rows)


def _globe(problem: Problem) -> Globe | None:
    """Return the points on the globe that distances come from, where they do."""
    matrix = problem.matrix.globe if isinstance(problem.matrix, Book) else problem.matrix
    return matrix if isinstance(matrix, Globe) else None


def legs(problem: Problem, points: Real, starts: Big | int, ends: Big | int) -> tuple[Big, Big]:
    """Return metres and seconds between rows, as the search works them out."""
    if len(problem.matrix.keys) <= TABLED or _globe(problem) is None:
        return problem.matrix.pairs(np.asarray(starts), np.asarray(ends))
    known = bands(problem)
    chord = np.sqrt(((points[starts] - points[ends]) ** 2).sum(axis=-1))
    straight = chord * (1 + chord**2 / (24 * MEAN_RADIUS_M**2))
    band = np.searchsorted(known[:, 0], straight, side="right")
    metres = (straight * known[band, 1]).astype(np.int64)
    seconds = (metres * known[band, 2]).astype(np.int64) + 1
    if isinstance(problem.matrix, Book):
        problem.matrix.overlay(np.asarray(starts), np.asarray(ends), metres, seconds)
    return metres, seconds


def near_stops(problem: Problem, rows: Small, hours: Hours, tabled: tuple[Small, Small]) -> Small:
    """Return for each stop the nearest ones: by road, and by the waiting a window would mean."""
    first = min(NEAR_FIRST, len(rows) - 1)
    if len(tabled[0]) > 1:
        apart = tabled[0][np.ix_(rows, rows)].astype(float)
        apart = np.minimum(apart, apart.T)
        np.fill_diagonal(apart, np.inf)
        found = np.argpartition(apart, first - 1, axis=1)[:, :first].astype(np.int32)
        far = np.take_along_axis(apart, found, axis=1)
        lasts = tabled[1][rows[:, None], rows[found]].astype(np.int64)
    else:
        found, far = nearest(problem.matrix.points()[rows], most=min(first, NEAR_OF_MANY))
        detour, pace = bands(problem)[0, 1:]
        lasts = (far * (detour * pace)).astype(np.int64)
    late = _out_of_step(hours, found, lasts)
    speed = far.sum() / max(1.0, float(lasts.sum()))
    ranked = np.argsort(far + speed * late, axis=1, kind="stable")[:, :NEAR]
    return np.ascontiguousarray(np.take_along_axis(found, ranked, axis=1).astype(np.int32))


def _out_of_step(hours: Hours, found: Small, lasts: Big) -> Real:
    """Return the seconds two stops are out of step, called at one after the other either way."""
    opens, closes, service = (each[: len(found)] for each in hours)

    def out(one: Small | Big, other: Small | Big) -> Real:
        leaves = lasts + service[one]
        waits = np.maximum(0, opens[other] - leaves - closes[one])
        misses = np.maximum(0, opens[one] + leaves - closes[other])
        return np.asarray(WAITING * waits + MISSING * misses)

    here = np.arange(len(found), dtype=np.int64)[:, None]
    return np.minimum(out(here, found), out(found, here))
