"""Places too many for a table: each distance is worked out when it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from remelt.routing.geodesy import straight_m
from remelt.routing.matrix import BANDS, SAME, Band, Matrix, Place, check_places, on_the_road
from remelt.routing.roads import Roads, Whole

MOST_KEPT = 300_000
Rounding = Literal["nearest", "down"]


@dataclass(frozen=True, eq=False)
class Plane(Roads):
    """Points on a sheet of paper, as benchmark instances have them: Euclid, scaled and rounded.

    A unit of distance is one metre and takes one second.
    """

    keys: tuple[str, ...]
    xy: NDArray[np.float64]
    scale: int = 1
    rounding: Rounding = "nearest"
    _at: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_at", {key: at for at, key in enumerate(self.keys)})

    def pairs(self, starts: Whole, ends: Whole) -> tuple[Whole, Whole]:
        """Return metres and seconds of rows `starts` to rows `ends`, broadcast together."""
        apart = self.xy[starts] - self.xy[ends]
        far = self.scale * np.sqrt((apart**2).sum(axis=-1))
        metres = (np.floor(far + 0.5) if self.rounding == "nearest" else far).astype(np.int64)
        return metres, metres

    def points(self) -> NDArray[np.float64]:
        """Return the points as they were given."""
        return self.xy

    def part(self, keys: Sequence[str]) -> "Plane":
        """Return some of the points only."""
        return Plane(
            tuple(keys), self.xy[[self._at[key] for key in keys]], self.scale, self.rounding
        )

    def table(self) -> Matrix:
        """Return the same distances, every pair worked out."""
        metres, seconds = self.block(range(len(self.keys)))
        apart = 1 - np.eye(len(self.keys), dtype=np.int64)
        return Matrix(self.keys, metres, seconds, apart, (SAME, "euclid"))

    def source(self, start: str, end: str) -> str:
        """Return where the figure of this pair comes from."""
        return SAME if start == end else "euclid"


@dataclass(frozen=True, eq=False)
class Globe(Roads):
    """Points on WGS84: geodesic times the detour factor of its band, as `by_geodesic` has it."""

    keys: tuple[str, ...]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    bands: tuple[Band, ...] = BANDS
    _at: dict[str, int] = field(init=False, repr=False)
    _kept: dict[tuple[int, int], tuple[int, int, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_at", {key: at for at, key in enumerate(self.keys)})
        object.__setattr__(self, "_kept", {})

    def __getstate__(self) -> tuple[object, ...]:
        return (self.keys, self.lat, self.lon, self.bands)

    def __setstate__(self, state: tuple[object, ...]) -> None:
        for name, value in zip(("keys", "lat", "lon", "bands"), state, strict=True):
            object.__setattr__(self, name, value)
        self.__post_init__()

    def pairs(self, starts: Whole, ends: Whole) -> tuple[Whole, Whole]:
        """Return metres and seconds of rows `starts` to rows `ends`, broadcast together."""
        metres, seconds, _ = on_the_road(self._straight(starts, ends), bands=self.bands)
        return metres, seconds

    def along(self, rows: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return metres and seconds of each leg of a way through `rows`; legs are kept."""
        found = self._legs(rows)
        return [leg[0] for leg in found], [leg[1] for leg in found]

    def _legs(self, rows: Sequence[int]) -> list[tuple[int, int, int]]:
        """Metres, seconds and band of each leg; those that are new are worked out together."""
        legs = list(pairwise(rows))
        new = [leg for leg in legs if leg not in self._kept]
        if new:
            starts, ends = np.array(new, dtype=np.int64).T
            self.fetch(starts, ends)
        return [self._kept[leg] for leg in legs]

    def fetch(self, starts: Whole, ends: Whole) -> None:
        """Work out many legs at once and keep them."""
        if len(self._kept) > MOST_KEPT:
            self._kept.clear()
        legs = zip(starts.tolist(), ends.tolist(), strict=True)
        new = list(dict.fromkeys(leg for leg in legs if leg not in self._kept))
        if not new:
            return
        straight = self._straight(*np.array(new, dtype=np.int64).T)
        columns = [each.tolist() for each in on_the_road(straight, bands=self.bands)]
        self._kept.update(zip(new, zip(*columns, strict=True), strict=True))

    def sources_along(self, keys: Sequence[str]) -> list[str]:
        """Return where the figure of each leg of a way through `keys` comes from."""
        names = [SAME, *(each.source for each in self.bands)]
        return [names[leg[2]] for leg in self._legs([self._at[key] for key in keys])]

    def sources(self, starts: Whole, ends: Whole) -> tuple[tuple[str, ...], Whole]:
        """Return names of sources, and which of them each pair of rows has."""
        _, _, band = on_the_road(self._straight(starts, ends), bands=self.bands)
        return (SAME, *(each.source for each in self.bands)), band

    def points(self) -> NDArray[np.float64]:
        """Return the points on a sheet that is true to scale at their middle latitude."""
        narrow = np.cos(np.radians(self.lat.mean())) if len(self.keys) else 1.0
        return np.column_stack((self.lon * narrow, self.lat)) * 111_320.0

    def part(self, keys: Sequence[str]) -> "Globe":
        """Return some of the points only."""
        rows = [self._at[key] for key in keys]
        return Globe(tuple(keys), self.lat[rows], self.lon[rows], self.bands)

    def table(self) -> Matrix:
        """Return the same distances, every pair worked out."""
        rows = np.arange(len(self.keys))
        straight = self._straight(rows[:, None], rows[None, :])
        names = (SAME, *(band.source for band in self.bands))
        return Matrix(self.keys, *on_the_road(straight, bands=self.bands), names)

    def source(self, start: str, end: str) -> str:
        """Return where the figure of this pair comes from."""
        return self.sources_along((start, end))[0]

    def _straight(self, starts: Whole, ends: Whole) -> NDArray[np.float64]:
        return straight_m(self.lat[starts], self.lon[starts], self.lat[ends], self.lon[ends])


def globe(places: Sequence[Place], *, bands: Sequence[Band] = BANDS) -> Globe:
    """Return the places as points on the globe. Raises `BadPlace`."""
    check_places(places)
    return Globe(
        keys=tuple(place.key for place in places),
        lat=np.array([place.lat_e6 for place in places], dtype=np.float64) / 1e6,
        lon=np.array([place.lon_e6 for place in places], dtype=np.float64) / 1e6,
        bands=tuple(bands),
    )
