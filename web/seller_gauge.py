"""A natural person's own ceiling, for the account under which the operator knows them."""

from datetime import datetime

from sqlmodel import Session

from remelt.platform.kernel.clock import month_of
from remelt.platform.settlement.reverse.counting import meter
from remelt.platform.settlement.reverse.queries import seller_of_account
from remelt.platform.settlement.reverse.rules import Meter
from remelt.web.reverse_page import rules_at


def own_gauge(session: Session, *, organisation_id: int, now: datetime) -> Meter | None:
    """Return the seller's own meter, to the fen; None where no identity is tied to the account."""
    seller = seller_of_account(session, organisation_id=organisation_id)
    if seller is None:
        return None
    rules = rules_at(session, now)
    return meter(session, seller_id=seller.key, month=month_of(now), rules=rules)
