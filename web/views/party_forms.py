"""The forms of sites, papers and people, as members and the operator fill them in alike."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError
from sqlmodel import Session

from remelt.platform.catalogue.models import Place
from remelt.platform.kernel.errors import Refusal
from remelt.platform.logistics.places import check_point
from remelt.platform.parties import filings, people, registering
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import CAPABILITIES, Filing, Organisation, Person, Site
from remelt.platform.parties.queries import organisation_by_id, person_by_login
from remelt.platform.parties.rules import read_login
from remelt.web.context import clock
from remelt.web.fields import Day, Kg, Text, Tick, Words, Yuan, plain
from remelt.web.forms import Form
from remelt.web.passwords import hash_password
from remelt.web.views.register import place_of

T = TypeVar("T")
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
_DEGREES = re.compile(r"(-?)(\d{1,3})(?:\.(\d{1,6}))?", re.ASCII)
FIELDS = {
    "opens_min": "opens",
    "closes_min": "closes",
    "lat_e6": "lat_degrees",
    "lon_e6": "lon_degrees",
    "scale_division_g": "scale_division_kg",
    "second_person_above_fen": "second_person_above_yuan",
    "capabilities": "can_collect",
}


def time_of_day(text: Any) -> int:
    """Read `08:30` into minutes of the Beijing day."""
    typed = plain(text).replace("：", ":")
    if not _HOURS.fullmatch(typed):
        raise PydanticCustomError("time_of_day", "not a time of day")
    hours, minutes = typed.split(":")
    return int(hours) * 60 + int(minutes)


def degrees(text: Any) -> int:
    """Read decimal degrees with up to six decimals into micro-degrees."""
    parts = _DEGREES.fullmatch(plain(text).replace("\N{MINUS SIGN}", "-"))
    if parts is None:
        raise PydanticCustomError("degrees", "not degrees")
    value = int(parts[2]) * 1_000_000 + int((parts[3] or "").ljust(6, "0"))
    return -value if parts[1] else value


def _blank_is_none(text: Any) -> Any:
    return None if isinstance(text, str) and not text.strip() else text


Blankable = BeforeValidator(_blank_is_none)
TimeOfDay = Annotated[int, BeforeValidator(time_of_day)]
Degrees = Annotated[int, BeforeValidator(degrees)]


class SiteForm(Form):
    """A place of work. Hours as 08:30, degrees as 26.559480."""

    name_zh: Words = Field(max_length=80)
    name_en: Text = Field(default="", max_length=120)
    adcode: Words = Field(max_length=6)
    address: Text = Field(default="", max_length=200)
    lat_degrees: Annotated[Degrees | None, Blankable] = None
    lon_degrees: Annotated[Degrees | None, Blankable] = None
    can_collect: Tick = False
    can_purchase_point: Tick = False
    can_hub: Tick = False
    can_smelt: Tick = False
    can_process: Tick = False
    can_carry: Tick = False
    can_trade: Tick = False
    scale_division_kg: Annotated[Kg | None, Blankable] = None
    scale_verified_until: Annotated[Day | None, Blankable] = None
    second_person_above_yuan: Annotated[Yuan | None, Blankable] = None
    opens: TimeOfDay
    closes: TimeOfDay


class FilingForm(Form):
    """A filing, licence or authorisation."""

    kind: Words = Field(max_length=20)
    number: Words = Field(max_length=60)
    valid_until: Annotated[Day | None, Blankable] = None


class ColleagueForm(Form):
    """A new colleague, with a login of their own."""

    login: Words = Field(max_length=100)
    name: Words = Field(max_length=60)
    password: Words = Field(max_length=200)


class MemberForm(Form):
    """A person to let in: one who has a login already, or a new one with name and password."""

    login: Words = Field(max_length=100)
    name: Text = Field(default="", max_length=60)
    password: Text = Field(default="", max_length=200)
    role: Words = Field(max_length=10)


class OrganisationForm(Form):
    """A new organisation."""

    name_zh: Words = Field(max_length=80)
    name_en: Text = Field(default="", max_length=120)
    legal_form: Words = Field(max_length=20)
    adcode: Words = Field(max_length=6)


@contextmanager
def told_beside() -> Iterator[None]:
    """Let a refusal name the field that people see instead of the column."""
    try:
        yield
    except Refusal as refused:
        if refused.field in FIELDS:
            refused.facts["field"] = FIELDS[refused.field]
        raise


def save_site(
    session: Session,
    form: SiteForm,
    *,
    organisation_id: int,
    by_person_id: int,
    site: str | None,
    by_operator: bool = False,
) -> Site:
    """Open a site, or change the one with code `site`, as the form says."""
    place = place_of(session, form.adcode)
    facts: dict[str, Any] = {
        "name_zh": form.name_zh,
        "name_en": form.name_en,
        "adcode": place.adcode,
        "address": form.address,
        **_position(session, form, place),
        "scale_division_g": form.scale_division_kg,
        "scale_verified_until": form.scale_verified_until,
        "second_person_above_fen": form.second_person_above_yuan,
        "opens_min": form.opens,
        "closes_min": form.closes,
        "capabilities": [name for name in CAPABILITIES if getattr(form, f"can_{name}")],
    }
    with told_beside():
        if site is None:
            return registering.add_site(
                session,
                clock=clock(),
                organisation_id=organisation_id,
                by_operator=by_operator,
                **facts,
            )
        return registering.change_site(
            session,
            clock=clock(),
            site_code=site,
            organisation_id=organisation_id,
            by_person_id=by_person_id,
            by_operator=by_operator,
            **facts,
        )


def site_values(site: Site) -> dict[str, str]:
    """A site as its form shows it."""
    values = {
        "name_zh": site.name_zh,
        "name_en": site.name_en,
        "adcode": site.adcode,
        "address": site.address,
        "lat_degrees": _typed(site.lat_e6, lambda v: f"{v / 1e6:.6f}"),
        "lon_degrees": _typed(site.lon_e6, lambda v: f"{v / 1e6:.6f}"),
        "scale_division_kg": _typed(site.scale_division_g, lambda v: f"{v / 1000:g}"),
        "scale_verified_until": _typed(site.scale_verified_until, str),
        "second_person_above_yuan": _typed(site.second_person_above_fen, lambda v: f"{v / 100:g}"),
        "opens": f"{site.opens_min // 60:02d}:{site.opens_min % 60:02d}",
        "closes": f"{site.closes_min // 60:02d}:{site.closes_min % 60:02d}",
    }
    return values | {f"can_{name}": "yes" for name in site.capabilities}


def save_filing(session: Session, form: FilingForm, *, organisation_id: int) -> Filing:
    """Hand in the paper of the form."""
    return filings.add_filing(
        session,
        clock=clock(),
        organisation_id=organisation_id,
        kind=form.kind,
        number=form.number,
        valid_until=form.valid_until,
    )


def let_in(
    session: Session,
    form: MemberForm,
    *,
    organisation: Organisation,
    by_person_id: int,
) -> None:
    """Give the person of the form a role; one without a login gets it with name and password."""
    known = person_by_login(session, login=read_login(form.login))
    person = known or _new_person(session, form)
    _join(session, person, organisation=organisation, role=form.role, by_person_id=by_person_id)


def add_colleague(session: Session, form: ColleagueForm, *, who: Actor) -> None:
    """Make a login for a new colleague, in the role of the one who asks.

    Only new people: whoever could draw somebody with a login into their organisation would make
    them a party to its bids. The operator does that. Raises `LoginTaken`.
    """
    organisation = organisation_by_id(session, organisation_id=who.organisation_id)
    person = _new_person(session, form)
    _join(session, person, organisation=organisation, role=who.role, by_person_id=who.person_id)


def _new_person(session: Session, form: ColleagueForm | MemberForm) -> Person:
    return people.add_person(
        session,
        clock=clock(),
        login=form.login,
        name=form.name,
        password_hash=hash_password(form.password, login=form.login),
    )


def _join(
    session: Session, person: Person, *, organisation: Organisation, role: str, by_person_id: int
) -> None:
    people.join(
        session,
        clock=clock(),
        person_id=person.key,
        organisation_id=organisation.key,
        role=role,
        by_person_id=by_person_id,
    )


def _position(session: Session, form: SiteForm, place: Place) -> dict[str, int | None]:
    """Return the typed point, which must not contradict its county; without one, the county's."""
    if form.lat_degrees is None and form.lon_degrees is None:
        return {"lat_e6": place.lat_e6, "lon_e6": place.lon_e6}
    if form.lat_degrees is not None and form.lon_degrees is not None:
        check_point(session, adcode=place.adcode, lat_e6=form.lat_degrees, lon_e6=form.lon_degrees)
    return {"lat_e6": form.lat_degrees, "lon_e6": form.lon_degrees}


def _typed(value: T | None, text: Callable[[T], str]) -> str:
    return "" if value is None else text(value)
