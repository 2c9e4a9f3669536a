"""A collector joins by filling in one page: person, organisation and first site at once."""

from dataclasses import dataclass

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.parties.models import Membership, Organisation, Person, Site
from remelt.platform.parties.people import add_person, join
from remelt.platform.parties.permissions import COLLECTOR
from remelt.platform.parties.registering import add_site, register_organisation
from remelt.platform.parties.rules import check_choice

FORMS = ("natural_person", "household")


@dataclass(frozen=True, slots=True)
class Joined:
    """What a registration made."""

    organisation: Organisation
    site: Site
    person: Person
    membership: Membership


def register_collector(
    session: Session,
    *,
    clock: Clock,
    login: str,
    name: str,
    password_hash: str,
    legal_form: str,
    adcode: str,
    trade_name: str = "",
    phone: str = "",
    address: str = "",
    lat_e6: int | None = None,
    lon_e6: int | None = None,
    locale: str = "zh_CN",
    demo: bool = False,
) -> Joined:
    """Register a natural person or a household business that collects.

    trade_name: the business's name; the person's own when empty. The site takes the same name
    and the area `adcode`; it collects from 06:00 to 20:00 until it is changed.

    Raises what `register_organisation`, `add_site` and `add_person` raise.
    """
    check_choice(legal_form, among=FORMS, field="legal_form")
    called = trade_name if trade_name.strip() else name
    person = add_person(
        session,
        clock=clock,
        login=login,
        name=name,
        password_hash=password_hash,
        phone=phone,
        locale=locale,
    )
    organisation = register_organisation(
        session,
        clock=clock,
        name_zh=called,
        name_en="",
        legal_form=legal_form,
        adcode=adcode,
        demo=demo,
    )
    site = add_site(
        session,
        clock=clock,
        organisation_id=organisation.key,
        name_zh=called,
        name_en="",
        adcode=adcode,
        capabilities=("collect",),
        address=address,
        lat_e6=lat_e6,
        lon_e6=lon_e6,
        opens_min=360,
        closes_min=1200,
    )
    membership = join(
        session,
        clock=clock,
        person_id=person.key,
        organisation_id=organisation.key,
        role=COLLECTOR,
        by_person_id=person.key,
    )
    return Joined(organisation, site, person, membership)
