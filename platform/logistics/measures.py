"""Straight distances. Knows no database, so that a solver's process starts fast."""

from geopy.distance import geodesic

from remelt.routing.matrix import Place


def straight_m(start: Place, end: Place) -> int:
    """Return the geodesic distance in whole metres."""
    pair = [(place.lat_e6 / 1e6, place.lon_e6 / 1e6) for place in (start, end)]
    return int(geodesic(*pair).meters)
