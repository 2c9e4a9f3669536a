"""Terms that two parties signed, and their settlement in the books: on a real database."""

from datetime import UTC, date, datetime

import orjson
import pytest
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.market.errors import NoSuchContract
from remelt.platform.market.models import Contract
from remelt.platform.settlement import deliveries
from remelt.platform.settlement.accounts import confirm_payment, record_payment
from remelt.platform.settlement.books import balance, in_force
from remelt.platform.settlement.finals import errors
from remelt.platform.settlement.finals.claiming import say, standing_of, to_answer
from remelt.platform.settlement.finals.drafting import draft_terms, sign_terms, signed_terms
from remelt.platform.settlement.finals.entering import call_price
from remelt.platform.settlement.finals.models import DebitNote, SettlementStatement
from remelt.platform.settlement.finals.recomputing import recomputed
from remelt.platform.settlement.finals.settling import waiting_for
from remelt.platform.settlement.finals.statement import Wanted
from remelt.platform.settlement.finals.terms import (
    CalledPrice,
    Terms,
    Weights,
    canonical_json,
    terms_json,
)
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.pricing.importing import parse_quotes
from remelt.platform.settlement.pricing.indices import mark_day
from tests.deals import DAYS, FRIDAY, Deal, a_deal, index_smm
from tests.finals import wheel_terms
from tests.parties import Party, a_party

PAID_FEN, VALUE_FEN, FALLEN_FEN = 148_346_291, 158_149_952, 137_889_386
AFTER = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SimulatedClock:
    """Noon of the Friday of loading."""
    return SimulatedClock(FRIDAY)


@pytest.fixture
def parties(store: Store, clock: SimulatedClock) -> tuple[Party, Party]:
    """A hub that sells and a smelter that buys, on the Friday of loading; SMM is quoted."""
    with store.write() as session:
        seller = a_party(session, clock=clock, role="hub", login="hub")
        buyer = a_party(session, clock=clock, role="smelter", login="smelter")
        index_smm(session, clock=clock, person_id=buyer.person.key)
    return seller, buyer


@pytest.fixture
def deal(store: Store, clock: SimulatedClock, parties: tuple[Party, Party]) -> Deal:
    """The contract of the worked example, signed by both."""
    with store.write() as session:
        return a_deal(session, clock=clock, seller=parties[0], buyer=parties[1])


def owed(store: Store, deal: Deal) -> Settlement:
    with store.read() as session:
        found = in_force(session, kind="contract", subject_code=deal.contract.code)
        assert found is not None
        return found


def explained(store: Store, settlement: Settlement) -> SettlementStatement:
    with store.read() as session:
        return session.exec(
            select(SettlementStatement).where(SettlementStatement.settlement_id == settlement.key)
        ).one()


def answering(store: Store, deal: Deal) -> list[str]:
    """What both parties find among the settlements that they may still say something about."""
    with store.read() as session:
        buyer, seller = (
            [
                (each.settlement.subject_code, each.standing.state)
                for each in to_answer(
                    session, organisation_id=party.organisation.key, now=deal.clock.now(session)
                )
            ]
            for party in (deal.buyer, deal.seller)
        )
    assert buyer == seller
    assert {code for code, _ in buyer} <= {deal.contract.code}
    return [state for _, state in buyer]


def pay(store: Store, deal: Deal, first: Settlement) -> None:
    """The buyer pays what is asked; somebody else confirms it."""
    who = {k: v for k, v in deal.by("buyer").items() if k != "contract_code"}
    with store.write() as session:
        paid = record_payment(
            session, **who, settlement_code=first.code, amount_fen=first.amount_fen,
            paid_on=FRIDAY.date(),
        )  # fmt: skip
        other = who | {"person_id": deal.seller.person.key}
        confirm_payment(session, **other, payment_code=paid.code)


def run(store: Store, steps) -> None:
    for step in steps:
        with store.write() as session:
            step(session)


def test_the_worked_example_goes_from_provisional_to_final(store, clock, deal):
    run(store, deal.steps()[:3])
    first = owed(store, deal)
    assert (first.amount_fen, first.withheld_fen) == (PAID_FEN, 164_829_212 - PAID_FEN)
    assert explained(store, first).stage == "provisional"
    pay(store, deal, first)
    clock.set(AFTER)
    run(store, deal.steps()[3:])
    last = owed(store, deal)
    assert (last.payable_g, last.amount_fen, last.withheld_fen) == (89_585_100, VALUE_FEN, 0)
    assert (last.tax_included, last.vat_rate_bp, last.revision) == (True, 1_300, 4)
    with store.read() as session:
        assert balance(session, last).open_fen == 9_803_661
    row = explained(store, last)
    assert recomputed(orjson.dumps(row.record)) == canonical_json(row.statement)


