"""Payouts that the provider refuses, or that are taken back: owed to the seller again, once."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.store import Store
from remelt.platform.parties.models import Person
from remelt.platform.settlement.checking import drifts
from remelt.platform.settlement.escrow.due import payouts_due, stands
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.escrow.paying import confirm_payout
from remelt.platform.settlement.escrow.queries import held_view
from remelt.platform.settlement.rails.protocol import Answer
from remelt.platform.settlement.rails.provider_accounts import account_of, ask_account
from remelt.platform.settlement.rails.provider_errors import SellerNotReady
from remelt.platform.settlement.rails.provider_payouts import (
    let_go_online,
    prices_due,
    refusals,
)
from remelt.platform.settlement.rails.provider_sending import send
from remelt.platform.settlement.rails.provider_taking import keep_answer, take_in
from tests.money import a_settled_sale
from tests.parties import Party, a_colleague, a_party
from tests.provider import Desk, a_desk, nothing

OWED_FEN = 15_000_000
NO_MORE = "insufficient_capabilities_for_transfer"


@dataclass
class Paid:
    """A contract that was paid by card, and the two people who let its price go."""

    desk: Desk
    seller: Party
    operator: Party
    second: Person
    contract: str
    buyer: Party

    @property
    def account(self) -> str:
        """The seller's account at the provider."""
        with self.desk.store.read() as session:
            return account_of(session, organisation_id=self.seller.organisation.key).account_ref

    def collect(self, amount_fen: int) -> None:
        """The buyer pays by card."""
        self.desk.do(
            "collect", amount_fen, subject=self.contract, person_id=self.buyer.person.key,
            organisation_id=self.buyer.organisation.key,
        )  # fmt: skip

    def let_go(self) -> str:
        """Two people let the price go to the seller's account; returns the payout's code."""
        facts = {"clock": self.desk.clock}
        with self.desk.store.write() as session:
            made = let_go_online(
                session, **facts, contract_code=self.contract, person_id=self.operator.person.key
            ).code
        with self.desk.store.write() as session:
            confirm_payout(
                session, **facts, code=made, organisation_id=self.operator.organisation.key,
                person_id=self.second.key,
            )  # fmt: skip
        return made

    def sent(self) -> list[tuple[str, int]]:
        """The transfers as they stand."""
        rows = self.desk.rows(self.contract)
        return [(each.state, each.amount_minor) for each in rows if each.purpose == "pay-out"]

    def due(self) -> list[int]:
        """What of the price may be paid out now."""
        with self.desk.store.write() as session:
            return [each.amount_fen for each in payouts_due(session)]

    def stands(self) -> dict[str, int]:
        """What is held, owed and on its way."""
        seller = self.seller.organisation.key
        with self.desk.store.read() as session:
            assert list(drifts(session)) == []
            return {
                "escrow": stands(session, "escrow", self.contract),
                "in transit": stands(session, "bank_clearing"),
                "held for the seller": stands(session, "held", self.contract, of=seller),
                "the seller got": stands(session, "bank_clearing", of=seller),
            }

    def shown(self) -> list[tuple[str, int]]:
        """The answered payouts as the operator's page has them, the newest first."""
        with self.desk.store.write() as session:
            return [(each.state, each.returned_fen) for each in held_view(session).answered]

    def refused(self) -> int:
        """How often it was announced that a transfer was refused."""
        with self.desk.store.read() as session:
            names = select(OutboxRow.id).where(OutboxRow.name == "payment-refused")
            return len(session.exec(names).all())

    def again(self) -> None:
        """All that was heard is heard again, and the day is compared."""
        self.desk.pump()
        self.desk.work(rounds=2)
        for row in self.desk.rows(self.contract):
            if row.purpose == "pay-out" and row.rail_ref:
                sight = self.desk.rail.look(kind="transfer.reversed", object_id=row.rail_ref)
                with self.desk.store.write() as session:
                    take_in(session, sight, clock=self.desk.clock)
            answer = Answer(state=row.state, rail_ref=row.rail_ref, reason=row.reason)
            with self.desk.store.write() as session:
                keep_answer(session, answer, clock=self.desk.clock, key=row.order_key)
        assert self.desk.compare_day()["differences"] == 0


KEPT = {"escrow": -OWED_FEN, "in transit": 0, "held for the seller": OWED_FEN, "the seller got": 0}
GONE = {"escrow": 0, "in transit": 0, "held for the seller": 0, "the seller got": OWED_FEN}


@pytest.fixture
def desk(store: Store, clock: SimulatedClock) -> Iterator[Desk]:
    with a_desk(store, clock) as made:
        yield made
        assert made.peer.twin.tally.violations == []


@pytest.fixture
def paid(desk: Desk, clock: SimulatedClock) -> Paid:
    with desk.store.write() as session:
        seller = a_party(session, clock=clock, role="collector")
        buyer = a_party(session, clock=clock, role="smelter")
        operator = a_party(session, clock=clock, role="operator")
        second = a_colleague(session, clock=clock, of=operator)
        owed = a_settled_sale(session, clock=clock, seller=seller, buyer=buyer)
        ask_account(
            session, clock=clock, organisation_id=seller.organisation.key,
            person_id=seller.person.key, country="SG", email="s@example.com",
        )  # fmt: skip
    desk.work()
    made = Paid(desk, seller, operator, second, owed.subject_code, buyer)
    desk.turn("furnish", account=made.account)
    desk.pump()
    desk.work()
    return made


