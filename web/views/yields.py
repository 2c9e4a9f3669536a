"""The yield of a month: open or brought, its preview, and what it changed."""

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.works import yields
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.works_words import BOOK_LINE_WORDS, YIELD_WORDS

bp = Blueprint("yields", __name__, url_prefix="/works/yields")


@bp.get("")
def show() -> ResponseReturnValue:
    """List a page of the months with heats: open, brought to their yield, or changed since."""
    who = require("works.energy")
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id, capability="smelt")
        page = yields.yield_months(
            session, sites=sites, now=clock().now(session), before=request.args.get("before")
        )
    return render_template("works/yields.html", page=page, said=YIELD_WORDS)


@bp.get("/<site>/<month>")
def one(site: str, month: str) -> ResponseReturnValue:
    """Show one month heat by heat: expected, brought to the yield, and the difference."""
    return _page(require("works.energy"), site, month, blank())


@bp.post("/<site>/<month>")
def post_one(site: str, month: str) -> ResponseReturnValue:
    """Bring the month to its yield and show what changed."""
    who = require("works.energy")
    with store().read() as session:
        place = parties.site(session, code=site, organisation_id=who.organisation_id)

    def act(session: Session, _form: Press) -> str:
        yields.bring_to_yield(
            session, clock=clock(), site_id=place.key, person_id=who.person_id, month=month
        )
        return url_for("yields.one", site=site, month=month)

    return submit(Press, act, who=who, page=partial(_page, who, site, month))


def _page(who: Actor, code: str, month: str, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        site = parties.site(session, code=code, organisation_id=who.organisation_id)
        found = yields.yield_month(session, site=site, month=month, now=clock().now(session))
        heats = yields.yield_heats(session, site=site, month=month)
        lines = yields.book_differences(session, site=site, month=month)
    return render_template(
        "works/yield.html",
        state=state,
        one=found,
        heats=heats,
        lines=lines,
        said=YIELD_WORDS,
        kinds=BOOK_LINE_WORDS,
    )
