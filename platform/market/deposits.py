"""Deposits: told by the bidder, held once the operator has seen the money, ended by the auction.

Only the facts stand here. Settlement moves the money that they release, forfeit or apply.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.award_errors import (
    DepositHeld,
    DepositMissing,
    NoDepositAsked,
    NoSuchDeposit,
)
from remelt.platform.market.award_events import DepositEnded, DepositTold
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.taking import check_taking
from remelt.platform.market.terms import terms_of
from remelt.platform.market.terms_models import Deposit
from remelt.platform.parties.models import Organisation


def tell_deposit(
    session: Session,
    *,
    clock: Clock,
    listing_code: str,
    bidder_id: int,
    person_id: int,
    reference: str = "",
) -> Deposit:
    """Say that the deposit of an auction is on its way; told twice, one deposit.

    Raises `NoDepositAsked`, `DepositHeld` once it is held, and what ends an auction.
    """
    locked = lock_offering(session, code=listing_code)
    auction = locked.auction
    amount = terms_of(session, auction_id=auction.key).deposit_fen
    if amount is None:
        raise NoDepositAsked(listing=listing_code[:20])
    now = clock.now(session)
    check_taking(auction, now=max(now, auction.opens_at))
    row = deposit_of(session, auction_id=auction.key, bidder_id=bidder_id)
    if row is None:
        row = Deposit(
            auction_id=auction.key, bidder_id=bidder_id, person_id=person_id, amount_fen=amount,
            told_at=now,
        )  # fmt: skip
    elif row.state != "told":
        raise DepositHeld
    row.reference = reference
    session.add(row)
    session.flush()
    outbox.record(session, DepositTold(at=now, listing_code=locked.listing.code, amount_fen=amount))
    return row


def hold_deposit(session: Session, *, clock: Clock, deposit_id: int, person_id: int) -> Deposit:
    """Say that the money has arrived: from now on the bidder may bid. Said twice, held once.

    Raises `NoSuchDeposit`.
    """
    code = session.exec(
        select(Listing.code)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .join(Deposit, col(Deposit.auction_id) == col(Auction.id))
        .where(Deposit.id == deposit_id)
    ).one_or_none()
    if code is None:
        raise NoSuchDeposit
    lock_offering(session, code=code)
    row = session.exec(
        select(Deposit).where(Deposit.id == deposit_id).execution_options(populate_existing=True)
    ).one()
    if row.state == "told":
        row.sqlmodel_update({"held_at": clock.now(session), "held_by": person_id})
        session.add(row)
        session.flush()
    return row


def check_deposit(session: Session, *, auction_id: int, bidder_id: int) -> None:
    """Refuse a bidder whose deposit is asked and not held."""
    if not is_secured(session, auction_id=auction_id, bidder_id=bidder_id):
        raise DepositMissing


def is_secured(session: Session, *, auction_id: int, bidder_id: int) -> bool:
    """Tell whether no deposit is asked of a bidder, or it is held."""
    if terms_of(session, auction_id=auction_id).deposit_fen is None:
        return True
    row = deposit_of(session, auction_id=auction_id, bidder_id=bidder_id)
    return row is not None and row.state == "held"


def end_deposits(
    session: Session,
    *,
    listing_code: str,
    auction_id: int,
    ended_as: str,
    now: datetime,
    of: Collection[int] | None = None,
    but: Collection[int] = (),
) -> None:
    """End the deposits that are held: of the bidders `of` (None for all), except `but`."""
    statement = select(Deposit).where(
        Deposit.auction_id == auction_id,
        col(Deposit.held_at).is_not(None),
        col(Deposit.ended_at).is_(None),
        col(Deposit.bidder_id).not_in(list(but)),
    )
    if of is not None:
        statement = statement.where(col(Deposit.bidder_id).in_(list(of)))
    for row in session.exec(statement.order_by(col(Deposit.id))):
        row.sqlmodel_update({"ended_at": now, "ended_as": ended_as})
        session.add(row)
        outbox.record(
            session,
            DepositEnded(
                at=now, listing_code=listing_code, amount_fen=row.amount_fen, ended_as=ended_as
            ),
        )


def deposit_of(session: Session, *, auction_id: int, bidder_id: int) -> Deposit | None:
    """Return a bidder's deposit of an auction, None where none was told."""
    return session.exec(
        select(Deposit).where(Deposit.auction_id == auction_id, Deposit.bidder_id == bidder_id)
    ).one_or_none()


def secured_among(session: Session, *, auction_id: int, bidder_ids: Collection[int]) -> set[int]:
    """Return those whose deposit of an auction is held."""
    return set(
        session.exec(
            select(Deposit.bidder_id).where(
                Deposit.auction_id == auction_id,
                col(Deposit.bidder_id).in_(list(bidder_ids)),
                col(Deposit.held_at).is_not(None),
                col(Deposit.ended_at).is_(None),
            )
        )
    )


def let_go(session: Session, locked: Offering, *, now: datetime) -> None:
    """Let the lot and every deposit go: nothing was sold."""
    locked.listing.released_at = now
    end_deposits(
        session, listing_code=locked.listing.code, auction_id=locked.auction.key,
        ended_as="released", now=now,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DepositLine:
    """A deposit that is on its way, with the listing and the bidder."""

    deposit: Deposit
    listing: Listing
    bidder: Organisation


def waiting_deposits(session: Session, *, limit: int = 100) -> list[DepositLine]:
    """Return the deposits that were told and have not arrived, the oldest first."""
    rows = session.execute(
        select(Deposit, Listing, Organisation)
        .join(Auction, col(Auction.id) == col(Deposit.auction_id))
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .join(Organisation, col(Organisation.id) == col(Deposit.bidder_id))
        .where(col(Deposit.held_at).is_(None), col(Auction.closed_at).is_(None))
        .order_by(col(Deposit.id))
        .limit(limit)
    )
    return [DepositLine(*row) for row in rows]
