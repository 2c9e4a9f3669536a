"""A buyer's reverse auction on a need: opening it, and bidding it down."""

from datetime import timedelta
from functools import partial
from typing import Annotated

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field
from sqlmodel import Session

from remelt.platform.market.needs.stating import own_need
from remelt.platform.market.tenders.answering import Named, bid_down
from remelt.platform.market.tenders.inviting import Terms, invite
from remelt.web.context import clock, require, store
from remelt.web.fields import Text, Yuan, YuanPerT, maybe
from remelt.web.forms import Form, submit
from remelt.web.market_forms import ROAD_CO2E_G_PER_TKM, Hours, as_typed
from remelt.web.views.needs import need_page

bp = Blueprint("tenders", __name__)


class TenderForm(Form):
    """How sellers bid down."""

    ceiling_yuan_per_t: YuanPerT
    step_yuan_per_t: YuanPerT
    open_hours: Hours
    freight_yuan_per_tkm: Annotated[int | None, maybe(Yuan)] = None
    carbon_yuan_per_t: Annotated[int | None, maybe(Yuan)] = None
    undocumented_yuan_per_t: Annotated[int | None, maybe(YuanPerT)] = None


class TenderBidForm(Form):
    """A lot that is on offer, at a price."""

    listing: Annotated[Text, Field(max_length=14)]
    price_yuan_per_t: YuanPerT
    lowest_yuan_per_t: Annotated[int | None, maybe(YuanPerT)] = None


@bp.post("/needs/<code>/tender")
def open_tender(code: str) -> ResponseReturnValue:
    """Invite sellers to bid down."""
    who = require("market.need")
    with store().read() as session:
        own_need(session, code=code, buyer_id=who.organisation_id)

    def act(session: Session, form: TenderForm) -> str:
        with as_typed():
            invite(
                session,
                clock=clock(),
                need_code=code,
                buyer_id=who.organisation_id,
                terms=Terms(
                    ceiling_fen_per_t=form.ceiling_yuan_per_t,
                    step_fen_per_t=form.step_yuan_per_t,
                    closes_at=clock().now(session) + timedelta(hours=form.open_hours),
                    freight_fen_per_tkm=form.freight_yuan_per_tkm or 0,
                    co2e_g_per_tkm=ROAD_CO2E_G_PER_TKM if form.carbon_yuan_per_t else 0,
                    carbon_fen_per_t=form.carbon_yuan_per_t or 0,
                    undocumented_fen_per_t=form.undocumented_yuan_per_t or 0,
                ),
            )
        return url_for("needs.show", code=code, _anchor="tender")

    return submit(TenderForm, act, who=who, page=partial(need_page, code, who))


@bp.post("/needs/<code>/tender/bids")
def bid(code: str) -> ResponseReturnValue:
    """Offer a lot at a price; a refusal is recorded, and said on the page."""
    who = require("market.sell")

    def act(session: Session, form: TenderBidForm) -> str:
        with as_typed(floor_fen_per_t="lowest_yuan_per_t"):
            answer = bid_down(
                session,
                clock=clock(),
                need_code=code,
                listing_code=form.listing,
                seller_id=who.organisation_id,
                person_id=who.person_id,
                named=Named(
                    price_fen_per_t=form.price_yuan_per_t, floor_fen_per_t=form.lowest_yuan_per_t
                ),
            )
        return url_for("needs.show", code=code, answer=answer.reason or None, _anchor="tender")

    return submit(TenderBidForm, act, who=who, page=partial(need_page, code, who))
