"""Between the end of an auction and a contract: deposits, and the next in line when one fails."""

from dataclasses import replace

import pytest

from remelt.platform.kernel import outbox
from remelt.platform.market import awarding, claiming, queries
from remelt.platform.market.award_errors import (
    AnswerMissing,
    AwardPending,
    CauseMissing,
    DecidedTooLate,
    DepositHeld,
    DepositMissing,
    NoDepositAsked,
    NotInLine,
    NotToClaim,
    NotToContest,
    NotToRule,
)
from remelt.platform.market.claiming import contested_deposits
from remelt.platform.market.deposits import (
    deposit_of,
    hold_deposit,
    tell_deposit,
    waiting_deposits,
)
from remelt.platform.market.ending import end_due
from remelt.platform.market.errors import BidsStand, NoSuchListing, NothingToAward, OwnListing
from remelt.platform.market.house import HouseRules
from remelt.platform.market.kinds import Conditions
from remelt.platform.market.lining import leave_line, move_place
from remelt.platform.market.listings import publish, withdraw
from remelt.platform.market.offerings import offering
from remelt.platform.market.places import late_lines, line_of
from remelt.platform.market.terms import terms_of
from remelt.platform.parties.notices import inbox
from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.ledger.posting import book
from remelt.platform.settlement.ledger.reading import balance_of
from remelt.web.told_awards import remind
from tests.auctions import AuctionWorld
from tests.market import AUCTION, a_draft, auction_of

PRICES = (15_000, 15_500, 15_200)
HOUR_S = 3_600


@pytest.fixture
def world(store, clock, tmp_path):
    return AuctionWorld(store, clock, tmp_path / "keys")


def held(world, *, conditions):
    """An auction with deposits in which all three buyers bid; the second offered most."""
    world.publish(AUCTION, conditions=conditions)
    for buyer, yuan in sorted(zip(world.buyers, PRICES, strict=True), key=lambda each: each[1]):
        if conditions.deposit_fen:
            lay_down(world, buyer)
        world.bid(buyer, yuan)
    world.clock.advance(hours=2)
    with world.store.write() as session:
        awarding.close_due(session, clock=world.clock)


def lay_down(world, buyer):
    said = {"clock": world.clock, "listing_code": world.code}
    with world.store.write() as session:
        told = tell_deposit(
            session, **said, bidder_id=buyer.organisation.key, person_id=buyer.person.key
        )
    with world.store.write() as session:
        hold_deposit(
            session, clock=world.clock, deposit_id=told.key, person_id=world.seller.person.key
        )


def move(world, step, *, cause=""):
    with world.store.write() as session:
        return move_place(
            session, clock=world.clock, listing_code=world.code, step=step, cause=cause,
            seller_id=world.seller.organisation.key, person_id=world.seller.person.key,
        )  # fmt: skip


def leave(world, buyer):
    with world.store.write() as session:
        leave_line(
            session, clock=world.clock, listing_code=world.code,
            bidder_id=buyer.organisation.key, person_id=buyer.person.key,
        )  # fmt: skip


def line(world):
    """Who stands where: the buyer's number and the state of each place."""
    ids = [buyer.organisation.key for buyer in world.buyers]
    with world.store.read() as session:
        found = line_of(session, offering(session, code=world.code).auction)
        return [(ids.index(each.bid.bidder_id), each.standing.state) for each in found]


def deposits(world):
    with world.store.write() as session:
        key = offering(session, code=world.code).auction.key
        kept = [
            deposit_of(session, auction_id=key, bidder_id=each.organisation.key)
            for each in world.buyers
        ]
        there = [each for each in kept if each and each.held_at and not each.ended_at]
        held_fen = sum(each.amount_fen for each in there)
        assert entered(session, None, "deposit_held", world.code) == -held_fen
        for each, buyer in zip(kept, world.buyers, strict=True):
            laid = each and each.held_at and each.state not in {"released", "forfeited"}
            assert entered(session, buyer.organisation.key, "deposit_paid", world.code) == (
                each.amount_fen if each and laid else 0
            )
    return [each.state if each else "" for each in kept]


