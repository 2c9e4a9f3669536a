"""What the book of money and the cards do about deposits of the market.

A deposit by bank transfer is entered when it arrives and when it ends. One on a card is only
reserved: its end lets it go or takes it, and what is taken is entered once it has moved.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.outbox import Event
from remelt.platform.market.award_events import DepositArrived, DepositClaimed, DepositEnded
from remelt.platform.market.deposits import laid
from remelt.platform.market.models import Contract
from remelt.platform.settlement.escrow.entries import enter_deposit, enter_deposit_end
from remelt.platform.settlement.rails.provider_deposits import end_hold


def answers(clock: Clock) -> dict[type[Event], Callable[[Session, Any], None]]:
    """Return what answers deposits that arrive and end."""

    def ended(session: Session, event: DepositEnded) -> None:
        deposit, _ = laid(session, deposit_id=event.deposit_id)
        if deposit.reserved:
            end_hold(session, clock=clock, deposit_id=deposit.key, ended_as=event.ended_as)
        else:
            enter_end(session, deposit_id=event.deposit_id, at=event.at)

    def claimed(session: Session, event: DepositClaimed) -> None:
        """What a card has reserved is taken now: it may let go before the claim is decided."""
        if laid(session, deposit_id=event.deposit_id)[0].reserved:
            end_hold(session, clock=clock, deposit_id=event.deposit_id, ended_as="forfeited")

    return {DepositArrived: _arrived, DepositClaimed: claimed, DepositEnded: ended}


def _arrived(session: Session, event: DepositArrived) -> None:
    """The platform holds the money, and the bidder has laid it down; on a card it still has it."""
    deposit, _ = laid(session, deposit_id=event.deposit_id)
    if deposit.reserved:
        return
    enter_deposit(
        session,
        deposit,
        listing_code=event.listing_code,
        at=event.at,
        person_id=event.person_id,
    )


def enter_end(session: Session, *, deposit_id: int, at: datetime) -> None:
    """Enter that the money goes back, to the seller, or towards the price of the contract."""
    deposit, lot = laid(session, deposit_id=deposit_id)
    listing = lot.listing
    contract_code = session.exec(
        select(Contract.code)
        .where(Contract.listing_id == listing.key, Contract.buyer_id == deposit.bidder_id)
        .order_by(col(Contract.id).desc())
    ).first()
    enter_deposit_end(
        session,
        deposit,
        listing_code=listing.code,
        seller_id=listing.seller_id,
        contract_code=contract_code,
        at=at,
    )
