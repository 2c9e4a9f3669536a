"""The end of bidding: the close, the award, the contract, and when title passes."""

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import or_
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market import queries
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.award_errors import AwardPending
from remelt.platform.market.contracting import codes_of, conclude
from remelt.platform.market.deposits import end_deposits, let_go
from remelt.platform.market.errors import (
    BiddingStillOpen,
    ListingIsWithdrawn,
    NoSuchListing,
    NothingToAward,
)
from remelt.platform.market.events import BiddingClosed, TitlePassed
from remelt.platform.market.lining import fail_overdue, form_line, late_lines, line_of
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.sealing.errors import BidsStillSealed
from remelt.platform.market.state import is_over, reserve_met, waits_for_opening
from remelt.platform.market.terms import terms_of, turns_of
from remelt.platform.parties.models import Organisation, Site

DUE_AT_ONCE = 50
log = structlog.get_logger()


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
    `NothingToAward`, `AwardPending` where a line stands, or `LotSoldElsewhere`.
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
    if line_of(session, auction):
        raise AwardPending(listing=listing.code)
    return _sell(session, locked, decided_by="seller", person_id=person_id, now=now)


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


def due(session: Session, *, clock: Clock, limit: int = DUE_AT_ONCE) -> list[str]:
    """Return the codes of listings whose time is over and whose close is not recorded.

    Sealed bids that wait for their opening are left until the time for it has run out.
    """
    now = clock.now(session)
    rows = session.exec(
        select(Listing.code)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .where(
            col(Auction.withdrawn_at).is_(None),
            col(Auction.closed_at).is_(None),
            col(Auction.closes_at) <= now,
            or_(col(Auction.shut) == 0, col(Auction.open_by) <= now),
        )
        .order_by(col(Auction.id))
        .limit(limit)
    )
    return list(rows)


def close_due(session: Session, *, clock: Clock, limit: int = DUE_AT_ONCE) -> int:
    """Close up to `limit` listings whose time is over, and pass on turns that ran out.

    One that cannot be closed is logged and left as it was; the others close. A database that is
    busy ends the round, and the next one begins anew.
    """
    closed = sum(
        _apart(session, close, clock=clock, listing_code=code)
        for code in due(session, clock=clock, limit=limit)
    )
    return closed + sum(
        _apart(session, fail_overdue, clock=clock, listing_code=code)
        for code in late_lines(session, now=clock.now(session), limit=limit)
    )


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


def _apart(session: Session, act: Callable[..., bool], *, clock: Clock, listing_code: str) -> bool:
    """Do it to one of many: what goes wrong takes back this one and no other."""
    try:
        with outbox.savepoint(session):
            return act(session, clock=clock, listing_code=listing_code)
    except OperationalError:
        raise
    except (Refusal, SQLAlchemyError) as reason:
        log.warning("listing not closed", listing=listing_code, reason=str(reason))
        return False


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
    if not turns_of(terms_of(session, auction_id=auction.key)).at_once:
        form_line(session, locked, decided_by="close", person_id=None, now=now)
        return None
    if not auction.auto_award:
        _free_losers(session, locked, now=now)
        return None
    return _sell(session, locked, decided_by="close", person_id=None, now=now)


def _free_losers(session: Session, locked: Offering, *, now: datetime) -> None:
    """Release the deposits of all but the leader: nobody else can win any more."""
    leader = session.exec(select(Bid.bidder_id).where(Bid.id == locked.auction.leading_bid_id))
    end_deposits(
        session, listing_code=locked.listing.code, auction_id=locked.auction.key,
        ended_as="released", now=now, but=[leader.one()],
    )  # fmt: skip


def _sell(
    session: Session, locked: Offering, *, decided_by: str, person_id: int | None, now: datetime
) -> Contract:
    """Sell to the offer that leads."""
    leading = session.exec(select(Bid).where(Bid.id == locked.auction.leading_bid_id)).one()
    return conclude(
        session, locked, bid=leading, decided_by=decided_by, person_id=person_id, now=now
    )
