"""Whether an auction takes offers now, and from whom. Touches no database."""

from datetime import datetime

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.eligibility import Buyer
from remelt.platform.market.errors import (
    AlreadySold,
    BiddingNotOpen,
    BiddingOver,
    LinkedBidder,
    ListingIsWithdrawn,
    OwnListing,
    UnfitForProductive,
)
from remelt.platform.market.state import is_over


def check_taking(auction: Auction, *, now: datetime) -> None:
    """Refuse what comes to an auction that does not take offers at `now`."""
    if auction.withdrawn_at is not None:
        raise ListingIsWithdrawn
    if auction.awarded_at is not None:
        raise AlreadySold
    if is_over(auction, now=now):
        raise BiddingOver
    if now < auction.opens_at:
        raise BiddingNotOpen


def check_buyer(auction: Auction, who: Buyer, *, now: datetime) -> None:
    """Refuse who may not buy here. The owner of the auction, and whoever is linked to it."""
    if who.id == auction.owner_id:
        raise OwnListing
    if auction.owner_id in who.linked:
        raise LinkedBidder
    if auction.authorised_only and not who.may_buy_productive(now=now):
        raise UnfitForProductive
