"""Keys of private values: one secret per person, firm or site; destroying it erases them."""

import secrets
from collections.abc import Iterable

from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from remelt.traceability.door.bulk import OURS
from remelt.traceability.facts import Facts, Private, subjects
from remelt.traceability.models import Lot, PrivateValue, SubjectSecret

NOBODY = "system"
_SECRETS = (
    select(SubjectSecret.subject, SubjectSecret.secret)
    .where(col(SubjectSecret.subject).in_(bindparam("subjects", expanding=True)))
    .execution_options(**{OURS: True})
)


def org(code: str) -> Private:
    """Mark a firm's code as that firm's own private value."""
    return Private(f"org:{code}", code)


def person(actor: str) -> Private:
    """Mark who acted as that person's own private value."""
    return Private(actor or NOBODY, actor)


def of_site(site_code: str, value: object) -> Private:
    """Mark a value (site, exact time, mass, ticket) as private to the site."""
    return Private(f"site:{site_code}", value)


def keys_for(session: Session, *facts: Facts) -> dict[str, bytes]:
    """Return the key of every subject in `facts`; a new subject gets one."""
    wanted = sorted({subject for each in facts for subject in subjects(each)})
    known = _known(session, wanted)
    fresh = [subject for subject in wanted if subject not in known]
    if fresh:
        _make(session, fresh)
        known |= _known(session, fresh)
    return known


def erase(session: Session, *, subject: str) -> int:
    """Destroy a subject's key and opened values; return how many values are gone.

    The events stay and the log still verifies: what is left of the values is digests that
    nobody can link to them any more.
    """
    gone = session.connection().execute(
        delete(PrivateValue).where(col(PrivateValue.subject) == subject)
    )
    session.connection().execute(delete(SubjectSecret).where(col(SubjectSecret.subject) == subject))
    for name in ("owner", "custodian", "supplier"):
        session.connection().execute(
            update(Lot)
            .where(col(getattr(Lot, name)).in_((subject.removeprefix("org:"), subject)))
            .values({name: ""})
        )
    return gone.rowcount


def _known(session: Session, wanted: Iterable[str]) -> dict[str, bytes]:
    rows = session.execute(_SECRETS, {"subjects": list(wanted)})
    return {subject: secret for subject, secret in rows}  # noqa: C416 - a row is no pair


def _make(session: Session, fresh: Iterable[str]) -> None:
    rows = [{"subject": subject, "secret": secrets.token_bytes(32)} for subject in fresh]
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if postgres else sqlite.insert
    session.connection().execute(insert(SubjectSecret).values(rows).on_conflict_do_nothing())
