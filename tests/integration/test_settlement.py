"""Owed, paid, confirmed: whole fen on a real database."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col, select, text

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.parties import people
from remelt.platform.settlement import accounts, books, errors, queries
from remelt.platform.settlement.gate import GatePurchase, record_gate_purchases
from remelt.platform.settlement.models import PaymentRecord, Settlement, SettlementLine
from remelt.platform.settlement.rules import Balance, Weighed
from tests.parties import Party, a_party

TODAY = date(2026, 3, 2)
LINE = Weighed(lot_code="LOT", net_g=91_460_000, deducted_g=1_874_900, price_fen_per_t=1_765_360)
OWED_FEN = 158_149_952


@pytest.fixture
def buyer(store: Store, clock: SimulatedClock) -> Party:
    """A smelter; payments above 10,000 yuan need two people."""
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter")


@pytest.fixture
def second(store: Store, clock: SimulatedClock) -> Party:
    """Somebody else."""
    with store.write() as session:
        return a_party(session, clock=clock, role="smelter")


@pytest.fixture
def owed(store: Store, clock: SimulatedClock, buyer: Party, second: Party) -> Settlement:
    """What the buyer owes another organisation under a contract."""
    with store.write() as session:
        return put(session, clock, buyer, second)


def put(session, clock, buyer: Party, seller: Party, *, line: Weighed = LINE) -> Settlement:
    draft = Settlement(
        code=accounts.new_code(), kind="contract", subject_code="CONTRACT", ticket_code="TICKET",
        revision=1, site_id=buyer.site.key, payer_id=buyer.organisation.key,
        payee_id=seller.organisation.key, net_g=0, deducted_g=0, payable_g=0, lines_fen=0,
        amount_fen=0, inputs={}, inputs_sha256="", computed_at=clock.now(),
    )  # fmt: skip
    return books.put(session, draft, lines=[line], clock=clock)[0]


def pay(session, clock, owed: Settlement, buyer: Party, **changes) -> PaymentRecord:
    facts = {"amount_fen": 500_000, "paid_on": TODAY, "reference": "20260302-1"}
    return accounts.record_payment(
        session,
        clock=clock,
        settlement_code=owed.code,
        **(
            {"organisation_id": buyer.organisation.key, "person_id": buyer.person.key}
            | facts
            | changes
        ),
    )


def balance(store: Store, owed: Settlement) -> Balance:
    with store.read() as session:
        return books.balance(session, owed)


def test_the_worked_settlement_comes_to_the_fen(store, owed):
    assert (owed.payable_g, owed.amount_fen) == (89_585_100, OWED_FEN)
    assert balance(store, owed).state == "due"


def test_whom_the_payer_let_in_is_no_second_person(store, clock, owed, buyer):
    with store.write() as session:
        large = pay(session, clock, owed, buyer, amount_fen=OWED_FEN)
        hands = {}
        for name, by in (("made-up", buyer.person.key), ("sent-by-operator", None)):
            person = people.add_person(
                session, clock=clock, login=name, name=name, password_hash="!"
            )
            people.join(
                session,
                clock=clock,
                person_id=person.key,
                organisation_id=buyer.organisation.key,
                role="smelter",
                by_person_id=by,
            )
            hands[name] = person.key
    confirm = {
        "clock": clock,
        "payment_code": large.code,
        "organisation_id": buyer.organisation.key,
    }
    with pytest.raises(errors.SamePerson), store.write() as session:
        accounts.confirm_payment(session, person_id=hands["made-up"], **confirm)
    with store.write() as session:
        done = accounts.confirm_payment(session, person_id=hands["sent-by-operator"], **confirm)
    assert done.state == "confirmed"


def test_a_small_payment_counts_at_once_and_a_large_one_waits(store, clock, owed, buyer, second):
    with store.write() as session:
        small = pay(session, clock, owed, buyer)
        large = pay(session, clock, owed, buyer, amount_fen=OWED_FEN - 500_000)
    assert (small.state, large.state) == ("confirmed", "waiting")
    assert (balance(store, owed).state, balance(store, owed).confirmed_fen) == ("waiting", 500_000)
    confirm = {
        "clock": clock,
        "payment_code": large.code,
        "organisation_id": buyer.organisation.key,
    }
    with pytest.raises(errors.SamePerson), store.write() as session:
        accounts.confirm_payment(session, person_id=buyer.person.key, **confirm)
    with pytest.raises(errors.NoSuchPayment), store.write() as session:
        accounts.confirm_payment(
            session, person_id=second.person.key,
            **(confirm | {"organisation_id": second.organisation.key}),
        )  # fmt: skip
    with store.read() as session:
        ((waiting, _),) = queries.waiting(session, organisation_id=buyer.organisation.key)
        assert waiting.code == large.code
    with store.write() as session:
        accounts.confirm_payment(session, person_id=second.person.key, **confirm)
    assert balance(store, owed).state == "paid"
    with pytest.raises(errors.PaymentNotWaiting), store.write() as session:
        accounts.confirm_payment(session, person_id=second.person.key, **confirm)


def test_splitting_a_payment_does_not_spare_the_second_person(store, clock, owed, buyer, second):
    with store.write() as session:
        first = pay(session, clock, owed, buyer, amount_fen=750_000)
        other = pay(session, clock, owed, buyer, amount_fen=750_000)
    assert (first.state, other.state) == ("confirmed", "waiting")
    with store.write() as session:
        accounts.decline_payment(
            session, clock=clock, payment_code=other.code, person_id=second.person.key,
            organisation_id=buyer.organisation.key, reason="not on the statement",
        )  # fmt: skip
        rest = pay(session, clock, owed, buyer, amount_fen=250_000)
        above = pay(session, clock, owed, buyer, amount_fen=1)
    assert (rest.state, above.state) == ("confirmed", "waiting")


def test_the_payers_own_rule_holds_where_it_is_delivered_elsewhere(store, clock, buyer, second):
    with store.write() as session:
        easy = a_party(session, clock=clock, role="hub", second_person_above_fen=None)
        draft = put(session, clock, buyer, second)
        facts = draft.model_dump(exclude={"id"}) | {
            "site_id": easy.site.key, "code": accounts.new_code(), "subject_code": "ELSEWHERE",
        }  # fmt: skip
        owed = books.put(session, Settlement(**facts), lines=[LINE], clock=clock)[0]
        payment = pay(session, clock, owed, buyer, amount_fen=1_000_001)
    assert payment.state == "waiting"


def test_a_declined_payment_does_not_count(store, clock, owed, buyer, second):
    with store.write() as session:
        large = pay(session, clock, owed, buyer, amount_fen=OWED_FEN)
    decline = {
        "clock": clock,
        "payment_code": large.code,
        "organisation_id": buyer.organisation.key,
        "person_id": second.person.key,
    }
    with pytest.raises(errors.ReasonMissing), store.write() as session:
        accounts.decline_payment(session, reason=" ", **decline)
    with store.write() as session:
        accounts.decline_payment(session, reason="not on the statement", **decline)
    assert balance(store, owed).open_fen == OWED_FEN
    with store.write() as session:
        pay(session, clock, owed, buyer, amount_fen=OWED_FEN)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount_fen": 0}, errors.AmountNotPositive),
        ({"amount_fen": -1}, errors.AmountNotPositive),
        ({"amount_fen": OWED_FEN + 1}, errors.PaysTooMuch),
        ({"method": "shells"}, errors.UnknownPaymentMethod),
        ({"paid_on": TODAY + timedelta(days=1)}, errors.PaidInTheFuture),
        ({"paid_on": date(2001, 1, 1)}, errors.PaidInTheFuture),
        ({"organisation_id": 1}, errors.NoSuchSettlement),
    ],
)
def test_a_payment_is_refused(store, clock, owed, buyer, changes, refusal):
    with pytest.raises(refusal), store.write() as session:
        pay(session, clock, owed, buyer, **changes)
    assert balance(store, owed).recorded_fen == 0


def test_other_inputs_supersede_and_the_same_change_nothing(store, clock, owed, buyer, second):
    with store.write() as session:
        pay(session, clock, owed, buyer)
    with store.write() as session:
        again = put(session, clock, buyer, second)
        lighter = Weighed(lot_code="LOT", net_g=100_000, deducted_g=0, price_fen_per_t=1_765_360)
        newer = put(session, clock, buyer, second, line=lighter)
    assert again.code == owed.code
    assert (newer.revision, newer.supersedes_id, newer.amount_fen) == (2, owed.id, 176_536)
    assert balance(store, newer).state == "credit"
    assert balance(store, newer).open_fen == 176_536 - 500_000
    with pytest.raises(errors.SettlementSuperseded), store.write() as session:
        pay(session, clock, owed, buyer)
    with store.read() as session:
        view = queries.settlement(session, code=owed.code, organisation_id=second.organisation.key)
        assert (view.pays, view.in_force, len(view.revisions)) == (False, False, 2)
        assert view.instruction is not None
        (line,) = queries.money(session, organisation_id=second.organisation.key)
        assert line.code == newer.code
    with pytest.raises(errors.NoSuchSettlement), store.read() as session:
        queries.settlement(session, code=owed.code, organisation_id=1)


def test_the_same_inputs_give_the_same_hash_and_amount(store, owed):
    with store.read() as session:
        (line,) = session.exec(select(SettlementLine))
        assert line.amount_fen == OWED_FEN
        stored = session.exec(select(Settlement.inputs)).one()
    worked = sum(Weighed(**each).amount_fen for each in stored["lines"])
    assert worked == OWED_FEN
    assert books.inputs_hash(stored) == owed.inputs_sha256


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (Weighed(lot_code="L", net_g=0, deducted_g=0, price_fen_per_t=1), errors.NothingWeighed),
        (Weighed(lot_code="L", net_g=1, deducted_g=2, price_fen_per_t=1), errors.DeductedTooMuch),
    ],
)
def test_what_was_not_weighed_is_not_settled(store, clock, buyer, line, refusal):
    with pytest.raises(refusal), store.write() as session:
        bought = GatePurchase(
            ticket_code="T", site_id=buyer.site.key, lines=[line],
            payer_id=buyer.organisation.key, paid_fen=0, method="cash",
            reference="", person_id=buyer.person.key, waiting=False,
        )  # fmt: skip
        record_gate_purchases(session, clock=clock, bought=[bought])


def test_the_database_too_keeps_two_hands_and_history(store, clock, owed, buyer):
    with store.write() as session:
        pay(session, clock, owed, buyer, amount_fen=OWED_FEN)
    same = "UPDATE payment_record SET confirmed_at = recorded_at, second_person_id = person_id"
    alone = "UPDATE payment_record SET confirmed_at = recorded_at"
    for statement in (same, alone, "UPDATE payment_record SET amount_fen = 0"):
        with pytest.raises(IntegrityError), store.write() as session:
            session.connection().execute(text(statement))
    for table in ("settlement", "settlement_line", "payment_instruction"):
        with pytest.raises(DBAPIError, match="insert-only"), store.write() as session:
            session.connection().execute(text(f"DELETE FROM {table}"))  # noqa: S608
    with store.read() as session:
        states = [
            each.state
            for each in session.exec(select(PaymentRecord).order_by(col(PaymentRecord.id)))
        ]
    assert states == ["waiting"]
