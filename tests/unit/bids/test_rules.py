"""Which offers an auction takes, rule by rule and against the oracle; no database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remelt.platform.market.bids.ends import effective_end
from remelt.platform.market.bids.offers import REASONS
from remelt.platform.market.bids.rules import decide
from remelt.platform.market.bids.standing import Bidder, Decision, Price, Standing, Terms
from tests.market import NOON
from tests.oracle import Oracle

MINUTE = timedelta(minutes=1)
TERMS = Terms(
    kind="ascending",
    owner_id=1,
    start_fen_per_t=1_400_000,
    step_fen_per_t=5_000,
    reserve_fen_per_t=0,
    authorised_only=False,
    opens_at=NOON - timedelta(hours=1),
    hard_close_at=NOON + 40 * MINUTE,
    extension=timedelta(seconds=120),
)
STANDING = Standing(closes_at=NOON + 10 * MINUTE)
AT = 1_450_000
FIXED = replace(TERMS, kind="fixed", start_fen_per_t=AT, step_fen_per_t=0)
LED = replace(
    STANDING, count=1, leader_id=7,
    leading_fen_per_t=1_400_000, limit_fen_per_t=1_400_000,
)  # fmt: skip


def offered(
    price: int = 1_400_000,
    *,
    most: int | None = None,
    terms: Terms = TERMS,
    standing: Standing = STANDING,
    **bidder: object,
) -> Decision:
    who = Bidder(**{"id": 2, **bidder})
    return decide(terms, standing, bidder=who, price=Price(price, most or price), now=NOON)


@pytest.mark.parametrize(
    ("terms", "standing", "bidder", "price", "reason"),
    [
        ({}, {}, {"id": 1}, 1_400_000, "own-listing"),
        ({}, {}, {"linked": True}, 1_400_000, "linked-bidder"),
        ({"authorised_only": True}, {}, {}, 1_400_000, "unfit-for-productive-scrap"),
        (
            {"authorised_only": True},
            {},
            {"authorised_to": date(2026, 3, 1)},
            1_400_000,
            "unfit-for-productive-scrap",
        ),
        ({}, {"closes_at": NOON}, {}, 1_400_000, "bidding-over"),
        ({}, {"ended": "bidding-over"}, {}, 1_400_000, "bidding-over"),
        ({"opens_at": NOON + MINUTE}, {}, {}, 1_400_000, "bidding-not-open"),
        ({}, {"ended": "listing-is-withdrawn"}, {}, 1_400_000, "listing-is-withdrawn"),
        ({}, {"ended": "already-sold"}, {}, 1_400_000, "already-sold"),
        ({}, {}, {}, 1_399_999, "bid-too-low"),
        ({}, {}, {}, 1_400_000, ""),
        ({"authorised_only": True}, {}, {"authorised_to": date(2026, 3, 2)}, 1_400_000, ""),
        ({"reserve_fen_per_t": 9_000_000}, {}, {}, 1_400_000, ""),
    ],
)
def test_an_offer_is_answered(terms, standing, bidder, price, reason):
    decision = offered(
        price, terms=replace(TERMS, **terms), standing=replace(STANDING, **standing), **bidder
    )
    line = decision.answer
    assert (len(decision.lines), line.reason) == (1, reason)
    assert (line.least_fen_per_t == 1_400_000) == (reason == "bid-too-low")
    assert decision.standing.count == (reason == "")
    assert bool(decision.standing.leader_id) == (reason == "")
    assert reason == "" or reason in REASONS


@pytest.mark.parametrize(
    ("price", "standing", "reason"),
    [
        (AT, {}, ""),
        (AT + 1, {}, "price-changed"),
        (AT - 1, {}, "price-changed"),
        (AT, {"ended": "already-sold"}, "already-sold"),
    ],
)
def test_a_fixed_price_is_repeated_exactly_and_sells_once(price, standing, reason):
    decision = offered(price, terms=FIXED, standing=replace(STANDING, **standing))
    assert decision.answer.reason == reason
    if not reason:
        assert decision.standing.ended == "already-sold"
        assert offered(AT, terms=FIXED, standing=decision.standing).answer.reason == "already-sold"


def test_a_refusal_never_tells_the_reserve():
    line = offered(1, terms=replace(TERMS, reserve_fen_per_t=1_777_777)).answer
    assert line.least_fen_per_t == 1_400_000


# The leader 7 stands at 14,000 with a limit; 2 offers a price with a limit of its own.
LIMITS = [
    # limit of 7, price and limit of 2 -> who leads, at which price, the answer, lines
    (1_400_000, 1_405_000, 1_405_000, 2, 1_405_000, "", 1),
    (1_400_000, 1_404_999, 1_404_999, 7, 1_400_000, "bid-too-low", 1),
    (1_500_000, 1_405_000, 1_405_000, 7, 1_410_000, "", 2),
    (1_500_000, 1_405_000, 1_495_000, 7, 1_500_000, "", 2),
    (1_500_000, 1_405_000, 1_495_001, 7, 1_500_000, "bid-too-low", 2),
    (1_500_000, 1_405_000, 1_500_000, 7, 1_500_000, "bid-too-low", 2),
    (1_500_000, 1_405_000, 1_504_999, 7, 1_500_000, "bid-too-low", 2),
    (1_500_000, 1_405_000, 1_505_000, 2, 1_505_000, "", 1),
    (1_500_000, 1_405_000, 1_900_000, 2, 1_505_000, "", 1),
    (1_500_000, 1_600_000, 1_900_000, 2, 1_600_000, "", 1),
    (1_500_000, 1_300_000, 1_900_000, 2, 1_505_000, "", 1),
]


@pytest.mark.parametrize(("rival", "price", "most", "leader", "stands", "reason", "lines"), LIMITS)
def test_the_house_answers_up_to_the_leaders_limit(
    rival, price, most, leader, stands, reason, lines
):
    standing = replace(LED, limit_fen_per_t=rival)
    decision = offered(price, most=most, standing=standing)
    after = decision.standing
    assert (after.leader_id, after.leading_fen_per_t) == (leader, stands)
    assert decision.answer.reason == reason
    assert len(decision.lines) == lines
    if reason:
        assert decision.answer.least_fen_per_t == stands + 5_000


def test_a_leader_raises_its_limit_unseen_or_its_price_for_all():
    late = replace(LED, closes_at=NOON + MINUTE)
    unseen = offered(1_400_000, most=1_600_000, standing=late, id=7)
    assert unseen.standing.limit_fen_per_t == 1_600_000
    assert (unseen.standing.leading_fen_per_t, unseen.standing.count) == (1_400_000, 1)
    assert unseen.standing.closes_at == late.closes_at
    seen = offered(1_450_000, standing=unseen.standing, id=7)
    assert (seen.standing.leading_fen_per_t, seen.standing.limit_fen_per_t) == (
        1_450_000,
        1_600_000,
    )
    assert seen.standing.closes_at == NOON + 2 * MINUTE
    assert offered(1_400_000, standing=late, id=7).answer.reason == "bid-too-low"


def test_a_price_is_raised_to_a_reserve_that_its_limit_reaches_and_tells_no_other_limit():
    terms = replace(TERMS, reserve_fen_per_t=1_500_000)
    for most, stands in ((1_499_999, 1_400_000), (1_500_000, 1_500_000), (1_700_000, 1_500_000)):
        decision = offered(1_400_000, most=most, terms=terms)
        assert decision.standing.leading_fen_per_t == stands
    assert offered(1_400_000, terms=terms).standing.leading_fen_per_t == 1_400_000


@pytest.mark.parametrize(
    ("left", "hard", "close"),
    [
        (timedelta(minutes=10), 40, timedelta(minutes=10)),
        (timedelta(seconds=120), 40, timedelta(seconds=120)),
        (timedelta(seconds=119), 40, timedelta(seconds=120)),
        (timedelta(seconds=30), 1, timedelta(minutes=1)),
        (timedelta(seconds=30), 0.5, timedelta(seconds=30)),
    ],
)
def test_a_late_offer_moves_the_end_but_never_past_the_hard_one(left, hard, close):
    end = effective_end(
        NOON + left,
        hard_close_at=NOON + timedelta(minutes=hard),
        extension=timedelta(seconds=120),
        accepted_at=NOON,
    )
    assert end == NOON + close


def test_only_an_accepted_offer_moves_the_end():
    late = replace(LED, closes_at=NOON + MINUTE)
    assert offered(1_404_999, standing=late).standing.closes_at == NOON + MINUTE
    assert offered(1_405_000, standing=late).standing.closes_at == NOON + 2 * MINUTE


def stepped(price: int, *, most: int | None = None, leading: int = 1_400_000, **terms: object):
    """What an offer is answered with where something leads, under other rules of steps."""
    led = replace(LED, leading_fen_per_t=leading, limit_fen_per_t=leading)
    made = offered(price, most=most, terms=replace(TERMS, **terms), standing=led)
    return made.answer.reason, made.answer.least_fen_per_t


def test_the_step_is_that_of_the_band_which_the_price_has_reached():
    bands = ((1_500_000, 10_000), (1_600_000, 20_000))
    assert stepped(1_404_999, bands=bands) == ("bid-too-low", 1_405_000)
    assert stepped(1_509_999, leading=1_500_000, bands=bands) == ("bid-too-low", 1_510_000)
    assert stepped(1_510_000, leading=1_500_000, bands=bands) == ("", 0)
    assert stepped(1_610_000, leading=1_599_999, bands=bands)[0] == ""
    assert stepped(1_619_999, leading=1_600_000, bands=bands) == ("bid-too-low", 1_620_000)


def test_offers_and_limits_are_whole_multiples_of_the_tick():
    assert stepped(1_405_050, tick_fen_per_t=1_000) == ("bid-off-tick", 1_405_000)
    assert stepped(1_406_000, most=1_450_500, tick_fen_per_t=1_000)[0] == "bid-off-tick"
    assert stepped(1_406_000, most=1_450_000, tick_fen_per_t=1_000) == ("", 0)
    assert stepped(1_400_001, tick_fen_per_t=1_000)[0] == "bid-too-low"


def test_an_offer_far_above_the_least_is_taken_for_a_slip_of_the_finger():
    guard = {"most_rise_fen_per_t": 50_000}
    assert stepped(14_050_000, **guard) == ("rise-too-great", 1_405_000)
    assert stepped(1_455_001, **guard) == ("rise-too-great", 1_405_000)
    assert stepped(1_455_000, **guard) == ("", 0)
    assert stepped(1_405_000, most=9_000_000, **guard) == ("", 0)


OFFERS = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3, 4, 5]),
        st.integers(min_value=0, max_value=24),
        st.none() | st.integers(min_value=0, max_value=40),
        st.integers(min_value=0, max_value=150),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=300)
@given(
    offers=OFFERS,
    reserve=st.sampled_from([0, 104, 120]),
    step=st.sampled_from([2, 4, 6]),
    bands=st.sampled_from([(), ((104, 2),), ((106, 8), (118, 4))]),
    tick=st.sampled_from([1, 1, 2]),
    most_rise=st.sampled_from([0, 0, 9]),
)
def test_rules_and_oracle_give_the_same_record(offers, reserve, step, bands, tick, most_rise):
    """Prices from under the start up to many steps above it, over an hour past every close."""
    terms = replace(
        TERMS, start_fen_per_t=100, step_fen_per_t=step, reserve_fen_per_t=reserve,
        hard_close_at=NOON + 20 * MINUTE, bands=bands, tick_fen_per_t=tick,
        most_rise_fen_per_t=most_rise,
    )  # fmt: skip
    standing, now = Standing(closes_at=NOON + 10 * MINUTE), NOON
    oracle = Oracle(
        seller=1, start=100, step=step, closes=standing.closes_at, hard_close=terms.hard_close_at,
        extension=terms.extension, reserve=reserve, linked=frozenset({5}),
        bands=bands, tick=tick, most_rise=most_rise,
    )  # fmt: skip
    lines = []
    for bidder, price, more, wait in offers:
        now += timedelta(seconds=wait)
        asked = Price(95 + price, 95 + price + (more or 0))
        decision = decide(
            terms, standing, bidder=Bidder(bidder, linked=bidder == 5), price=asked, now=now
        )
        standing = decision.standing
        lines += decision.lines
        said = oracle.hear(
            bidder=bidder, price=asked.fen_per_t, limit=asked.limit_fen_per_t, at=now
        )
        assert decision.answer.reason == said
        assert standing.closes_at == oracle.closes <= terms.hard_close_at
    assert [(each.bidder_id, each.price_fen_per_t, each.reason) for each in lines] == oracle.lines
    assert (standing.leading_fen_per_t or None, standing.leader_id or None) == (
        oracle.best,
        oracle.winner,
    )
    assert [each.bidder_id for each in lines if not each.reason][-1:] == [oracle.winner][
        : bool(oracle.winner)
    ]
    assert standing.count == len(oracle.accepted)
    assert oracle.accepted == sorted(set(oracle.accepted))
