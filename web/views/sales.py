"""Combined sales: opened by sellers, offered in by buyers, decided by proof, read by regulators."""

from functools import partial
from pathlib import Path

import orjson
from flask import Blueprint, Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.market.combined import queries
from remelt.platform.market.combined.models import CombinedSale
from remelt.platform.market.combined.offering import offer_package, take_back_offer
from remelt.platform.market.combined.opening import open_sale, take_back_sale
from remelt.platform.market.combined.stuck import decide_again, end_sale
from remelt.platform.market.preparing.keeping import drafts_of, publish_draft
from remelt.platform.market.preparing.said import missing_of
from remelt.platform.market.winners import verifier
from remelt.platform.market.winners.codec import document
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock, house, require, store
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.market_forms import HOURS, as_typed
from remelt.web.sale_forms import OfferForm, SaleForm
from remelt.web.views.lots import grade_names
from remelt.web.views.market import goals

bp = Blueprint("sales", __name__)
MOST_SHOWN = 50
DEFAULTS = {
    "open_hours": "24",
    "freight_yuan_per_tkm": "0.5",
    "co2e_kg_per_tkm": "0.08",
    "carbon_yuan_per_t": "90",
    "preserve_pct": "3",
}


@bp.get("/sales")
def index() -> ResponseReturnValue:
    """List the sales that take offers, one's own, and those one made offers in."""
    who = require("market.browse")
    with store().read() as session:
        now = clock().now(session)
        cards = queries.sales(session, viewer_id=who.organisation_id, now=now)
    return render_template("market/sales.html", cards=cards)


@bp.get("/sales/new")
def new() -> ResponseReturnValue:
    """Show the form that opens a sale over one's own listings."""
    return _new_page(require("market.sell"), blank(**DEFAULTS))


@bp.post("/sales/new")
def create() -> ResponseReturnValue:
    """Open a sale."""
    who = require("market.sell")

    def act(session: Session, form: SaleForm) -> str:
        with as_typed():
            made = open_sale(
                session,
                clock=clock(),
                seller_id=who.organisation_id,
                person_id=who.person_id,
                terms=form.terms(now=clock().now(session)),
                lots=form.chosen(published=partial(_published, session, who)),
            )
        return url_for("sales.show", code=made.code)

    return submit(SaleForm, act, who=who, page=partial(_new_page, who))


@bp.get("/sales/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show a sale: its lots, one's own offers, and after the close its award."""
    return _page(code, require("market.browse"), blank(how="together", use="wrought"))


@bp.post("/sales/<code>/offers")
def offer(code: str) -> ResponseReturnValue:
    """Make one offer for several lots, or several for one each."""
    who = require("market.bid")

    def act(session: Session, form: OfferForm) -> str:
        site = parties.site(session, code=form.deliver_to)
        for draft in form.drafts(site_id=site.key):
            offer_package(
                session,
                clock=clock(),
                sale_code=code,
                bidder_id=who.organisation_id,
                person_id=who.person_id,
                draft=draft,
            )
        return url_for("sales.show", code=code, _anchor="mine")

    return submit(OfferForm, act, who=who, page=partial(_page, code, who))


@bp.post("/sales/<code>/offers/<int:seq>/take-back")
def take_back(code: str, seq: int) -> ResponseReturnValue:
    """Take one's own offer back."""
    who = require("market.bid")

    def act(session: Session, _form: Press) -> str:
        take_back_offer(
            session, clock=clock(), sale_code=code, seq=seq, bidder_id=who.organisation_id
        )
        return url_for("sales.show", code=code, _anchor="mine")

    return submit(Press, act, who=who, page=partial(_page, code, who))


@bp.post("/sales/<code>/withdraw")
def withdraw(code: str) -> ResponseReturnValue:
    """Take a sale back that nobody made an offer in."""
    who = require("market.sell")

    def act(session: Session, _form: Press) -> str:
        take_back_sale(session, clock=clock(), sale_code=code, seller_id=who.organisation_id)
        return url_for("sales.show", code=code)

    return submit(Press, act, who=who, page=partial(_page, code, who))


@bp.post("/sales/<code>/decide-again")
def again(code: str) -> ResponseReturnValue:
    """Have an award that failed worked out again."""
    who = require("market.sell")

    def act(session: Session, _form: Press) -> str:
        decide_again(session, clock=clock(), sale_code=code, seller_id=who.organisation_id)
        return url_for("sales.show", code=code)

    return submit(Press, act, who=who, page=partial(_page, code, who))


@bp.post("/sales/<code>/end")
def end(code: str) -> ResponseReturnValue:
    """End a sale whose award failed: nothing is sold."""
    who = require("market.sell")

    def act(session: Session, _form: Press) -> str:
        end_sale(session, clock=clock(), sale_code=code, seller_id=who.organisation_id)
        return url_for("sales.show", code=code)

    return submit(Press, act, who=who, page=partial(_page, code, who))


@bp.get("/sales/<code>/award.json")
def award(code: str) -> Response:
    """Send the award as one file to who took part: the sale, its certificate, the search."""
    who = require("market.browse")
    with store().read() as session:
        return _file(queries.award_file(session, code=code, viewer_id=who.organisation_id))


@bp.get("/sales/verifier.py")
def verifier_file() -> Response:
    """Send the verifier: one file of Python that needs nothing but Python."""
    response = make_response(Path(verifier.__file__).read_text(encoding="utf-8"))
    response.mimetype = "text/x-python"
    response.headers["Content-Disposition"] = "attachment; filename=verifier.py"
    return response


@bp.get("/supervision/sales")
def watch() -> ResponseReturnValue:
    """List every combined sale for who supervises the market."""
    require("regulation.read")
    with store().read() as session:
        cards = queries.every_sale(session, now=clock().now(session))
    return render_template("market/sales_watch.html", cards=cards)


@bp.get("/supervision/sales/<code>/award.json")
def watched_award(code: str) -> Response:
    """Send the award of any decided sale to who supervises the market."""
    require("regulation.read")
    with store().read() as session:
        return _file(queries.award_file(session, code=code, viewer_id=None))


def _file(sale: CombinedSale) -> Response:
    body = orjson.dumps(document(sale.problem or {}, sale.result or {}), option=orjson.OPT_INDENT_2)
    response = make_response(body)
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = f"attachment; filename=award-{sale.code}.json"
    return response


def _new_page(who: Actor, state: FormState) -> str:
    with store().read() as session:
        now = clock().now(session)
        found = queries.can_join(session, seller_id=who.organisation_id, now=now)
        kept = drafts_of(session, seller_id=who.organisation_id, limit=MOST_SHOWN)
        names = grade_names(session)
    drafts = [row for row in kept if row.site_id is not None and not missing_of(row.said)]
    return render_template(
        "market/sale_new.html", state=state, found=found[:MOST_SHOWN], drafts=drafts, names=names,
        hours=HOURS,
    )  # fmt: skip


def _published(session: Session, who: Actor, draft: str) -> str:
    """Put a draft on the market, in the transaction that opens the sale; return its listing."""
    return publish_draft(
        session,
        clock=clock(),
        code=draft,
        seller_id=who.organisation_id,
        person_id=who.person_id,
        house=house(),
    ).code


def _page(code: str, who: Actor, state: FormState) -> str:
    with store().read() as session:
        now = clock().now(session)
        view = queries.sale_view(session, code=code, viewer_id=who.organisation_id, now=now)
        can_bid = who.may("market.bid") and not view.own and view.state == "open"
        sites = goals(session, who) if can_bid else []
    return render_template(
        "market/sale.html", view=view, state=state, press=blank(), can_bid=can_bid, sites=sites
    )
