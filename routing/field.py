"""Places too many for a table: each distance is worked out when it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from remelt.routing.geodesy import straight_m
from remelt.routing.matrix import BANDS, SAME, Band, Place, check_places, on_the_road
from remelt.routing.roads import Roads, Whole

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

    def __post_init__(self) -> None:
        object.__setattr__(self, "_at", {key: at for at, key in enumerate(self.keys)})

    def pairs(self, starts: Whole, ends: Whole) -> tuple[Whole, Whole]:
        """Return metres and seconds of rows `starts` to rows `ends`, broadcast together."""
        metres, seconds, _ = on_the_road(self._straight(starts, ends), bands=self.bands)
        return metres, seconds

    def points(self) -> NDArray[np.float64]:
        """Return the points on a sheet that is true to scale at their middle latitude."""
        narrow = np.cos(np.radians(self.lat.mean())) if len(self.keys) else 1.0
        return np.column_stack((self.lon * narrow, self.lat)) * 111_320.0

    def source(self, start: str, end: str) -> str:
        """Return where the figure of this pair comes from."""
        one, other = np.array([self._at[start]]), np.array([self._at[end]])
        _, _, band = on_the_road(self._straight(one, other), bands=self.bands)
        return SAME if band[0] == 0 else self.bands[int(band[0]) - 1].source

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
