"""Chinese map coordinates (GCJ-02) and WGS84, and points that give themselves away.

Maps sold in China are shifted by some 300 to 700 m. A point taken from one and given as WGS84
looks right on its own; only its county can tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, radians, sin, sqrt

from geopy.distance import great_circle

EQUATOR_M = 6_378_245.0  # Krasovsky 1940, as the shift was fitted
ECCENTRICITY = 0.006_693_421_622_965_943
ROUNDS = 5
FARTHEST_M = 150_000
POLE_E6 = 90_000_000


@dataclass(frozen=True, slots=True)
class County:
    """A county by its code and its point, WGS84 in micro-degrees."""

    adcode: str
    lat_e6: int
    lon_e6: int


def gcj_of(lat: float, lon: float) -> tuple[float, float]:
    """Return a WGS84 point, in degrees, as Chinese maps show it.

    >>> [round(each, 6) for each in gcj_of(26.6036, 106.70171)]
    [26.600058, 106.705457]
    """
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):  # noqa: PLR2004 - its bounds
        return lat, lon
    north, east = _shift(lon - 105.0, lat - 35.0)
    curve = 1 - ECCENTRICITY * sin(radians(lat)) ** 2
    metres_north = EQUATOR_M * (1 - ECCENTRICITY) / (curve * sqrt(curve))
    metres_east = EQUATOR_M / sqrt(curve) * cos(radians(lat))
    return lat + north * 180 / (metres_north * pi), lon + east * 180 / (metres_east * pi)


def wgs_of(lat: float, lon: float) -> tuple[float, float]:
    """Return a point of a Chinese map, in degrees, on WGS84, to well under a metre."""
    found = lat, lon
    for _ in range(ROUNDS):
        shown = gcj_of(*found)
        found = found[0] + lat - shown[0], found[1] + lon - shown[1]
    return found


def misplaced(lat_e6: int, lon_e6: int, *, adcode: str, counties: Sequence[County]) -> str | None:
    """Tell how a WGS84 point contradicts the county it is said to lie in; None where it does not.

    There are no borders here, only the points of counties: a point belongs to the county whose
    point is nearest. `gcj-02-as-wgs84`: it belongs to another county, and to its own once it is
    read as GCJ-02. `outside-county`: it lies more than 150 km from its county's point. A point
    that is nearer to a neighbour's seat and stays so is taken: borders are not round. What is no
    point on the globe contradicts nothing here: whoever takes points refuses it as such.
    """
    own = next((each for each in counties if each.adcode == adcode), None)
    if own is None or abs(lat_e6) > POLE_E6 or abs(lon_e6) > 2 * POLE_E6:
        return None
    point = (lat_e6 / 1e6, lon_e6 / 1e6)
    if nearest(*point, counties=counties) != own and (
        nearest(*wgs_of(*point), counties=counties) == own
    ):
        return "gcj-02-as-wgs84"
    return "outside-county" if _far_m(*point, own) > FARTHEST_M else None


def nearest(lat: float, lon: float, *, counties: Sequence[County]) -> County:
    """Return the county whose point is nearest. At least one is given."""
    return min(counties, key=lambda each: (_far_m(lat, lon, each), each.adcode))


def _far_m(lat: float, lon: float, county: County) -> float:
    return float(great_circle((lat, lon), (county.lat_e6 / 1e6, county.lon_e6 / 1e6)).meters)


def _shift(x: float, y: float) -> tuple[float, float]:
    """The published polynomial and waves of the shift, in metres north and east."""
    swing = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (swing + 20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (swing + 20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return north, east
