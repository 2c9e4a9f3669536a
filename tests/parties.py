"""Parties for tests: something valid to begin with."""

import itertools
from dataclasses import dataclass

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.store import Store
from remelt.platform.parties import queries
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Membership, Organisation, Person, Site
from remelt.platform.parties.people import add_person, join
from remelt.platform.parties.registering import add_site, register_organisation
from remelt.web.passwords import hash_password

PASSWORD = "scrap-metal-2026"
DOES = {
    "collector": ("collect",),
    "hub": ("purchase_point", "hub", "carry", "trade"),
    "smelter": ("smelt", "process"),
    "regulator": (),
    "operator": (),
    "auditor": (),
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Party:
    """An organisation with one site and one person in one role."""

    organisation: Organisation
    site: Site
    person: Person
    membership: Membership
    actor: Actor


def a_colleague(session: Session, *, clock: Clock, of: Party) -> Person:
    """Give a party's organisation a second person, let in by nobody of it."""
    number = next(_numbers)
    person = add_person(
        session, clock=clock, login=f"second{number}", name=f"二号{number}", password_hash="!"
    )
    join(
        session,
        clock=clock,
        person_id=person.key,
        organisation_id=of.organisation.key,
        role=of.actor.role,
    )
    return person


def a_party(
    session: Session,
    *,
    clock: Clock,
    role: str = "collector",
    name: str = "",
    login: str = "",
    password_hash: str = "!",
    legal_form: str = "enterprise",
    **site: object,
) -> Party:
    """Register an organisation with a site that does what `role` does, and a person in it.

    Ready for `session.flush()`ed reads in the same write session.
    """
    number = next(_numbers)
    organisation = register_organisation(
        session,
        clock=clock,
        name_zh=name or f"试验{number}号",
        name_en=name or f"Trial {number}",
        legal_form=legal_form,
        adcode="520115",
        demo=True,
    )
    place = {
        "name_zh": f"场地{number}",
        "name_en": f"Site {number}",
        "adcode": "520115",
        "capabilities": DOES[role],
        "lat_e6": 26_646_000 + number,
        "lon_e6": 106_625_000,
        "scale_division_g": 500,
        "second_person_above_fen": 1_000_000,
    }
    made = add_site(session, clock=clock, organisation_id=organisation.key, **(place | site))
    person = add_person(
        session,
        clock=clock,
        login=login or f"{role}{number}",
        name=f"试验{number}",
        password_hash=password_hash,
    )
    membership = join(
        session, clock=clock, person_id=person.key, organisation_id=organisation.key, role=role
    )
    actor = queries.actor(session, membership_id=membership.key)
    assert actor is not None
    return Party(organisation, made, person, membership, actor)


def some_people(store: Store, clock: Clock, **roles: str) -> dict[str, Party]:
    """Parties by the login of their person, each with its role, who can sign in."""
    secret = hash_password(PASSWORD)
    with store.write() as session:
        return {
            login: a_party(session, clock=clock, role=role, login=login, password_hash=secret)
            for login, role in roles.items()
        }
