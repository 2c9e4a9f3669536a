"""Purchases paid at the gate: owed and paid in the same breath, so that no money goes unseen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.accounts import confirm_payment, keep_payment, said_of
from remelt.platform.settlement.books import in_force, keep, put, settled_among, worked
from remelt.platform.settlement.errors import NoSuchPayment, NoSuchSettlement
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rules import Weighed, check_weighed
from remelt.platform.settlement.vouchers import (
    enter_all,
    enter_declined,
    recorded,
    settled,
)

TICKET_VOIDED = "ticket-voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePurchase:
    """What was bought at the gate under a ticket and paid at once.

    paid_fen: what changed hands; it differs from the lines' amounts by what was rounded off.
    waiting: a second person has still to confirm the payment.
    """

    ticket_code: str
    site_id: int
    payer_id: int
    lines: Sequence[Weighed]
    paid_fen: int
    method: str
    reference: str
    person_id: int
    waiting: bool


def record_gate_purchases(
    session: Session, *, clock: Clock, bought: Sequence[GatePurchase]
) -> list[Settlement]:
    """Record purchases as owed and paid, each table at once; a ticket that came before, not again.

    Returns the settlements that are new. Raises `NothingWeighed` and `DeductedTooMuch`.
    """
    for each in bought:
        check_weighed(each.lines)
    known = settled_among(session, kind="gate", subject_codes={e.ticket_code for e in bought})
    now = clock.now(session)
    fresh = [each for each in bought if each.ticket_code not in known]
    made = [worked(_owed(each, at=now), lines=each.lines, before=None, now=now) for each in fresh]
    keep(session, [(owed, each.lines) for owed, each in zip(made, fresh, strict=True)])
    paid = [
        (owed, _paid(owed, each) if each.paid_fen > 0 else None)
        for owed, each in zip(made, fresh, strict=True)
    ]
    payments = [(owed, payment) for owed, payment in paid if payment is not None]
    session.add_all(payment for _, payment in payments)
    vouchers = [
        voucher
        for owed, payment in paid
        for voucher in (
            settled(owed, before=None),
            *([] if payment is None else [recorded(payment, owed=owed)]),
        )
    ]
    enter_all(session, vouchers)
    outbox.record_all(
        session, [event for owed, payment in payments for event in said_of(payment, owed=owed)]
    )
    return made


def _owed(bought: GatePurchase, *, at: datetime) -> Settlement:
    return Settlement(
        code=new_code(),
        kind="gate",
        subject_code=bought.ticket_code,
        ticket_code=bought.ticket_code,
        revision=1,
        site_id=bought.site_id,
        payer_id=bought.payer_id,
        rounding_fen=bought.paid_fen - sum(line.amount_fen for line in bought.lines),
        net_g=0, deducted_g=0, payable_g=0, lines_fen=0, amount_fen=0,
        inputs={}, inputs_sha256="", computed_at=at,
    )  # fmt: skip


def _paid(owed: Settlement, bought: GatePurchase) -> PaymentRecord:
    return _payment(
        owed, at=owed.computed_at, paid_fen=bought.paid_fen, method=bought.method,
        reference=bought.reference, person_id=bought.person_id, waiting=bought.waiting,
    )  # fmt: skip


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
