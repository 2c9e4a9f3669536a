"""The board of open listings, the auction room, purchases, awards and contracts."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BeforeValidator, Field
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market import awarding, queries, rooms
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bids.entrance import Handed
from remelt.platform.market.bids.offers import refusal_of
from remelt.platform.market.combined.models import CombinedSale
from remelt.platform.market.combined.queries import sale_of
from remelt.platform.market.listings import withdraw
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import Offering, offering
from remelt.platform.market.search import SORTS, BoardFilter, open_listings
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web import fmt
from remelt.web.charge_page import worth_to
from remelt.web.context import clock, require, store
from remelt.web.errors import say
from remelt.web.fields import MEGATONNE_G, Text, decimal
from remelt.web.forms import FormState, Press, blank, lead, read_form, refused_again, submit
from remelt.web.inputs import ApiQuery, InputRefused
from remelt.web.kind_facts import kind_facts, takes_envelopes
from remelt.web.listing_page import around
from remelt.web.market_forms import HOURS, BidForm, as_typed
from remelt.web.market_words import (
    FORM_WORDS,
    MODE_WORDS,
    ORIGIN_SHORT,
    SORT_WORDS,
    STATE_WORDS,
    TRACK_WORDS,
    WORDS,
)
from remelt.web.offers import place
from remelt.web.streams import streams
from remelt.web.views.lots import METALS, grade_options
from remelt.web.words import PAPERS

bp = Blueprint("market", __name__)


class BoardQuery(ApiQuery):
    """What the board is narrowed to, as typed; masses in tonnes."""

    q: Annotated[Text, Field(max_length=100)] = ""
    metal: Text = ""
    grade: Text = ""
    form: Text = ""
    track: Text = ""
    prefecture: Text = ""
    origin: Text = ""
    mode: Text = ""
    from_t: Annotated[int | None, BeforeValidator(decimal(scale=6, limit=MEGATONNE_G))] = None
    to_t: Annotated[int | None, BeforeValidator(decimal(scale=6, limit=MEGATONNE_G))] = None
    sort: Text = "closing"
    page: Annotated[int, Field(ge=1, le=10_000)] = 1

    def wanted(self) -> BoardFilter:
        """Return the filter; what the board does not know finds nothing."""
        system, _, code = self.grade.partition("|")
        return BoardFilter(
            words=self.q, metal=self.metal, grade_system=system, grade_code=code,
            form=self.form, track=self.track, prefecture=self.prefecture, origin=self.origin,
            price_mode=self.mode, mass_from_g=self.from_t, mass_to_g=self.to_t,
            sort=self.sort if self.sort in SORTS else "closing",
            page=self.page,
        )  # fmt: skip


@bp.get("/market")
def board() -> ResponseReturnValue:
    """Show the listings that take offers now, narrowed and searched."""
    who = require("market.browse")
    typed = {key: value for key, value in request.args.items() if value and key != "lang"}
    errors: dict[str, str] = {}
    try:
        asked = BoardQuery.model_validate(typed)
    except InputRefused as refused:
        asked = BoardQuery()
        errors = {field: said for field, (_rule, said) in refused.errors.items()}
    with store().read() as session:
        now = clock().now(session)
        found = open_listings(session, now=now, wanted=asked.wanted())
        metals = [row for row in catalogue.metals(session) if row.code in METALS]
        grades = grade_options(session, metal=asked.metal) if asked.metal in METALS else []
        prefectures = catalogue.places(session, level="prefecture")
        worth = worth_to(session, who, codes=[card.code for card in found.cards])
    page = render_template(
        "market/board.html",
        found=found,
        state=FormState(values=typed, errors=errors),
        metals=sorted(metals, key=lambda row: METALS.index(row.code)),
        grades=grades,
        prefectures=prefectures,
        words=WORDS,
        choices={
            "form": FORM_WORDS, "track": TRACK_WORDS, "origin": ORIGIN_SHORT,
            "mode": MODE_WORDS, "sort": SORT_WORDS,
        },
        page_url=partial(_page_url, typed),
        worth=worth,
    )  # fmt: skip
    return page, 422 if errors else 200


@bp.get("/listings/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show a listing and its auction room."""
    who = require("market.browse")
    return listing_page(code, who, blank())


@bp.post("/listings/<code>/bids")
def bid(code: str) -> ResponseReturnValue:
    """Place a bid; accepted or refused, the answer is shown on the listing."""
    return _offered(code, require("market.bid"), buying=False)


@bp.post("/listings/<code>/purchase")
def buy(code: str) -> ResponseReturnValue:
    """Take the listing at its fixed price, as it stood on the page."""
    return _offered(code, require("market.bid"), buying=True)


