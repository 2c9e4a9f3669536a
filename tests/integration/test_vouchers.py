"""What settlements, payments and deposits enter: the book says what the settlement says."""

import random
from datetime import date

import pytest
from sqlmodel import func, select

from remelt.platform.kernel.errors import Refusal
from remelt.platform.settlement import accounts, books, gate
from remelt.platform.settlement.checking import drifts
from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.ledger.models import MoneyEntry, MoneyPosting
from remelt.platform.settlement.ledger.posting import book
from remelt.platform.settlement.ledger.reading import balance_of, trial_balance
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rules import Weighed
from tests.parties import a_colleague, a_party

TODAY = date(2026, 3, 2)
LINE = Weighed(lot_code="LOT", net_g=91_460_000, deducted_g=1_874_900, price_fen_per_t=1_765_360)


@pytest.fixture
def sides(store, clock):
    """A buyer with two people, and a seller."""
    with store.write() as session:
        buyer = a_party(session, clock=clock, role="smelter")
        return buyer, a_colleague(session, clock=clock, of=buyer), a_party(session, clock=clock)


def put(session, clock, sides, *, line=LINE, **changes) -> Settlement:
    buyer, _, seller = sides
    draft = Settlement(
        code=accounts.new_code(), kind="contract", subject_code="CONTRACT", ticket_code="TICKET",
        revision=1, site_id=buyer.site.key, payer_id=buyer.organisation.key,
        payee_id=seller.organisation.key, net_g=0, deducted_g=0, payable_g=0, lines_fen=0,
        amount_fen=0, inputs={}, inputs_sha256="", computed_at=clock.now(), **changes,
    )  # fmt: skip
    return books.put(session, draft, lines=[line] if line else [], clock=clock)[0]


def said(store, party, kind: str, subject: str = "") -> int:
    with store.write() as session:
        book_id = book(session, organisation_id=party and party.organisation.key)
        return balance_of(session, book_id=book_id, account=Account(kind, subject))


def trial(store, party) -> dict[str, int]:
    with store.write() as session:
        book_id = book(session, organisation_id=party and party.organisation.key)
        lines = trial_balance(session, book_id=book_id, since=TODAY, until=TODAY)
    return {line.account.kind: line.closing_minor for line in lines}


def test_a_settled_contract_stands_in_both_books_with_its_tax(store, clock, sides):
    buyer, _, seller = sides
    with store.write() as session:
        put(session, clock, sides, tax_included=True, vat_rate_bp=1_300)
    assert trial(store, buyer) == {
        "purchases": 139_955_710, "tax_input": 18_194_242, "payable": -158_149_952,
    }  # fmt: skip
    assert trial(store, seller) == {
        "receivable": 158_149_952, "sales": -139_955_710, "tax_output": -18_194_242,
    }  # fmt: skip


def test_the_same_settlement_again_enters_nothing(store, clock, sides):
    with store.write() as session:
        put(session, clock, sides)
    with store.write() as session:
        put(session, clock, sides)
        assert session.exec(select(func.count(MoneyEntry.id))).one() == 2


def test_a_gate_purchase_is_owed_and_paid_in_one_book_and_handed_back(store, clock, sides):
    buyer, _, _ = sides
    facts = {"ticket_code": "TICKET", "site_id": buyer.site.key}
    with store.write() as session:
        bought = gate.GatePurchase(
            payer_id=buyer.organisation.key, lines=[LINE], paid_fen=158_150_000,
            method="wechat", reference="", waiting=False, person_id=buyer.person.key, **facts,
        )  # fmt: skip
        assert len(gate.record_gate_purchases(session, clock=clock, bought=[bought])) == 1
        assert gate.record_gate_purchases(session, clock=clock, bought=[bought]) == []
    assert trial(store, buyer) == {"purchases": 158_150_000, "payable": 0, "wallet": -158_150_000}
    with store.write() as session:
        gate.void(
            session, clock=clock, kind="gate", subject_code="TICKET", ticket_code="COUNTER",
            person_id=buyer.person.key,
        )  # fmt: skip
    assert set(trial(store, buyer).values()) == {0}


def a_step(session, clock, sides, dice: random.Random) -> None:
    """Do one random thing that parties do about a contract."""
    buyer, second, _ = sides
    if dice.random() < 0.3:
        net_g = dice.choice((0, dice.randint(1, 100_000_000)))
        line = Weighed(lot_code="LOT", net_g=net_g, deducted_g=0, price_fen_per_t=1_765_360)
        put(session, clock, sides, line=line if net_g else None)
        return
    owed = books.in_force(session, kind="contract", subject_code="CONTRACT")
    waiting = session.exec(
        select(PaymentRecord).where(
            PaymentRecord.confirmed_at.is_(None), PaymentRecord.declined_at.is_(None)
        )
    ).all()
    ours = {"clock": clock, "organisation_id": buyer.organisation.key}
    if waiting and dice.random() < 0.6:
        named = ours | {"payment_code": dice.choice(waiting).code, "person_id": second.key}
        if dice.random() < 0.5:
            accounts.confirm_payment(session, **named)
        else:
            accounts.decline_payment(session, reason="not there", **named)
        return
    accounts.record_payment(
        session, settlement_code=owed.code, person_id=buyer.person.key,
        amount_fen=dice.choice((1, 400_000, 5_000_000, max(1, owed.amount_fen // 3))),
        paid_on=TODAY, method=dice.choice(("bank", "cash", "alipay")), **ours,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_after_any_sequence_the_book_says_what_the_settlement_says(store, clock, sides, seed):
    buyer, _, seller = sides
    dice, refused = random.Random(seed), 0
    with store.write() as session:
        put(session, clock, sides)
    for _ in range(25):
        try:
            with store.write() as session:
                a_step(session, clock, sides, dice)
        except Refusal:
            refused += 1
        with store.read() as session:
            owed = books.in_force(session, kind="contract", subject_code="CONTRACT")
            balance = books.balance(session, owed)
            assert session.exec(select(func.sum(MoneyPosting.amount_minor))).one() == 0
            assert list(drifts(session)) == []
        waiting = balance.recorded_fen - balance.confirmed_fen
        assert said(store, buyer, "payable", "CONTRACT") == -balance.open_fen
        assert said(store, buyer, "payment_held", "CONTRACT") == -waiting
        assert said(store, seller, "receivable", "CONTRACT") == balance.open_fen + waiting
    assert refused < 20


def test_a_payable_that_the_book_does_not_say_is_named(store, clock, sides):
    buyer, _, _ = sides
    with store.write() as session:
        owed = put(session, clock, sides)
        session.add(
            PaymentRecord(
                code="PASTTHEBOOK", settlement_id=owed.key, subject_code="CONTRACT", amount_fen=5,
                method="bank", paid_on=TODAY, person_id=buyer.person.key, recorded_at=clock.now(),
                needs_second=False, confirmed_at=clock.now(),
            )
        )  # fmt: skip
    with store.read() as session:
        (found,) = drifts(session)
    assert (found.what, found.of, found.book_fen - found.owed_fen) == (
        "payable-differs", owed.code, 5,
    )  # fmt: skip
