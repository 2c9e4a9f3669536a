"""The payment provider of this installation: its rail where a key is set, and its jobs."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.runner import Kind, Report
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.rails.provider_accounts import ACCOUNT, tend
from remelt.platform.settlement.rails.provider_errors import PaymentsOff
from remelt.platform.settlement.rails.provider_news import NEWS, look_into
from remelt.platform.settlement.rails.provider_orders import LOOK, SEND
from remelt.platform.settlement.rails.provider_reconciling import RECONCILE, reconcile
from remelt.platform.settlement.rails.provider_sending import look_at, send
from remelt.platform.settlement.rails.stripe_client import API, StripeAccess
from remelt.platform.settlement.rails.stripe_rail import StripeRail
from remelt.web.context import settings as current_settings

__all__ = ["RECONCILE", "check_on", "job_kinds", "stripe_rail", "webhook_secrets"]


def stripe_rail(settings: Settings) -> StripeRail | None:
    """Return the rail of the operator's account, None where no key is set."""
    if not settings.stripe_key:
        return None
    return StripeRail(
        StripeAccess(
            settings.stripe_key,
            webhook_secrets=webhook_secrets(settings),
            url=settings.stripe_url or API,
            return_url=f"{settings.base_url}/pay",
            account_url=f"{settings.base_url}/pay/account",
        )
    )


def webhook_secrets(settings: Settings) -> tuple[str, ...]:
    """Return the secrets that notices may be signed with: none, one, or two while one changes."""
    return tuple(
        each.strip() for each in settings.stripe_webhook_secrets.split(",") if each.strip()
    )


def check_on() -> None:
    """Refuse where no provider is set up. Raises `PaymentsOff`."""
    if not current_settings().stripe_key:
        raise PaymentsOff


def job_kinds(*, store: Store, clock: Clock, settings: Settings) -> Mapping[str, Kind]:
    """Return how orders are sent, notices looked into and days compared; nothing without a key."""
    rail = stripe_rail(settings)
    if rail is None:
        return dict.fromkeys((SEND, LOOK, NEWS, ACCOUNT, RECONCILE), Kind(work=_off, finish=_kept))
    facts: dict[str, Any] = {"store": store, "rail": rail, "clock": clock}
    works = {
        SEND: send,
        LOOK: look_at,
        NEWS: look_into,
        ACCOUNT: tend,
        RECONCILE: reconcile,
    }
    return {name: Kind(work=partial(work, **facts), finish=_kept) for name, work in works.items()}


def _off(_payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """There is no provider to ask."""
    return {"state": "off"}


def _kept(_session: Any, _payload: dict[str, Any], _result: dict[str, Any]) -> None:
    """The work was kept in transactions of its own, each of which may be done again."""
