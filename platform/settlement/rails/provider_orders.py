"""Orders to a provider: stored first, then called, then what it answered is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import jobs, outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.rails.protocol import (
    Money,
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
from remelt.platform.settlement.rails.provider_events import PaymentOrdered
from remelt.platform.settlement.rails.provider_models import PaymentIntentRequest, ProviderDispute
from remelt.platform.settlement.rails.provider_rules import Before, check_order

SEND: Final = "provider-send"
LOOK: Final = "provider-look"
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
    organisation_id: int | None = None,
    provider: str = "stripe",
) -> PaymentIntentRequest:
    """Store what is to be asked of the provider; a job asks after the commit.

    subject: the contract, ticket or auction. earlier: the provider's name of what is captured,
    released, refunded or taken back. The same subject is ordered for one at a time.
    Raises `TooLargeForRail`, `RailCannot`, `SubjectFrozen`, or what `check_order` raises.
    """
    check_alone(purpose, money, method=method)
    rows = lock_subject(session, subject)
    check_frozen(session, subject=subject, purpose=purpose)
    check_order(purpose, money, earlier=earlier, before=[before_of(row) for row in rows])
    seq = 1 + max((row.seq for row in rows if row.purpose == purpose), default=0)
    made = PaymentIntentRequest(
        order_key=order_key(subject=subject, purpose=purpose, seq=seq),
        provider=provider, subject=subject, purpose=purpose, seq=seq,
        amount_minor=money.amount_minor, currency=money.currency, method=method,
        reference=reference[:60], earlier=earlier, party=party, after_key=after_key,
        person_id=person_id, organisation_id=organisation_id, stored_at=clock.now(session),
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
            field="amount_yuan", amount_minor=money.amount_minor, most_minor=MOST_MINOR,
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
    found = frozen_by(session, subject=subject)
    if found is not None:
        raise SubjectFrozen(subject=subject, dispute=found)


def frozen_by(session: Session, *, subject: str) -> str | None:
    """Return the dispute that a subject's money stands still for, None while it moves."""
    return session.exec(
        select(ProviderDispute.dispute_ref).where(
            ProviderDispute.subject == subject, col(ProviderDispute.closed_at).is_(None)
        )
    ).first()


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


def look_soon(session: Session, *, clock: Clock, key: str) -> None:
    """Have the provider asked how an order stands, for who has come back from its page."""
    jobs.enqueue(session, code=new_code(), kind=LOOK, payload={"key": key}, clock=clock)


def delay_after(tries: int) -> int:
    """Return how many seconds to wait after so many tries."""
    return jobs.BACK_OFF_S[min(max(tries, 1), len(jobs.BACK_OFF_S)) - 1]


def _enqueue(
    session: Session, row: PaymentIntentRequest, *, clock: Clock, delay_s: int = 0
) -> None:
    jobs.enqueue(
        session, code=new_code(), kind=SEND, payload={"key": row.order_key}, clock=clock,
        delay_s=delay_s,
    )  # fmt: skip


def lock_subject(session: Session, subject: str) -> list[PaymentIntentRequest]:
    """Return the orders of a subject, oldest first, and hold them: one at a time is ordered."""
    return list(
        session.exec(
            select(PaymentIntentRequest)
            .where(PaymentIntentRequest.subject == subject)
            .order_by(col(PaymentIntentRequest.id))
            .with_for_update()
        )
    )


def before_of(row: PaymentIntentRequest) -> Before:
    """Return an order as the rules over its subject look at it."""
    return Before(
        row.purpose, row.state, Money(row.amount_minor, row.currency), row.rail_ref, row.earlier
    )
