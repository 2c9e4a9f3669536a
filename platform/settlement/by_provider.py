"""Payments that a provider says have moved: recorded as what they pay, once a movement."""

from datetime import datetime

from sqlmodel import Session, select

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.accounts import keep_payment
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.ledger.chart import CNY
from remelt.platform.settlement.models import PaymentRecord, Settlement

METHOD = "stripe"
PAID_FOR = ("contract", "tolling")


def record_by_provider(
    session: Session,
    *,
    subject_code: str,
    amount_minor: int,
    currency: str,
    rail_ref: str,
    person_id: int,
    paid_at: datetime,
    now: datetime,
) -> PaymentRecord | None:
    """Record what a provider moved for a contract: paid above zero, handed back below.

    It counts at once: the provider is the second person. More than is open is recorded too, for
    the money is there: the payee then owes the difference back. None where nothing is settled
    under `subject_code`, or in another currency. The same movement again is the same payment.
    """
    owed = settled_for(session, subject_code=subject_code, lock=True)
    if owed is None or currency != CNY:
        return None
    before = session.exec(
        select(PaymentRecord).where(
            PaymentRecord.subject_code == subject_code,
            PaymentRecord.method == METHOD,
            PaymentRecord.reference == rail_ref,
        )
    ).first()
    if before is not None:
        return before
    payment = PaymentRecord(
        code=new_code(), settlement_id=owed.key, subject_code=owed.subject_code,
        amount_fen=amount_minor, method=METHOD, reference=rail_ref[:60],
        paid_on=paid_at.astimezone(BEIJING).date(), person_id=person_id, recorded_at=now,
        needs_second=False, confirmed_at=now,
    )  # fmt: skip
    return keep_payment(session, payment, owed=owed)


def settled_for(session: Session, *, subject_code: str, lock: bool = False) -> Settlement | None:
    """Return the settlement in force of a contract or a metal account."""
    for kind in PAID_FOR:
        owed = in_force(session, kind=kind, subject_code=subject_code, lock=lock)
        if owed is not None:
            return owed
    return None
