"""What the clock ends: each in a transaction of its own, so that one that fails holds up no other.

An end that cannot be made is put off, longer each time, and stands on the operator's desk until it
is made.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.store import Store
from remelt.platform.market import awarding, claiming
from remelt.platform.market.award_errors import NoSuchHoldup
from remelt.platform.market.combined import deciding, stuck
from remelt.platform.market.ending_models import Holdup
from remelt.platform.market.lining import fail_overdue
from remelt.platform.market.places import late_lines
from remelt.platform.market.tenders import buying

FIRST_WAIT: Final = timedelta(seconds=20)
LONGEST_WAIT: Final = timedelta(hours=1)
SAID: Final = 300
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class End:
    """One kind of end: what is due of it at a moment, except some, and how one is made."""

    kind: str
    due: Callable[[Session, datetime, Collection[str]], list[str]]
    make: Callable[[Session, Clock, str], bool]


ENDS: Final = (
    End(
        "auction",
        lambda session, now, but: awarding.due(session, now=now, but=but),
        lambda session, clock, code: awarding.close(session, clock=clock, listing_code=code),
    ),
    End(
        "turn",
        lambda session, now, but: late_lines(session, now=now, but=but),
        lambda session, clock, code: fail_overdue(session, clock=clock, listing_code=code),
    ),
    End(
        "claim",
        lambda session, now, but: [
            str(key)
            for key in claiming.due_claims(session, now=now, but=[int(each) for each in but])
        ],
        lambda session, clock, key: claiming.end_claim(session, clock=clock, deposit_id=int(key)),
    ),
    End(
        "sale",
        lambda session, now, but: deciding.due(session, now=now, but=but),
        lambda session, clock, code: deciding.close(session, clock=clock, sale_code=code),
    ),
    End(
        "award",
        lambda session, now, but: stuck.due(session, now=now, but=but),
        lambda session, clock, code: stuck.hand_back(session, clock=clock, sale_code=code),
    ),
    End(
        "tender",
        lambda session, now, but: buying.due(session, now=now, but=but),
        lambda session, clock, code: buying.close(session, clock=clock, need_code=code),
    ),
)


def end_due(store: Store, *, clock: Clock) -> int:
    """End what is due, some of each kind; return how many ended. The next round takes the rest."""
    ended = 0
    for end in ENDS:
        try:
            ended += _end_apart(store, end, clock=clock)
        except Exception:
            log.exception("ends not looked for", kind=end.kind)
    return ended


def wait_after(tries: int) -> timedelta:
    """Return how long an end is left alone that failed so often: twice as long each time, to 1 h.

    >>> [str(wait_after(tries)) for tries in (1, 2, 9, 99)]
    ['0:00:20', '0:00:40', '1:00:00', '1:00:00']
    """
    return min(FIRST_WAIT * (1 << min(tries - 1, 10)), LONGEST_WAIT)


def holdups(session: Session) -> list[Holdup]:
    """Return the ends that could not be made, the oldest first."""
    return list(session.exec(select(Holdup).order_by(col(Holdup.first_at), col(Holdup.id))))


def try_again(session: Session, *, clock: Clock, kind: str, subject: str) -> Holdup:
    """Have an end tried in the next round. Raises `NoSuchHoldup`."""
    row = _holdup(session, kind=kind, subject=subject)
    if row is None:
        raise NoSuchHoldup
    row.again_at = max(row.last_at, clock.now(session))
    session.add(row)
    return row


def _end_apart(store: Store, end: End, *, clock: Clock) -> int:
    with store.read() as session:
        now = clock.now(session)
        put_off = session.exec(
            select(Holdup.subject).where(Holdup.kind == end.kind, col(Holdup.again_at) > now)
        ).all()
        due = end.due(session, now, put_off)
    return sum(_made(store, end, subject, clock=clock) for subject in due)


def _made(store: Store, end: End, subject: str, *, clock: Clock) -> bool:
    try:
        with store.write() as session:
            made = end.make(session, clock, subject)
            row = _holdup(session, kind=end.kind, subject=subject)
            if row is not None:
                session.delete(row)
    except Exception as reason:  # noqa: BLE001 - whatever is wrong with one, the others end
        log.warning("end put off", kind=end.kind, subject=subject, reason=repr(reason))
        _put_off(store, end, subject, reason=repr(reason), clock=clock)
        return False
    return made


def _put_off(store: Store, end: End, subject: str, *, reason: str, clock: Clock) -> None:
    with store.write() as session:
        row = _holdup(session, kind=end.kind, subject=subject)
        now = clock.now(session)
        if row is None:
            row = Holdup(
                kind=end.kind, subject=subject, tries=0, first_at=now, last_at=now, again_at=now,
                reason="",
            )  # fmt: skip
        row.tries, row.last_at, row.reason = row.tries + 1, now, reason[:SAID]
        row.again_at = now + wait_after(row.tries)
        session.add(row)


def _holdup(session: Session, *, kind: str, subject: str) -> Holdup | None:
    return session.exec(
        select(Holdup).where(Holdup.kind == kind, Holdup.subject == subject).with_for_update()
    ).one_or_none()
