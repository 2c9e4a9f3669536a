"""Selling a lot that the ledger knows: what a hub sorted or bought, what a smelter cast."""

from functools import partial
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import NoSuchGrade
from remelt.platform.catalogue.models import Grade
from remelt.platform.market.drafts import ListingDraft
from remelt.platform.market.listings import StockLot, publish_stock
from remelt.platform.market.models import FORMS
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import Site
from remelt.traceability import queries as ledger
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.models import Lot
from remelt.web.asking import asking
from remelt.web.context import clock, house, require, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.market_forms import AskForm, as_typed

bp = Blueprint("selling", __name__)


@bp.get("/lots/<code>/sell")
def new(code: str) -> ResponseReturnValue:
    """Show the form that offers a lot from stock."""
    who = require("market.sell")
    return _page(code, who, blank())


@bp.post("/lots/<code>/sell")
def create(code: str) -> ResponseReturnValue:
    """Offer a lot from stock."""
    who = require("market.sell")
    with store().read() as session:
        own_lot(session, code, who)

    def act(session: Session, form: AskForm) -> str:
        lot = own_lot(session, code, who)
        site = parties.site(session, code=lot.site_code, organisation_id=who.organisation_id)
        stock = stock_lot(lot, who)
        now = clock().now(session)
        with as_typed():
            made = publish_stock(
                session,
                clock=clock(),
                seller_id=who.organisation_id,
                person_id=who.person_id,
                site_id=site.key,
                lot=stock,
                house=house(),
                draft=ListingDraft(
                    metal=stock.metal,
                    grade_system=stock.grade_system,
                    grade_code=stock.grade_code,
                    form=stock.form,
                    declared_mass_g=stock.mass_g,
                    origin=stock.origin,
                    evidence=stock.evidence,
                    **track_of(lot, site=site),
                    **form.asked(now=now),
                ),
            )
        return url_for("lots.show", code=made.lot_code, new=1)

    return submit(AskForm, act, who=who, page=partial(_page, code, who))


def own_lot(session: Session, code: str, who: Actor) -> Lot:
    """Return a lot that the organisation owns. Raises `NoSuchLot`."""
    lot = ledger.lot(session, code=code[:20])
    if lot.owner != who.organisation_code:
        raise NoSuchLot(lot_code=code[:20])
    return lot


def stock_lot(lot: Lot, who: Actor) -> StockLot:
    """Return what the ledger says of a lot, as the market asks it."""
    return StockLot(
        lot_code=lot.code,
        owner_code=who.organisation_code,
        metal=lot.metal,
        grade_system=lot.grade_system,
        grade_code=lot.grade_code,
        form=lot.form if lot.form in FORMS else "loose",
        mass_g=lot.mass_g or lot.declared_mass_g,
        origin=lot.origin,
        evidence=lot.evidence,
        pooled=lot.pool_key is not None,
        heel=lot.role == "heel",
        held=lot.status == "held",
    )


def track_of(lot: Lot, *, site: Site) -> dict[str, Any]:
    """Return track and area of origin; where the ledger names several, those of the place."""
    area, home = lot.track, site.adcode[:2]
    if area.isalpha() and len(area) == 2:  # noqa: PLR2004 - a country
        return {"track": "import", "origin_area": area}
    if area.isdigit() and area[:2] != home:
        return {"track": "out_of_province", "origin_area": area[:2]}
    return {"track": "in_province", "origin_area": ""}


def _page(code: str, who: Actor, state: FormState) -> str:
    with store().read() as session:
        lot = own_lot(session, code, who)
        grade, site = _grade(session, lot), _site(session, lot)
        asked = asking(session, who)
    return render_template(
        "market/sell.html",
        lot=lot,
        grade=grade,
        site=site,
        state=state,
        **asked,
    )


def _grade(session: Session, lot: Lot) -> Grade | None:
    try:
        return catalogue.grade(session, system=lot.grade_system, code=lot.grade_code)
    except NoSuchGrade:
        return None


def _site(session: Session, lot: Lot) -> Site | None:
    try:
        return parties.site(session, code=lot.site_code)
    except NoSuchSite:
        return None
