"""The operator's desk: people who sign in, and the register of known sites."""

from collections.abc import Sequence
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field
from sqlmodel import Session

from remelt.platform.kernel.sheets.headings import CellProblem
from remelt.platform.parties import people, queries, register, sessions
from remelt.web.context import clock, require, settings, store
from remelt.web.fields import Text
from remelt.web.forms import Form, FormState, blank, submit
from remelt.web.furnish import ROLES
from remelt.web.passwords import fresh_password, hash_password
from remelt.web.uploads import in_words, sent_table
from remelt.web.views.register import areas

bp = Blueprint("operator_people", __name__, url_prefix="/operator")


class ImportForm(Form):
    """The register as a file; the file itself stands beside the fields."""


class LinkForm(Form):
    """The code of the platform's site; empty when it is none."""

    site_code: Text = Field(default="", max_length=20)


@bp.get("/people")
def index() -> ResponseReturnValue:
    """List who can sign in, those whose name or login holds `q`."""
    require("parties.operate")
    text = request.args.get("q", "")[:60].strip()
    with store().read() as session:
        found = queries.people(session, text=text)
    return render_template("operator/people.html", people=found, text=text)


@bp.get("/people/<person>")
def show(person: str) -> ResponseReturnValue:
    """Show a person with all memberships."""
    require("parties.operate")
    return _page(person)


@bp.post("/people/<person>/stop")
def stop(person: str) -> ResponseReturnValue:
    """Keep a person out from now on."""
    return _set_active(person, active=False)


@bp.post("/people/<person>/admit")
def admit(person: str) -> ResponseReturnValue:
    """Let a person sign in again."""
    return _set_active(person, active=True)


@bp.post("/people/<person>/password")
def reset_password(person: str) -> ResponseReturnValue:
    """Give a person a fresh password, shown once, and end their sessions."""
    who = require("parties.operate")
    fresh = fresh_password()
    with store().write() as session:
        row = queries.person(session, code=person)
        people.set_password(
            session,
            clock=clock(),
            person_id=row.key,
            password_hash=hash_password(fresh),
            by_person_id=who.person_id,
        )
        sessions.revoke_sessions(session, clock=clock(), person_id=row.key)
    return _page(person, fresh=fresh)


@bp.get("/register")
def known_sites() -> ResponseReturnValue:
    """List the known sites, and which of them are on the platform."""
    require("parties.operate")
    return _register_page(blank())


@bp.post("/register")
def import_known_sites() -> ResponseReturnValue:
    """Add the known sites of a file, all or none."""
    who = require("parties.operate")
    problems: list[CellProblem] = []

    def act(session: Session, _form: ImportForm) -> str:
        sent = sent_table()
        table = register.read_register(sent.content, filename=sent.name)
        problems.extend(register.cells_to_mend(session, table=table))
        register.import_known_sites(session, clock=clock(), table=table, demo=settings().demo)
        return url_for("operator_people.known_sites")

    return submit(ImportForm, act, who=who, page=partial(_register_page, problems=problems))


@bp.post("/register/<known>")
def link_known_site(known: str) -> ResponseReturnValue:
    """Say which site of the platform a known site is."""
    who = require("parties.operate")

    def act(session: Session, form: LinkForm) -> str:
        register.link_known_site(session, known_code=known, site_code=form.site_code or None)
        return url_for("operator_people.known_sites")

    return submit(LinkForm, act, who=who, page=_register_page)


def _set_active(person: str, *, active: bool) -> ResponseReturnValue:
    who = require("parties.operate")
    with store().write() as session:
        people.set_active(
            session,
            clock=clock(),
            person_code=person,
            active=active,
            by_person_id=who.person_id,
        )
    return redirect(url_for("operator_people.show", person=person), code=303)


def _page(person: str, *, fresh: str | None = None) -> str:
    with store().read() as session:
        row = queries.person(session, code=person)
        held = queries.memberships(session, person_id=row.key, ended=True)
    return render_template(
        "operator/person.html",
        state=blank(),
        person=row,
        memberships=held,
        fresh=fresh,
        roles=ROLES,
    )


def _register_page(state: FormState, problems: Sequence[CellProblem] = ()) -> str:
    with store().read() as session:
        rows = register.known_sites(session)
    return render_template(
        "operator/register.html",
        state=state,
        rows=rows,
        areas=areas(),
        problems=in_words(problems),
        wrong=len(problems),
    )
