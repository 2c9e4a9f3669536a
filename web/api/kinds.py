"""Between a bid and a contract, for programs: falling prices, deposits, the line for an award."""

from datetime import datetime
from typing import Annotated, Self

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.market import claiming, descending
from remelt.platform.market.auction_models import Bid
from remelt.platform.market.bids.offers import Answer
from remelt.platform.market.cascade import Step
from remelt.platform.market.claiming import ends_at
from remelt.platform.market.deposits import deposit_of, tell_deposit
from remelt.platform.market.lining import leave_line, move_place
from remelt.platform.market.offerings import offering
from remelt.platform.market.places import Placed, line_of
from remelt.platform.market.terms import terms_of
from remelt.platform.market.terms_models import Deposit
from remelt.platform.parties import queries as parties
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.market_in import OfferIn
from remelt.web.api.market_shapes import BidOut
from remelt.web.context import clock, needs, require, store
from remelt.web.following import check_listing, check_own_listing
from remelt.web.inputs import ApiIn, ApiOut
from remelt.web.streams import streams

bp = api_blueprint("kinds", tag="Market")


class DepositIn(ApiIn):
    """What the bidder wrote on its transfer."""

    reference: Annotated[str, Field(max_length=60)] = ""


class DepositOut(ApiOut):
    """A deposit and where it stands.

    state: none, told, held, released, applied or forfeited; and when the time to pay ran out
    unpaid, claimed (by the seller), contested (by the bidder). ends_at: when it ends by itself,
    released unclaimed or forfeited uncontested; null where no time runs.
    """

    state: str
    amount_fen: int
    ends_at: datetime | None

    @classmethod
    def of(cls, row: Deposit) -> Self:
        """Return a deposit as it stands."""
        return cls(state=row.state, amount_fen=row.amount_fen, ends_at=ends_at(row))


class DepositClaimIn(ApiIn):
    """The place in line whose bidder did not pay."""

    place: Annotated[int, Field(ge=1, le=10_000)]


class ContestIn(ApiIn):
    """How and when the bidder paid."""

    because: Annotated[str, Field(max_length=200)] = ""


class StepIn(ApiIn):
    """Why a winner fails; empty for the other steps."""

    cause: Annotated[str, Field(max_length=200)] = ""


class AwardPlaceOut(ApiOut):
    """One place in line. buyer: its code, for the seller and the bidder itself."""

    place: int
    buyer: str
    price_fen_per_t: int
    state: str
    due_at: datetime | None


class AwardLineOut(ApiOut):
    """The line for an award: all of it for the seller, one's own place for a bidder."""

    items: list[AwardPlaceOut]


@bp.post("/listings/<code>/take")
@needs("market.bid")
@first(check_listing, permission="market.bid", of="code")
@bp.input(OfferIn, arg_name="data")
@bp.output(BidOut, status_code=201)
def post_take(code: str, data: OfferIn) -> Response:
    """Take a falling price as seen, or say the last word as its taker."""
    who = require("market.bid")

    def act(session: Session) -> tuple[int, BidOut]:
        bid: Bid = descending.offer(
            session,
            clock=clock(),
            listing_code=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
            deliver_to_site_id=parties.site(session, code=data.deliver_to).key,
            price_fen_per_t=data.price_fen_per_t,
        )
        return BidOut.of(Answer.of(bid))

    answer = once(who, act)
    streams().ring()
    return answer


@bp.post("/listings/<code>/deposit")
@needs("market.bid")
@first(check_listing, permission="market.bid", of="code")
@bp.input(DepositIn, arg_name="data")
@bp.output(DepositOut, status_code=201)
def post_deposit(code: str, data: DepositIn) -> Response:
    """Say that the deposit of an auction is on its way."""
    who = require("market.bid")

    def act(session: Session) -> tuple[int, DepositOut]:
        row = tell_deposit(
            session,
            clock=clock(),
            listing_code=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
            reference=data.reference,
        )
        return 201, DepositOut.of(row)

    return once(who, act)


