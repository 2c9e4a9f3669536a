"""The gate: what arrives, buying from walk-in sellers, holding a load that must not be bought."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.codes import BadCode, read_code
from remelt.platform.yard import queries
from remelt.platform.yard.arriving import arrivals, held_loads
from remelt.platform.yard.gate import buy
from remelt.platform.yard.inspection import inspect
from remelt.platform.yard.sellers import find_sellers
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.market_words import ORIGIN_WORDS
from remelt.web.reverse_page import gauges_of
from remelt.web.reverse_words import WORDS as REVERSE
from remelt.web.yard_forms import LINES, BuyForm, HoldForm
from remelt.web.yard_sites import grade_names, grade_options, own_yard, vault, yards
from remelt.web.yard_words import WORDS

bp = Blueprint("gate", __name__, url_prefix="/gate")
RECENT = timedelta(hours=24)


@bp.get("")
def show() -> ResponseReturnValue:
    """Show what is to be weighed and what was, and lead to buying and weighing."""
    require("yard.read")
    return _gate(blank())


@bp.get("/find")
def find() -> ResponseReturnValue:
    """Lead a scanned or typed tag to the scale."""
    require("yard.weigh")
    typed = request.args.get("code", "")
    try:
        code = read_code(typed)
    except BadCode:
        return _gate(blank(), bad=True), 422
    return redirect(url_for("weigh.show", lot=code, site=request.args.get("site", "")), code=303)


@bp.post("/hold")
def hold() -> ResponseReturnValue:
    """Hold a load that must be neither bought nor unloaded."""
    who = require("yard.weigh")

    def act(session: Session, form: HoldForm) -> str:
        site = own_yard(session, who, form.site)
        inspect(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            findings=[form.found()],
            plate=form.plate,
        )
        return url_for("gate.show", site=site.code)

    return submit(HoldForm, act, who=who, page=_gate)


@bp.get("/buy")
def buying() -> ResponseReturnValue:
    """Show an empty purchase ticket with six lines."""
    require("yard.buy")
    return _buy(blank(seller_code=request.args.get("seller", "")[:14]))


@bp.post("/buy")
def bought() -> ResponseReturnValue:
    """Buy what was weighed and show the ticket."""
    who = require("yard.buy")

    def act(session: Session, form: BuyForm) -> str:
        ticket = buy(
            session,
            clock=clock(),
            site_id=own_yard(session, who, form.site).key,
            person_id=who.person_id,
            seller=form.seller(),
            lines=form.given(),
            method=form.method,
            mode=form.mode,
            plate=form.plate,
            reference=form.reference,
            rounding_fen=-(form.rounded_off_yuan or 0),
            tare_stored=form.tare_stored,
            with_invoice=form.with_invoice,
            note=form.note,
            radiation=form.radiation(),
            vault=vault(),
        )
        return url_for("tickets.show", ticket=ticket.code, new=1)

    return submit(BuyForm, act, who=who, page=_buy)


def _site_code() -> str:
    return request.form.get("site", "") or request.args.get("site", "")


def _gate(state: FormState, *, bad: bool = False) -> str:
    who = require("yard.read")
    with store().read() as session:
        site = own_yard(session, who, _site_code())
        cards = queries.tickets(
            session, organisation_id=who.organisation_id, site_id=site.key, limit=8
        )
        return render_template(
            "yard/gate.html",
            state=state,
            site=site,
            sites=yards(session, who),
            arrivals=arrivals(session, site=site),
            cards=cards,
            holds=held_loads(session, site_id=site.key),
            names=grade_names(session),
            words=WORDS,
            bad=bad,
            typed=request.args.get("code", "")[:60],
            expired=queries.scale_expired(
                site.scale_verified_until, on=clock().now(session).date()
            ),
        )


def _buy(state: FormState) -> str:
    who = require("yard.buy")
    with store().read() as session:
        site = own_yard(session, who, _site_code())
        known = find_sellers(session, organisation_id=who.organisation_id, text="")
        return render_template(
            "yard/buy.html",
            state=state,
            site=site,
            sites=yards(session, who),
            grades=grade_options(session, site),
            sellers=known,
            gauges=gauges_of(session, known, now=clock().now(session)),
            reverse=REVERSE,
            words=WORDS,
            origins=ORIGIN_WORDS,
            rows=_rows(state),
        )


def _rows(state: FormState) -> int:
    """As many rows as were typed, at least six."""
    typed = [int(name.split("-")[1]) for name in state.values if name.startswith("lines-")]
    return max([LINES, *(number + 1 for number in typed)])
