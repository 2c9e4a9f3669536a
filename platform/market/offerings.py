"""A listing together with the auction that finds its price."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.errors import NoSuchListing
from remelt.platform.market.models import Listing


@dataclass(frozen=True, slots=True)
class Offering:
    """What is offered, and how its price is found."""

    listing: Listing
    auction: Auction


def offering(session: Session, *, code: str) -> Offering:
    """Return a published listing and its auction. Raises `NoSuchListing`."""
    row = session.exec(
        select(Listing, Auction)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .where(Listing.code == code)
    ).one_or_none()
    if row is None:
        raise NoSuchListing(listing=code[:20])
    return Offering(listing=row[0], auction=row[1])


def lock_offering(session: Session, *, code: str) -> Offering:
    """Return both rows, locked until the transaction ends. Raises `NoSuchListing`.

    The auction first, as those do who lock no more than it. The clock is asked after this, never
    before: whoever waited here past the close is late.
    """
    auction = session.exec(
        select(Auction)
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .where(Listing.code == code)
        .with_for_update(of=Auction)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if auction is None:
        raise NoSuchListing(listing=code[:20])
    listing = session.exec(
        select(Listing)
        .where(Listing.id == auction.listing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    return Offering(listing=listing, auction=auction)
