"""A listing whose lot an inspection holds is taken off the board."""

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.deposits import let_go
from remelt.platform.market.events import ListingWithdrawn
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import lock_offering
from remelt.platform.parties import queries as parties


def take_off(session: Session, *, clock: Clock, lot_code: str, person_id: int) -> Listing | None:
    """Take the standing listing of a lot off the board, bids or not: an inspection holds the lot.

    A lot that is sold stays sold; what was not handed over waits for the release.
    """
    found = session.exec(
        select(Listing.code).where(Listing.lot_code == lot_code, col(Listing.released_at).is_(None))
    ).first()
    if found is None:
        return None
    taken = lock_offering(session, code=found)
    listing, now = taken.listing, clock.now(session)
    taken.auction.withdrawn_at = now
    let_go(session, taken, now=now)
    seller = parties.organisation_by_id(session, organisation_id=listing.seller_id)
    person = parties.person_by_id(session, person_id=person_id)
    outbox.record(
        session,
        ListingWithdrawn(
            at=now, listing_code=listing.code, lot_code=lot_code,
            seller_code=seller.code, person_code=person.code,
        ),
    )  # fmt: skip
    return listing