def entered(session, organisation_id: int | None, kind: str, subject: str) -> int:
    """What an account stands at in the book of money."""
    return balance_of(
        session,
        book_id=book(session, organisation_id=organisation_id),
        account=Account(kind, subject),
    )


DEMANDING = Conditions(deposit_fen=500_000, verify_s=HOUR_S, pay_s=2 * HOUR_S)


def test_a_winner_that_is_verified_and_pays_gets_the_contract(world):
    held(world, conditions=DEMANDING)
    assert line(world) == [(1, "verification"), (2, "waiting"), (0, "waiting")]
    assert world.state() == "closed"
    assert move(world, "verified") is None
    assert line(world)[0] == (1, "payment")
    made = move(world, "paid")
    assert made.buyer_id == world.buyers[1].organisation.key
    assert world.state() == "awarded"
    assert deposits(world) == ["released", "applied", "released"]


def test_the_next_in_line_is_asked_when_the_winner_fails(world):
    held(world, conditions=DEMANDING)
    with pytest.raises(CauseMissing):
        move(world, "failed")
    move(world, "failed", cause="No licence for the site")
    assert line(world) == [(1, "unsuccessful"), (2, "verification"), (0, "waiting")]
    assert deposits(world) == ["held", "released", "held"]
    move(world, "verified")
    assert move(world, "paid").price_fen_per_t == 1_520_000


def unpaid(world):
    """The second buyer won, was verified, and the time to pay ran out with nothing seen."""
    held(world, conditions=DEMANDING)
    move(world, "verified")
    world.clock.advance(hours=2)
    end_due(world.store, clock=world.clock)


def claim(world, *, place=1, seller=None):
    who = seller or world.seller
    with world.store.write() as session:
        return claiming.claim(
            session, clock=world.clock, listing_code=world.code, place=place,
            seller_id=who.organisation.key, person_id=who.person.key,
        ).state  # fmt: skip


def contest(world, buyer, *, because="Transferred on 2 March, see the slip"):
    with world.store.write() as session:
        return claiming.contest(
            session, clock=world.clock, listing_code=world.code, because=because,
            bidder_id=buyer.organisation.key, person_id=buyer.person.key,
        ).state  # fmt: skip


def rule(world, *, forfeited):
    with world.store.write() as session:
        return claiming.rule(
            session, clock=world.clock, listing_code=world.code, forfeited=forfeited,
            bidder_id=world.buyers[1].organisation.key, person_id=world.seller.person.key,
        ).state  # fmt: skip


def told(world, party):
    with world.store.read() as session:
        return [row.kind for row in inbox(session, organisation_id=party.organisation.key)][::-1]


def test_who_does_not_pay_in_time_loses_the_turn(world):
    held(world, conditions=DEMANDING)
    move(world, "verified")
    world.clock.advance(hours=2)
    with pytest.raises(NotInLine):
        move(world, "paid")
    end_due(world.store, clock=world.clock)
    assert line(world)[:2] == [(1, "unsuccessful"), (2, "verification")]
    with world.store.read() as session:
        moved = [row.body for row in outbox.after(session, names=["place-moved"])]
    assert [(each["stood"], each["by_clock"]) for each in moved] == [
        ("verification", False), ("payment", True),
    ]  # fmt: skip


def test_a_seller_that_says_nothing_about_the_payment_gets_no_deposit(world):
    unpaid(world)
    assert deposits(world) == ["held", "unpaid", "held"]
    world.clock.advance(seconds=3 * 24 * HOUR_S - 1)
    end_due(world.store, clock=world.clock)
    assert deposits(world)[1] == "unpaid"
    world.clock.advance(seconds=1)
    with pytest.raises(NotToClaim):
        claim(world)
    end_due(world.store, clock=world.clock)
    assert deposits(world)[1] == "released"
    assert told(world, world.buyers[1])[-2:] == ["paid-late", "deposit-released"]


