"""Changing the terms of a lot on offer: offers on the old ones are void, their bidders told."""

from functools import partial
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.market import queries
from remelt.platform.market.amending import amend
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.drafts import ListingDraft
from remelt.platform.market.models import Listing
from remelt.platform.market.queries import OwnLine
from remelt.platform.market.terms import terms_of
from remelt.platform.market.terms_models import AuctionTerms
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.asking import asking
from remelt.web.context import clock, house, require, store
from remelt.web.draft_forms import condition_values, fall_values, in_words
from remelt.web.forms import FormState, blank, submit
from remelt.web.market_forms import AskForm, as_typed
from remelt.web.streams import streams

STEPS = ("bands", "tick_fen_per_t", "most_rise_fen_per_t")
bp = Blueprint("amending", __name__)


@bp.get("/lots/<code>/terms")
def terms(code: str) -> ResponseReturnValue:
    """Show the form that changes the terms of a lot on offer."""
    who = require("market.sell")
    return _page(code, who, None)


@bp.post("/lots/<code>/terms")
def change(code: str) -> ResponseReturnValue:
    """Put the lot on offer anew under other terms."""
    who = require("market.sell")
    with store().read() as session:
        old = _own(session, code, who).listing

    def act(session: Session, form: AskForm) -> str:
        said = form.asked(now=clock().now(session))
        with as_typed():
            made = amend(
                session,
                clock=clock(),
                listing_code=old.code,
                seller_id=who.organisation_id,
                person_id=who.person_id,
                draft=draft_on(old, said),
                house=house(),
            )
        return url_for("market.show", code=made.code)

    done = submit(AskForm, act, who=who, page=partial(_page, code, who))
    streams().ring()
    return done


def draft_on(old: Listing, said: dict[str, Any]) -> ListingDraft:
    """Return other terms, as `said`, for the lot of a listing."""
    stays: dict[str, Any] = {
        "productive": old.productive,
        "certificate": old.certificate,
    } | dict.fromkeys(("hazard_free", "radiation_checked", "no_sealed_vessels"), True)
    return ListingDraft(
        metal=old.metal,
        grade_system=old.grade_system,
        grade_code=old.grade_code,
        form=old.form,
        declared_mass_g=old.declared_mass_g,
        origin=old.origin,
        evidence=old.evidence,
        track=old.track,
        origin_area=old.origin_area,
        **(stays | said),
    )


def _own(session: Session, code: str, who: Actor) -> OwnLine:
    return queries.own_listing(
        session, lot_code=code, seller_id=who.organisation_id, now=clock().now(session)
    )


def _page(code: str, who: Actor, state: FormState | None) -> str:
    with store().read() as session:
        line = _own(session, code, who)
        asked = asking(session, who)
        stands = terms_of(session, auction_id=line.auction.key)
        holder = _holder(session, stands)
    return render_template(
        "market/terms.html",
        line=line,
        listing=line.listing,
        state=state or blank(**_values(line.listing, line.auction, stands), holder=holder),
        **asked,
    )


def _holder(session: Session, stands: AuctionTerms) -> str:
    """Return the code of who keeps the other half of the key; empty for the seller."""
    if stands.holder_id is None:
        return ""
    return parties.organisation_by_id(session, organisation_id=stands.holder_id).code


def _values(listing: Listing, auction: Auction, stands: AuctionTerms) -> dict[str, str]:
    """Return the form filled in with the terms that stand."""
    values = {
        "productive": "yes" if listing.productive else "no",
        "certificate": listing.certificate,
        "hazard_free": "yes",
        "radiation_checked": "yes",
        "no_sealed_vessels": "yes",
        "price_mode": "auction" if auction.kind == "ascending" else auction.kind,
        "price_yuan_per_t": in_words(auction.start_fen_per_t, 2),
        "award": "close" if auction.auto_award else "seller",
        "title": listing.title,
        "description": listing.description,
    }
    if auction.step_fen_per_t is not None:
        values["step_yuan_per_t"] = in_words(auction.step_fen_per_t, 2)
    if auction.reserve_fen_per_t is not None:
        values["reserve_yuan_per_t"] = in_words(auction.reserve_fen_per_t, 2)
    if listing.tax_included:
        values |= {"tax_included": "yes", "vat_percent": in_words(listing.vat_rate_bp, 2)}
    told = stands.model_dump()
    steps = {name: getattr(auction, name) for name in STEPS}
    return values | condition_values(told) | fall_values(told | steps)
