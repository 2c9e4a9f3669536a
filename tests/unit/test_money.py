"""Money is whole fen, halves rounded up, and the database says the same."""

import sqlite3
from contextlib import closing
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remelt.platform.kernel.money import amount_check, amount_fen, share_half_up
from remelt.platform.settlement.rules import Weighed

MASSES = st.integers(0, 10_000_000_000)
PRICES = st.integers(0, 100_000_000)


@given(MASSES, PRICES)
def test_an_amount_is_the_exact_product_half_a_fen_rounded_up(mass_g: int, price: int):
    exact = Fraction(mass_g * price, 1_000_000)
    assert amount_fen(mass_g, price_fen_per_t=price) == floor(exact + Fraction(1, 2))
    assert abs(amount_fen(mass_g, price_fen_per_t=price) - exact) <= Fraction(1, 2)


@given(MASSES, PRICES)
def test_the_database_works_out_the_same_amount(mass_g: int, price: int):
    amount = amount_fen(mass_g, price_fen_per_t=price)
    check = amount_check(str(mass_g), str(price), str(amount))
    with closing(sqlite3.connect(":memory:")) as connection:
        assert connection.execute(f"SELECT {check}").fetchone() == (1,)


@given(MASSES, MASSES, PRICES)
def test_more_mass_never_costs_less(one: int, other: int, price: int):
    low, high = sorted((one, other))
    assert amount_fen(low, price_fen_per_t=price) <= amount_fen(high, price_fen_per_t=price)


@pytest.mark.parametrize(
    ("mass_g", "price", "fen"),
    [(89_585_100, 1_765_360, 158_149_952), (500_000, 1, 1), (499_999, 1, 0), (1_500_000, 1, 2)],
)
def test_worked_amounts(mass_g: int, price: int, fen: int):
    assert amount_fen(mass_g, price_fen_per_t=price) == fen


@given(MASSES, st.integers(0, 10_000))
def test_a_share_never_exceeds_the_whole(value: int, share_bp: int):
    assert 0 <= share_half_up(value, share_bp=share_bp) <= value


def test_negative_money_is_no_money():
    with pytest.raises(ValueError, match="at least zero"):
        amount_fen(-1, price_fen_per_t=1)
    with pytest.raises(ValueError, match="at least zero"):
        share_half_up(1, share_bp=-1)


def test_a_settled_line_is_payable_mass_times_price():
    line = Weighed(lot_code="L", net_g=91_460_000, deducted_g=1_874_900, price_fen_per_t=1_765_360)
    assert (line.payable_g, line.amount_fen) == (89_585_100, 158_149_952)
