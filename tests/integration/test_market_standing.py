"""What stands over a lot: it is listed once, sold once, and one bad close holds up no other."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from remelt.platform.catalogue import loading
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.errors import Busy
from remelt.platform.kernel.store import Store
from remelt.platform.market import awarding, queries
from remelt.platform.market.drafts import Ascending
from remelt.platform.market.ending import end_due
from remelt.platform.market.errors import HeelLot, LotAlreadyListed, LotSoldElsewhere, PooledLot
from remelt.platform.market.listings import StockLot, publish_stock, withdraw
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.offerings import offering
from tests.market import a_contract, a_draft, auction_of, bid
from tests.parties import Party, a_party

BY_HAND = Ascending(
    start_fen_per_t=1_400_000, step_fen_per_t=5_000, reserve_fen_per_t=1_500_000, auto_award=False
)

AUTOMATIC = replace(BY_HAND, auto_award=True)


@dataclass
class Hall:
    """A hub that sells from stock, and a smelter that bids."""

    store: Store
    clock: SimulatedClock
    hub: Party
    smelter: Party
    lot: StockLot

    def offer(self, price: Ascending = BY_HAND, **changes: object) -> Listing:
        with self.store.write() as session:
            return publish_stock(
                session,
                clock=self.clock,
                seller_id=self.hub.organisation.key,
                person_id=self.hub.person.key,
                site_id=self.hub.site.key,
                draft=a_draft(price=price, closes_at=self.clock.now() + timedelta(hours=1)),
                lot=replace(self.lot, **changes),
            )

    def bid(self, listing: Listing, yuan: int) -> None:
        with self.store.write() as session:
            bid(session, clock=self.clock, listing=listing, buyer=self.smelter, yuan_per_t=yuan)

    def close(self, listing: Listing) -> int:
        with self.store.read() as session:
            self.clock.set(auction_of(session, listing).closes_at)
        return end_due(self.store, clock=self.clock)

    def sold_already(self, lot_code: str, *, seller: Party, buyer: Party, passed: bool) -> None:
        """A contract over the lot that no listing of it made."""
        with self.store.write() as session:
            code = a_contract(session, clock=self.clock, seller=seller, buyer=buyer).code
        with self.store.write() as session:
            made = session.exec(select(Contract).where(Contract.code == code)).one()
            made.lot_code = lot_code
            made.title_passed_at = self.clock.now() if passed else None

    def stands(self) -> bool:
        with self.store.read() as session:
            return queries.stands_over(session, lot_code=self.lot.lot_code)


@pytest.fixture
def hall(store: Store, clock: SimulatedClock) -> Hall:
    with store.write() as session:
        loading.load_package_data(session)
        hub = a_party(session, clock=clock, role="hub")
        smelter = a_party(session, clock=clock, role="smelter")
    lot = StockLot(
        lot_code="AAAAAAAAAAAA00", owner_code=hub.organisation.code, metal="Al",
        grade_system="ReMA", grade_code="Tutu", form="bale", mass_g=5_000_000,
        origin="unknown", evidence="implied",
    )  # fmt: skip
    return Hall(store=store, clock=clock, hub=hub, smelter=smelter, lot=lot)


def test_a_lot_that_waits_for_its_seller_is_taken_until_title_passes(hall):
    assert not hall.stands()
    made = hall.offer()
    hall.bid(made, 15_000)
    assert hall.stands()
    assert hall.close(made) == 1
    assert hall.stands()
    with pytest.raises(LotAlreadyListed):
        hall.offer()
    with hall.store.write() as session:
        awarding.award(session, clock=hall.clock, listing_code=made.code)
    assert hall.stands()
    with pytest.raises(LotAlreadyListed):
        hall.offer()
    with hall.store.write() as session:
        open_ = queries.open_contract(session, lot_code=made.lot_code)
        assert open_ is not None
        open_.title_passed_at = hall.clock.now()
    assert not hall.stands()


def test_a_lot_is_free_again_when_unsold_or_taken_back(hall):
    made = hall.offer()
    hall.bid(made, 14_999)
    hall.close(made)
    assert not hall.stands()
    again = hall.offer()
    hall.bid(again, 15_000)
    hall.close(again)
    with hall.store.write() as session:
        withdraw(
            session,
            clock=hall.clock,
            listing_code=again.code,
            seller_id=hall.hub.organisation.key,
            person_id=hall.hub.person.key,
        )
    assert not hall.stands()


def test_the_database_too_knows_a_waiting_lot_as_taken(hall):
    made = hall.offer()
    hall.bid(made, 15_000)
    hall.close(made)
    with hall.store.read() as session:
        waiting = offering(session, code=made.code).listing.model_dump(exclude={"id"})
    with pytest.raises((IntegrityError, Busy)), hall.store.write() as session:
        session.add(Listing(**waiting | {"code": "ANOTHERCODE000"}))


@pytest.mark.parametrize("passed", [False, True], ids=["open", "title-passed"])
def test_a_lot_sold_meanwhile_is_not_sold_twice_and_holds_up_no_other_close(hall, passed):
    lots = ["AAAAAAAAAAAA00", "AAAAAAAAAAAA01"]
    bad, good = [hall.offer(AUTOMATIC, lot_code=code) for code in lots]
    for each in (bad, good):
        hall.bid(each, 15_000)
    hall.sold_already(bad.lot_code, seller=hall.hub, buyer=hall.smelter, passed=passed)
    assert hall.close(bad) == 1
    with hall.store.read() as session:
        assert auction_of(session, bad).closed_at is None
        assert auction_of(session, good).awarded_at == hall.clock.now()
        told = outbox.after(session, limit=1000, names=["bidding-closed"])
        assert [row.body["listing_code"] for row in told] == [good.code]
    with pytest.raises(LotSoldElsewhere), hall.store.write() as session:
        awarding.award(session, clock=hall.clock, listing_code=bad.code)


def test_a_lot_that_was_bought_is_sold_on(hall):
    hall.sold_already(hall.lot.lot_code, seller=hall.smelter, buyer=hall.hub, passed=True)
    made = hall.offer(AUTOMATIC)
    hall.bid(made, 15_000)
    assert hall.close(made) == 1
    with hall.store.read() as session:
        sold = queries.open_contract(session, lot_code=made.lot_code)
        assert sold is not None
        assert sold.buyer_id == hall.smelter.organisation.key


def test_a_heap_and_a_heel_are_not_offered(hall):
    with pytest.raises(PooledLot):
        hall.offer(pooled=True)
    with pytest.raises(HeelLot):
        hall.offer(heel=True)
    assert not hall.stands()
