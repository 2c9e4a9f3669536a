"""A collector registers: one page, and the work can begin."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from pydantic import Field
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import NoSuchPlace
from remelt.platform.catalogue.models import Place
from remelt.platform.parties import joining, sessions
from remelt.platform.parties.errors import BadAdcode
from remelt.web.attempts import register_limits
from remelt.web.auth import carry_session, desk
from remelt.web.context import clock, settings, store
from remelt.web.fields import Text, Tick, Words
from remelt.web.forms import Form, FormState, blank, submit
from remelt.web.passwords import hash_password

bp = Blueprint("register", __name__)


class RegisterForm(Form):
    """Who registers, as what, and where."""

    name: Words = Field(max_length=60)
    login: Words = Field(max_length=100)
    password: Words = Field(max_length=200)
    phone: Text = Field(default="", max_length=40)
    legal_form: Words = Field(max_length=20)
    trade_name: Text = Field(default="", max_length=80)
    adcode: Words = Field(max_length=6)
    address: Text = Field(default="", max_length=200)
    agreed: Tick


@bp.get("/register")
def register() -> ResponseReturnValue:
    """Show what is asked of a new collector, and why."""
    return _page(blank(legal_form="natural_person"))


@bp.post("/register")
def post_register() -> ResponseReturnValue:
    """Make person, organisation and site at once, and sign the person in."""
    limits = register_limits(address=request.remote_addr or "")
    desk().attempts.check(*limits)
    desk().attempts.hit(*limits)
    tokens: list[str] = []

    def act(session: Session, form: RegisterForm) -> str:
        place = place_of(session, form.adcode)
        made = joining.register_collector(
            session,
            clock=clock(),
            login=form.login,
            name=form.name,
            password_hash=hash_password(form.password, login=form.login),
            legal_form=form.legal_form,
            adcode=place.adcode,
            trade_name=form.trade_name if form.legal_form == "household" else "",
            phone=form.phone,
            address=form.address,
            lat_e6=place.lat_e6,
            lon_e6=place.lon_e6,
            locale="en" if str(get_locale()) == "en" else "zh_CN",
            demo=settings().demo,
        )
        _row, token = sessions.open_session(
            session,
            clock=clock(),
            person_id=made.person.key,
            device=request.user_agent.string,
            address=request.remote_addr or "",
        )
        tokens.append(token)
        return url_for("organisation.show")

    answer = submit(RegisterForm, act, who=None, page=_page)
    for token in tokens:
        carry_session(token)
    return answer


def place_of(session: Session, adcode: str) -> Place:
    """Return the place of a typed or chosen area code. Raises `BadAdcode`."""
    try:
        return catalogue.place(session, adcode)
    except NoSuchPlace as reason:
        raise BadAdcode(field="adcode") from reason


def counties() -> list[tuple[str, str, list[Place]]]:
    """The counties to choose from, by prefecture: its two names and its counties."""
    with store().read() as session:
        every = catalogue.places(session)
    return [
        (above.name_zh, above.name_en, [p for p in every if p.parent == above.adcode])
        for above in every
        if above.level == "prefecture"
    ]


def areas() -> dict[str, Place]:
    """Every place by its area code."""
    with store().read() as session:
        return {place.adcode: place for place in catalogue.places(session)}


def _page(state: FormState) -> str:
    return render_template("auth/register.html", state=state, areas=counties())
