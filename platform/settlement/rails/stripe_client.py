"""How Stripe is reached: one pinned edition of its API, and no retries that we do not see."""

from dataclasses import dataclass
from typing import Final

import stripe

# the edition of the OpenAPI subset that the rail is proved against; a test compares the two
STRIPE_VERSION: Final = "2023-08-16"
API: Final = "https://api.stripe.com"
TIMEOUT_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class StripeAccess:
    """What an installation knows of its Stripe account. webhook_secrets: two while one changes.

    return_url: where payers come back to, the key of the order behind it; account_url: where
    sellers do from the form of their account.
    """

    key: str
    webhook_secrets: tuple[str, ...] = ()
    url: str = API
    timeout_s: float = TIMEOUT_S
    return_url: str = ""
    account_url: str = ""


def client_of(access: StripeAccess, *, http: stripe.HTTPClient) -> stripe.StripeClient:
    """Return a client of the pinned edition. It never tries again by itself: the order does."""
    return stripe.StripeClient(
        access.key,
        stripe_version=STRIPE_VERSION,
        base_addresses={"api": access.url},
        max_network_retries=0,
        http_client=http,
    )
