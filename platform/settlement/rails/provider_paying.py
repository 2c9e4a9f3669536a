"""What parties order of a provider: a settlement paid by card or wallet."""

from typing import Final

from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.settlement.accounts import lock_settlement
from remelt.platform.settlement.books import balance
from remelt.platform.settlement.by_provider import METHOD, PAID_FOR
from remelt.platform.settlement.errors import AmountNotPositive, NoSuchSettlement, PaysTooMuch
from remelt.platform.settlement.ledger.chart import CNY
from remelt.platform.settlement.models import PaymentInstruction, PaymentRecord
from remelt.platform.settlement.rails.protocol import Money
from remelt.platform.settlement.rails.provider_errors import NoSuchProviderOrder, PaymentUnderWay
from remelt.platform.settlement.rails.provider_models import PaymentIntentRequest
from remelt.platform.settlement.rails.provider_orders import store_order

ONLINE: Final = ("card", "alipay", "wechat_pay")
COMING: Final = ("stored", "waiting", "done")


def pay_online(
    session: Session,
    *,
    clock: Clock,
    settlement_code: str,
    organisation_id: int,
    person_id: int,
    amount_fen: int,
    method: str,
) -> PaymentIntentRequest:
    """Order a payment of what is open under a settlement; a job asks the provider afterwards.

    One at a time: while one is under way another is refused, so nothing is paid twice.
    Raises `NoSuchSettlement`, `SettlementSuperseded`, `AmountNotPositive`, `PaysTooMuch`,
    `PaymentUnderWay`, `TooLargeForRail`, `RailCannot` or `SubjectFrozen`.
    """
    owed = lock_settlement(session, code=settlement_code)
    if owed.payer_id != organisation_id or owed.kind not in PAID_FOR:
        raise NoSuchSettlement(settlement_code=settlement_code[:20])
    if amount_fen <= 0:
        raise AmountNotPositive(field="amount_yuan")
    open_fen = balance(session, owed).open_fen
    if amount_fen > open_fen:
        raise PaysTooMuch(field="amount_yuan", open_yuan=f"{open_fen // 100}.{open_fen % 100:02d}")
    coming = under_way(session, subject=owed.subject_code)
    if coming > 0:
        raise PaymentUnderWay(amount_minor=coming, currency=CNY)
    return store_order(
        session,
        clock=clock,
        subject=owed.subject_code,
        purpose="collect",
        money=Money(amount_fen),
        method=method,
        reference=_reference(session, owed.key),
        person_id=person_id,
        organisation_id=organisation_id,
    )


def under_way(session: Session, *, subject: str) -> int:
    """Return what was ordered to be paid for a subject and is no payment yet, nor refused."""
    ordered = session.exec(
        select(func.coalesce(func.sum(PaymentIntentRequest.amount_minor), 0)).where(
            PaymentIntentRequest.subject == subject,
            PaymentIntentRequest.purpose == "collect",
            col(PaymentIntentRequest.state).in_(COMING),
        )
    ).one()
    moved = session.exec(
        select(func.coalesce(func.sum(PaymentRecord.amount_fen), 0)).where(
            PaymentRecord.subject_code == subject,
            PaymentRecord.method == METHOD,
            PaymentRecord.amount_fen > 0,
        )
    ).one()
    return int(ordered) - int(moved)


def online_payments(session: Session, *, subject: str) -> list[PaymentIntentRequest]:
    """Return what was ordered to be paid online for a subject, the newest first."""
    return list(
        session.exec(
            select(PaymentIntentRequest)
            .where(
                PaymentIntentRequest.subject == subject,
                PaymentIntentRequest.purpose == "collect",
            )
            .order_by(col(PaymentIntentRequest.id).desc())
        )
    )


def own_order(session: Session, *, key: str, organisation_id: int) -> PaymentIntentRequest:
    """Return what an organisation is to pay, by its key. Raises `NoSuchProviderOrder`."""
    found = session.exec(
        select(PaymentIntentRequest).where(
            PaymentIntentRequest.order_key == key,
            PaymentIntentRequest.organisation_id == organisation_id,
        )
    ).one_or_none()
    if found is None:
        raise NoSuchProviderOrder(key=key[:64])
    return found


def payer_person(session: Session, *, subject: str, order_key: str) -> int | None:
    """Return who ordered a payment: by the order, else the last who paid for the subject."""
    asked = select(PaymentIntentRequest.person_id).where(
        col(PaymentIntentRequest.person_id).is_not(None)
    )
    found = session.exec(asked.where(PaymentIntentRequest.order_key == order_key)).first()
    if found is not None:
        return found
    return session.exec(
        asked.where(
            PaymentIntentRequest.subject == subject,
            PaymentIntentRequest.purpose == "collect",
        ).order_by(col(PaymentIntentRequest.id).desc())
    ).first()


def _reference(session: Session, settlement_id: int) -> str:
    found = session.exec(
        select(PaymentInstruction.reference).where(
            PaymentInstruction.settlement_id == settlement_id
        )
    ).first()
    return found or ""
