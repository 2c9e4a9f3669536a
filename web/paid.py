"""What follows when a payment provider holds, moves or hears a dispute about money."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.outbox import Event
from remelt.platform.market.deposits import end_deposit, hold_deposit, laid
from remelt.platform.market.suspending import resume, suspend
from remelt.platform.settlement.by_provider import record_by_provider
from remelt.platform.settlement.escrow.entries import (
    enter_deposit,
    enter_returned,
    enter_sent,
)
from remelt.platform.settlement.events import PayoutConfirmed
from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.rails.provider_accounts import look_again
from remelt.platform.settlement.rails.provider_deposits import deposit_id_of, end_hold
from remelt.platform.settlement.rails.provider_events import (
    PaymentDisputed,
    PaymentHeld,
    PaymentMoved,
    PaymentRefused,
)
from remelt.platform.settlement.rails.provider_orders import by_key, frozen_by
from remelt.platform.settlement.rails.provider_paying import payer_person
from remelt.platform.settlement.rails.provider_payouts import paid_online, send_payout
from remelt.web.laid_down import enter_end

# what a payer pays, gets back, and has after all not got back
COUNTS = ("charge", "refund", "refund-failed")


def answers(clock: Clock) -> dict[type[Event], Callable[[Session, Any], None]]:
    """Return what answers a provider's money."""
    return {
        PaymentMoved: lambda session, event: _moved(session, event, clock),
        PaymentRefused: lambda session, event: _refused(session, event, clock),
        PaymentHeld: lambda session, event: _held(session, event, clock),
        PaymentDisputed: lambda session, event: _disputed(session, event, clock),
        PayoutConfirmed: lambda session, event: _let_go(session, event, clock),
    }


def _moved(session: Session, event: PaymentMoved, clock: Clock) -> None:
    """Money paid for a contract is its payment; a deposit that was taken ends as it was decided."""
    if event.kind == "transfer":
        _sent(session, event)
    if event.kind == "reversal":
        _taken_back(session, event)
    if event.kind not in COUNTS:
        return
    deposit_id = deposit_id_of(event.subject)
    if deposit_id is not None:
        _taken(session, event, deposit_id)
        return
    person_id = payer_person(session, subject=event.subject, order_key=event.order_key)
    if person_id is not None:
        record_by_provider(
            session,
            subject_code=event.subject,
            amount_minor=event.amount_minor,
            currency=event.currency,
            rail_ref=event.rail_ref,
            person_id=person_id,
            paid_at=event.at,
            now=clock.now(session),
        )


def _let_go(session: Session, event: PayoutConfirmed, clock: Clock) -> None:
    """What two people let go is sent, where it goes through the provider."""
    send_payout(session, clock=clock, code=event.payout_code)


def _sent(session: Session, event: PaymentMoved) -> None:
    """A payout has left: it is on its way no longer."""
    if paid_online(session, order_key=event.order_key) is not None:
        enter_sent(
            session,
            rail_ref=event.rail_ref,
            subject=event.subject,
            amount_fen=-event.amount_minor,
            at=event.at,
        )


def _taken_back(session: Session, event: PaymentMoved) -> None:
    """What was taken back from a seller is held for it again, until it is paid out anew."""
    paid = paid_online(session, transfer=event.about_ref)
    if paid is not None:
        enter_returned(
            session, paid, key=event.rail_ref, amount_fen=event.amount_minor, at=event.at,
            had_left=True,
        )  # fmt: skip


def _refused(session: Session, event: PaymentRefused, clock: Clock) -> None:
    """A payout that was refused is due to its seller again, whose account is looked at anew."""
    paid = paid_online(session, order_key=event.order_key)
    if paid is None:
        return
    enter_returned(
        session, paid, key=event.order_key, amount_fen=event.amount_minor, at=event.at,
        had_left=False,
    )  # fmt: skip
    look_again(session, clock=clock, organisation_id=paid.payee_id or 0)


def _taken(session: Session, event: PaymentMoved, deposit_id: int) -> None:
    """A deposit that was reserved on a card is taken: it arrives now, and ends as was decided."""
    deposit, lot = laid(session, deposit_id=deposit_id)
    if event.kind != "charge" or not deposit.reserved:
        return
    deposit.reserved = False
    session.add(deposit)
    session.flush()
    enter_deposit(
        session,
        deposit,
        listing_code=lot.listing.code,
        at=event.at,
        person_id=deposit.person_id,
        through=(Account("escrow", event.subject), Account("wallet")),
    )
    if deposit.ended_as:
        enter_end(session, deposit_id=deposit.key, at=event.at)


def _held(session: Session, event: PaymentHeld, clock: Clock) -> None:
    """A deposit is held, or its card has let it go before the auction did."""
    deposit_id = deposit_id_of(event.subject)
    order = by_key(session, event.order_key)
    if deposit_id is None or order.person_id is None:
        return
    if event.held:
        row = hold_deposit(
            session,
            clock=clock,
            deposit_id=deposit_id,
            person_id=order.person_id,
            reserved=True,
        )
        if not row.reserved:  # its money came another way meanwhile
            end_hold(session, clock=clock, deposit_id=deposit_id, ended_as="released")
        return
    deposit, lot = laid(session, deposit_id=deposit_id)
    stands = deposit.held_at is not None and deposit.ended_at is None
    if order.state == "cancelled" and stands and deposit.reserved:
        end_deposit(
            session, deposit, listing_code=lot.listing.code, ended_as="released",
            now=clock.now(session),
        )  # fmt: skip


def _disputed(session: Session, event: PaymentDisputed, clock: Clock) -> None:
    """A contract stands still while a payment of it is disputed."""
    said: dict[str, Any] = {"clock": clock, "contract_code": event.subject}
    if event.open:
        suspend(session, **said, cause=event.dispute_ref)
    elif frozen_by(session, subject=event.subject) is None:
        resume(session, **said, cause=event.dispute_ref)
