"""Distances and driving times between places; every pair says where its figure comes from."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remelt.routing.geodesy import straight_m
from remelt.routing.roads import UNREACHABLE, Roads, Whole

SAME = "same-place"
ANYWHERE = "(anywhere)"
MOST_IN_A_TABLE = 1_500


@dataclass(frozen=True, slots=True)
class Place:
    """A point on WGS84, in micro-degrees."""

    key: str
    lat_e6: int
    lon_e6: int


class BadPlace(ValueError):
    """A point that is not on the globe, or a key given twice."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Band:
    """Trips of up to `below_m` straight metres: road = straight x `detour_pct` / 100.

    `metres_per_hour` is the mean speed on the road, stops for traffic included.
    """

    below_m: int
    detour_pct: int
    metres_per_hour: int

    @property
    def source(self) -> str:
        """What a figure of this band is called."""
        return f"geodesic x {self.detour_pct // 100}.{self.detour_pct % 100:02d}"


# Detour: 1.324 is the mean inside 25 Chinese cities, 1.435 in mountainous Gangwon; longer trips
# take expressways. Speeds are a dispatcher's estimate for loaded trucks in hills, not a source.
BANDS = (
    Band(below_m=30_000, detour_pct=145, metres_per_hour=35_000),
    Band(below_m=200_000, detour_pct=135, metres_per_hour=50_000),
    Band(below_m=2**62, detour_pct=125, metres_per_hour=65_000),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody knows better about a pair: a measured distance, or no road at all (None)."""

    distance_m: int | None
    duration_s: int | None = None
    source: str = "by-hand"


@dataclass(frozen=True, eq=False)
class Matrix(Roads):
    """A table of metres, seconds and source from every place to every other.

    `sources[i][j]` is an index into `source_names`. Tables may be given as rows of integers.
    """

    keys: tuple[str, ...]
    distance_m: Whole
    duration_s: Whole
    sources: Whole
    source_names: tuple[str, ...]
    _at: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("distance_m", "duration_s", "sources"):
            object.__setattr__(self, name, _table(getattr(self, name), len(self.keys)))
        object.__setattr__(self, "_at", {key: at for at, key in enumerate(self.keys)})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Matrix) and all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("keys", "distance_m", "duration_s", "sources", "source_names")
        )

    def __hash__(self) -> int:
        return hash((self.keys, self.source_names))

    def pairs(self, starts: Whole, ends: Whole) -> tuple[Whole, Whole]:
        """Return metres and seconds of rows `starts` to rows `ends`, broadcast together."""
        return self.distance_m[starts, ends], self.duration_s[starts, ends]

    def metres(self, start: str, end: str) -> int | None:
        """Return the road distance; None where there is no road."""
        found = self.distance_m.item(self._at[start], self._at[end])
        return None if found == UNREACHABLE else found

    def seconds(self, start: str, end: str) -> int:
        """Return the driving time; 0 where there is no road."""
        return self.duration_s.item(self._at[start], self._at[end])

    def along(self, rows: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return metres and seconds of each leg of a way through `rows`."""
        legs = list(pairwise(rows))
        metres, seconds = self.distance_m.item, self.duration_s.item
        return [metres(*leg) for leg in legs], [seconds(*leg) for leg in legs]

    def points(self) -> NDArray[np.float64]:
        """Return for each place how far it is from two far ones: near places have near points."""
        if not self.keys:
            return np.zeros((0, 2))
        one = int(self.distance_m[0].argmax())
        other = int(self.distance_m[one].argmax())
        third = int((self.distance_m[one] + self.distance_m[other]).argmax())
        return self.distance_m[[one, third]].T.astype(np.float64)

    def part(self, keys: Sequence[str]) -> "Matrix":
        """Return the table among some of the places only."""
        rows = np.array([self._at[key] for key in keys], dtype=np.int64)
        cut = np.ix_(rows, rows)
        tables = (self.distance_m[cut], self.duration_s[cut], self.sources[cut])
        return Matrix(tuple(keys), *tables, self.source_names)

    def source(self, start: str, end: str) -> str:
        """Return where the figure of this pair comes from."""
        return self.source_names[self.sources.item(self._at[start], self._at[end])]


def by_geodesic(
    places: Sequence[Place],
    *,
    bands: Sequence[Band] = BANDS,
    known: Mapping[tuple[str, str], Known] | None = None,
) -> Matrix:
    """Return the matrix of geodesic distance times a detour factor, with known pairs put in.

    A known pair holds in the direction in which it is given. Raises `BadPlace` for a point off
    the globe or a key given twice.
    """
    check_places(places)
    lat, lon = (np.array(each, dtype=np.float64) / 1e6 for each in _degrees(places))
    straight = straight_m(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
    metres, seconds, sources = on_the_road(straight, bands=bands)
    names = [SAME, *(band.source for band in bands)]
    at = {place.key: index for index, place in enumerate(places)}
    for (start, end), each in (known or {}).items():
        if start in at and end in at:
            if each.source not in names:
                names.append(each.source)
            spot = (at[start], at[end])
            sources[spot] = names.index(each.source)
            metres[spot], seconds[spot] = better(each, (int(metres[spot]), int(seconds[spot])))
    keys = tuple(place.key for place in places)
    return Matrix(keys, metres, seconds, sources, tuple(names))


def with_anywhere(table: Matrix) -> Matrix:
    """Return the table with a place that is nowhere far: where open rounds begin and end."""
    metres, seconds = np.pad(table.distance_m, (0, 1)), np.pad(table.duration_s, (0, 1))
    sources = np.pad(table.sources, (0, 1), constant_values=len(table.source_names))
    names = (*table.source_names, "open")
    return Matrix((*table.keys, ANYWHERE), metres, seconds, sources, names)


def on_the_road(
    straight: NDArray[np.float64], *, bands: Sequence[Band] = BANDS
) -> tuple[Whole, Whole, Whole]:
    """Return metres, seconds and the number of the band (0: the same place) of straight metres."""
    which = np.searchsorted([band.below_m for band in bands], straight, side="right")
    detour = np.array([band.detour_pct for band in bands])[which]
    speed = np.array([band.metres_per_hour for band in bands])[which]
    metres = (straight * detour / 100).astype(np.int64)
    return metres, metres * 3600 // speed, np.where(straight == 0, 0, which + 1)


def estimate(start: Place, end: Place, *, bands: Sequence[Band] = BANDS) -> Known:
    """Return the road distance between two points: geodesic x detour factor of its band.

    >>> estimate(Place("a", 26_551_000, 106_472_000), Place("b", 26_651_330, 106_626_590))
    Known(distance_m=27536, duration_s=2832, source='geodesic x 1.45')
    """
    found = by_geodesic(
        [Place("start", start.lat_e6, start.lon_e6), Place("end", end.lat_e6, end.lon_e6)],
        bands=bands,
    )
    return Known(
        found.metres("start", "end"), found.seconds("start", "end"), found.source("start", "end")
    )


def check_places(places: Sequence[Place]) -> None:
    """Refuse a point off the globe or a key given twice. Raises `BadPlace`."""
    seen: set[str] = set()
    for place in places:
        numbers = (place.lat_e6, place.lon_e6)
        on_globe = all(math.isfinite(n) for n in numbers) and (
            abs(place.lat_e6) <= 90_000_000 and abs(place.lon_e6) <= 180_000_000  # noqa: PLR2004
        )
        if not on_globe or place.key in seen:
            raise BadPlace(place.key)
        seen.add(place.key)


def better(known: Known, was: tuple[int, int]) -> tuple[int, int]:
    """Return a known pair in metres and seconds; without a time of its own it keeps the speed."""
    if known.distance_m is None:
        return UNREACHABLE, 0
    if known.duration_s is not None:
        return known.distance_m, known.duration_s
    metres, seconds = was
    return known.distance_m, seconds * known.distance_m // metres if metres > 0 else seconds


def _degrees(places: Sequence[Place]) -> tuple[list[int], list[int]]:
    return [place.lat_e6 for place in places], [place.lon_e6 for place in places]


def _table(rows: ArrayLike, size: int) -> Whole:
    return np.asarray(rows, dtype=np.int64).reshape(size, size)
