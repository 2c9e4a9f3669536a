"""Disputes: the payer's bank takes the money back at once, and may give it again."""

from typing import Any, Final

from tools.stripe_twin import cash
from tools.stripe_twin.refusals import invalid
from tools.stripe_twin.schemas import subset
from tools.stripe_twin.world import DAY_S, Books, Object, World, page

ANSWER_DAYS: Final = 7
OPEN: Final = ("needs_response", "under_review")


def open_dispute(world: World, books: Books, charge: Object) -> Object:
    """Let the card's holder dispute a charge: its money and a fee are withdrawn."""
    if charge["disputed"] or not charge["captured"]:
        raise invalid("Only a captured charge is disputed, and once")
    if charge["payment_method_details"]["type"] != "card":
        raise invalid("Wallets and transfers know no disputes")
    evidence = dict.fromkeys(subset().schemas["dispute_evidence"]["properties"])
    amount = charge["amount_captured"]
    made = world.make(
        books,
        "dispute",
        {
            "amount": amount,
            "balance_transactions": [],
            "charge": charge["id"],
            "currency": charge["currency"],
            "evidence": evidence,
            "evidence_details": {
                "due_by": world.now() + ANSWER_DAYS * DAY_S,
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": "fraudulent",
            "status": "needs_response",
        },
    )
    charge["disputed"] = True
    _move(world, books, made, amount=-amount, fee=cash.DISPUTE_FEE)
    world.tell(books, "charge.dispute.created", made)
    world.tell(books, "charge.dispute.funds_withdrawn", made)
    return made


def update(world: World, books: Books, params: dict[str, Any], code: str) -> Object:
    """Answer a dispute; `winning_evidence` and `losing_evidence` decide it, as in test mode."""
    dispute = world.get(books, "dispute", code)
    if dispute["status"] not in OPEN:
        raise invalid("The dispute is closed")
    said = params.get("evidence") or {}
    dispute["evidence"] |= said
    dispute["metadata"] |= params.get("metadata") or {}
    if said:
        dispute["evidence_details"]["has_evidence"] = True
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = "under_review"
    verdict = said.get("uncategorized_text")
    if verdict == "winning_evidence":
        return win(world, books, dispute)
    if verdict == "losing_evidence":
        return close(world, books, {}, code)
    world.tell(books, "charge.dispute.updated", dispute)
    return dispute


def win(world: World, books: Books, dispute: Object) -> Object:
    """Decide for the platform: the money comes back, the fee does not."""
    dispute["status"] = "won"
    _move(world, books, dispute, amount=dispute["amount"], fee=0)
    world.get(books, "charge", dispute["charge"])["disputed"] = False
    world.tell(books, "charge.dispute.funds_reinstated", dispute)
    world.tell(books, "charge.dispute.closed", dispute)
    return dispute


def close(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Give the dispute up: the money is lost."""
    dispute = world.get(books, "dispute", code)
    if dispute["status"] not in OPEN:
        raise invalid("The dispute is closed")
    dispute["status"] = "lost"
    world.tell(books, "charge.dispute.closed", dispute)
    return dispute


def retrieve(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a dispute."""
    return world.get(books, "dispute", code)


def disputes(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List disputes."""
    return page(world, books, "dispute", params, url="/v1/disputes")


def _move(world: World, books: Books, dispute: Object, *, amount: int, fee: int) -> None:
    moved = cash.book(
        world,
        books,
        "adjustment",
        amount=amount,
        currency=dispute["currency"],
        source=dispute["id"],
        fee=fee,
    )
    dispute["balance_transactions"].append(moved)


CALLS: Final = {
    "GET /v1/disputes": disputes,
    "GET /v1/disputes/{dispute}": retrieve,
    "POST /v1/disputes/{dispute}": update,
    "POST /v1/disputes/{dispute}/close": close,
}
