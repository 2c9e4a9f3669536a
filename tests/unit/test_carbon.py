"""Factors as integers, and their product in whole grams."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remelt.platform.catalogue.carbon import activity_unit, co2e_g, gas_of, rate
from remelt.platform.catalogue.errors import FactorDoesNotFit, FactorMissing


@dataclass(frozen=True)
class AFactor:
    unit: str = "kgCO2e/kWh"
    value_digits: int | None = 5777
    value_places: int | None = 4
    factor_id: str = "elec_pcf_cn_2024"


@pytest.mark.parametrize(
    ("factor", "unit", "amount", "grams"),
    [
        (AFactor(), "Wh", 1_234_000, 712_882),  # 712,881.8
        (AFactor("kgCO2/Nm3", 2162, 3), "dm3", 60_000, 129_720),  # 60 Nm3: 0.130 t a tonne
        (AFactor("kgCO2e/tkm", 78, 3), "g*m", 1_000_000 * 100_000, 7_800),  # 1 t over 100 km
        (AFactor("tCO2e/t", 151, 1), "g", 1_000_000, 15_100_000),
        (AFactor("kgCO2/kg", 30959, 4), "g", 1_000, 3_096),  # 3,095.9
        (AFactor("tCO2e/t", 5, 1), "g", 1, 0),  # half of a gram goes to the even: 0
        (AFactor("tCO2e/t", 5, 1), "g", 3, 2),  # 1.5 goes to 2
    ],
)
def test_an_activity_times_a_factor_is_whole_grams(factor, unit, amount, grams):
    assert activity_unit(factor) == unit
    assert co2e_g(amount, factor, unit=unit) == grams


@given(st.integers(0, 10**12), st.integers(0, 10**6), st.integers(0, 6))
def test_the_one_rounding_is_within_half_a_gram(amount, digits, places):
    factor = AFactor(value_digits=digits, value_places=places)
    exact = Fraction(amount * digits, 10**places)  # kg a kWh is g a Wh
    assert abs(co2e_g(amount, factor, unit="Wh") - exact) <= Fraction(1, 2)
    assert Fraction(*rate(factor)) == Fraction(digits, 10**places)


def test_a_missing_factor_is_never_zero():
    with pytest.raises(FactorMissing):
        co2e_g(1, AFactor(value_digits=None, value_places=None), unit="Wh")


@pytest.mark.parametrize(("factor", "unit"), [(AFactor(), "g"), (AFactor("kWh/t"), "g")])
def test_a_factor_of_another_activity_is_refused(factor, unit):
    with pytest.raises(FactorDoesNotFit):
        co2e_g(1, factor, unit=unit)


def test_co2_and_co2e_are_told_apart():
    assert [gas_of(unit) for unit in ("kgCO2/kWh", "kgCO2e/kWh", "GJ/t or kWh/t")] == [
        "CO2",
        "CO2e",
        "",
    ]
