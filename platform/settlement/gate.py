"""Purchases paid at the gate: owed and paid in the same breath, so that no money goes unseen."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.accounts import confirm_payment, keep_payment
from remelt.platform.settlement.books import in_force, put
from remelt.platform.settlement.errors import NoSuchPayment, NoSuchSettlement
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rules import Weighed, check_weighed
from remelt.platform.settlement.vouchers import enter_declined

TICKET_VOIDED = "ticket-voided"


def record_gate_purchase(
    session: Session,
    *,
    clock: Clock,
    ticket_code: str,
    site_id: int,
    payer_id: int,
    lines: Sequence[Weighed],
    paid_fen: int,
    method: str,
    reference: str,
    person_id: int,
    waiting: bool,
) -> Settlement:
    """Record what was bought at the gate and paid at once.

    paid_fen: what changed hands; it differs from the lines' amounts by what was rounded off.
    waiting: a second person has still to confirm the payment.
    """
    check_weighed(lines)
    made, fresh = put(
        session,
        Settlement(
            code=new_code(),
            kind="gate",
            subject_code=ticket_code,
            ticket_code=ticket_code,
            revision=1,
            site_id=site_id,
            payer_id=payer_id,
            rounding_fen=paid_fen - sum(line.amount_fen for line in lines),
            net_g=0, deducted_g=0, payable_g=0, lines_fen=0, amount_fen=0,
            inputs={}, inputs_sha256="", computed_at=clock.now(session),
        ),
        lines=lines,
        clock=clock,
    )  # fmt: skip
    if fresh and paid_fen > 0:
        payment = _payment(
            made, at=made.computed_at, paid_fen=paid_fen, method=method,
            reference=reference, person_id=person_id, waiting=waiting,
        )  # fmt: skip
        keep_payment(session, payment, owed=made)
    return made


def confirm_gate_purchase(
    session: Session, *, clock: Clock, ticket_code: str, person_id: int
) -> None:
    """Confirm, as the second person, the payment that waits for a gate ticket."""
    found = session.exec(
        select(PaymentRecord.code, Settlement.payer_id)
        .join(Settlement, col(Settlement.id) == col(PaymentRecord.settlement_id))
        .where(
            PaymentRecord.subject_code == ticket_code,
            col(PaymentRecord.confirmed_at).is_(None),
            col(PaymentRecord.declined_at).is_(None),
        )
    ).one_or_none()
    if found is None:
        raise NoSuchPayment(ticket_code=ticket_code)
    confirm_payment(
        session,
        clock=clock,
        payment_code=found[0],
        organisation_id=found[1],
        person_id=person_id,
    )


def void(
    session: Session,
    *,
    clock: Clock,
    kind: str,
    subject_code: str,
    ticket_code: str,
    person_id: int,
) -> Settlement:
    """Supersede a settlement by nothing owed, because its ticket was countered.

    At the gate the money goes back at once: a waiting payment is declined, a confirmed one is
    handed back. Under a contract what was paid stays and shows as owed back.
    Raises `NoSuchSettlement`.
    """
    before = in_force(session, kind=kind, subject_code=subject_code)
    if before is None:
        raise NoSuchSettlement(subject_code=subject_code)
    draft = before.model_dump(exclude={"id"}) | {
        "code": new_code(),
        "ticket_code": ticket_code,
        "rounding_fen": 0,
        "withheld_fen": 0,
    }
    made, _ = put(session, Settlement(**draft), lines=(), clock=clock)
    if kind == "gate":
        _hand_back(session, made, person_id=person_id)
    return made


def _hand_back(session: Session, made: Settlement, *, person_id: int) -> None:
    paid = session.exec(
        select(PaymentRecord)
        .where(PaymentRecord.subject_code == made.subject_code)
        .with_for_update()
    ).all()
    for payment in paid:
        if payment.state == "waiting":
            payment.sqlmodel_update({"declined_at": made.computed_at, "reason": TICKET_VOIDED})
            session.add(payment)
            enter_declined(session, payment, owed=made)
        elif payment.state == "confirmed":
            back = _payment(
                made, at=made.computed_at, paid_fen=-payment.amount_fen, method=payment.method,
                reference=made.ticket_code, person_id=person_id, waiting=False,
            )  # fmt: skip
            keep_payment(session, back, owed=made)


def _payment(
    made: Settlement,
    *,
    at: datetime,
    paid_fen: int,
    method: str,
    reference: str,
    person_id: int,
    waiting: bool,
) -> PaymentRecord:
    return PaymentRecord(
        code=new_code(),
        settlement_id=made.key,
        subject_code=made.subject_code,
        amount_fen=paid_fen,
        method=method,
        reference=reference[:60],
        paid_on=at.astimezone(BEIJING).date(),
        person_id=person_id,
        recorded_at=at,
        needs_second=waiting,
        confirmed_at=None if waiting else at,
    )
