"""Random fault schedules of a payment provider: one contract's money under one run of faults.

What each schedule holds to, once everything has come to rest:

- every order is answered: none is still to be sent;
- the provider made one object for each order, with its amount, and none for one that was refused;
- of a deposit that was captured it took that amount, of one that was released nothing;
- its daily comparison finds no difference, neither of a movement nor of the balance: each of the
  provider's balance transactions stands in the book once, with its amount and fee;
- what the book holds in escrow for the contract is what the provider says is left of it;
- each delivery with a wrong signature or an old one was refused and kept nothing; each other one
  was taken;
- the lines of the whole book come to nought in each currency.
"""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlmodel import col, func, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.settlement.ledger.models import MoneyPosting
from remelt.platform.settlement.ledger.reading import unbalanced
from remelt.platform.settlement.rails.provider_models import PaymentIntentRequest, ProviderEvent
from remelt.web.wiring import new_store
from tests.conftest import NOON
from tests.provider import Desk, a_desk

DAY_S = 86_400
REQUEST_FAULTS = ("drop_before", "drop_after", "429", "409", "503", "500_before", "500_after")
EVENT_FAULTS = ("duplicate", "reorder", "stale", "wrong_secret", "lose")
METHODS = ("card", "card", "page", "alipay", "wechat_pay")
LATE_S = 0.3
TAKEN, REFUSED = 200, 403
KINDS = ("payment_intent", "checkout.session", "refund", "transfer", "transfer_reversal")


class Schedule:
    """One contract's money under one random run of faults."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed)
        self.subject = f"S{seed}"
        self.keys: list[str] = []
        self.since = desk.peer.twin.world.now()
        self.sent = len(desk.peer.twin.post.sent)

    def run(self) -> None:
        """Play it and see whether what is above holds."""
        self.play()
        self.check()

    def go_wrong(self) -> None:
        """Let some of the next requests and letters meet a fault."""
        some = self.random.randrange(5)
        faults: list[dict[str, Any]] = [
            {"kind": self.random.choice(REQUEST_FAULTS)} for _ in range(some)
        ]
        if self.random.random() < 0.02:
            faults.append({"kind": "delay", "seconds": LATE_S})
        for each in faults:
            each["on"] = self.random.choice(["", "POST ", "POST ", "GET "])
        letters = self.random.choices(EVENT_FAULTS, k=self.random.randrange(4))
        self.desk.turn("faults", requests=faults, events=letters)

    def order(self, purpose: str, amount: int, **more) -> PaymentIntentRequest | None:
        """Order; the rules may refuse while what it builds on is not known to be done."""
        self.go_wrong()
        with suppress(Refusal):
            key = self.desk.order(purpose, amount, subject=self.subject, **more)
            self.keys.append(key)
            self.churn()
            return self.desk.row(key)
        return None

    def churn(self) -> None:
        """Let time, jobs and letters come in any order."""
        steps = [self.desk.work, self.desk.work, self.pump, self.later]
        for step in self.random.choices(steps, k=self.random.randrange(1, 4)):
            step()

    def pump(self) -> None:
        self.desk.peer.twin.post.pump(now=float("inf"))

    def later(self) -> None:
        self.desk.clock.advance(seconds=self.random.choice([2, 40, 601]))

    def settled(self) -> None:
        """Let everything come to rest: no more faults, all tries made, keys forgotten."""
        self.desk.turn("faults", clear=True)
        for _ in range(4):
            for at in range(3):
                self.desk.pump()
                self.desk.work()
                if not self.open():
                    return
                self.desk.clock.advance(seconds=601 if at else 5)
            self.agree()
            self.desk.clock.advance(seconds=DAY_S + 60)
            self.desk.turn("clock", seconds=DAY_S + 60)

    def agree(self) -> None:
        """The buyers agree on their wallets' pages, or give a card on the provider's."""
        for row in self.open():
            if row.state == "waiting" and row.purpose in {"collect", "hold"}:
                page = row.rail_ref.startswith("cs_")
                name = "session" if page else "payment_intent"
                self.desk.turn("pay", **{name: row.rail_ref})

    def open(self) -> list[PaymentIntentRequest]:
        rows = self.desk.rows(self.subject)
        return [each for each in rows if each.state in {"stored", "waiting"}]

    def play(self) -> None:
        """Collect or hold, then pay out, refund, dispute: as far as the rules let it."""
        amount = self.random.choice([1_000, 99_999, 12_345_678])
        if self.random.random() < 0.3:
            paid = self.deposit(amount)
        else:
            method = self.random.choice(METHODS)
            party = "pm_card_visa" if method == "card" else ""
            method = "card" if method == "page" else method
            paid = self.order("collect", amount, method=method, party=party)
        self.settled()
        paid = self.desk.row(paid.order_key) if paid else None
        if paid is None or not paid.rail_ref:
            return
        for _ in range(self.random.randrange(4)):
            self.follow(paid, amount)
        self.settled()

    def deposit(self, amount: int) -> PaymentIntentRequest | None:
        held = self.order("hold", amount, party=self.random.choice(["pm_card_visa", ""]))
        self.settled()
        held = self.desk.row(held.order_key) if held else None
        if held is not None and held.state == "held":
            purpose = self.random.choice(["capture", "release"])
            self.order(purpose, self.random.randint(1, amount), earlier=held.rail_ref)
        return held

    def follow(self, paid: PaymentIntentRequest, amount: int) -> None:
        part = self.random.randint(1, amount)
        what = self.random.choice(["refund", "pay-out", "take-back", "dispute"])
        if what == "dispute":
            intent = self.kinds("payment_intent").get(paid.rail_ref)
            if intent is not None:
                self.desk.turn("dispute", charge=intent["latest_charge"] or "none")
        elif what == "take-back":
            done = [
                each
                for each in self.desk.rows(self.subject)
                if each.purpose == "pay-out" and each.state == "done"
            ]
            if done:
                self.order(what, part, earlier=done[0].rail_ref)
        else:
            self.order(what, part, earlier=paid.rail_ref, party=self.desk.payee)

    def check(self) -> None:
        """Money moved once, and both books say the same."""
        said = self.desk.compare_day(since=self.since)
        assert said["differences"] == 0, [each.model_dump() for each in self.desk.differences()]
        for row in self.desk.rows(self.subject):
            assert row.state != "stored", "every order is answered in the end"
            if row.purpose in {"capture", "release"}:
                self.check_hold(row)
            else:
                self.check_once(row)
        assert self.escrow() == self.desk.money("escrow", self.subject)
        self.check_notices()

    def check_notices(self) -> None:
        """What was forged or old was refused as it came, and no row came of it."""
        for name, kind, fault, status in self.desk.peer.twin.post.sent[self.sent :]:
            assert status == (REFUSED if fault else TAKEN), (name, kind, fault, status)
        with self.desk.store.read() as session:
            rows = session.exec(select(func.count(col(ProviderEvent.id)))).one()
        assert rows == self.desk.kept, "a notice is kept by a delivery that was taken"

    def check_once(self, row: PaymentIntentRequest) -> None:
        """The provider moved an order's amount once; nothing for what was refused or left alone."""
        made = self.made(row.order_key)
        moving = [each for each in made if each["object"] != "checkout.session"]
        left = row.rail_ref.startswith("cs_")
        assert len(moving) == int(row.state != "refused" and not left), (row.purpose, row.state)
        assert len(made) - len(moving) <= 1, "one page for one order"
        for each in moving:
            assert each["amount"] == row.amount_minor

    def check_hold(self, row: PaymentIntentRequest) -> None:
        """Of a deposit that was captured its amount was taken, of one that was released nothing."""
        intent = self.kinds("payment_intent")[row.earlier]
        taken = row.amount_minor if row.purpose == "capture" else 0
        if row.state == "done":
            assert intent["amount_received"] == taken
            assert intent["status"] == ("succeeded" if taken else "canceled")
        else:
            assert intent["amount_received"] == 0

    def made(self, key: str) -> list[dict[str, Any]]:
        return [
            each
            for kind in KINDS
            for each in self.kinds(kind).values()
            if each["created"] >= self.since and (each["metadata"] or {}).get("order") == key
        ]

    def kinds(self, kind: str) -> dict[str, Any]:
        return self.desk.peer.twin.world.books("acct_platform").kinds.get(kind, {})

    def escrow(self) -> int:
        """What the provider says is still here of this contract; credit below zero."""
        group = self.subject
        paid = [each for each in self.kinds("charge").values() if each["transfer_group"] == group]
        names = {each["id"] for each in paid}
        back = [each for each in self.kinds("refund").values() if each["charge"] in names]
        sent = [each for each in self.kinds("transfer").values() if each["transfer_group"] == group]
        return (
            sum(each["amount"] - each["amount_reversed"] for each in sent)
            + sum(each["amount"] for each in back)
            - sum(each["amount_captured"] for each in paid)
        )


