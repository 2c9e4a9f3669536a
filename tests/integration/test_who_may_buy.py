"""The same bars keep the same buyers out, whatever way a lot is sold."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.bidding import buy_now, place_bid
from remelt.platform.market.bids.offers import refusal_of
from remelt.platform.market.combined.offering import OfferDraft, offer_package
from remelt.platform.market.kinds import Conditions, Descending, Sealed
from remelt.platform.market.offerings import offering
from remelt.platform.market.proposals.haggling import Named, propose
from remelt.platform.parties.filings import add_filing, end_filing, verify_filing
from remelt.platform.parties.people import join
from tests.auctions import AuctionWorld
from tests.combined import a_sale
from tests.market import AUCTION, FIXED, NOON, a_draft, publish_lot

FALLING = Descending(
    start_fen_per_t=1_450_000, floor_fen_per_t=1_400_000, lower_by_fen_per_t=10_000,
    lower_every_s=60, step_fen_per_t=5_000,
)  # fmt: skip
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WAYS = {
    "rising": AUCTION, "fixed": FIXED, "haggled": FIXED, "falling": FALLING, "together": AUCTION,
    "sealed": Sealed(start_fen_per_t=1_400_000),
}  # fmt: skip


class Hall(AuctionWorld):
    """A lot that is sold in one of the ways, and its first buyer, who tries."""

    def offer_it(self, way, *, productive=False, licence=""):
        self.way = way
        certificate = "黔工 2026-17" if productive else ""
        asked = {"productive": productive, "certificate": certificate}
        price = WAYS[way]
        if way == "sealed":
            price = replace(price, holder=self.seller.organisation.code)
        if way == "falling":
            price = replace(price, holder=self.seller.organisation.code)
        self.publish(price, conditions=Conditions(licence=licence), **asked)
        if way == "sealed":
            self.seal()
        if way == "together":
            self.sale = self.sell_together()

    def sell_together(self):
        with self.store.write() as session:
            other = publish_lot(session, clock=self.clock, seller=self.seller, draft=a_draft())
            first = offering(session, code=self.code).listing
            return a_sale(
                session, clock=self.clock, seller=self.seller, listings=[first, other]
            ).code

    def refused(self, who):
        """The code of what keeps somebody out; None for whoever gets in."""
        try:
            self.attempt(who)
        except Refusal as told:
            return told.code
        return None

    def attempt(self, who):
        site = who.site.key
        said = {"clock": self.clock, "listing_code": self.code, "person_id": who.person.key}
        price = {"deliver_to_site_id": site, "price_fen_per_t": 1_450_000}
        if self.way == "sealed":
            self.send(who, 14_500)
            return
        if self.way == "falling":
            self.offer(who, 14_500)
            return
        with self.store.write() as session:
            if self.way == "haggled":
                propose(
                    session, **said, buyer_id=who.organisation.key, deliver_to_site_id=site,
                    named=Named(price_fen_per_t=1_400_000, expires_at=NOON + timedelta(hours=1)),
                )  # fmt: skip
                return
            if self.way == "together":
                del said["listing_code"]
                offer_package(
                    session, **said, sale_code=self.sale, bidder_id=who.organisation.key,
                    draft=OfferDraft(
                        prices=[(self.lot, 1_500_000)], deliver_to_site_id=site, wrought=False
                    ),
                )  # fmt: skip
                return
            if self.way == "fixed":
                answer = buy_now(session, **said, **price, buyer_id=who.organisation.key)
            else:
                answer = place_bid(session, **said, **price, bidder_id=who.organisation.key)
        refusal = refusal_of(answer)
        if refusal is not None:
            raise refusal


@pytest.fixture
def hall(store, clock, tmp_path):
    return Hall(store, clock, tmp_path / "keys")


def file(hall, who, kind, *, valid_until=None, verified=True):
    with hall.store.write() as session:
        made = add_filing(
            session, clock=hall.clock, organisation_id=who.organisation.key, kind=kind,
            number="黔 2026-1", valid_until=valid_until,
        )  # fmt: skip
        if verified:
            verify_filing(
                session, clock=hall.clock, filing_code=made.code, by_person_id=who.person.key
            )
        return made.code


@pytest.mark.parametrize("way", WAYS)
def test_neither_the_seller_nor_who_is_linked_to_it(hall, way):
    hall.offer_it(way)
    buyer = hall.buyers[0]
    assert hall.refused(hall.seller) == "own-listing"
    with hall.store.write() as session:
        join(
            session, clock=hall.clock, person_id=hall.seller.person.key,
            organisation_id=buyer.organisation.key, role="smelter",
        )  # fmt: skip
    assert hall.refused(buyer) == "linked-bidder"
    assert hall.refused(hall.buyers[1]) is None


@pytest.mark.parametrize("way", WAYS)
def test_productive_scrap_goes_to_who_is_authorised(hall, way):
    hall.offer_it(way, productive=True)
    buyer = hall.buyers[0]
    file(hall, buyer, "mofcom")
    assert hall.refused(buyer) == "unfit-for-productive-scrap"
    file(hall, buyer, "productive_scrap")
    assert hall.refused(buyer) is None


@pytest.mark.parametrize("way", WAYS)
def test_a_filing_that_the_seller_asks_for_has_to_be_verified_and_in_force(hall, way):
    hall.offer_it(way, licence="pollutant_permit")
    buyer = hall.buyers[0]
    file(hall, buyer, "mofcom")
    assert hall.refused(buyer) == "licence-missing"
    file(hall, buyer, "pollutant_permit", verified=False)
    assert hall.refused(buyer) == "licence-missing"
    code = file(hall, buyer, "pollutant_permit", valid_until=date(2026, 3, 2))
    assert hall.refused(hall.buyers[1]) == "licence-missing"
    with hall.store.write() as session:
        end_filing(session, clock=hall.clock, filing_code=code)
    assert hall.refused(buyer) == "licence-missing"
    file(hall, buyer, "pollutant_permit", valid_until=date(2026, 3, 2))
    assert hall.refused(buyer) is None


def test_a_filing_counts_to_the_end_of_its_day_in_beijing(hall):
    buyer = hall.buyers[0]
    file(hall, buyer, "mofcom", valid_until=date(2026, 3, 2))
    hall.clock.advance(hours=11, minutes=59)
    for minutes, told in ((0, None), (1, "licence-missing")):
        hall.clock.advance(minutes=minutes)
        closes_at = hall.clock.now() + timedelta(hours=1)
        hall.way = "rising"
        hall.publish(AUCTION, conditions=Conditions(licence="mofcom"), closes_at=closes_at)
        assert hall.refused(buyer) == told


def test_a_counter_offer_over_a_price_with_a_deposit_waits_for_the_deposit(hall):
    hall.way = "haggled"
    hall.publish(FIXED, conditions=Conditions(deposit_fen=500_000))
    assert hall.refused(hall.buyers[0]) == "deposit-missing"
