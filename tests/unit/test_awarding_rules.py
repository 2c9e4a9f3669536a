"""The score of an offer, the line of the cascade, and the limit of credit; no database."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from remelt.platform.market.cascade import (
    STEPS,
    Fact,
    Standing,
    Terms,
    current,
    may,
    overdue,
    standings,
)
from remelt.platform.market.credit import Exposure, commitment_fen, headroom_fen
from remelt.platform.market.score import Quote, Rates, rank, score
from tests.market import NOON

HOUR = timedelta(hours=1)
BOTH = Terms(verify_s=3600, pay_s=7200)


def states(facts, terms=BOTH):
    return [each.state for each in standings(facts, terms=terms, began_at=NOON)]


def told(*steps):
    return [Fact(step, NOON + HOUR * hours) for step, hours in steps]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([[], [], []], ["verification", "waiting", "waiting"]),
        ([told(("verified", 0)), [], []], ["payment", "waiting", "waiting"]),
        ([told(("verified", 0), ("paid", 1)), [], []], ["active", "waiting", "waiting"]),
        ([told(("failed", 1)), [], []], ["unsuccessful", "verification", "waiting"]),
        ([told(("verified", 0), ("failed", 2)), told(("verified", 3)), []],
         ["unsuccessful", "payment", "waiting"]),
        ([told(("failed", 1)), told(("withdrawn", 0)), []],
         ["unsuccessful", "withdrawn", "verification"]),
        ([told(("failed", 1)), told(("failed", 2)), told(("failed", 3))], ["unsuccessful"] * 3),
        ([[], told(("withdrawn", 0)), []], ["verification", "withdrawn", "waiting"]),
    ],
)  # fmt: skip
def test_the_line_moves_up(facts, expected):
    assert states(facts) == expected


def test_without_terms_the_best_offer_is_active_at_once():
    assert Terms().at_once
    assert states([[], []], Terms()) == ["active", "waiting"]


def test_a_turn_begins_when_the_place_before_failed():
    found = standings([told(("failed", 5)), []], terms=BOTH, began_at=NOON)
    assert found[1].due_at == NOON + 6 * HOUR
    gone = standings([told(("failed", 5)), told(("withdrawn", 1)), []], terms=BOTH, began_at=NOON)
    assert gone[2].due_at == NOON + 6 * HOUR


def test_payment_is_due_after_the_verification():
    found = standings([told(("verified", 0.5))], terms=BOTH, began_at=NOON)
    assert found[0].due_at == NOON + 2.5 * HOUR


def test_who_is_overdue_is_at_the_moment_itself():
    found = standings([[]], terms=BOTH, began_at=NOON)
    assert overdue(found, now=NOON + HOUR - timedelta(microseconds=1)) is None
    assert overdue(found, now=NOON + HOUR) == found[0]


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("verification", {"verified", "failed"}),
        ("payment", {"paid", "failed"}),
        ("waiting", {"withdrawn"}),
        ("active", set()),
        ("unsuccessful", set()),
        ("withdrawn", set()),
    ],
)
def test_what_may_happen_to_a_place(state, steps):
    assert {step for step in STEPS if may(step, Standing(1, state), now=NOON)} == steps


def test_what_comes_too_late_is_not_taken():
    due = Standing(1, "payment", NOON)
    assert not may("paid", due, now=NOON)
    assert may("failed", due, now=NOON)


def test_at_most_one_place_has_its_turn_and_nobody_behind_it_is_asked():
    kinds = [[], told(("verified", 1)), told(("verified", 1), ("paid", 2)), told(("failed", 2)),
             told(("withdrawn", 1))]  # fmt: skip
    for facts in product(kinds, repeat=3):
        found = standings(facts, terms=BOTH, began_at=NOON)
        turn = [e for e in found if e.state in {"verification", "payment", "active"}]
        assert len(turn) <= 1
        assert current(found) == (turn[0] if turn else None)
        ended = {"unsuccessful", "withdrawn"}
        for each in found:
            if each.state == "waiting":
                assert any(e.place < each.place for e in turn)
            elif turn and each.place < turn[0].place:
                assert each.state in ended


PRICES = some.integers(1, 100_000_000)
QUOTES = some.builds(
    Quote, price_fen_per_t=PRICES, tax_included=some.booleans(),
    vat_rate_bp=some.integers(0, 10_000), road_m=some.none() | some.integers(0, 3_000_000),
    co2e_g_per_t=some.integers(0, 20_000_000), penalty_fen_per_t=some.integers(0, 10_000_000),
    recovery_bp=some.integers(1, 10_000),
)  # fmt: skip
RATES = some.builds(
    Rates, side=some.sampled_from(["sale", "purchase"]),
    freight_fen_per_tkm=some.integers(0, 1_000), co2e_g_per_tkm=some.integers(0, 500),
    carbon_fen_per_t=some.integers(0, 100_000), recovers_vat=some.booleans(),
)  # fmt: skip


@given(QUOTES, RATES)
def test_the_lines_of_a_score_add_up(quote, rates):
    found = score(quote, rates=rates)
    assert sum(line.fen_per_t for line in found.lines) == found.gross_fen_per_t
    assert found.complete == (quote.road_m is not None)
    scaled = found.recovered_fen_per_t * quote.recovery_bp - found.gross_fen_per_t * 10_000
    if rates.side == "sale":
        assert -quote.recovery_bp < scaled <= 0
    else:
        assert 0 <= scaled < quote.recovery_bp


@given(QUOTES, RATES)
def test_what_burdens_an_offer_never_helps_it(quote, rates):
    plain = Quote(
        price_fen_per_t=quote.price_fen_per_t, tax_included=quote.tax_included,
        vat_rate_bp=quote.vat_rate_bp, recovery_bp=quote.recovery_bp,
    )  # fmt: skip
    burdened, free = (score(each, rates=rates) for each in (quote, plain))
    assert rank(burdened, side=rates.side, seq=1) >= rank(free, side=rates.side, seq=1)


def test_an_invoice_price_and_a_bare_price_meet_net_of_tax():
    rates = Rates(side="sale")
    with_tax = Quote(price_fen_per_t=1_695_000, tax_included=True, vat_rate_bp=1_300)
    bare = Quote(price_fen_per_t=1_500_000, tax_included=False, vat_rate_bp=0)
    assert (
        score(with_tax, rates=rates).recovered_fen_per_t
        == score(bare, rates=rates).recovered_fen_per_t
    )


def test_recovery_turns_the_order_of_two_sellers():
    rates = Rates(side="purchase")
    cheap = Quote(price_fen_per_t=1_300_000, tax_included=False, vat_rate_bp=0, recovery_bp=8_000)
    clean = Quote(price_fen_per_t=1_400_000, tax_included=False, vat_rate_bp=0, recovery_bp=9_500)
    ranked = sorted(
        [(rank(score(each, rates=rates), side="purchase", seq=n), n)
         for n, each in enumerate((cheap, clean))]
    )  # fmt: skip
    assert [n for _, n in ranked] == [1, 0]


def test_the_limit_is_of_what_stands_elsewhere():
    held = [Exposure("A", 1, 300), Exposure("B", 2, 500)]
    assert headroom_fen(700, held) == -100
    assert headroom_fen(700, held, beside="A") == 200


@given(PRICES, some.integers(1, 10_000_000_000))
def test_a_promise_is_never_rounded_down(price, mass):
    assert 0 <= commitment_fen(price, mass_g=mass) * 1_000_000 - price * mass < 1_000_000