def refuse(paid: Paid) -> str:
    """Let a price go whose transfer the provider refuses; returns the payout's code."""
    paid.desk.turn("restrict", account=paid.account)
    code = paid.let_go()
    paid.desk.work()
    return code


def test_a_transfer_that_is_refused_is_owed_to_the_seller_again(paid):
    paid.collect(OWED_FEN)
    assert paid.stands() == KEPT
    code = refuse(paid)
    assert paid.sent() == [("refused", OWED_FEN)]
    assert paid.stands() == KEPT
    assert paid.due() == [OWED_FEN]
    paid.again()
    assert (paid.stands(), paid.refused()) == (KEPT, 1)
    assert paid.shown() == [("returned", OWED_FEN)]
    with paid.desk.store.read() as session:
        paid_out = session.exec(select(Payout)).all()
        assert refusals(session, payouts=paid_out) == {code: NO_MORE}
        (price,) = prices_due(session)
    assert (price.refusal, price.due.amount_fen) == (NO_MORE, OWED_FEN)
    assert not price.account.ready, "the account was looked at anew"


def test_what_was_refused_is_asked_for_anew_by_two_people_once_the_account_is_ready(paid):
    paid.collect(OWED_FEN)
    refuse(paid)
    with pytest.raises(SellerNotReady):
        paid.let_go()
    paid.desk.turn("furnish", account=paid.account)
    paid.desk.pump()
    paid.desk.work()
    paid.let_go()
    paid.desk.work()
    paid.again()
    assert paid.sent() == [("refused", OWED_FEN), ("done", OWED_FEN)]
    assert paid.stands() == GONE
    assert paid.due() == []
    assert paid.shown() == [("confirmed", 0), ("returned", OWED_FEN)]


def test_of_two_transfers_only_the_refused_one_is_owed_again(paid):
    part_fen = OWED_FEN // 3
    paid.collect(part_fen)
    paid.collect(OWED_FEN - part_fen)
    code = paid.let_go()
    first, second = [each for each in paid.desk.rows(paid.contract) if each.reference == code]
    facts = {"store": paid.desk.store, "rail": paid.desk.rail, "clock": paid.desk.clock}
    send({"key": first.order_key}, nothing, **facts)
    paid.desk.turn("restrict", account=paid.account)
    send({"key": second.order_key}, nothing, **facts)
    paid.again()
    assert paid.sent() == [("done", part_fen), ("refused", OWED_FEN - part_fen)]
    assert paid.due() == [OWED_FEN - part_fen]
    assert paid.shown() == [("confirmed", OWED_FEN - part_fen)]
    assert paid.stands() == {
        "escrow": part_fen - OWED_FEN, "in transit": 0,
        "held for the seller": OWED_FEN - part_fen, "the seller got": part_fen,
    }  # fmt: skip


def test_what_is_taken_back_from_a_seller_is_held_for_it_and_paid_anew(paid):
    paid.collect(OWED_FEN)
    paid.let_go()
    paid.desk.work()
    (transfer,) = [each for each in paid.desk.rows(paid.contract) if each.purpose == "pay-out"]
    paid.desk.do("take-back", OWED_FEN, subject=paid.contract, earlier=transfer.rail_ref)
    paid.again()
    assert paid.stands() == KEPT
    assert paid.shown() == [("returned", OWED_FEN)]
    paid.let_go()
    paid.desk.work()
    paid.again()
    assert (paid.stands(), paid.due()) == (GONE, [])


def test_a_transfer_that_is_taken_back_at_the_provider_comes_as_a_notice(paid):
    paid.collect(OWED_FEN)
    paid.let_go()
    paid.desk.work()
    (transfer,) = [each for each in paid.desk.rows(paid.contract) if each.purpose == "pay-out"]
    paid.desk.turn("faults", events=["duplicate"])
    paid.desk.peer.client.v1.transfers.reversals.create(transfer.rail_ref, {"amount": 100})
    paid.again()
    assert paid.shown() == [("confirmed", 100)]
    assert (paid.due(), paid.stands()["held for the seller"]) == ([100], 100)


def test_what_stripe_could_not_pay_into_our_bank_is_back_in_its_balance(paid):
    paid.collect(OWED_FEN)
    paid.desk.turn("clock", seconds=3 * 86_400)
    sent = paid.desk.peer.client.v1.payouts.create({"amount": 1_000_000, "currency": "cny"})
    paid.desk.pump()
    paid.desk.work()
    assert paid.stands()["in transit"] == 1_000_000
    held_fen = paid.desk.money("stripe_balance")
    paid.desk.turn("fail_payout", payout=sent.id)
    paid.desk.pump()
    paid.desk.work()
    assert paid.desk.money("stripe_balance") == held_fen + 1_000_000
    paid.again()
    assert paid.stands() == KEPT