@contextmanager
def a_campaign_desk(template: Path, folder: Path) -> Iterator[Desk]:
    """A desk for many schedules, on a database copied from a migrated one."""
    shutil.copy(template, folder / "remelt.db")
    clock = SimulatedClock(NOON)
    store = new_store(f"sqlite:///{folder / 'remelt.db'}", clock=clock)
    with a_desk(store, clock, timeout_s=LATE_S / 2) as made:
        made.payee = made.seller()
        yield made
    store.close()


def check_desk(desk: Desk) -> None:
    """The whole book comes to nought, the provider holds what it says, only true notices are in."""
    assert desk.peer.twin.tally.violations == []
    said = desk.compare_day()
    assert said["differences"] == 0, [each.model_dump() for each in desk.differences()]
    holds = {each.currency: each.amount_minor for each in desk.rail.holdings()}
    assert holds == {"CNY": desk.money("stripe_balance")}
    told = desk.peer.twin.world.books("acct_platform").kinds["event"]
    with desk.store.read() as session:
        assert list(unbalanced(session)) == []
        total = func.coalesce(func.sum(MoneyPosting.amount_minor), 0)
        sums = session.exec(select(MoneyPosting.currency, total).group_by(MoneyPosting.currency))
        assert {currency: int(left) for currency, left in sums} == {"CNY": 0}
        kept = session.exec(select(col(ProviderEvent.event_id))).all()
    assert len(set(kept)) == len(kept)
    assert set(kept) <= told.keys()
    assert set(kept) == {name for name, *_, status in desk.peer.twin.post.sent if status == TAKEN}
