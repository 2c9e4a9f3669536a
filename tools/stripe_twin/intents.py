"""Payment intents: made, confirmed, captured or cancelled, and what each way to pay needs."""

from typing import Any, Final

from tools.stripe_twin import charges
from tools.stripe_twin.customers import address, method_of
from tools.stripe_twin.refusals import Refused, declined, invalid
from tools.stripe_twin.world import Books, Object, World, page

MOST: Final = 99_999_999
OPEN: Final = ("requires_payment_method", "requires_confirmation", "requires_action")
NO_CAPTURE: Final = ("alipay", "wechat_pay", "customer_balance")
UPDATABLE: Final = ("amount", "currency", "description", "metadata", "transfer_group")


def create(world: World, books: Books, params: dict[str, Any]) -> Object:
    """Make a payment intent; with `confirm`, try it at once."""
    if not 0 < params["amount"] <= MOST:
        code = "amount_too_large" if params["amount"] > MOST else "parameter_invalid_integer"
        raise invalid("Amount must be 1 to 99999999 minor units.", param="amount", code=code)
    method = method_of(world, books, params)
    kinds = params.get("payment_method_types") or ["card"]
    if method is not None and method["type"] not in kinds:
        raise invalid(
            "The payment method is not among payment_method_types", param="payment_method"
        )
    manual = params.get("capture_method") == "manual"
    if manual and any(kind in NO_CAPTURE for kind in kinds):
        raise invalid("This payment method cannot be captured later", param="capture_method")
    if "customer" in params:
        world.get(books, "customer", params["customer"])
    made = world.make(
        books,
        "payment_intent",
        {
            "amount": params["amount"],
            "amount_capturable": 0,
            "amount_received": 0,
            "capture_method": params.get("capture_method", "automatic"),
            "confirmation_method": params.get("confirmation_method", "automatic"),
            "currency": params["currency"].lower(),
            "customer": params.get("customer"),
            "description": params.get("description"),
            "metadata": params.get("metadata", {}),
            "payment_method": method["id"] if method else None,
            "payment_method_types": kinds,
            "status": "requires_confirmation" if method else "requires_payment_method",
            "transfer_group": params.get("transfer_group"),
        },
    )
    made["client_secret"] = f"{made['id']}_secret_twin"
    world.tell(books, "payment_intent.created", made)
    return confirm(world, books, params, made["id"]) if params.get("confirm") else made


def confirm(world: World, books: Books, params: dict[str, Any], code: str) -> Object:
    """Try to take the payment: taken, held, refused by the bank, or waiting for its buyer."""
    intent = world.get(books, "payment_intent", code)
    if intent["status"] not in OPEN:
        raise _unexpected(intent, "confirm")
    method = method_of(world, books, params)
    if method is not None:
        intent["payment_method"] = method["id"]
    if intent["payment_method"] is None:
        raise invalid("You must provide a payment method", param="payment_method")
    held = world.get(books, "payment_method", intent["payment_method"])
    outcome = world.known(held["id"]).outcome
    if outcome == "declined":
        raise _decline(world, books, intent, held)
    if held["type"] == "customer_balance":
        return settle_cash(world, books, intent)
    if held["type"] in {"alipay", "wechat_pay"} or outcome == "action":
        intent["next_action"] = _next_action(world, intent, held["type"], params.get("return_url"))
        intent["status"] = "requires_action"
        world.tell(books, "payment_intent.requires_action", intent)
        return intent
    return authorise(world, books, intent)


def authorise(world: World, books: Books, intent: Object) -> Object:
    """Hold or take the money, now that the buyer's side has agreed."""
    charge = charges.authorise(world, books, intent)
    intent.update(latest_charge=charge["id"], next_action=None, last_payment_error=None)
    if intent["capture_method"] == "manual":
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        world.tell(books, "charge.succeeded", charge)
        world.tell(books, "payment_intent.amount_capturable_updated", intent)
        return intent
    charges.capture(world, books, charge, amount=intent["amount"])
    intent.update(status="succeeded", amount_received=intent["amount"])
    world.tell(books, "charge.succeeded", charge)
    world.tell(books, "payment_intent.succeeded", intent)
    charges.after_capture(world, books, charge)
    return intent


