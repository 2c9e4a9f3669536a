"""The twin's own knobs under `/_twin/`: what no call of the real API can do."""

from collections.abc import Callable
from typing import Any, Final, Protocol

import orjson

from tools.stripe_twin import accounts, checkout, disputes, events, intents, payouts, refunds
from tools.stripe_twin.delivery import Post
from tools.stripe_twin.faults import Fault, Faults
from tools.stripe_twin.pages import agree
from tools.stripe_twin.refusals import Refused, invalid
from tools.stripe_twin.schemas import Subset, Tally
from tools.stripe_twin.world import PLATFORM, World


class Controlled(Protocol):
    """What the knobs turn."""

    world: World
    post: Post
    faults: Faults
    subset: Subset
    tally: Tally
    called: dict[str, int]


Knob = Callable[[Controlled, dict[str, Any]], Any]


def control(twin: Controlled, path: str, body: bytes) -> tuple[int, Any]:
    """Turn one knob; the body is JSON."""
    knob = KNOBS.get(path.removeprefix("/_twin/"))
    if knob is None:
        return 404, {"error": {"type": "invalid_request_error", "message": "no such knob"}}
    try:
        with twin.world.lock:
            said = knob(twin, orjson.loads(body) if body else {})
            twin.post.put(events.announce(twin.world, request="req_twin", key=None))
    except (KeyError, ValueError) as wrong:
        return 400, {"error": invalid(str(wrong)).body}
    except Refused as refused:
        return refused.status, {"error": refused.body}
    return 200, said


def _state(twin: Controlled, _said: dict[str, Any]) -> Any:
    return {
        "version": twin.subset.version,
        "counts": twin.tally.counts,
        "violations": twin.tally.violations,
        "called": twin.called,
        "waiting": twin.post.waiting,
        "sent": twin.post.sent,
    }


def _faults(twin: Controlled, said: dict[str, Any]) -> Any:
    if said.get("clear"):
        twin.faults.clear()
    for each in said.get("requests", []):
        twin.faults.add(Fault(**each))
    twin.post.misbehave(said.get("events", []))
    return {}


def _clock(twin: Controlled, said: dict[str, Any]) -> Any:
    advance(twin.world, int(said["seconds"]))
    return {"now": twin.world.now()}


def advance(world: World, seconds: int) -> None:
    """Wind the twin's clock forward; what is due by then happens."""
    if seconds < 0:
        raise ValueError("a clock does not run backwards")
    world.offset_s += seconds
    for books in list(world.accounts.values()):
        refunds.ripen(world, books)
        payouts.ripen(world, books)
        checkout.ripen(world, books)


def _pay(twin: Controlled, said: dict[str, Any]) -> Any:
    """The buyer scans the code, agrees on the wallet's page, or gives a card on the session's."""
    books = twin.world.books(PLATFORM)
    if "session" in said:
        session = twin.world.get(books, "checkout.session", said["session"])
        return checkout.pay(twin.world, books, session, choice=said.get("choice", "agree"))
    intent = twin.world.get(books, "payment_intent", said["payment_intent"])
    return agree(twin.world, books, intent, fails=bool(said.get("fails")))


def _fund(twin: Controlled, said: dict[str, Any]) -> Any:
    """The customer's bank transfer comes in; the oldest waiting payments are taken from it."""
    world, books = twin.world, twin.world.books(PLATFORM)
    held = books.customer_cash.setdefault(said["customer"], {})
    held[said["currency"]] = held.get(said["currency"], 0) + int(said["amount"])
    for intent in list(books.kinds.get("payment_intent", {}).values()):
        waits = intent["status"] == "requires_action"
        if waits and intent["customer"] == said["customer"] and _by_bank(intent):
            intents.settle_cash(world, books, intent)
    return dict(held)


def _by_bank(intent: dict[str, Any]) -> bool:
    action = intent["next_action"] or {}
    return action.get("type") == "display_bank_transfer_instructions"


def _dispute(twin: Controlled, said: dict[str, Any]) -> Any:
    books = twin.world.books(PLATFORM)
    charge = twin.world.get(books, "charge", said["charge"])
    return disputes.open_dispute(twin.world, books, charge)


def _furnish(twin: Controlled, said: dict[str, Any]) -> Any:
    books = twin.world.books(PLATFORM)
    account = twin.world.get(books, "account", said["account"])
    accounts.furnish(twin.world, books, account)
    return account


def _restrict(twin: Controlled, said: dict[str, Any]) -> Any:
    books = twin.world.books(PLATFORM)
    account = twin.world.get(books, "account", said["account"])
    accounts.restrict(twin.world, books, account)
    return account


def _fail_payout(twin: Controlled, said: dict[str, Any]) -> Any:
    books = twin.world.books(PLATFORM)
    payout = twin.world.get(books, "payout", said["payout"])
    payouts.fail(twin.world, books, payout)
    return payout


def _fail_refund(twin: Controlled, said: dict[str, Any]) -> Any:
    books = twin.world.books(PLATFORM)
    refund = twin.world.get(books, "refund", said["refund"])
    refunds.fail(twin.world, books, refund)
    return refund


KNOBS: Final[dict[str, Knob]] = {
    "state": _state,
    "faults": _faults,
    "clock": _clock,
    "pay": _pay,
    "fund": _fund,
    "dispute": _dispute,
    "furnish": _furnish,
    "restrict": _restrict,
    "fail_payout": _fail_payout,
    "fail_refund": _fail_refund,
}
