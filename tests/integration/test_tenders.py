"""A buyer's reverse auction: sellers of lots that fit a need bid its cost down."""

from datetime import timedelta

import pytest
from sqlmodel import select

from remelt.platform.market import awarding
from remelt.platform.market.bidding import buy_now
from remelt.platform.market.drafts import FixedPrice
from remelt.platform.market.errors import BadTimes, NoSuchListing
from remelt.platform.market.limits import exposures, set_limit
from remelt.platform.market.listings import withdraw
from remelt.platform.market.models import Contract
from remelt.platform.market.needs.errors import NoSuchNeed
from remelt.platform.market.needs.stating import NeedDraft, end_need, state_need
from remelt.platform.market.tenders.answering import Named, bid_down
from remelt.platform.market.tenders.buying import close_due
from remelt.platform.market.tenders.errors import (
    BoundByTender,
    FloorOverPrice,
    NoSuchTender,
    TenderStands,
)
from remelt.platform.market.tenders.inviting import Terms, invite
from remelt.platform.market.tenders.models import Tender
from remelt.platform.market.tenders.queries import tender_room
from tests.market import NOON, a_draft, publish_lot
from tests.parties import a_party

HOUR = timedelta(hours=1)


@pytest.fixture
def world(store, clock):
    return World(store, clock)


