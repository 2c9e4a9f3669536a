"""Deposits: told by the bidder, held once the operator has seen the money, ended by the auction.

Only the facts stand here. Settlement moves the money that they release, forfeit or apply.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, case, col, or_, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.award_errors import (
    DepositHeld,
    NoDepositAsked,
    NoSuchDeposit,
)
from remelt.platform.market.award_events import DepositArrived, DepositEnded, DepositTold
from remelt.platform.market.bars import Wanted
from remelt.platform.market.eligibility import bidder
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import Offering, lock_offering
from remelt.platform.market.taking import check_bidder, check_taking
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

    Raises `NoDepositAsked`, `DepositHeld` once it is held, what keeps a buyer from bidding, and
    what ends an auction.
    """
    locked = lock_offering(session, code=listing_code)
    auction = locked.auction
    terms = terms_of(session, auction_id=auction.key)
    amount = terms.deposit_fen
    if amount is None:
        raise NoDepositAsked(listing=listing_code[:20])
    now = clock.now(session)
    check_taking(auction, now=max(now, auction.opens_at))
    asks = Wanted(auction.owner_id, auction.authorised_only, terms.licence)
    check_bidder(bidder(session, organisation_id=bidder_id, asks=asks), asks, now=now)
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


def hold_deposit(
    session: Session, *, clock: Clock, deposit_id: int, person_id: int, reserved: bool = False
) -> Deposit:
    """Say that the money has arrived: from now on the bidder may bid. Said twice, held once.

    reserved: it has not, but is held on the bidder's card. Money that arrives after the end is
    released as soon as it is held. Raises `NoSuchDeposit`.
    """
    code = session.exec(
        select(Listing.code)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .join(Deposit, col(Deposit.auction_id) == col(Auction.id))
        .where(Deposit.id == deposit_id)
    ).one_or_none()
    if code is None:
        raise NoSuchDeposit
    locked = lock_offering(session, code=code)
    row = session.exec(
        select(Deposit).where(Deposit.id == deposit_id).execution_options(populate_existing=True)
    ).one()
    if row.state == "told":
        now = clock.now(session)
        row.sqlmodel_update({"held_at": now, "held_by": person_id, "reserved": reserved})
        session.add(row)
        session.flush()
        outbox.record(
            session,
            DepositArrived(
                at=now, deposit_id=row.key, listing_code=code,
                amount_fen=row.amount_fen, person_id=person_id,
            ),
        )  # fmt: skip
        auction = locked.auction
        if auction.closed_at is not None or auction.withdrawn_at is not None:
            end_deposits(
                session, listing_code=code, auction_id=auction.key, ended_as="released", now=now,
                of=[row.bidder_id],
            )  # fmt: skip
    return row


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
    """End the deposits that are held: of the bidders `of` (None for all), except `but`.

    One whose bidder did not pay in time is left: the seller may still claim it.
    """
    statement = select(Deposit).where(
        Deposit.auction_id == auction_id,
        col(Deposit.held_at).is_not(None),
        col(Deposit.unpaid_at).is_(None),
        col(Deposit.ended_at).is_(None),
        col(Deposit.bidder_id).not_in(list(but)),
    )
    if of is not None:
        statement = statement.where(col(Deposit.bidder_id).in_(list(of)))
    for row in session.exec(statement.order_by(col(Deposit.id))):
        end_deposit(session, row, listing_code=listing_code, ended_as=ended_as, now=now)


def end_deposit(
    session: Session, row: Deposit, *, listing_code: str, ended_as: str, now: datetime
) -> None:
    """End a deposit that is held."""
    row.sqlmodel_update({"ended_at": now, "ended_as": ended_as})
    session.add(row)
    outbox.record(
        session,
        DepositEnded(
            at=now, deposit_id=row.key, listing_code=listing_code, amount_fen=row.amount_fen,
            ended_as=ended_as,
        ),
    )  # fmt: skip


def leave_unpaid(session: Session, *, auction_id: int, bidder_id: int, now: datetime) -> None:
    """Note on a held deposit that no payment of its bidder was seen in time."""
    row = deposit_of(session, auction_id=auction_id, bidder_id=bidder_id)
    if row is not None and row.state == "held":
        row.unpaid_at = now
        session.add(row)


def deposit_of(session: Session, *, auction_id: int, bidder_id: int) -> Deposit | None:
    """Return a bidder's deposit of an auction, None where none was told."""
    return session.exec(
        select(Deposit).where(Deposit.auction_id == auction_id, Deposit.bidder_id == bidder_id)
    ).one_or_none()


def laid(session: Session, *, deposit_id: int) -> tuple[Deposit, Offering]:
    """Return a deposit, and what it was laid down for."""
    deposit, listing, auction = session.exec(
        select(Deposit, Listing, Auction)
        .join(Auction, col(Auction.id) == col(Deposit.auction_id))
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .where(Deposit.id == deposit_id)
    ).one()
    return deposit, Offering(listing=listing, auction=auction)


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
    locked.listing.released_at = locked.listing.released_at or now
    end_deposits(
        session, listing_code=locked.listing.code, auction_id=locked.auction.key,
        ended_as="released", now=now,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DepositLine:
    """A deposit that is on its way, with the listing and the bidder.

    over: nobody bids there any more, and money that arrives goes back.
    """

    deposit: Deposit
    listing: Listing
    bidder: Organisation
    over: bool


def waiting_deposits(session: Session, *, limit: int = 100) -> list[DepositLine]:
    """Return the deposits that were told and have not arrived, the oldest of open auctions first.

    Those of auctions that are over come last, the newest first: their money may be on its way.
    """
    over = or_(col(Auction.closed_at).is_not(None), col(Auction.withdrawn_at).is_not(None))
    rows = session.execute(
        select(Deposit, Listing, Organisation, over)
        .join(Auction, col(Auction.id) == col(Deposit.auction_id))
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .join(Organisation, col(Organisation.id) == col(Deposit.bidder_id))
        .where(col(Deposit.held_at).is_(None))
        .order_by(over, case((over, -col(Deposit.id)), else_=col(Deposit.id)))
        .limit(limit)
    )
    return [DepositLine(row[0], row[1], row[2], over=bool(row[3])) for row in rows]
