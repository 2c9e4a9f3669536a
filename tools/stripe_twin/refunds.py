"""Refunds: at once for cards, within days for wallets; never above what was taken."""

from typing import Any, Final

from tools.stripe_twin import cash, charges, transfers
from tools.stripe_twin.refusals import invalid
from tools.stripe_twin.world import DAY_S, Books, Object, World, page


def create(world: World, books: Books, params: dict[str, Any]) -> Object:
    """Hand back part or all of a charge."""
    charge = _charge(world, books, params)
    left = charge["amount_captured"] - charges.refunded(charge)
    amount = params.get("amount", left)
    kind = charge["payment_method_details"]["type"]
    _check(world, charge, amount=amount, left=left, kind=kind)
    reversal = _reverse(world, books, params, charge, amount=amount)
    pending = kind in charges.REFUND_DAYS
    made = world.make(
        books,
        "refund",
        {
            "amount": amount,
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": params.get("metadata") or {},
            "payment_intent": charge["payment_intent"],
            "reason": params.get("reason"),
            "status": "pending" if pending else "succeeded",
            "transfer_reversal": reversal,
        },
    )
    moved = cash.book(
        world,
        books,
        "refund" if kind == "card" else "payment_refund",
        amount=-amount,
        currency=charge["currency"],
        source=made["id"],
    )
    made["balance_transaction"] = moved["id"]
    if pending:
        world.known(made["id"]).refund_due = world.now() + DAY_S
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    charge["refunds"]["data"].insert(0, made)
    world.tell(books, "charge.refunded", charge)
    return made


def ripen(world: World, books: Books) -> None:
    """Complete the wallets' refunds whose day has come."""
    for refund in books.kinds.get("refund", {}).values():
        due = world.known(refund["id"]).refund_due
        if refund["status"] == "pending" and due is not None and due <= world.now():
            refund["status"] = "succeeded"
            world.tell(books, "charge.refund.updated", refund)


def fail(world: World, books: Books, refund: Object) -> None:
    """Let the payer's wallet refuse a refund: the money comes back."""
    if refund["status"] == "failed":
        raise invalid("The refund has failed before")
    moved = cash.book(
        world,
        books,
        "refund_failure",
        amount=refund["amount"],
        currency=refund["currency"],
        source=refund["id"],
    )
    refund.update(status="failed", failure_reason="declined")
    refund["failure_balance_transaction"] = moved["id"]
    charge = world.get(books, "charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    world.tell(books, "charge.refund.updated", refund)


def retrieve(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a refund."""
    return world.get(books, "refund", code)


def refunds(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List refunds."""
    return page(world, books, "refund", params, url="/v1/refunds")


def _charge(world: World, books: Books, params: dict[str, Any]) -> Object:
    if "charge" in params:
        return world.get(books, "charge", params["charge"])
    if "payment_intent" not in params:
        raise invalid("One of charge and payment_intent is required", code="parameter_missing")
    intent = world.get(books, "payment_intent", params["payment_intent"])
    if intent["latest_charge"] is None:
        raise invalid("This PaymentIntent has no charge to refund", param="payment_intent")
    return world.get(books, "charge", intent["latest_charge"])


def _check(world: World, charge: Object, *, amount: int, left: int, kind: str) -> None:
    if charge["disputed"]:
        raise invalid("This charge has been charged back.", code="charge_disputed")
    if not charge["captured"]:
        raise invalid("An uncaptured charge is cancelled, not refunded", code="charge_not_captured")
    if left == 0:
        raise invalid("The charge was refunded already.", code="charge_already_refunded")
    if not 0 < amount <= left:
        raise invalid(f"Refund amount is greater than what is left ({left})", param="amount")
    days = charges.REFUND_DAYS.get(kind)
    if days is not None and world.now() > charge["created"] + days * DAY_S:
        raise invalid("The time to refund has passed", code="charge_expired_for_refund")


def _reverse(
    world: World, books: Books, params: dict[str, Any], charge: Object, *, amount: int
) -> str | None:
    if not params.get("reverse_transfer"):
        return None
    sent = [
        each for each in world.all(books, "transfer") if each["source_transaction"] == charge["id"]
    ]
    if not sent:
        raise invalid("This charge has no transfer to reverse", param="reverse_transfer")
    reversal = transfers.reverse(world, books, {"amount": amount}, sent[0]["id"])
    code: str = reversal["id"]
    return code


CALLS: Final = {
    "GET /v1/refunds": refunds,
    "POST /v1/refunds": create,
    "GET /v1/refunds/{refund}": retrieve,
}
