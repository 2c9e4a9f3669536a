"""Calling the provider for a stored order: the same key again, then a look."""

from typing import Any

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.runner import Report
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.rails.protocol import Answer, Order, RailRefused, RailUnsure
from remelt.platform.settlement.rails.provider_orders import Try, again, begin_try, by_key
from remelt.platform.settlement.rails.provider_sight import Provider, Sight
from remelt.platform.settlement.rails.provider_taking import keep_answer, take_in

AGAIN = 2
# purpose -> what kind of notice its answer is looked at like
LOOKS = {
    "collect": "payment_intent.",
    "hold": "payment_intent.",
    "capture": "payment_intent.",
    "refund": "charge.",
    "pay-out": "transfer.",
    "take-back": "transfer.",
}


def send(
    payload: dict[str, Any], _report: Report, *, store: Store, rail: Provider, clock: Clock
) -> dict[str, Any]:
    """Send the order of a job: note the try, call outside any transaction, keep what came of it.

    When nobody knows, or another order must be done first, a later job comes with the same key.
    """
    key = payload["key"]
    try:
        with store.write() as session:
            begun = begin_try(session, clock=clock, key=key)
    except RailUnsure:
        return _later(store, clock, key)
    if begun is None:
        return {"state": "answered"}
    try:
        answer = ask(rail, begun)
    except RailUnsure:
        return _later(store, clock, key)
    except RailRefused as refused:
        reason = str(refused.facts.get("reason", ""))
        answer = Answer(state="refused", rail_ref="", reason=reason)
    with store.write() as session:
        keep_answer(session, answer, clock=clock, key=key)
    sight = _look(rail, begun.order, answer)
    with store.write() as session:
        take_in(session, sight, clock=clock, provider=rail.name)
    return {"state": answer.state}


def look_at(
    payload: dict[str, Any], _report: Report, *, store: Store, rail: Provider, clock: Clock
) -> dict[str, Any]:
    """Ask how a payment stands that its payer has come back from; nothing is sent."""
    with store.read() as session:
        row = by_key(session, payload["key"])
        about = row.rail_ref
    if not about:
        return {"state": row.state}
    try:
        sight = rail.look(kind="payment_intent.", object_id=about)
    except (RailUnsure, RailRefused):
        return {"state": row.state}
    with store.write() as session:
        take_in(session, sight, clock=clock, provider=rail.name)
        return {"state": by_key(session, payload["key"]).state}


def ask(rail: Provider, begun: Try) -> Answer:
    """Return the provider's answer to an order, whichever call of it was the one that counted.

    Raises `RailUnsure` or `RailRefused`.
    """
    if begun.look_first:
        found = rail.find(begun.order, since=begun.since)
        if found is not None:
            return found
    for _ in range(AGAIN):
        try:
            return rail.do(begun.order)
        except RailUnsure:
            continue
    found = rail.find(begun.order, since=begun.since)
    if found is None:
        raise RailUnsure
    return found


def _later(store: Store, clock: Clock, key: str) -> dict[str, Any]:
    with store.write() as session:
        again(session, clock=clock, key=key)
    return {"state": "unsure"}


def _look(rail: Provider, order: Order, answer: Answer) -> Sight:
    """See what a done order has moved; what is not seen now comes with the notice or the day."""
    kind = LOOKS.get(order.purpose)
    if answer.state != "done" or kind is None:
        return Sight()
    named = {"refund": order.earlier, "take-back": order.earlier}
    try:
        return rail.look(kind=kind, object_id=named.get(order.purpose, answer.rail_ref))
    except (RailUnsure, RailRefused):
        return Sight()
