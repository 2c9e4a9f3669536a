"""What follows when a contract is settled or paid: set-offs, and whether it is paid in full."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.outbox import Event
from remelt.platform.market.contracting import note_paid
from remelt.platform.settlement import books
from remelt.platform.settlement.escrow.setting_off import set_off
from remelt.platform.settlement.events import ContractSettled, DebitNoteIssued, PaymentConfirmed


def answers(clock: Clock) -> dict[type[Event], Callable[[Session, Any], None]]:
    """Return what answers settlements, debit notes and payments that count."""

    def settled(session: Session, event: ContractSettled) -> None:
        set_off(session, clock=clock, contract_code=event.contract_code)
        _paid(session, event.contract_code, clock)

    def owes_back(session: Session, event: DebitNoteIssued) -> None:
        set_off(session, clock=clock, contract_code=event.contract_code)

    def paid(session: Session, event: PaymentConfirmed) -> None:
        _paid(session, event.subject_code, clock)

    return {ContractSettled: settled, DebitNoteIssued: owes_back, PaymentConfirmed: paid}


def _paid(session: Session, contract_code: str, clock: Clock) -> None:
    """A contract that is paid in full no longer weighs on its buyer's credit, one that is not does.

    A provisional settlement is no full price, and nothing owed is nothing paid.
    """
    owed = books.in_force(session, kind="contract", subject_code=contract_code)
    if owed is None:
        return
    balance = books.balance(session, owed)
    whole = owed.withheld_fen == 0 and owed.amount_fen > 0
    full = whole and balance.confirmed_fen >= balance.amount_fen
    note_paid(session, contract_code=contract_code, at=clock.now(session) if full else None)
