"""Erasing a person: at once, or closed until the law lets the records go and erased then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from remelt.platform.kernel.clock import Clock
from remelt.traceability.door.private import erase
from remelt.traceability.models import LedgerEvent, PrivateValue
from remelt.traceability.proofs.models import Restriction

ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What became of a wish to be erased. until: None when it was done at once."""

    values: int
    until: datetime | None


def forget(
    session: Session,
    *,
    clock: Clock,
    subject: str,
    keep_days: int,
    also: Sequence[str] = (),
    not_before: datetime | None = None,
) -> Forgotten:
    """Erase a subject (`person:<code>`) whose last event is `keep_days` old, else restrict it.

    also: subjects that are the same person (`org:<code>`); the last event of all counts.
    not_before: until when the law keeps what other rooms hold of the person.
    Restricted: kept for the statutory term, shown to nobody, erased when the term ends. Erasing
    destroys the subject's key and values; the events stay, and the log verifies as before.
    Asking again says the end as it stands now: later events put it off.
    """
    now = clock.now(session)
    subjects = (subject, *also)
    until = max(_end(session, each, keep_days=keep_days) or now for each in subjects)
    until = max(until, not_before or now)
    for each in subjects:
        _restrict(session, each, now=now, until=until)
    if until > now:
        return Forgotten(values=0, until=until)
    return Forgotten(values=sum(_erase(session, each, now=now) for each in subjects), until=None)


def erase_due(session: Session, *, clock: Clock, keep_days: int) -> list[str]:
    """Erase every restricted subject whose term has ended; return them.

    The term is reckoned anew from the last event: what happened since the request puts it off.
    """
    now, gone = clock.now(session), []
    for each in list(session.exec(_open().where(Restriction.until <= now))):
        end = _end(session, each.subject, keep_days=keep_days) or now
        if end > now:
            each.until = end
            session.add(each)
            continue
        gone.append(each.subject)
        _erase(session, each.subject, now=now)
    session.flush()
    return gone


def restricted(session: Session) -> frozenset[str]:
    """Return the subjects of whom nothing may be shown."""
    return frozenset(session.exec(select(Restriction.subject).where(_waits())))


def _end(session: Session, subject: str, *, keep_days: int) -> datetime | None:
    """Return when the law lets a subject go: None when no event names it."""
    last: datetime | None = session.exec(
        select(func.max(LedgerEvent.occurred_at))
        .join(PrivateValue, col(PrivateValue.event_key) == col(LedgerEvent.id))
        .where(PrivateValue.subject == subject)
    ).one()
    return None if last is None else last + timedelta(days=keep_days)


def _restrict(session: Session, subject: str, *, now: datetime, until: datetime) -> None:
    known = session.exec(_open().where(Restriction.subject == subject)).first()
    if known is None:
        known = Restriction(subject=subject, asked_at=now, until=until)
    known.until = until
    session.add(known)
    session.flush()


def _erase(session: Session, subject: str, *, now: datetime) -> int:
    """Erase a subject and say so in its restriction, without its name."""
    for each in session.exec(_open().where(Restriction.subject == subject)).all():
        each.subject, each.erased_at = ERASED, now
        session.add(each)
    session.flush()
    return erase(session, subject=subject)


def _waits() -> ColumnElement[bool]:
    return col(Restriction.erased_at).is_(None)


def _open() -> SelectOfScalar[Restriction]:
    return select(Restriction).where(_waits())
