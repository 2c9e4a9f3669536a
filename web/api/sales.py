"""Combined sales for programs: open one, offer in it, read its award and certificate."""

from flask import Response
from sqlmodel import Session

from remelt.platform.market.combined import queries
from remelt.platform.market.combined.offering import (
    OfferDraft,
    offer_package,
    take_back_offer,
)
from remelt.platform.market.combined.opening import SaleLotDraft, open_sale, take_back_sale
from remelt.platform.market.combined.rules import SaleTerms
from remelt.platform.market.combined.stuck import decide_again, end_sale
from remelt.platform.market.winners.codec import document
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.sales_io import AwardOut, PackageIn, SaleCardOut, SaleIn, SaleOut, SalesOut
from remelt.web.context import clock, needs, require, store

bp = api_blueprint("sales", tag="Market")


def _sale(_who: Actor, code: str) -> None:
    with store().read() as session:
        queries.sale(session, code=code)


@bp.get("/sales")
@needs("market.browse")
@bp.output(SalesOut)
def get_sales() -> SalesOut:
    """List combined sales."""
    who = require("market.browse")
    with store().read() as session:
        now = clock().now(session)
        cards = queries.sales(session, viewer_id=who.organisation_id, now=now)
    return SalesOut(items=[SaleCardOut.of(card) for card in cards])


@bp.post("/sales")
@needs("market.sell")
@bp.input(SaleIn, arg_name="data")
@bp.output(SaleOut, status_code=201)
def post_sale(data: SaleIn) -> Response:
    """Open a combined sale over one's own listings."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, SaleOut]:
        made = open_sale(
            session,
            clock=clock(),
            seller_id=who.organisation_id,
            person_id=who.person_id,
            terms=SaleTerms(**data.model_dump(exclude={"lots"})),
            lots=[
                SaleLotDraft(
                    listing_code=x.listing, reserve_fen_per_t=x.reserve_fen_per_t, exempt=x.exempt
                )
                for x in data.lots
            ],
        )
        return 201, _told(session, made.code, who)

    return once(who, act)


@bp.get("/sales/<sale>")
@needs("market.browse")
@bp.output(SaleOut)
def get_sale(sale: str) -> SaleOut:
    """Show a combined sale."""
    who = require("market.browse")
    with store().read() as session:
        return _told(session, sale, who)


@bp.post("/sales/<sale>/offers")
@needs("market.bid")
@first(_sale, permission="market.bid", of="sale")
@bp.input(PackageIn, arg_name="data")
@bp.output(SaleOut, status_code=201)
def post_offer(sale: str, data: PackageIn) -> Response:
    """Offer for lots together; the sale is told again with one's own offers."""
    who = require("market.bid")

    def act(session: Session) -> tuple[int, SaleOut]:
        offer_package(
            session,
            clock=clock(),
            sale_code=sale,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
            draft=OfferDraft(
                prices=[(x.lot, x.price_fen_per_t) for x in data.lines],
                deliver_to_site_id=parties.site(session, code=data.deliver_to).key,
                wrought=data.use == "wrought",
                mark=data.mark,
                capacity_g=data.capacity_g,
            ),
        )
        return 201, _told(session, sale, who)

    return once(who, act)


@bp.post("/sales/<sale>/offers/<int:seq>/take-back")
@needs("market.bid")
@bp.output(SaleOut)
def post_take_back(sale: str, seq: int) -> Response:
    """Take one's own offer back while the sale is open."""
    who = require("market.bid")

    def act(session: Session) -> tuple[int, SaleOut]:
        take_back_offer(
            session, clock=clock(), sale_code=sale, seq=seq, bidder_id=who.organisation_id
        )
        return 200, _told(session, sale, who)

    return once(who, act)


@bp.post("/sales/<sale>/withdraw")
@needs("market.sell")
@bp.output(SaleOut)
def post_withdraw(sale: str) -> Response:
    """Take a sale back that nobody made an offer in."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, SaleOut]:
        take_back_sale(session, clock=clock(), sale_code=sale, seller_id=who.organisation_id)
        return 200, _told(session, sale, who)

    return once(who, act)


@bp.post("/sales/<sale>/decide-again")
@needs("market.sell")
@bp.output(SaleOut)
def post_decide_again(sale: str) -> Response:
    """Have an award that failed worked out again, from the offers as they stood at the close."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, SaleOut]:
        decide_again(session, clock=clock(), sale_code=sale, seller_id=who.organisation_id)
        return 200, _told(session, sale, who)

    return once(who, act)


@bp.post("/sales/<sale>/end")
@needs("market.sell")
@bp.output(SaleOut)
def post_end(sale: str) -> Response:
    """End a sale whose award failed: nothing is sold."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, SaleOut]:
        end_sale(session, clock=clock(), sale_code=sale, seller_id=who.organisation_id)
        return 200, _told(session, sale, who)

    return once(who, act)


@bp.get("/sales/<sale>/award")
@needs("market.browse")
@bp.output(AwardOut)
def get_award(sale: str) -> AwardOut:
    """Show the award to who took part: what the verifier reads."""
    who = require("market.browse")
    with store().read() as session:
        row = queries.award_file(session, code=sale, viewer_id=who.organisation_id)
        return AwardOut(**document(row.problem or {}, row.result or {}))


def _told(session: Session, code: str, who: Actor) -> SaleOut:
    session.flush()
    now = clock().now(session)
    return SaleOut.of(queries.sale_view(session, code=code, viewer_id=who.organisation_id, now=now))
