"""Which offers an auction takes. Numbers in, a decision out; no database, no clock.

The order of the questions is fixed: what ended the auction, who offers, what backs the offer, then
the price.
"""

from datetime import datetime

from remelt.platform.market.bars import bar, lack
from remelt.platform.market.bids import ascending, fixed
from remelt.platform.market.bids.standing import Bidder, Decision, Price, Standing, Terms, refused
from remelt.platform.market.errors import BiddingNotOpen, BiddingOver


def decide(
    terms: Terms, standing: Standing, *, bidder: Bidder, price: Price, now: datetime
) -> Decision:
    """Answer one offer, heard at `now`, on an auction that stands so."""
    barred = _barred(terms, standing, bidder, now=now)
    if not barred:
        refusal = lack(bidder, most_fen_per_t=price.limit_fen_per_t)
        barred = refusal.code if refusal else ""
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
    refusal = bar(bidder, terms, now=now)
    return refusal.code if refusal else ""
