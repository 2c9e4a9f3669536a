"""Distances: geodesic times a detour factor, and what is known better."""

import pytest

from remelt.routing.matrix import BadPlace, Known, Place, by_geodesic, estimate

QINGZHEN = Place("qingzhen", 26_551_000, 106_472_000)
GUIYANG = Place("guiyang", 26_651_330, 106_626_590)
DEJIANG = Place("dejiang", 28_264_000, 108_117_000)
CHANGSHA = Place("changsha", 28_228_000, 112_939_000)


@pytest.mark.parametrize(
    ("start", "end", "source", "road_km"),
    [
        (QINGZHEN, GUIYANG, "geodesic x 1.45", (27, 28)),
        (GUIYANG, Place("zunyi", 27_725_000, 106_927_000), "geodesic x 1.35", (160, 170)),
        (QINGZHEN, DEJIANG, "geodesic x 1.25", (300, 330)),
        (GUIYANG, CHANGSHA, "geodesic x 1.25", (780, 830)),
    ],
)
def test_the_detour_factor_falls_with_distance(start, end, source, road_km):
    found = estimate(start, end)
    assert found.source == source
    assert road_km[0] * 1000 <= found.distance_m <= road_km[1] * 1000


def test_every_pair_names_its_source():
    matrix = by_geodesic(
        [QINGZHEN, GUIYANG, DEJIANG],
        known={
            ("qingzhen", "guiyang"): Known(31_200, source="odometer"),
            ("dejiang", "guiyang"): Known(None, source="road closed"),
        },
    )
    assert matrix.metres("qingzhen", "guiyang") == 31_200
    assert matrix.source("qingzhen", "guiyang") == "odometer"
    assert matrix.source("guiyang", "qingzhen") == "geodesic x 1.45"
    assert matrix.metres("dejiang", "guiyang") is None
    assert matrix.metres("guiyang", "dejiang") is not None
    assert matrix.source("guiyang", "guiyang") == "same-place"
    assert matrix.seconds("qingzhen", "guiyang") > matrix.seconds("guiyang", "qingzhen")


def test_a_point_off_the_globe_is_refused():
    with pytest.raises(BadPlace):
        by_geodesic([Place("nowhere", 91_000_000, 0)])
    with pytest.raises(BadPlace):
        by_geodesic([Place("nan", float("nan"), 0)])
    with pytest.raises(BadPlace):
        by_geodesic([GUIYANG, GUIYANG])