def test_an_index_revised_after_the_final_asks_for_the_difference(store, clock, deal):
    clock.set(AFTER)
    run(store, deal.steps())
    before = owed(store, deal)
    with store.write() as session:
        deal.quote(session, DAYS[0], 20_530)
    after = owed(store, deal)
    assert after.supersedes_id == before.key
    assert after.amount_fen - before.amount_fen == 78_835  # 0.88 x 50 / 5 = 8.80 CNY/t
    row = explained(store, after)
    assert "index:SMM_A00@2026-03-03#2" in str(row.statement)
    with store.write() as session:
        deal.quote(session, DAYS[0], 20_530)
    assert owed(store, deal).key == after.key, "the same figure again changes nothing"


def test_a_falling_market_issues_a_debit_note(store, clock, deal):
    run(store, deal.steps()[:3])
    pay(store, deal, owed(store, deal))
    clock.set(AFTER)
    run(store, deal.steps((17_900,) * 5)[3:])
    last = owed(store, deal)
    assert last.amount_fen == FALLEN_FEN
    with store.read() as session:
        assert balance(session, last).state == "credit"
        note = session.exec(select(DebitNote)).one()
    assert (note.settlement_id, note.amount_fen) == (last.key, 10_456_905)


def test_a_holiday_inside_the_period_moves_its_end(store, clock, deal):
    clock.set(AFTER)
    with store.write() as session:
        mark_day(
            session, clock=clock, person_id=deal.buyer.person.key, calendar="SMM",
            day=DAYS[1], trades=False, name="假日",
        )  # fmt: skip
    run(store, deal.steps())
    assert explained(store, owed(store, deal)).stage == "provisional"
    with store.read() as session:
        contract = session.exec(select(Contract)).one()
        waiting = waiting_for(session, contract=contract, today=AFTER.date())
        assert waiting is not None
        assert waiting.wanted == (Wanted("quote", "SMM_A00", "2026-03-10"),)
    with store.write() as session:
        deal.quote(session, date(2026, 3, 10), 20_600)
    assert explained(store, owed(store, deal)).stage == "final"


def test_both_agree_and_nothing_is_entered_any_more(store, clock, deal):
    clock.set(AFTER)
    run(store, deal.steps())
    for side in ("seller", "buyer"):
        with store.write() as session:
            say(session, **deal.by(side), word="agree")
    with pytest.raises(errors.SettlingOver), store.write() as session:
        deal.load(session, "seller", 1, gross_g=49_870_000)
    with pytest.raises(errors.NothingToSay), store.write() as session:
        say(session, **deal.by("buyer"), word="object", about="weight")
    with store.write() as session:
        deal.quote(session, DAYS[0], 20_530)
        settlement = in_force(session, kind="contract", subject_code=deal.contract.code)
        assert settlement is not None
        now = clock.now(session)
        assert standing_of(session, settlement, now=now).state == "claim-window"


def test_a_claim_holds_the_window_open_until_it_is_withdrawn(store, clock, deal):
    clock.set(AFTER)
    run(store, deal.steps())
    assert answering(store, deal) == ["claim-window"]
    with store.write() as session:
        say(session, **deal.by("seller"), word="object", about="quality", text="水分")
    clock.advance(days=400)
    assert answering(store, deal) == ["disputed"]
    with store.read() as session:
        found = standing_of(session, owed(store, deal), now=clock.now(session))
        assert found.state == "disputed"
    with pytest.raises(errors.NothingToSay), store.write() as session:
        say(session, **deal.by("buyer"), word="withdraw")
    with store.write() as session:
        say(session, **deal.by("seller"), word="withdraw")
    with store.read() as session:
        found = standing_of(session, owed(store, deal), now=clock.now(session))
        assert found.state == "agreed", "the window ended meanwhile"
    assert answering(store, deal) == []


def test_a_result_is_open_to_neither_until_both_have_spoken_and_then_stands(store, clock, deal):
    with store.write() as session:
        deal.result(session, "seller", "Fe", 2_100)
        deal.result(session, "seller", "Fe", 2_200)
        deal.result(session, "buyer", "Fe", 3_100)
    with pytest.raises(errors.AssayRevealed), store.write() as session:
        deal.result(session, "seller", "Fe", 3_000)
    with pytest.raises(errors.AnalyteNotInTerms), store.write() as session:
        deal.result(session, "seller", "Cu", 3_000)


