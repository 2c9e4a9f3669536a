"""What a scale says, and what is paid for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remelt.platform.yard.errors import (
    BadDeduction,
    DeductionTooLarge,
    SuccessiveBroken,
    TareNotBelowGross,
    TicketEmpty,
    TooManyLines,
    WeightOutOfRange,
)
from remelt.platform.yard.weights import (
    DEDUCTIONS,
    DeductionGiven,
    check_ticket,
    difference,
    net_of,
    payable,
)

T = 1_000_000


def test_net_is_gross_less_tare():
    assert net_of(gross_g=49_860_000, tare_g=15_420_000) == 34_440_000


@pytest.mark.parametrize(
    ("gross_g", "tare_g", "refusal", "field"),
    [
        (1_000, 1_000, TareNotBelowGross, "tare_kg"),
        (1_000, 2_000, TareNotBelowGross, "tare_kg"),
        (201 * T, 1, WeightOutOfRange, "gross_kg"),
        (5 * T, -1, WeightOutOfRange, "tare_kg"),
    ],
)
def test_a_weighing_that_cannot_be_is_refused(gross_g, tare_g, refusal, field):
    with pytest.raises(refusal) as refused:
        net_of(gross_g=gross_g, tare_g=tare_g)
    assert refused.value.field == field


def test_shares_are_of_the_net_without_packaging_and_add_up():
    found = payable(
        91_460_000,
        deductions=[
            DeductionGiven("moisture", share_bp=70),
            DeductionGiven("packaging", mass_g=60_000),
            DeductionGiven("dirt", share_bp=135),
        ],
    )
    assert found.deducted_g == (639_800, 60_000, 1_233_900)
    assert found.payable_g == 91_460_000 - 60_000 - 639_800 - 1_233_900


@pytest.mark.parametrize(
    "bad",
    [
        DeductionGiven("rust", mass_g=1),
        DeductionGiven("oil"),
        DeductionGiven("oil", mass_g=1, share_bp=1),
        DeductionGiven("oil", mass_g=0),
        DeductionGiven("oil", share_bp=10_001),
        DeductionGiven("packaging", share_bp=100),
    ],
)
def test_a_deduction_of_no_known_kind_or_value_is_refused(bad):
    with pytest.raises(BadDeduction):
        payable(1_000, deductions=[bad])


def test_more_cannot_be_deducted_than_was_weighed():
    with pytest.raises(DeductionTooLarge):
        payable(1_000, deductions=[DeductionGiven("dirt", mass_g=1_001)])


@given(
    st.integers(1, 200 * T),
    st.lists(st.tuples(st.sampled_from(DEDUCTIONS), st.integers(1, 10_000)), max_size=4),
)
def test_payable_is_never_above_net_nor_below_zero(net_g, shares):
    given = [
        DeductionGiven(kind, mass_g=bp)
        if kind == "packaging"
        else DeductionGiven(kind, share_bp=bp)
        for kind, bp in shares
    ]
    try:
        found = payable(net_g, deductions=given)
    except DeductionTooLarge:
        return
    assert 0 <= found.payable_g <= net_g
    assert found.payable_g + sum(found.deducted_g) == net_g


def test_in_succession_each_tare_is_the_next_gross():
    check_ticket([(9 * T, 7 * T), (7 * T, 5 * T)], mode="successive")
    with pytest.raises(SuccessiveBroken) as refused:
        check_ticket([(9 * T, 7 * T), (6 * T, 5 * T)], mode="successive")
    assert refused.value.field == "lines-1-gross_kg"
    check_ticket([(9 * T, 7 * T), (6 * T, 5 * T)], mode="platform")


def test_a_ticket_has_lines_and_not_too_many():
    with pytest.raises(TicketEmpty):
        check_ticket([], mode="platform")
    with pytest.raises(TooManyLines):
        check_ticket([(2, 1)] * 21, mode="platform")


@pytest.mark.parametrize(
    ("weighed_g", "division_g", "within"),
    [
        (100_500, 100, True),
        (100_501, 100, False),
        (100_700, 1_000, True),
        (108_000, 500, False),
    ],
)
def test_tolerance_is_the_larger_of_percentage_and_division(weighed_g, division_g, within):
    found = difference(weighed_g, declared_g=100_000, scale_division_g=division_g)
    assert found.within is within
