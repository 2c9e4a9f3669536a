"""What a buyer and those linked to it may stand in for, over all auctions at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from remelt.platform.market import awarding
from remelt.platform.market.contracting import note_paid
from remelt.platform.market.limit_queries import limit_lines
from remelt.platform.market.limits import exposures, limit_of, set_limit
from remelt.platform.parties.people import join
from tests.auctions import AuctionWorld
from tests.market import AUCTION, FIXED, a_contract

LOT_FEN = 3_000_000  # two tonnes at 15,000 yuan


@pytest.fixture
def world(store, clock, tmp_path):
    return AuctionWorld(store, clock, tmp_path / "keys")


def limit(world, buyer, fen):
    with world.store.write() as session:
        set_limit(
            session, clock=world.clock, organisation_id=buyer.organisation.key, limit_fen=fen,
            reason="annual review", person_id=world.seller.person.key,
        )  # fmt: skip


def standing(world, buyer):
    with world.store.read() as session:
        held = exposures(session, organisation_id=buyer.organisation.key)
    return sum(each.amount_fen for each in held)


def test_of_ten_auctions_bid_on_at_once_the_limit_lets_four_through(world):
    buyer = world.buyers[0]
    limit(world, buyer, 4 * LOT_FEN + 1)
    codes = [world.publish(AUCTION) for _ in range(10)]
    together = threading.Barrier(len(codes))

    def place(code):
        together.wait()
        return world.bid(buyer, 15_000, code=code).reason

    with ThreadPoolExecutor(len(codes)) as pool:
        reasons = list(pool.map(place, codes))
    assert sorted(reasons) == [""] * 4 + ["over-credit-limit"] * 6
    assert standing(world, buyer) == 4 * LOT_FEN


def test_linked_organisations_stand_under_one_limit(world, clock):
    one, other, _ = world.buyers
    with world.store.write() as session:
        join(
            session, clock=clock, person_id=one.person.key,
            organisation_id=other.organisation.key, role="smelter",
        )  # fmt: skip
    limit(world, one, LOT_FEN)
    limit(world, other, LOT_FEN)
    first, second = (world.publish(AUCTION) for _ in range(2))
    assert world.bid(one, 15_000, code=first).reason == ""
    assert world.bid(other, 15_000, code=second).reason == "over-credit-limit"
    assert standing(world, one) == standing(world, other) == LOT_FEN


@pytest.mark.parametrize("way", ["rising", "sealed"])
def test_nobody_passes_a_limit_by_offering_in_the_name_of_another_of_its_own(world, clock, way):
    one, other, stranger = world.buyers
    with world.store.write() as session:
        join(
            session, clock=clock, person_id=one.person.key,
            organisation_id=other.organisation.key, role="smelter",
        )  # fmt: skip
    limit(world, one, LOT_FEN)
    world.publish(AUCTION)
    world.bid(one, 15_000)
    if way == "rising":
        world.publish(AUCTION)
        assert world.bid(other, 14_000).reason == "over-credit-limit"
        assert world.bid(stranger, 14_000).reason == ""
        return
    world.sealed()
    world.seal()
    world.send(other, 15_000)
    world.send(stranger, 14_500)
    world.clock.advance(hours=1)
    world.open()
    assert world.contract().buyer_id == stranger.organisation.key


def test_who_is_outbid_may_promise_again(world):
    one, other, _ = world.buyers
    limit(world, one, LOT_FEN)
    first, second = (world.publish(AUCTION) for _ in range(2))
    world.bid(one, 15_000, code=first)
    assert world.bid(one, 15_000, code=second).reason == "over-credit-limit"
    world.bid(other, 15_100, code=first)
    assert world.bid(one, 15_000, code=second).reason == ""


def test_a_raise_of_the_own_offer_takes_the_place_of_the_promise(world):
    buyer = world.buyers[0]
    limit(world, buyer, LOT_FEN)
    world.publish(AUCTION)
    assert world.bid(buyer, 14_000).reason == ""
    assert world.bid(buyer, 15_000).reason == ""
    assert world.bid(buyer, 15_050).reason == "over-credit-limit"
    assert standing(world, buyer) == LOT_FEN


def test_a_contract_weighs_until_it_is_paid(world):
    buyer = world.buyers[0]
    limit(world, buyer, 2 * FIXED.price_fen_per_t)
    with world.store.write() as session:
        made = a_contract(session, clock=world.clock, seller=world.seller, buyer=buyer)
    world.publish(AUCTION)
    assert world.bid(buyer, 14_000).reason == "over-credit-limit"
    with world.store.write() as session:
        note_paid(session, contract_code=made.code, at=world.clock.now())
    assert world.bid(buyer, 14_000).reason == ""


def test_the_newest_limit_counts_and_may_be_lifted(world):
    buyer = world.buyers[0]
    world.publish(AUCTION)
    for fen in (5, 0):
        limit(world, buyer, fen)
        assert world.bid(buyer, 15_000).reason == "over-credit-limit"
    with world.store.read() as session:
        assert limit_of(session, organisation_id=buyer.organisation.key) == 0
        assert [each.limit_fen for each in limit_lines(session)] == [0]
    limit(world, buyer, None)
    assert world.bid(buyer, 15_000).reason == ""
    with world.store.read() as session:
        assert limit_lines(session) == []


def test_a_sealed_bid_beyond_the_limit_is_read_and_refused(world):
    one, other, _ = world.buyers
    limit(world, one, LOT_FEN - 1)
    world.sealed()
    world.seal()
    world.send(one, 15_000)
    world.send(other, 14_000)
    world.clock.advance(hours=2)
    assert len(world.open().read) == 2
    assert world.contract().buyer_id == other.organisation.key


def test_a_closed_auction_that_waits_for_its_award_still_weighs(world):
    buyer = world.buyers[0]
    world.publish(AUCTION)
    world.bid(buyer, 15_000)
    world.clock.advance(hours=2)
    assert standing(world, buyer) == LOT_FEN
    with world.store.write() as session:
        awarding.close_due(session, clock=world.clock)
    assert standing(world, buyer) == LOT_FEN
