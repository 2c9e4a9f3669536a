"""Distances and driving times between places; every pair says where its figure comes from."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geopy.distance import geodesic

UNREACHABLE = -1
SAME = "same-place"


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


@dataclass(frozen=True, slots=True)
class Matrix:
    """Metres, seconds and source from every place to every other; -1 metres is no road.

    `sources[i][j]` is an index into `source_names`.
    """

    keys: tuple[str, ...]
    distance_m: tuple[tuple[int, ...], ...]
    duration_s: tuple[tuple[int, ...], ...]
    sources: tuple[tuple[int, ...], ...]
    source_names: tuple[str, ...]
    _at: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_at", {key: at for at, key in enumerate(self.keys)})

    def knows(self, key: str) -> bool:
        """Tell whether the place is in the matrix."""
        return key in self._at

    def index(self, key: str) -> int:
        """Return the row of a place."""
        return self._at[key]

    def metres(self, start: str, end: str) -> int | None:
        """Return the road distance; None where there is no road."""
        found = self.distance_m[self._at[start]][self._at[end]]
        return None if found == UNREACHABLE else found

    def seconds(self, start: str, end: str) -> int:
        """Return the driving time; 0 where there is no road."""
        return self.duration_s[self._at[start]][self._at[end]]

    def source(self, start: str, end: str) -> str:
        """Return where the figure of this pair comes from."""
        return self.source_names[self.sources[self._at[start]][self._at[end]]]


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
    _check(places)
    size = len(places)
    metres = [[0] * size for _ in places]
    seconds = [[0] * size for _ in places]
    sources = [[0] * size for _ in places]
    names = [SAME]
    for i, start in enumerate(places):
        for j in range(i):
            found = estimate(start, places[j], bands=bands)
            for a, b in ((i, j), (j, i)):
                _put(metres, seconds, sources, at=(a, b), known=found, names=names)
    at = {place.key: index for index, place in enumerate(places)}
    for (a_key, b_key), each in (known or {}).items():
        if a_key in at and b_key in at:
            _put(metres, seconds, sources, at=(at[a_key], at[b_key]), known=each, names=names)
    return Matrix(
        keys=tuple(place.key for place in places),
        distance_m=tuple(map(tuple, metres)),
        duration_s=tuple(map(tuple, seconds)),
        sources=tuple(map(tuple, sources)),
        source_names=tuple(names),
    )


def estimate(start: Place, end: Place, *, bands: Sequence[Band] = BANDS) -> Known:
    """Return the road distance between two points: geodesic x detour factor of its band.

    >>> estimate(Place("a", 26_551_000, 106_472_000), Place("b", 26_651_330, 106_626_590))
    Known(distance_m=27442, duration_s=2822, source='geodesic x 1.45')
    """
    if (start.lat_e6, start.lon_e6) == (end.lat_e6, end.lon_e6):
        return Known(0, 0, SAME)
    straight = geodesic(
        (start.lat_e6 / 1e6, start.lon_e6 / 1e6), (end.lat_e6 / 1e6, end.lon_e6 / 1e6)
    ).meters
    band = next(each for each in bands if straight < each.below_m)
    metres = int(straight * band.detour_pct / 100)
    return Known(
        metres,
        metres * 3600 // band.metres_per_hour,
        f"geodesic x {band.detour_pct // 100}.{band.detour_pct % 100:02d}",
    )


def _put(
    metres: list[list[int]],
    seconds: list[list[int]],
    sources: list[list[int]],
    *,
    at: tuple[int, int],
    known: Known,
    names: list[str],
) -> None:
    i, j = at
    if known.source not in names:
        names.append(known.source)
    sources[i][j] = names.index(known.source)
    if known.distance_m is None:
        metres[i][j], seconds[i][j] = UNREACHABLE, 0
        return
    if known.duration_s is not None:
        seconds[i][j] = known.duration_s
    elif metres[i][j] > 0:
        seconds[i][j] = seconds[i][j] * known.distance_m // metres[i][j]
    metres[i][j] = known.distance_m


def _check(places: Sequence[Place]) -> None:
    seen: set[str] = set()
    for place in places:
        numbers = (place.lat_e6, place.lon_e6)
        on_globe = all(math.isfinite(n) for n in numbers) and (
            abs(place.lat_e6) <= 90_000_000 and abs(place.lon_e6) <= 180_000_000  # noqa: PLR2004
        )
        if not on_globe or place.key in seen:
            raise BadPlace(place.key)
        seen.add(place.key)
