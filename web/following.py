"""Whose listing a question stands on: asked before the answer is read."""

from remelt.platform.market.errors import NoSuchListing
from remelt.platform.market.offerings import offering
from remelt.platform.parties.actors import Actor
from remelt.web.context import store


def check_own_listing(who: Actor, code: str) -> None:
    """Refuse a listing that is not the organisation's own. Raises `NoSuchListing`."""
    with store().read() as session:
        if offering(session, code=code).listing.seller_id != who.organisation_id:
            raise NoSuchListing(listing=code[:20])


def check_listing(_who: Actor, code: str) -> None:
    """Refuse a listing that does not exist. Raises `NoSuchListing`."""
    with store().read() as session:
        offering(session, code=code)
