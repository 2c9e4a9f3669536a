"""Checkout sessions: a page of the provider's own, where a buyer gives a card that we never see."""

from typing import Any, Final

from tools.stripe_twin import intents
from tools.stripe_twin.customers import TEST_METHODS
from tools.stripe_twin.refusals import Refused, invalid
from tools.stripe_twin.world import DAY_S, Books, Object, World, page

LIVES_S: Final = DAY_S
SHORTEST_S: Final = 1_800
# the key of the buyer's choice on the page -> the test method that it stands for
CARDS: Final = {"agree": "pm_card_visa", "refuse": "pm_card_chargeDeclined"}


def create(world: World, books: Books, params: dict[str, Any]) -> Object:
    """Open a page for one payment."""
    if params.get("mode") != "payment":
        raise invalid("The twin knows sessions of mode payment only", param="mode")
    amount, currency = _total(params.get("line_items") or [])
    about = params.get("payment_intent_data") or {}
    kinds = params.get("payment_method_types") or ["card"]
    if kinds != ["card"]:
        raise invalid("The twin's page takes cards only", param="payment_method_types")
    ends = params.get("expires_at", world.now() + LIVES_S)
    if not SHORTEST_S <= ends - world.now() <= LIVES_S:
        raise invalid("expires_at must be 30 minutes to 24 hours away", param="expires_at")
    made = world.make(
        books,
        "checkout.session",
        {
            "amount_subtotal": amount,
            "amount_total": amount,
            "automatic_tax": {"enabled": False, "status": None},
            "cancel_url": params.get("cancel_url"),
            "client_reference_id": params.get("client_reference_id"),
            "currency": currency,
            "custom_fields": [],
            "custom_text": {"shipping_address": None, "submit": None},
            "expires_at": ends,
            "metadata": params.get("metadata") or {},
            "mode": "payment",
            "payment_method_types": kinds,
            "payment_status": "unpaid",
            "shipping_options": [],
            "status": "open",
            "success_url": params["success_url"],
        },
    )
    made["url"] = f"{world.address}/pay/{made['id']}"
    world.known(made["id"]).about = dict(about)
    return made


def pay(world: World, books: Books, session: Object, *, choice: str) -> Object:
    """Let the buyer give a card on the page; a bank that says no leaves the page open."""
    if session["status"] != "open":
        raise invalid("The page is closed")
    if choice not in CARDS and choice not in TEST_METHODS:
        raise invalid("The page knows no such card", param="choice")
    if session["payment_intent"] is None:
        session["payment_intent"] = _intent(world, books, session)["id"]
    said = {"payment_method": CARDS.get(choice, choice), "return_url": session["success_url"]}
    try:
        intent = intents.confirm(world, books, said, session["payment_intent"])
    except Refused:
        return session
    finish(world, books, intent)
    return session


def finish(world: World, books: Books, intent: Object) -> None:
    """Close the page that a payment came from, once its money is taken or held."""
    if intent["status"] not in {"succeeded", "requires_capture"}:
        return
    for session in books.kinds.get("checkout.session", {}).values():
        if session["payment_intent"] == intent["id"] and session["status"] == "open":
            paid = "paid" if intent["status"] == "succeeded" else "unpaid"
            session.update(status="complete", payment_status=paid, url=None)
            world.tell(books, "checkout.session.completed", session)


def ripen(world: World, books: Books) -> None:
    """Close the pages whose time is over, and give up what was begun on them."""
    for session in books.kinds.get("checkout.session", {}).values():
        if session["status"] == "open" and session["expires_at"] <= world.now():
            session.update(status="expired", url=None)
            if session["payment_intent"] is not None:
                intents.cancel(world, books, {}, session["payment_intent"])
            world.tell(books, "checkout.session.expired", session)


def retrieve(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a session."""
    return world.get(books, "checkout.session", code)


def sessions(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List sessions."""
    return page(world, books, "checkout.session", params, url="/v1/checkout/sessions")


def _intent(world: World, books: Books, session: Object) -> Object:
    about = world.known(session["id"]).about
    said = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "payment_method_types": session["payment_method_types"],
    }
    return intents.create(world, books, said | about)


def _total(items: list[dict[str, Any]]) -> tuple[int, str]:
    """Return what the lines come to. Raises `Refused`: no line, or more than is taken."""
    if not items or any("price_data" not in each for each in items):
        raise invalid("Lines need price_data", param="line_items")
    total = sum(each["price_data"]["unit_amount"] * each.get("quantity", 1) for each in items)
    if not 0 < total <= intents.MOST:
        code = "amount_too_large" if total > intents.MOST else "amount_too_small"
        raise invalid("Amount must be 1 to 99999999 minor units.", param="line_items", code=code)
    return total, items[0]["price_data"]["currency"].lower()


CALLS: Final = {
    "GET /v1/checkout/sessions": sessions,
    "POST /v1/checkout/sessions": create,
    "GET /v1/checkout/sessions/{session}": retrieve,
}
