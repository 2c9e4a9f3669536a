"""Recording that what is owed was paid, with a second person above a threshold."""

from datetime import date

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries as parties
from remelt.platform.settlement.books import balance, in_force, threshold
from remelt.platform.settlement.errors import (
    NoSuchPayment,
    NoSuchSettlement,
    PaymentNotWaiting,
    ReasonMissing,
    SamePerson,
    SettlementSuperseded,
)
from remelt.platform.settlement.events import (
    PaymentConfirmed,
    PaymentDeclined,
    PaymentRecorded,
)
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rules import check_payment, needs_second
from remelt.platform.settlement.vouchers import enter_declined, enter_paid, enter_payment

REASON_MOST = 200


def record_payment(
    session: Session,
    *,
    clock: Clock,
    settlement_code: str,
    organisation_id: int,
    person_id: int,
    amount_fen: int,
    paid_on: date,
    method: str = "bank",
    reference: str = "",
    proof_sha256: str | None = None,
) -> PaymentRecord:
    """Record that the payer paid `amount_fen` on the Beijing day `paid_on`.

    Up to the threshold of the site it counts at once; above it, when a second person confirms.
    All that was recorded for the same debt and not declined counts together: halves wait too.
    Raises `NoSuchSettlement`, `SettlementSuperseded`, `AmountNotPositive`, `PaysTooMuch`,
    `UnknownPaymentMethod` or `PaidInTheFuture`.
    """
    settlement = lock_settlement(session, code=settlement_code)
    if settlement.payer_id != organisation_id:
        raise NoSuchSettlement(settlement_code=settlement_code[:20])
    now = clock.now(session)
    before = balance(session, settlement)
    check_payment(
        amount_fen=amount_fen,
        open_fen=before.open_fen,
        method=method,
        paid_on=paid_on,
        today=now.astimezone(BEIJING).date(),
    )
    second = needs_second(
        before.recorded_fen + amount_fen, above_fen=threshold(session, settlement)
    )
    payment = PaymentRecord(
        code=new_code(),
        settlement_id=settlement.key,
        subject_code=settlement.subject_code,
        amount_fen=amount_fen,
        method=method,
        reference=reference[:60],
        paid_on=paid_on,
        proof_sha256=proof_sha256,
        person_id=person_id,
        recorded_at=now,
        needs_second=second,
        confirmed_at=None if second else now,
    )
    return keep_payment(session, payment, owed=settlement)


def confirm_payment(
    session: Session, *, clock: Clock, payment_code: str, organisation_id: int, person_id: int
) -> PaymentRecord:
    """Confirm, as the second person, that a payment above the threshold was made.

    Raises `NoSuchPayment`, `PaymentNotWaiting` or `SamePerson`.
    """
    payment, settlement = _lock_waiting(
        session, payment_code, organisation_id=organisation_id, person_id=person_id
    )
    now = clock.now(session)
    payment.sqlmodel_update({"second_person_id": person_id, "confirmed_at": now})
    session.add(payment)
    enter_paid(session, payment, owed=settlement)
    announce_confirmed(session, payment, settlement_code=settlement.code, person_id=person_id)
    return payment


def decline_payment(
    session: Session,
    *,
    clock: Clock,
    payment_code: str,
    organisation_id: int,
    person_id: int,
    reason: str,
) -> PaymentRecord:
    """Say, as the second person, that a payment was not made as recorded; it does not count.

    Raises `NoSuchPayment`, `PaymentNotWaiting`, `SamePerson` or `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    payment, settlement = _lock_waiting(
        session, payment_code, organisation_id=organisation_id, person_id=person_id
    )
    now, said = clock.now(session), reason.strip()[:REASON_MOST]
    payment.sqlmodel_update({"second_person_id": person_id, "declined_at": now, "reason": said})
    session.add(payment)
    enter_declined(session, payment, owed=settlement)
    outbox.record(
        session,
        PaymentDeclined(
            at=now,
            payment_code=payment.code,
            settlement_code=settlement.code,
            person_id=person_id,
            reason=payment.reason,
        ),
    )
    return payment


def lock_settlement(session: Session, *, code: str) -> Settlement:
    """Return the settlement with this code, locked. Raises unless it is in force."""
    settlement = session.exec(
        select(Settlement).where(Settlement.code == code).with_for_update()
    ).one_or_none()
    if settlement is None:
        raise NoSuchSettlement(settlement_code=code[:20])
    newest = in_force(session, kind=settlement.kind, subject_code=settlement.subject_code)
    if newest is None or newest.key != settlement.key:
        raise SettlementSuperseded(settlement_code=settlement.code)
    return settlement


def keep_payment(session: Session, payment: PaymentRecord, *, owed: Settlement) -> PaymentRecord:
    """Keep a payment, enter and announce it, as confirmed too when it needs nobody."""
    session.add(payment)
    session.flush()
    enter_payment(session, payment, owed=owed)
    for event in said_of(payment, owed=owed):
        outbox.record(session, event)
    return payment


def said_of(payment: PaymentRecord, *, owed: Settlement) -> list[outbox.Event]:
    """Return what is said of a payment as it is recorded: as confirmed too when it is."""
    told: list[outbox.Event] = [
        PaymentRecorded(
            at=payment.recorded_at,
            payment_code=payment.code,
            settlement_code=owed.code,
            subject_code=payment.subject_code,
            amount_fen=payment.amount_fen,
            method=payment.method,
            waiting=payment.confirmed_at is None,
            person_id=payment.person_id,
        )
    ]
    if payment.confirmed_at is not None:
        told.append(_confirmed(payment, owed.code, person_id=payment.person_id))
    return told


def _lock_waiting(
    session: Session, payment_code: str, *, organisation_id: int, person_id: int
) -> tuple[PaymentRecord, Settlement]:
    found = session.exec(
        select(PaymentRecord, Settlement)
        .join(Settlement, col(Settlement.id) == col(PaymentRecord.settlement_id))
        .where(PaymentRecord.code == payment_code, Settlement.payer_id == organisation_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NoSuchPayment(payment_code=payment_code[:20])
    payment, settlement = found
    if payment.state != "waiting":
        raise PaymentNotWaiting(payment_code=payment.code)
    second = parties.second_hand(
        session, first_id=payment.person_id or 0, person_id=person_id,
        organisation_id=organisation_id,
    )  # fmt: skip
    if not second:
        raise SamePerson(payment_code=payment.code)
    return payment, settlement


def announce_confirmed(
    session: Session, payment: PaymentRecord, *, settlement_code: str, person_id: int | None
) -> None:
    """Say that a payment counts."""
    outbox.record(session, _confirmed(payment, settlement_code, person_id=person_id))


def _confirmed(
    payment: PaymentRecord, settlement_code: str, *, person_id: int | None
) -> PaymentConfirmed:
    return PaymentConfirmed(
        at=payment.confirmed_at or payment.recorded_at,
        payment_code=payment.code,
        settlement_code=settlement_code,
        subject_code=payment.subject_code,
        amount_fen=payment.amount_fen,
        person_id=person_id,
    )
