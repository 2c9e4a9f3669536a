"""Offers: ascending bids with a soft close, and purchases at a fixed price.

Every offer on a listing is answered and the answer recorded in the order of decision, also when
it is a refusal: the record replayed by other hands must give the same verdicts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.award_errors import DepositMissing, OverCreditLimit
from remelt.platform.market.contracting import conclude
from remelt.platform.market.deposits import is_secured
from remelt.platform.market.drafts import check_price
from remelt.platform.market.eligibility import Buyer, buyer, check_delivery_site
from remelt.platform.market.errors import (
    AlreadySold,
    BiddingNotOpen,
    BiddingOver,
    BidTooLow,
    LinkedBidder,
    ListingIsWithdrawn,
    NotAnAuction,
    NotAtFixedPrice,
    OwnListing,
    PriceChanged,
    UnfitForProductive,
)
from remelt.platform.market.events import BidPlaced
from remelt.platform.market.limits import caps_of, lock_groups
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.taking import check_buyer, check_taking

REASONS: dict[str, type[Refusal]] = {
    kind.code: kind
    for kind in (
        AlreadySold, BiddingNotOpen, BiddingOver, BidTooLow, DepositMissing, LinkedBidder,
        ListingIsWithdrawn, NotAnAuction, NotAtFixedPrice, OverCreditLimit, OwnListing,
        PriceChanged, UnfitForProductive,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """What a buyer gives: a price in fen per tonne, tax as the listing says.

    secured: no deposit is asked of it, or it is held. most_fen_per_t: what its credit allows, None
    without a limit.
    """

    buyer: Buyer
    price_fen_per_t: int
    secured: bool = True
    most_fen_per_t: int | None = None


def place_bid(
    session: Session,
    *,
    listing_code: str,
    bidder_id: int,
    person_id: int,
    deliver_to_site_id: int,
    price_fen_per_t: int,
    clock: Clock,
) -> Bid:
    """Answer an offer on an auction, and record the answer.

    The listing is locked before the clock is read, so a bid that waited past the close is
    refused. A bid that the listing cannot take is returned with verdict `rejected` and the
    refusal's code (`refusal_of` gives the refusal); it is kept like an accepted one.

    Raises `NoSuchListing`, `NoSuchSite` or `PriceOutOfBounds` for what cannot be an offer.
    """
    check_price(price_fen_per_t, field="price_fen_per_t")
    check_delivery_site(session, site_id=deliver_to_site_id, buyer_id=bidder_id)
    who = buyer(session, organisation_id=bidder_id)
    lock_groups(session, organisation_ids=[bidder_id])
    locked = lock_offering(session, code=listing_code)
    auction, now = locked.auction, clock.now(session)
    offer = _offer(session, locked, who=who, price_fen_per_t=price_fen_per_t)
    bid = _answer(auction, offer=offer, person_id=person_id, site_id=deliver_to_site_id, now=now)
    try:
        check_bid(auction, offer=offer, now=now)
    except Refusal as refusal:
        _reject(session, bid, refusal=refusal, least=least_bid(auction))
    else:
        _accept(session, locked, bid, bidder_code=who.code)
    return bid


def buy_now(
    session: Session,
    *,
    listing_code: str,
    buyer_id: int,
    person_id: int,
    deliver_to_site_id: int,
    price_fen_per_t: int,
    clock: Clock,
) -> Bid:
    """Take a listing at its fixed price, which the buyer repeats as seen on the page.

    The first to hold the lock buys and the contract is made at once; all others get a recorded
    refusal, as with `place_bid`. Raises what `place_bid` raises.
    """
    check_price(price_fen_per_t, field="price_fen_per_t")
    check_delivery_site(session, site_id=deliver_to_site_id, buyer_id=buyer_id)
    who = buyer(session, organisation_id=buyer_id)
    lock_groups(session, organisation_ids=[buyer_id])
    locked = lock_offering(session, code=listing_code)
    auction, now = locked.auction, clock.now(session)
    offer = _offer(session, locked, who=who, price_fen_per_t=price_fen_per_t)
    bid = _answer(auction, offer=offer, person_id=person_id, site_id=deliver_to_site_id, now=now)
    try:
        check_purchase(auction, offer=offer, now=now)
    except Refusal as refusal:
        _reject(session, bid, refusal=refusal, least=auction.fixed_fen_per_t)
    else:
        _accept(session, locked, bid, bidder_code=who.code)
        conclude(session, locked, bid=bid, decided_by="purchase", person_id=person_id, now=now)
    return bid


def check_bid(auction: Auction, *, offer: Offer, now: datetime) -> None:
    """Refuse a bid that the auction cannot take. Touches no database.

    The order is fixed: what ended the auction, then who bids, then the price.
    """
    if auction.kind != "ascending":
        raise NotAnAuction
    check_taking(auction, now=now)
    check_buyer(auction, offer.buyer, now=now)
    check_backing(offer)
    least = least_bid(auction)
    if least is not None and offer.price_fen_per_t < least:
        raise BidTooLow(field="price_fen_per_t", least_fen_per_t=least)


def check_purchase(auction: Auction, *, offer: Offer, now: datetime) -> None:
    """Refuse a purchase that the listing cannot take. Touches no database."""
    if auction.price_mode != "fixed":
        raise NotAtFixedPrice
    check_taking(auction, now=now)
    check_buyer(auction, offer.buyer, now=now)
    check_backing(offer)
    if offer.price_fen_per_t != auction.fixed_fen_per_t:
        raise PriceChanged(field="price_fen_per_t", least_fen_per_t=auction.fixed_fen_per_t)


def check_backing(offer: Offer) -> None:
    """Refuse an offer without its deposit, or beyond the credit of the buyer and those linked."""
    if not offer.secured:
        raise DepositMissing
    if offer.most_fen_per_t is not None and offer.price_fen_per_t > offer.most_fen_per_t:
        raise OverCreditLimit(field="price_fen_per_t")


def least_bid(auction: Auction) -> int | None:
    """Return the least price that the auction takes next, in fen per tonne.

    The starting price, then the leading price and a step. The reserve plays no part.
    """
    if auction.step_fen_per_t is None:
        return None
    if auction.leading_fen_per_t is None:
        return auction.start_fen_per_t
    return auction.leading_fen_per_t + auction.step_fen_per_t


def extended_close(auction: Auction, *, now: datetime) -> datetime:
    """Return the end of bidding once a bid is accepted at `now`.

    At least `extension_s` remain after it, but never past the hard close.
    """
    wanted = now + timedelta(seconds=auction.extension_s)
    return max(auction.closes_at, min(wanted, auction.hard_close_at))


def refusal_of(bid: Bid) -> Refusal | None:
    """Return the refusal that a rejected bid was answered with; None for an accepted one."""
    if not bid.reason:
        return None
    facts: dict[str, object] = {}
    if bid.reason in {BidTooLow.code, PriceChanged.code}:
        facts = {"field": "price_fen_per_t", "least_fen_per_t": bid.least_fen_per_t}
    return REASONS[bid.reason](**facts)


def _offer(session: Session, locked: Offering, *, who: Buyer, price_fen_per_t: int) -> Offer:
    caps = caps_of(session, locked=locked, bidder_ids=[who.id])
    return Offer(
        buyer=who, price_fen_per_t=price_fen_per_t,
        secured=is_secured(session, auction_id=locked.auction.key, bidder_id=who.id),
        most_fen_per_t=caps.most_fen_per_t.get(who.id),
    )  # fmt: skip


def _answer(auction: Auction, *, offer: Offer, person_id: int, site_id: int, now: datetime) -> Bid:
    """Return the next answer on the listing, accepted until a rule says otherwise."""
    auction.bid_seq += 1
    return Bid(
        auction_id=auction.key,
        seq=auction.bid_seq,
        bidder_id=offer.buyer.id,
        person_id=person_id,
        deliver_to_site_id=site_id,
        price_fen_per_t=offer.price_fen_per_t,
        placed_at=now,
        verdict="accepted",
        closes_at=auction.closes_at,
    )


def _reject(session: Session, bid: Bid, *, refusal: Refusal, least: int | None) -> None:
    bid.verdict = "rejected"
    bid.reason = refusal.code
    bid.least_fen_per_t = least if refusal.field == "price_fen_per_t" else None
    session.add(bid)
    session.flush()


def _accept(session: Session, locked: Offering, bid: Bid, *, bidder_code: str) -> None:
    auction = locked.auction
    if auction.price_mode == "auction":
        auction.closes_at = extended_close(auction, now=bid.placed_at)
    bid.closes_at = auction.closes_at
    session.add(bid)
    session.flush()
    auction.bid_count += 1
    auction.leading_fen_per_t = bid.price_fen_per_t
    auction.leading_bid_id = bid.key
    outbox.record(
        session,
        BidPlaced(
            at=bid.placed_at,
            listing_code=locked.listing.code,
            seq=bid.seq,
            bidder_code=bidder_code,
            price_fen_per_t=bid.price_fen_per_t,
            closes_at=bid.closes_at,
        ),
    )
