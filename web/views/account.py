"""My account: where I am signed in, my password, the second factor, access tokens."""

from typing import Annotated

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from pydantic import BeforeValidator, Field

from remelt.platform.kernel.errors import Refusal
from remelt.platform.parties import factors, people, queries, sessions, tokens
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.permissions import PERMISSIONS, allows
from remelt.web.auth import Claimant, SignedIn, check_factor, check_password, desk, signed_in
from remelt.web.context import SignInNeeded, clock, require, store
from remelt.web.fields import Words, whole
from remelt.web.forms import Form, FormState, blank, read_form, refused_again
from remelt.web.passwords import hash_password
from remelt.web.words import ROOMS

bp = Blueprint("account", __name__, url_prefix="/account")
RECOVERY_CODES = 8


DEVICES = (
    ("MicroMessenger", "WeChat"),
    ("AlipayClient", "Alipay"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@bp.app_template_filter("device")
def device(agent: str) -> str:
    """Say in two words what a browser calls itself in two hundred.

    >>> device("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36")
    'Chrome · Linux'
    """
    told = [
        next((name for sign, name in table if sign in agent), "") for table in (DEVICES, SYSTEMS)
    ]
    return " · ".join(name for name in told if name) or agent[:40]


class PasswordForm(Form):
    """The old password and the new one."""

    password: Words = Field(max_length=200)
    new_password: Words = Field(max_length=200)


class EnrolForm(Form):
    """The first code of a new authenticator."""

    one_time_code: Words = Field(max_length=40)


class ProofForm(Form):
    """The password once more."""

    password: Words = Field(max_length=200)


class TokenForm(Form):
    """A new access token: what it is for, how far it reaches, how long it lasts."""

    name: Words = Field(max_length=60)
    room: Words = Field(max_length=20)
    days: Annotated[int, BeforeValidator(whole)]


def me() -> SignedIn:
    """Return who is signed in, whatever they belong to. Raises `SignInNeeded`."""
    person = signed_in()
    if person is None:
        raise SignInNeeded
    return person


@bp.get("")
def show() -> ResponseReturnValue:
    """Show who I am and where I am signed in."""
    person = me()
    with store().read() as db:
        row = queries.person_by_id(db, person_id=person.person_id)
        held = queries.memberships(db, person_id=person.person_id)
        mine = sessions.sessions_of(db, clock=clock(), person_id=person.person_id)
        left = factors.recovery_codes_left(db, person_id=person.person_id)
    return render_template(
        "account/show.html",
        state=blank(),
        person=row,
        memberships=held,
        sessions=mine,
        here_code=person.session_code,
        codes_left=left,
    )


@bp.post("/sessions/<session>/revoke")
def revoke_session(session: str) -> ResponseReturnValue:
    """End one of my sessions."""
    person = me()
    with store().write() as db:
        sessions.revoke_session(db, clock=clock(), session_code=session, person_id=person.person_id)
    return redirect(url_for("account.show"), code=303)


@bp.post("/sessions/revoke-others")
def revoke_others() -> ResponseReturnValue:
    """End every session of mine but this one."""
    person = me()
    with store().write() as db:
        sessions.revoke_sessions(
            db, clock=clock(), person_id=person.person_id, keep_code=person.session_code
        )
    flash(gettext("You are signed out everywhere else."), "good")
    return redirect(url_for("account.show"), code=303)


@bp.get("/password")
def password() -> ResponseReturnValue:
    """Show the form for a new password."""
    me()
    return _password_page(blank())


@bp.post("/password")
def change_password() -> ResponseReturnValue:
    """Change my password and end my other sessions."""
    person = me()
    try:
        form = read_form(PasswordForm)
        _check_again(person, form.password)
        hashed = hash_password(form.new_password, login=person.login, field="new_password")
    except Refusal as refused:
        return refused_again(_password_page, PasswordForm, refused)
    with store().write() as db:
        people.set_password(
            db,
            clock=clock(),
            person_id=person.person_id,
            password_hash=hashed,
            by_person_id=person.person_id,
        )
        sessions.revoke_sessions(
            db, clock=clock(), person_id=person.person_id, keep_code=person.session_code
        )
    flash(gettext("The password is changed. You are signed out everywhere else."), "good")
    return redirect(url_for("account.show"), code=303)


@bp.get("/second-factor")
def second_factor() -> ResponseReturnValue:
    """Show the second factor, or what to scan to get one."""
    return _factor_page(me(), blank())


@bp.post("/second-factor")
def enrol() -> ResponseReturnValue:
    """Check the first code, ask for codes from now on, tell the recovery codes once."""
    person = me()
    secret = str(session.get("enrol", ""))
    if person.totp_secret is not None or not secret:
        return redirect(url_for("account.second_factor"), code=303)
    with store().read() as db:
        claimant = Claimant(queries.person_by_id(db, person_id=person.person_id))
    claimant.totp_secret = secret
    try:
        form = read_form(EnrolForm)
        check_factor(claimant, typed=form.one_time_code)
    except Refusal as refused:
        return refused_again(lambda state: _factor_page(person, state), EnrolForm, refused)
    codes = desk().totp.generate_recovery_codes(RECOVERY_CODES)
    with store().write() as db:
        factors.set_factor(
            db,
            clock=clock(),
            person_id=person.person_id,
            totp_secret=secret,
            recovery_codes=codes,
        )
    session.pop("enrol")
    return render_template("account/recovery_codes.html", codes=codes)


@bp.post("/second-factor/end")
def end_factor() -> ResponseReturnValue:
    """Ask for the password alone again."""
    person = me()
    try:
        _check_again(person, read_form(ProofForm).password)
    except Refusal as refused:
        return refused_again(lambda state: _factor_page(person, state), ProofForm, refused)
    with store().write() as db:
        factors.end_factor(db, clock=clock(), person_id=person.person_id)
    flash(gettext("Signing in takes the password alone again."), "warn")
    return redirect(url_for("account.show"), code=303)


@bp.get("/tokens")
def list_tokens() -> ResponseReturnValue:
    """Show my access tokens and the form for a new one."""
    who = require("parties.account")
    return _token_page(who, blank(days="90"))


@bp.post("/tokens")
def make_token() -> ResponseReturnValue:
    """Make an access token and show it, once."""
    who = require("parties.account")
    try:
        form = read_form(TokenForm)
        with store().write() as db:
            _row, text = tokens.issue_token(
                db,
                clock=clock(),
                actor=who,
                name=form.name,
                scopes=_scopes(who, form.room),
                days=form.days,
            )
    except Refusal as refused:
        return refused_again(lambda state: _token_page(who, state), TokenForm, refused)
    return _token_page(who, blank(days="90"), made=text)


@bp.post("/tokens/<token>/revoke")
def revoke_token(token: str) -> ResponseReturnValue:
    """End one of my access tokens."""
    person = me()
    with store().write() as db:
        tokens.revoke_token(db, clock=clock(), token_code=token, person_id=person.person_id)
    return redirect(url_for("account.list_tokens"), code=303)


def _check_again(person: SignedIn, typed: str) -> None:
    """Refuse a wrong password of somebody signed in. Raises `WrongSignIn` or `TooManyTries`."""
    check_password(login=person.login, password=typed, address="account")


def _password_page(state: FormState) -> str:
    return render_template("account/password.html", state=state, login=me().login)


def _factor_page(person: SignedIn, state: FormState) -> str:
    if person.totp_secret is not None:
        with store().read() as db:
            left = factors.recovery_codes_left(db, person_id=person.person_id)
        return render_template("account/second_factor.html", state=state, codes_left=left)
    secret = session.setdefault("enrol", desk().totp.generate_totp_secret())
    values = desk().totp.fetch_setup_values(secret, person)
    return render_template("account/enrol.html", state=state, setup=values)


def _token_page(who: Actor, state: FormState, *, made: str | None = None) -> str:
    with store().read() as db:
        mine = tokens.tokens_of(db, clock=clock(), person_id=who.person_id)
    rooms = sorted({name.partition(".")[0] for name in _scopes(who, "all")})
    return render_template(
        "account/tokens.html",
        state=state,
        tokens=mine,
        made=made,
        rooms=[(room, ROOMS.get(room, room)) for room in rooms],
        days=tokens.DAYS,
    )


def _scopes(who: Actor, room: str) -> list[str]:
    held = [name for name in PERMISSIONS if allows(who.role, name)]
    return held if room == "all" else [n for n in held if n.partition(".")[0] == room]
