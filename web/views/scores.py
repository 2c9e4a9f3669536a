"""What offers come to by their owner's measure, line by line, each with where it comes from."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from remelt.platform.market.measuring import Scored, scores
from remelt.platform.market.needs.stating import need_by_code
from remelt.platform.market.offerings import offering
from remelt.platform.market.tenders.explaining import TenderScored, tender_scores
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Organisation
from remelt.web import fmt
from remelt.web.context import clock, require, store
from remelt.web.score_words import score_card

bp = Blueprint("scores", __name__)


@bp.get("/listings/<code>/scores")
def listing(code: str) -> ResponseReturnValue:
    """Show the seller what each offer comes to, and a bidder its own."""
    who = require("market.browse")
    with store().read() as session:
        lot = offering(session, code=code)
        rows = scores(session, lot, viewer_id=who.organisation_id, now=clock().now(session))
        names = parties.organisations_by_id(session, ids={each.bid.bidder_id for each in rows})
    return render_template(
        "market/scores.html",
        cards=[score_card(each.measured, heading=_bidder(each, names)) for each in rows],
        behind=(_("Listing"), url_for("market.show", code=code)),
        lead=_("Net of VAT, less freight and carbon, per tonne of recovered metal: most is best."),
        nothing=_("Nothing to compare: scores are shown once bidding is over."),
    )


@bp.get("/needs/<need>/scores")
def tender(need: str) -> ResponseReturnValue:
    """Show the buyer what each lot would cost it, and a seller its own."""
    who = require("market.browse")
    with store().read() as session:
        rows = tender_scores(
            session, need=need_by_code(session, code=need), viewer_id=who.organisation_id
        )
    return render_template(
        "market/scores.html",
        cards=[score_card(each.measured, heading=_seller(each)) for each in rows],
        behind=(_("What is needed"), url_for("needs.show", code=need)),
        lead=_("Net of VAT, with freight and carbon, per tonne of recovered metal: least is best."),
        nothing=_("Nobody has offered anything here that you may see."),
    )


def _bidder(each: Scored, names: dict[int, Organisation]) -> str:
    if each.place is None:
        return str(_("Your offer"))
    name = fmt.named(names[each.bid.bidder_id], zh=fmt.is_chinese())
    return str(_("Place %(n)s: %(name)s", n=each.place, name=name))


def _seller(each: TenderScored) -> str:
    return str(_("Your offer") if each.mine else _("Seller %(n)s", n=each.number))
