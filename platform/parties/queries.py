"""What others read about the parties."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from remelt.platform.parties.actors import Actor
from remelt.platform.parties.errors import NoSuchOrganisation, NoSuchPerson, NoSuchSite
from remelt.platform.parties.models import Filing, Membership, Organisation, Person, Site, site_can

T = TypeVar("T")


def organisation(session: Session, *, code: str, lock: bool = False) -> Organisation:
    """The organisation with this code, locked on wish. Raises `NoSuchOrganisation`."""
    found = _one(session, select(Organisation).where(Organisation.code == code), lock=lock)
    if found is None:
        raise NoSuchOrganisation(organisation_code=code[:20])
    return found


def organisation_by_id(
    session: Session, *, organisation_id: int, lock: bool = False
) -> Organisation:
    """The organisation with this id, locked on wish. Raises `NoSuchOrganisation`."""
    found = _one(session, select(Organisation).where(Organisation.id == organisation_id), lock=lock)
    if found is None:
        raise NoSuchOrganisation
    return found


def organisations(
    session: Session, *, text: str = "", limit: int = 50, offset: int = 0
) -> list[Organisation]:
    """Organisations by name, those whose name holds `text`."""
    statement = select(Organisation).order_by(col(Organisation.name_zh), col(Organisation.id))
    if text:
        holds = (
            col(Organisation.name_zh).icontains(text, autoescape=True),
            col(Organisation.name_en).icontains(text, autoescape=True),
        )
        statement = statement.where(or_(*holds))
    return list(session.exec(statement.limit(limit).offset(offset)))


def site(
    session: Session, *, code: str, organisation_id: int | None = None, lock: bool = False
) -> Site:
    """The site with this code, of this organisation if given. Raises `NoSuchSite`."""
    statement = select(Site).where(Site.code == code)
    if organisation_id is not None:
        statement = statement.where(Site.organisation_id == organisation_id)
    found = _one(session, statement, lock=lock)
    if found is None:
        raise NoSuchSite(site_code=code[:20])
    return found


def site_by_id(
    session: Session, *, site_id: int, organisation_id: int | None = None, lock: bool = False
) -> Site:
    """The site with this id, of this organisation if given. Raises `NoSuchSite`."""
    statement = select(Site).where(Site.id == site_id)
    if organisation_id is not None:
        statement = statement.where(Site.organisation_id == organisation_id)
    found = _one(session, statement, lock=lock)
    if found is None:
        raise NoSuchSite
    return found


def organisations_by_id(session: Session, *, ids: Collection[int]) -> dict[int, Organisation]:
    """Return organisations by their id."""
    found = session.exec(select(Organisation).where(col(Organisation.id).in_(ids)))
    return {row.key: row for row in found}


def sites_of(
    session: Session,
    *,
    organisation_id: int,
    capability: str | None = None,
    closed: bool = False,
) -> list[Site]:
    """Open sites of an organisation (`closed` adds the closed ones), oldest first."""
    statement = select(Site).where(Site.organisation_id == organisation_id).order_by(col(Site.id))
    if capability is not None:
        statement = statement.where(site_can(capability))
    if not closed:
        statement = statement.where(col(Site.ended_at).is_(None))
    return list(session.exec(statement))


def sites_that(
    session: Session, *, capability: str, limit: int = 500
) -> list[tuple[Site, Organisation]]:
    """Open sites of any organisation with a capability, and whose they are, oldest first."""
    statement = (
        select(Site, Organisation)
        .join(Organisation, col(Organisation.id) == col(Site.organisation_id))
        .where(site_can(capability), col(Site.ended_at).is_(None))
        .order_by(col(Site.id))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.exec(statement)]


def person(session: Session, *, code: str, lock: bool = False) -> Person:
    """The person with this code. Raises `NoSuchPerson`."""
    found = _one(session, select(Person).where(Person.code == code), lock=lock)
    if found is None:
        raise NoSuchPerson(person_code=code[:20])
    return found


def person_by_id(session: Session, *, person_id: int, lock: bool = False) -> Person:
    """The person with this id. Raises `NoSuchPerson`."""
    found = _one(session, select(Person).where(Person.id == person_id), lock=lock)
    if found is None:
        raise NoSuchPerson
    return found


def person_by_login(session: Session, *, login: str) -> Person | None:
    """The person who signs in with this login, as `rules.read_login` keeps it."""
    return session.exec(select(Person).where(Person.login == login)).one_or_none()


def people(session: Session, *, text: str = "", limit: int = 200) -> list[Person]:
    """People by login, those whose name or login holds `text`."""
    statement = select(Person).order_by(col(Person.login)).limit(limit)
    if text:
        holds = (
            col(Person.name).icontains(text, autoescape=True),
            col(Person.login).icontains(text, autoescape=True),
        )
        statement = statement.where(or_(*holds))
    return list(session.exec(statement))


@dataclass(frozen=True, slots=True)
class MembershipLine:
    """One membership with the names that a page shows."""

    code: str
    id: int
    role: str
    since: datetime
    ended_at: datetime | None
    person_code: str
    person_name: str
    login: str
    active: bool
    organisation_code: str
    organisation_name_zh: str
    organisation_name_en: str
    demo: bool


def memberships(
    session: Session,
    *,
    person_id: int | None = None,
    organisation_id: int | None = None,
    ended: bool = False,
) -> list[MembershipLine]:
    """Memberships in force (`ended` adds past ones) of a person or organisation, oldest first."""
    statement = (
        select(Membership, Person, Organisation)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .join(Organisation, col(Organisation.id) == col(Membership.organisation_id))
        .order_by(col(Membership.id))
    )
    if person_id is not None:
        statement = statement.where(Membership.person_id == person_id)
    if organisation_id is not None:
        statement = statement.where(Membership.organisation_id == organisation_id)
    if not ended:
        statement = statement.where(col(Membership.ended_at).is_(None))
    return [_membership_line(*row) for row in session.exec(statement)]


def _membership_line(row: Membership, who: Person, where: Organisation) -> MembershipLine:
    return MembershipLine(
        code=row.code,
        id=row.key,
        role=row.role,
        since=row.since,
        ended_at=row.ended_at,
        person_code=who.code,
        person_name=who.name,
        login=who.login,
        active=who.active,
        organisation_code=where.code,
        organisation_name_zh=where.name_zh,
        organisation_name_en=where.name_en,
        demo=where.demo,
    )


def second_hand(session: Session, *, first_id: int, person_id: int, organisation_id: int) -> bool:
    """Tell whether a person may confirm what `first_id` did.

    Neither is it the same person, nor one whom `first_id` let into the organisation.
    """
    let_in = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.organisation_id == organisation_id,
        Membership.by_person_id == first_id,
        col(Membership.ended_at).is_(None),
    )
    return person_id != first_id and session.exec(let_in).first() is None


def actor(
    session: Session, *, membership_id: int, scopes: frozenset[str] | None = None
) -> Actor | None:
    """The actor of a membership in force of an active person, None when it is not (any more)."""
    found = session.exec(
        select(Membership, Person, Organisation)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .join(Organisation, col(Organisation.id) == col(Membership.organisation_id))
        .where(
            Membership.id == membership_id,
            col(Membership.ended_at).is_(None),
            col(Person.active).is_(True),
        )
    ).one_or_none()
    if found is None:
        return None
    row, who, where = found
    return Actor(
        person_id=who.key,
        person_code=who.code,
        person_name=who.name,
        membership_id=row.key,
        organisation_id=where.key,
        organisation_code=where.code,
        organisation_name_zh=where.name_zh,
        organisation_name_en=where.name_en,
        role=row.role,
        demo=where.demo,
        locale=who.locale,
        scopes=scopes,
    )


def filings_of(session: Session, *, organisation_id: int) -> list[Filing]:
    """Every filing that an organisation ever handed in, newest first."""
    statement = (
        select(Filing)
        .where(Filing.organisation_id == organisation_id)
        .order_by(col(Filing.id).desc())
    )
    return list(session.exec(statement))


def filings_waiting(session: Session, *, limit: int = 50) -> list[tuple[Filing, Organisation]]:
    """Filings that were handed in and wait to be verified, oldest first."""
    statement = (
        select(Filing, Organisation)
        .join(Organisation, col(Organisation.id) == col(Filing.organisation_id))
        .where(col(Filing.verified_at).is_(None), col(Filing.ended_at).is_(None))
        .order_by(col(Filing.id))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.exec(statement)]


def filing_kinds(session: Session, *, organisation_id: int, on: date) -> frozenset[str]:
    """Kinds of filings in force on a Beijing day; the same rule as `rules.in_force`, in SQL."""
    statement = select(Filing.kind).where(
        Filing.organisation_id == organisation_id,
        col(Filing.verified_at).is_not(None),
        col(Filing.ended_at).is_(None),
        or_(col(Filing.valid_until).is_(None), col(Filing.valid_until) >= on),
    )
    return frozenset(session.exec(statement))


def _one(session: Session, statement: SelectOfScalar[T], *, lock: bool) -> T | None:
    return session.exec(statement.with_for_update() if lock else statement).one_or_none()
