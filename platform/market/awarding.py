"""The end of bidding: the close, the award, the contract, and when title passes."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market import queries
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.contracting import codes_of, conclude
from remelt.platform.market.deposits import let_go
from remelt.platform.market.errors import (
    BiddingStillOpen,
    ListingIsWithdrawn,
    NoSuchListing,
    NothingToAward,
)
from remelt.platform.market.events import BiddingClosed, TitlePassed
from remelt.platform.market.lining import decide, fail_overdue, form_line
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.places import late_lines
from remelt.platform.market.sealing.errors import BidsStillSealed
from remelt.platform.market.state import is_over, reserve_met, waits_for_opening
from remelt.platform.market.terms import terms_of, turns_of
from remelt.platform.parties.models import Organisation, Site

DUE_AT_ONCE = 50


def award(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    seller_id: int | None = None,
    person_id: int | None = None,
) -> Contract:
    """Sell the lot to the highest offer at or over the reserve; asked twice, one contract.

    seller_id: the organisation that asks, where a person does; another's listing is not found.
    Raises `NoSuchListing`, `ListingIsWithdrawn`, `BiddingStillOpen`, `BidsStillSealed`,
    `NothingToAward`, `AwardPending` where winners are verified or pay first, `DecidedTooLate` once
    the time to decide ran out, or `LotSoldElsewhere`.
    """
    locked = lock_offering(session, code=listing_code)
    listing, auction = locked.listing, locked.auction
    if seller_id is not None and listing.seller_id != seller_id:
        raise NoSuchListing(listing=listing_code)
    made = session.exec(select(Contract).where(Contract.listing_id == listing.key)).one_or_none()
    if made is not None:
        return made
    now = clock.now(session)
    _check_over(auction, now=now)
    contract = record_close(session, locked, now=now)
    if contract is not None:
        return contract
    if not reserve_met(auction):
        raise NothingToAward(listing=listing.code)
    return decide(session, locked, person_id=person_id, now=now)


def _check_over(auction: Auction, *, now: datetime) -> None:
    if auction.withdrawn_at is not None:
        raise ListingIsWithdrawn
    if not is_over(auction, now=now):
        raise BiddingStillOpen(closes_at=auction.closes_at)
    if waits_for_opening(auction, now=now):
        raise BidsStillSealed(closes_at=auction.closes_at)


def close(session: Session, *, clock: Clock, listing_code: str) -> bool:
    """Record the end of bidding if its time has come; True when this call did.

    An automatic award is made in the same transaction. Closing twice changes nothing.
    """
    locked = lock_offering(session, code=listing_code)
    auction, now = locked.auction, clock.now(session)
    stands = auction.withdrawn_at is None and auction.closed_at is None
    if not stands or now < auction.closes_at or waits_for_opening(auction, now=now):
        return False
    record_close(session, locked, now=now)
    return True


def due(
    session: Session, *, now: datetime, limit: int = DUE_AT_ONCE, but: Collection[str] = ()
) -> list[str]:
    """Return the codes of listings whose time is over and whose close is not recorded.

    Sealed bids that wait for their opening are left until the time for it has run out. but: codes
    that are left out.
    """
    rows = session.exec(
        select(Listing.code)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .where(
            col(Auction.withdrawn_at).is_(None),
            col(Auction.closed_at).is_(None),
            col(Auction.closes_at) <= now,
            or_(col(Auction.shut) == 0, col(Auction.open_by) <= now),
            col(Listing.code).not_in(list(but)),
        )
        .order_by(col(Auction.id))
        .limit(limit)
    )
    return list(rows)


def close_due(session: Session, *, clock: Clock, limit: int = DUE_AT_ONCE) -> int:
    """Close up to `limit` listings whose time is over, and pass on turns that ran out.

    All in the session at hand: what goes wrong with one takes back all. The server ends each apart
    (`ending.end_due`).
    """
    now = clock.now(session)
    codes = due(session, now=now, limit=limit)
    closed = sum(close(session, clock=clock, listing_code=code) for code in codes)
    late = late_lines(session, now=now, limit=limit)
    return closed + sum(fail_overdue(session, clock=clock, listing_code=code) for code in late)


def pass_title(session: Session, *, clock: Clock, lot_code: str, site_code: str) -> Contract | None:
    """Pass title to the buyer at the first weighing away from the place where the lot was sold.

    That scale, the hub's or the smelter's, accepts the lot for the buyer. A weighing where the
    lot was sold passes title only if it is delivered there.
    Returns the contract, or None when this weighing passes no title.
    """
    contract = session.exec(
        select(Contract).where(Contract.lot_code == lot_code, queries.is_open()).with_for_update()
    ).one_or_none()
    if contract is None:
        return None
    sites = codes_of(session, Site, contract.from_site_id, contract.deliver_to_site_id)
    stays = contract.from_site_id == contract.deliver_to_site_id
    if site_code == sites[contract.from_site_id] and not stays:
        return None
    now = clock.now(session)
    contract.title_passed_at = now
    organisations = codes_of(session, Organisation, contract.seller_id, contract.buyer_id)
    outbox.record(
        session,
        TitlePassed(
            at=now,
            contract_code=contract.code,
            lot_code=lot_code,
            seller_code=organisations[contract.seller_id],
            buyer_code=organisations[contract.buyer_id],
        ),
    )
    return contract


def record_close(session: Session, locked: Offering, *, now: datetime) -> Contract | None:
    """Record the close of a locked auction that is over, once; award it if it says so."""
    listing, auction = locked.listing, locked.auction
    if auction.closed_at is not None:
        return None
    auction.closed_at = now
    sold = reserve_met(auction)
    if not sold:
        let_go(session, locked, now=now)
    outbox.record(
        session,
        BiddingClosed(at=now, listing_code=listing.code, lot_code=listing.lot_code, sold=sold),
    )
    if not sold:
        return None
    at_once = turns_of(terms_of(session, auction_id=auction.key)).at_once
    if not (at_once and auction.auto_award):
        form_line(session, locked, now=now)
        return None
    leading = session.exec(select(Bid).where(Bid.id == auction.leading_bid_id)).one()
    return conclude(session, locked, bid=leading, decided_by="close", person_id=None, now=now)
