"""Money in the platform's keeping, as it is stored: in, held, charged, out, and to nought."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import func, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.market import awarding
from remelt.platform.market.deposits import tell_deposit
from remelt.platform.market.ending import end_due
from remelt.platform.market.kinds import Conditions
from remelt.platform.market.models import Contract
from remelt.platform.settlement.books import asked_for, balance, in_force
from remelt.platform.settlement.checking import drifts
from remelt.platform.settlement.errors import ReasonMissing, SamePerson
from remelt.platform.settlement.escrow import errors
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.escrow.paying import confirm_payout, decline_payout
from remelt.platform.settlement.finals.drafting import draft_terms, sign_terms
from remelt.platform.settlement.finals.terms import terms_json
from remelt.platform.settlement.ledger.models import MoneyEntry, MoneyPosting
from remelt.platform.settlement.ledger.reading import entry_by_code, unbalanced
from remelt.platform.settlement.models import PaymentRecord
from remelt.platform.settlement.rails.bank import matching
from tests.auctions import AuctionWorld
from tests.conftest import NOON
from tests.deals import FRIDAY, Deal, a_deal, index_smm
from tests.finals import QP, wheel_terms
from tests.integration.test_award_line import claim, move
from tests.keeping import a_desk
from tests.market import AUCTION, FIXED, a_draft, buy_now, publish_lot
from tests.parties import Party, a_party

AFTER = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
PROVISIONAL_FEN, VALUE_FEN, DUE_FEN = 148_346_291, 158_149_952, 9_803_661
COMMISSION_FEN, UMPIRE_FEN, PAYOUT_FEN = 1_265_200, 120_000, 8_418_461
OVER_FEN = 10_456_905
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def clock() -> SimulatedClock:
    """Noon of the Friday of loading."""
    return SimulatedClock(FRIDAY)


@pytest.fixture
def parties(store, clock) -> tuple[Party, Party]:
    """A hub that sells, a smelter that buys; SMM is quoted."""
    with store.write() as session:
        seller = a_party(session, clock=clock, role="hub", login="hub")
        buyer = a_party(session, clock=clock, role="smelter", login="smelter")
        index_smm(session, clock=clock, person_id=buyer.person.key)
    return seller, buyer


@pytest.fixture
def desk(store, clock):
    """The platform's desk; whatever happened, every book balances and says what is owed."""
    with store.write() as session:
        made = a_desk(session, store=store, clock=clock)
    yield made
    with store.read() as session:
        assert unbalanced(session) == []
        assert list(drifts(session)) == []
        assert (session.exec(select(func.sum(MoneyPosting.amount_minor))).one() or 0) == 0


@pytest.fixture
def deal(store, clock, parties) -> Deal:
    """The contract of the worked example."""
    with store.write() as session:
        return a_deal(session, clock=clock, seller=parties[0], buyer=parties[1])


def run(store, steps) -> None:
    for step in steps:
        with store.write() as session:
            step(session)


def final(store, clock, deal: Deal, **values) -> None:
    """Everything that arrives after the seller's loads."""
    clock.set(AFTER)
    run(store, deal.steps(**values)[3:])


def open_fen(store, code: str) -> int:
    with store.read() as session:
        owed = in_force(session, kind="contract", subject_code=code)
        return balance(session, owed).open_fen


def entered(store, ref: str, kind: str) -> list[dict[tuple[str, str], int]]:
    """The entries of a kind about something, in every book, as account and subject -> amount."""
    with store.read() as session:
        rows = session.exec(
            select(MoneyEntry).where(MoneyEntry.ref == ref, MoneyEntry.kind == kind)
        ).all()
        views = [entry_by_code(session, book_id=row.book_id, code=row.code) for row in rows]
    return [{(a.kind, a.subject): amount for a, amount in view.lines} for view in views]


