"""What the book of money does about deposits of the market."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.outbox import Event
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.award_events import DepositArrived, DepositEnded
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.terms_models import Deposit
from remelt.platform.settlement.escrow.entries import enter_deposit, enter_deposit_end


def answers(_clock: Clock) -> dict[type[Event], Callable[[Session, Any], None]]:
    """Return what answers deposits that arrive and end."""
    return {DepositArrived: _arrived, DepositEnded: _ended}


def _arrived(session: Session, event: DepositArrived) -> None:
    """The platform holds the money, and the bidder has laid it down."""
    deposit, _ = _laid(session, event.deposit_id)
    enter_deposit(
        session,
        deposit_id=deposit.key,
        listing_code=event.listing_code,
        bidder_id=deposit.bidder_id,
        amount_fen=deposit.amount_fen,
        at=event.at,
        person_id=event.person_id,
    )


def _ended(session: Session, event: DepositEnded) -> None:
    """The money goes back, to the seller, or towards the price of the contract."""
    deposit, listing = _laid(session, event.deposit_id)
    contract_code = session.exec(
        select(Contract.code)
        .where(Contract.listing_id == listing.key, Contract.buyer_id == deposit.bidder_id)
        .order_by(col(Contract.id).desc())
    ).first()
    enter_deposit_end(
        session,
        deposit_id=deposit.key,
        listing_code=event.listing_code,
        bidder_id=deposit.bidder_id,
        seller_id=listing.seller_id,
        contract_code=contract_code,
        amount_fen=deposit.amount_fen,
        ended_as=event.ended_as,
        at=event.at,
    )


def _laid(session: Session, deposit_id: int) -> tuple[Deposit, Listing]:
    found = session.exec(
        select(Deposit, Listing)
        .join(Auction, col(Auction.id) == col(Deposit.auction_id))
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .where(Deposit.id == deposit_id)
    ).one()
    return found[0], found[1]
