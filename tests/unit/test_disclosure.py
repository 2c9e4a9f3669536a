"""The public learns a class of mass, never the grams of a purchase."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remelt.traceability.passports.disclosure import TONNE_G, band, is_product, public
from remelt.traceability.rules.footprint import footprint
from remelt.traceability.rules.states import State, born, merged, resized
from tests.loop import CANS, CLIPS

MASSES = st.integers(10_000, 2_000_000_000)


@pytest.mark.parametrize(
    ("mass_g", "from_g", "below_g"),
    [
        (0, 0, 100_000),
        (99_999, 0, 100_000),
        (100_000, 100_000, 1_000_000),
        (4_387_123, 1_000_000, 10_000_000),
        (10_000_000, 10_000_000, 100_000_000),
        (5_000_000_000, 1_000_000_000, None),
    ],
)
def test_a_class_is_a_power_of_ten(mass_g, from_g, below_g):
    assert (band(mass_g).from_g, band(mass_g).below_g) == (from_g, below_g)


@given(MASSES, MASSES)
def test_a_claimed_purchase_tells_no_grams_either(one_g, other_g):
    claimed = [replace(born(CANS, mass_g), claimed_g=mass_g) for mass_g in (one_g, other_g)]
    assert public(claimed[0]) == public(claimed[1])


@given(MASSES, MASSES)
def test_a_purchase_of_any_mass_tells_the_same(one_g, other_g):
    assert public(born(CANS, one_g)) == public(born(CANS, other_g))


@given(st.integers(1, 9_999), MASSES, st.integers(0, 5_000_000), st.integers(0, 5_000_000))
def test_every_mass_from_ten_kilograms_on_could_stand_behind_the_figures(
    share_bp, mass_g, hub_g, transport_g
):
    """For each figure told, another mass has a whole number of grams that rounds to it."""
    cans_g = mass_g * share_bp // 10_000
    state = State(
        mass_g=mass_g,
        classes={"post_consumer": cans_g, "pre_consumer": mass_g - cans_g},
        track={"520102": mass_g},
        elements={"Al": mass_g * 1_000},
        co2e={"hub": hub_g, "transport": transport_g},
        primary_data_g=transport_g,
    )
    told = public(state)
    assert told.holds()
    assert told.mass_g == TONNE_G
    for amount in (*told.classes.values(), *told.co2e.values(), told.primary_data_g):
        guess_g = 10_007
        near = round(amount * guess_g / TONNE_G)
        assert abs(near * TONNE_G / guess_g - amount) <= 100


def test_sums_and_ratios_stay():
    mixed = merged([born(CANS, 1_234_567), born(CLIPS, 7_654_321)])
    told = public(mixed)
    assert told.holds()
    assert told.classes == {"post_consumer": 138_900, "pre_consumer": 861_100}
    measured = State(mass_g=3, co2e={"hub": 70_001, "transport": 3}, primary_data_g=70_004)
    primary, known = footprint(public(measured)).primary_data
    assert primary == known


def test_only_metal_that_was_melted_tells_its_mass():
    scrap = born(CANS, 4_000_000)
    cast = State(mass_g=4_000_000, melted_g=4_000_000)
    assert not is_product(scrap, role="product")
    assert is_product(cast, role="product")
    assert not is_product(cast, role="dross")
    assert not is_product(merged([cast, born(CANS, 1)]), role="product")
    assert is_product(State(), role="product")
    assert public(cast) == cast
    assert public(cast, role="dross").mass_g == TONNE_G
    assert public(resized(scrap, 9)).mass_g == TONNE_G