def settle_cash(world: World, books: Books, intent: Object) -> Object:
    """Take the payment from the customer's cash when it suffices, else tell where to send it."""
    customer, currency = intent["customer"], intent["currency"]
    if customer is None:
        raise invalid("A payment from cash needs a customer", param="customer")
    held = books.customer_cash.setdefault(customer, {})
    if held.get(currency, 0) >= intent["amount"]:
        held[currency] -= intent["amount"]
        return authorise(world, books, intent)
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "type": "display_bank_transfer_instructions",
        "display_bank_transfer_instructions": {
            "amount_remaining": intent["amount"] - held.get(currency, 0),
            "currency": currency,
            "financial_addresses": [address(customer, currency)],
            "hosted_instructions_url": f"https://payments.example/{intent['id']}",
            "reference": intent["id"][-12:],
            "type": "eu_bank_transfer",
        },
    }
    world.tell(books, "payment_intent.requires_action", intent)
    return intent


def capture(world: World, books: Books, params: dict[str, Any], code: str) -> Object:
    """Take part or all of what is held; the rest is released."""
    intent = world.get(books, "payment_intent", code)
    if intent["status"] != "requires_capture":
        raise _unexpected(intent, "capture")
    held: int = intent["amount_capturable"]
    amount: int = params.get("amount_to_capture") or held
    if not 0 < amount <= intent["amount_capturable"]:
        raise invalid("amount_to_capture exceeds what is held", param="amount_to_capture")
    charge = world.get(books, "charge", intent["latest_charge"])
    charges.capture(world, books, charge, amount=amount)
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    intent["metadata"] |= params.get("metadata") or {}
    world.tell(books, "charge.captured", charge)
    world.tell(books, "payment_intent.succeeded", intent)
    charges.after_capture(world, books, charge)
    return intent


def cancel(world: World, books: Books, params: dict[str, Any], code: str) -> Object:
    """Give up the payment and release what is held."""
    intent = world.get(books, "payment_intent", code)
    if intent["status"] not in (*OPEN, "requires_capture"):
        raise _unexpected(intent, "cancel")
    if intent["latest_charge"]:
        charges.release(world, books, world.get(books, "charge", intent["latest_charge"]))
    reason = params.get("cancellation_reason")
    intent.update(status="canceled", canceled_at=world.now(), cancellation_reason=reason)
    intent.update(amount_capturable=0, next_action=None)
    world.tell(books, "payment_intent.canceled", intent)
    return intent


def update(world: World, books: Books, params: dict[str, Any], code: str) -> Object:
    """Change an intent that is not yet paid; its description and metadata at any time."""
    intent = world.get(books, "payment_intent", code)
    if intent["status"] not in OPEN and params.keys() & {"amount", "currency"}:
        raise _unexpected(intent, "update")
    intent.update(
        {name: params[name] for name in UPDATABLE if name in params and name != "metadata"}
    )
    intent["metadata"] |= params.get("metadata") or {}
    return intent


def retrieve(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a payment intent."""
    return world.get(books, "payment_intent", code)


def intents(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List payment intents."""
    return page(world, books, "payment_intent", params, url="/v1/payment_intents")


def _next_action(world: World, intent: Object, kind: str, return_url: str | None) -> dict[str, Any]:
    url = f"{world.address}/pay/{intent['id']}"
    if kind == "alipay":
        return {
            "type": "alipay_handle_redirect",
            "alipay_handle_redirect": {
                "native_data": None, "native_url": None, "return_url": return_url, "url": url,
            },
        }  # fmt: skip
    if kind == "wechat_pay":
        return {
            "type": "wechat_pay_display_qr_code",
            "wechat_pay_display_qr_code": {
                "data": url, "hosted_instructions_url": url, "image_data_url": "data:image/png,",
                "image_url_png": url, "image_url_svg": url,
            },
        }  # fmt: skip
    redirect = {"return_url": return_url, "url": url}
    return {"type": "redirect_to_url", "redirect_to_url": redirect}


def _decline(world: World, books: Books, intent: Object, method: Object) -> Refused:
    refused = declined(
        "Your card was declined.", code="card_declined", decline_code="generic_decline"
    )
    intent["last_payment_error"] = dict(refused.body)
    intent.update(status="requires_payment_method", payment_method=None)
    world.tell(books, "payment_intent.payment_failed", intent)
    refused.body |= {"payment_intent": intent, "payment_method": method}
    return refused


def _unexpected(intent: Object, verb: str) -> Refused:
    refused = invalid(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
    )
    refused.body["payment_intent"] = intent
    return refused


CALLS: Final = {
    "GET /v1/payment_intents": intents,
    "POST /v1/payment_intents": create,
    "GET /v1/payment_intents/{intent}": retrieve,
    "POST /v1/payment_intents/{intent}": update,
    "POST /v1/payment_intents/{intent}/confirm": confirm,
    "POST /v1/payment_intents/{intent}/capture": capture,
    "POST /v1/payment_intents/{intent}/cancel": cancel,
}
