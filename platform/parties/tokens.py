"""Access tokens for programs: `rmt_<code>_<secret>`, told once, kept as a hash."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.errors import NoSuchToken, TooManyTokens
from remelt.platform.parties.events import TokenIssued, TokenRevoked
from remelt.platform.parties.models import ApiToken, Membership
from remelt.platform.parties.permissions import PERMISSIONS
from remelt.platform.parties.rules import check_choice, read_name
from remelt.platform.parties.sessions import SEEN_EVERY, hashed

DAYS = (30, 90, 365)
MOST = 20


def issue_token(
    session: Session,
    *,
    clock: Clock,
    actor: Actor,
    name: str,
    scopes: Collection[str],
    days: int,
) -> tuple[ApiToken, str]:
    """Make a token that acts as the actor's membership within `scopes`; return it and its text.

    scopes: permissions; those that the role does not give stay without effect. days: 30, 90
    or 365 until it expires.

    Raises `BadName`, `UnknownChoice` or `TooManyTokens`.
    """
    check_choice(str(days), among=[str(d) for d in DAYS], field="days")
    for scope in scopes:
        check_choice(scope, among=PERMISSIONS, field="scopes")
    queries.person_by_id(session, person_id=actor.person_id, lock=True)
    now = clock.now(session)
    if sum(counts(row, now=now) for row in _rows(session, person_id=actor.person_id)) >= MOST:
        raise TooManyTokens(most=MOST)
    code = new_code()
    text = f"rmt_{code}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        code=code,
        token_sha256=hashed(text),
        name=read_name(name, field="name", most=60),
        membership_id=actor.membership_id,
        scopes=sorted(scopes),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    event = TokenIssued(
        at=now, token_code=code, person_code=actor.person_code, person_id=actor.person_id
    )
    outbox.record(session, event)
    return token, text


def counts(token: ApiToken, *, now: datetime) -> bool:
    """Tell whether a token counts: not ended and not expired."""
    return token.revoked_at is None and now < token.expires_at


def find_token(session: Session, *, clock: Clock, text: str) -> ApiToken | None:
    """Return the token of this text when it counts, else None."""
    token = session.exec(
        select(ApiToken).where(ApiToken.token_sha256 == hashed(text))
    ).one_or_none()
    return token if token is not None and counts(token, now=clock.now(session)) else None


def token_actor(session: Session, token: ApiToken) -> Actor | None:
    """Return who acts by the token: its membership as it is now, cut down to the scopes."""
    scopes = frozenset(token.scopes)
    return queries.actor(session, membership_id=token.membership_id, scopes=scopes)


def is_due(token: ApiToken, *, now: datetime) -> bool:
    """Tell whether the last use should be noted again; it is kept to five minutes."""
    return token.seen_at is None or now >= token.seen_at + SEEN_EVERY


def mark_used(session: Session, *, clock: Clock, token_code: str) -> None:
    """Note the use of a token."""
    token = session.exec(select(ApiToken).where(ApiToken.code == token_code)).one()
    token.seen_at = clock.now(session)


def tokens_of(session: Session, *, clock: Clock, person_id: int) -> list[ApiToken]:
    """The tokens of a person that count, newest first."""
    now = clock.now(session)
    return [row for row in _rows(session, person_id=person_id) if counts(row, now=now)]


def revoke_token(session: Session, *, clock: Clock, token_code: str, person_id: int) -> None:
    """End a token of this person; twice changes nothing. Raises `NoSuchToken`."""
    token = session.exec(
        select(ApiToken)
        .join(Membership, col(Membership.id) == col(ApiToken.membership_id))
        .where(ApiToken.code == token_code, Membership.person_id == person_id)
    ).one_or_none()
    if token is None:
        raise NoSuchToken(token_code=token_code[:20])
    if token.revoked_at is None:
        token.revoked_at = clock.now(session)
        event = TokenRevoked(at=token.revoked_at, token_code=token.code, by_person_id=person_id)
        outbox.record(session, event)


def _rows(session: Session, *, person_id: int) -> list[ApiToken]:
    statement = (
        select(ApiToken)
        .join(Membership, col(Membership.id) == col(ApiToken.membership_id))
        .where(Membership.person_id == person_id)
        .order_by(col(ApiToken.id).desc())
    )
    return list(session.exec(statement))
