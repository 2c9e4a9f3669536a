"""People get a login, join organisations in a role, and leave."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries
from remelt.platform.parties.errors import (
    AlreadyMember,
    LastOperator,
    LoginTaken,
    MembershipEnded,
    NoSuchMembership,
)
from remelt.platform.parties.events import Joined, Left, PersonAdded, PersonChanged
from remelt.platform.parties.models import LOCALES, Membership, Organisation, Person
from remelt.platform.parties.permissions import OPERATOR, ROLES
from remelt.platform.parties.rules import (
    check_choice,
    check_role,
    read_login,
    read_name,
    read_phone,
)


def add_person(
    session: Session,
    *,
    clock: Clock,
    login: str,
    name: str,
    password_hash: str,
    phone: str = "",
    locale: str = "zh_CN",
) -> Person:
    """Give a person a login. The password comes hashed; nobody here sees it.

    Raises `BadLogin`, `BadName`, `BadPhone`, `UnknownChoice` or `LoginTaken`.
    """
    tidy = read_login(login)
    check_choice(locale, among=LOCALES, field="locale")
    if queries.person_by_login(session, login=tidy) is not None:
        raise LoginTaken(field="login", login=tidy)
    now = clock.now(session)
    person = Person(
        code=new_code(),
        login=tidy,
        name=read_name(name, field="name", most=60),
        phone=read_phone(phone),
        password_hash=password_hash,
        password_at=now,
        locale=locale,
        added_at=now,
    )
    session.add(person)
    try:
        session.flush()
    except IntegrityError as reason:
        raise LoginTaken(field="login", login=tidy) from reason
    outbox.record(session, PersonAdded(at=now, person_code=person.code, person_id=person.key))
    return person


def join(
    session: Session,
    *,
    clock: Clock,
    person_id: int,
    organisation_id: int,
    role: str,
    by_person_id: int | None = None,
) -> Membership:
    """Give a person a role in an organisation, from now on.

    Raises `UnknownChoice`, `NoSuchOrganisation`, `NoSuchPerson`, `RoleNotForNaturalPerson` or
    `AlreadyMember`.
    """
    check_choice(role, among=ROLES, field="role")
    organisation = queries.organisation_by_id(session, organisation_id=organisation_id, lock=True)
    check_role(organisation.legal_form, role)
    person = queries.person_by_id(session, person_id=person_id)
    if _in_force(session, person_id=person.key, organisation_id=organisation.key, role=role):
        raise AlreadyMember(field="role")
    membership = Membership(
        code=new_code(),
        person_id=person.key,
        organisation_id=organisation.key,
        role=role,
        by_person_id=by_person_id,
        since=clock.now(session),
    )
    session.add(membership)
    session.flush()
    outbox.record(
        session,
        Joined(
            at=membership.since,
            person_code=person.code,
            person_id=person.key,
            organisation_code=organisation.code,
            organisation_id=organisation.key,
            role=role,
            by_person_id=by_person_id,
        ),
    )
    return membership


def leave(
    session: Session,
    *,
    clock: Clock,
    membership_code: str,
    organisation_id: int | None = None,
    by_person_id: int | None = None,
) -> Membership:
    """End a membership; what it allowed is refused from the next request on.

    organisation_id: only a membership of this organisation is found, None for any.

    Raises `NoSuchMembership`, `MembershipEnded` or `LastOperator`.
    """
    found = session.exec(
        select(Membership, Person, Organisation)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .join(Organisation, col(Organisation.id) == col(Membership.organisation_id))
        .where(Membership.code == membership_code)
        .with_for_update()
    ).one_or_none()
    if found is None or organisation_id not in {None, found[0].organisation_id}:
        raise NoSuchMembership(membership_code=membership_code[:20])
    membership, person, organisation = found
    if membership.ended_at is not None:
        raise MembershipEnded(membership_code=membership.code)
    if membership.role == OPERATOR and len(_operators(session)) == 1:
        raise LastOperator(membership_code=membership.code)
    membership.ended_at = clock.now(session)
    outbox.record(
        session,
        Left(
            at=membership.ended_at,
            person_code=person.code,
            person_id=person.key,
            organisation_code=organisation.code,
            organisation_id=organisation.key,
            role=membership.role,
            by_person_id=by_person_id,
        ),
    )
    return membership


def set_active(
    session: Session,
    *,
    clock: Clock,
    person_code: str,
    active: bool,
    by_person_id: int | None = None,
) -> Person:
    """Let a person sign in, or not; sessions of one who may not end at once.

    Raises `NoSuchPerson`.
    """
    person = queries.person(session, code=person_code, lock=True)
    if person.active != active:
        person.active = active
        changed = "activated" if active else "deactivated"
        _changed(session, person, clock=clock, changed=changed, by_person_id=by_person_id)
    return person


def set_password(
    session: Session,
    *,
    clock: Clock,
    person_id: int,
    password_hash: str,
    by_person_id: int | None = None,
) -> Person:
    """Replace the hash of a person's password. Raises `NoSuchPerson`."""
    person = queries.person_by_id(session, person_id=person_id, lock=True)
    person.password_hash = password_hash
    person.password_at = clock.now(session)
    _changed(session, person, clock=clock, changed="password", by_person_id=by_person_id)
    return person


def keep_hash(session: Session, *, person_id: int, password_hash: str) -> None:
    """Keep the same password under a hash of newer parameters. Raises `NoSuchPerson`."""
    person = queries.person_by_id(session, person_id=person_id, lock=True)
    person.password_hash = password_hash


def _changed(
    session: Session, person: Person, *, clock: Clock, changed: str, by_person_id: int | None
) -> None:
    event = PersonChanged(
        at=clock.now(session),
        person_code=person.code,
        person_id=person.key,
        changed=changed,
        by_person_id=by_person_id,
    )
    outbox.record(session, event)


def _in_force(session: Session, *, person_id: int, organisation_id: int, role: str) -> bool:
    held = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.organisation_id == organisation_id,
        Membership.role == role,
        col(Membership.ended_at).is_(None),
    )
    return session.exec(held).first() is not None


def _operators(session: Session) -> list[int | None]:
    in_force = (
        select(Membership.id)
        .where(Membership.role == OPERATOR, col(Membership.ended_at).is_(None))
        .order_by(col(Membership.id))
        .with_for_update()
    )
    return list(session.exec(in_force))
