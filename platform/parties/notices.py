"""What organisations are told: kept for their inbox, and recorded for who sends messages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam
from sqlmodel import Session, col, func, select, update

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.many import Among, as_texts
from remelt.platform.parties.events import NoticeGiven
from remelt.platform.parties.models import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What one organisation is to be told. told_as: the same said again is told once."""

    organisation_id: int
    kind: str
    subject: str
    told_as: str
    facts: dict[str, Any] = field(default_factory=dict)


def tell(session: Session, news: Iterable[News], *, clock: Clock) -> list[Notice]:
    """Put news into inboxes; what an organisation was told before is not told again.

    Two statements, whatever the number. Returns the notices that are new.
    """
    fresh = untold(session, news)
    if not fresh:
        return []
    now = clock.now(session)
    made = [
        Notice(
            organisation_id=each.organisation_id, kind=each.kind, subject=each.subject,
            facts=each.facts, told_as=each.told_as, at=now,
        )
        for each in fresh
    ]  # fmt: skip
    session.add_all(made)
    outbox.record_all(
        session,
        [
            NoticeGiven(
                at=now, organisation_id=row.organisation_id, kind=row.kind, subject=row.subject
            )
            for row in made
        ],
    )
    return made


def untold(session: Session, news: Iterable[News]) -> list[News]:
    """Return the news that was not told before, each once."""
    every = {(each.organisation_id, each.told_as): each for each in news}
    if not every:
        return []
    known = session.exec(
        select(Notice.organisation_id, Notice.told_as).where(
            Among(col(Notice.told_as), bindparam("told", type_=Text))
        ),
        params={"told": as_texts({told_as for _organisation, told_as in every})},
    )
    for key in known:
        every.pop(key, None)
    return list(every.values())


def inbox(
    session: Session, *, organisation_id: int, limit: int = 50, offset: int = 0
) -> list[Notice]:
    """Return what an organisation was told, the newest first."""
    return list(
        session.exec(
            select(Notice)
            .where(Notice.organisation_id == organisation_id)
            .order_by(col(Notice.id).desc())
            .limit(limit)
            .offset(offset)
        )
    )


def unread(session: Session, *, organisation_id: int) -> int:
    """Return how many notices nobody of the organisation has read."""
    return session.exec(
        select(func.count())
        .select_from(Notice)
        .where(Notice.organisation_id == organisation_id, col(Notice.read_at).is_(None))
    ).one()


def read(session: Session, *, clock: Clock, organisation_id: int, until: datetime) -> None:
    """Mark every notice given up to `until` as read; what came in since stays new."""
    session.execute(
        update(Notice)
        .where(
            col(Notice.organisation_id) == organisation_id,
            col(Notice.at) <= until,
            col(Notice.read_at).is_(None),
        )
        .values(read_at=clock.now(session))
    )
