"""Straight distances on the WGS84 ellipsoid for whole arrays of points at once."""

import numpy as np
from geopy.distance import geodesic
from numpy.typing import NDArray

Degrees = NDArray[np.float64]

EQUATOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
POLE_M = EQUATOR_M * (1 - FLATTENING)
MOST_STEPS = 30
STILL = 1e-12
UNSETTLED = 1e-11


def straight_m(lat_a: Degrees, lon_a: Degrees, lat_b: Degrees, lon_b: Degrees) -> Degrees:
    """Return metres along the ellipsoid between points in degrees, broadcast together.

    Vincenty's inverse formula; the few nearly antipodal pairs on which it does not settle are
    asked of geopy. Agrees with geopy's geodesic to a millimetre.
    """
    lat_a, lon_a, lat_b, lon_b = np.broadcast_arrays(lat_a, lon_a, lat_b, lon_b)
    low_a = np.arctan((1 - FLATTENING) * np.tan(np.radians(lat_a)))
    low_b = np.arctan((1 - FLATTENING) * np.tan(np.radians(lat_b)))
    sines, cosines = (np.sin(low_a), np.sin(low_b)), (np.cos(low_a), np.cos(low_b))
    span = np.radians(lon_b - lon_a)
    span = (span + np.pi) % (2 * np.pi) - np.pi
    turn = span
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(MOST_STEPS):
            before = turn
            sin_s, cos_s, sigma, alpha, middle = _great_circle(sines, cosines, turn)
            step = FLATTENING / 16 * alpha * (4 + FLATTENING * (4 - 3 * alpha))
            bend = middle + step * cos_s * (2 * middle**2 - 1)
            turn = span + (1 - step) * FLATTENING * np.sqrt(1 - alpha) * np.sign(span) * (
                sigma + step * sin_s * bend
            )
            moved = np.abs(turn - before)
            if not (moved > STILL).any():
                break
        metres = _length(sin_s, cos_s, sigma, alpha, middle)
    metres = np.where((lat_a == lat_b) & (span == 0), 0.0, metres)
    unsettled = ~np.isfinite(metres) | (moved > UNSETTLED) | (np.abs(turn) > np.pi)
    for at in np.argwhere(unsettled):
        spot = tuple(at)
        metres[spot] = geodesic((lat_a[spot], lon_a[spot]), (lat_b[spot], lon_b[spot])).meters
    return np.asarray(metres, dtype=np.float64)


def _great_circle(
    sines: tuple[Degrees, Degrees], cosines: tuple[Degrees, Degrees], turn: Degrees
) -> tuple[Degrees, Degrees, Degrees, Degrees, Degrees]:
    """The arc on the auxiliary sphere: its sine, cosine, angle, cos2 azimuth and midpoint term."""
    across = cosines[1] * np.sin(turn)
    along = cosines[0] * sines[1] - sines[0] * cosines[1] * np.cos(turn)
    sin_s = np.hypot(across, along)
    cos_s = sines[0] * sines[1] + cosines[0] * cosines[1] * np.cos(turn)
    sigma = np.arctan2(sin_s, cos_s)
    azimuth = np.where(sin_s > 0, cosines[0] * cosines[1] * np.sin(turn) / sin_s, 0.0)
    alpha = 1 - azimuth**2
    middle = np.where(alpha > 0, cos_s - 2 * sines[0] * sines[1] / alpha, 0.0)
    return sin_s, cos_s, sigma, alpha, middle


def _length(
    sin_s: Degrees, cos_s: Degrees, sigma: Degrees, alpha: Degrees, middle: Degrees
) -> Degrees:
    stretch = alpha * (EQUATOR_M**2 - POLE_M**2) / POLE_M**2
    a = 1 + stretch / 16384 * (4096 + stretch * (-768 + stretch * (320 - 175 * stretch)))
    b = stretch / 1024 * (256 + stretch * (-128 + stretch * (74 - 47 * stretch)))
    far = b / 6 * middle * (4 * sin_s**2 - 3) * (4 * middle**2 - 3)
    bend = b * sin_s * (middle + b / 4 * (cos_s * (2 * middle**2 - 1) - far))
    return POLE_M * a * (sigma - bend)
