"""Stripe's notices: the raw body, its signature, its age; nothing in them is believed further."""

import hashlib
from typing import Any, Final

import stripe

from remelt.platform.settlement.rails.provider_errors import BadSignature
from remelt.platform.settlement.rails.provider_sight import News

TOLERANCE_S: Final = 300
BODY_MOST: Final = 1 << 20
# what an endpoint is to be told: each thing that we look at again, once. docs/stripe.md lists them
EVENTS: Final = (
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "charge.refunded",
    "charge.refund.updated",
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    "transfer.created",
    "transfer.reversed",
    "payout.created",
    "payout.failed",
    "payout.paid",
    "account.updated",
)


def read_news(body: bytes, signature: str, *, secrets: tuple[str, ...]) -> News:
    """Return the notice of a raw body that one of the secrets has signed within 300 seconds.

    Raises `BadSignature`, also for what is signed and no notice.
    """
    event = _verified(body, signature, secrets=secrets)
    try:
        return News(
            provider="stripe",
            event_id=str(event["id"])[:80],
            kind=str(event["type"])[:80],
            object_id=_about(event)[:80],
            account=str(event.get("account") or "")[:80],
            body_sha256=hashlib.sha256(body).hexdigest(),
        )
    except (KeyError, TypeError, AttributeError) as unfit:
        raise BadSignature from unfit


def _about(event: dict[str, Any]) -> str:
    """Return what is to be looked at: of a charge or a refund its payment."""
    about = event["data"]["object"]
    kind = str(event["type"])
    if kind.startswith("charge.") and not kind.startswith("charge.dispute."):
        intent = about.get("payment_intent")
        if intent:
            return str(intent["id"] if isinstance(intent, dict) else intent)
    return str(about.get("id", ""))


def _verified(body: bytes, signature: str, *, secrets: tuple[str, ...]) -> dict[str, Any]:
    for secret in secrets:
        try:
            event = stripe.Webhook.construct_event(body, signature, secret, TOLERANCE_S)
        except (stripe.SignatureVerificationError, ValueError, AttributeError):
            continue
        said: dict[str, Any] = event.to_dict()
        return said
    raise BadSignature
