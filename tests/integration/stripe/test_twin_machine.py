"""Whatever is asked of the twin, in whatever order, its money holds together."""

import os
import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from tools.stripe_twin import accounts, disputes, intents, payouts, refunds, transfers
from tools.stripe_twin.cash import balance
from tools.stripe_twin.charges import refunded
from tools.stripe_twin.control import advance
from tools.stripe_twin.refusals import Refused
from tools.stripe_twin.schemas import subset
from tools.stripe_twin.world import PLATFORM, World

STEPS = 120
SEEDS = int(os.environ.get("STRIPE_SEEDS", "8"))
CHECKED = 0.1
Step = Callable[["Machine"], object]


class Machine:
    """A twin's world, and somebody who asks for anything."""

    def __init__(self, seed: int) -> None:
        self.world = World()
        self.here = self.world.books(PLATFORM)
        self.random = random.Random(seed)
        for _ in range(2):
            asked = {"capabilities": {"transfers": {"requested": True}}}
            account = accounts.create(self.world, self.here, asked)
            accounts.furnish(self.world, self.here, account)

    def any(self, kind: str) -> dict:
        return self.random.choice([*self.here.kinds.get(kind, {}).values()] or [{"id": "none"}])

    def amount(self) -> int:
        return self.random.choice([1, 99, 1_000, 5_000, 20_000, 20_001])

    def pay(self) -> None:
        method = self.random.choice(
            ["pm_card_visa", "pm_card_createDispute", "pm_card_bypassPending"]
        )
        manual = self.random.choice(["manual", "automatic"])
        facts = {"amount": 20_000, "currency": self.random.choice(["cny", "usd"]), "confirm": True}
        intents.create(
            self.world, self.here, facts | {"payment_method": method, "capture_method": manual}
        )

    def capture(self) -> None:
        facts = {"amount_to_capture": self.amount()}
        intents.capture(self.world, self.here, facts, self.any("payment_intent")["id"])

    def cancel(self) -> None:
        intents.cancel(self.world, self.here, {}, self.any("payment_intent")["id"])

    def refund(self) -> None:
        facts = {"charge": self.any("charge")["id"], "amount": self.amount()}
        refunds.create(self.world, self.here, facts)

    def transfer(self) -> None:
        facts = {
            "amount": self.amount(), "destination": self.any("account")["id"],
            "currency": self.random.choice(["cny", "usd"]),
        }  # fmt: skip
        if self.random.random() < 0.7:
            facts["source_transaction"] = self.any("charge")["id"]
        transfers.create(self.world, self.here, facts)

    def reverse(self) -> None:
        transfers.reverse(
            self.world, self.here, {"amount": self.amount()}, self.any("transfer")["id"]
        )

    def pay_out(self) -> None:
        account = self.random.choice([PLATFORM, self.any("account")["id"]])
        facts = {"amount": self.amount(), "currency": "cny"}
        payouts.create(self.world, self.world.books(account), facts)

    def decide(self) -> None:
        said = self.random.choice(["winning_evidence", "losing_evidence", "well"])
        facts = {"evidence": {"uncategorized_text": said}}
        disputes.update(self.world, self.here, facts, self.any("dispute")["id"])

    def wait(self) -> None:
        advance(self.world, self.random.choice([60, 86_400]))

    def check(self) -> None:
        for charge in self.here.kinds.get("charge", {}).values():
            assert charge["amount_captured"] <= charge["amount"]
            assert 0 <= refunded(charge) <= charge["amount_captured"]
        for transfer in self.here.kinds.get("transfer", {}).values():
            assert 0 <= transfer["amount_reversed"] <= transfer["amount"]
        for charge in self.here.kinds.get("charge", {}).values():
            sent = sum(
                each["amount"] - each["amount_reversed"]
                for each in self.here.kinds.get("transfer", {}).values()
                if each["source_transaction"] == charge["id"]
            )
            assert sent <= charge["amount_captured"]
        for books in self.world.accounts.values():
            said = balance(self.world, books)
            for currency in ("cny", "usd"):
                held = sum(
                    each["amount"]
                    for status in ("available", "pending")
                    for each in said[status]
                    if each["currency"] == currency
                )
                moved = sum(
                    each["net"]
                    for each in books.kinds.get("balance_transaction", {}).values()
                    if each["currency"] == currency
                )
                assert held == moved
            if books.account != PLATFORM:
                assert all(each["amount"] >= 0 for each in said["available"]), "never overdrawn"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_money_holds_together(seed):
    machine = Machine(seed)
    steps = [
        machine.pay, machine.pay, machine.pay, machine.capture, machine.cancel, machine.refund,
        machine.transfer, machine.reverse, machine.pay_out, machine.decide, machine.wait,
    ]  # fmt: skip
    done = 0
    for _ in range(STEPS):
        with suppress(Refused):
            machine.random.choice(steps)()
            done += 1
        if machine.random.random() < CHECKED:
            machine.check()
    machine.check()
    assert done > STEPS // 3
    for kind in ("payment_intent", "charge", "refund", "transfer", "dispute", "payout"):
        for each in machine.here.kinds.get(kind, {}).values():
            assert subset().check(kind, each) == []
