"""Organisations, sites, people and papers for programs."""

from flask import Response
from sqlmodel import Session

from remelt.platform.parties import filings, people, queries, register, registering
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Filing, Organisation, Site
from remelt.platform.parties.rules import read_login
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.parties_io import (
    FilingIn,
    FilingOut,
    FilingsOut,
    KnownSiteIn,
    KnownSiteOut,
    KnownSitesOut,
    MemberIn,
    MemberOut,
    MembersOut,
    OrganisationIn,
    OrganisationOut,
    OrganisationsIn,
    OrganisationsOut,
    SiteIn,
    SiteOut,
    SitesOut,
)
from remelt.web.context import clock, needs, require, settings, store
from remelt.web.passwords import hash_password

bp = api_blueprint("parties", tag="Organisations")


def _there(_who: Actor, code: str) -> None:
    with store().read() as session:
        queries.organisation(session, code=code)


@bp.get("/organisation")
@bp.output(OrganisationOut)
def get_organisation() -> Organisation:
    """Tell the own organisation."""
    who = require("parties.own")
    with store().read() as session:
        return queries.organisation_by_id(session, organisation_id=who.organisation_id)


@bp.get("/organisation/sites")
@bp.output(SitesOut)
def get_sites() -> SitesOut:
    """List the own open sites."""
    who = require("parties.own")
    with store().read() as session:
        return SitesOut.of(queries.sites_of(session, organisation_id=who.organisation_id))


@bp.get("/organisation/filings")
@bp.output(FilingsOut)
def get_filings() -> FilingsOut:
    """List the own papers, newest first."""
    who = require("parties.own")
    with store().read() as session:
        return FilingsOut.of(queries.filings_of(session, organisation_id=who.organisation_id))


@bp.get("/organisation/people")
@bp.output(MembersOut)
def get_people() -> MembersOut:
    """List the own colleagues."""
    who = require("parties.own")
    with store().read() as session:
        return MembersOut.of(queries.memberships(session, organisation_id=who.organisation_id))


@bp.post("/organisation/sites")
@needs("parties.edit_own")
@bp.input(SiteIn, arg_name="data")
@bp.output(SiteOut, status_code=201)
def post_site(data: SiteIn) -> Response:
    """Open a site of the own organisation."""
    who = require("parties.edit_own")

    def act(session: Session) -> tuple[int, SiteOut]:
        made = _open(session, who.organisation_id, data, by_operator=False)
        return 201, SiteOut.model_validate(made)

    return once(who, act)


@bp.post("/organisation/filings")
@needs("parties.edit_own")
@bp.input(FilingIn, arg_name="data")
@bp.output(FilingOut, status_code=201)
def post_filing(data: FilingIn) -> Response:
    """Hand in a paper of the own organisation."""
    who = require("parties.edit_own")
    return once(
        who, lambda s: (201, FilingOut.model_validate(_hand_in(s, who.organisation_id, data)))
    )


@bp.get("/operator/organisations")
@needs("parties.operate")
@bp.input(OrganisationsIn, location="query", arg_name="asked")
@bp.output(OrganisationsOut)
def get_organisations(asked: OrganisationsIn) -> OrganisationsOut:
    """List organisations, by name, at most 200."""
    with store().read() as session:
        return OrganisationsOut.of(queries.organisations(session, text=asked.q, limit=200))


@bp.post("/operator/organisations")
@needs("parties.operate")
@bp.input(OrganisationIn, arg_name="data")
@bp.output(OrganisationOut, status_code=201)
def post_organisation(data: OrganisationIn) -> Response:
    """Register an organisation."""
    who = require("parties.operate")

    def act(session: Session) -> tuple[int, OrganisationOut]:
        made = registering.register_organisation(
            session, clock=clock(), demo=settings().demo, **data.model_dump()
        )
        return 201, OrganisationOut.model_validate(made)

    return once(who, act)


@bp.get("/operator/organisations/<organisation>")
@bp.output(OrganisationOut)
def get_one_organisation(organisation: str) -> Organisation:
    """Tell one organisation."""
    require("parties.operate")
    with store().read() as session:
        return queries.organisation(session, code=organisation)


@bp.get("/operator/organisations/<organisation>/sites")
@bp.output(SitesOut)
def get_its_sites(organisation: str) -> SitesOut:
    """List the sites of an organisation, closed ones too."""
    require("parties.operate")
    with store().read() as session:
        row = queries.organisation(session, code=organisation)
        return SitesOut.of(queries.sites_of(session, organisation_id=row.key, closed=True))


