"""What holders and bidders read of sealed bids: receipts and digests, prices once opened."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.models import Listing
from remelt.platform.market.sealing.envelope import as_bytes
from remelt.platform.market.sealing.halves import fingerprint
from remelt.platform.market.sealing.models import AuctionSeal, Opening, SealedBid
from remelt.platform.market.state import State, state_of
from remelt.platform.market.terms_models import AuctionTerms


@dataclass(frozen=True, slots=True)
class Shut:
    """One envelope, and what was read of it: None for both before the opening."""

    sealed: SealedBid
    opening: Opening | None
    bid: Bid | None


def envelopes(session: Session, *, auction_id: int, bidder_id: int | None = None) -> list[Shut]:
    """Return the envelopes of an auction, or of one bidder, in the order of receipt."""
    statement = (
        select(SealedBid, Opening, Bid)
        .outerjoin(Opening, col(Opening.sealed_bid_id) == col(SealedBid.id))
        .outerjoin(Bid, col(Bid.id) == col(Opening.bid_id))
        .where(SealedBid.auction_id == auction_id)
        .order_by(col(SealedBid.seq))
    )
    if bidder_id is not None:
        statement = statement.where(SealedBid.bidder_id == bidder_id)
    return [Shut(*row) for row in session.execute(statement)]


@dataclass(frozen=True, slots=True)
class Keeping:
    """An auction whose other half an organisation keeps. key: its fingerprint once made."""

    listing: Listing
    auction: Auction
    state: State
    key: str | None


def kept_by(session: Session, *, holder_id: int, now: datetime, limit: int = 100) -> list[Keeping]:
    """Return the auctions that name an organisation as second holder, the newest first."""
    newest = (
        select(AuctionSeal.public_key)
        .where(col(AuctionSeal.auction_id) == col(Auction.id))
        .order_by(col(AuctionSeal.id).desc())
        .limit(1)
        .correlate(Auction)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Listing, Auction, newest)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .join(AuctionTerms, col(AuctionTerms.auction_id) == col(Auction.id))
        .where(AuctionTerms.holder_id == holder_id)
        .order_by(col(Auction.id).desc())
        .limit(limit)
    )
    return [
        Keeping(
            listing=listing, auction=auction, state=state_of(auction, now=now),
            key=None if key is None else fingerprint(as_bytes(key)),
        )
        for listing, auction, key in rows
    ]  # fmt: skip
