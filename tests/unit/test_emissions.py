"""A truck's emission curve is drawn through two published factors."""

import pytest

from remelt.platform.logistics.emissions import Curve, factors_of, line_through
from remelt.traceability.terms import FactorRef


def ref(numerator):
    return FactorRef(
        id="f", edition="2024", numerator=numerator, denominator=100_000, unit="kgCO2e/tkm"
    )


@pytest.mark.parametrize(
    ("half", "full", "payload_g", "curve"),
    [
        (45916, 24776, 3_000_000, (634, 743)),
        (26427, 14849, 8_000_000, (926, 1188)),
        (21116, 12436, 15_000_000, (1302, 1865)),
        (9612, 5988, 30_000_000, (1087, 1796)),
        (10, 20, 1_000_000, (0, 0)),
    ],
)
def test_the_line_meets_both_factors(half, full, payload_g, curve):
    line = line_through(ref(half), ref(full), capacity_g=payload_g)
    assert (line.empty_g_per_km, line.full_g_per_km) == curve
    assert line.empty_g_per_km <= line.full_g_per_km


def test_factors_travel_with_value_id_and_edition():
    line = line_through(ref(26427), ref(14849), capacity_g=8_000_000)
    assert factors_of(line.to_json()) == line.factors
    assert factors_of({}) == ()
    assert Curve(0, 0, ()).to_json()["scope"] == "tank-to-wheel"
