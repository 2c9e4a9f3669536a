"""What is said to Stripe to ask a payer for money: plain facts, worked out from an order alone.

The same order always says the same: under its key Stripe takes no other words.
"""

from typing import Any, Final

from remelt.platform.settlement.rails.protocol import Order

PAGE_MARK: Final = "page"


def on_page(order: Order) -> bool:
    """Tell whether the payer gives a card on Stripe's own page: we are told of none."""
    return order.purpose in {"collect", "hold"} and order.method == "card" and not order.party


def intent_facts(order: Order, *, capture: str, return_url: str) -> dict[str, Any]:
    """Return a payment that is confirmed at once: by a known card, a wallet, or cash sent ahead."""
    facts: dict[str, Any] = {
        "amount": order.money.amount_minor,
        "currency": order.money.currency.lower(),
        "capture_method": capture,
        "confirm": True,
        "metadata": dict(order.metadata),
        "transfer_group": order.subject,
        "payment_method_types": [order.method],
        "description": _about(order),
    }
    if order.method == "card":
        facts["payment_method"] = order.party
    else:
        facts["payment_method_data"] = {"type": order.method}
    if order.method == "customer_balance":
        facts["customer"] = order.party
    else:
        facts["return_url"] = back_to(order, return_url)
    if order.method == "wechat_pay":
        facts["payment_method_options"] = {"wechat_pay": {"client": "web"}}
    return facts


def session_facts(order: Order, *, capture: str, return_url: str) -> dict[str, Any]:
    """Return a page of Stripe's on which the payer gives a card; it lives for 24 hours."""
    line = {
        "currency": order.money.currency.lower(),
        "unit_amount": order.money.amount_minor,
        "product_data": {"name": _about(order)},
    }
    back = back_to(order, return_url)
    return {
        "mode": "payment",
        "line_items": [{"price_data": line, "quantity": 1}],
        "payment_method_types": [order.method],
        "payment_intent_data": {
            "capture_method": capture,
            "metadata": {**order.metadata, PAGE_MARK: "checkout"},
            "transfer_group": order.subject,
            "description": _about(order),
        },
        "metadata": dict(order.metadata),
        "client_reference_id": order.subject,
        "success_url": back,
        "cancel_url": back,
    }


def back_to(order: Order, return_url: str) -> str:
    """Return where the payer comes back to: the page of this order."""
    return f"{return_url}/{order.key}"


def _about(order: Order) -> str:
    return order.reference or order.subject
