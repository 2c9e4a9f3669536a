"""A listing that stands, for programs: its terms changed, a small lot answered by price boards."""

from datetime import datetime
from typing import Self

from flask import Response
from sqlmodel import Session

from remelt.platform.market.amending import amend
from remelt.platform.market.answering import BoardOffer, answer_with_board
from remelt.platform.market.offerings import offering
from remelt.platform.market.proposals.queries import exchange
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.market import told_listing
from remelt.web.api.market_in import Code, TermsIn
from remelt.web.api.market_shapes import ListingOut
from remelt.web.api.proposals import ProposalOut
from remelt.web.context import clock, house, needs, require, store
from remelt.web.following import check_listing, check_own_listing
from remelt.web.inputs import ApiIn, ApiOut
from remelt.web.listing_page import paid_for
from remelt.web.streams import streams
from remelt.web.views.amending import draft_on

bp = api_blueprint("amending", tag="Market")


class BoardAnswerIn(ApiIn):
    """Which of one's yards answers; null for the one whose board pays most."""

    site: Code | None = None


class BoardPriceOut(ApiOut):
    """What a yard's board pays for the lot now, since when, and how far away the yard is."""

    site: str
    price_fen_per_t: int
    with_invoice: bool
    tier_from_g: int
    valid_from: datetime
    distance_m: int | None

    @classmethod
    def of(cls, row: BoardOffer) -> Self:
        """Return a board's price."""
        shared = {n: getattr(row.line, n) for n in cls.model_fields if hasattr(row.line, n)}
        return cls(site=row.site.code, distance_m=row.distance_m, **shared)


class BoardPricesOut(ApiOut):
    """Board prices for a lot, the best first; none where it is no small one."""

    items: list[BoardPriceOut]


@bp.post("/listings/<code>/terms")
@needs("market.sell")
@first(check_own_listing, permission="market.sell", of="code")
@bp.input(TermsIn, arg_name="data")
@bp.output(ListingOut, status_code=201)
def post_terms(code: str, data: TermsIn) -> Response:
    """Offer one's own lot on other terms: a new listing; offers on the old one are void."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, ListingOut]:
        made = amend(
            session,
            clock=clock(),
            listing_code=code,
            seller_id=who.organisation_id,
            person_id=who.person_id,
            draft=draft_on(offering(session, code=code).listing, data.asked()),
            house=house(),
        )
        return 201, told_listing(session, offering(session, code=made.code), who)

    answer = once(who, act)
    streams().ring()
    return answer


@bp.get("/listings/<code>/board-prices")
@needs("market.browse")
@bp.output(BoardPricesOut)
def get_board_prices(code: str) -> BoardPricesOut:
    """List what price boards pay for a small lot: to its seller those nearby, else one's own."""
    who = require("market.browse")
    with store().read() as session:
        row = offering(session, code=code)
        found = paid_for(session, row, who)
        return BoardPricesOut(items=[BoardPriceOut.of(each) for each in found])


@bp.post("/listings/<code>/board-answer")
@needs("boards.set")
@first(check_listing, permission="boards.set", of="code")
@bp.input(BoardAnswerIn, arg_name="data")
@bp.output(ProposalOut, status_code=201)
def post_board_answer(code: str, data: BoardAnswerIn) -> Response:
    """Answer a small lot with one's board price of this moment, as an offer that binds."""
    who = require("boards.set")

    def act(session: Session) -> tuple[int, ProposalOut]:
        made = answer_with_board(
            session,
            clock=clock(),
            listing_code=code,
            buyer_id=who.organisation_id,
            person_id=who.person_id,
            site_id=_own_site(session, who, data.site),
            house=house(),
        )
        session.flush()
        now = clock().now(session)
        row = exchange(session, code=made.code, organisation_id=who.organisation_id, now=now)
        return 201, ProposalOut.of(row)

    return once(who, act)


def _own_site(session: Session, who: Actor, code: str | None) -> int | None:
    if code is None:
        return None
    return parties.site(session, code=code, organisation_id=who.organisation_id).key
