"""The market for programs: listings, bids, contracts, price boards."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, request
from sqlmodel import Session

from remelt.platform.market import awarding, boards, queries, rooms
from remelt.platform.market.bids.entrance import Handed
from remelt.platform.market.listings import publish, publish_stock, withdraw
from remelt.platform.market.offerings import Offering, offering
from remelt.platform.market.search import open_listings
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.errors import NoSuchSite
from remelt.web.api.base import api_blueprint, first, json_answer, once
from remelt.web.api.kind_shapes import TermsOut
from remelt.web.api.market_in import BidIn, BoardLineIn, ListingIn, ListingsIn, OfferIn
from remelt.web.api.market_shapes import (
    BidOut,
    BoardOut,
    ContractOut,
    ContractsOut,
    LadderOut,
    ListingOut,
    ListingsOut,
)
from remelt.web.context import clock, house, needs, require, store
from remelt.web.following import check_listing
from remelt.web.offers import place
from remelt.web.views.selling import own_lot, stock_lot

bp = api_blueprint("market", tag="Market")
R = TypeVar("R")


@bp.get("/listings")
@needs("market.browse")
@bp.input(ListingsIn, location="query", arg_name="asked")
@bp.output(ListingsOut)
def get_listings(asked: ListingsIn) -> ListingsOut:
    """List the listings that take offers now."""
    with store().read() as session:
        found = open_listings(session, now=clock().now(session), wanted=asked.wanted())
    return ListingsOut.of(found)


@bp.post("/listings")
@needs("market.sell")
@bp.input(ListingIn, arg_name="data")
@bp.output(ListingOut, status_code=201)
def post_listing(data: ListingIn) -> Response:
    """Offer a new lot, or one from stock."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, ListingOut]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        said: dict[str, Any] = {
            "clock": clock(),
            "seller_id": who.organisation_id,
            "person_id": who.person_id,
            "site_id": site.key,
            "draft": data.draft(),
            "house": house(),
        }
        if data.lot_code is None:
            made = publish(session, **said)
        else:
            lot = stock_lot(own_lot(session, data.lot_code, who), who)
            made = publish_stock(session, lot=lot, **said)
        session.flush()
        return 201, told_listing(session, offering(session, code=made.code), who)

    return once(who, act)


@bp.get("/listings/<code>")
@needs("market.browse")
@bp.output(ListingOut)
def get_listing(code: str) -> ListingOut:
    """Show a listing and how it stands."""
    who = require("market.browse")
    with store().read() as session:
        return told_listing(session, offering(session, code=code), who)


@bp.post("/listings/<code>/withdraw")
@needs("market.sell")
@bp.output(ListingOut)
def post_withdraw(code: str) -> Response:
    """Take a listing back."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, ListingOut]:
        row = withdraw(
            session,
            clock=clock(),
            listing_code=code,
            seller_id=who.organisation_id,
            person_id=who.person_id,
        )
        session.flush()
        return 200, told_listing(session, offering(session, code=row.code), who)

    return once(who, act)


@bp.post("/listings/<code>/award")
@needs("market.sell")
@bp.output(ContractOut)
def post_award(code: str) -> Response:
    """Sell to the highest offer at or over the reserve, after the close."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, ContractOut]:
        made = awarding.award(
            session,
            clock=clock(),
            listing_code=code,
            seller_id=who.organisation_id,
            person_id=who.person_id,
        )
        return 200, _contract(session, made.code, who)

    return once(who, act)


@bp.get("/listings/<code>/bids")
@needs("market.browse")
@bp.output(LadderOut)
def get_bids(code: str) -> LadderOut:
    """List the accepted offers in the order of decision; bidders by number."""
    who = require("market.browse")
    with store().read() as session:
        row = offering(session, code=code).auction
        return LadderOut.of(
            rooms.ladder(session, auction_id=row.key, viewer_id=who.organisation_id)
        )


