"""Counter-offers over a fixed price: in turn, until they expire, and one contract."""

from datetime import timedelta

import pytest

from remelt.platform.market.errors import (
    AlreadySold,
    ListingIsWithdrawn,
    NotAtFixedPrice,
    OwnListing,
)
from remelt.platform.market.listings import withdraw
from remelt.platform.market.proposals import haggling
from remelt.platform.market.proposals.errors import (
    BadExpiry,
    NoSuchProposal,
    NotYourTurn,
    ProposalOver,
    ProposalStands,
    SamePrice,
)
from remelt.platform.market.proposals.haggling import Named
from remelt.platform.market.proposals.queries import exchanges
from tests.auctions import AuctionWorld
from tests.market import AUCTION, FIXED


@pytest.fixture
def world(store, clock, tmp_path):
    made = AuctionWorld(store, clock, tmp_path)
    made.publish(FIXED)
    return made


def named(world, yuan, *, minutes=30):
    with world.store.read() as session:
        now = world.clock.now(session)
    return Named(price_fen_per_t=yuan * 100, expires_at=now + timedelta(minutes=minutes))


def propose(world, yuan, *, buyer=None, minutes=30):
    who = buyer or world.buyers[0]
    with world.store.write() as session:
        return haggling.propose(
            session, clock=world.clock, listing_code=world.code, buyer_id=who.organisation.key,
            person_id=who.person.key, deliver_to_site_id=who.site.key,
            named=named(world, yuan, minutes=minutes),
        ).code  # fmt: skip


def act(world, what, code, party, *, yuan=None):
    said = {"clock": world.clock, "proposal_code": code, "organisation_id": party.organisation.key}
    if what is not haggling.decline:
        said["person_id"] = party.person.key
    if yuan is not None:
        said["named"] = named(world, yuan, minutes=10)
    with world.store.write() as session:
        return what(session, **said)


def seen(world, party):
    with world.store.read() as session:
        found = exchanges(
            session, organisation_id=party.organisation.key, now=world.clock.now(session)
        )
    return [(each.state, each.side, each.mine, each.last.price_fen_per_t) for each in found]


def test_two_sides_meet_and_the_lot_is_sold_at_that_price(world):
    buyer = world.buyers[0]
    code = propose(world, 14_000)
    assert seen(world, world.seller) == [("sent", "seller", True, 1_400_000)]
    act(world, haggling.counter, code, world.seller, yuan=14_300)
    assert seen(world, buyer) == [("countered", "buyer", True, 1_430_000)]
    made = act(world, haggling.accept, code, buyer)
    assert (made.buyer_id, made.price_fen_per_t) == (buyer.organisation.key, 1_430_000)
    assert world.state() == "awarded"
    assert seen(world, buyer)[0][0] == "accepted"


def test_nobody_answers_out_of_turn_or_for_another(world):
    code = propose(world, 14_000)
    for what in (haggling.accept, haggling.decline):
        with pytest.raises(NotYourTurn):
            act(world, what, code, world.buyers[0])
        with pytest.raises(NoSuchProposal):
            act(world, what, code, world.buyers[1])
    with pytest.raises(SamePrice):
        act(world, haggling.counter, code, world.seller, yuan=14_000)
    assert seen(world, world.buyers[1]) == []


def test_an_offer_expires_and_the_buyer_may_begin_anew(world):
    code = propose(world, 14_000, minutes=5)
    with pytest.raises(ProposalStands):
        propose(world, 14_100)
    world.clock.advance(minutes=5)
    with pytest.raises(ProposalOver):
        act(world, haggling.accept, code, world.seller)
    again = propose(world, 14_100, minutes=20)
    assert act(world, haggling.accept, again, world.seller).price_fen_per_t == 1_410_000
    with pytest.raises(ProposalOver):
        act(world, haggling.accept, code, world.seller)


def test_a_declined_exchange_is_over(world):
    code = propose(world, 14_000)
    act(world, haggling.decline, code, world.seller)
    with pytest.raises(ProposalOver):
        act(world, haggling.accept, code, world.seller)
    propose(world, 14_200)


def test_with_the_lot_the_other_exchanges_end(world):
    first, second = (propose(world, 14_000 + n, buyer=world.buyers[n]) for n in range(2))
    act(world, haggling.counter, first, world.seller, yuan=14_500)
    act(world, haggling.accept, second, world.seller)
    assert seen(world, world.buyers[0]) == [("expired", "buyer", False, 1_450_000)]
    for what, yuan in ((haggling.counter, 14_400), (haggling.accept, None)):
        with pytest.raises(AlreadySold):
            act(world, what, first, world.buyers[0], yuan=yuan)


def test_what_was_taken_back_is_haggled_over_no_more(world):
    code = propose(world, 14_000)
    with world.store.write() as session:
        withdraw(
            session, clock=world.clock, listing_code=world.code,
            seller_id=world.seller.organisation.key, person_id=world.seller.person.key,
        )  # fmt: skip
    assert seen(world, world.seller)[0][0] == "expired"
    with pytest.raises(ListingIsWithdrawn):
        act(world, haggling.counter, code, world.seller, yuan=14_300)


def test_of_two_buyers_the_lot_goes_to_one(world):
    first, second = (propose(world, 14_000 + n, buyer=world.buyers[n]) for n in range(2))
    act(world, haggling.accept, second, world.seller)
    with pytest.raises((AlreadySold, ProposalOver)):
        act(world, haggling.accept, first, world.seller)


@pytest.mark.parametrize("minutes", [4, 61, 43_201])
def test_an_offer_stands_neither_too_short_nor_past_the_listing(world, minutes):
    with pytest.raises(BadExpiry):
        propose(world, 14_000, minutes=minutes)


def test_counter_offers_are_for_fixed_prices_and_other_sellers(world):
    with pytest.raises(OwnListing):
        propose(world, 14_000, buyer=world.seller)
    world.publish(AUCTION)
    with pytest.raises(NotAtFixedPrice):
        propose(world, 14_000)
