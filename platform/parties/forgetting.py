"""Who of the parties is a person in the eyes of privacy, and blanking what is said of them.

A natural person is one; a household business (个体户) is one too: its name and address are its
holder's.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import delete
from sqlmodel import Session, col, select

from remelt.platform.kernel.codes import new_code
from remelt.platform.parties.models import (
    ApiToken,
    Filing,
    Membership,
    Organisation,
    Person,
    RecoveryCode,
    SignInSession,
    Site,
)

PERSONS: Final = ("natural_person", "household")
ERASED: Final = "erased"
MOST_AT_ONCE = 500
T = TypeVar("T")


def codes_of_persons(session: Session, *, codes: Collection[str]) -> frozenset[str]:
    """Return which of these codes of organisations and sites may lead to a person.

    A code that is not in the register counts as one: what is not known stays closed.
    """
    firms: set[str] = set()
    firm = col(Organisation.legal_form).not_in(PERSONS)
    for some in _portions(sorted(codes)):
        firms.update(
            session.exec(select(Organisation.code).where(col(Organisation.code).in_(some), firm))
        )
        firms.update(
            session.exec(
                select(Site.code)
                .join(Organisation, col(Organisation.id) == col(Site.organisation_id))
                .where(col(Site.code).in_(some), firm)
            )
        )
    return frozenset(codes) - firms


def person_of(session: Session, *, code: str) -> Person | None:
    """Return the person of this code, or None."""
    return session.exec(select(Person).where(Person.code == code)).one_or_none()


def organisations_of(session: Session, person: Person) -> list[Organisation]:
    """Return the organisations that are this person: of a person's legal form, nobody else's."""
    mine = session.exec(
        select(Organisation)
        .join(Membership, col(Membership.organisation_id) == col(Organisation.id))
        .where(Membership.person_id == person.key, col(Organisation.legal_form).in_(PERSONS))
        .distinct()
        .order_by(col(Organisation.id))
    )
    return [each for each in mine if not _others(session, each, person)]


def blank_person(session: Session, person: Person, *, at: datetime) -> tuple[str, ...]:
    """Leave nothing of a person but a row that others point at; return what was said of them."""
    said = (person.code, person.login, person.name, person.phone or "")
    mine = select(Membership.id).where(Membership.person_id == person.key)
    for table in (SignInSession, RecoveryCode):
        session.execute(delete(table).where(col(table.person_id) == person.key))
    session.execute(delete(ApiToken).where(col(ApiToken.membership_id).in_(mine)))
    for held in session.exec(select(Membership).where(Membership.person_id == person.key)):
        held.ended_at = held.ended_at or max(at, held.since)
        session.add(held)
    person.code = new_code()
    person.login = f"erased-{person.code.lower()}"
    person.name, person.phone, person.password_hash = ERASED, None, "!"
    person.totp_secret, person.totp_counter, person.active = None, None, False
    session.add(person)
    session.flush()
    return tuple(each for each in said if each)


def blank_organisation(session: Session, *, code: str) -> tuple[str, ...]:
    """Take name, place and papers from an organisation that is a person; return what was said."""
    row = session.exec(select(Organisation).where(Organisation.code == code)).one_or_none()
    if row is None:
        return (code,)
    said = [row.code, row.name_zh, row.name_en]
    row.code, row.name_zh, row.name_en = new_code(), ERASED, ERASED
    session.add(row)
    for site in session.exec(select(Site).where(Site.organisation_id == row.key)):
        said += [site.name_zh, site.name_en, site.address]
        site.name_zh, site.name_en, site.address = ERASED, ERASED, ""
        site.lat_e6, site.lon_e6 = None, None
        session.add(site)
    for paper in session.exec(select(Filing).where(Filing.organisation_id == row.key)):
        said.append(paper.number)
        paper.number = ERASED
        session.add(paper)
    session.flush()
    return tuple(each for each in said if each)


def _others(session: Session, organisation: Organisation, person: Person) -> bool:
    found = select(Membership.id).where(
        Membership.organisation_id == organisation.key,
        Membership.person_id != person.key,
        col(Membership.ended_at).is_(None),
    )
    return session.exec(found.limit(1)).first() is not None


def _portions(every: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(every), MOST_AT_ONCE):
        yield every[at : at + MOST_AT_ONCE]
