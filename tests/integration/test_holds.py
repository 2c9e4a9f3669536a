"""What an inspection holds is neither worked nor sold, and its money waits for the release."""

from dataclasses import replace

import pytest
from sqlmodel import select

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.errors import HeldLot
from remelt.platform.market.listings import StockLot, publish_stock
from remelt.platform.market.models import Contract
from remelt.platform.settlement.models import Settlement
from remelt.platform.works import queries as works
from remelt.platform.works.sheets import Part
from remelt.platform.works.sorting import sort_lot
from remelt.platform.yard.inspection import Finding, inspect, release
from remelt.platform.yard.weighing import weigh_lot
from remelt.traceability import ledger, queries
from remelt.traceability.errors import LotOnHold
from remelt.traceability.ledger import SiteRef
from tests.market import FIXED, a_contract, a_draft
from tests.parties import a_colleague, a_party
from tests.works import a_lot

ALARM = Finding(
    tier="key", item="radioactivity", method="gamma", radiation_nsv_h=900, background_nsv_h=100,
    device="RM-1",
)  # fmt: skip


@pytest.fixture
def hub(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="hub")


@pytest.fixture
def second(store, clock, hub):
    with store.write() as session:
        return a_colleague(session, clock=clock, of=hub)


def at(hub, clock, person=None):
    return {
        "clock": clock,
        "site_id": hub.site.key,
        "person_id": (person or hub.person).key,
    }


def test_a_lot_that_radiates_is_not_worked_until_it_is_released(store, clock, hub, second):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=hub)
        inspect(session, lot_code=lot.code, findings=[ALARM], **at(hub, clock))

    def sort():
        with store.write() as session:
            sort_lot(session, lot_code=lot.code, parts=[Part(mass_g=lot.mass_g)], **at(hub, clock))

    with pytest.raises(LotOnHold):
        sort()
    with store.read() as session:
        place = {"organisation_code": hub.organisation.code, "site_codes": [hub.site.code]}
        assert works.stock(session, **place) == []
    with store.write() as session:
        release(session, lot_code=lot.code, reason="natural", **at(hub, clock, second))
    sort()


def test_a_held_lot_leaves_the_board_and_is_not_offered(store, clock, hub, second):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=hub)
        said = StockLot(
            lot_code=lot.code, owner_code=lot.owner, metal=lot.metal, form="shred",
            grade_system=lot.grade_system, grade_code=lot.grade_code, mass_g=lot.mass_g,
            origin=lot.origin, evidence=lot.evidence, pooled=False, heel=False,
        )  # fmt: skip
        terms = {"seller_id": hub.organisation.key, "draft": a_draft(price=FIXED)} | at(hub, clock)
        publish_stock(session, lot=said, **terms)
        inspect(session, lot_code=lot.code, findings=[ALARM], **at(hub, clock))
    with store.read() as session:
        assert session.exec(select(Auction)).one().withdrawn_at is not None
    with store.write() as session, pytest.raises(HeldLot):
        publish_stock(session, lot=replace(said, held=True), **terms)
    with store.write() as session:
        release(session, lot_code=lot.code, reason="natural", **at(hub, clock, second))
    with store.write() as session:
        publish_stock(session, lot=said, **terms)


def test_title_and_money_of_a_held_delivery_wait_for_the_release(store, clock, hub, second):
    with store.write() as session:
        seller = a_party(session, clock=clock, role="collector")
        contract = a_contract(session, clock=clock, seller=seller, buyer=hub)
    with store.write() as session:
        there = SiteRef(code=hub.site.code, adcode=hub.site.adcode)
        for kind in ("ship", "receive"):
            ledger.move(
                session, clock=clock, lot_codes=[contract.lot_code], kind=kind, to_site=there,
                custodian=hub.organisation.code, actor="person:x",
            )  # fmt: skip
    with store.write() as session:
        weigh_lot(
            session, lot_code=contract.lot_code, gross_g=3_000_000, tare_g=1_000_000,
            findings=[ALARM], **at(hub, clock),
        )  # fmt: skip
    with store.read() as session:
        lot = queries.lot(session, code=contract.lot_code)
        assert (lot.status, lot.mass_g) == ("held", 2_000_000)
        assert lot.owner == seller.organisation.code
        assert session.exec(select(Contract)).one().title_passed_at is None
        assert session.exec(select(Settlement)).first() is None
    with store.write() as session:
        release(session, lot_code=contract.lot_code, reason="natural", **at(hub, clock, second))
    with store.read() as session:
        lot = queries.lot(session, code=contract.lot_code)
        assert (lot.status, lot.owner) == ("on_hand", hub.organisation.code)
        assert session.exec(select(Contract)).one().title_passed_at is not None
        assert session.exec(select(Settlement)).one().net_g == 2_000_000
