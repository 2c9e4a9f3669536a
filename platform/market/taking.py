"""Whether an auction takes offers now, and from whom. Touches no database."""

from datetime import datetime

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.bars import Asks, bar
from remelt.platform.market.bids.standing import Bidder
from remelt.platform.market.errors import (
    AlreadySold,
    BiddingNotOpen,
    BiddingOver,
    ListingIsWithdrawn,
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


def check_bidder(who: Bidder, asks: Asks, *, now: datetime) -> None:
    """Refuse who may not buy from an owner: see `bars.bar`."""
    refusal = bar(who, asks, now=now)
    if refusal is not None:
        raise refusal
