"""Access tokens for programs: `rmt_<code>_<secret>`, told once, kept as a hash."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy
from sqlalchemy import Table, Text, bindparam
from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock, DatabaseTime
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.many import Among, as_texts
from remelt.platform.kernel.store import Store
from remelt.platform.kernel.together import Together
from remelt.platform.parties import queries
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.errors import NoSuchToken, TooManyTokens
from remelt.platform.parties.events import TokenIssued, TokenRevoked
from remelt.platform.parties.models import ApiToken, Membership, Organisation, Person
from remelt.platform.parties.permissions import PERMISSIONS
from remelt.platform.parties.rules import check_choice, read_name
from remelt.platform.parties.sessions import SEEN_EVERY, hashed

DAYS = (30, 90, 365)
MOST = 20
_TOKEN: Table = ApiToken.__table__  # type: ignore[attr-defined]
_MEMBER: Table = Membership.__table__  # type: ignore[attr-defined]
_PERSON: Table = Person.__table__  # type: ignore[attr-defined]
_ORGANISATION: Table = Organisation.__table__  # type: ignore[attr-defined]
_BEARER = (
    sqlalchemy.select(
        *(_TOKEN.c[name] for name in ("token_sha256", "code", "scopes")),
        *(_TOKEN.c[name] for name in ("expires_at", "revoked_at", "seen_at")),
        *(_MEMBER.c[name] for name in ("person_id", "organisation_id", "role")),
        *(_ORGANISATION.c[name] for name in ("name_zh", "name_en", "demo")),
        _TOKEN.c.membership_id,
        _PERSON.c.code.label("person_code"),
        _PERSON.c.name.label("person_name"),
        _PERSON.c.locale,
        _ORGANISATION.c.code.label("organisation_code"),
        DatabaseTime().label("told_at"),
    )
    .join_from(_TOKEN, _MEMBER, _MEMBER.c.id == _TOKEN.c.membership_id)
    .join(_PERSON, _PERSON.c.id == _MEMBER.c.person_id)
    .join(_ORGANISATION, _ORGANISATION.c.id == _MEMBER.c.organisation_id)
    .where(
        Among(_TOKEN.c.token_sha256, bindparam("hashes", type_=Text)),
        _MEMBER.c.ended_at.is_(None),
        _PERSON.c.active.is_(True),
    )
)


class Told(Protocol):
    """What decides whether a token counts: its row, or what was read of it."""

    expires_at: datetime
    revoked_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who acts by a token that counts. due: whether its use should be noted again."""

    token_code: str
    due: bool
    actor: Actor


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


def counts(token: Told, *, now: datetime) -> bool:
    """Tell whether a token counts: not ended and not expired."""
    return token.revoked_at is None and now < token.expires_at


def bearers_of(session: Session, *, texts: Collection[str], clock: Clock) -> dict[str, Bearer]:
    """Return who acts by the tokens of these texts: memberships as they are now, within scopes.

    What is no token, does not count, or whose membership or person is not in force any more, is
    left out. One plain statement: every call of a program begins with it.
    """
    named = {hashed(text): text for text in texts}
    rows = session.connection().execute(_BEARER, {"hashes": as_texts(named)}).all()
    found = {}
    for row in rows:
        now = clock.now(session, told=row.told_at)
        if counts(row, now=now):
            found[named[row.token_sha256]] = Bearer(row.code, _is_due(row, now=now), _actor(row))
    return found


def bearers(store: Store, *, clock: Clock) -> Together[str, Bearer | None]:
    """Return where it is asked who acts by a token; calls at the same time share a reading."""

    def read(texts: Sequence[str]) -> list[Bearer | None]:
        with store.read() as session:
            found = bearers_of(session, texts=set(texts), clock=clock)
        return [found.get(text) for text in texts]

    return Together(read)


def _actor(row: Any) -> Actor:
    return Actor(
        person_id=row.person_id,
        person_code=row.person_code,
        person_name=row.person_name,
        membership_id=row.membership_id,
        organisation_id=row.organisation_id,
        organisation_code=row.organisation_code,
        organisation_name_zh=row.name_zh,
        organisation_name_en=row.name_en,
        role=row.role,
        demo=row.demo,
        locale=row.locale,
        scopes=frozenset(row.scopes),
    )


def _is_due(token: Told, *, now: datetime) -> bool:
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
