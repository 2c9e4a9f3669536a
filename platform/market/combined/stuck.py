"""A sale whose award could not be worked out: handed to its seller, never left being decided.

The solver's job is tried five times by the runner before it counts as failed.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, or_, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.jobs import Job
from remelt.platform.market.combined.deciding import ask_award
from remelt.platform.market.combined.errors import NoSuchSale, NotStuck
from remelt.platform.market.combined.events import CombinedSaleEnded, CombinedSaleStuck
from remelt.platform.market.combined.models import CombinedSale
from remelt.platform.market.combined.opening import lock_sale, lots_of

ENDS_AFTER: Final = timedelta(days=7)
REASON_LIMIT: Final = 200
AT_ONCE: Final = 20


def hand_back_due(session: Session, *, clock: Clock) -> int:
    """Hand back whatever is due, all in the session at hand."""
    codes = due(session, now=clock.now(session))
    return sum(hand_back(session, clock=clock, sale_code=code) for code in codes)


def due(
    session: Session, *, now: datetime, limit: int = AT_ONCE, but: Collection[str] = ()
) -> list[str]:
    """Return sales whose award failed for good, or that nobody decided about for a week."""
    rows = session.exec(
        select(CombinedSale.code)
        .join(Job, col(Job.code) == col(CombinedSale.job_code))
        .where(
            Job.state == "failed",
            col(CombinedSale.closed_at).is_not(None),
            col(CombinedSale.decided_at).is_(None),
            or_(
                col(CombinedSale.stuck_at).is_(None),
                col(CombinedSale.stuck_at) <= now - ENDS_AFTER,
            ),
            col(CombinedSale.code).not_in(list(but)),
        )
        .order_by(col(CombinedSale.id))
        .limit(limit)
    )
    return list(rows)


def hand_back(session: Session, *, clock: Clock, sale_code: str) -> bool:
    """Tell the seller that its award failed; end what it did not decide about for a week.

    True when this call did either.
    """
    sale = lock_sale(session, code=sale_code)
    job = session.exec(select(Job).where(Job.code == sale.job_code)).one()
    now = clock.now(session)
    if sale.decided_at is not None or job.state != "failed":
        return False
    if sale.stuck_at is not None:
        if now < sale.stuck_at + ENDS_AFTER:
            return False
        _end(session, sale, now=now)
        return True
    sale.stuck_at, sale.stuck_for = now, (job.error or "failed")[:REASON_LIMIT]
    session.add(sale)
    outbox.record(session, CombinedSaleStuck(at=now, sale_code=sale.code, reason=sale.stuck_for))
    return True


def decide_again(session: Session, *, clock: Clock, sale_code: str, seller_id: int) -> CombinedSale:
    """Have the award worked out again, from the offers as they stood at the close.

    Raises `NoSuchSale` for another's, `NotStuck`.
    """
    sale = _own_stuck(session, sale_code=sale_code, seller_id=seller_id)
    ask_award(session, sale, clock=clock)
    return sale


def end_sale(session: Session, *, clock: Clock, sale_code: str, seller_id: int) -> CombinedSale:
    """End a sale whose award failed: nothing is sold, lots and buyers are free.

    Raises `NoSuchSale` for another's, `NotStuck`.
    """
    sale = _own_stuck(session, sale_code=sale_code, seller_id=seller_id)
    _end(session, sale, now=clock.now(session))
    return sale


def _own_stuck(session: Session, *, sale_code: str, seller_id: int) -> CombinedSale:
    sale = lock_sale(session, code=sale_code)
    if sale.seller_id != seller_id:
        raise NoSuchSale(sale=sale_code[:20])
    if sale.stuck_at is None or sale.decided_at is not None:
        raise NotStuck(sale=sale.code)
    return sale


def _end(session: Session, sale: CombinedSale, *, now: datetime) -> None:
    for _lot, listing in lots_of(session, sale_id=sale.key):
        listing.released_at = listing.released_at or now
    sale.decided_at = now
    session.add(sale)
    outbox.record(session, CombinedSaleEnded(at=now, sale_code=sale.code))
