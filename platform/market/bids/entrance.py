"""What a plain read can answer: no lock is taken for it, and no line of the record.

An auction that is recorded as over stays over, a fixed price stays, and the price of an ascending
auction only rises: what was too low when the row was read is too low whenever it is decided. Only
offers that could be taken go on to the lock, so hopeless ones cost no bidder time and no disk.
"""

from datetime import datetime

from sqlmodel import Session, select

from remelt.platform.kernel.idempotency import KeyReused
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bids.offers import Answer, Offer
from remelt.platform.market.bids.reading import ended, least_bid
from remelt.platform.market.errors import BidTooLow, OwnListing, PriceChanged


def plain_answer(
    session: Session, auction: Auction, offer: Offer, *, now: datetime
) -> Answer | None:
    """Return the refusal that the row alone proves, or None: then the offer has to be decided.

    An offer that was answered before gets that answer. Its line is looked up after the row was
    read: what made its price too low by now was committed before that.
    """
    reason, least = _refuted(auction, offer, now=now)
    if not reason:
        return None
    given = _given(session, offer)
    if given is not None:
        return given
    return Answer(
        seq=None,
        verdict="rejected",
        reason=reason,
        price_fen_per_t=offer.price_fen_per_t,
        least_fen_per_t=least,
        placed_at=now,
        closes_at=auction.closes_at,
    )


def _refuted(auction: Auction, offer: Offer, *, now: datetime) -> tuple[str, int | None]:
    """Return the code of a refusal that no later moment can undo, and the least price then."""
    over = ended(auction)
    if over:
        return over, None
    if not auction.opens_at <= now < auction.closes_at:
        return "", None  # the end may have moved, and whoever decides tells by its own clock
    if offer.bidder_id == auction.owner_id:
        return OwnListing.code, None
    if auction.kind == "fixed":
        asked = auction.start_fen_per_t
        return (PriceChanged.code, asked) if offer.price_fen_per_t != asked else ("", None)
    least = least_bid(auction)
    if (offer.limit_fen_per_t or 0) > (auction.limit_fen_per_t or 0):
        return "", None  # if it is the leader's, only its limit rises
    low = least is not None and offer.most_fen_per_t < least
    return (BidTooLow.code, least) if low else ("", None)


def _given(session: Session, offer: Offer) -> Answer | None:
    """Return the answer that the offer got before. Raises `KeyReused` for another offer's key."""
    if offer.client_bid_id is None:
        return None
    row = session.exec(
        select(Bid).where(
            Bid.auction_id == offer.auction_id, Bid.client_bid_id == offer.client_bid_id
        )
    ).one_or_none()
    if row is None:
        return None
    if not offer.same_as(row):
        raise KeyReused(field="idempotency_key")
    return Answer.of(row, replayed=True)
