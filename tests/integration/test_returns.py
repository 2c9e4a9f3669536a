"""What goes back keeps its code, origin and history; who bears the way is on paper."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from remelt.platform.kernel.errors import Busy
from remelt.platform.logistics.orders import living
from remelt.platform.market.awarding import pass_title
from remelt.platform.market.models import Contract
from remelt.platform.market.queries import open_contract, stands_over
from remelt.platform.works.assays import Result, against, assays_of, record_assay
from remelt.platform.works.errors import NoAssay, NotInCustody
from remelt.platform.works.heats import melt
from remelt.platform.works.primary import alloy_named
from remelt.platform.yard.arriving import arrivals
from remelt.platform.yard.errors import (
    BurdenNotYours,
    BurdenStated,
    LotNotHere,
    NoSuchReturn,
    NotReturnable,
)
from remelt.platform.yard.return_queries import returns_of
from remelt.platform.yard.returning import (
    Cause,
    agree_bearers,
    receive_return,
    return_lot,
    take_back,
)
from remelt.traceability import ledger
from remelt.traceability.audit.audit import audit
from remelt.traceability.corrections.shown import revisions
from remelt.traceability.errors import CannotCorrect, NotGone, UnknownCause
from remelt.traceability.ledger import SiteRef
from remelt.traceability.models import BookLine, Lot, MeltLine
from tests.market import a_contract
from tests.parties import a_party
from tests.works import ALLOY, a_furnace, a_lot, a_sheet


@pytest.fixture
def seller(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="hub")


@pytest.fixture
def buyer(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter")


def at(party, clock):
    return {"clock": clock, "site_id": party.site.key, "person_id": party.person.key}


def _contract(session, code):
    return session.exec(select(Contract).where(Contract.code == code)).one()


def now(store, code):
    with store.read() as session:
        return session.exec(select(Lot).where(Lot.code == code)).one()


def test_a_load_refused_at_the_gate_goes_back_where_it_was_sold(store, clock, seller, buyer):
    with store.write() as session:
        contract = a_contract(session, clock=clock, seller=seller, buyer=buyer)
    why = Cause(cause="grade", note="painted", freight_by="there", co2e_by="there")
    with store.write() as session, pytest.raises(LotNotHere):  # it never left the seller
        return_lot(session, lot_code=contract.lot_code, why=why, **at(buyer, clock))
    with store.write() as session, pytest.raises(BurdenNotYours):
        said = replace(why, co2e_g=900_000_000)
        return_lot(session, lot_code=contract.lot_code, why=said, **at(buyer, clock))
    with store.write() as session:
        ledger.move(
            session, clock=clock, lot_codes=[contract.lot_code], kind="ship",
            to_site=SiteRef(code=buyer.site.code, adcode=buyer.site.adcode),
            custodian="CARRIER", actor="person:x",
        )  # fmt: skip
        row = return_lot(session, lot_code=contract.lot_code, why=why, **at(buyer, clock))
        assert (row.kind, row.to_site_id) == ("refused", seller.site.key)
    lot = now(store, contract.lot_code)
    assert (lot.status, lot.owner) == ("in_transit", seller.organisation.code)
    assert lot.vectors.co2e == {}
    assert "transport" in lot.vectors.missing  # its owner bears the way, and says how much
    for code, who in ((row.code, buyer), ("NONE", seller)):
        with store.write() as session, pytest.raises(NoSuchReturn):
            receive_return(
                session, clock=clock, code=code, organisation_id=who.organisation.key,
                person_id=who.person.key,
            )  # fmt: skip
    with store.write() as session:
        receive_return(
            session, clock=clock, code=row.code, organisation_id=seller.organisation.key,
            person_id=seller.person.key,
        )  # fmt: skip
    lot = now(store, contract.lot_code)
    assert (lot.status, lot.custodian) == ("received", seller.organisation.code)
    with store.read() as session:
        for party in (seller, buyer):
            [line] = returns_of(session, organisation_id=party.organisation.key)
            assert line.row.arrived_at is not None
            assert line.mine is (party is buyer)
        assert audit(session) == []


def test_a_refused_load_ends_its_contract_and_its_order_and_may_be_sold_again(store, clock):
    with store.write() as session:
        seller = a_party(session, clock=clock, role="collector")
        buyer = a_party(session, clock=clock, role="hub")
        contract = a_contract(session, clock=clock, seller=seller, buyer=buyer)
    with store.read() as session:
        assert living(session, lot_code=contract.lot_code) is not None
    with store.write() as session:
        ledger.move(
            session, clock=clock, lot_codes=[contract.lot_code], kind="ship",
            to_site=SiteRef(code=buyer.site.code, adcode=buyer.site.adcode),
            custodian="CARRIER", actor="person:x",
        )  # fmt: skip
        why = Cause(cause="radiation", freight_by="there", co2e_by="there")
        row = return_lot(session, lot_code=contract.lot_code, why=why, **at(buyer, clock))
    who = {"organisation_id": seller.organisation.key, "person_id": seller.person.key}
    with store.read() as session:
        over = _contract(session, contract.code)
        assert (over.refused_for, over.title_passed_at) == ("radiation", None)
        assert over.refused_at is not None
        assert open_contract(session, lot_code=contract.lot_code) is None
        assert living(session, lot_code=contract.lot_code) is None
        assert contract.lot_code not in {
            each.lot_code for each in arrivals(session, site=buyer.site)
        }
    other = {"organisation_id": buyer.organisation.key, "person_id": buyer.person.key}
    with store.write() as session, pytest.raises(NoSuchReturn):  # who wrote it agrees to nothing
        agree_bearers(session, clock=clock, code=row.code, **other)
    with store.write() as session:
        first = agree_bearers(session, clock=clock, code=row.code, **who).agreed_at
        clock.advance(hours=1)
        again = agree_bearers(session, clock=clock, code=row.code, **who)
        assert (again.agreed_at, again.agreed_by) == (first, seller.person.key)
        receive_return(session, clock=clock, code=row.code, **who)
    with store.write() as session:
        assert pass_title(
            session, clock=clock, lot_code=contract.lot_code, site_code=buyer.site.code
        ) is None  # fmt: skip
        assert not stands_over(session, lot_code=contract.lot_code)
    with pytest.raises((IntegrityError, Busy)), store.write() as session:
        over = _contract(session, contract.code)
        over.title_passed_at = clock.now()
        session.add(over)


def test_a_lot_returned_after_unloading_gets_its_title_and_keeps_its_origin(
    store, clock, seller, buyer
):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=buyer)
        before = lot.vectors
    why = Cause(cause="chemistry", freight_by="here", co2e_by="here", co2e_g=5_000)
    with store.write() as session, pytest.raises(NotReturnable):
        return_lot(session, lot_code=lot.code, why=why, **at(buyer, clock))
    with store.write() as session:
        return_lot(
            session, lot_code=lot.code, why=why, to_site=seller.site.code, **at(buyer, clock)
        )
    lot = now(store, lot.code)
    assert (lot.owner, lot.status) == (seller.organisation.code, "in_transit")
    assert lot.vectors == before  # the buyer bears the way: it burdens the buyer, not the lot
    with store.write() as session, pytest.raises(NotReturnable):
        return_lot(session, lot_code=lot.code, why=why, **at(buyer, clock))
    with store.write() as session:
        theirs = a_lot(session, clock=clock, at=seller)
    with store.write() as session, pytest.raises(LotNotHere):
        return_lot(session, lot_code=theirs.code, why=why, **at(buyer, clock))


def test_the_owner_states_the_way_it_bears_also_after_the_lot_was_melted(
    store, clock, seller, buyer
):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=buyer)
        smelter = a_party(session, clock=clock, role="smelter")
        furnace = a_furnace(session, clock=clock, at=smelter)
    why = Cause(cause="order", freight_by="there", co2e_by="there")
    with store.write() as session:
        row = return_lot(
            session, lot_code=lot.code, why=why, to_site=smelter.site.code, **at(buyer, clock)
        )
    who = {"organisation_id": smelter.organisation.key, "person_id": smelter.person.key}
    with store.write() as session:
        agree_bearers(session, clock=clock, code=row.code, **who)
        receive_return(session, clock=clock, code=row.code, **who)
    clock.advance(hours=1)
    with store.write() as session:
        made = melt(session, heat=a_sheet(furnace, lot), **at(smelter, clock)).casts[0]
    assert "transport" in now(store, made.code).vectors.missing
    clock.advance(hours=1)
    stated = {"code": row.code, "co2e_g": 42_000, **who}
    with store.write() as session:
        assert agree_bearers(session, clock=clock, **stated).co2e_g == 42_000
        assert agree_bearers(session, clock=clock, **stated).co2e_g == 42_000  # said once
    with store.write() as session, pytest.raises(BurdenStated):
        agree_bearers(session, clock=clock, **stated | {"co2e_g": 41_000})
    cast = now(store, made.code)
    assert "transport" not in cast.vectors.missing
    with store.read() as session:
        borne = session.exec(select(BookLine).where(BookLine.name == "return")).all()
        assert sum(line.vector["co2e"]["transport"] for line in borne) == 42_000
        lots = session.exec(select(Lot).where(col(Lot.mass_g) > 0)).all()
        carried = [each.vectors.co2e.get("transport", 0) for each in lots]
        assert sum(carried) == 42_000
        [revision] = revisions(session, cast)
        assert revision.mark.reasons == ("way_back",)
        assert audit(session) == []


def test_nobody_states_what_another_bears(store, clock, seller, buyer):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=buyer)
        why = Cause(cause="order", freight_by="there", co2e_by="here", co2e_g=5)
        row = return_lot(
            session, lot_code=lot.code, why=why, to_site=seller.site.code, **at(buyer, clock)
        )
    who = {"organisation_id": seller.organisation.key, "person_id": seller.person.key}
    with store.write() as session, pytest.raises(BurdenNotYours):
        agree_bearers(session, clock=clock, code=row.code, co2e_g=7, **who)
    with store.write() as session, pytest.raises(CannotCorrect):
        ledger.bear_way_back(
            session, clock=clock, event_hash=row.event_hash, co2e_g=7, actor="person:x",
            site=SiteRef(code=seller.site.code, adcode=seller.site.adcode),
        )  # fmt: skip


@pytest.mark.parametrize(("co2e_g", "known"), [(None, False), (3_000, True)])
def test_a_customers_return_burdens_the_lot_where_its_owner_bears_it(
    store, clock, buyer, co2e_g, known
):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=buyer)
        ledger.ship_out(
            session, clock=clock, lot_code=lot.code, to="CUSTOMER",
            site=SiteRef(code=buyer.site.code, adcode=buyer.site.adcode), actor="person:x",
        )  # fmt: skip
    why = Cause(cause="surface", freight_by="here", co2e_by="here", co2e_g=co2e_g)
    terms = {"lot_code": lot.code, "customer": "Hu", "why": why, "mass_g": 500_000}
    with store.write() as session:
        take_back(session, **terms, **at(buyer, clock))
    back = now(store, lot.code).vectors
    assert ("transport" not in back.missing) is known
    assert back.co2e.get("transport", 0) == (co2e_g or 0)
    with store.read() as session:
        assert audit(session) == []


def test_a_customers_ingot_melted_again_is_no_new_scrap(store, clock, buyer):
    with store.write() as session:
        furnace = a_furnace(session, clock=clock, at=buyer)
        scrap = a_lot(session, clock=clock, at=buyer)
    clock.advance(hours=1)
    with store.write() as session:
        ingot = melt(session, heat=a_sheet(furnace, scrap), **at(buyer, clock)).casts[0]
        ledger.ship_out(
            session, clock=clock, lot_code=ingot.code, to="CUSTOMER",
            site=SiteRef(code=buyer.site.code, adcode=buyer.site.adcode), actor="person:x",
        )  # fmt: skip
    why = Cause(cause="surface", freight_by="here", co2e_by="here")
    terms = {"lot_code": ingot.code, "customer": "Hu's extrusions", "why": why}
    with store.write() as session, pytest.raises(NotGone):
        take_back(session, mass_g=950_000, **terms, **at(buyer, clock))
    with store.write() as session:
        other = a_party(session, clock=clock, role="smelter")
    with store.write() as session, pytest.raises(NotReturnable):
        take_back(session, mass_g=1, **terms, **at(other, clock))
    with store.write() as session:
        row = take_back(session, mass_g=500_000, **terms, **at(buyer, clock))
        assert (row.kind, row.customer) == ("customer", "Hu's extrusions")
    back = now(store, ingot.code)
    assert (back.mass_g, back.status) == (500_000, "on_hand")
    clock.advance(hours=1)
    with store.write() as session:
        melt(session, heat=a_sheet(furnace, back), **at(buyer, clock))
    with store.read() as session:
        first, second = session.exec(
            select(MeltLine).where(MeltLine.base).order_by(MeltLine.id)
        ).all()
        assert first.post_mg > 0
        assert (second.post_mg, second.pre_mg) == (0, 0)
        assert second.remelted_mg > 0
        lots = session.exec(select(func.sum(Lot.mass_g))).one()
        assert lots == session.exec(select(func.sum(BookLine.mass_g))).one()
        assert audit(session) == []


@pytest.mark.parametrize(
    ("why", "refusal"),
    [
        (Cause(cause="mood"), UnknownCause),
        (Cause(cause="grade", freight_by="nobody"), NotReturnable),
        (Cause(cause="grade", co2e_by="nobody"), NotReturnable),
    ],
)
def test_a_return_says_why_and_who_bears_it(store, clock, buyer, why, refusal):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=buyer)
    with store.write() as session, pytest.raises(refusal):
        return_lot(session, lot_code=lot.code, why=why, to_site="X", **at(buyer, clock))


def test_an_analysis_of_a_cast_restates_it_and_is_tested_against_its_alloy(store, clock, buyer):
    with store.write() as session:
        furnace = a_furnace(session, clock=clock, at=buyer)
        scrap = a_lot(session, clock=clock, at=buyer)
    clock.advance(hours=1)
    with store.write() as session:
        cast = melt(session, heat=a_sheet(furnace, scrap), **at(buyer, clock)).casts[0]
        held = cast.vectors.elements
        assert held["unknown"] > 0  # of cans only the grade's aluminium is known
    result = Result(
        elements_ppm={"Si": 4_500, "Fe": 3_490, "Mg": 6_000, "Cu": 1_200},
        sd_ppm={"Si": 50, "Fe": 40, "Mg": 60},
        method="OES", sample="S-17", balance="Al",
    )  # fmt: skip
    with store.write() as session:
        said = record_assay(session, lot_codes=[cast.code], result=result, **at(buyer, clock))
        lot = session.exec(select(Lot).where(Lot.code == cast.code)).one()
        assert lot.vectors.elements.get("unknown", 0) == 0
    with store.read() as session:
        lot = session.exec(select(Lot).where(Lot.code == cast.code)).one()
        [view] = assays_of(session, lot)
        assert view.lines == said[cast.code]
        assert (view.method, view.sample) == ("OES", "S-17")
        lines = {line.element: line for line in view.lines}
        assert lines["Si"].difference_mg == lot.vectors.elements["Si"]
        assert (lines["Si"].ppm, lines["Si"].before_ppm, lines["Si"].sd_ppm) == (4_500, 0, 50)
        assert sum(line.difference_mg for line in view.lines) == 0
        assert lines["unknown"].difference_mg == -held["unknown"]
        checks = {c.element: c for c in against(alloy_named(session, **ALLOY), view)}
        assert checks["Si"].verdict == "fits"
        assert checks["Fe"].verdict == "undecided"  # 0.349 +- 0.008 against 0.35
        assert checks["Cu"].verdict == "outside"
        assert checks["Mn"].verdict == "not_measured"
        assert audit(session) == []


def test_an_analysis_names_its_sample_and_an_own_lot(store, clock, seller, buyer):
    with store.write() as session:
        lot = a_lot(session, clock=clock, at=buyer)
    good = Result(elements_ppm={"Si": 1}, method="OES", sample="S")
    for bad in (
        Result(elements_ppm={}, method="OES", sample="S"),
        Result(elements_ppm={"Si": 1}, method=" ", sample="S"),
        Result(elements_ppm={"Si": 1}, method="OES", sample=""),
    ):
        with store.write() as session, pytest.raises(NoAssay):
            record_assay(session, lot_codes=[lot.code], result=bad, **at(buyer, clock))
    with store.write() as session, pytest.raises(NotInCustody):
        record_assay(session, lot_codes=[lot.code], result=good, **at(seller, clock))
