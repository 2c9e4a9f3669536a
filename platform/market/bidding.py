"""Handing in offers: bids on an auction, and purchases at a fixed price.

Pages and programs hand theirs to the engine (`bids.engine`); who already holds a write session
has an offer decided in it.
"""

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Busy
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.bids import batch
from remelt.platform.market.bids.entrance import check_kind
from remelt.platform.market.bids.offers import Answer, Offer, check_offer
from remelt.platform.market.eligibility import check_delivery_site
from remelt.platform.market.models import Listing


def place_bid(
    session: Session,
    *,
    listing_code: str,
    bidder_id: int,
    person_id: int,
    deliver_to_site_id: int,
    price_fen_per_t: int,
    limit_fen_per_t: int | None = None,
    clock: Clock,
) -> Answer:
    """Answer an offer on an auction, and record the answer.

    Raises `NoSuchListing`, `NotAnAuction`, `NoSuchSite`, `PriceOutOfBounds` or `LimitUnderPrice`
    for what cannot be an offer; what the rules refuse is an answer.
    """
    auction = auction_of(session, listing_code=listing_code, buying=False)
    offer = Offer(
        auction_id=auction.key,
        bidder_id=bidder_id,
        person_id=person_id,
        deliver_to_site_id=deliver_to_site_id,
        price_fen_per_t=price_fen_per_t,
        limit_fen_per_t=limit_fen_per_t,
    )
    return _heard(session, auction, offer, clock=clock)


def buy_now(
    session: Session,
    *,
    listing_code: str,
    buyer_id: int,
    person_id: int,
    deliver_to_site_id: int,
    price_fen_per_t: int,
    clock: Clock,
) -> Answer:
    """Take a listing at its fixed price, which the buyer repeats as seen on the page.

    The first to hold the lock buys and the contract is made at once; all others get a recorded
    refusal. Raises what `place_bid` raises, `NotAtFixedPrice` for an auction.
    """
    auction = auction_of(session, listing_code=listing_code, buying=True)
    offer = Offer(
        auction_id=auction.key,
        bidder_id=buyer_id,
        person_id=person_id,
        deliver_to_site_id=deliver_to_site_id,
        price_fen_per_t=price_fen_per_t,
    )
    return _heard(session, auction, offer, clock=clock)


def auction_of(session: Session, *, listing_code: str, buying: bool) -> Auction:
    """Return the auction of a listing, as it is read without a lock.

    buying: at a fixed price. Raises `NoSuchListing`, `NotAnAuction` or `NotAtFixedPrice`.
    """
    auction = session.exec(
        select(Auction)
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .where(Listing.code == listing_code)
    ).one_or_none()
    return check_kind(auction, listing_code=listing_code, buying=buying)


def _heard(session: Session, auction: Auction, offer: Offer, *, clock: Clock) -> Answer:
    check_offer(offer)
    check_delivery_site(session, site_id=offer.deliver_to_site_id, buyer_id=offer.bidder_id)
    session.flush()
    said = batch.hear(session, clock=clock, auction_id=offer.auction_id, offers=[offer])[0]
    session.refresh(auction)
    if not isinstance(said, Answer):
        raise said or Busy()
    return said