@bp.post("/listings/<code>/bids")
@needs("market.bid")
@first(check_listing, permission="market.bid", of="code", hurry=True)
@bp.input(BidIn, arg_name="data")
@bp.output(BidOut, status_code=201)
def post_bid(code: str, data: BidIn) -> Response:
    """Place a bid. A refusal is an answer too, with its code and status.

    `Idempotency-Key` names the bid: handed in again, it gets the answer that it got.
    """
    return _placed(code, data, require("market.bid"), buying=False)


@bp.post("/listings/<code>/purchase")
@needs("market.bid")
@first(check_listing, permission="market.bid", of="code", hurry=True)
@bp.input(OfferIn, arg_name="data")
@bp.output(BidOut, status_code=201)
def post_purchase(code: str, data: OfferIn) -> Response:
    """Take a listing at its fixed price, repeated as seen."""
    return _placed(code, data, require("market.bid"), buying=True)


@bp.get("/contracts")
@needs("market.contracts")
@bp.output(ContractsOut)
def get_contracts() -> ContractsOut:
    """List the newest 100 contracts in which the organisation sells or buys."""
    who = require("market.contracts")
    with store().read() as session:
        rows = queries.contracts(session, organisation_id=who.organisation_id, limit=100)
    return ContractsOut(items=[ContractOut.of(row) for row in rows])


@bp.get("/contracts/<contract>")
@needs("market.contracts")
@bp.output(ContractOut)
def get_contract(contract: str) -> ContractOut:
    """Show a contract to one of its parties."""
    who = require("market.contracts")
    with store().read() as session:
        return _contract(session, contract, who)


@bp.get("/boards/<site>")
@bp.output(BoardOut)
def get_board(site: str) -> BoardOut:
    """Show what a site pays now; public."""
    with store().read() as session:
        return _board(session, site)


def _own_board(view: Callable[..., R]) -> Callable[..., R]:
    """Answer 404 for a site of others before the input is read."""

    @wraps(view)
    def checked(*args: Any, site: str, **kwargs: Any) -> R:
        who = require("boards.set")
        with store().read() as session:
            parties.site(session, code=site, organisation_id=who.organisation_id)
        return view(*args, site=site, **kwargs)

    return checked


@bp.post("/boards/<site>")
@needs("boards.set")
@_own_board
@bp.input(BoardLineIn, arg_name="data")
@bp.output(BoardOut, status_code=201)
def post_board(site: str, data: BoardLineIn) -> Response:
    """Hang out a price, or take a line off."""
    who = require("boards.set")

    def act(session: Session) -> tuple[int, BoardOut]:
        row = parties.site(session, code=site, organisation_id=who.organisation_id)
        boards.set_price(
            session,
            clock=clock(),
            site_id=row.key,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            **data.model_dump(),
        )
        session.flush()
        return 201, _board(session, site)

    return once(who, act)


def _placed(code: str, data: OfferIn, who: Actor, *, buying: bool) -> Response:
    key = request.headers.get("Idempotency-Key", "").strip()
    answer = place(
        Handed(
            listing=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
            key=key,
            buying=buying,
            **data.model_dump(),
        )
    )
    status, out = BidOut.of(answer)
    return json_answer(out.model_dump_json(), status=status, replayed=answer.replayed)


def told_listing(session: Session, row: Offering, who: Actor) -> ListingOut:
    """Return a listing as `who` sees it."""
    now = clock().now(session)
    seen = rooms.room(session, auction=row.auction, viewer_id=who.organisation_id, now=now)
    own = row.listing.seller_id == who.organisation_id
    return ListingOut.of(row, seen=seen, own=own, terms=TermsOut.of(session, row, own=own))


def _contract(session: Session, code: str, who: Actor) -> ContractOut:
    return ContractOut.of(queries.contract(session, code=code, organisation_id=who.organisation_id))


def _board(session: Session, code: str) -> BoardOut:
    site = parties.site(session, code=code)
    if not boards.buys(site):
        raise NoSuchSite(site_code=code[:20])
    lines = boards.board(session, site_ids=[site.key], at=clock().now(session))
    return BoardOut.of(code, lines)