@bp.get("/listings/<code>/deposit")
@needs("market.bid")
@bp.output(DepositOut)
def get_deposit(code: str) -> DepositOut:
    """Show where one's own deposit of an auction stands."""
    who = require("market.bid")
    with store().read() as session:
        auction = offering(session, code=code).auction
        row = deposit_of(session, auction_id=auction.key, bidder_id=who.organisation_id)
        asked = terms_of(session, auction_id=auction.key).deposit_fen
    if row is None:
        return DepositOut(state="none", amount_fen=asked or 0, ends_at=None)
    return DepositOut.of(row)


@bp.get("/listings/<code>/line")
@needs("market.contracts")
@bp.output(AwardLineOut)
def get_line(code: str) -> AwardLineOut:
    """Show the line for an award: the seller all of it, a bidder its own place."""
    who = require("market.contracts")
    with store().read() as session:
        return _line(session, code, who_id=who.organisation_id)


@bp.post("/listings/<code>/line/<any(verified,paid,failed):step>")
@needs("market.sell")
@first(check_own_listing, permission="market.sell", of="code")
@bp.input(StepIn, arg_name="data")
@bp.output(AwardLineOut)
def post_step(code: str, step: Step, data: StepIn) -> Response:
    """Say as the seller that the place whose turn it is was verified, has paid or failed."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, AwardLineOut]:
        move_place(
            session,
            clock=clock(),
            listing_code=code,
            step=step,
            seller_id=who.organisation_id,
            person_id=who.person_id,
            cause=data.cause,
        )
        session.flush()
        return 200, _line(session, code, who_id=who.organisation_id)

    return once(who, act)


@bp.post("/listings/<code>/line/claim")
@needs("market.sell")
@first(check_own_listing, permission="market.sell", of="code")
@bp.input(DepositClaimIn, arg_name="data")
@bp.output(DepositOut, status_code=201)
def post_claim(code: str, data: DepositClaimIn) -> Response:
    """Claim as the seller the deposit of a place that did not pay in time."""
    who = require("market.sell")

    def act(session: Session) -> tuple[int, DepositOut]:
        row = claiming.claim(
            session,
            clock=clock(),
            listing_code=code,
            place=data.place,
            seller_id=who.organisation_id,
            person_id=who.person_id,
        )
        return 201, DepositOut.of(row)

    return once(who, act)


@bp.post("/listings/<code>/deposit/contest")
@needs("market.bid")
@first(check_listing, permission="market.bid", of="code")
@bp.input(ContestIn, arg_name="data")
@bp.output(DepositOut, status_code=201)
def post_contest(code: str, data: ContestIn) -> Response:
    """Contest as the bidder that the deposit is claimed; the operator rules."""
    who = require("market.bid")

    def act(session: Session) -> tuple[int, DepositOut]:
        row = claiming.contest(
            session,
            clock=clock(),
            listing_code=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
            because=data.because,
        )
        return 201, DepositOut.of(row)

    return once(who, act)


@bp.post("/listings/<code>/line/leave")
@needs("market.bid")
@bp.output(AwardLineOut)
def post_leave(code: str) -> Response:
    """Withdraw as a bidder that waits; a deposit is released."""
    who = require("market.bid")

    def act(session: Session) -> tuple[int, AwardLineOut]:
        leave_line(
            session,
            clock=clock(),
            listing_code=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
        )
        return 200, _line(session, code, who_id=who.organisation_id)

    return once(who, act)


def _line(session: Session, code: str, *, who_id: int) -> AwardLineOut:
    found = offering(session, code=code)
    seller = found.listing.seller_id == who_id
    line = [e for e in line_of(session, found.auction) if seller or e.bid.bidder_id == who_id]
    names = parties.organisations_by_id(session, ids={each.bid.bidder_id for each in line})
    return AwardLineOut(items=[_place(each, names[each.bid.bidder_id].code) for each in line])


def _place(each: Placed, buyer: str) -> AwardPlaceOut:
    return AwardPlaceOut(
        place=each.award.place,
        buyer=buyer,
        price_fen_per_t=each.bid.price_fen_per_t,
        state=each.standing.state,
        due_at=each.standing.due_at,
    )
