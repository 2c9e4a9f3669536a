"""Organisations come and their sites open, change and close."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries
from remelt.platform.parties.errors import SiteClosed
from remelt.platform.parties.events import (
    OrganisationRegistered,
    SiteAdded,
    SiteChanged,
    SiteEnded,
)
from remelt.platform.parties.models import CAPABILITIES, LEGAL_FORMS, Organisation, Site
from remelt.platform.parties.rules import (
    check_adcode,
    check_change,
    check_choice,
    check_new_threshold,
    check_site,
    read_name,
)


def register_organisation(
    session: Session,
    *,
    clock: Clock,
    name_zh: str,
    name_en: str,
    legal_form: str,
    adcode: str,
    demo: bool = False,
) -> Organisation:
    """Record a new organisation.

    Names: 1 to 80 and 1 to 120 characters; an empty English name repeats the Chinese one.
    legal_form: natural_person, household (个体户) or enterprise. adcode: six digits.

    Raises `BadName`, `UnknownChoice` or `BadAdcode`.
    """
    check_choice(legal_form, among=LEGAL_FORMS, field="legal_form")
    check_adcode(adcode)
    organisation = Organisation(
        code=new_code(),
        name_zh=read_name(name_zh, field="name_zh", most=80),
        name_en=read_name(name_en or name_zh, field="name_en", most=120),
        legal_form=legal_form,
        adcode=adcode,
        demo=demo,
        registered_at=clock.now(session),
    )
    session.add(organisation)
    session.flush()
    outbox.record(
        session,
        OrganisationRegistered(
            at=organisation.registered_at,
            organisation_code=organisation.code,
            organisation_id=organisation.key,
            legal_form=legal_form,
        ),
    )
    return organisation


def add_site(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    name_zh: str,
    name_en: str,
    adcode: str,
    capabilities: Collection[str],
    address: str = "",
    lat_e6: int | None = None,
    lon_e6: int | None = None,
    scale_division_g: int | None = None,
    scale_verified_until: date | None = None,
    second_person_above_fen: int | None = None,
    opens_min: int = 480,
    closes_min: int = 1080,
    by_operator: bool = True,
) -> Site:
    """Open a site of an organisation.

    capabilities: of collect, purchase_point, hub, smelt, process, carry, trade. lat_e6, lon_e6:
    micro-degrees, WGS84, both or neither. The rest as in `Site`.

    by_operator: otherwise its second-person threshold is at least as strict as that of the
    organisation's other sites.

    Raises `NoSuchOrganisation`, `BadName`, `UnknownChoice`, `BadAdcode`, `OffTheMap`, `BadHours`,
    `BadDivision`, `BadThreshold` or `ThresholdByOperator`.
    """
    organisation = queries.organisation_by_id(session, organisation_id=organisation_id)
    if not by_operator:
        others = queries.sites_of(session, organisation_id=organisation_id)
        check_new_threshold(
            second_person_above_fen, others=[each.second_person_above_fen for each in others]
        )
    site = Site(
        code=new_code(),
        organisation_id=organisation.key,
        name_zh=read_name(name_zh, field="name_zh", most=80),
        name_en=read_name(name_en or name_zh, field="name_en", most=120),
        adcode=adcode,
        address=_address(address),
        lat_e6=lat_e6,
        lon_e6=lon_e6,
        scale_division_g=scale_division_g,
        scale_verified_until=scale_verified_until,
        second_person_above_fen=second_person_above_fen,
        opens_min=opens_min,
        closes_min=closes_min,
        opened_at=clock.now(session),
        **_can(capabilities),
    )
    check_site(site)
    session.add(site)
    session.flush()
    outbox.record(
        session,
        SiteAdded(
            at=site.opened_at,
            organisation_code=organisation.code,
            site_code=site.code,
            capabilities=tuple(sorted(site.capabilities)),
        ),
    )
    return site


def change_site(
    session: Session,
    *,
    clock: Clock,
    site_code: str,
    organisation_id: int | None = None,
    by_person_id: int | None = None,
    capabilities: Collection[str] | None = None,
    by_operator: bool = True,
    **facts: Any,
) -> Site:
    """Change facts of an open site, named as in `add_site`; what is not given stays.

    organisation_id: only a site of this organisation is found, None for any. by_operator:
    only then the second-person threshold may change.

    Raises `NoSuchSite`, `SiteClosed`, `ThresholdByOperator` and what `add_site` raises.
    """
    site = queries.site(session, code=site_code, organisation_id=organisation_id, lock=True)
    if site.ended_at is not None:
        raise SiteClosed(site_code=site.code)
    for name, most in (("name_zh", 80), ("name_en", 120)):
        if name in facts:
            facts[name] = read_name(facts[name] or site.name_zh, field=name, most=most)
    if "address" in facts:
        facts["address"] = _address(facts["address"])
    if capabilities is not None:
        facts |= _can(capabilities)
    changed = tuple(name for name, value in facts.items() if getattr(site, name) != value)
    check_change(changed, by_operator=by_operator)
    check_site(Site(**(site.model_dump() | facts)))
    for name in changed:
        setattr(site, name, facts[name])
    if changed:
        event = SiteChanged(
            at=clock.now(session), site_code=site.code, changed=changed, by_person_id=by_person_id
        )
        outbox.record(session, event)
    return site


def end_site(
    session: Session,
    *,
    clock: Clock,
    site_code: str,
    organisation_id: int | None = None,
    by_person_id: int | None = None,
) -> Site:
    """Close a site for good. Raises `NoSuchSite` or `SiteClosed`."""
    site = queries.site(session, code=site_code, organisation_id=organisation_id, lock=True)
    if site.ended_at is not None:
        raise SiteClosed(site_code=site.code)
    site.ended_at = clock.now(session)
    outbox.record(
        session, SiteEnded(at=site.ended_at, site_code=site.code, by_person_id=by_person_id)
    )
    return site


def _address(text: str) -> str:
    return read_name(text, field="address", most=200) if text.strip() else ""


def _can(capabilities: Collection[str]) -> dict[str, Any]:
    for name in capabilities:
        check_choice(name, among=CAPABILITIES, field="capabilities")
    return {f"can_{name}": name in capabilities for name in CAPABILITIES}
