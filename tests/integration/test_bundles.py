"""Lots sold only together, and awards that could not be worked out."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import col, select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.jobs import Job
from remelt.platform.kernel.runner import JobRunner, Kind
from remelt.platform.logistics.models import TransportOrder
from remelt.platform.market.combined import deciding, queries, stuck
from remelt.platform.market.combined.errors import NoSuchSale, NotStuck, OnlyTogether, TooFewLots
from remelt.platform.market.combined.models import CombinedSale
from remelt.platform.market.held import take_off
from remelt.platform.market.limits import exposures
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.winners.solving import decided
from remelt.platform.parties.models import Notice
from remelt.platform.settlement import queries as money
from remelt.platform.settlement.accounts import confirm_payment, record_payment
from remelt.platform.yard.weighing import weigh_lot
from remelt.traceability import ledger
from remelt.traceability.ledger import SiteRef
from remelt.traceability.queries import lot
from tests.combined import OVER, a_sale, an_offer, settle, some_lots
from tests.parties import a_colleague, a_party


@pytest.fixture
def desk(store, clock):
    """A seller with three listed lots, and two smelters."""
    with store.write() as session:
        load_package_data(session)
        made = {
            "seller": a_party(session, clock=clock, role="collector"),
            "near": a_party(session, clock=clock, role="smelter"),
            "far": a_party(session, clock=clock, role="smelter"),
        }
        made["lots"] = some_lots(session, clock=clock, seller=made["seller"])
    return made


def told(session, who) -> list[str]:
    """What an organisation was told, in order."""
    rows = session.exec(
        select(Notice.kind)
        .where(Notice.organisation_id == who.organisation.key)
        .order_by(col(Notice.id))
    )
    return list(rows)


def test_a_bundle_goes_to_one_buyer_with_a_contract_and_a_truck_for_each_lot(store, clock, desk):
    codes = [each.lot_code for each in desk["lots"]]
    with store.write() as session:
        sale = a_sale(
            session, clock=clock, seller=desk["seller"], listings=desk["lots"], whole=True
        )
        said = {"clock": clock, "sale": sale}
        with pytest.raises(OnlyTogether):
            an_offer(session, **said, buyer=desk["near"], yuan={codes[0]: 90_000})
        an_offer(session, **said, buyer=desk["near"], yuan=dict.fromkeys(codes, 14_000))
        an_offer(
            session, **said, buyer=desk["far"],
            yuan=dict(zip(codes, (13_500, 14_100, 14_500), strict=True)),
        )  # fmt: skip
    settle(store, clock)
    with store.read() as session:
        sold = session.exec(select(Contract).order_by(col(Contract.price_fen_per_t))).all()
        assert [each.price_fen_per_t for each in sold] == [1_350_000, 1_410_000, 1_450_000]
        assert {each.buyer_id for each in sold} == {desk["far"].organisation.key}
        assert len(session.exec(select(TransportOrder)).all()) == 3
        for who in ("seller", "near", "far"):
            assert told(session, desk[who]) == ["sale-decided"]


def weighed(store, clock, party, lot_code: str, *, kg: int) -> None:
    """Bring a lot to a yard and weigh it there."""
    with store.write() as session:
        ledger.move(
            session, clock=clock, lot_codes=[lot_code], kind="receive",
            to_site=SiteRef(code=party.site.code, adcode=party.site.adcode),
            custodian=party.organisation.code, actor=f"person:{party.person.code}",
        )  # fmt: skip
        weigh_lot(
            session, clock=clock, site_id=party.site.key, person_id=party.person.key,
            lot_code=lot_code, gross_g=(10_000 + kg) * 1_000, tare_g=10_000_000,
        )  # fmt: skip


def test_a_bundle_is_weighed_settled_and_paid_lot_by_lot(store, clock, desk):
    codes = [each.lot_code for each in desk["lots"]]
    buyer, seller = desk["far"], desk["seller"]
    with store.write() as session:
        sale = a_sale(session, clock=clock, seller=seller, listings=desk["lots"], whole=True)
        prices = dict(zip(codes, (13_500, 14_100, 14_500), strict=True))
        an_offer(session, clock=clock, sale=sale, buyer=buyer, yuan=prices)
    settle(store, clock)
    for code, kg in zip(codes, (2_010, 1_990, 2_200), strict=True):
        weighed(store, clock, buyer, code, kg=kg)
    with store.read() as session:
        sold = {row.lot_code: row for row in session.exec(select(Contract))}
        due = money.money(session, organisation_id=buyer.organisation.key)
        owed = {row.subject_code: row.balance.amount_fen for row in due}
        assert [owed[sold[code].code] for code in codes] == [2_713_500, 2_805_900, 3_190_000]
        assert all(row.title_passed_at is not None for row in sold.values())
        assert {lot(session, code=code).owner for code in codes} == {buyer.organisation.code}
        assert len(exposures(session, organisation_id=buyer.organisation.key)) == 3
    first = next(row for row in due if row.subject_code == sold[codes[0]].code)
    with store.write() as session:
        paid = record_payment(
            session, clock=clock, settlement_code=first.code, amount_fen=2_713_500,
            organisation_id=buyer.organisation.key, person_id=buyer.person.key,
            paid_on=clock.now().date(), reference="20260302-1",
        )  # fmt: skip
        second = a_colleague(session, clock=clock, of=buyer)
    with store.write() as session:
        confirm_payment(
            session, clock=clock, payment_code=paid.code, person_id=second.key,
            organisation_id=buyer.organisation.key,
        )  # fmt: skip
    with store.read() as session:
        left = money.money(session, organisation_id=buyer.organisation.key)
        assert sum(row.balance.state == "paid" for row in left) == 1
        assert len(exposures(session, organisation_id=buyer.organisation.key)) == 2


def test_a_bundle_that_lost_a_lot_is_not_sold_in_parts(store, clock, desk):
    codes = [each.lot_code for each in desk["lots"]]
    with store.write() as session:
        sale = a_sale(
            session, clock=clock, seller=desk["seller"], listings=desk["lots"], whole=True
        )
        an_offer(
            session, clock=clock, sale=sale, buyer=desk["far"], yuan=dict.fromkeys(codes, 14_000)
        )
        take_off(session, clock=clock, lot_code=codes[1], person_id=desk["seller"].person.key)
    settle(store, clock)
    with store.read() as session:
        assert session.exec(select(Contract)).all() == []
        assert session.exec(select(Listing).where(col(Listing.released_at).is_(None))).all() == []


def test_a_bundle_has_as_many_lots_as_one_offer_names(store, clock, desk):
    with store.write() as session:
        many = some_lots(session, clock=clock, seller=desk["seller"], count=21)
    with store.write() as session, pytest.raises(TooFewLots):
        a_sale(session, clock=clock, seller=desk["seller"], listings=many, whole=True)


def breaks(_payload, _report):
    """A solver that dies."""
    raise MemoryError("out of memory")


@pytest.fixture
def failed(store, clock, desk) -> CombinedSale:
    """A sale with an offer whose solver died on all five attempts."""
    one, two, _three = (each.lot_code for each in desk["lots"])
    with store.write() as session:
        sale = a_sale(session, clock=clock, seller=desk["seller"], listings=desk["lots"])
        an_offer(
            session, clock=clock, sale=sale, buyer=desk["far"], yuan={one: 14_000, two: 14_000}
        )
    clock.set(OVER)
    with store.write() as session:
        deciding.close_due(session, clock=clock)
    kinds = {deciding.JOB_KIND: Kind(breaks, partial(deciding.keep_award, clock=clock))}
    runner = JobRunner(store, clock=clock, kinds=kinds)
    for _attempt in range(5):
        with store.write() as session:
            assert stuck.hand_back_due(session, clock=clock) == 0, "it is tried again first"
        assert runner.run_pending() == 1
        clock.advance(minutes=11)
    assert runner.run_pending() == 0
    return sale


def state(store, clock, sale) -> str:
    """How the sale stands."""
    with store.read() as session:
        row = queries.sale_view(session, code=sale.code, viewer_id=1, now=clock.now(session))
    return row.state


def hand_back(store, clock) -> int:
    """What the schedule does every ten seconds."""
    with store.write() as session:
        return stuck.hand_back_due(session, clock=clock)


def test_a_failed_award_comes_back_to_its_seller_who_has_it_tried_again(store, clock, desk, failed):
    assert state(store, clock, failed) == "deciding"
    assert [hand_back(store, clock), hand_back(store, clock)] == [1, 0]
    assert state(store, clock, failed) == "stuck"
    seller, far = (desk[who].organisation.key for who in ("seller", "far"))
    with store.read() as session:
        row = session.exec(select(CombinedSale)).one()
        assert "out of memory" in row.stuck_for
        assert (told(session, desk["seller"]), told(session, desk["far"])) == (["sale-stuck"], [])
    with store.write() as session, pytest.raises(NoSuchSale):
        stuck.decide_again(session, clock=clock, sale_code=failed.code, seller_id=far)
    with store.write() as session:
        stuck.decide_again(session, clock=clock, sale_code=failed.code, seller_id=seller)
    assert state(store, clock, failed) == "deciding"
    assert hand_back(store, clock) == 0, "the job of before speaks no more"
    settle(store, clock, at=OVER + timedelta(hours=2))
    assert state(store, clock, failed) == "decided"
    with store.read() as session:
        assert len(session.exec(select(Contract)).all()) == 2
    with store.write() as session, pytest.raises(NotStuck):
        stuck.end_sale(session, clock=clock, sale_code=failed.code, seller_id=seller)


@pytest.mark.parametrize("by", ["seller", "clock"])
def test_a_sale_without_an_award_ends_and_frees_lots_and_buyers(store, clock, desk, failed, by):
    hand_back(store, clock)
    seller, far = (desk[who].organisation.key for who in ("seller", "far"))
    with store.read() as session:
        assert exposures(session, organisation_id=far)
        late = session.exec(select(Job).where(Job.code == failed_job(session))).one()
    if by == "seller":
        with store.write() as session:
            stuck.end_sale(session, clock=clock, sale_code=failed.code, seller_id=seller)
    else:
        clock.advance(days=6)
        assert hand_back(store, clock) == 0
        clock.advance(days=1)
        assert hand_back(store, clock) == 1
    assert hand_back(store, clock) == 0
    assert state(store, clock, failed) == "ended"
    with store.write() as session:
        answer = decided(late.payload["problem"])
        deciding.keep_award(session, late.payload, answer, clock=clock)
    with store.read() as session:
        assert session.exec(select(Contract)).all() == [], "an answer that comes late sells nothing"
        assert session.exec(select(Listing).where(col(Listing.released_at).is_(None))).all() == []
        assert not exposures(session, organisation_id=far)
        assert told(session, desk["far"]) == ["sale-ended"]


def failed_job(session) -> str:
    """The job of the only sale."""
    return session.exec(select(CombinedSale.job_code)).one()
