"""Payouts: available money sent to the account's own bank."""

from typing import Any, Final

from tools.stripe_twin import cash
from tools.stripe_twin.refusals import invalid
from tools.stripe_twin.world import DAY_S, Books, Object, World, page

ARRIVES_S: Final = DAY_S


def create(world: World, books: Books, params: dict[str, Any]) -> Object:
    """Send available money to the bank."""
    currency, amount = params["currency"].lower(), params["amount"]
    if amount <= 0:
        raise invalid("Amount must be positive", param="amount")
    cash.need(world, books, amount, currency)
    made = world.make(
        books,
        "payout",
        {
            "amount": amount,
            "arrival_date": world.now() + ARRIVES_S,
            "automatic": False,
            "currency": currency,
            "description": params.get("description"),
            "destination": "ba_twin",
            "metadata": params.get("metadata") or {},
            "method": params.get("method", "standard"),
            "reconciliation_status": "not_applicable",
            "source_type": "card",
            "status": "pending",
            "type": "bank_account",
        },
    )
    made["balance_transaction"] = cash.book(
        world, books, "payout", amount=-amount, currency=currency, source=made["id"]
    )["id"]
    world.tell(books, "payout.created", made)
    return made


def ripen(world: World, books: Books) -> None:
    """Let arrive what is due."""
    for payout in books.kinds.get("payout", {}).values():
        if payout["status"] == "pending" and payout["arrival_date"] <= world.now():
            payout["status"] = "paid"
            world.tell(books, "payout.paid", payout)


def fail(world: World, books: Books, payout: Object) -> None:
    """Let the bank refuse a payout, also one that it has taken: the money comes back."""
    if payout["status"] == "failed":
        raise invalid("The payout has failed before")
    moved = cash.book(
        world, books, "payout_failure", amount=payout["amount"], currency=payout["currency"],
        source=payout["id"],
    )  # fmt: skip
    payout.update(status="failed", failure_code="account_closed")
    payout["failure_balance_transaction"] = moved["id"]
    world.tell(books, "payout.failed", payout)


def retrieve(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a payout."""
    return world.get(books, "payout", code)


def payouts(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List payouts."""
    return page(world, books, "payout", params, url="/v1/payouts")


CALLS: Final = {
    "GET /v1/payouts": payouts,
    "POST /v1/payouts": create,
    "GET /v1/payouts/{payout}": retrieve,
}
