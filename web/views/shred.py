"""The shredder: several lots in, fractions and residue out."""

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.works.sorting import shred_lots
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.views.stock import grade_choices, hub_sites, own_stock, row_count
from remelt.web.works_forms import ShredForm
from remelt.web.works_words import FORMS, WORDS, lot_choices, site_choices, spoken

bp = Blueprint("shred", __name__, url_prefix="/shred")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the sheet of a shredding."""
    who = require("works.sort")
    asked = [code[:14] for code in request.args.getlist("lot")[:20]]
    return _page(who, blank(**{f"lots-{i}-lot": code for i, code in enumerate(asked)}))


@bp.post("")
def post() -> ResponseReturnValue:
    """Shred lots, and show what came out."""
    who = require("works.sort")

    def act(session: Session, form: ShredForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        done = shred_lots(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            taken_g={each.lot: each.mass_kg for each in form.lots},
            parts=[each.part() for each in form.parts],
            losses=form.losses,
            energy=form.energy,
            difference_note=form.difference_note,
        )
        return url_for("stock.paper", sorting=done.sorting.code)

    return submit(ShredForm, act, who=who, page=partial(_page, who))


def _page(who: Actor, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        sites = hub_sites(session, who)
        lines = own_stock(session, who, sites=sites)
        grades = grade_choices(catalogue.grades(session, metal=None), metal="")
    return render_template(
        "works/shred.html",
        state=state,
        sites=sites,
        site_choices=site_choices(sites),
        lines=lines,
        lot_choices=lot_choices(lines),
        grades=grades,
        lots=row_count(state, "lots"),
        parts=row_count(state, "parts"),
        forms=spoken(FORMS),
        words=WORDS,
    )
