"""The second factor: a time-based code, each used once, and recovery codes in its stead."""

from collections.abc import Collection

from sqlmodel import Session, col, delete, func, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.parties import queries
from remelt.platform.parties.events import PersonChanged
from remelt.platform.parties.models import Person, RecoveryCode
from remelt.platform.parties.sessions import hashed


def set_factor(
    session: Session,
    *,
    clock: Clock,
    person_id: int,
    totp_secret: str,
    recovery_codes: Collection[str],
) -> Person:
    """Ask this person for a code from now on. `totp_secret` comes sealed.

    Raises `NoSuchPerson`.
    """
    person = queries.person_by_id(session, person_id=person_id, lock=True)
    person.totp_secret = totp_secret
    set_recovery_codes(session, clock=clock, person_id=person.key, recovery_codes=recovery_codes)
    _record(session, person, clock=clock, changed="second-factor-set")
    return person


def end_factor(session: Session, *, clock: Clock, person_id: int) -> Person:
    """Ask this person for the password alone again. Raises `NoSuchPerson`."""
    person = queries.person_by_id(session, person_id=person_id, lock=True)
    person.totp_secret = None
    person.totp_counter = None
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person.key))
    _record(session, person, clock=clock, changed="second-factor-ended")
    return person


def set_recovery_codes(
    session: Session, *, clock: Clock, person_id: int, recovery_codes: Collection[str]
) -> None:
    """Replace the recovery codes; only their hashes are kept."""
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))
    now = clock.now(session)
    session.add_all(
        RecoveryCode(person_id=person_id, sha256=hashed(tidy_code(code)), made_at=now)
        for code in recovery_codes
    )


def use_recovery_code(session: Session, *, clock: Clock, person_id: int, typed: str) -> bool:
    """Spend a recovery code; tell whether it was one and not spent before."""
    row = session.exec(
        select(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.sha256 == hashed(tidy_code(typed)),
            col(RecoveryCode.used_at).is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        return False
    row.used_at = clock.now(session)
    return True


def recovery_codes_left(session: Session, *, person_id: int) -> int:
    """How many recovery codes were not spent."""
    left = select(func.count(col(RecoveryCode.id))).where(
        RecoveryCode.person_id == person_id, col(RecoveryCode.used_at).is_(None)
    )
    return session.exec(left).one()


def last_counter(session: Session, *, person_id: int) -> int | None:
    """The last time step that a code was used of."""
    return queries.person_by_id(session, person_id=person_id).totp_counter


def use_counter(session: Session, *, person_id: int, counter: int) -> bool:
    """Spend the code of a time step; tell whether this or a later one was not spent before."""
    person = queries.person_by_id(session, person_id=person_id, lock=True)
    if person.totp_counter is not None and counter <= person.totp_counter:
        return False
    person.totp_counter = counter
    return True


def tidy_code(typed: str) -> str:
    """Return a recovery code without spaces and hyphens, lower case."""
    return "".join(c for c in typed[:100].lower() if c.isalnum())


def _record(session: Session, person: Person, *, clock: Clock, changed: str) -> None:
    event = PersonChanged(
        at=clock.now(session),
        person_code=person.code,
        person_id=person.key,
        changed=changed,
        by_person_id=person.id,
    )
    outbox.record(session, event)
