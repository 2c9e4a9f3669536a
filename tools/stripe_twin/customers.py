"""Customers, their ways to pay, and the cash that a customer sent by bank ahead of a payment."""

from typing import Any, Final

from tools.stripe_twin.refusals import declined, invalid
from tools.stripe_twin.world import Books, Object, World, page

BANK_CURRENCIES: Final = {"eur": "IE", "gbp": "GB"}
NO_ADDRESS: Final = {
    "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
    "email": None,
    "name": None,
    "phone": None,
}
# the test methods that real test mode has, and what their bank says
TEST_METHODS: Final = {
    "pm_card_visa": ("card", ""),
    "pm_card_mastercard": ("card", ""),
    "pm_card_chargeDeclined": ("card", "declined"),
    "pm_card_createDispute": ("card", "dispute"),
    "pm_card_bypassPending": ("card", "available"),
    "pm_card_authenticationRequired": ("card", "action"),
}
TEST_CARDS: Final = {"4000000000000002": "declined", "4000000000000259": "dispute"}
TOKENS: Final = {"tok_visa": "", "tok_chargeDeclined": "declined", "tok_createDispute": "dispute"}


def create(world: World, books: Books, params: dict[str, Any]) -> Object:
    """Make a customer; with `payment_method`, attach it."""
    said = {name: value for name, value in params.items() if name not in {"expand", "source"}}
    method = said.pop("payment_method", None)
    for gone in ("cash_balance", "tax", "tax_id_data", "coupon", "promotion_code"):
        said.pop(gone, None)
    made = world.make(books, "customer", {"balance": 0, "delinquent": False, "metadata": {}} | said)
    if method is not None:
        attach(world, books, {"customer": made["id"]}, method)
    world.tell(books, "customer.created", made)
    return made


def retrieve(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a customer."""
    return world.get(books, "customer", code)


def cash(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return what the customer has sent that no payment has used yet."""
    world.get(books, "customer", code)
    held = books.customer_cash.get(code, {})
    return {
        "object": "cash_balance",
        "available": dict(held) or None,
        "customer": code,
        "livemode": False,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
    }


def funding(world: World, books: Books, params: dict[str, Any], code: str) -> Object:
    """Return the bank account that this customer sends money to."""
    world.get(books, "customer", code)
    currency = params["currency"]
    if currency not in BANK_CURRENCIES:
        raise invalid(f"Bank transfers in {currency} are not available", param="currency")
    return {
        "object": "funding_instructions",
        "bank_transfer": {
            "country": BANK_CURRENCIES[currency],
            "financial_addresses": [address(code, currency)],
            "type": "eu_bank_transfer" if currency == "eur" else "gb_bank_transfer",
        },
        "currency": currency,
        "funding_type": "bank_transfer",
        "livemode": False,
    }


def address(code: str, currency: str) -> dict[str, Any]:
    """Return the address of a customer's own account for transfers in."""
    if currency == "gbp":
        record = {
            "account_holder_name": "Twin",
            "account_number": "00012345",
            "sort_code": "108800",
        }
        return {"type": "sort_code", "sort_code": record, "supported_networks": ["bacs", "fps"]}
    iban = {
        "account_holder_name": "Twin",
        "bic": "TWINIE2D",
        "country": "IE",
        "iban": f"IE29TWIN{abs(hash(code)) % 10**14:014d}",
    }
    return {"type": "iban", "iban": iban, "supported_networks": ["sepa"]}


def create_method(world: World, books: Books, params: dict[str, Any]) -> Object:
    """Make a way to pay: a card by its number or token, Alipay, WeChat Pay, or customer cash."""
    kind = params.get("type", "card")
    if kind not in {"card", "alipay", "wechat_pay", "customer_balance"}:
        raise invalid(f"The twin has no payment method {kind}", param="type")
    card = params.get("card", {})
    if kind == "card" and not card:
        raise invalid("You must provide a card", param="card", code="parameter_missing")
    outcome = TOKENS.get(card.get("token", ""), TEST_CARDS.get(card.get("number", ""), ""))
    return _method(world, books, kind, outcome=outcome, params=params)


def method_of(world: World, books: Books, params: dict[str, Any]) -> Object | None:
    """Return the way to pay that a payment names: an id, a test method, or its data."""
    if "payment_method_data" in params:
        return create_method(world, books, params["payment_method_data"])
    code = params.get("payment_method")
    if code is None:
        return None
    if code in TEST_METHODS:
        kind, outcome = TEST_METHODS[code]
        return _method(world, books, kind, outcome=outcome, params={})
    return world.get(books, "payment_method", code)


def retrieve_method(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a way to pay."""
    return world.get(books, "payment_method", code)


def attach(world: World, books: Books, params: dict[str, Any], code: str) -> Object:
    """Keep a way to pay with a customer."""
    method = method_of(world, books, {"payment_method": code})
    assert method is not None  # noqa: S101  a code was given
    world.get(books, "customer", params["customer"])
    if method["type"] in {"alipay", "wechat_pay"}:
        raise invalid("This payment method cannot be attached to a customer", param="customer")
    if world.known(method["id"]).outcome == "declined":
        raise declined("Your card was declined.", code="card_declined")
    method["customer"] = params["customer"]
    world.tell(books, "payment_method.attached", method)
    return method


def detach(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Part a way to pay from its customer."""
    method = world.get(books, "payment_method", code)
    method["customer"] = None
    world.tell(books, "payment_method.detached", method)
    return method


def methods(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List ways to pay."""
    return page(world, books, "payment_method", params, url="/v1/payment_methods")


def customers(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List customers."""
    return page(world, books, "customer", params, url="/v1/customers")


def _method(
    world: World, books: Books, kind: str, *, outcome: str, params: dict[str, Any]
) -> Object:
    details = {"alipay": {}, "wechat_pay": {}, "customer_balance": {}, "card": _card(params)}[kind]
    made = world.make(
        books,
        "payment_method",
        {
            "billing_details": NO_ADDRESS | params.get("billing_details", {}),
            "customer": None,
            "metadata": params.get("metadata", {}),
            "type": kind,
            kind: details,
        },
    )
    world.known(made["id"]).outcome = outcome
    return made


def _card(params: dict[str, Any]) -> dict[str, Any]:
    said = params.get("card", {})
    return {
        "brand": "visa",
        "exp_month": said.get("exp_month", 12),
        "exp_year": said.get("exp_year", 2034),
        "funding": "credit",
        "last4": str(said.get("number", "4242"))[-4:],
        "country": "SG",
    }


CALLS: Final = {
    "GET /v1/customers": customers,
    "POST /v1/customers": create,
    "GET /v1/customers/{customer}": retrieve,
    "GET /v1/customers/{customer}/cash_balance": cash,
    "POST /v1/customers/{customer}/funding_instructions": funding,
    "GET /v1/payment_methods": methods,
    "POST /v1/payment_methods": create_method,
    "GET /v1/payment_methods/{payment_method}": retrieve_method,
    "POST /v1/payment_methods/{payment_method}/attach": attach,
    "POST /v1/payment_methods/{payment_method}/detach": detach,
}