def test_the_worked_example_is_entered_to_the_fen(store, clock, deal, desk):
    """(1) in, (2) to the seller, (3) the rest in, (4) to the seller, commission and umpire."""
    code, seller, buyer = deal.contract.code, deal.seller, deal.buyer
    run(store, deal.steps()[:3])
    desk.receive(code)
    assert desk.stands("escrow", code) == -PROVISIONAL_FEN
    assert desk.stands("held", code, of=seller) == PROVISIONAL_FEN
    first = desk.pay_out("price", code)
    assert first.amount_fen == PROVISIONAL_FEN
    assert desk.stands("escrow", code) == 0
    final(store, clock, deal)
    charged = {
        ("escrow", code): COMMISSION_FEN + UMPIRE_FEN,
        ("platform_fee", ""): -COMMISSION_FEN,
        ("umpire", code): -UMPIRE_FEN,
    }
    assert charged in entered(store, code, "charged")
    desk.receive(code)
    assert desk.stands("escrow", code) == -DUE_FEN + COMMISSION_FEN + UMPIRE_FEN
    last = desk.pay_out("price", code)
    assert (last.amount_fen, last.fees_fen) == (PAYOUT_FEN, COMMISSION_FEN + UMPIRE_FEN)
    assert desk.stands("escrow", code) == 0
    assert desk.stands("platform_fee") == -COMMISSION_FEN
    assert desk.stands("umpire", code) == -UMPIRE_FEN
    assert desk.stands("suspense") == desk.stands("bank_clearing") == 0
    assert desk.stands("bank", desk.account) == COMMISSION_FEN + UMPIRE_FEN
    assert desk.stands("bank_clearing", of=seller) == 156_764_752
    assert desk.stands("fees", of=seller) == COMMISSION_FEN + UMPIRE_FEN
    for kind in ("held", "fees_due", "receivable"):
        assert desk.stands(kind, code, of=seller) == 0
    assert desk.stands("payable", code, of=buyer) == 0
    assert desk.stands("bank_clearing", of=buyer) == -VALUE_FEN
    desk.pay_out("umpire", code)
    assert desk.stands("umpire", code) == 0
    assert desk.due(code) == []


