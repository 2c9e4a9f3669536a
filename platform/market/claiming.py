"""A deposit whose bidder did not pay in time: the seller claims it, the bidder may contest that.

Silence of the seller costs the bidder nothing. What is claimed and not contested in time is
forfeited; over what is contested the operator rules, who sees the banks.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.auction_models import Auction, Award, Bid
from remelt.platform.market.award_errors import (
    AnswerMissing,
    NoSuchDeposit,
    NotToClaim,
    NotToContest,
    NotToRule,
)
from remelt.platform.market.award_events import DepositClaimed, DepositContested
from remelt.platform.market.deposits import DepositLine, end_deposit
from remelt.platform.market.errors import NoSuchListing
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.terms_models import Deposit
from remelt.platform.parties.models import Organisation

CLAIM: Final = timedelta(days=3)
CONTEST: Final = timedelta(days=3)
DUE_AT_ONCE: Final = 50


def ends_at(row: Deposit) -> datetime | None:
    """Return when a deposit ends by itself: released unclaimed, or forfeited uncontested."""
    if row.state == "unpaid" and row.unpaid_at is not None:
        return row.unpaid_at + CLAIM
    if row.state == "claimed" and row.claimed_at is not None:
        return row.claimed_at + CONTEST
    return None


def claim(
    session: Session, *, clock: Clock, listing_code: str, place: int, seller_id: int, person_id: int
) -> Deposit:
    """Say as the seller that the bidder of a place did not pay; said twice, claimed once.

    Raises `NoSuchListing` for another's, `NotToClaim` where no time to pay ran out, or too late.
    """
    locked = lock_offering(session, code=listing_code)
    if locked.listing.seller_id != seller_id:
        raise NoSuchListing(listing=listing_code[:20])
    row = session.exec(
        _deposits(locked)
        .join(Bid, col(Bid.bidder_id) == col(Deposit.bidder_id))
        .join(Award, col(Award.bid_id) == col(Bid.id))
        .where(Award.auction_id == locked.auction.key, Award.place == place)
    ).one_or_none()
    now = clock.now(session)
    if row is not None and row.state in {"claimed", "contested"}:
        return row
    if row is None or row.state != "unpaid" or _over(row, now=now):
        raise NotToClaim
    row.claimed_at, row.claimed_by = now, person_id
    session.add(row)
    session.flush()
    outbox.record(
        session, DepositClaimed(at=now, deposit_id=row.key, listing_code=locked.listing.code)
    )
    return row


def contest(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    bidder_id: int,
    person_id: int,
    because: str,
) -> Deposit:
    """Say as the bidder that the payment was made, and how; the operator rules on it.

    Raises `AnswerMissing`, or `NotToContest` where nothing is claimed, or too late.
    """
    locked = lock_offering(session, code=listing_code)
    row = session.exec(_deposits(locked).where(Deposit.bidder_id == bidder_id)).one_or_none()
    now = clock.now(session)
    if row is None or row.state != "claimed" or _over(row, now=now):
        raise NotToContest
    if not because.strip():
        raise AnswerMissing(field="because")
    row.contested_at, row.contested_by, row.contest = now, person_id, because.strip()
    session.add(row)
    session.flush()
    outbox.record(
        session, DepositContested(at=now, deposit_id=row.key, listing_code=locked.listing.code)
    )
    return row


def rule(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    bidder_id: int,
    forfeited: bool,
    person_id: int,
) -> Deposit:
    """Rule as the operator on what is contested. Raises `NoSuchDeposit` or `NotToRule`."""
    locked = lock_offering(session, code=listing_code)
    row = session.exec(_deposits(locked).where(Deposit.bidder_id == bidder_id)).one_or_none()
    if row is None:
        raise NoSuchDeposit
    if row.state != "contested":
        raise NotToRule
    row.ended_by = person_id
    _end(session, locked, row, forfeited=forfeited, now=clock.now(session))
    return row


def end_claim(session: Session, *, clock: Clock, deposit_id: int) -> bool:
    """End a deposit whose time to be claimed or contested ran out; True when this call did."""
    locked = lock_offering(session, code=listings_of(session, deposit_ids=[deposit_id])[deposit_id])
    row = session.exec(_deposits(locked).where(Deposit.id == deposit_id)).one()
    now = clock.now(session)
    if not _over(row, now=now):
        return False
    _end(session, locked, row, forfeited=row.state == "claimed", now=now)
    return True


def listings_of(session: Session, *, deposit_ids: Collection[int]) -> dict[int, str]:
    """Return the codes of the listings that deposits were laid down for, by deposit."""
    rows = session.execute(
        select(Deposit.id, Listing.code)
        .join(Auction, col(Auction.id) == col(Deposit.auction_id))
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .where(col(Deposit.id).in_(list(deposit_ids)))
    )
    return {key: code for key, code in rows if key is not None}


def due_claims(
    session: Session, *, now: datetime, limit: int = DUE_AT_ONCE, but: Collection[int] = ()
) -> list[int]:
    """Return the deposits whose time to be claimed or contested ran out, except `but`."""
    rows = session.exec(
        select(Deposit.id)
        .where(
            col(Deposit.ended_at).is_(None),
            col(Deposit.contested_at).is_(None),
            or_(
                and_(
                    col(Deposit.claimed_at).is_(None), col(Deposit.unpaid_at) <= now - CLAIM
                ),
                col(Deposit.claimed_at) <= now - CONTEST,
            ),
            col(Deposit.id).not_in(list(but)),
        )
        .order_by(col(Deposit.id))
        .limit(limit)
    )  # fmt: skip
    return [key for key in rows if key is not None]


def unpaid_of(session: Session, *, auction_id: int) -> dict[int, Deposit]:
    """Return the deposits of an auction whose bidders did not pay in time, by bidder."""
    rows = session.exec(
        select(Deposit).where(Deposit.auction_id == auction_id, col(Deposit.unpaid_at).is_not(None))
    )
    return {row.bidder_id: row for row in rows}


def contested_deposits(session: Session) -> list[DepositLine]:
    """Return the deposits that wait for the operator's ruling, the oldest first."""
    rows = session.execute(
        select(Deposit, Listing, Organisation)
        .join(Auction, col(Auction.id) == col(Deposit.auction_id))
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .join(Organisation, col(Organisation.id) == col(Deposit.bidder_id))
        .where(col(Deposit.contested_at).is_not(None), col(Deposit.ended_at).is_(None))
        .order_by(col(Deposit.contested_at), col(Deposit.id))
    )
    return [DepositLine(row[0], row[1], row[2], over=True) for row in rows]


def _over(row: Deposit, *, now: datetime) -> bool:
    end = ends_at(row)
    return end is not None and now >= end


def _end(
    session: Session, locked: Offering, row: Deposit, *, forfeited: bool, now: datetime
) -> None:
    end_deposit(
        session, row, listing_code=locked.listing.code, now=now,
        ended_as="forfeited" if forfeited else "released",
    )  # fmt: skip
    session.flush()


def _deposits(locked: Offering) -> SelectOfScalar[Deposit]:
    """Return the statement of an auction's deposits, read anew under its lock."""
    return (
        select(Deposit)
        .where(Deposit.auction_id == locked.auction.key)
        .execution_options(populate_existing=True)
    )
