"""Returns: what goes back, what comes back, why, and who bears the way."""

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.permissions import allows
from remelt.platform.yard.return_queries import return_to, returns_of, sender_of
from remelt.platform.yard.returning import (
    agree_bearers,
    receive_return,
    return_lot,
    take_back,
)
from remelt.web.context import clock, require, store
from remelt.web.flow_forms import ReturnForm, TakeBackForm
from remelt.web.flow_words import BEARER_WORDS, CAUSE_WORDS, RETURN_WORDS
from remelt.web.fmt import is_chinese, named
from remelt.web.forms import Form, FormState, Press, blank, submit
from remelt.web.works_forms import KgOrNone
from remelt.web.works_words import site_choices, spoken

bp = Blueprint("returns", __name__, url_prefix="/returns")
SAID = {"cause": CAUSE_WORDS, "by": BEARER_WORDS, "kind": RETURN_WORDS}


class AgreeForm(Form):
    """The CO2e of the way back, from who bears it."""

    co2e_kg: KgOrNone = None


@bp.get("")
def show() -> ResponseReturnValue:
    """Show returns from and to one's organisation, and the forms that make one."""
    return _page(require("yard.returns"), blank(lot_code=request.args.get("lot", "")[:20]))


@bp.post("")
def post_return() -> ResponseReturnValue:
    """Send a lot back: refused at the gate, or after unloading."""
    who = require("yard.return")

    def act(session: Session, form: ReturnForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        return_lot(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            lot_code=form.lot_code,
            why=form.why(),
            to_site=form.to_site or None,
        )
        return url_for("returns.show")

    return submit(ReturnForm, act, who=who, page=partial(_page, who))


@bp.post("/customers")
def post_take_back() -> ResponseReturnValue:
    """Take back what a customer outside of the platform returned."""
    who = require("yard.return")

    def act(session: Session, form: TakeBackForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        take_back(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            lot_code=form.lot_code,
            mass_g=form.mass_kg,
            customer=form.customer,
            why=form.why(),
        )
        return url_for("returns.show")

    return submit(TakeBackForm, act, who=who, page=lambda state: _page(who, state))


@bp.get("/<returned>/agree")
def show_agree(returned: str) -> ResponseReturnValue:
    """Show what came, or is coming, back, and ask who bears it for the CO2e of the way."""
    who = require("yard.returns")
    return _agreeing(returned, who, blank())


def _agreeing(returned: str, who: Actor, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        row = return_to(session, code=returned, organisation_id=who.organisation_id)
        firm = sender_of(session, row)
    return render_template("yard/return.html", state=state, row=row, firm=firm, said=SAID)


@bp.post("/<returned>/agree")
def post_agree(returned: str) -> ResponseReturnValue:
    """Agree who bears freight and CO2e of what came, or is coming, back."""
    who = require("yard.returns")
    to_us(who, returned)

    def act(session: Session, form: AgreeForm) -> str:
        agree_bearers(
            session,
            clock=clock(),
            code=returned,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            co2e_g=form.co2e_kg,
        )
        return url_for("returns.show")

    return submit(AgreeForm, act, who=who, page=partial(_agreeing, returned, who))


def to_us(who: Actor, returned: str) -> None:
    """Refuse a return that does not go back to one's organisation, before any input is read.

    Raises `NoSuchReturn`.
    """
    with store().read() as session:
        return_to(session, code=returned, organisation_id=who.organisation_id)


@bp.post("/<returned>/receive")
def post_receive(returned: str) -> ResponseReturnValue:
    """Receive what came back to one's own site."""
    who = require("yard.returns")
    to_us(who, returned)

    def act(session: Session, _form: Press) -> str:
        receive_return(
            session,
            clock=clock(),
            code=returned,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("returns.show")

    return submit(Press, act, who=who, page=partial(_page, who))


def _page(who: Actor, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        lines = returns_of(session, organisation_id=who.organisation_id)
        sites = parties.sites_of(session, organisation_id=who.organisation_id)
        others = {
            site.code: (site, firm)
            for capability in ("collect", "purchase_point", "hub", "smelt", "trade")
            for site, firm in parties.sites_that(session, capability=capability)
            if firm.key != who.organisation_id
        }
    zh = is_chinese()
    places = [(c, f"{named(f, zh=zh)} · {named(s, zh=zh)}") for c, (s, f) in others.items()]
    return render_template(
        "yard/returns.html",
        state=state,
        lines=lines,
        may=allows(who.role, "yard.return"),
        sites=sites,
        site_choices=site_choices(sites),
        places=sorted(places, key=lambda each: each[1]),
        causes=spoken(CAUSE_WORDS),
        bearers=spoken(BEARER_WORDS),
        said=SAID,
    )
