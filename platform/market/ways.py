"""The way between two sites before anybody has planned it: straight, and by road."""

import math
from typing import Final

from remelt.platform.parties.models import Site

EARTH_M: Final = 6_371_009
ROAD_PCT: Final = 135
"""The road in per cent of the straight way: an estimate, the middle band of `routing.matrix`.

Its source says 1.324 inside 25 Chinese cities and 1.435 in mountainous Gangwon.
"""


def distance_m(one: Site | None, other: Site) -> int | None:
    """Return the great-circle distance in metres; None where a position is missing."""
    if one is None or None in {one.lat_e6, one.lon_e6, other.lat_e6, other.lon_e6}:
        return None
    lat1, lon1, lat2, lon2 = (
        math.radians((value or 0) / 1e6)
        for value in (one.lat_e6, one.lon_e6, other.lat_e6, other.lon_e6)
    )
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return round(2 * EARTH_M * math.asin(math.sqrt(half)))


def by_road_m(straight_m: int) -> int:
    """Return the metres that a truck is reckoned to drive for a straight way, rounded down.

    >>> by_road_m(100_000)
    135000
    """
    return straight_m * ROAD_PCT // 100


def road_m(one: Site, other: Site) -> int | None:
    """Return the metres by road between two sites; None where a position is missing."""
    straight_m = distance_m(one, other)
    return None if straight_m is None else by_road_m(straight_m)
