"""Orders to a provider: stored first, then called, then what it answered is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import jobs, outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.rails.protocol import (
    Answer,
    Money,
    Movement,
    Order,
    Purpose,
    RailUnsure,
    order_key,
)
from remelt.platform.settlement.rails.provider_errors import (
    NoSuchProviderOrder,
    RailCannot,
    SubjectFrozen,
    TooLargeForRail,
)
from remelt.platform.settlement.rails.provider_events import (
    PaymentDisputed,
    PaymentMoved,
    PaymentOrdered,
)
from remelt.platform.settlement.rails.provider_models import PaymentIntentRequest, ProviderDispute
from remelt.platform.settlement.rails.provider_posting import AGAINST, post_movement, posted
from remelt.platform.settlement.rails.provider_rules import Before, check_order
from remelt.platform.settlement.rails.provider_sight import Disputed, Sight

SEND: Final = "provider-send"
MOST_MINOR: Final = 99_999_999
# the provider forgets a key after 24 hours: from then on it is looked for before it is sent again
KEY_LIVES: Final = timedelta(hours=23)
METHODS: Final = {
    "collect": ("card", "alipay", "wechat_pay", "customer_balance"),
    "hold": ("card",),
}
FINAL: Final = ("done", "refused", "cancelled")


@dataclass(frozen=True, slots=True)
class Try:
    """One call to be made. look_first: the key may be forgotten, so look before sending it."""

    order: Order
    since: datetime
    look_first: bool


def store_order(
    session: Session,
    *,
    clock: Clock,
    subject: str,
    purpose: Purpose,
    money: Money,
    method: str = "",
    earlier: str = "",
    party: str = "",
    reference: str = "",
    after_key: str | None = None,
    person_id: int | None = None,
    provider: str = "stripe",
) -> PaymentIntentRequest:
    """Store what is to be asked of the provider; a job asks after the commit.

    subject: the contract, ticket or auction. earlier: the provider's name of what is captured,
    released, refunded or taken back. The same subject is ordered for one at a time.
    Raises `TooLargeForRail`, `RailCannot`, `SubjectFrozen`, or what `check_order` raises.
    """
    check_alone(purpose, money, method=method)
    rows = _locked(session, subject)
    check_frozen(session, subject=subject, purpose=purpose)
    check_order(purpose, money, earlier=earlier, before=[_before(row) for row in rows])
    seq = 1 + max((row.seq for row in rows if row.purpose == purpose), default=0)
    made = PaymentIntentRequest(
        order_key=order_key(subject=subject, purpose=purpose, seq=seq),
        provider=provider, subject=subject, purpose=purpose, seq=seq,
        amount_minor=money.amount_minor, currency=money.currency, method=method,
        reference=reference[:60], earlier=earlier, party=party, after_key=after_key,
        person_id=person_id, stored_at=clock.now(session),
    )  # fmt: skip
    session.add(made)
    session.flush()
    _enqueue(session, made, clock=clock)
    outbox.record(
        session,
        PaymentOrdered(
            at=made.stored_at, order_key=made.order_key, subject=subject, purpose=purpose,
            amount_minor=made.amount_minor, currency=made.currency, person_id=person_id,
        ),
    )  # fmt: skip
    return made


def check_alone(purpose: str, money: Money, *, method: str) -> None:
    """Refuse what no earlier order could allow. Raises `TooLargeForRail` or `RailCannot`."""
    if money.amount_minor > MOST_MINOR:
        raise TooLargeForRail(
            field="amount", amount_minor=money.amount_minor, most_minor=MOST_MINOR,
            currency=money.currency, remedy="bank",
        )  # fmt: skip
    if money.amount_minor <= 0:
        raise RailCannot(rail="stripe", reason="nothing-to-move")
    known = METHODS.get(purpose)
    if known is not None and method not in known:
        raise RailCannot(rail="stripe", reason=f"no-{purpose}-by-{method or 'nothing'}")


def check_frozen(session: Session, *, subject: str, purpose: str = "") -> None:
    """Refuse while a payment of the subject is disputed; money may still be taken back."""
    if purpose == "take-back":
        return
    found = session.exec(
        select(ProviderDispute.dispute_ref).where(
            ProviderDispute.subject == subject, col(ProviderDispute.closed_at).is_(None)
        )
    ).first()
    if found is not None:
        raise SubjectFrozen(subject=subject, dispute=found)


def order_of(row: PaymentIntentRequest) -> Order:
    """Return the order that a stored row stands for; it is the same each time."""
    return Order(
        key=row.order_key,
        purpose=row.purpose,  # type: ignore[arg-type]  # one_of keeps it
        subject=row.subject,
        money=Money(row.amount_minor, row.currency),
        reference=row.reference,
        earlier=row.earlier,
        party=row.party,
        method=row.method,
        metadata={"order": row.order_key, "subject": row.subject},
    )


def by_key(session: Session, key: str, *, lock: bool = False) -> PaymentIntentRequest:
    """Return the order stored under a key. Raises `NoSuchProviderOrder`."""
    statement = select(PaymentIntentRequest).where(PaymentIntentRequest.order_key == key)
    found = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NoSuchProviderOrder(key=key[:64])
    return found


def begin_try(session: Session, *, clock: Clock, key: str) -> Try | None:
    """Note a try before it is made; None when the order is answered already.

    Raises `RailUnsure` while the order that must be done first is not.
    """
    row = by_key(session, key, lock=True)
    if row.rail_ref or row.state in FINAL:
        return None
    if row.after_key is not None and by_key(session, row.after_key).state != "done":
        raise RailUnsure
    now = clock.now(session)
    first = row.first_tried_at or now
    row.sqlmodel_update({"first_tried_at": first, "tries": row.tries + 1})
    session.add(row)
    session.flush()
    return Try(order_of(row), since=first, look_first=now - first >= KEY_LIVES)


def again(session: Session, *, clock: Clock, key: str) -> None:
    """Let an order be sent once more, later: a job comes with the same key until it is answered."""
    row = by_key(session, key, lock=True)
    _enqueue(session, row, clock=clock, delay_s=delay_after(row.tries))


def delay_after(tries: int) -> int:
    """Return how many seconds to wait after so many tries."""
    return jobs.BACK_OFF_S[min(max(tries, 1), len(jobs.BACK_OFF_S)) - 1]


def take_in(session: Session, sight: Sight, *, clock: Clock, provider: str = "stripe") -> bool:
    """Keep what was seen: states, movements as entries, disputes. True when any of it is ours.

    Doing it again, or in another order, changes nothing more.
    """
    ours = [_take_answer(session, each) for each in sight.answers]
    ours += [_take_movement(session, each, provider=provider) for each in sight.movements]
    now = clock.now(session)
    ours += [_take_dispute(session, each, provider=provider, now=now) for each in sight.disputes]
    return any(ours)


def keep_answer(session: Session, answer: Answer, *, key: str) -> PaymentIntentRequest:
    """Keep what the provider answered to an order; a final state stays."""
    row = by_key(session, key, lock=True)
    if row.state not in FINAL:
        row.sqlmodel_update(
            {
                "state": answer.state,
                "rail_ref": answer.rail_ref or row.rail_ref,
                "reason": answer.reason[:200],
                "tell": dict(answer.tell),
                "tries": max(row.tries, 1),
                "first_tried_at": row.first_tried_at or row.stored_at,
            }
        )
        session.add(row)
        session.flush()
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


def _take_answer(session: Session, answer: Answer) -> bool:
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
    keep_answer(session, answer, key=row.order_key)
    return True


def _take_movement(session: Session, movement: Movement, *, provider: str) -> bool:
    subject = subject_of(session, order=movement.order_key, rail_ref=movement.text)
    if movement.kind not in AGAINST or not (subject or movement.kind == "payout"):
        return False
    _locked(session, subject)  # who posts the same movement at the same time waits here
    if posted(session, provider=provider, rail_refs=[movement.rail_ref]):
        return True
    post_movement(session, movement, provider=provider, subject=subject)
    outbox.record(
        session,
        PaymentMoved(
            at=movement.at, provider=provider, rail_ref=movement.rail_ref, subject=subject,
            kind=movement.kind, amount_minor=movement.amount_minor,
            fee_minor=movement.fee_minor, currency=movement.currency,
        ),
    )  # fmt: skip
    return True


def _take_dispute(session: Session, seen: Disputed, *, provider: str, now: datetime) -> bool:
    subject = subject_of(session, rail_ref=seen.payment_ref)
    if not subject:
        return False
    _locked(session, subject)
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


def _enqueue(
    session: Session, row: PaymentIntentRequest, *, clock: Clock, delay_s: int = 0
) -> None:
    jobs.enqueue(
        session, code=new_code(), kind=SEND, payload={"key": row.order_key}, clock=clock,
        delay_s=delay_s,
    )  # fmt: skip


def _locked(session: Session, subject: str) -> list[PaymentIntentRequest]:
    return list(
        session.exec(
            select(PaymentIntentRequest)
            .where(PaymentIntentRequest.subject == subject)
            .order_by(col(PaymentIntentRequest.id))
            .with_for_update()
        )
    )


def _before(row: PaymentIntentRequest) -> Before:
    return Before(
        row.purpose, row.state, Money(row.amount_minor, row.currency), row.rail_ref, row.earlier
    )
