"""The own organisation: its sites, people and papers."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.parties import filings, people, queries, registering
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import CAPABILITIES
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.furnish import ROLES
from remelt.web.views.party_forms import (
    ColleagueForm,
    FilingForm,
    SiteForm,
    add_colleague,
    save_filing,
    save_site,
    site_values,
)
from remelt.web.views.register import areas, counties
from remelt.web.words import DOES, LEGAL, PAPERS

bp = Blueprint("organisation", __name__, url_prefix="/organisation")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the organisation I work for."""
    who = require("parties.own")
    return render_template(
        "organisation/show.html",
        state=blank(),
        may_edit=who.may("parties.edit_own"),
        **about(who.organisation_id),
    )


@bp.get("/sites/new")
def new_site() -> ResponseReturnValue:
    """Show the form of a new site."""
    require("parties.edit_own")
    return _site_page(blank(opens="08:00", closes="18:00"))


@bp.post("/sites/new")
def add_site() -> ResponseReturnValue:
    """Open a site."""
    who = require("parties.edit_own")

    def act(session: Session, form: SiteForm) -> str:
        _save(session, form, who=who, site=None)
        return url_for("organisation.show")

    return submit(SiteForm, act, who=who, page=_site_page)


@bp.get("/sites/<site>")
def edit_site(site: str) -> ResponseReturnValue:
    """Show a site of ours to change it."""
    who = require("parties.edit_own")
    with store().read() as session:
        row = queries.site(session, code=site, organisation_id=who.organisation_id)
    return _site_page(FormState(values=site_values(row)), site=site)


@bp.post("/sites/<site>")
def change_site(site: str) -> ResponseReturnValue:
    """Change a site of ours."""
    who = require("parties.edit_own")
    with store().read() as session:
        queries.site(session, code=site, organisation_id=who.organisation_id)

    def act(session: Session, form: SiteForm) -> str:
        _save(session, form, who=who, site=site)
        return url_for("organisation.show")

    return submit(SiteForm, act, who=who, page=lambda state: _site_page(state, site=site))


@bp.post("/sites/<site>/end")
def end_site(site: str) -> ResponseReturnValue:
    """Close a site of ours for good."""
    who = require("parties.edit_own")
    with store().write() as session:
        registering.end_site(
            session,
            clock=clock(),
            site_code=site,
            organisation_id=who.organisation_id,
            by_person_id=who.person_id,
        )
    return redirect(url_for("organisation.show"), code=303)


@bp.get("/filings/new")
def new_filing() -> ResponseReturnValue:
    """Show the form of a new paper."""
    require("parties.edit_own")
    return _filing_page(blank())


@bp.post("/filings/new")
def add_filing() -> ResponseReturnValue:
    """Hand in a paper; the operator verifies it."""
    who = require("parties.edit_own")

    def act(session: Session, form: FilingForm) -> str:
        save_filing(session, form, organisation_id=who.organisation_id)
        return url_for("organisation.show")

    return submit(FilingForm, act, who=who, page=_filing_page)


@bp.post("/filings/<filing>/end")
def end_filing(filing: str) -> ResponseReturnValue:
    """Withdraw a paper of ours."""
    who = require("parties.edit_own")
    with store().write() as session:
        filings.end_filing(
            session,
            clock=clock(),
            filing_code=filing,
            organisation_id=who.organisation_id,
            by_person_id=who.person_id,
        )
    return redirect(url_for("organisation.show"), code=303)


@bp.get("/people/new")
def new_colleague() -> ResponseReturnValue:
    """Show the form of a new colleague."""
    who = require("parties.edit_own")
    return _colleague_page(who, blank())


@bp.post("/people/new")
def post_colleague() -> ResponseReturnValue:
    """Let a new colleague in, in my own role."""
    who = require("parties.edit_own")

    def act(session: Session, form: ColleagueForm) -> str:
        add_colleague(session, form, who=who)
        return url_for("organisation.show")

    return submit(ColleagueForm, act, who=who, page=lambda state: _colleague_page(who, state))


@bp.post("/leave")
def leave() -> ResponseReturnValue:
    """Give up my own role here."""
    who = require("parties.own")
    with store().write() as session:
        held = queries.memberships(session, person_id=who.person_id)
        mine = next(m for m in held if m.id == who.membership_id)
        people.leave(session, clock=clock(), membership_code=mine.code, by_person_id=who.person_id)
    return redirect(url_for("auth.workplace"), code=303)


def about(organisation_id: int) -> dict[str, object]:
    """What the page of an organisation shows."""
    named = areas()
    with store().read() as session:
        row = queries.organisation_by_id(session, organisation_id=organisation_id)
        return {
            "organisation": row,
            "area": named.get(row.adcode),
            "sites": queries.sites_of(session, organisation_id=organisation_id, closed=True),
            "members": queries.memberships(session, organisation_id=organisation_id),
            "filings": queries.filings_of(session, organisation_id=organisation_id),
            "today": clock().now(session).astimezone(BEIJING).date(),
            "roles": ROLES,
            "legal": LEGAL,
            "does": DOES,
            "papers": PAPERS,
        }


def _save(session: Session, form: SiteForm, *, who: Actor, site: str | None) -> None:
    save_site(
        session,
        form,
        organisation_id=who.organisation_id,
        by_person_id=who.person_id,
        site=site,
    )


def _site_page(state: FormState, *, site: str | None = None) -> str:
    action = (
        url_for("organisation.add_site")
        if site is None
        else url_for("organisation.change_site", site=site)
    )
    return render_template(
        "organisation/site.html",
        state=state,
        site=site,
        action=action,
        end=None if site is None else url_for("organisation.end_site", site=site),
        back=url_for("organisation.show"),
        areas=counties(),
        does=[(name, DOES[name]) for name in CAPABILITIES],
    )


def _filing_page(state: FormState) -> str:
    return render_template(
        "organisation/filing.html",
        state=state,
        action=url_for("organisation.add_filing"),
        back=url_for("organisation.show"),
        papers=PAPERS,
    )


def _colleague_page(who: Actor, state: FormState) -> str:
    return render_template(
        "organisation/colleague.html",
        state=state,
        action=url_for("organisation.post_colleague"),
        back=url_for("organisation.show"),
        role=ROLES[who.role],
        roles=None,
    )