def test_a_claim_that_nobody_contests_forfeits_the_deposit(world):
    unpaid(world)
    with pytest.raises(NoSuchListing):
        claim(world, seller=world.buyers[0])
    for place in (2, 9):
        with pytest.raises(NotToClaim):
            claim(world, place=place)
    assert [claim(world), claim(world)] == ["claimed", "claimed"]
    world.clock.advance(seconds=3 * 24 * HOUR_S)
    with pytest.raises(NotToContest):
        contest(world, world.buyers[1])
    end_due(world.store, clock=world.clock)
    assert deposits(world)[1] == "forfeited"
    assert "deposit-claimed" in told(world, world.buyers[1])
    assert told(world, world.seller)[-1] == "deposit-forfeited"


@pytest.mark.parametrize("forfeited", [True, False])
def test_on_a_contested_claim_the_operator_rules(world, forfeited):
    unpaid(world)
    with pytest.raises(NotToContest):
        contest(world, world.buyers[1])
    claim(world)
    with pytest.raises(AnswerMissing):
        contest(world, world.buyers[1], because=" ")
    with pytest.raises(NotToContest):
        contest(world, world.buyers[0])
    with pytest.raises(NotToRule):
        rule(world, forfeited=forfeited)
    assert contest(world, world.buyers[1]) == "contested"
    world.clock.advance(seconds=30 * 24 * HOUR_S)
    end_due(world.store, clock=world.clock)
    assert deposits(world)[1] == "contested"
    with world.store.read() as session:
        assert [row.deposit.contest[:11] for row in contested_deposits(session)] == ["Transferred"]
    assert rule(world, forfeited=forfeited) == ("forfeited" if forfeited else "released")
    assert deposits(world)[1] == ("forfeited" if forfeited else "released")
    with pytest.raises(NotToRule):
        rule(world, forfeited=not forfeited)


def test_the_next_winner_and_a_lot_taken_back_leave_the_claim_standing(world):
    unpaid(world)
    move(world, "verified")
    move(world, "paid")
    assert deposits(world) == ["released", "unpaid", "applied"]
    assert claim(world) == "claimed"


def test_a_verification_that_runs_out_costs_no_deposit(world):
    held(world, conditions=DEMANDING)
    world.clock.advance(hours=1)
    with world.store.write() as session:
        awarding.close_due(session, clock=world.clock)
    assert deposits(world) == ["held", "released", "held"]


def test_who_waits_may_leave_and_who_won_may_not(world):
    held(world, conditions=DEMANDING)
    leave(world, world.buyers[2])
    assert deposits(world) == ["held", "held", "released"]
    with pytest.raises(NotInLine):
        leave(world, world.buyers[2])
    with pytest.raises(NotInLine):
        leave(world, world.buyers[1])
    move(world, "failed", cause="Declined the inspection")
    assert line(world) == [(1, "unsuccessful"), (2, "withdrawn"), (0, "verification")]


def test_when_nobody_is_left_the_lot_is_free_again(world):
    held(world, conditions=DEMANDING)
    for _ in range(3):
        move(world, "failed", cause="No licence")
    assert world.state() == "expired"
    assert deposits(world) == ["released"] * 3
    with world.store.read() as session:
        assert not queries.stands_over(session, lot_code=world.lot)
    with pytest.raises(NotInLine):
        move(world, "failed", cause="Again")


def test_only_the_seller_moves_the_line(world):
    held(world, conditions=DEMANDING)
    with world.store.write() as session, pytest.raises(NoSuchListing):
        move_place(
            session, clock=world.clock, listing_code=world.code, step="verified",
            seller_id=world.buyers[1].organisation.key, person_id=world.buyers[1].person.key,
        )  # fmt: skip
    with world.store.write() as session, pytest.raises(AwardPending):
        awarding.award(session, clock=world.clock, listing_code=world.code)


