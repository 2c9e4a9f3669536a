"""A falling price: taking it, and the taker's last word when sealed bids were higher."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.admitting import admit, check_backing
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.award_errors import NotTheTaker
from remelt.platform.market.awarding import record_close
from remelt.platform.market.drafts import check_price
from remelt.platform.market.eligibility import check_delivery_site
from remelt.platform.market.errors import BiddingOver, BidTooLow, NotAnAuction
from remelt.platform.market.events import BidPlaced
from remelt.platform.market.kinds import falling_price, phase
from remelt.platform.market.limits import lock_groups
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.sealing.errors import OnlyEnvelopesNow
from remelt.platform.market.taking import check_taking
from remelt.platform.market.terms import terms_of
from remelt.platform.market.terms_models import AuctionTerms


def offer(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    bidder_id: int,
    person_id: int,
    deliver_to_site_id: int,
    price_fen_per_t: int,
) -> Bid:
    """Take the price that falls, or say the last word as its taker.

    price_fen_per_t: while it falls, the price as seen; the buyer pays what it is at the moment of
    the lock, which is no more. Afterwards it is the taker's offer over the best sealed one, and
    with it the auction closes.
    Raises `NotAnAuction` for another kind, `BidTooLow`, `OnlyEnvelopesNow`, `NotTheTaker`,
    `OverCreditLimit`, `DepositMissing`, and what ends an auction or keeps a buyer from buying.
    """
    check_price(price_fen_per_t, field="price_fen_per_t")
    check_delivery_site(session, site_id=deliver_to_site_id, buyer_id=bidder_id)
    lock_groups(session, organisation_ids=[bidder_id])
    locked = lock_offering(session, code=listing_code)
    auction, now = locked.auction, clock.now(session)
    if auction.kind != "descending":
        raise NotAnAuction(listing=listing_code)
    check_taking(auction, now=now)
    who = admit(session, locked, organisation_id=bidder_id, now=now)
    terms = terms_of(session, auction_id=auction.key)
    price = _price(
        session, auction, terms=terms, bidder_id=bidder_id, asked=price_fen_per_t, now=now
    )
    check_backing(who, price_fen_per_t=price)
    return _take(
        session, locked, terms=terms, bidder_id=bidder_id, person_id=person_id,
        site_id=deliver_to_site_id, price=price, now=now,
    )  # fmt: skip


def price_now(auction: Auction, *, terms: AuctionTerms, now: datetime) -> int:
    """Return the falling price of an auction at `now`, in fen per tonne."""
    return falling_price(
        start=auction.start_fen_per_t, floor=terms.floor_fen_per_t or auction.start_fen_per_t,
        lower_by=terms.lower_by_fen_per_t or 0, every_s=terms.lower_every_s or 1,
        opens_at=auction.opens_at, now=now,
    )  # fmt: skip


def taker_of(session: Session, auction: Auction) -> int | None:
    """Return who stopped the falling price, None while it falls."""
    if auction.stopped_at is None:
        return None
    return session.exec(
        select(Bid.bidder_id)
        .where(Bid.auction_id == auction.key, Bid.verdict == "accepted")
        .order_by(col(Bid.seq))
        .limit(1)
    ).one()


def _price(
    session: Session,
    auction: Auction,
    *,
    terms: AuctionTerms,
    bidder_id: int,
    asked: int,
    now: datetime,
) -> int:
    """Return what an offer comes to in the phase it meets."""
    stage = phase(auction, now=now)
    if stage in {"sealed", "opening"}:
        raise OnlyEnvelopesNow
    if stage == "over":
        raise BiddingOver
    if stage == "falling":
        least = price = price_now(auction, terms=terms, now=now)
    else:
        if taker_of(session, auction) != bidder_id:
            raise NotTheTaker
        least = (auction.leading_fen_per_t or 0) + (auction.step_fen_per_t or 0)
        price = asked
    if asked < least:
        raise BidTooLow(field="price_fen_per_t", least_fen_per_t=least)
    return price


def _take(
    session: Session,
    locked: Offering,
    *,
    terms: AuctionTerms,
    bidder_id: int,
    person_id: int,
    site_id: int,
    price: int,
    now: datetime,
) -> Bid:
    auction, first = locked.auction, locked.auction.stopped_at is None
    if first:
        auction.stopped_at = now
        auction.first_closes_at = now + timedelta(seconds=terms.sealed_s or 0)
        auction.closes_at = auction.first_closes_at
    auction.bid_seq += 1
    auction.bid_count += 1
    bid = Bid(
        auction_id=auction.key, seq=auction.bid_seq, bidder_id=bidder_id, person_id=person_id,
        deliver_to_site_id=site_id, price_fen_per_t=price, placed_at=now, verdict="accepted",
        closes_at=auction.closes_at,
    )  # fmt: skip
    session.add(bid)
    session.flush()
    auction.leading_fen_per_t, auction.leading_bid_id = price, bid.key
    outbox.record(
        session,
        BidPlaced(
            at=now, listing_code=locked.listing.code, seq=bid.seq, price_fen_per_t=price,
            closes_at=auction.closes_at,
        ),
    )  # fmt: skip
    if not first:
        record_close(session, locked, now=now)
    return bid
