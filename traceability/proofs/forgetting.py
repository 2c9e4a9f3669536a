"""Erasing a person: at once, or closed until the law lets the records go and erased then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from remelt.platform.kernel.clock import Clock
from remelt.traceability.door.private import erase
from remelt.traceability.models import LedgerEvent, PrivateValue
from remelt.traceability.proofs.models import Restriction


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What became of a wish to be erased. until: None when it was done at once."""

    values: int
    until: datetime | None


def forget(session: Session, *, clock: Clock, subject: str, keep_days: int) -> Forgotten:
    """Erase a subject (`person:<code>`) whose last event is `keep_days` old, else restrict it.

    Restricted: kept for the statutory term, shown to nobody, erased when the term ends. Erasing
    destroys the subject's key and values; the events stay, and the log verifies as before.
    Asking again changes nothing.
    """
    now = clock.now(session)
    last: datetime | None = session.exec(
        select(func.max(LedgerEvent.occurred_at))
        .join(PrivateValue, col(PrivateValue.event_key) == col(LedgerEvent.id))
        .where(PrivateValue.subject == subject)
    ).one()
    until = now if last is None else last + timedelta(days=keep_days)
    if until <= now:
        return Forgotten(values=erase(session, subject=subject), until=None)
    known = session.exec(_open().where(Restriction.subject == subject)).first()
    if known is None:
        known = Restriction(subject=subject, asked_at=now, until=until)
        session.add(known)
        session.flush()
    return Forgotten(values=0, until=known.until)


def erase_due(session: Session, *, clock: Clock) -> int:
    """Erase every restricted subject whose term has ended; return how many."""
    now = clock.now(session)
    due = list(session.exec(_open().where(Restriction.until <= now)))
    for each in due:
        erase(session, subject=each.subject)
        each.erased_at = now
        session.add(each)
    session.flush()
    return len(due)


def restricted(session: Session) -> frozenset[str]:
    """Return the subjects of whom nothing may be shown."""
    return frozenset(session.exec(select(Restriction.subject)))


def _open() -> SelectOfScalar[Restriction]:
    return select(Restriction).where(col(Restriction.erased_at).is_(None))
