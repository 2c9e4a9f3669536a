"""What a plain read can answer: no lock is taken for it, and no line of the record.

An auction that is recorded as over stays over, a fixed price stays, and the price of an ascending
auction only rises: what was too low when the row was read is too low whenever it is decided. Only
offers that could be taken go on to the lock, so hopeless ones cost no bidder time and no disk.
"""

from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import Table, bindparam, func, null
from sqlmodel import Session, col, select

from remelt.platform.kernel.idempotency import KeyReused
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bids.offers import Answer, Offer
from remelt.platform.market.bids.reading import ended, least_bid
from remelt.platform.market.eligibility import delivered
from remelt.platform.market.errors import (
    BidTooLow,
    NoSuchListing,
    NotAnAuction,
    NotAtFixedPrice,
    OwnListing,
    PriceChanged,
)
from remelt.platform.market.models import Listing
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import Site

A = TypeVar("A", bound=Any)
_AUCTION: Table = Auction.__table__  # type: ignore[attr-defined]
_BID: Table = Bid.__table__  # type: ignore[attr-defined]
_SITE = (
    select(Site.id)
    .where(Site.code == bindparam("deliver_to"), *delivered(bindparam("buyer_id")))
    .limit(1)
    .scalar_subquery()
)
_SEEN: Any = {
    dialect: sqlalchemy.select(
        _AUCTION, _SITE.label("deliver_to_site_id"), told_at.label("told_at")
    )
    .join(Listing, col(Listing.id) == _AUCTION.c.listing_id)
    .where(col(Listing.code) == bindparam("listing_code"))
    for dialect, told_at in (("postgresql", func.clock_timestamp()), ("sqlite", null()))
}
_NAMED = sqlalchemy.select(_BID).where(
    _BID.c.auction_id == bindparam("auction_id"), _BID.c.client_bid_id == bindparam("key")
)


def seen(
    session: Session, *, listing_code: str, deliver_to: str, buyer_id: int, buying: bool
) -> Any:
    """Return an auction's row as it is read without a lock, by one plain statement.

    buying: at a fixed price. With it `deliver_to_site_id`, the place of the code `deliver_to`, and
    `told_at`, the database's clock, None where it has none.
    Raises `NoSuchListing`, `NotAnAuction`, `NotAtFixedPrice` or `NoSuchSite`.
    """
    connection = session.connection()
    asked = {"listing_code": listing_code, "deliver_to": deliver_to, "buyer_id": buyer_id}
    row = connection.execute(_SEEN[connection.dialect.name], asked).one_or_none()
    auction = check_kind(row, listing_code=listing_code, buying=buying)
    if auction.deliver_to_site_id is None:
        raise NoSuchSite(field="deliver_to")
    return auction


def check_kind(auction: A | None, *, listing_code: str, buying: bool) -> A:
    """Return an auction that offers are made on in this way, or refuse it. No database."""
    if auction is None:
        raise NoSuchListing(listing=listing_code[:20])
    if auction.kind != ("fixed" if buying else "ascending"):
        raise NotAtFixedPrice if buying else NotAnAuction
    return auction


def plain_answer(session: Session, auction: Any, offer: Offer, *, now: datetime) -> Answer | None:
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


def _refuted(auction: Any, offer: Offer, *, now: datetime) -> tuple[str, int | None]:
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
    asked = {"auction_id": offer.auction_id, "key": offer.client_bid_id}
    row = session.connection().execute(_NAMED, asked).one_or_none()
    if row is None:
        return None
    if not offer.same_as(row):
        raise KeyReused(field="idempotency_key")
    return Answer.of(row, replayed=True)
