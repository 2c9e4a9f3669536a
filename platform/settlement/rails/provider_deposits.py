"""Deposits of bidders held on a card: reserved at entry, let go or taken as the auction decides."""

from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.deposits import tell_deposit
from remelt.platform.settlement.rails.protocol import Money
from remelt.platform.settlement.rails.provider_errors import HoldTooShort
from remelt.platform.settlement.rails.provider_models import PaymentIntentRequest
from remelt.platform.settlement.rails.provider_orders import store_order
from remelt.platform.settlement.rails.provider_rules import LIVE

PREFIX: Final = "deposit-"
# a card holds money for seven days: one is left to decide after the end
HOLDS: Final = timedelta(days=6)


def hold_online(
    session: Session, *, clock: Clock, listing_code: str, bidder_id: int, person_id: int
) -> PaymentIntentRequest:
    """Tell a deposit and order that its amount is held on the bidder's card; asked twice, one.

    Raises what `tell_deposit` raises, `HoldTooShort` or `TooLargeForRail`.
    """
    deposit = tell_deposit(
        session, clock=clock, listing_code=listing_code, bidder_id=bidder_id, person_id=person_id
    )
    auction = session.exec(select(Auction).where(Auction.id == deposit.auction_id)).one()
    if auction.closes_at > clock.now(session) + HOLDS:
        raise HoldTooShort
    subject = f"{PREFIX}{deposit.key}"
    waits = hold_of(session, deposit_id=deposit.key, states=("stored", "waiting"))
    return waits or store_order(
        session, clock=clock, subject=subject, purpose="hold", money=Money(deposit.amount_fen),
        method="card", reference=listing_code, person_id=person_id, organisation_id=bidder_id,
    )  # fmt: skip


def end_hold(session: Session, *, clock: Clock, deposit_id: int, ended_as: str) -> bool:
    """Let a held deposit go, or take it where it is forfeited or applied; False without one.

    One that is being let go or taken already is left to that.
    """
    held = hold_of(session, deposit_id=deposit_id, states=("held",))
    if held is None or _ending(session, held):
        return False
    store_order(
        session, clock=clock, subject=held.subject,
        purpose="release" if ended_as == "released" else "capture",
        money=Money(held.amount_minor, held.currency), earlier=held.rail_ref,
        person_id=held.person_id, organisation_id=held.organisation_id,
    )  # fmt: skip
    return True


def _ending(session: Session, held: PaymentIntentRequest) -> bool:
    found = session.exec(
        select(PaymentIntentRequest.id).where(
            PaymentIntentRequest.subject == held.subject,
            PaymentIntentRequest.earlier == held.rail_ref,
            col(PaymentIntentRequest.purpose).in_(("capture", "release")),
            col(PaymentIntentRequest.state).in_(LIVE),
        )
    ).first()
    return found is not None


def hold_of(
    session: Session, *, deposit_id: int, states: tuple[str, ...]
) -> PaymentIntentRequest | None:
    """Return the newest order that holds a deposit on a card and stands in one of these states."""
    return session.exec(
        select(PaymentIntentRequest)
        .where(
            PaymentIntentRequest.subject == f"{PREFIX}{deposit_id}",
            PaymentIntentRequest.purpose == "hold",
            col(PaymentIntentRequest.state).in_(states),
        )
        .order_by(col(PaymentIntentRequest.id).desc())
    ).first()


def deposit_id_of(subject: str) -> int | None:
    """Return which deposit a subject is, None where it is a contract."""
    number = subject.removeprefix(PREFIX)
    return int(number) if number != subject and number.isdecimal() else None
