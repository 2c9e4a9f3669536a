"""Which offers an auction takes. Numbers in, a decision out; no database, no clock.

The order of the questions is fixed: what ended the auction, who offers, what backs the offer, then
the price.
"""

from datetime import datetime

from remelt.platform.market.award_errors import DepositMissing, OverCreditLimit
from remelt.platform.market.bids import ascending, fixed
from remelt.platform.market.bids.standing import Bidder, Decision, Price, Standing, Terms, refused
from remelt.platform.market.errors import (
    BiddingNotOpen,
    BiddingOver,
    LinkedBidder,
    OwnListing,
    UnfitForProductive,
)


def decide(
    terms: Terms, standing: Standing, *, bidder: Bidder, price: Price, now: datetime
) -> Decision:
    """Answer one offer, heard at `now`, on an auction that stands so."""
    barred = _barred(terms, standing, bidder, now=now) or _unbacked(bidder, price)
    if barred:
        return refused(standing, bidder_id=bidder.id, price=price, reason=barred)
    decide_price = fixed.decide if terms.kind == "fixed" else ascending.decide
    return decide_price(terms, standing, bidder_id=bidder.id, price=price, now=now)


def _barred(terms: Terms, standing: Standing, bidder: Bidder, *, now: datetime) -> str:
    """Return the code of what bars an offer at any price; empty for nothing."""
    if standing.ended:
        return standing.ended
    if now >= standing.closes_at:
        return BiddingOver.code
    if now < terms.opens_at:
        return BiddingNotOpen.code
    return _unwelcome(terms, bidder, now=now)


def _unbacked(bidder: Bidder, price: Price) -> str:
    """Return what an offer lacks in money: its deposit, or the credit for all it may come to."""
    if not bidder.secured:
        return DepositMissing.code
    most = bidder.most_fen_per_t
    return OverCreditLimit.code if most is not None and price.limit_fen_per_t > most else ""


def _unwelcome(terms: Terms, bidder: Bidder, *, now: datetime) -> str:
    if bidder.id == terms.owner_id:
        return OwnListing.code
    if bidder.linked:
        return LinkedBidder.code
    if terms.authorised_only and not bidder.may_buy_productive(now=now):
        return UnfitForProductive.code
    return ""