@ON_SQLITE
def test_charges_follow_each_new_settlement(store, clock, deal, desk):
    code = deal.contract.code
    run(store, deal.steps()[:3])
    final(store, clock, deal)
    assert desk.stands("escrow", code) == COMMISSION_FEN + UMPIRE_FEN
    with store.write() as session:
        deal.quote(session, date(2026, 3, 9), 20_630)
    worked = in_force_of(store, code).amount_fen
    assert worked > VALUE_FEN
    assert desk.stands("platform_fee") == -((worked * 80 + 5_000) // 10_000)
    assert desk.stands("fees_due", code, of=deal.seller) == desk.stands("platform_fee") - UMPIRE_FEN


def in_force_of(store, code: str):
    with store.read() as session:
        return in_force(session, kind="contract", subject_code=code)


@ON_SQLITE
def test_a_payout_needs_two_people_and_leaves_once(store, clock, deal, desk):
    code = deal.contract.code
    run(store, deal.steps()[:3])
    desk.receive(code)
    made = desk.let_go("price", code)
    assert desk.stands("escrow", code) == -PROVISIONAL_FEN, "nothing moved yet"
    with pytest.raises(errors.NothingToPayOut):
        desk.let_go("price", code)
    by = {"clock": clock, "code": made.code, "organisation_id": desk.organisation_id}
    with pytest.raises(SamePerson), store.write() as session:
        confirm_payout(session, **by, person_id=desk.operator.person.key)
    with pytest.raises(ReasonMissing), store.write() as session:
        decline_payout(session, **by, person_id=desk.second.key, reason=" ")
    with store.write() as session:
        decline_payout(session, **by, person_id=desk.second.key, reason="other account")
    with pytest.raises(errors.PayoutNotWaiting), store.write() as session:
        confirm_payout(session, **by, person_id=desk.second.key)
    with pytest.raises(errors.NoSuchPayout), store.write() as session:
        confirm_payout(session, **(by | {"code": "NONE"}), person_id=desk.second.key)
    assert desk.pay_out("price", code).amount_fen == PROVISIONAL_FEN
    assert desk.stands("escrow", code) == 0


@ON_SQLITE
def test_a_falling_market_leaves_the_seller_owing_and_never_pays_out_below_nothing(
    store, clock, deal, desk
):
    code = deal.contract.code
    run(store, deal.steps()[:3])
    desk.receive(code)
    desk.pay_out("price", code)
    final(store, clock, deal, values=(17_900,) * 5)
    assert open_fen(store, code) == -OVER_FEN
    assert desk.stands("payable", code, of=deal.buyer) == OVER_FEN
    assert desk.stands("receivable", code, of=deal.seller) == -OVER_FEN
    assert [due for due in desk.due(code) if due.purpose != "umpire"] == []
    with pytest.raises(errors.NothingToPayOut):
        desk.let_go("price", code)


@ON_SQLITE
def test_what_is_still_held_goes_back_before_the_seller_owes_it(store, clock, deal, desk):
    code = deal.contract.code
    run(store, deal.steps()[:3])
    desk.receive(code)
    final(store, clock, deal, values=(17_900,) * 5)
    assert open_fen(store, code) == 0
    assert desk.stands("held", code, of=deal.buyer) == OVER_FEN
    assert desk.pay_out("back", code).amount_fen == OVER_FEN
    assert desk.stands("held", code, of=deal.buyer) == desk.stands("payout_due", code) == 0
    assert desk.stands("bank_clearing", of=deal.buyer) == OVER_FEN - PROVISIONAL_FEN
    assert desk.pay_out("price", code).amount_fen == (
        PROVISIONAL_FEN - OVER_FEN - UMPIRE_FEN - 1_103_115
    )  # fmt: skip
    assert desk.stands("escrow", code) == 0


@ON_SQLITE
def test_the_next_payout_of_the_seller_pays_its_debit_note(store, clock, deal, desk):
    run(store, deal.steps()[:3])
    desk.receive(deal.contract.code)
    desk.pay_out("price", deal.contract.code)
    with store.write() as session:
        other_buyer = a_party(session, clock=clock, role="smelter")
        other = a_deal(session, clock=clock, seller=deal.seller, buyer=other_buyer)
    final(store, clock, deal, values=(17_900,) * 5)
    run(store, other.steps()[:3])
    desk.receive(other.contract.code)
    paid = desk.pay_out("price", other.contract.code)
    with store.read() as session:
        received = session.exec(
            select(PaymentRecord).where(PaymentRecord.subject_code == other.contract.code)
        ).one()
    assert paid.amount_fen == received.amount_fen - OVER_FEN
    assert open_fen(store, deal.contract.code) == 0
    assert desk.pay_out("back", deal.contract.code).amount_fen == OVER_FEN
    assert desk.stands("bank_clearing", of=deal.buyer) == OVER_FEN - PROVISIONAL_FEN


@ON_SQLITE
def test_the_next_payment_of_the_same_buyer_is_asked_less(store, clock, deal, desk):
    """Both contracts are paid without the platform: nothing moves but what is owed."""
    with store.write() as session:
        other = a_deal(session, clock=clock, seller=deal.seller, buyer=deal.buyer)
    run(store, deal.steps()[:3])
    desk.receive(deal.contract.code)
    desk.pay_out("price", deal.contract.code)
    final(store, clock, deal, values=(17_900,) * 5)
    run(store, other.steps()[:3])
    with store.read() as session:
        owed = in_force(session, kind="contract", subject_code=other.contract.code)
        asked = asked_for(session, owed)
        assert asked.amount_fen == owed.amount_fen - OVER_FEN
    assert open_fen(store, deal.contract.code) == 0
    assert desk.stands("advance", of=deal.buyer) == desk.stands("advance", of=deal.seller) == 0


def test_a_wrong_match_is_undone_only_while_the_money_is_there(store, clock, deal, desk):
    code = deal.contract.code
    run(store, deal.steps()[:3])
    found = desk.receive(code)
    undo = {
        "clock": clock, "match_code": found, "organisation_id": desk.organisation_id,
        "person_id": desk.operator.person.key, "reason": "another contract",
    }  # fmt: skip
    desk.let_go("price", code)
    with pytest.raises(errors.PaidOn), store.write() as session:
        matching.undo_match(session, **undo)
    with store.write() as session:
        made = session.exec(select(Payout)).one()
        decline_payout(
            session, clock=clock, code=made.code, organisation_id=desk.organisation_id,
            person_id=desk.second.key, reason="wrong",
        )  # fmt: skip
    with store.write() as session:
        matching.undo_match(session, **undo)
    assert desk.stands("escrow", code) == desk.stands("held", code, of=deal.seller) == 0
    assert open_fen(store, code) == PROVISIONAL_FEN


@ON_SQLITE
def test_a_contract_is_paid_only_while_its_final_price_is(store, clock, deal, desk):
    code = deal.contract.code

    def paid() -> bool:
        with store.read() as session:
            row = session.exec(select(Contract).where(Contract.code == code)).one()
            return row.paid_at is not None

    run(store, deal.steps()[:3])
    desk.receive(code)
    assert not paid(), "a provisional payment is no full price"
    final(store, clock, deal)
    found = desk.receive(code)
    assert paid()
    with store.write() as session:
        matching.undo_match(
            session, clock=clock, match_code=found, organisation_id=desk.organisation_id,
            person_id=desk.operator.person.key, reason="another contract",
        )  # fmt: skip
    assert not paid()
    assert desk.stands("payable", code, of=deal.buyer) == -DUE_FEN
    desk.receive(code)
    assert paid()
    with store.write() as session:
        deal.quote(session, date(2026, 3, 9), 20_630)
    assert not paid(), "the revised price asks for more"


def secured(store, clock, parties, desk, *, deposit_fen: int) -> Deal:
    """The worked example's contract, after an auction that asked for a deposit."""
    seller, buyer = parties
    said = {"clock": clock, "bidder_id": buyer.organisation.key, "person_id": buyer.person.key}
    with store.write() as session:
        draft = a_draft(price=FIXED, closes_at=clock.now(session) + timedelta(hours=1),
                        conditions=Conditions(deposit_fen=deposit_fen))  # fmt: skip
        listing = publish_lot(session, clock=clock, seller=seller, draft=draft)
    with store.write() as session:
        told = tell_deposit(session, **said, listing_code=listing.code, reference="保证金")
    desk.match(desk.statement(income=deposit_fen, text=listing.code))
    assert desk.stands("deposit_held", listing.code) == -deposit_fen
    with store.write() as session:
        buy_now(
            session, clock=clock, listing_code=listing.code, buyer_id=buyer.organisation.key,
            person_id=buyer.person.key, deliver_to_site_id=buyer.site.key,
            price_fen_per_t=FIXED.price_fen_per_t,
        )  # fmt: skip
    with store.write() as session:
        contract = session.exec(select(Contract).where(Contract.listing_id == listing.key)).one()
        deal = Deal(clock, seller, buyer, contract)
        row = draft_terms(session, **deal.by("buyer"), said=terms_json(wheel_terms()))
        who = {k: v for k, v in deal.by("seller").items() if k != "contract_code"}
        sign_terms(session, **who, terms_code=row.code)
    assert told.amount_fen == deposit_fen
    return deal


DEPOSIT_FEN, HOUR_S = 5_000_000, 3_600


@pytest.mark.parametrize(("fallen", "values"), [(False, QP), (True, (17_900,) * 5)])
def test_a_deposit_pays_the_price_and_answers_for_the_seller_until_the_final(
    store, clock, parties, desk, fallen, values
):
    deal = secured(store, clock, parties, desk, deposit_fen=DEPOSIT_FEN)
    code = deal.contract.code
    assert desk.stands("escrow", code) == -DEPOSIT_FEN
    run(store, deal.steps()[:3])
    with store.read() as session:
        owed = in_force(session, kind="contract", subject_code=code)
        assert asked_for(session, owed).amount_fen == PROVISIONAL_FEN - DEPOSIT_FEN
    desk.receive(code)
    assert desk.pay_out("price", code).amount_fen == PROVISIONAL_FEN - DEPOSIT_FEN
    assert desk.stands("escrow", code) == -DEPOSIT_FEN
    final(store, clock, deal, values=values)
    if fallen:
        assert open_fen(store, code) == DEPOSIT_FEN - OVER_FEN, "the deposit came first"
        assert desk.pay_out("back", code).amount_fen == DEPOSIT_FEN
        assert desk.stands("receivable", code, of=deal.seller) == DEPOSIT_FEN - OVER_FEN
        return
    desk.receive(code)
    assert desk.pay_out("price", code).amount_fen == DEPOSIT_FEN + PAYOUT_FEN
    assert desk.stands("escrow", code) == 0
    assert desk.stands("deposit_paid", of=deal.buyer) == 0


@ON_SQLITE
def test_a_deposit_above_the_whole_price_goes_back_to_the_buyer(store, clock, parties, desk):
    left_fen = 1_000_000
    deal = secured(store, clock, parties, desk, deposit_fen=VALUE_FEN + left_fen)
    code = deal.contract.code
    final_after_loads(store, clock, deal)
    assert open_fen(store, code) == 0
    assert desk.pay_out("back", code).amount_fen == left_fen
    assert desk.pay_out("price", code).amount_fen == VALUE_FEN - COMMISSION_FEN - UMPIRE_FEN
    assert desk.stands("escrow", code) == 0
    assert desk.stands("bank_clearing", of=deal.buyer) == -VALUE_FEN


def final_after_loads(store, clock, deal: Deal) -> None:
    run(store, deal.steps()[:3])
    final(store, clock, deal)


@pytest.fixture
def auction(store, clock, tmp_path, desk):
    """An auction with deposits and times to pay; two bidders laid theirs down by bank transfer."""
    clock.set(NOON)
    world = AuctionWorld(store, clock, tmp_path / "keys")
    world.publish(
        AUCTION, conditions=Conditions(deposit_fen=500_000, verify_s=HOUR_S, pay_s=HOUR_S)
    )
    for buyer, price in zip(world.buyers[:2], (15_000, 15_500), strict=True):
        with store.write() as session:
            tell_deposit(
                session, clock=clock, listing_code=world.code, bidder_id=buyer.organisation.key,
                person_id=buyer.person.key, reference=f"保证金{buyer.organisation.code}",
            )  # fmt: skip
        desk.match(desk.statement(income=500_000, text=f"保证金{buyer.organisation.code}"))
        world.bid(buyer, price)
    clock.advance(hours=2)
    with store.write() as session:
        awarding.close_due(session, clock=clock)
    return world


@ON_SQLITE
def test_deposits_are_paid_out_to_whom_they_went(store, clock, auction, desk):
    """The winner does not pay, and nobody contests the claim; the other only runs out of time."""
    code, seller = auction.code, auction.seller
    other, winner = auction.buyers[:2]
    move(auction, "verified")
    clock.advance(hours=2)
    with store.write() as session:
        awarding.close_due(session, clock=clock)
    claim(auction)
    clock.advance(days=3)
    with store.write() as session:
        awarding.close_due(session, clock=clock)
    end_due(store, clock=clock)
    back, lost = sorted(desk.due(code), key=lambda due: due.purpose, reverse=True)
    assert (lost.purpose, lost.payee_id) == ("forfeited", seller.organisation.key)
    assert (back.purpose, back.payee_id) == ("released", other.organisation.key)
    assert desk.stands("held", code, of=seller) == 500_000
    assert desk.stands("loss", of=winner) == 500_000
    desk.pay_out("forfeited", code, deposit_id=lost.deposit_id)
    assert desk.stands("held", code, of=seller) == 0
    assert desk.stands("bank_clearing", of=seller) == 500_000
    with pytest.raises(errors.NothingToPayOut):
        desk.let_go("forfeited", code, deposit_id=lost.deposit_id)
    desk.pay_out("released", code, deposit_id=back.deposit_id)
    assert desk.stands("bank_clearing", of=other) == 0
    assert desk.stands("deposit_paid", code, of=other) == 0
    assert desk.stands("payout_due", code) == desk.stands("bank", desk.account) == 0
