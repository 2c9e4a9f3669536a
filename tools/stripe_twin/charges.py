"""Charges: money held, taken, refunded; the money that each way to pay brings."""

from typing import Any, Final

from tools.stripe_twin import cash, disputes
from tools.stripe_twin.customers import NO_ADDRESS
from tools.stripe_twin.refusals import invalid
from tools.stripe_twin.world import DAY_S, Books, Object, World, empty_list, page

HELD_S: Final = 7 * DAY_S
# days after the charge in which each way to pay takes a refund
REFUND_DAYS: Final = {"alipay": 90, "wechat_pay": 180}


def authorise(world: World, books: Books, intent: Object) -> Object:
    """Hold the amount of an intent with its payer's bank."""
    method = world.get(books, "payment_method", intent["payment_method"])
    kind = method["type"]
    details: dict[str, Any] = {"type": kind, kind: {}}
    if kind == "card":
        card = method["card"]
        names = ("brand", "country", "exp_month", "exp_year", "funding", "last4")
        details["card"] = {name: card[name] for name in names}
    made = world.make(
        books,
        "charge",
        {
            "amount": intent["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "billing_details": NO_ADDRESS,
            "captured": False,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "metadata": dict(intent["metadata"]),
            "paid": True,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": details,
            "refunded": False,
            "status": "succeeded",
            "transfer_group": intent["transfer_group"],
        },
        prefix="ch" if kind == "card" else "py",
    )
    made["refunds"] = empty_list(f"/v1/charges/{made['id']}/refunds")
    world.known(made["id"]).outcome = world.known(method["id"]).outcome
    return made


def capture(world: World, books: Books, charge: Object, *, amount: int) -> None:
    """Take `amount` of what is held; the rest is released."""
    if world.now() > charge["created"] + HELD_S:
        raise invalid("The authorization has expired", code="charge_expired_for_capture")
    kind = charge["payment_method_details"]["type"]
    at_once = world.known(charge["id"]).outcome == "available"
    moved = cash.book(
        world,
        books,
        "charge" if kind == "card" else "payment",
        amount=amount,
        currency=charge["currency"],
        source=charge["id"],
        fee=cash.fee_for(kind, amount),
        available_on=world.now() if at_once else cash.ripe_at(world),
    )
    released = charge["amount"] - amount
    charge.update(captured=True, amount_captured=amount, amount_refunded=released)
    charge["balance_transaction"] = moved["id"]


def after_capture(world: World, books: Books, charge: Object) -> None:
    """Let happen what the test card stands for: its holder disputes the charge."""
    if world.known(charge["id"]).outcome == "dispute":
        disputes.open_dispute(world, books, charge)


def release(world: World, books: Books, charge: Object) -> None:
    """Let go of what is held."""
    charge.update(amount_refunded=charge["amount"], refunded=True)
    world.tell(books, "charge.refunded", charge)


def refunded(charge: Object) -> int:
    """Return how much of what was taken has been handed back."""
    if not charge["captured"]:
        return 0
    released = charge["amount"] - charge["amount_captured"]
    total: int = charge["amount_refunded"] - released
    return total


def retrieve(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a charge."""
    return world.get(books, "charge", code)


def charges(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List charges."""
    return page(world, books, "charge", params, url="/v1/charges")


def transaction(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a balance transaction."""
    cash.ripen(world, books)
    return world.get(books, "balance_transaction", code)


def transactions(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List balance transactions."""
    cash.ripen(world, books)
    return page(world, books, "balance_transaction", params, url="/v1/balance_transactions")


def balance(world: World, books: Books, _params: dict[str, Any]) -> Object:
    """Return what is pending and available."""
    return cash.balance(world, books)


CALLS: Final = {
    "GET /v1/charges": charges,
    "GET /v1/charges/{charge}": retrieve,
    "GET /v1/balance": balance,
    "GET /v1/balance_transactions": transactions,
    "GET /v1/balance_transactions/{id}": transaction,
}
