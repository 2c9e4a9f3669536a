"""A sale at a fixed price, the simplest kind: the first who repeats the price buys."""

from dataclasses import replace
from datetime import datetime

from remelt.platform.market.bids.standing import Decision, Line, Price, Standing, Terms, refused
from remelt.platform.market.errors import AlreadySold, PriceChanged


def decide(
    terms: Terms,
    standing: Standing,
    *,
    bidder_id: int,
    price: Price,
    now: datetime,  # noqa: ARG001 - every kind is asked alike
) -> Decision:
    """Sell to who offers exactly the price; whoever comes later is told that it is sold."""
    asked = terms.start_fen_per_t
    if price.fen_per_t != asked:
        return refused(
            standing, bidder_id=bidder_id, price=price, reason=PriceChanged.code, least=asked
        )
    line = Line(bidder_id=bidder_id, price_fen_per_t=asked, closes_at=standing.closes_at)
    sold = replace(
        standing,
        ended=AlreadySold.code,
        count=standing.count + 1,
        leader_id=bidder_id,
        leading_fen_per_t=asked,
        limit_fen_per_t=asked,
    )
    return Decision((line,), sold)