def test_terms_bind_once_both_signed_the_newest(store, clock, parties):
    seller, buyer = parties
    with store.write() as session:
        deal = a_deal(session, clock=clock, seller=seller, buyer=buyer, signed=False)
        assert signed_terms(session, contract_id=deal.contract.key) is None
        row = draft_terms(
            session, **deal.by("seller"), said=terms_json(wheel_terms(commission_bp=0))
        )
    who = {k: v for k, v in deal.by("seller").items() if k != "contract_code"}
    with pytest.raises(errors.TermsSuperseded), store.write() as session:
        sign_terms(session, **who, terms_code=deal.terms_code)
    with store.write() as session:
        other = {k: v for k, v in deal.by("buyer").items() if k != "contract_code"}
        sign_terms(session, **other, terms_code=row.code)
        found = signed_terms(session, contract_id=deal.contract.key)
        assert found is not None
        assert found.code == row.code
    with pytest.raises(errors.NoSuchTerms), store.write() as session:
        sign_terms(session, **(who | {"organisation_id": 1}), terms_code=row.code)
    with pytest.raises(NoSuchContract), store.write() as session:
        say(session, **(deal.by("seller") | {"organisation_id": 1}), word="agree")


def test_a_voided_ticket_takes_the_final_back_until_it_is_weighed_again(store, clock, parties):
    terms = Terms(
        formula="15000 CNY/t without invoice", weights=Weights(packing_g=60_000), claim_days=5
    )
    with store.write() as session:
        deal = a_deal(session, clock=clock, seller=parties[0], buyer=parties[1], terms=terms)
    weighed = {
        "clock": clock, "contract_code": deal.contract.code, "net_g": 2_060_000,
        "deducted_g": 0, "tare_g": 9_000_000, "person_id": deal.buyer.person.key,
    }  # fmt: skip
    with store.write() as session:
        deliveries.settle(session, **weighed, ticket_code="AAAAAAAAAAAA11")
    assert owed(store, deal).amount_fen == 3_000_000
    with store.write() as session:
        person = deal.buyer.person.key
        assert deliveries.void_ticket(
            session, clock=clock, ticket_code="AAAAAAAAAAAA11", person_id=person
        )
        assert not deliveries.void_ticket(
            session, clock=clock, ticket_code="NONE", person_id=person
        )
    assert owed(store, deal).amount_fen == 0
    with store.write() as session:
        deliveries.settle(session, **(weighed | {"net_g": 2_160_000}), ticket_code="AAAAAAAAAAAA22")
    assert owed(store, deal).amount_fen == 3_150_000


def test_a_price_is_called_in_its_window_by_who_may(store, clock, parties):
    called = CalledPrice(
        by="buyer", first=date(2026, 3, 2), last=date(2026, 3, 6), mass_g=60_000_000,
        least_g=20_000_000,
    )  # fmt: skip
    terms = Terms(formula="called(SMM_A00) - 150 CNY/t without invoice", called=called)
    with store.write() as session:
        deal = a_deal(session, clock=clock, seller=parties[0], buyer=parties[1], terms=terms)
    with pytest.raises(errors.CallOutsideWindow), store.write() as session:
        call_price(session, **deal.by("buyer"), mass_g=20_000_000)
    clock.set(datetime(2026, 3, 2, 4, 0, tzinfo=UTC))
    with pytest.raises(errors.NotYourCall), store.write() as session:
        call_price(session, **deal.by("seller"), mass_g=20_000_000)
    with pytest.raises(errors.CalledTooMuch), store.write() as session:
        call_price(session, **deal.by("buyer"), mass_g=19_999_999)
    with store.write() as session:
        row = call_price(session, **deal.by("buyer"), mass_g=50_000_000)
        assert (row.index_code, row.day) == ("SMM_A00", date(2026, 3, 2))
    with pytest.raises(errors.CalledTooMuch), store.write() as session:
        call_price(session, **deal.by("buyer"), mass_g=10_000_001)
    with store.write() as session:
        call_price(session, **deal.by("buyer"), mass_g=10_000_000)


CSV = """指数代码,日期,均价,单位
SMM_A00,2026-03-03,"20,480",元/吨
SMM_A00,2026/3/4,20510.5,
LME_X,2026-03-05,2500,
SMM_A00,2026-03-05,x,
SMM_A00,2026-03-03,1,
SMM_A00,2026-03-06,2500,USD/t
SMM_A00,2027-03-06,2500,
"""


def test_a_file_of_quotes_names_each_cell_to_mend():
    read = parse_quotes(
        CSV.encode(), filename="a.csv", indices={"SMM_A00": "CNY/t"}, today=AFTER.date()
    )
    assert [(row.day.day, row.value_e6) for row in read.rows[:2]] == [
        (3, 20_480_000_000), (4, 20_510_500_000),
    ]  # fmt: skip
    assert [(p.cell, p.refusal.code) for p in read.problems] == [
        ("A4", "cell-unknown-word"), ("C5", "cell-not-a-number"), ("B6", "index-day-twice"),
        ("D7", "index-unit-differs"), ("B8", "cell-not-a-time"),
    ]  # fmt: skip
