"""Transfers to connected accounts and their reversals: never more than there is."""

from typing import Any, Final

from tools.stripe_twin import cash
from tools.stripe_twin.customers import NO_ADDRESS
from tools.stripe_twin.refusals import Refused, invalid
from tools.stripe_twin.world import PLATFORM, Books, Object, World, cut, empty_list, page


def create(world: World, books: Books, params: dict[str, Any]) -> Object:
    """Send money of the platform to a connected account, of a named charge or of what is there."""
    if books.account != PLATFORM:
        raise invalid("Only the platform transfers to connected accounts")
    there = _destination(world, books, params["destination"])
    currency = params["currency"].lower()
    charge = _source(world, books, params, currency)
    amount = params.get("amount", 0) or (charge["amount_captured"] if charge else 0)
    available_on = _check_funds(world, books, charge, amount=amount, currency=currency)
    group = params.get("transfer_group") or (charge["transfer_group"] if charge else None)
    made = world.make(
        books,
        "transfer",
        {
            "amount": amount,
            "amount_reversed": 0,
            "currency": currency,
            "description": params.get("description"),
            "destination": there.account,
            "metadata": params.get("metadata") or {},
            "reversals": empty_list(""),
            "reversed": False,
            "source_transaction": charge["id"] if charge else None,
            "source_type": "card",
            "transfer_group": group,
        },
    )
    made["reversals"]["url"] = f"/v1/transfers/{made['id']}/reversals"
    facts = {"amount": -amount, "currency": currency, "source": made["id"]}
    made["balance_transaction"] = cash.book(
        world, books, "transfer", available_on=available_on, **facts
    )["id"]
    made["destination_payment"] = _arrive(world, there, made, available_on=available_on)
    world.tell(books, "transfer.created", made)
    return made


def reverse(world: World, books: Books, params: dict[str, Any], code: str) -> Object:
    """Take back part or all of a transfer, while its receiver still has it."""
    transfer = world.get(books, "transfer", code)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = params.get("amount", left)
    if not 0 < amount <= left:
        raise invalid(f"The reversal is greater than what is left ({left})", param="amount")
    there = world.books(transfer["destination"])
    currency = transfer["currency"]
    due = max(world.now(), books.objects[transfer["balance_transaction"]]["available_on"])
    cash.ripen(world, there)
    held = there.pending if due > world.now() else there.available
    if held.get(currency, 0) < amount:
        raise Refused(
            400,
            type="invalid_request_error",
            code="balance_insufficient",
            message="The destination account has insufficient funds to reverse this transfer.",
        )
    made = world.make(
        books,
        "transfer_reversal",
        {
            "amount": amount,
            "currency": currency,
            "metadata": params.get("metadata") or {},
            "transfer": transfer["id"],
        },
    )
    facts = {"currency": currency, "available_on": due}
    made["balance_transaction"] = cash.book(
        world, books, "transfer_refund", amount=amount, source=made["id"], **facts
    )["id"]
    payment = transfer["destination_payment"]
    cash.book(world, there, "payment_refund", amount=-amount, source=payment, **facts)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, made)
    if transfer["source_transaction"]:
        world.known(transfer["source_transaction"]).transferred -= amount
    world.tell(books, "transfer.reversed", transfer)
    return made


def retrieve(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a transfer."""
    return world.get(books, "transfer", code)


def transfers(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List transfers."""
    return page(world, books, "transfer", params, url="/v1/transfers")


def reversals(world: World, books: Books, params: dict[str, Any], code: str) -> Object:
    """List the reversals of a transfer."""
    transfer = world.get(books, "transfer", code)
    return cut(transfer["reversals"]["data"], params, url=transfer["reversals"]["url"])


def retrieve_reversal(
    world: World, books: Books, _params: dict[str, Any], _transfer: str, code: str
) -> Object:
    """Return one reversal."""
    return world.get(books, "transfer_reversal", code)


def _destination(world: World, books: Books, code: str) -> Books:
    account = world.get(books, "account", code)
    if account["capabilities"].get("transfers") != "active":
        raise invalid(
            "Your destination account needs the transfers capability.",
            code="insufficient_capabilities_for_transfer",
        )
    return world.books(code)


def _source(world: World, books: Books, params: dict[str, Any], currency: str) -> Object | None:
    if "source_transaction" not in params:
        return None
    charge = world.get(books, "charge", params["source_transaction"])
    if charge["currency"] != currency:
        raise invalid("The currency of source_transaction is another", param="currency")
    if not charge["captured"]:
        raise invalid("source_transaction is not captured", param="source_transaction")
    return charge


def _check_funds(
    world: World, books: Books, charge: Object | None, *, amount: int, currency: str
) -> int:
    """Refuse what is not there; return when the money can be used."""
    if amount <= 0:
        raise invalid("Amount must be positive", param="amount")
    if charge is None:
        cash.need(world, books, amount, currency)
        return world.now()
    facts = world.known(charge["id"])
    if facts.transferred + amount > charge["amount_captured"]:
        raise invalid("Transfers exceed source_transaction's amount", param="amount")
    facts.transferred += amount
    due: int = books.objects[charge["balance_transaction"]]["available_on"]
    return due


def _arrive(world: World, there: Books, transfer: Object, *, available_on: int) -> str:
    payment = world.make(
        there,
        "charge",
        {
            "amount": transfer["amount"],
            "amount_captured": transfer["amount"],
            "amount_refunded": 0,
            "billing_details": NO_ADDRESS,
            "captured": True,
            "currency": transfer["currency"],
            "disputed": False,
            "metadata": {},
            "paid": True,
            "refunded": False,
            "source_transfer": transfer["id"],
            "status": "succeeded",
        },
        prefix="py",
    )
    payment["balance_transaction"] = cash.book(
        world,
        there,
        "payment",
        amount=transfer["amount"],
        currency=transfer["currency"],
        source=payment["id"],
        available_on=available_on,
    )["id"]
    code: str = payment["id"]
    return code


CALLS: Final = {
    "GET /v1/transfers": transfers,
    "POST /v1/transfers": create,
    "GET /v1/transfers/{transfer}": retrieve,
    "GET /v1/transfers/{id}/reversals": reversals,
    "POST /v1/transfers/{id}/reversals": reverse,
    "GET /v1/transfers/{transfer}/reversals/{id}": retrieve_reversal,
}
