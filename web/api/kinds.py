"""Kinds of auction for programs: envelopes, keys and openings, falling prices, the line."""

from datetime import datetime
from typing import Annotated, Self

from flask import Response, request
from pydantic import Field
from sqlmodel import Session

from remelt.platform.market import descending
from remelt.platform.market.auction_models import Bid
from remelt.platform.market.bids.offers import Answer
from remelt.platform.market.cascade import Step
from remelt.platform.market.deposits import tell_deposit
from remelt.platform.market.lining import Placed, leave_line, line_of, move_place
from remelt.platform.market.offerings import offering
from remelt.platform.market.sealing.boxes import Envelope, make_seal, put_in
from remelt.platform.market.sealing.halves import LONGEST, fingerprint
from remelt.platform.market.sealing.models import SealedBid
from remelt.platform.market.sealing.opening import open_bids
from remelt.platform.market.sealing.queries import Shut, envelopes
from remelt.platform.parties import queries as parties
from remelt.web.api.base import api_blueprint, once
from remelt.web.api.market_in import OfferIn
from remelt.web.api.market_shapes import BidOut
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut
from remelt.web.streams import streams
from remelt.web.views.kinds import halves

bp = api_blueprint("kinds", tag="Market")


class EnvelopeOut(ApiOut):
    """A sealed bid: its receipt, and after the opening what was read of it."""

    seq: int
    receipt: str
    placed_at: datetime
    outcome: str = "sealed"
    digest: str = ""
    blind: str = ""
    price_fen_per_t: int | None = None
    place: int | None = None

    @classmethod
    def of(cls, row: Shut) -> Self:
        """Return an envelope as its bidder sees it."""
        found = row.opening
        return cls(
            seq=row.sealed.seq, receipt=row.sealed.receipt, placed_at=row.sealed.placed_at,
            outcome=found.outcome if found else "sealed", digest=found.digest if found else "",
            blind=found.blind if found else "", place=found.place if found else None,
            price_fen_per_t=row.bid.price_fen_per_t if row.bid else None,
        )  # fmt: skip


class EnvelopesOut(ApiOut):
    """One's own envelopes on a listing, in the order of receipt."""

    items: list[EnvelopeOut]


class SealOut(ApiOut):
    """The holder's half of a new key; no later answer holds it."""

    key: str
    half: str


class OpeningIn(ApiIn):
    """The holder's half."""

    half: Annotated[str, Field(max_length=LONGEST)] = ""


class OpeningOut(ApiOut):
    """What was read: `receipt:digest`, and the receipts of what stays shut or did not open."""

    key: str
    read: list[str]
    replaced: list[str]
    unreadable: list[str]


class DepositIn(ApiIn):
    """What the bidder wrote on its transfer."""

    reference: Annotated[str, Field(max_length=60)] = ""


class DepositOut(ApiOut):
    """A deposit and where it stands."""

    state: str
    amount_fen: int


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


@bp.post("/listings/<code>/envelopes")
@needs("market.bid")
@bp.input(OfferIn, arg_name="data")
@bp.output(EnvelopeOut, status_code=201)
def post_envelope(code: str, data: OfferIn) -> tuple[EnvelopeOut, int]:
    """Seal an offer; `Idempotency-Key` is asked, random, and kept only as a digest."""
    who = require("market.bid")
    with store().write() as session:
        row: SealedBid = put_in(
            session,
            clock=clock(),
            listing_code=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
            envelope=Envelope(
                price_fen_per_t=data.price_fen_per_t,
                deliver_to_site_id=parties.site(session, code=data.deliver_to).key,
                client_key=request.headers.get("Idempotency-Key", "").strip(),
            ),
        )
        answer = EnvelopeOut.of(Shut(row, None, None))
    streams().ring()
    return answer, 201


@bp.get("/listings/<code>/envelopes")
@needs("market.bid")
@bp.output(EnvelopesOut)
def get_envelopes(code: str) -> EnvelopesOut:
    """List one's own envelopes on a listing."""
    who = require("market.bid")
    with store().read() as session:
        auction = offering(session, code=code).auction
        rows = envelopes(session, auction_id=auction.key, bidder_id=who.organisation_id)
        return EnvelopesOut(items=[EnvelopeOut.of(row) for row in rows])


@bp.post("/listings/<code>/seal")
@needs("market.hold")
@bp.output(SealOut, status_code=201)
def post_seal(code: str) -> tuple[SealOut, int]:
    """Make the key of an auction's sealed bids; the answer is kept nowhere."""
    who = require("market.hold")
    with store().write() as session:
        made = make_seal(
            session,
            clock=clock(),
            listing_code=code,
            holder_id=who.organisation_id,
            person_id=who.person_id,
            folder=halves(),
        )
    return SealOut(key=fingerprint(made.public), half=made.given), 201


@bp.post("/listings/<code>/opening")
@needs("market.hold")
@bp.input(OpeningIn, arg_name="data")
@bp.output(OpeningOut)
def post_opening(code: str, data: OpeningIn) -> Response:
    """Open the sealed bids with the holder's half, after the end."""
    who = require("market.hold")

    def act(session: Session) -> tuple[int, OpeningOut]:
        told = open_bids(
            session,
            clock=clock(),
            listing_code=code,
            holder_id=who.organisation_id,
            half=data.half,
            folder=halves(),
        )
        return 200, OpeningOut(
            key=told.key, read=list(told.read), replaced=list(told.replaced),
            unreadable=list(told.unreadable),
        )  # fmt: skip

    answer = once(who, act)
    streams().ring()
    return answer


@bp.post("/listings/<code>/take")
@needs("market.bid")
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
        return 201, DepositOut(state=row.state, amount_fen=row.amount_fen)

    return once(who, act)


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