def test_without_a_held_deposit_no_bid_is_taken(world):
    world.publish(AUCTION, conditions=Conditions(deposit_fen=500_000))
    buyer = world.buyers[0]
    refused = world.bid(buyer, 15_000)
    assert (refused.verdict, refused.reason) == ("rejected", DepositMissing.code)
    lay_down(world, buyer)
    assert world.bid(buyer, 15_000).verdict == "accepted"
    with world.store.write() as session, pytest.raises(DepositHeld):
        tell_deposit(
            session, clock=world.clock, listing_code=world.code,
            bidder_id=buyer.organisation.key, person_id=buyer.person.key,
        )  # fmt: skip
    world.publish(AUCTION)
    with world.store.write() as session, pytest.raises(NoDepositAsked):
        tell_deposit(
            session, clock=world.clock, listing_code=world.code,
            bidder_id=buyer.organisation.key, person_id=buyer.person.key,
        )  # fmt: skip


def test_a_plain_auction_with_deposits_frees_the_losers_at_its_close(world):
    held(world, conditions=Conditions(deposit_fen=500_000))
    assert world.contract().buyer_id == world.buyers[1].organisation.key
    assert deposits(world) == ["released", "applied", "released"]


def take_back(world):
    with world.store.write() as session:
        withdraw(
            session, clock=world.clock, listing_code=world.code,
            seller_id=world.seller.organisation.key, person_id=world.seller.person.key,
        )  # fmt: skip


def test_a_lot_that_was_taken_back_has_no_line_any_more(world):
    held(world, conditions=DEMANDING)
    take_back(world)
    assert deposits(world) == ["released"] * 3
    for step in ("verified", "failed"):
        with pytest.raises(NotInLine):
            move(world, step, cause="Taken back")
    with pytest.raises(NotInLine):
        leave(world, world.buyers[2])
    world.clock.advance(hours=1)
    with world.store.write() as session:
        assert awarding.close_due(session, clock=world.clock) == 0
    assert world.state() == "withdrawn"


def test_a_winner_that_was_verified_and_has_to_pay_is_not_sent_away(world):
    held(world, conditions=DEMANDING)
    move(world, "verified")
    with pytest.raises(BidsStand):
        take_back(world)
    assert move(world, "paid").buyer_id == world.buyers[1].organisation.key


def test_money_that_arrives_after_the_end_goes_back_at_once(world):
    world.publish(AUCTION, conditions=Conditions(deposit_fen=500_000))
    buyer = world.buyers[0]
    with world.store.write() as session:
        told = tell_deposit(
            session, clock=world.clock, listing_code=world.code,
            bidder_id=buyer.organisation.key, person_id=buyer.person.key,
        )  # fmt: skip
    world.clock.advance(hours=2)
    with world.store.write() as session:
        awarding.close_due(session, clock=world.clock)
    with world.store.read() as session:
        assert [(row.deposit.id, row.over) for row in waiting_deposits(session)] == [
            (told.id, True)
        ]
    for _ in range(2):
        with world.store.write() as session:
            hold_deposit(
                session, clock=world.clock, deposit_id=told.key, person_id=world.seller.person.key
            )
    assert deposits(world) == ["released", "", ""]
    with world.store.read() as session:
        assert waiting_deposits(session) == []
        ended = [row.body for row in outbox.after(session, names=["deposit-ended"])]
    assert [each["ended_as"] for each in ended] == ["released"]


def test_nobody_lays_a_deposit_down_for_the_own_lot(world):
    world.publish(AUCTION, conditions=Conditions(deposit_fen=500_000))
    with pytest.raises(OwnListing):
        lay_down(world, world.seller)


BY_HAND = replace(AUCTION, auto_award=False)
DECIDE_S = 72 * HOUR_S