class World:
    """A smelter that needs 5 t, and three sellers with 2 t each of a grade that fits."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        with store.write() as session:
            self.buyer = a_party(session, clock=clock, role="smelter")
            self.sellers = [a_party(session, clock=clock, role="collector") for _ in range(3)]
            self.need = state_need(
                session, clock=clock, buyer_id=self.buyer.organisation.key,
                person_id=self.buyer.person.key, site_id=self.buyer.site.key,
                draft=NeedDraft(
                    metal="Al", grades=(("ReMA", "Tutu"),), mass_g=5_000_000,
                    least_lot_g=1_000_000, tax_included=False, vat_rate_bp=0, productive=False,
                    ends_at=NOON + 48 * HOUR,
                ),
            )  # fmt: skip
            self.lots = [
                publish_lot(session, clock=clock, seller=each, draft=self.draft())
                for each in self.sellers
            ]

    def draft(self, **changes):
        facts = {"price": FixedPrice(price_fen_per_t=1_700_000), "closes_at": NOON + 24 * HOUR}
        return a_draft(**(facts | changes))

    def invite(self, **changes):
        facts = {
            "ceiling_fen_per_t": 1_600_000, "step_fen_per_t": 5_000, "closes_at": NOON + HOUR,
        } | changes  # fmt: skip
        with self.store.write() as session:
            return invite(
                session, clock=self.clock, need_code=self.need.code,
                buyer_id=self.buyer.organisation.key, terms=Terms(**facts),
            )  # fmt: skip

    def bid(self, n, yuan, *, lot=None, floor=None):
        with self.store.write() as session:
            return bid_down(
                session, clock=self.clock, need_code=self.need.code,
                listing_code=(lot or self.lots[n]).code,
                seller_id=self.sellers[n].organisation.key,
                person_id=self.sellers[n].person.key,
                named=Named(
                    price_fen_per_t=yuan * 100,
                    floor_fen_per_t=None if floor is None else floor * 100,
                ),
            ).reason  # fmt: skip

    def ladder(self, viewer=None):
        """Who stands at what, the best first: number and yuan."""
        with self.store.read() as session:
            room = tender_room(
                session, need=self.need, viewer_id=(viewer or self.buyer).organisation.key,
                now=self.clock.now(session),
            )  # fmt: skip
        return [(each.number, each.price_fen_per_t // 100) for each in room.ladder], room

    def close(self):
        with self.store.write() as session:
            return close_due(session, clock=self.clock)

    def contract(self):
        with self.store.read() as session:
            return session.exec(select(Contract)).one_or_none()

    def tender(self):
        with self.store.read() as session:
            return session.exec(select(Tender)).one()


def test_the_lowest_offer_sells_at_its_own_price(world):
    world.invite()
    assert world.bid(0, 16_001) == "over-ceiling"
    assert world.bid(0, 15_500) == ""
    assert world.bid(1, 15_480) == "bid-too-dear"
    assert world.bid(1, 15_400) == ""
    assert world.close() == 0
    world.clock.advance(hours=1)
    assert world.bid(0, 15_000) == "bidding-over"
    assert world.close() == 1
    made = world.contract()
    assert made.seller_id == world.sellers[1].organisation.key
    assert made.buyer_id == world.buyer.organisation.key
    assert made.price_fen_per_t == 1_540_000
    assert world.tender().contract_id == made.id
    assert world.close() == 0


def test_only_accepted_offers_extend_the_end_and_never_past_the_last(world):
    world.invite()
    world.bid(0, 15_500)
    world.clock.advance(minutes=59)
    world.bid(1, 15_499)
    assert world.tender().closes_at == NOON + HOUR
    world.bid(1, 15_400)
    assert world.tender().closes_at == NOON + HOUR + timedelta(minutes=1)
    price = 15_300
    while world.bid(0, price) == "":
        world.clock.advance(seconds=100)
        price -= 100
    assert world.tender().closes_at == NOON + HOUR + timedelta(minutes=30)


def test_freight_and_papers_count_against_an_offer(world):
    with world.store.write() as session:
        for party, lat in ((world.buyer, 26_600_000), (world.sellers[0], 26_700_000),
                           (world.sellers[1], 28_600_000)):  # fmt: skip
            site = session.merge(party.site)
            site.lat_e6, site.lon_e6 = lat, 106_700_000
            session.add(site)
        papers = publish_lot(
            session, clock=world.clock, seller=world.sellers[0],
            draft=world.draft(evidence="documented"),
        )  # fmt: skip
    world.invite(freight_fen_per_tkm=50, undocumented_fen_per_t=20_000)
    assert world.bid(1, 15_400) == ""
    assert world.bid(0, 15_450) == ""
    assert world.bid(0, 15_500, lot=papers) == ""


def test_a_lot_that_is_gone_gives_way_to_the_next_offer(world):
    world.invite()
    world.bid(0, 15_500)
    world.bid(1, 15_400)
    with world.store.write() as session:
        other = a_party(session, clock=world.clock, role="smelter")
        buy_now(
            session, clock=world.clock, listing_code=world.lots[1].code,
            buyer_id=other.organisation.key, person_id=other.person.key,
            deliver_to_site_id=other.site.key, price_fen_per_t=1_700_000,
        )  # fmt: skip
    world.clock.advance(hours=1)
    assert world.close() == 1
    with world.store.read() as session:
        made = session.exec(
            select(Contract).where(Contract.buyer_id == world.buyer.organisation.key)
        ).one()
    assert made.seller_id == world.sellers[0].organisation.key


def test_what_does_not_fit_or_is_no_fixed_price_is_refused(world):
    world.invite()
    with world.store.write() as session:
        small = publish_lot(
            session, clock=world.clock, seller=world.sellers[0],
            draft=world.draft(declared_mass_g=900_000),
        )  # fmt: skip
        rising = publish_lot(
            session, clock=world.clock, seller=world.sellers[0],
            draft=a_draft(closes_at=NOON + 24 * HOUR),
        )  # fmt: skip
        short = publish_lot(
            session, clock=world.clock, seller=world.sellers[0],
            draft=world.draft(closes_at=NOON + HOUR),
        )  # fmt: skip
    assert world.bid(0, 15_000, lot=small) == "does-not-fit"
    assert world.bid(0, 15_000, lot=rising) == "not-on-offer"
    assert world.bid(0, 15_000, lot=short) == "not-on-offer"
    with pytest.raises(NoSuchListing):
        world.bid(0, 15_000, lot=world.lots[1])


def test_the_buyers_credit_counts_at_the_end(world):
    world.invite()
    world.bid(0, 15_500)
    with world.store.write() as session:
        set_limit(
            session, clock=world.clock, organisation_id=world.buyer.organisation.key,
            limit_fen=3_099_999, reason="review", person_id=world.buyer.person.key,
        )  # fmt: skip
    world.clock.advance(hours=1)
    assert world.close() == 1
    assert world.contract() is None


def test_one_tender_of_ones_own_need_in_its_time(world):
    with pytest.raises(NoSuchTender):
        world.bid(0, 15_000)
    for closes_at in (NOON + timedelta(minutes=4), NOON + 49 * HOUR):
        with pytest.raises(BadTimes):
            world.invite(closes_at=closes_at)
    with world.store.write() as session, pytest.raises(NoSuchNeed):
        invite(
            session, clock=world.clock, need_code=world.need.code,
            buyer_id=world.sellers[0].organisation.key,
            terms=Terms(ceiling_fen_per_t=1, step_fen_per_t=1, closes_at=NOON + HOUR),
        )  # fmt: skip
    world.invite()
    with pytest.raises(TenderStands):
        world.invite()
    with world.store.write() as session:
        assert awarding.close_due(session, clock=world.clock) == 0


def test_the_house_answers_down_to_the_floor_and_nobody_sees_it(world):
    world.invite()
    assert world.bid(0, 15_500, floor=15_000) == ""
    assert world.bid(1, 15_400) == ""
    told, room = world.ladder(world.sellers[0])
    assert told == [(1, 15_350), (2, 15_400), (1, 15_500)]
    assert (room.leads, room.floor_fen_per_t) == (True, 1_500_000)
    assert world.ladder(world.sellers[1])[1].floor_fen_per_t is None
    assert world.bid(1, 15_020) == "bid-too-dear"
    assert world.ladder()[0][0] == (1, 15_000)
    assert world.bid(1, 14_950) == ""
    with pytest.raises(FloorOverPrice):
        world.bid(2, 14_000, floor=14_001)
    world.clock.advance(hours=1)
    world.close()
    assert world.contract().price_fen_per_t == 1_495_000


def test_a_leader_lowers_its_floor_unseen_and_competes_with_no_lot_of_its_own(world):
    world.invite()
    world.bid(0, 15_500, floor=15_200)
    assert world.bid(0, 15_500, floor=15_000) == ""
    assert world.ladder()[0] == [(1, 15_500)]
    with world.store.write() as session:
        second = publish_lot(
            session, clock=world.clock, seller=world.sellers[0], draft=world.draft()
        )
    assert world.bid(0, 15_480, lot=second) == "bid-too-dear"
    assert world.bid(0, 15_300, lot=second) == ""
    assert world.ladder()[0] == [(1, 15_300), (1, 15_500)]
    assert world.bid(1, 15_250) == ""
    assert world.ladder()[0][0] == (2, 15_250)


def test_an_offer_binds_the_lot_until_the_end_and_the_buyers_credit(world):
    world.invite()
    world.bid(0, 15_500)
    world.bid(1, 15_400)
    for n in (0, 1):
        with world.store.write() as session, pytest.raises(BoundByTender):
            withdraw(
                session, clock=world.clock, listing_code=world.lots[n].code,
                seller_id=world.sellers[n].organisation.key,
                person_id=world.sellers[n].person.key,
            )  # fmt: skip
    with world.store.write() as session, pytest.raises(BoundByTender):
        end_need(
            session, clock=world.clock, need_code=world.need.code,
            buyer_id=world.buyer.organisation.key,
        )  # fmt: skip
    with world.store.read() as session:
        held = exposures(session, organisation_id=world.buyer.organisation.key)
    assert [(each.subject, each.amount_fen) for each in held] == [(world.need.code, 3_080_000)]
    world.clock.advance(hours=1)
    world.close()
    with world.store.write() as session:
        withdraw(
            session, clock=world.clock, listing_code=world.lots[0].code,
            seller_id=world.sellers[0].organisation.key, person_id=world.sellers[0].person.key,
        )  # fmt: skip


def test_credit_that_the_offer_itself_takes_up_does_not_refuse_it(world):
    with world.store.write() as session:
        set_limit(
            session, clock=world.clock, organisation_id=world.buyer.organisation.key,
            limit_fen=3_100_000, reason="review", person_id=world.buyer.person.key,
        )  # fmt: skip
    world.invite()
    world.bid(0, 15_500)
    world.clock.advance(hours=1)
    world.close()
    assert world.contract().price_fen_per_t == 1_550_000


def test_a_need_on_which_nobody_bid_ends_with_its_invitation(world):
    world.invite()
    with world.store.write() as session:
        end_need(
            session, clock=world.clock, need_code=world.need.code,
            buyer_id=world.buyer.organisation.key,
        )  # fmt: skip
    assert world.bid(0, 15_000) == "bidding-over"
    assert world.tender().closed_at == NOON
