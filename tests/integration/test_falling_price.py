"""A falling price, the sealed bids over it, and the taker's last word."""

import pytest

from remelt.platform.market import awarding
from remelt.platform.market.award_errors import NotTheTaker
from remelt.platform.market.errors import BiddingOver, BidTooLow
from remelt.platform.market.kinds import Descending
from remelt.platform.market.sealing.errors import NoEnvelopesNow, OnlyEnvelopesNow
from tests.auctions import AuctionWorld


@pytest.fixture
def world(store, clock, tmp_path):
    return AuctionWorld(store, clock, tmp_path / "keys")


@pytest.fixture
def falling(world):
    """From 16,000 by 100 a minute to 15,000; the seller keeps the half of the key."""
    world.publish(
        Descending(
            start_fen_per_t=1_600_000, floor_fen_per_t=1_500_000, lower_by_fen_per_t=10_000,
            lower_every_s=60, step_fen_per_t=5_000, holder=world.seller.organisation.code,
        )
    )  # fmt: skip
    world.seal()
    return world


def test_the_first_to_take_the_price_pays_what_it_is(falling):
    falling.clock.advance(seconds=150)
    with pytest.raises(BidTooLow):
        falling.offer(falling.buyers[0], 15_799)
    assert falling.offer(falling.buyers[0], 15_900).price_fen_per_t == 1_580_000
    with pytest.raises(OnlyEnvelopesNow):
        falling.offer(falling.buyers[1], 15_800)


def test_a_price_may_be_taken_long_before_it_would_have_fallen(world):
    world.publish(
        Descending(
            start_fen_per_t=1_600_000, floor_fen_per_t=1_000_000, lower_by_fen_per_t=10_000,
            lower_every_s=3_600, step_fen_per_t=5_000,
        )
    )  # fmt: skip
    world.offer(world.buyers[0], 16_000)
    world.clock.advance(hours=1)
    with world.store.write() as session:
        assert awarding.close_due(session, clock=world.clock) == 1
    assert world.contract().price_fen_per_t == 1_600_000


def test_without_a_higher_envelope_the_taker_has_it_at_the_end(falling):
    falling.offer(falling.buyers[0], 16_000)
    falling.clock.advance(hours=1)
    with falling.store.write() as session:
        assert awarding.close_due(session, clock=falling.clock) == 1
    assert falling.contract().buyer_id == falling.buyers[0].organisation.key


def test_a_higher_envelope_wins_unless_the_taker_tops_it(falling):
    taker, other, low = falling.buyers
    falling.offer(taker, 16_000)
    with pytest.raises(NoEnvelopesNow):
        falling.send(taker, 17_000)
    with pytest.raises(BidTooLow):
        falling.send(low, 16_049)
    falling.send(other, 16_400)
    falling.clock.advance(hours=1)
    falling.open()
    with pytest.raises(NotTheTaker):
        falling.offer(other, 17_000)
    with pytest.raises(BidTooLow):
        falling.offer(taker, 16_449)
    falling.offer(taker, 16_450)
    made = falling.contract()
    assert (made.buyer_id, made.price_fen_per_t) == (taker.organisation.key, 1_645_000)


def test_a_taker_that_says_nothing_yields_to_the_best_envelope(falling):
    taker, other, _ = falling.buyers
    falling.offer(taker, 16_000)
    falling.send(other, 16_400)
    falling.clock.advance(hours=1)
    falling.open()
    falling.clock.advance(minutes=15)
    with pytest.raises(BiddingOver):
        falling.offer(taker, 16_450)
    with falling.store.write() as session:
        awarding.close_due(session, clock=falling.clock)
    assert falling.contract().buyer_id == other.organisation.key


def test_a_price_that_nobody_takes_sells_nothing(falling):
    with pytest.raises(NoEnvelopesNow):
        falling.send(falling.buyers[0], 16_400)
    falling.clock.advance(minutes=11)
    with pytest.raises(BiddingOver):
        falling.offer(falling.buyers[0], 15_000)
    with falling.store.write() as session:
        awarding.close_due(session, clock=falling.clock)
    assert falling.state() == "expired"
