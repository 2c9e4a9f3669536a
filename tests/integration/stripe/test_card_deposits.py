"""Deposits of an auction on cards: reserved at entry, let go or taken as the auction decides."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.market import awarding, claiming
from remelt.platform.market.deposits import hold_deposit
from remelt.platform.market.ending import end_due
from remelt.platform.market.kinds import Conditions
from remelt.platform.market.terms_models import Deposit
from remelt.platform.settlement.escrow.due import payouts_due, stands
from remelt.platform.settlement.rails.provider_deposits import hold_online
from remelt.platform.settlement.rails.provider_errors import HoldTooShort
from remelt.platform.settlement.rails.provider_models import PaymentIntentRequest
from tests.auctions import AuctionWorld
from tests.integration.test_award_line import move
from tests.market import AUCTION
from tests.provider import Desk, a_desk

AMOUNT_FEN = 500_000
HOUR_S = 3_600
PRICES = (15_000, 15_500, 15_200)
LINED = Conditions(deposit_fen=AMOUNT_FEN, verify_s=HOUR_S, pay_s=2 * HOUR_S)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk(store: Store, clock: SimulatedClock) -> Iterator[Desk]:
    with a_desk(store, clock) as made:
        yield made
        assert made.peer.twin.tally.violations == []
        assert made.compare_day()["differences"] == 0


@pytest.fixture
def world(desk, tmp_path) -> AuctionWorld:
    return AuctionWorld(desk.store, desk.clock, tmp_path / "keys")


def on_card(world, desk, buyer) -> PaymentIntentRequest:
    """Have a buyer's deposit held on the page of the provider."""
    with world.store.write() as session:
        key = hold_online(
            session, clock=world.clock, listing_code=world.code,
            bidder_id=buyer.organisation.key, person_id=buyer.person.key,
        ).order_key  # fmt: skip
    desk.work()
    desk.turn("pay", session=desk.row(key).rail_ref)
    heard(desk)
    return desk.row(key)


def heard(desk) -> None:
    for _ in range(2):
        desk.pump()
        desk.work()


def entered(world, desk, *, conditions) -> list[PaymentIntentRequest]:
    """An auction in which all three have a deposit on their card; the second offers most."""
    world.publish(AUCTION, conditions=conditions)
    orders = [on_card(world, desk, buyer) for buyer in world.buyers]
    for buyer, yuan in sorted(zip(world.buyers, PRICES, strict=True), key=lambda each: each[1]):
        world.bid(buyer, yuan)
    world.clock.advance(hours=2)
    with world.store.write() as session:
        awarding.close_due(session, clock=world.clock)
    heard(desk)
    return orders


def statuses(desk, orders) -> list[tuple[str, int]]:
    """What the provider says of each hold: its status, and what it took."""
    intents = desk.peer.twin.world.books("acct_platform").kinds["payment_intent"]
    found = [intents[each.rail_ref] for each in orders]
    return [(each["status"], each["amount_received"]) for each in found]


def deposits(world) -> list[Deposit]:
    with world.store.read() as session:
        return list(session.exec(select(Deposit).order_by(Deposit.id)))


def test_who_does_not_win_is_let_go_and_who_wins_is_taken_towards_the_price(world, desk):
    orders = entered(world, desk, conditions=LINED)
    assert statuses(desk, orders) == [("requires_capture", 0)] * 3
    assert {each.state for each in deposits(world)} == {"held"}
    assert desk.money("deposit_held") == 0, "a hold is no money"
    move(world, "verified")
    contract = move(world, "paid")
    heard(desk)
    assert statuses(desk, orders) == [("canceled", 0), ("succeeded", AMOUNT_FEN), ("canceled", 0)]
    with world.store.read() as session:
        assert stands(session, "escrow", contract.code) == -AMOUNT_FEN
        winner = world.buyers[1].organisation.key
        assert stands(session, "deposit_paid", world.code, of=winner) == AMOUNT_FEN
        assert payouts_due(session) == [], "nothing is paid back that never came"


def test_who_does_not_pay_in_time_is_taken_at_the_claim_and_lost_uncontested(world, desk):
    orders = entered(world, desk, conditions=LINED)
    move(world, "verified")
    world.clock.advance(hours=2)
    end_due(world.store, clock=world.clock)
    assert statuses(desk, orders)[1] == ("requires_capture", 0)
    with world.store.write() as session:
        claiming.claim(
            session, clock=world.clock, listing_code=world.code, place=1,
            seller_id=world.seller.organisation.key, person_id=world.seller.person.key,
        )  # fmt: skip
    heard(desk)
    assert statuses(desk, orders)[1] == ("succeeded", AMOUNT_FEN)
    assert desk.money("deposit_held") == -AMOUNT_FEN, "held like one that came by bank"
    world.clock.advance(days=4)
    end_due(world.store, clock=world.clock)
    heard(desk)
    with world.store.read() as session:
        (due,) = [each for each in payouts_due(session) if each.purpose == "forfeited"]
        assert (due.amount_fen, due.payee_id) == (AMOUNT_FEN, world.seller.organisation.key)
        assert stands(session, "loss", of=world.buyers[1].organisation.key) == AMOUNT_FEN


def test_a_card_that_lets_go_before_the_end_leaves_no_deposit(world, desk):
    world.publish(AUCTION, conditions=Conditions(deposit_fen=AMOUNT_FEN))
    held = on_card(world, desk, world.buyers[0])
    assert world.bid(world.buyers[0], 15_000).verdict == "accepted"
    desk.peer.client.v1.payment_intents.cancel(held.rail_ref)
    heard(desk)
    assert [(each.state, each.reserved) for each in deposits(world)] == [("released", True)]
    assert world.bid(world.buyers[0], 15_600).verdict == "rejected"


def test_a_deposit_that_came_by_bank_meanwhile_frees_the_card(world, desk):
    world.publish(AUCTION, conditions=Conditions(deposit_fen=AMOUNT_FEN))
    buyer = world.buyers[0]
    with world.store.write() as session:
        order = hold_online(
            session, clock=world.clock, listing_code=world.code,
            bidder_id=buyer.organisation.key, person_id=buyer.person.key,
        )  # fmt: skip
        key = order.order_key
    desk.work()
    with world.store.write() as session:
        hold_deposit(
            session, clock=world.clock, deposit_id=deposits(world)[0].key,
            person_id=world.seller.person.key,
        )  # fmt: skip
    desk.turn("pay", session=desk.row(key).rail_ref)
    heard(desk)
    assert statuses(desk, [desk.row(key)]) == [("canceled", 0)]
    assert [(each.state, each.reserved) for each in deposits(world)] == [("held", False)]


def test_an_auction_that_ends_after_the_card_lets_go_takes_none(world):
    late = world.clock.now() + timedelta(days=6, hours=1)
    world.publish(AUCTION, conditions=Conditions(deposit_fen=AMOUNT_FEN), closes_at=late)
    with world.store.write() as session, pytest.raises(HoldTooShort):
        hold_online(
            session, clock=world.clock, listing_code=world.code,
            bidder_id=world.buyers[0].organisation.key, person_id=world.buyers[0].person.key,
        )  # fmt: skip
