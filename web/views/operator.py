"""The operator's desk: organisations, their sites, people and papers."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.parties import filings, people, queries, registering
from remelt.web.address import asked_page
from remelt.web.context import clock, require, settings, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.furnish import ROLES
from remelt.web.views.organisation import about
from remelt.web.views.party_forms import (
    FilingForm,
    MemberForm,
    OrganisationForm,
    SiteForm,
    let_in,
    save_filing,
    save_site,
    site_values,
)
from remelt.web.views.register import areas, counties, place_of
from remelt.web.words import DOES, LEGAL, PAPERS

bp = Blueprint("operator", __name__, url_prefix="/operator")
PAGE = 50


@bp.get("")
def index() -> ResponseReturnValue:
    """List the organisations, those whose name holds `q`."""
    require("parties.operate")
    text = request.args.get("q", "")[:80].strip()
    page = asked_page()
    with store().read() as session:
        found = queries.organisations(session, text=text, limit=PAGE + 1, offset=PAGE * (page - 1))
        waiting = queries.filings_waiting(session)
    return render_template(
        "operator/index.html",
        organisations=found[:PAGE],
        waiting=waiting,
        text=text,
        page=page,
        more=len(found) > PAGE,
        legal=LEGAL,
        papers=PAPERS,
        areas=areas(),
        state=blank(),
    )


@bp.get("/organisations/new")
def new_organisation() -> ResponseReturnValue:
    """Show the form of a new organisation."""
    require("parties.operate")
    return _organisation_page(blank(legal_form="enterprise"))


@bp.post("/organisations/new")
def add_organisation() -> ResponseReturnValue:
    """Register an organisation."""
    who = require("parties.operate")

    def act(session: Session, form: OrganisationForm) -> str:
        made = registering.register_organisation(
            session,
            clock=clock(),
            name_zh=form.name_zh,
            name_en=form.name_en,
            legal_form=form.legal_form,
            adcode=place_of(session, form.adcode).adcode,
            demo=settings().demo,
        )
        return _address(made.code)

    return submit(OrganisationForm, act, who=who, page=_organisation_page)


@bp.get("/organisations/<organisation>")
def show(organisation: str) -> ResponseReturnValue:
    """Show an organisation with all that can be done about it."""
    require("parties.operate")
    with store().read() as session:
        row = queries.organisation(session, code=organisation)
    return render_template("operator/organisation.html", state=blank(), **about(row.key))


@bp.get("/organisations/<organisation>/sites/new")
def new_site(organisation: str) -> ResponseReturnValue:
    """Show the form of a new site."""
    require("parties.operate")
    return _site_page(_found(organisation), blank(opens="08:00", closes="18:00"))


@bp.post("/organisations/<organisation>/sites/new")
def add_site(organisation: str) -> ResponseReturnValue:
    """Open a site of an organisation."""
    who = require("parties.operate")
    _found(organisation)

    def act(session: Session, form: SiteForm) -> str:
        row = queries.organisation(session, code=organisation)
        save_site(
            session, form, organisation_id=row.key, by_person_id=who.person_id, site=None,
            by_operator=True,
        )  # fmt: skip
        return _address(organisation)

    return submit(SiteForm, act, who=who, page=lambda state: _site_page(organisation, state))


@bp.get("/sites/<site>")
def edit_site(site: str) -> ResponseReturnValue:
    """Show a site to change it."""
    require("parties.operate")
    with store().read() as session:
        row = queries.site(session, code=site)
        of = queries.organisation_by_id(session, organisation_id=row.organisation_id)
    return _site_page(of.code, FormState(values=site_values(row)), site=site)


@bp.post("/sites/<site>")
def change_site(site: str) -> ResponseReturnValue:
    """Change a site."""
    who = require("parties.operate")
    with store().read() as session:
        row = queries.site(session, code=site)
        of = queries.organisation_by_id(session, organisation_id=row.organisation_id)

    def act(session: Session, form: SiteForm) -> str:
        save_site(
            session, form, organisation_id=of.key, by_person_id=who.person_id, site=site,
            by_operator=True,
        )  # fmt: skip
        return _address(of.code)

    return submit(SiteForm, act, who=who, page=lambda state: _site_page(of.code, state, site=site))


@bp.post("/sites/<site>/end")
def end_site(site: str) -> ResponseReturnValue:
    """Close a site for good."""
    who = require("parties.operate")
    with store().write() as session:
        row = registering.end_site(
            session, clock=clock(), site_code=site, by_person_id=who.person_id
        )
        of = queries.organisation_by_id(session, organisation_id=row.organisation_id)
    return redirect(_address(of.code), code=303)


@bp.get("/organisations/<organisation>/filings/new")
def new_filing(organisation: str) -> ResponseReturnValue:
    """Show the form of a new paper."""
    require("parties.operate")
    return _filing_page(_found(organisation), blank())


@bp.post("/organisations/<organisation>/filings/new")
def add_filing(organisation: str) -> ResponseReturnValue:
    """Hand in a paper for an organisation."""
    who = require("parties.operate")
    _found(organisation)

    def act(session: Session, form: FilingForm) -> str:
        row = queries.organisation(session, code=organisation)
        save_filing(session, form, organisation_id=row.key)
        return _address(organisation)

    return submit(FilingForm, act, who=who, page=lambda state: _filing_page(organisation, state))


@bp.post("/filings/<filing>/verify")
def verify_filing(filing: str) -> ResponseReturnValue:
    """Record that a paper was compared with its original."""
    who = require("parties.operate")
    with store().write() as session:
        row = filings.verify_filing(
            session, clock=clock(), filing_code=filing, by_person_id=who.person_id
        )
        of = queries.organisation_by_id(session, organisation_id=row.organisation_id)
    return redirect(_address(of.code), code=303)


@bp.post("/filings/<filing>/end")
def end_filing(filing: str) -> ResponseReturnValue:
    """Withdraw a paper."""
    who = require("parties.operate")
    with store().write() as session:
        row = filings.end_filing(
            session, clock=clock(), filing_code=filing, by_person_id=who.person_id
        )
        of = queries.organisation_by_id(session, organisation_id=row.organisation_id)
    return redirect(_address(of.code), code=303)


@bp.get("/organisations/<organisation>/people/new")
def new_member(organisation: str) -> ResponseReturnValue:
    """Show the form that lets a person in."""
    require("parties.operate")
    return _member_page(_found(organisation), blank())


@bp.post("/organisations/<organisation>/people/new")
def add_member(organisation: str) -> ResponseReturnValue:
    """Let a person in, in any role."""
    who = require("parties.operate")
    _found(organisation)

    def act(session: Session, form: MemberForm) -> str:
        row = queries.organisation(session, code=organisation)
        let_in(session, form, organisation=row, by_person_id=who.person_id)
        return _address(organisation)

    return submit(MemberForm, act, who=who, page=lambda state: _member_page(organisation, state))


@bp.post("/memberships/<membership>/end")
def end_membership(membership: str) -> ResponseReturnValue:
    """End a membership; what it allowed is refused from the next request on."""
    who = require("parties.operate")
    with store().write() as session:
        row = people.leave(
            session, clock=clock(), membership_code=membership, by_person_id=who.person_id
        )
        of = queries.organisation_by_id(session, organisation_id=row.organisation_id)
    return redirect(_address(of.code), code=303)


def _found(organisation: str) -> str:
    """Return the code when there is such an organisation. Raises `NoSuchOrganisation`."""
    with store().read() as session:
        return queries.organisation(session, code=organisation).code


def _address(organisation: str) -> str:
    return url_for("operator.show", organisation=organisation)


def _organisation_page(state: FormState) -> str:
    return render_template(
        "operator/new_organisation.html", state=state, areas=counties(), legal=LEGAL
    )


def _site_page(organisation: str, state: FormState, *, site: str | None = None) -> str:
    return render_template(
        "organisation/site.html",
        state=state,
        site=site,
        action=url_for("operator.add_site", organisation=organisation)
        if site is None
        else url_for("operator.change_site", site=site),
        end=None if site is None else url_for("operator.end_site", site=site),
        back=_address(organisation),
        areas=counties(),
        does=list(DOES.items()),
    )


def _filing_page(organisation: str, state: FormState) -> str:
    return render_template(
        "organisation/filing.html",
        state=state,
        action=url_for("operator.add_filing", organisation=organisation),
        back=_address(organisation),
        papers=PAPERS,
    )


def _member_page(organisation: str, state: FormState) -> str:
    return render_template(
        "organisation/colleague.html",
        state=state,
        action=url_for("operator.add_member", organisation=organisation),
        back=_address(organisation),
        roles=ROLES,
    )
