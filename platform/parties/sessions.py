"""Sign-in sessions: rows that can be listed and ended, with a limit on idleness and on age."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock, DatabaseTime
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries
from remelt.platform.parties.errors import NoSuchMembership, NoSuchSession
from remelt.platform.parties.events import SessionRevoked, SignedInHere
from remelt.platform.parties.models import Membership, Person, SignInSession

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that counts, and whose it is. The hash serves to check the password again.

    due: whether its use should be noted again, which is done to five minutes.
    """

    id: int
    code: str
    membership_id: int | None
    due: bool
    person_id: int
    person_code: str
    login: str
    name: str
    locale: str
    password_hash: str
    totp_secret: str | None


def hashed(token: str) -> str:
    """Return what is kept of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def counts(row: SignInSession, *, now: datetime) -> bool:
    """Tell whether a session counts: not ended, not idle for `IDLE`, not older than `LONGEST`."""
    fresh = now < row.seen_at + IDLE and now < row.created_at + LONGEST
    return row.revoked_at is None and fresh


def open_session(
    session: Session, *, clock: Clock, person_id: int, device: str = "", address: str = ""
) -> tuple[SignInSession, str]:
    """Start a session for a person whose proofs were checked; return it and its token.

    A person in one membership works in it at once; one in several chooses first. The token is
    told once and not kept. device: what the browser calls itself. address: where it came from.

    Raises `NoSuchPerson`.
    """
    person = queries.person_by_id(session, person_id=person_id)
    held = queries.memberships(session, person_id=person.key)
    now = clock.now(session)
    token = secrets.token_urlsafe(32)
    row = SignInSession(
        code=new_code(),
        token_sha256=hashed(token),
        person_id=person.key,
        membership_id=held[0].id if len(held) == 1 else None,
        device="".join(c for c in device if c.isprintable())[:200],
        address=address[:45],
        created_at=now,
        seen_at=now,
    )
    session.add(row)
    session.flush()
    event = SignedInHere(
        at=now, person_code=person.code, person_id=person.key, session_code=row.code
    )
    outbox.record(session, event)
    return row, token


def live_session(session: Session, *, token: str, clock: Clock) -> LiveSession | None:
    """Return the session of a token when it counts and its person may sign in, else None."""
    found = session.exec(
        select(SignInSession, Person, DatabaseTime().label("told_at"))
        .join(Person, col(Person.id) == col(SignInSession.person_id))
        .where(SignInSession.token_sha256 == hashed(token), col(Person.active).is_(True))
    ).one_or_none()
    if found is None:
        return None
    row, person, told_at = found
    now = clock.now(session, told=told_at)
    if not counts(row, now=now):
        return None
    return LiveSession(
        id=row.key,
        code=row.code,
        membership_id=row.membership_id,
        due=now >= row.seen_at + SEEN_EVERY,
        person_id=person.key,
        person_code=person.code,
        login=person.login,
        name=person.name,
        locale=person.locale,
        password_hash=person.password_hash,
        totp_secret=person.totp_secret,
    )


def mark_seen(session: Session, *, clock: Clock, session_id: int) -> None:
    """Note that a session is in use, which keeps it from falling idle."""
    session.execute(
        update(SignInSession)
        .where(col(SignInSession.id) == session_id)
        .values(seen_at=clock.now(session))
    )


def choose_membership(
    session: Session, *, session_id: int, person_id: int, membership_code: str
) -> Membership:
    """Work in another of the person's memberships from now on. Raises `NoSuchMembership`."""
    membership = session.exec(
        select(Membership).where(
            Membership.code == membership_code,
            Membership.person_id == person_id,
            col(Membership.ended_at).is_(None),
        )
    ).one_or_none()
    row = session.get(SignInSession, session_id)
    if membership is None or row is None:
        raise NoSuchMembership(membership_code=membership_code[:20])
    row.membership_id = membership.key
    return membership


def sessions_of(session: Session, *, clock: Clock, person_id: int) -> list[SignInSession]:
    """The sessions of a person that count, last used first."""
    rows = session.exec(
        select(SignInSession)
        .where(SignInSession.person_id == person_id, col(SignInSession.revoked_at).is_(None))
        .order_by(col(SignInSession.seen_at).desc(), col(SignInSession.id))
    )
    now = clock.now(session)
    return [row for row in rows if counts(row, now=now)]


def revoke_session(session: Session, *, clock: Clock, session_code: str, person_id: int) -> None:
    """End a session of this person; twice changes nothing. Raises `NoSuchSession`."""
    row = session.exec(
        select(SignInSession)
        .where(SignInSession.code == session_code, SignInSession.person_id == person_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchSession(session_code=session_code[:20])
    if row.revoked_at is None:
        _revoke(session, row, clock=clock)


def revoke_sessions(
    session: Session, *, clock: Clock, person_id: int, keep_code: str | None = None
) -> int:
    """End every session of a person but the one to keep; return how many ended."""
    rows = session.exec(
        select(SignInSession)
        .where(
            SignInSession.person_id == person_id,
            col(SignInSession.revoked_at).is_(None),
            SignInSession.code != (keep_code or ""),
        )
        .order_by(col(SignInSession.id))
        .with_for_update()
    ).all()
    for row in rows:
        _revoke(session, row, clock=clock)
    return len(rows)


def _revoke(session: Session, row: SignInSession, *, clock: Clock) -> None:
    row.revoked_at = clock.now(session)
    event = SessionRevoked(at=row.revoked_at, session_code=row.code, by_person_id=row.person_id)
    outbox.record(session, event)
