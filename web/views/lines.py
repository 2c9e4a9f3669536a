"""Continuous lines: set up, accounted by period, judged from drain to drain."""

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.works import campaigns, queries
from remelt.platform.works.lines import add_line, run_period
from remelt.platform.works.places import DEFAULT_DIVISION_G
from remelt.web.context import clock, require, store
from remelt.web.fmt import is_chinese, named
from remelt.web.forms import FormState, blank, submit
from remelt.web.line_words import LINE_WORDS, METHOD_WORDS, PRODUCT_FORMS
from remelt.web.views.stock import row_count
from remelt.web.works_forms import LineForm, PeriodForm
from remelt.web.works_words import WORDS, lot_choices, site_choices, spoken

bp = Blueprint("lines", __name__, url_prefix="/works/lines")
SAID = {"kind": LINE_WORDS, "method": METHOD_WORDS, "form": PRODUCT_FORMS}


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the lines and what is in process, and the form that sets one up."""
    return _lines_page(require("works.melt"), blank(metal="Cu", kind="tankhouse"))


@bp.post("")
def post_line() -> ResponseReturnValue:
    """Set up a line."""
    who = require("works.melt")

    def act(session: Session, form: LineForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        add_line(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            name=form.name,
            kind=form.kind,
            metal=form.metal,
        )
        return url_for("lines.show")

    return submit(LineForm, act, who=who, page=partial(_lines_page, who))


@bp.get("/<line>")
def line(line: str) -> ResponseReturnValue:
    """Show a line's periods, its campaigns, and the sheet of the next period."""
    return _line_page(require("works.melt"), line, blank(method="counted"))


@bp.post("/<line>")
def post_period(line: str) -> ResponseReturnValue:
    """Account a period and show it."""
    who = require("works.melt")
    with store().read() as session:
        card = campaigns.line(session, code=line, organisation_id=who.organisation_id)

    def act(session: Session, form: PeriodForm) -> str:
        ran = run_period(
            session,
            clock=clock(),
            site_id=card.site.key,
            person_id=who.person_id,
            line_code=line,
            sheet=form.sheet(),
        )
        return url_for("lines.period", period=ran.period.code)

    return submit(PeriodForm, act, who=who, page=partial(_line_page, who, line))


@bp.get("/periods/<period>")
def period(period: str) -> ResponseReturnValue:
    """Show one period line by line."""
    who = require("works.melt")
    with store().read() as session:
        paper, card = campaigns.period(session, code=period, organisation_id=who.organisation_id)
        told = queries.told(session, event_hash=paper.event_hash)
    return render_template(
        "works/period.html", paper=paper, card=card, told=told, words=WORDS, said=SAID
    )


def _lines_page(who: Actor, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        sites = [
            site
            for site in parties.sites_of(session, organisation_id=who.organisation_id)
            if site.capabilities & {"smelt", "process"}
        ]
        cards = campaigns.lines(session, organisation_id=who.organisation_id)
        metals = [m for m in catalogue.metals(session) if m.code != "mixed"]
    return render_template(
        "works/lines.html",
        state=state,
        cards=cards,
        sites=sites,
        site_choices=site_choices(sites),
        metal_choices=[(one.code, named(one, zh=is_chinese())) for one in metals],
        kinds=spoken(LINE_WORDS),
        said=SAID,
    )


def _line_page(who: Actor, code: str, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        card = campaigns.line(session, code=code, organisation_id=who.organisation_id)
        papers = campaigns.periods(session, line_id=card.line.key)
        stock = queries.stock(
            session,
            organisation_code=who.organisation_code,
            site_codes=[card.site.code],
            heels=True,
        )
    ready = [each for each in stock if each.lot.role != "heel"]
    return render_template(
        "works/line.html",
        state=state,
        card=card,
        papers=papers,
        campaigns=campaigns.judge(
            papers, scale_division_g=card.site.scale_division_g or DEFAULT_DIVISION_G
        )[::-1],
        in_process=next((x.lot for x in stock if x.lot.code == card.line.stock_lot), None),
        lot_choices=lot_choices(ready),
        charges=row_count(state, "charges"),
        products=row_count(state, "products"),
        more=(request.args.get("rows", type=int) or 4) + 4,
        methods=spoken(METHOD_WORDS),
        forms=spoken(PRODUCT_FORMS),
        said=SAID,
        words=WORDS,
    )
