"""Random fault schedules: whatever the provider does, each amount moves once and the books agree.

The suite plays thirty; `make provider-faults SCHEDULES=10000` plays the long form.
"""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.settlement.rails.provider_models import PaymentIntentRequest
from remelt.web.wiring import new_store
from tests.conftest import NOON
from tests.provider import Desk, a_desk

SCHEDULES = int(os.environ.get("REMELT_SCHEDULES", "30"))
AT_ONE_DESK = 15
DAY_S = 86_400
REQUEST_FAULTS = ("drop_before", "drop_after", "429", "409", "503", "500_before", "500_after")
EVENT_FAULTS = ("duplicate", "reorder", "stale", "wrong_secret", "lose")
METHODS = ("card", "card", "alipay", "wechat_pay")
LATE_S = 0.6


class Schedule:
    """One contract's money under one random run of faults."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed)
        self.subject = f"S{seed}"
        self.keys: list[str] = []
        self.since = desk.peer.twin.world.now()
        self.seller = desk.seller(f"seller-{seed}")

    def go_wrong(self) -> None:
        """Let some of the next requests and letters meet a fault."""
        some = self.random.randrange(5)
        faults = [{"kind": self.random.choice(REQUEST_FAULTS)} for _ in range(some)]
        if self.random.random() < 0.02:
            faults.append({"kind": "delay", "seconds": LATE_S})
        for each in faults:
            each["on"] = self.random.choice(["", "POST ", "POST ", "GET "])
        letters = self.random.choices(EVENT_FAULTS, k=self.random.randrange(4))
        self.desk.peer.knob("faults", requests=faults, events=letters)

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
        self.desk.peer.knob("faults", clear=True)
        for _ in range(4):
            for at in range(3):
                self.desk.pump()
                self.desk.work()
                if not self.open():
                    return
                self.desk.clock.advance(seconds=601 if at else 5)
            self.agree()
            self.desk.clock.advance(seconds=DAY_S + 60)
            self.desk.peer.knob("clock", seconds=DAY_S + 60)

    def agree(self) -> None:
        """The buyers agree on their wallets' pages."""
        for row in self.open():
            if row.state == "waiting" and row.purpose == "collect":
                with suppress(KeyError):
                    self.desk.peer.knob("pay", payment_intent=row.rail_ref)

    def open(self) -> list[PaymentIntentRequest]:
        rows = [self.desk.row(key) for key in self.keys]
        return [each for each in rows if each.state in {"stored", "waiting"}]

    def play(self) -> None:
        """Collect or hold, then pay out, refund, dispute: as far as the rules let it."""
        amount = self.random.choice([1_000, 99_999, 12_345_678])
        if self.random.random() < 0.3:
            paid = self.deposit(amount)
        else:
            method = self.random.choice(METHODS)
            party = "pm_card_visa" if method == "card" else ""
            paid = self.order("collect", amount, method=method, party=party)
        self.settled()
        paid = self.desk.row(paid.order_key) if paid else None
        if paid is None or not paid.rail_ref:
            return
        for _ in range(self.random.randrange(4)):
            self.follow(paid, amount)
        self.settled()

    def deposit(self, amount: int) -> PaymentIntentRequest | None:
        held = self.order("hold", amount)
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
            intents = self.desk.peer.twin.world.books("acct_platform").kinds["payment_intent"]
            self.desk.peer.knob("dispute", charge=intents[paid.rail_ref]["latest_charge"] or "none")
        elif what == "take-back":
            sent = [self.desk.row(key) for key in self.keys]
            done = [each for each in sent if each.purpose == "pay-out" and each.state == "done"]
            if done:
                self.order(what, part, earlier=done[0].rail_ref)
        else:
            self.order(what, part, earlier=paid.rail_ref, party=self.seller)

    def check(self) -> None:
        """Money moved once, and both books say the same."""
        said = self.desk.compare_day()
        assert said["differences"] == 0, [each.model_dump() for each in self.desk.differences()]
        here = self.desk.peer.twin.world.books("acct_platform")
        for key in self.keys:
            row = self.desk.row(key)
            assert row.state != "stored", "every order is answered in the end"
            made = [
                each
                for kind in ("payment_intent", "refund", "transfer", "transfer_reversal")
                for each in here.kinds.get(kind, {}).values()
                if each["metadata"].get("order") == key
            ]
            once = row.purpose not in {"capture", "release"} and row.state != "refused"
            assert len(made) == once, (row.purpose, row.state, len(made))
            if once:
                assert made[0]["amount"] == row.amount_minor
        assert self.escrow(here) == self.desk.money("escrow", self.subject)

    def escrow(self, here) -> int:
        """What the provider says is still here of this contract; credit below zero."""
        group = self.subject
        paid = [
            each for each in here.kinds.get("charge", {}).values()
            if each["transfer_group"] == group
        ]  # fmt: skip
        names = {each["id"] for each in paid}
        back = [
            each for each in here.kinds.get("refund", {}).values() if each["charge"] in names
        ]  # fmt: skip
        sent = [
            each for each in here.kinds.get("transfer", {}).values()
            if each["transfer_group"] == group
        ]  # fmt: skip
        return (
            sum(each["amount"] - each["amount_reversed"] for each in sent)
            + sum(each["amount"] for each in back)
            - sum(each["amount_captured"] for each in paid)
        )


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copy(sqlite_template, tmp_path / "remelt.db")
    clock = SimulatedClock(NOON)
    store = new_store(f"sqlite:///{tmp_path / 'remelt.db'}", clock=clock)
    with a_desk(store, clock, timeout_s=LATE_S / 2) as made:
        yield made
        assert made.peer.twin.tally.violations == []
    store.close()


@pytest.mark.parametrize("first", range(0, SCHEDULES, AT_ONE_DESK))
def test_money_moves_once_whatever_the_provider_does(desk, first):
    for seed in range(first, min(first + AT_ONE_DESK, SCHEDULES)):
        schedule = Schedule(desk, seed)
        schedule.play()
        schedule.check()
    total = desk.money("stripe_balance")
    assert {each.currency: each.amount_minor for each in desk.rail.holdings()} == {"CNY": total}
