"""Stripe's objects in words of our own. It takes plain dicts: a StripeObject is none."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from remelt.platform.settlement.rails.protocol import Answer, Money, Movement, State
from remelt.platform.settlement.rails.provider_sight import AccountSeen, Disputed
from remelt.platform.settlement.rails.stripe_asking import PAGE_MARK

Object = dict[str, Any]
INTENT_STATES: Final[dict[str, State]] = {
    "requires_payment_method": "refused",
    "requires_confirmation": "waiting",
    "requires_action": "waiting",
    "processing": "waiting",
    "requires_capture": "held",
    "succeeded": "done",
    "canceled": "cancelled",
}
REFUND_STATES: Final[dict[str, State]] = {
    "pending": "waiting",
    "requires_action": "waiting",
    "succeeded": "done",
    "failed": "refused",
    "canceled": "cancelled",
}
KINDS: Final = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund-failed",
    "payment_failure_refund": "refund-failed",
    "transfer": "transfer",
    "transfer_refund": "reversal",
    "adjustment": "dispute",
    "payout": "payout",
    "payout_failure": "payout",
}
OPEN_DISPUTES: Final = frozenset(
    {"needs_response", "under_review", "warning_needs_response", "warning_under_review"}
)


def intent_answer(intent: Object) -> Answer:
    """Say how a payment stands, and what its payer must be told.

    A card that is refused on Stripe's own page is tried again there: that order still waits.
    """
    state = INTENT_STATES[intent["status"]]
    if state == "refused" and (intent.get("metadata") or {}).get(PAGE_MARK):
        state = "waiting"
    held = intent["amount_capturable"] or intent["amount_received"]
    error = intent.get("last_payment_error") or {}
    reason = error.get("decline_code") or error.get("code") or ""
    return Answer(
        state=state,
        rail_ref=intent["id"],
        money=Money(held, intent["currency"].upper()) if held else None,
        reason=(reason or "no-method") if state == "refused" else "",
        tell=_tell(intent) | _order(intent),
    )


def session_answer(session: Object) -> Answer:
    """Say how a page stands: it waits for its payer, was left alone, or brought a payment."""
    intent = session["payment_intent"]
    if isinstance(intent, dict) and session["status"] != "open":
        return intent_answer(intent)
    state: State = "cancelled" if session["status"] == "expired" else "waiting"
    return Answer(
        state=state,
        rail_ref=session["id"],
        reason="not-paid-in-time" if state == "cancelled" else "",
        tell={"url": session["url"] or ""} | _order(session),
    )


def refund_answer(refund: Object) -> Answer:
    """Say how a refund stands: a wallet's takes days and may fail."""
    return Answer(
        state=REFUND_STATES[refund["status"]],
        rail_ref=refund["id"],
        money=_money(refund),
        reason=refund.get("failure_reason") or "",
        tell=_order(refund),
    )


def sent_answer(sent: Object) -> Answer:
    """Say how a transfer or a reversal stands: it is done once it is there."""
    return Answer(state="done", rail_ref=sent["id"], money=_money(sent), tell=_order(sent))


def movement_of(transaction: Object, *, source: Object) -> Movement:
    """Return the change of money that a balance transaction is."""
    metadata = source.get("metadata") or {}
    return Movement(
        rail_ref=transaction["id"],
        at=datetime.fromtimestamp(transaction["created"], UTC),
        amount_minor=transaction["amount"],
        currency=transaction["currency"].upper(),
        kind=KINDS.get(transaction["type"], str(transaction["type"])),
        fee_minor=transaction["fee"],
        order_key=metadata.get("order", ""),
        text=name_of(source.get("payment_intent")) or name_of(source.get("transfer")),
    )


def movements_of(sources: Iterable[Object]) -> list[Movement]:
    """Return what objects with expanded balance transactions have moved."""
    moved: list[Movement] = []
    for source in sources:
        for name in ("balance_transaction", "failure_balance_transaction"):
            found = source.get(name)
            if isinstance(found, dict):
                moved.append(movement_of(found, source=source))
    return moved


def disputed(dispute: Object) -> Disputed:
    """Return a dispute as it stands."""
    return Disputed(
        dispute_ref=dispute["id"],
        payment_ref=name_of(dispute.get("payment_intent")),
        amount_minor=dispute["amount"],
        currency=dispute["currency"].upper(),
        status=dispute["status"],
        open=dispute["status"] in OPEN_DISPUTES,
    )


def account_seen(account: Object) -> AccountSeen:
    """Return a connected account: whether it may be paid, and what Stripe still asks of it."""
    may = (account.get("capabilities") or {}).get("transfers") or "inactive"
    asked = (account.get("requirements") or {}).get("currently_due") or []
    return AccountSeen(account_ref=account["id"], transfers=may, wanted=tuple(sorted(asked)))


def name_of(value: Any) -> str:
    """Return the id of what is either an id or the object itself, "" for nothing."""
    return str(value["id"]) if isinstance(value, dict) else value or ""


def _money(value: Object) -> Money:
    return Money(value["amount"], value["currency"].upper())


def _order(value: Object) -> dict[str, str]:
    metadata = value.get("metadata") or {}
    return {"order": metadata["order"]} if metadata.get("order") else {}


def _tell(intent: Object) -> dict[str, str]:
    """Return where the payer has to go: a wallet's page, a code to scan, a bank account."""
    action = intent.get("next_action") or {}
    kind = action.get("type")
    if kind == "alipay_handle_redirect":
        return {"url": action[kind]["url"] or ""}
    if kind == "redirect_to_url":
        return {"url": action[kind]["url"] or ""}
    if kind == "wechat_pay_display_qr_code":
        return {"url": action[kind]["hosted_instructions_url"], "code": action[kind]["data"]}
    if kind == "display_bank_transfer_instructions":
        said = action[kind]
        return {"url": said["hosted_instructions_url"], "reference": said["reference"]}
    return {}
