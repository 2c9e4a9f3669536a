"""Terms changed while a listing stands: old offers bind nobody, and their bidders are told."""

from datetime import timedelta

import pytest
from sqlmodel import select

from remelt.platform.market import awarding
from remelt.platform.market.amending import amend, successor
from remelt.platform.market.auction_models import Bid
from remelt.platform.market.errors import (
    BiddingOver,
    ListingIsWithdrawn,
    NoSuchListing,
    TooSmallForAuction,
)
from remelt.platform.market.following import watching
from remelt.platform.market.models import Contract
from remelt.platform.market.offerings import offering
from remelt.platform.market.state import state_of
from remelt.platform.parties import notices
from remelt.traceability import queries as ledger
from tests.market import AUCTION, FIXED, NOON, a_draft, bid, publish_lot
from tests.parties import Party, a_party


@pytest.fixture
def people(store, clock) -> dict[str, Party]:
    roles = {"seller": "collector", "first": "smelter", "second": "smelter", "looker": "hub"}
    with store.write() as session:
        return {name: a_party(session, clock=clock, role=role) for name, role in roles.items()}


@pytest.fixture
def lot(store, clock, people):
    with store.write() as session:
        return publish_lot(session, clock=clock, seller=people["seller"])


def change(store, clock, people, code: str, *, by: str = "seller", **changes):
    with store.write() as session:
        return amend(
            session, clock=clock, listing_code=code, seller_id=people[by].organisation.key,
            person_id=people[by].person.key,
            draft=a_draft(closes_at=clock.now(session) + timedelta(hours=2), **changes),
        )  # fmt: skip


def inbox(store, party: Party) -> list[tuple[str, str]]:
    with store.read() as session:
        rows = notices.inbox(session, organisation_id=party.organisation.key)
        return [(row.kind, row.subject) for row in rows]


def test_bids_on_the_old_terms_are_void_and_their_bidders_told(store, clock, people, lot):
    with store.write() as session:
        watching.watch(
            session, clock=clock, listing=lot, organisation_id=people["looker"].organisation.key,
            person_id=people["looker"].person.key,
        )  # fmt: skip
        bid(session, clock=clock, listing=lot, buyer=people["first"], yuan_per_t=15_000)
        bid(session, clock=clock, listing=lot, buyer=people["second"], yuan_per_t=15_100)
    new = change(store, clock, people, lot.code, tax_included=True, vat_rate_bp=1300)
    assert (new.lot_code, new.amends_id, new.new_lot) == (lot.lot_code, lot.id, False)
    with store.read() as session:
        old, fresh = offering(session, code=lot.code), offering(session, code=new.code)
        assert state_of(old.auction, now=NOON) == "withdrawn"
        assert (fresh.auction.bid_count, fresh.auction.leading_fen_per_t) == (0, None)
        assert not old.listing.tax_included
        assert fresh.listing.tax_included
        assert len(session.exec(select(Bid)).all()) == 2
        assert successor(session, listing_id=old.listing.key).code == new.code
        assert ledger.lot(session, code=lot.lot_code).declared_mass_g == lot.declared_mass_g
    for name in ("first", "second"):
        assert inbox(store, people[name]) == [("bid-void", new.code)]
    assert inbox(store, people["looker"]) == [("terms-changed", new.code)]
    with store.write() as session:
        late = bid(session, clock=clock, listing=lot, buyer=people["first"], yuan_per_t=20_000)
        assert (late.verdict, late.reason) == ("rejected", "listing-is-withdrawn")
        bid(session, clock=clock, listing=new, buyer=people["first"], yuan_per_t=15_000)
    clock.advance(hours=3)
    with store.write() as session:
        assert awarding.close_due(session, clock=clock) == 1
        sold = session.exec(select(Contract)).one()
        assert (sold.listing_id, sold.price_fen_per_t) == (new.id, 1_500_000)
        assert sold.buyer_id == people["first"].organisation.key
        assert watching.watchers(session, listing_id=new.key) == [people["looker"].organisation.key]


def test_what_the_lot_is_does_not_change_with_its_terms(store, clock, people, lot):
    new = change(
        store, clock, people, lot.code, grade_code="Talc", declared_mass_g=5_000_000, price=FIXED,
        productive=True, certificate="x", form="bale",
    )  # fmt: skip
    assert (new.grade_code, new.declared_mass_g, new.form) == ("Tutu", 2_000_000, "loose")
    assert not new.productive
    with store.read() as session:
        assert offering(session, code=new.code).auction.fixed_fen_per_t == FIXED.price_fen_per_t


def test_terms_change_while_bidding_runs_and_only_by_the_seller(store, clock, people, lot):
    with pytest.raises(NoSuchListing):
        change(store, clock, people, lot.code, by="first")
    new = change(store, clock, people, lot.code)
    with pytest.raises(ListingIsWithdrawn):
        change(store, clock, people, lot.code)
    clock.advance(hours=2)
    with pytest.raises(BiddingOver):
        change(store, clock, people, new.code)
    with store.write() as session:
        awarding.close_due(session, clock=clock)
    with pytest.raises(BiddingOver):
        change(store, clock, people, new.code)


def test_a_change_that_is_refused_leaves_the_old_terms(store, clock, people):
    with store.write() as session:
        small = publish_lot(
            session, clock=clock, seller=people["seller"],
            draft=a_draft(price=FIXED, declared_mass_g=80_000),
        )  # fmt: skip
    with pytest.raises(TooSmallForAuction):
        change(store, clock, people, small.code, price=AUCTION)
    with store.read() as session:
        assert state_of(offering(session, code=small.code).auction, now=NOON) == "open"
