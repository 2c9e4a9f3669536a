"""Looking at Stripe: what an order has made, and what a notice is about, as it stands now."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from remelt.platform.settlement.rails.protocol import Answer, Order
from remelt.platform.settlement.rails.provider_sight import Sight
from remelt.platform.settlement.rails.stripe_asking import on_page
from remelt.platform.settlement.rails.stripe_words import (
    Object,
    account_seen,
    disputed,
    intent_answer,
    movement_of,
    movements_of,
    refund_answer,
    sent_answer,
    session_answer,
)

PAGE: Final = 100
EARLIER: Final = timedelta(hours=1)
WHOLE: Final = ["latest_charge.balance_transaction"]
MOVED: Final = ["balance_transaction", "failure_balance_transaction"]
SESSION: Final = "cs_"


def find(v1: Any, order: Order, *, since: datetime) -> Answer | None:
    """Return the answer to an order first sent at `since`, by the metadata it was sent with."""
    if order.purpose in {"capture", "release"}:
        return _captured(v1, order)
    for made in _candidates(v1, order, since=since):
        if (made.get("metadata") or {}).get("order") == order.key:
            return _answer(made)
    return None


def look(v1: Any, *, kind: str, object_id: str) -> Sight:
    """Return what a notice is about, fetched anew; an empty sight for what is not ours."""
    if object_id.startswith(SESSION):
        return _session(v1, object_id)
    for start, fetched in LOOKS:
        if kind.startswith(start):
            return fetched(v1, object_id)
    return Sight()


def disputes(v1: Any, *, since: datetime, until: datetime) -> Sight:
    """Return the disputes opened in that time, as they stand, with what they moved."""
    created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
    found = _all(v1.disputes.list({"created": created, "limit": PAGE}))
    moved = [
        movement_of(each, source=dispute)
        for dispute in found
        for each in dispute["balance_transactions"]
    ]
    return Sight(movements=tuple(moved), disputes=tuple(disputed(each) for each in found))


def _payment(v1: Any, code: str) -> Sight:
    intent = v1.payment_intents.retrieve(code, {"expand": WHOLE}).to_dict()
    charge = intent["latest_charge"]
    if charge is None:
        return Sight(answers=(intent_answer(intent),))
    asked = {"payment_intent": code, "limit": PAGE}
    asked["expand"] = [f"data.{name}" for name in MOVED]
    refunds = _all(v1.refunds.list(asked))
    return Sight(
        answers=(intent_answer(intent), *(refund_answer(each) for each in refunds)),
        movements=tuple(movements_of([charge, *refunds])),
    )


def _session(v1: Any, code: str) -> Sight:
    """Return what a page brought, or that its payer has still to come."""
    session = v1.checkout.sessions.retrieve(code, {"expand": ["payment_intent"]}).to_dict()
    answer = session_answer(session)
    if answer.rail_ref == code:
        return Sight(answers=(answer,))
    return _payment(v1, answer.rail_ref)


def _dispute(v1: Any, code: str) -> Sight:
    dispute = v1.disputes.retrieve(code).to_dict()
    moved = [movement_of(each, source=dispute) for each in dispute["balance_transactions"]]
    return Sight(movements=tuple(moved), disputes=(disputed(dispute),))


def _transfer(v1: Any, code: str) -> Sight:
    asked = {"expand": ["balance_transaction"]}
    transfer = v1.transfers.retrieve(code, asked).to_dict()
    listed = {"limit": PAGE, "expand": ["data.balance_transaction"]}
    reversals = _all(v1.transfers.reversals.list(code, listed))
    return Sight(
        answers=tuple(sent_answer(each) for each in (transfer, *reversals)),
        movements=tuple(movements_of([transfer, *reversals])),
    )


def _payout(v1: Any, code: str) -> Sight:
    payout = v1.payouts.retrieve(code, {"expand": MOVED}).to_dict()
    return Sight(movements=tuple(movements_of([payout])))


def _account(v1: Any, code: str) -> Sight:
    return Sight(accounts=(account_seen(v1.accounts.retrieve(code).to_dict()),))


def _captured(v1: Any, order: Order) -> Answer | None:
    intent = v1.payment_intents.retrieve(order.earlier).to_dict()
    wanted = "succeeded" if order.purpose == "capture" else "canceled"
    if intent["status"] != wanted:
        return None
    answer = intent_answer(intent)
    return Answer(state="done", rail_ref=answer.rail_ref, money=answer.money)


def _candidates(v1: Any, order: Order, *, since: datetime) -> Iterable[Object]:
    """Return what may be the order's: of its payment, its transfer, its contract or its time."""
    if on_page(order):
        return _pages(v1, since=since)
    if order.purpose == "refund":
        return _all(v1.refunds.list({"payment_intent": order.earlier, "limit": PAGE}))
    if order.purpose == "take-back":
        return _all(v1.transfers.reversals.list(order.earlier, {"limit": PAGE}))
    if order.purpose == "pay-out":
        return _all(v1.transfers.list({"transfer_group": order.subject, "limit": PAGE}))
    after = int((since - EARLIER).timestamp())
    return _all(v1.payment_intents.list({"created": {"gte": after}, "limit": PAGE}))


def _pages(v1: Any, *, since: datetime) -> Iterator[Object]:
    """Yield the pages opened since; they come newest first and cannot be asked for by time."""
    after = int((since - EARLIER).timestamp())
    listed = v1.checkout.sessions.list({"limit": PAGE, "expand": ["data.payment_intent"]})
    for each in listed.auto_paging_iter():
        if each.created < after:
            return
        yield each.to_dict()


def _answer(made: Object) -> Answer:
    say: dict[str, Callable[[Object], Answer]] = {
        "payment_intent": intent_answer,
        "checkout.session": session_answer,
        "refund": refund_answer,
    }
    return say.get(made["object"], sent_answer)(made)


def _all(listed: Any) -> list[Object]:
    return [each.to_dict() for each in listed.auto_paging_iter()]


# how a notice's kind begins -> what is fetched; of two that fit, the first
LOOKS: Final[tuple[tuple[str, Callable[[Any, str], Sight]], ...]] = (
    ("charge.dispute.", _dispute),
    ("charge.", _payment),
    ("payment_intent.", _payment),
    ("transfer.", _transfer),
    ("payout.", _payout),
    ("account.", _account),
)
