"""What buyers look for: the board of needs, stating one, and how lots fit it."""

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.market.needs import boards
from remelt.platform.market.needs.matching import lots_for
from remelt.platform.market.needs.models import Need
from remelt.platform.market.needs.stating import (
    end_need,
    is_open,
    need_by_code,
    own_need,
    state_need,
)
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.address import asked_page
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.market_words import FORM_WORDS, TRACK_WORDS, WORDS
from remelt.web.need_forms import DAYS, NeedForm
from remelt.web.need_page import as_typed, from_recipe, recipe_choices
from remelt.web.need_words import said
from remelt.web.tender_page import tender_facts
from remelt.web.views.lots import METALS, grade_names, grade_options

bp = Blueprint("needs", __name__, url_prefix="/needs")
PAGE = 24


@bp.get("")
def board() -> ResponseReturnValue:
    """Show what is looked for now, of one metal or all, and one's own needs."""
    who = require("market.browse")
    metal = request.args.get("metal", "")
    page = asked_page()
    with store().read() as session:
        now = clock().now(session)
        mine = boards.own_needs(session, buyer_id=who.organisation_id, now=now)
        found = boards.open_needs(
            session, now=now, metal=metal if metal in METALS else "", limit=PAGE + 1,
            offset=(page - 1) * PAGE,
        )  # fmt: skip
        metals = _metals(session)
        names = grade_names(session)
    return render_template(
        "market/needs.html", mine=mine, found=[n for n in found[:PAGE] if n not in mine],
        more=len(found) > PAGE, page=page, metal=metal, metals=metals, names=names, words=WORDS,
        now=now,
        may_state=who.may("market.need"), is_open=is_open,
    )  # fmt: skip


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Show the form that states a need, from one of a smelter's recipes if it is asked for."""
    who = require("market.need")
    recipe = request.args.get("recipe", "")
    with store().read() as session:
        values = from_recipe(session, who, code=recipe) if recipe else {}
    metal = request.args.get("metal", "")
    if metal in METALS:
        values["metal"] = metal
    return _form(who, blank(**values))


@bp.post("/new")
def create() -> ResponseReturnValue:
    """State a need."""
    who = require("market.need")

    def act(session: Session, form: NeedForm) -> str:
        with as_typed():
            site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
            made = state_need(
                session,
                clock=clock(),
                buyer_id=who.organisation_id,
                person_id=who.person_id,
                site_id=site.key,
                draft=form.draft(now=clock().now(session)),
            )
        return url_for("needs.show", code=made.code)

    return submit(NeedForm, act, who=who, page=partial(_form, who))


@bp.get("/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show a need; to its buyer with the lots that fit, to sellers with a way to offer one."""
    return need_page(code, require("market.browse"), blank())


@bp.post("/<code>/end")
def end(code: str) -> ResponseReturnValue:
    """Take a need off the board."""
    who = require("market.need")
    with store().read() as session:
        own_need(session, code=code, buyer_id=who.organisation_id)

    def act(session: Session, _form: Press) -> str:
        row = end_need(session, clock=clock(), need_code=code, buyer_id=who.organisation_id)
        return url_for("needs.show", code=row.code)

    return submit(Press, act, who=who, page=lambda state: need_page(code, who, state))


def need_page(code: str, who: Actor, state: FormState) -> str:
    """Return the page of a need as `who` sees it, with a form that came back."""
    with store().read() as session:
        need = need_by_code(session, code=code)
        now = clock().now(session)
        own = need.buyer_id == who.organisation_id
        open_now = is_open(need, now=now)
        lots = lots_for(session, need, now=now) if own and open_now else []
        names = grade_names(session)
        site = parties.site_by_id(session, site_id=need.site_id) if own else None
        tender = tender_facts(session, need, who)
    return render_template(
        "market/need.html", need=need, own=own, open_now=open_now, names=names, words=WORDS,
        site=site, state=state, lots=[(each, said(each.fit)) for each in lots],
        may_sell=who.may("market.sell") and not own, grade_link=_grade_link(need), **tender,
    )  # fmt: skip


def _grade_link(need: Need) -> str:
    """Return the grade that a seller's form begins with: the only one asked for, if it is one."""
    return need.grades[0] if len(need.grades) == 1 else ""


def _form(who: Actor, state: FormState) -> str:
    metal = state.values.get("metal", "Al")
    metal = metal if metal in METALS else "Al"
    with store().read() as session:
        context: dict[str, Any] = {
            "sites": parties.sites_of(session, organisation_id=who.organisation_id),
            "grades": grade_options(session, metal=metal),
            "metals": _metals(session),
            "recipes": recipe_choices(session, who),
        }
    return render_template(
        "market/need_new.html", state=state, metal=metal, days=DAYS,
        forms=[(key, _(text)) for key, text in FORM_WORDS.items()],
        tracks=[(key, _(text)) for key, text in TRACK_WORDS.items()], **context,
    )  # fmt: skip


def _metals(session: Session) -> list[Any]:
    rows = [row for row in catalogue.metals(session) if row.code in METALS]
    return sorted(rows, key=lambda row: METALS.index(row.code))
