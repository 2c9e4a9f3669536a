"""Balance transactions: every change of an account's money, pending first, then available."""

import heapq
from typing import Any, Final

from tools.stripe_twin.refusals import Refused
from tools.stripe_twin.world import DAY_S, Books, Object, World

# basis points of the amount, and a fixed part in minor units
FEES: Final = {"card": (340, 50), "alipay": (220, 35), "wechat_pay": (220, 35)}
PENDING_DAYS: Final = 2
DISPUTE_FEE: Final = 1_500
CATEGORIES: Final = {
    "adjustment": "dispute",
    "payment": "charge",
    "payment_refund": "refund",
    "transfer_refund": "transfer_reversal",
}


def fee_for(method: str, amount: int) -> int:
    """Return what the provider keeps of a captured amount."""
    points, fixed = FEES.get(method, (0, 0))
    return min(amount, (amount * points + 5_000) // 10_000 + (fixed if points else 0))


def book(
    world: World,
    books: Books,
    kind: str,
    *,
    amount: int,
    currency: str,
    source: str,
    fee: int = 0,
    available_on: int | None = None,
    description: str | None = None,
) -> Object:
    """Change the account's money by `amount - fee`, available from `available_on` on."""
    details = {"amount": fee, "currency": currency, "type": "stripe_fee"}
    due = world.now() if available_on is None else available_on
    ripe = due <= world.now()
    made = world.make(
        books,
        "balance_transaction",
        {
            "amount": amount,
            "available_on": due,
            "currency": currency,
            "description": description,
            "fee": fee,
            "fee_details": [details] if fee else [],
            "net": amount - fee,
            "reporting_category": CATEGORIES.get(kind, kind),
            "source": source,
            "status": "available" if ripe else "pending",
            "type": kind,
        },
    )
    held = books.available if ripe else books.pending
    held[currency] = held.get(currency, 0) + made["net"]
    if not ripe:
        heapq.heappush(books.ripening, (due, made["id"]))
    return made


def ripen(world: World, books: Books) -> None:
    """Make available what has become so by now."""
    while books.ripening and books.ripening[0][0] <= world.now():
        made = books.objects[heapq.heappop(books.ripening)[1]]
        currency, net = made["currency"], made["net"]
        made["status"] = "available"
        books.pending[currency] -= net
        books.available[currency] = books.available.get(currency, 0) + net


def balance(world: World, books: Books) -> Object:
    """Return the balance object: each currency's pending and available money."""
    ripen(world, books)
    both = {"available": books.available, "pending": books.pending}
    currencies = sorted(both["available"].keys() | both["pending"].keys()) or ["cny"]
    said: dict[str, Any] = {
        status: [
            {"amount": totals.get(each, 0), "currency": each, "source_types": {}}
            for each in currencies
        ]
        for status, totals in both.items()
    }
    return {"object": "balance", "livemode": False, **said}


def need(world: World, books: Books, amount: int, currency: str) -> None:
    """Refuse when less than `amount` is available."""
    ripen(world, books)
    if books.available.get(currency, 0) < amount:
        raise Refused(
            400,
            type="invalid_request_error",
            code="balance_insufficient",
            message=f"You have insufficient available funds in {currency.upper()}.",
        )


def ripe_at(world: World) -> int:
    """Return when money that comes in now can be used."""
    return world.now() + PENDING_DAYS * DAY_S
