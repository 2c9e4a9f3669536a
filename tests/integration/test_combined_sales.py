"""Several lots sold at once: from the opening to contracts for every lot that was sold."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.jobs import Job
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.runner import JobRunner, Kind
from remelt.platform.logistics.models import TransportOrder
from remelt.platform.market import awarding
from remelt.platform.market.auction_models import Auction, Award
from remelt.platform.market.award_errors import OverCreditLimit
from remelt.platform.market.combined import deciding, queries
from remelt.platform.market.combined.errors import (
    InCombinedSale,
    NoSuchOffer,
    NothingOffered,
    NotInSale,
    OffersStand,
    SaleOver,
    TermsDiffer,
    TooFewLots,
)
from remelt.platform.market.combined.models import CombinedSale, SaleLot
from remelt.platform.market.combined.offering import take_back_offer
from remelt.platform.market.combined.opening import SaleLotDraft, open_sale, take_back_sale
from remelt.platform.market.combined.rules import SaleTerms
from remelt.platform.market.combined.solving import solve_sale
from remelt.platform.market.errors import (
    BidsStand,
    LinkedBidder,
    MassOutOfBounds,
    OwnListing,
    PriceOutOfBounds,
    UnfitForProductive,
    UnknownWord,
)
from remelt.platform.market.held import take_off
from remelt.platform.market.limits import exposures, set_limit
from remelt.platform.market.listings import withdraw
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.winners.codec import document, fingerprint
from remelt.platform.market.winners.solving import decided
from remelt.platform.market.winners.verifier import check
from remelt.platform.parties.people import join
from tests.combined import a_sale, an_offer, settle, some_lots
from tests.market import NOON, a_draft, bid, publish_lot
from tests.parties import a_party

LATER = NOON + timedelta(hours=3)


@pytest.fixture
def desk(store, clock):
    """A seller with three listed lots, and two smelters."""
    with store.write() as session:
        load_package_data(session)
    with store.write() as session:
        made = {
            "seller": a_party(session, clock=clock, role="collector"),
            "near": a_party(session, clock=clock, role="smelter"),
            "far": a_party(session, clock=clock, role="smelter"),
        }
        made["lots"] = some_lots(session, clock=clock, seller=made["seller"])
    return made


def contracts(session: Session) -> dict[str, tuple[int, int]]:
    """Buyer and price of each contract, by lot."""
    return {
        row.lot_code: (row.buyer_id, row.price_fen_per_t) for row in session.exec(select(Contract))
    }


def test_a_package_beats_singles_and_every_lot_gets_its_contract(store, clock, desk):
    one, two, three = (each.lot_code for each in desk["lots"])
    with store.write() as session:
        sale = a_sale(session, clock=clock, seller=desk["seller"], listings=desk["lots"])
        for code in (one, two):
            an_offer(session, clock=clock, sale=sale, buyer=desk["near"], yuan={code: 14_000})
        an_offer(
            session, clock=clock, sale=sale, buyer=desk["far"], yuan={one: 14_300, two: 14_100}
        )
        an_offer(session, clock=clock, sale=sale, buyer=desk["near"], yuan={three: 12_999})
    settle(store, clock)
    far = desk["far"].organisation.key
    with store.read() as session:
        assert contracts(session) == {one: (far, 1_430_000), two: (far, 1_410_000)}
        row = session.exec(select(CombinedSale)).one()
        assert (
            queries.sale_view(session, code=row.code, viewer_id=far, now=LATER).state == "decided"
        )
        assert len(session.exec(select(Award).where(Award.decided_by == "sale")).all()) == 2
        assert len(session.exec(select(TransportOrder)).all()) == 2
        unsold = session.exec(select(Listing).where(Listing.lot_code == three)).one()
        assert unsold.released_at == LATER
        names = [x.name for x in session.exec(select(OutboxRow).order_by(OutboxRow.id))]
        assert names.count("lot-awarded") == 2
        assert names.count("combined-sale-decided") == 1
        made = document(row.problem, row.result)
    assert check(made["sale"], made["certificate"]) == []
    assert row.problem_sha256 == fingerprint(made["sale"])
    assert decided(made["sale"]) == row.result, "a regulator comes to the same award"


def test_the_award_is_worked_out_in_a_process_of_its_own(store, clock, desk):
    one, two, _three = (each.lot_code for each in desk["lots"])
    with store.write() as session:
        sale = a_sale(session, clock=clock, seller=desk["seller"], listings=desk["lots"][:2])
        an_offer(
            session, clock=clock, sale=sale, buyer=desk["far"], yuan={one: 14_000, two: 13_000}
        )
    clock.set(LATER)
    with store.write() as session:
        deciding.close_due(session, clock=clock)
        deciding.close_due(session, clock=clock)
    kind = Kind(solve_sale, partial(deciding.keep_award, clock=clock), solver=True)
    assert JobRunner(store, clock=clock, kinds={deciding.JOB_KIND: kind}).run_pending() == 1
    with store.read() as session:
        assert set(contracts(session)) == {one, two}


def test_marks_capacity_and_freight_decide(store, clock, desk):
    one, two, three = (each.lot_code for each in desk["lots"])
    with store.write() as session:
        sale = a_sale(
            session, clock=clock, seller=desk["seller"], listings=desk["lots"],
            freight_fen_per_tkm=60, co2e_g_per_tkm=80, carbon_fen_per_t=9_000,
        )  # fmt: skip
        said = {"clock": clock, "sale": sale, "buyer": desk["near"]}
        an_offer(session, **said, yuan={one: 15_000}, mark="a")
        an_offer(session, **said, yuan={two: 15_100}, mark="A")
        an_offer(session, **said, yuan={three: 14_000}, capacity_g=3_999_999)
    settle(store, clock)
    with store.read() as session:
        assert set(contracts(session)) == {two}
        problem = session.exec(select(CombinedSale)).one().problem
    assert problem["buyers"] == [{"key": "B1", "capacity_g": 3_999_999}]
    assert [each["exclusive"] for each in problem["bids"]] == ["A", "A", ""]
    assert all((each["freight_fen"] > 0) == (each["co2e_g"] > 0) for each in problem["bids"])


@pytest.mark.parametrize(
    ("wrought_yuan", "exempt", "winner"),
    [(13_580, "", "near"), (13_579, "", "far"), (13_900, "painted", "far")],
)
def test_wrought_scrap_stays_wrought_unless_its_chemistry_fits_none(
    store, clock, desk, wrought_yuan, exempt, winner
):
    lots = desk["lots"][:2]
    with store.write() as session:
        sale = open_sale(
            session,
            clock=clock,
            seller_id=desk["seller"].organisation.key,
            person_id=desk["seller"].person.key,
            terms=SaleTerms(title="", closes_at=NOON + timedelta(hours=2)),
            lots=[SaleLotDraft(listing_code=each.code, exempt=exempt) for each in lots],
        )
        assert [x.wrought for x in session.exec(select(SaleLot))] == [True, True]
        one = lots[0].lot_code
        for row in session.exec(select(SaleLot)):
            row.reserve_fen_per_t = 1_000_000
        an_offer(session, clock=clock, sale=sale, buyer=desk["near"], yuan={one: wrought_yuan},
                 wrought=True)  # fmt: skip
        an_offer(session, clock=clock, sale=sale, buyer=desk["far"], yuan={one: 14_000})
    settle(store, clock)
    with store.read() as session:
        assert contracts(session)[one][0] == desk[winner].organisation.key


def test_a_lot_lost_after_the_close_is_left_out_and_the_rest_decided_anew(store, clock, desk):
    one, two, three = (each.lot_code for each in desk["lots"])
    with store.write() as session:
        sale = a_sale(session, clock=clock, seller=desk["seller"], listings=desk["lots"])
        an_offer(
            session, clock=clock, sale=sale, buyer=desk["far"], yuan={one: 14_500, two: 14_500}
        )
        an_offer(session, clock=clock, sale=sale, buyer=desk["near"], yuan={two: 14_000})
        an_offer(session, clock=clock, sale=sale, buyer=desk["near"], yuan={three: 14_000})
    clock.set(LATER)
    with store.write() as session:
        deciding.close_due(session, clock=clock)
        take_off(session, clock=clock, lot_code=one, person_id=desk["seller"].person.key)
    settle(store, clock)
    near = desk["near"].organisation.key
    with store.read() as session:
        assert contracts(session) == {two: (near, 1_400_000), three: (near, 1_400_000)}
        row = session.exec(select(CombinedSale)).one()
        assert [each["key"] for each in row.problem["lots"]] == [two, three]
        assert len(session.exec(select(Job).where(Job.kind == deciding.JOB_KIND)).all()) == 2


def test_an_award_for_another_sale_than_was_closed_is_dropped(store, clock, desk):
    one, two, _three = (each.lot_code for each in desk["lots"])
    with store.write() as session:
        sale = a_sale(session, clock=clock, seller=desk["seller"], listings=desk["lots"])
        an_offer(
            session, clock=clock, sale=sale, buyer=desk["far"], yuan={one: 14_500, two: 14_500}
        )
    clock.set(LATER)
    with store.write() as session:
        deciding.close_due(session, clock=clock)
    with store.read() as session:
        job = session.exec(select(Job).where(Job.kind == deciding.JOB_KIND)).one()
    result = decided(job.payload["problem"])
    with store.write() as session:
        deciding.keep_award(session, job.payload | {"sha256": "0" * 64}, result, clock=clock)
        assert contracts(session) == {}
    bent = result | {"certificate": result["certificate"] | {"winners": []}}
    with pytest.raises(ArithmeticError), store.write() as session:
        deciding.keep_award(session, job.payload, bent, clock=clock)
    for _ in range(2):
        with store.write() as session:
            deciding.keep_award(session, job.payload, result, clock=clock)
    with store.read() as session:
        assert set(contracts(session)) == {one, two}


def test_a_sale_is_opened_over_own_free_listings_of_one_tax(store, clock, desk):
    lots, seller = desk["lots"], desk["seller"]
    with store.write() as session:
        taxed = publish_lot(
            session, clock=clock, seller=seller,
            draft=a_draft(tax_included=True, vat_rate_bp=1_300),
        )  # fmt: skip
        bid(session, clock=clock, listing=lots[2], buyer=desk["near"], yuan_per_t=14_000)
    for listings, refusal in (
        (lots[:1], TooFewLots),
        (lots[1:], BidsStand),
        ((lots[0], taxed), TermsDiffer),
    ):
        with pytest.raises(refusal), store.write() as session:
            a_sale(session, clock=clock, seller=seller, listings=listings)
    with store.write() as session:
        a_sale(session, clock=clock, seller=seller, listings=lots[:2])
    with pytest.raises(InCombinedSale), store.write() as session:
        a_sale(session, clock=clock, seller=seller, listings=lots[:2])
    with pytest.raises(InCombinedSale), store.write() as session:
        withdraw(
            session, clock=clock, listing_code=lots[0].code, seller_id=seller.organisation.key,
            person_id=seller.person.key,
        )  # fmt: skip


def test_offers_are_refused_late_to_oneself_for_other_lots_and_unauthorised(store, clock, desk):
    seller, near = desk["seller"], desk["near"]
    with store.write() as session:
        industrial = publish_lot(
            session, clock=clock, seller=seller, draft=a_draft(productive=True, certificate="1")
        )
        sale = a_sale(session, clock=clock, seller=seller, listings=[*desk["lots"][:2], industrial])
        other = desk["lots"][2].lot_code
        one = desk["lots"][0].lot_code
        join(
            session, clock=clock, person_id=desk["far"].person.key,
            organisation_id=seller.organisation.key, role="collector",
        )  # fmt: skip
    said = {"clock": clock, "sale": sale, "buyer": near, "yuan": {one: 14_000}}
    for changes, refusal in (
        ({"buyer": seller}, OwnListing),
        ({"buyer": desk["far"]}, LinkedBidder),
        ({"yuan": {other: 14_000}}, NotInSale),
        ({"yuan": {industrial.lot_code: 14_000}}, UnfitForProductive),
        ({"yuan": {}}, NothingOffered),
        ({"yuan": {one: 0}}, PriceOutOfBounds),
        ({"mark": "a b"}, UnknownWord),
        ({"capacity_g": 0}, MassOutOfBounds),
    ):
        with pytest.raises(refusal), store.write() as session:
            an_offer(session, **(said | changes))
    clock.set(sale.closes_at)
    with pytest.raises(SaleOver), store.write() as session:
        an_offer(session, **said)


def test_an_offer_is_taken_back_in_time_by_its_buyer_alone(store, clock, desk):
    one, _two, _three = (each.lot_code for each in desk["lots"])
    with store.write() as session:
        sale = a_sale(session, clock=clock, seller=desk["seller"], listings=desk["lots"])
        made = an_offer(session, clock=clock, sale=sale, buyer=desk["near"], yuan={one: 15_000})
        an_offer(session, clock=clock, sale=sale, buyer=desk["far"], yuan={one: 14_000})
    said = {"clock": clock, "sale_code": sale.code, "seq": made.seq}
    with pytest.raises(NoSuchOffer), store.write() as session:
        take_back_offer(session, **said, bidder_id=desk["far"].organisation.key)
    with pytest.raises(OffersStand), store.write() as session:
        take_back_sale(
            session, clock=clock, sale_code=sale.code, seller_id=desk["seller"].organisation.key
        )
    with store.write() as session:
        take_back_offer(session, **said, bidder_id=desk["near"].organisation.key)
    settle(store, clock)
    with store.read() as session:
        assert contracts(session) == {one: (desk["far"].organisation.key, 1_400_000)}
    with pytest.raises(SaleOver), store.write() as session:
        take_back_offer(session, **said, bidder_id=desk["near"].organisation.key)


def test_a_sale_without_offers_ends_with_nothing_sold_or_is_taken_back(store, clock, desk):
    with store.write() as session:
        sale = a_sale(session, clock=clock, seller=desk["seller"], listings=desk["lots"][:2])
        take_back_sale(
            session, clock=clock, sale_code=sale.code, seller_id=desk["seller"].organisation.key
        )
        again = some_lots(session, clock=clock, seller=desk["seller"], count=2)
        a_sale(session, clock=clock, seller=desk["seller"], listings=again)
    settle(store, clock)
    with store.read() as session:
        states = {
            queries.sale_view(session, code=x.code, viewer_id=0, now=LATER).state
            for x in session.exec(select(CombinedSale))
        }
        assert states == {"withdrawn", "decided"}
        released = [x.released_at for x in session.exec(select(Listing))]
        assert sum(each is None for each in released) == 1
        assert session.exec(select(Contract)).all() == []


def test_a_single_auction_beside_a_sale_closes_as_ever(store, clock, desk):
    with store.write() as session:
        a_sale(session, clock=clock, seller=desk["seller"], listings=desk["lots"][:2])
        bid(session, clock=clock, listing=desk["lots"][2], buyer=desk["near"], yuan_per_t=15_000)
    clock.set(LATER)
    with store.write() as session:
        assert awarding.close_due(session, clock=clock) == 1
    with store.read() as session:
        assert set(contracts(session)) == {desk["lots"][2].lot_code}
        ended = session.exec(select(Auction).where(Auction.closed_at.is_not(None))).all()
        assert len(ended) == 3


def test_a_credit_limit_counts_the_dearest_offer_for_each_lot(store, clock, desk):
    one, two, _three = (each.lot_code for each in desk["lots"])
    near = desk["near"].organisation.key
    with store.write() as session:
        sale = a_sale(session, clock=clock, seller=desk["seller"], listings=desk["lots"][:2])
        set_limit(session, clock=clock, organisation_id=near, limit_fen=5_800_000,
                  reason="review", person_id=desk["near"].person.key)  # fmt: skip
    said = {"clock": clock, "sale": sale, "buyer": desk["near"]}
    with store.write() as session:
        an_offer(session, **said, yuan={one: 14_000})
        an_offer(session, **said, yuan={one: 14_500, two: 14_500})
        assert [x.amount_fen for x in exposures(session, organisation_id=near)] == [2_900_000] * 2
    with pytest.raises(OverCreditLimit), store.write() as session:
        an_offer(session, **said, yuan={two: 14_501})
    with store.write() as session:
        take_back_offer(session, clock=clock, sale_code=sale.code, seq=2, bidder_id=near)
        an_offer(session, **said, yuan={two: 14_501})
    settle(store, clock)
    with store.read() as session:
        assert set(contracts(session)) == {one, two}
        assert sum(x.amount_fen for x in exposures(session, organisation_id=near)) == 5_700_200