@bp.post("/operator/organisations/<organisation>/sites")
@needs("parties.operate")
@first(_there, permission="parties.operate", of="organisation")
@bp.input(SiteIn, arg_name="data")
@bp.output(SiteOut, status_code=201)
def post_its_site(organisation: str, data: SiteIn) -> Response:
    """Open a site of an organisation."""
    who = require("parties.operate")

    def act(session: Session) -> tuple[int, SiteOut]:
        row = queries.organisation(session, code=organisation)
        return 201, SiteOut.model_validate(_open(session, row.key, data, by_operator=True))

    return once(who, act)


@bp.post("/operator/organisations/<organisation>/filings")
@needs("parties.operate")
@first(_there, permission="parties.operate", of="organisation")
@bp.input(FilingIn, arg_name="data")
@bp.output(FilingOut, status_code=201)
def post_its_filing(organisation: str, data: FilingIn) -> Response:
    """Hand in a paper of an organisation."""
    who = require("parties.operate")

    def act(session: Session) -> tuple[int, FilingOut]:
        row = queries.organisation(session, code=organisation)
        return 201, FilingOut.model_validate(_hand_in(session, row.key, data))

    return once(who, act)


@bp.post("/operator/organisations/<organisation>/people")
@needs("parties.operate")
@first(_there, permission="parties.operate", of="organisation")
@bp.input(MemberIn, arg_name="data")
@bp.output(MemberOut, status_code=201)
def post_member(organisation: str, data: MemberIn) -> Response:
    """Let a person in."""
    who = require("parties.operate")

    def act(session: Session) -> tuple[int, MemberOut]:
        row = queries.organisation(session, code=organisation)
        person = queries.person_by_login(session, login=read_login(data.login))
        if person is None:
            person = people.add_person(
                session,
                clock=clock(),
                login=data.login,
                name=data.name,
                password_hash=hash_password(data.password, login=data.login),
            )
        made = people.join(
            session,
            clock=clock(),
            person_id=person.key,
            organisation_id=row.key,
            role=data.role,
            by_person_id=who.person_id,
        )
        lines = queries.memberships(session, person_id=person.key, organisation_id=row.key)
        return 201, MemberOut.model_validate(next(m for m in lines if m.id == made.key))

    return once(who, act)


@bp.post("/operator/filings/<filing>/verify")
@needs("parties.operate")
@bp.output(FilingOut)
def post_verify(filing: str) -> Response:
    """Record that a paper was compared with its original."""
    who = require("parties.operate")

    def act(session: Session) -> tuple[int, FilingOut]:
        row = filings.verify_filing(
            session, clock=clock(), filing_code=filing, by_person_id=who.person_id
        )
        return 200, FilingOut.model_validate(row)

    return once(who, act)


@bp.post("/operator/memberships/<membership>/end")
@needs("parties.operate")
@bp.output(MemberOut)
def post_end(membership: str) -> Response:
    """End a membership at once."""
    who = require("parties.operate")

    def act(session: Session) -> tuple[int, MemberOut]:
        row = people.leave(
            session, clock=clock(), membership_code=membership, by_person_id=who.person_id
        )
        lines = queries.memberships(session, person_id=row.person_id, ended=True)
        return 200, MemberOut.model_validate(next(m for m in lines if m.id == row.key))

    return once(who, act)


@bp.get("/operator/known-sites")
@needs("parties.operate")
@bp.output(KnownSitesOut)
def get_known_sites() -> KnownSitesOut:
    """List the register of known sites."""
    with store().read() as session:
        return KnownSitesOut.of(row for row, _code in register.known_sites(session))


@bp.post("/operator/known-sites")
@needs("parties.operate")
@bp.input(KnownSiteIn, arg_name="data")
@bp.output(KnownSiteOut, status_code=201)
def post_known_site(data: KnownSiteIn) -> Response:
    """Add a site to the register of known sites."""
    who = require("parties.operate")

    def act(session: Session) -> tuple[int, KnownSiteOut]:
        row = register.add_known_site(
            session, clock=clock(), demo=settings().demo, **data.model_dump()
        )
        return 201, KnownSiteOut.model_validate(row)

    return once(who, act)


def _open(session: Session, organisation_id: int, data: SiteIn, *, by_operator: bool) -> Site:
    return registering.add_site(
        session,
        clock=clock(),
        organisation_id=organisation_id,
        by_operator=by_operator,
        **data.model_dump(),
    )


def _hand_in(session: Session, organisation_id: int, data: FilingIn) -> Filing:
    return filings.add_filing(
        session, clock=clock(), organisation_id=organisation_id, **data.model_dump()
    )