@bp.post("/listings/<code>/award")
def award(code: str) -> ResponseReturnValue:
    """Sell the lot to the highest offer at or over the reserve."""
    who = require("market.sell")

    def act(session: Session, _form: Press) -> str:
        made = awarding.award(
            session,
            clock=clock(),
            listing_code=code,
            seller_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("contracts.show", code=made.code)

    return submit(Press, act, who=who, page=lambda state: listing_page(code, who, state))


@bp.post("/listings/<code>/withdraw")
def take_back(code: str) -> ResponseReturnValue:
    """Take a listing back."""
    who = require("market.sell")

    def act(session: Session, _form: Press) -> str:
        row = withdraw(
            session,
            clock=clock(),
            listing_code=code,
            seller_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("lots.show", code=row.lot_code)

    done = submit(Press, act, who=who, page=lambda state: listing_page(code, who, state))
    streams().ring()
    return done


@bp.get("/bids")
def bids() -> ResponseReturnValue:
    """Show the auctions that the organisation bid in, and how each stands."""
    who = require("market.bid")
    with store().read() as session:
        mine = queries.own_bids(session, bidder_id=who.organisation_id, now=clock().now(session))
    return render_template("market/bids.html", bids=mine, words=WORDS, states=STATE_WORDS)


def _offered(code: str, who: Actor, *, buying: bool) -> ResponseReturnValue:
    """Hand the offer in; an answer that is kept is shown by its number, any other at once."""
    try:
        form = read_form(BidForm)
        with as_typed():
            answer = place(
                Handed(
                    listing=code,
                    deliver_to=form.deliver_to_site,
                    bidder_id=who.organisation_id,
                    person_id=who.person_id,
                    price_fen_per_t=form.price_yuan_per_t,
                    limit_fen_per_t=form.limit_yuan_per_t,
                    key=request.form.get("idempotency_key", ""),
                    buying=buying,
                )
            )
            refused = refusal_of(answer)
            if refused is not None and answer.seq is None:
                raise refused
    except Refusal as reason:
        return refused_again(lambda state: listing_page(code, who, state), BidForm, reason)
    return lead(url_for("market.show", code=code, answer=answer.seq, _anchor="offer"))


def listing_page(code: str, who: Actor, state: FormState) -> str:
    """Return the page of a listing as `who` sees it, with a form that came back."""
    with store().read() as session:
        facts = room_facts(session, code, who)
        row = facts.listing
        photos = queries.photos(session, listing_id=row.key)
        sites = goals(session, who) if facts.can_bid else []
        kind = kind_facts(session, listing=row, auction=facts.auction, who=who, now=facts.room.now)
        answered = _own_answer(session, facts.auction, who)
        worth = worth_to(session, who, codes=[row.code]).get(row.code)
        beside = around(session, Offering(row, facts.auction), who)
    if answered is not None and not state.bad:
        state = _with_answer(answered, state)
    return render_template(
        "market/listing.html", **vars(facts), photos=photos, sites=sites, state=state, words=WORDS,
        answered=answered, press=blank(), worth=worth, **vars(beside), kind=kind,
        hours=HOURS, taking=takes_envelopes(facts.auction, facts=kind, now=facts.room.now),
        papers=PAPERS,
    )  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A listing as one viewer sees it."""

    listing: Listing
    auction: Auction
    room: rooms.Room
    own: bool
    can_bid: bool
    together: CombinedSale | None


def room_facts(session: Session, code: str, who: Actor) -> Shown:
    """Return what `who` may see of a listing. Raises `NoSuchListing`."""
    now = clock().now(session)
    found = offering(session, code=code)
    own = found.listing.seller_id == who.organisation_id
    return Shown(
        listing=found.listing,
        auction=found.auction,
        room=rooms.room(session, auction=found.auction, viewer_id=who.organisation_id, now=now),
        own=own,
        can_bid=who.may("market.bid") and not own,
        together=sale_of(session, listing_id=found.listing.key),
    )


def goals(session: Session, who: Actor) -> list[tuple[str, str]]:
    """Return where a lot may be delivered: own sites first, then the hubs of others."""
    own = parties.sites_of(session, organisation_id=who.organisation_id)
    hubs = [
        site
        for site, _owner in parties.sites_that(session, capability="hub")
        if site.organisation_id != who.organisation_id
    ]
    return [(site.code, fmt.named(site, zh=fmt.is_chinese())) for site in (*own, *hubs)]


def _own_answer(session: Session, auction: Auction, who: Actor) -> Bid | None:
    seq = request.args.get("answer", type=int)
    if seq is None or request.method != "GET":
        return None
    return rooms.own_answer(session, auction_id=auction.key, bidder_id=who.organisation_id, seq=seq)


def _with_answer(bid: Bid, state: FormState) -> FormState:
    refused = refusal_of(bid)
    if refused is None:
        return state
    price = f"{bid.price_fen_per_t // 100}.{bid.price_fen_per_t % 100:02d}".removesuffix(".00")
    return FormState(
        values={"price_yuan_per_t": price}, errors={"price_yuan_per_t": say(refused)}, key=state.key
    )


def _page_url(typed: dict[str, str], page: int) -> str:
    query: dict[str, Any] = {**typed, "page": page}
    return url_for("market.board", **query)
