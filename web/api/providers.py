"""Where payment providers hand in their notices. Nobody signs in: the signature is the right."""

from typing import Any

from flask import request

from remelt.platform.settlement.rails.provider_errors import BadSignature
from remelt.platform.settlement.rails.provider_news import receive
from remelt.platform.settlement.rails.stripe_hooks import BODY_MOST, read_news
from remelt.web.api.base import api_blueprint
from remelt.web.context import clock, settings, store
from remelt.web.rails import webhook_secrets

bp = api_blueprint("providers", tag="Settlement")


@bp.post("/providers/stripe/notices")
@bp.doc(summary="Hand in a notice of Stripe; its signature over the raw body is the right")
def post_stripe_notice() -> tuple[dict[str, Any], int]:
    """Keep the notice, once; what it is about is asked of Stripe after the commit."""
    body = request.get_data()
    if len(body) > BODY_MOST:
        raise BadSignature
    news = read_news(
        body,
        request.headers.get("Stripe-Signature", ""),
        secrets=webhook_secrets(settings()),
    )
    with store().write() as session:
        fresh = receive(session, news, clock=clock())
    return {"kept": fresh}, 200
