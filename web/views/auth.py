"""Signing in and out, the second factor, and the workplace of a person who has several."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field
from sqlmodel import Session

from remelt.platform.kernel.errors import Refusal
from remelt.platform.parties import queries, sessions
from remelt.web.auth import (
    SignedIn,
    await_factor,
    awaited,
    begin_session,
    check_factor,
    check_password,
    end_session,
    signed_in,
)
from remelt.web.context import SignInNeeded, actor, store
from remelt.web.fields import Words
from remelt.web.forms import Form, FormState, blank, read_form, refused_again, submit
from remelt.web.furnish import ROLES
from remelt.web.views.preferences import inside

bp = Blueprint("auth", __name__)


class SignInForm(Form):
    """Who one is and how one proves it."""

    login: Words = Field(max_length=100)
    password: Words = Field(max_length=200)
    next: str = ""


class FactorForm(Form):
    """The one-time code of the second factor, or a recovery code."""

    one_time_code: Words = Field(max_length=40)
    next: str = ""


class WorkplaceForm(Form):
    """The membership to work in."""

    membership: Words = Field(max_length=20)
    next: str = ""


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask who it is; who is known already goes on."""
    after = inside(request.args.get("next", ""))
    if actor() is not None:
        return redirect(after, code=303)
    if signed_in() is not None:
        return redirect(url_for("auth.workplace", next=after), code=303)
    return _sign_in_page(blank(next=after))


@bp.post("/sign-in")
def post_sign_in() -> ResponseReturnValue:
    """Check login and password; lead to the second factor where there is one, else in."""
    try:
        form = read_form(SignInForm)
        claimant = check_password(
            login=form.login, password=form.password, address=request.remote_addr or ""
        )
    except Refusal as refused:
        return refused_again(_sign_in_page, SignInForm, refused)
    after = inside(form.next)
    if claimant.totp_secret is not None:
        await_factor(claimant)
        return redirect(url_for("auth.second_factor", next=after), code=303)
    begin_session(claimant.person_id)
    return _go_on(after)


@bp.get("/sign-in/second-factor")
def second_factor() -> ResponseReturnValue:
    """Ask for the one-time code; without a password before it, start again."""
    after = inside(request.args.get("next", ""))
    if awaited() is None:
        return redirect(url_for("auth.sign_in", next=after), code=303)
    return _factor_page(blank(next=after))


@bp.post("/sign-in/second-factor")
def post_second_factor() -> ResponseReturnValue:
    """Check the one-time code and let the person in."""
    claimant = awaited()
    if claimant is None:
        return redirect(url_for("auth.sign_in"), code=303)
    try:
        form = read_form(FactorForm)
        check_factor(claimant, typed=form.one_time_code)
    except Refusal as refused:
        return refused_again(_factor_page, FactorForm, refused)
    begin_session(claimant.person_id)
    return _go_on(inside(form.next))


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session here; the others of this person stay."""
    end_session()
    return redirect(url_for("home.show"), code=303)


@bp.get("/workplace")
def workplace() -> ResponseReturnValue:
    """Show for which organisation and in which role this person can work."""
    return _workplace_page(_person(), blank(next=inside(request.args.get("next", ""))))


@bp.post("/workplace")
def choose_workplace() -> ResponseReturnValue:
    """Work in the chosen membership from now on."""
    person = _person()

    def act(session: Session, form: WorkplaceForm) -> str:
        sessions.choose_membership(
            session,
            session_id=person.session_id,
            person_id=person.person_id,
            membership_code=form.membership,
        )
        return inside(form.next)

    return submit(WorkplaceForm, act, who=None, page=lambda state: _workplace_page(person, state))


def _person() -> SignedIn:
    person = signed_in()
    if person is None:
        raise SignInNeeded
    return person


def _go_on(after: str) -> ResponseReturnValue:
    person = signed_in()
    if person is not None and person.membership_id is None:
        return redirect(url_for("auth.workplace", next=after), code=303)
    return redirect(after, code=303)


def _sign_in_page(state: FormState) -> str:
    return render_template("auth/sign_in.html", state=state)


def _factor_page(state: FormState) -> str:
    return render_template("auth/second_factor.html", state=state)


def _workplace_page(person: SignedIn, state: FormState) -> str:
    with store().read() as session:
        held = queries.memberships(session, person_id=person.person_id)
    return render_template(
        "auth/workplace.html",
        state=state,
        memberships=held,
        now=person.membership_id,
        roles=ROLES,
    )
