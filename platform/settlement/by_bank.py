"""Payments that a bank's statement shows: recorded, confirmed, taken back by what it says."""

from datetime import date, datetime

from sqlmodel import Session, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries as parties
from remelt.platform.settlement.accounts import announce_confirmed, keep_payment, lock_settlement
from remelt.platform.settlement.books import balance, in_force
from remelt.platform.settlement.errors import NoSuchSettlement, PaymentNotWaiting, SamePerson
from remelt.platform.settlement.events import PaymentDeclined
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rules import check_payment
from remelt.platform.settlement.vouchers import enter_declined, enter_paid

CENT = 1


def record_by_bank(
    session: Session,
    *,
    clock: Clock,
    settlement_code: str,
    amount_fen: int,
    person_id: int,
    waiting: bool,
    paid_on: date,
    reference: str,
    method: str = "bank",
    back: bool = False,
) -> PaymentRecord:
    """Record a payment that a statement shows, of the payer, the payee or the platform.

    Whose settlement it is has been asked before. waiting: a second person has still to confirm.
    method: `escrow` where it came to the platform. back: it hands back what was paid too much.
    Raises `NoSuchSettlement`, `SettlementSuperseded`, `AmountNotPositive`, `PaysTooMuch` or
    `PaidInTheFuture`.
    """
    owed = lock_settlement(session, code=settlement_code)
    now, sign = clock.now(session), -1 if back else 1
    check_payment(
        amount_fen=amount_fen,
        open_fen=sign * balance(session, owed).open_fen,
        method="bank",
        paid_on=paid_on,
        today=now.astimezone(BEIJING).date(),
    )
    return _keep(
        session, owed, amount_fen=sign * amount_fen, method=method, reference=reference,
        paid_on=paid_on, person_id=person_id, at=now, waiting=waiting,
    )  # fmt: skip


def write_off_cent(
    session: Session, payment: PaymentRecord, *, at: datetime, person_id: int, waiting: bool
) -> PaymentRecord | None:
    """Write off the one cent that is open after a payment; None when it is not one cent."""
    owed = _owed(session, payment)
    if balance(session, owed).open_fen != CENT:
        return None
    return _keep(
        session, owed, amount_fen=CENT, method="rounding", reference=payment.code,
        paid_on=payment.paid_on, person_id=person_id, at=at, waiting=waiting,
    )  # fmt: skip


def confirm_by_bank(
    session: Session, *, payment_id: int, at: datetime, person_id: int
) -> PaymentRecord:
    """Let a payment count because a statement shows it; one that counts already stays.

    The person who recorded a payment that waits for a second one is not the second.
    Raises `PaymentNotWaiting` when it was declined, or `SamePerson`.
    """
    payment = session.exec(
        select(PaymentRecord).where(PaymentRecord.id == payment_id).with_for_update()
    ).one()
    if payment.state == "confirmed":
        return payment
    if payment.state == "declined":
        raise PaymentNotWaiting(payment_code=payment.code)
    owed = _owed(session, payment)
    if not parties.second_hand(
        session, first_id=payment.person_id or 0, person_id=person_id,
        organisation_id=owed.payer_id,
    ):  # fmt: skip
        raise SamePerson(payment_code=payment.code)
    payment.sqlmodel_update({"second_person_id": person_id, "confirmed_at": at})
    session.add(payment)
    session.flush()
    enter_paid(session, payment, owed=owed)
    announce_confirmed(session, payment, settlement_code=owed.code, person_id=person_id)
    return payment


def decline_by_bank(
    session: Session, payment: PaymentRecord, *, at: datetime, person_id: int, reason: str
) -> None:
    """Decline a payment that was recorded from a line, as the second person."""
    if payment.state != "waiting":
        raise PaymentNotWaiting(payment_code=payment.code)
    owed = _owed(session, payment)
    payment.sqlmodel_update({"second_person_id": person_id, "declined_at": at, "reason": reason})
    session.add(payment)
    enter_declined(session, payment, owed=owed)
    outbox.record(
        session,
        PaymentDeclined(
            at=at, payment_code=payment.code, settlement_code=owed.code, person_id=person_id,
            reason=reason,
        ),
    )  # fmt: skip


def take_back_payment(
    session: Session, payment: PaymentRecord, *, at: datetime, person_id: int, ref: str
) -> PaymentRecord:
    """Take a payment back that was wrongly read from a statement: its opposite is recorded."""
    return _keep(
        session, _owed(session, payment), amount_fen=-payment.amount_fen, method=payment.method,
        reference=ref, paid_on=at.astimezone(BEIJING).date(), person_id=person_id, at=at,
        waiting=False,
    )  # fmt: skip


def _owed(session: Session, payment: PaymentRecord) -> Settlement:
    """Return the settlement in force of what a payment is for."""
    first = session.exec(select(Settlement).where(Settlement.id == payment.settlement_id)).one()
    owed = in_force(session, kind=first.kind, subject_code=first.subject_code, lock=True)
    if owed is None:
        raise NoSuchSettlement(settlement_code=first.code)
    return owed


def _keep(
    session: Session,
    owed: Settlement,
    *,
    amount_fen: int,
    method: str,
    reference: str,
    paid_on: date,
    person_id: int,
    at: datetime,
    waiting: bool,
) -> PaymentRecord:
    payment = PaymentRecord(
        code=new_code(), settlement_id=owed.key, subject_code=owed.subject_code,
        amount_fen=amount_fen, method=method, reference=reference[:60], paid_on=paid_on,
        person_id=person_id, recorded_at=at, needs_second=waiting,
        confirmed_at=None if waiting else at,
    )  # fmt: skip
    return keep_payment(session, payment, owed=owed)