def by_hand(world):
    """Bidding is over, the third buyer leads, and the seller decides by hand."""
    world.publish(BY_HAND, conditions=Conditions(deposit_fen=500_000))
    for buyer, yuan in zip(world.buyers, (15_000, 15_100, 15_200), strict=True):
        lay_down(world, buyer)
        world.bid(buyer, yuan)
    world.clock.advance(hours=2)
    end_due(world.store, clock=world.clock)


def award(world):
    with world.store.write() as session:
        return awarding.award(
            session, clock=world.clock, listing_code=world.code,
            seller_id=world.seller.organisation.key, person_id=world.seller.person.key,
        )  # fmt: skip


def test_a_seller_that_never_decides_binds_nobody_for_ever(world):
    by_hand(world)
    assert line(world) == [(2, "verification")]
    leader = world.buyers[2]
    assert (told(world, world.seller), told(world, leader)) == (["decide"], ["turn-verify"])
    world.clock.advance(seconds=DECIDE_S - 25 * HOUR_S)
    remind(world.store, clock=world.clock)
    assert told(world, world.seller) == ["decide"]
    world.clock.advance(seconds=2 * HOUR_S)
    for _ in range(2):
        remind(world.store, clock=world.clock)
    assert told(world, world.seller) == ["decide", "decide-soon"]
    world.clock.advance(seconds=23 * HOUR_S)
    with pytest.raises(DecidedTooLate):
        award(world)
    end_due(world.store, clock=world.clock)
    assert world.state() == "expired"
    assert deposits(world) == ["released"] * 3
    assert told(world, world.seller)[2:] == ["decided-late", "line-ended"]
    assert told(world, leader)[1:] == ["free-again"]
    with pytest.raises(NothingToAward):
        award(world)
    with world.store.read() as session:
        assert not queries.stands_over(session, lot_code=world.lot)


def test_a_seller_decides_up_to_the_last_moment(world):
    by_hand(world)
    world.clock.advance(seconds=DECIDE_S - 1)
    made = award(world)
    assert made.buyer_id == world.buyers[2].organisation.key
    assert award(world).id == made.id
    assert deposits(world) == ["released", "released", "applied"]


def test_how_long_a_seller_may_decide_is_laid_down_when_the_lot_is_published(world):
    draft = a_draft(price=BY_HAND)
    with world.store.write() as session:
        made = publish(
            session, clock=world.clock, seller_id=world.seller.organisation.key,
            person_id=world.seller.person.key, site_id=world.seller.site.key, draft=draft,
            house=HouseRules(decide_s=HOUR_S),
        )  # fmt: skip
        assert terms_of(session, auction_id=auction_of(session, made).key).decide_s == HOUR_S


def test_a_seller_that_decides_by_hand_keeps_the_deposit_of_the_leader_alone(world):
    by_hand(world)
    assert deposits(world) == ["released", "released", "held"]


def test_a_seller_that_decides_by_hand_and_asks_for_payment_verifies_first(world):
    world.publish(BY_HAND, conditions=Conditions(pay_s=HOUR_S))
    world.bid(world.buyers[0], 15_000)
    world.clock.advance(hours=2)
    with world.store.write() as session:
        awarding.close_due(session, clock=world.clock)
    assert line(world) == [(0, "verification")]


def test_lines_that_wait_hold_up_none_that_is_late(world):
    slow = Conditions(verify_s=24 * HOUR_S)
    for conditions in (slow, slow, Conditions(verify_s=HOUR_S)):
        world.publish(AUCTION, conditions=conditions)
        world.bid(world.buyers[0], 15_000)
    world.clock.advance(hours=1)
    with world.store.write() as session:
        assert awarding.close_due(session, clock=world.clock) == 3
    world.clock.advance(hours=1)
    with world.store.write() as session:
        assert late_lines(session, now=world.clock.now(session), limit=1) == [world.code]
        assert awarding.close_due(session, clock=world.clock, limit=1) == 1
    assert world.state() == "expired"
