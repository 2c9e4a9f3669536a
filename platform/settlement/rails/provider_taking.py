"""Keeping what a provider answered, and what was seen there: states, movements, disputes, once."""

from datetime import datetime

from sqlmodel import Session, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.settlement.rails.protocol import Answer, Movement
from remelt.platform.settlement.rails.provider_events import (
    PaymentDisputed,
    PaymentHeld,
    PaymentMoved,
    PaymentRefused,
)
from remelt.platform.settlement.rails.provider_models import (
    ConnectedAccount,
    PaymentIntentRequest,
    ProviderDispute,
)
from remelt.platform.settlement.rails.provider_orders import FINAL, by_key, lock_subject
from remelt.platform.settlement.rails.provider_posting import AGAINST, post_movement, posted
from remelt.platform.settlement.rails.provider_sight import AccountSeen, Disputed, Sight


def take_in(session: Session, sight: Sight, *, clock: Clock, provider: str = "stripe") -> bool:
    """Keep what was seen: states, movements as entries, disputes. True when any of it is ours.

    Doing it again, or in another order, changes nothing more.
    """
    ours = [_take_answer(session, each, clock=clock) for each in sight.answers]
    ours += [_take_movement(session, each, provider=provider) for each in sight.movements]
    now = clock.now(session)
    ours += [_take_dispute(session, each, provider=provider, now=now) for each in sight.disputes]
    ours += [take_account(session, each, now=now) for each in sight.accounts]
    return any(ours)


def take_account(session: Session, seen: AccountSeen, *, now: datetime) -> bool:
    """Keep how a seller's account stands; False when it is none of ours."""
    row = session.exec(
        select(ConnectedAccount)
        .where(ConnectedAccount.account_ref == seen.account_ref)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return False
    row.sqlmodel_update({"transfers": seen.transfers, "wanted": list(seen.wanted), "seen_at": now})
    session.add(row)
    session.flush()
    return True


def keep_answer(
    session: Session, answer: Answer, *, clock: Clock, key: str
) -> PaymentIntentRequest:
    """Keep what the provider answered to an order; a final state stays.

    Money that a payer's bank holds from now on is announced, and what was refused.
    """
    row = by_key(session, key, lock=True)
    before = row.state
    if before in FINAL:
        return row
    row.sqlmodel_update(
        {
            "state": answer.state,
            "rail_ref": answer.rail_ref or row.rail_ref,
            "reason": answer.reason[:200],
            "tell": row.tell | dict(answer.tell),
            "tries": max(row.tries, 1),
            "first_tried_at": row.first_tried_at or row.stored_at,
        }
    )
    session.add(row)
    session.flush()
    if before != row.state and "held" in {before, row.state}:
        outbox.record(session, _held_or_let_go(row, at=clock.now(session)))
    if row.state == "refused":
        outbox.record(session, _refused(row, at=clock.now(session)))
    return row


def subject_of(session: Session, *, order: str = "", rail_ref: str = "") -> str:
    """Return what money is for, by our key or the provider's name; "" when it is not ours."""
    if order:
        found = session.exec(
            select(PaymentIntentRequest.subject).where(PaymentIntentRequest.order_key == order)
        ).first()
        if found is not None:
            return found
    if not rail_ref:
        return ""
    named = session.exec(
        select(PaymentIntentRequest.subject).where(PaymentIntentRequest.rail_ref == rail_ref)
    ).first()
    return named or ""


def _held_or_let_go(row: PaymentIntentRequest, *, at: datetime) -> PaymentHeld:
    return PaymentHeld(
        at=at, order_key=row.order_key, subject=row.subject, held=row.state == "held",
        amount_minor=row.amount_minor, currency=row.currency,
    )  # fmt: skip


def _refused(row: PaymentIntentRequest, *, at: datetime) -> PaymentRefused:
    return PaymentRefused(
        at=at, order_key=row.order_key, subject=row.subject, purpose=row.purpose,
        amount_minor=row.amount_minor, currency=row.currency, reason=row.reason,
    )  # fmt: skip


def _take_answer(session: Session, answer: Answer, *, clock: Clock) -> bool:
    key = answer.tell.get("order", "")
    row = session.exec(
        select(PaymentIntentRequest).where(
            PaymentIntentRequest.order_key == key
            if key
            else PaymentIntentRequest.rail_ref == answer.rail_ref
        )
    ).first()
    if row is None:
        return False
    keep_answer(session, answer, clock=clock, key=row.order_key)
    return True


def _take_movement(session: Session, movement: Movement, *, provider: str) -> bool:
    subject = subject_of(session, order=movement.order_key, rail_ref=movement.text)
    if movement.kind not in AGAINST or not (subject or movement.kind == "payout"):
        return False
    lock_subject(session, subject)  # who posts the same movement at the same time waits here
    if posted(session, provider=provider, rail_refs=[movement.rail_ref]):
        return True
    post_movement(session, movement, provider=provider, subject=subject)
    outbox.record(
        session,
        PaymentMoved(
            at=movement.at, provider=provider, rail_ref=movement.rail_ref,
            order_key=movement.order_key, about_ref=movement.text, subject=subject,
            kind=movement.kind, amount_minor=movement.amount_minor,
            fee_minor=movement.fee_minor, currency=movement.currency,
        ),
    )  # fmt: skip
    return True


def _take_dispute(session: Session, seen: Disputed, *, provider: str, now: datetime) -> bool:
    subject = subject_of(session, rail_ref=seen.payment_ref)
    if not subject:
        return False
    lock_subject(session, subject)
    row = session.exec(
        select(ProviderDispute).where(ProviderDispute.dispute_ref == seen.dispute_ref)
    ).first() or ProviderDispute(
        dispute_ref=seen.dispute_ref, provider=provider, subject=subject,
        amount_minor=seen.amount_minor, currency=seen.currency, status="", opened_at=now,
    )  # fmt: skip
    if row.status == seen.status:
        return True
    closed_at = None if seen.open else row.closed_at or now
    row.sqlmodel_update({"status": seen.status, "closed_at": closed_at})
    session.add(row)
    session.flush()
    outbox.record(
        session,
        PaymentDisputed(
            at=now, provider=provider, dispute_ref=row.dispute_ref, subject=subject,
            status=row.status, open=seen.open, amount_minor=row.amount_minor,
            currency=row.currency,
        ),
    )  # fmt: skip
    return True
