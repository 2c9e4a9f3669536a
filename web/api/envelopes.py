"""Sealed bids for programs: envelopes, keys in two halves, openings."""

from datetime import datetime
from typing import Annotated, Self

from flask import Response, request
from pydantic import Field
from sqlmodel import Session

from remelt.platform.market.offerings import offering
from remelt.platform.market.sealing.halves import LONGEST, fingerprint
from remelt.platform.market.sealing.queries import Keeping, Shut, envelopes, kept_by
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.market_in import OfferIn
from remelt.web.context import clock, needs, require, store
from remelt.web.envelopes import hand_in, new_key, open_all
from remelt.web.following import check_listing
from remelt.web.inputs import ApiIn, ApiOut
from remelt.web.streams import streams

bp = api_blueprint("envelopes", tag="Market")


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


class KeepingOut(ApiOut):
    """An auction whose other half one keeps. key: its fingerprint, null before it is made."""

    listing: str
    state: str
    key: str | None
    shut: int
    closes_at: datetime
    open_by: datetime | None

    @classmethod
    def of(cls, row: Keeping) -> Self:
        """Return an auction as the holder of its other half sees it."""
        auction = row.auction
        return cls(
            listing=row.listing.code, state=row.state, key=row.key, shut=auction.shut,
            closes_at=auction.closes_at, open_by=auction.open_by,
        )  # fmt: skip


class KeepingsOut(ApiOut):
    """Auctions whose other half one keeps, the newest first."""

    items: list[KeepingOut]


@bp.post("/listings/<code>/envelopes")
@needs("market.bid")
@first(check_listing, permission="market.bid", of="code")
@bp.input(OfferIn, arg_name="data")
@bp.output(EnvelopeOut, status_code=201)
def post_envelope(code: str, data: OfferIn) -> tuple[EnvelopeOut, int]:
    """Seal an offer; `Idempotency-Key` is asked, random, and kept only as a digest."""
    who = require("market.bid")
    row = hand_in(
        code,
        who=who,
        deliver_to=data.deliver_to,
        price_fen_per_t=data.price_fen_per_t,
        key=request.headers.get("Idempotency-Key", "").strip(),
    )
    return EnvelopeOut.of(Shut(row, None, None)), 201


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
    made = new_key(code, who=who)
    return SealOut(key=fingerprint(made.public), half=made.given), 201


@bp.post("/listings/<code>/opening")
@needs("market.hold")
@first(check_listing, permission="market.hold", of="code")
@bp.input(OpeningIn, arg_name="data")
@bp.output(OpeningOut)
def post_opening(code: str, data: OpeningIn) -> Response:
    """Open the sealed bids with the holder's half, after the end."""
    who = require("market.hold")

    def act(session: Session) -> tuple[int, OpeningOut]:
        told = open_all(session, code, who=who, half=data.half)
        return 200, OpeningOut(
            key=told.key, read=list(told.read), replaced=list(told.replaced),
            unreadable=list(told.unreadable),
        )  # fmt: skip

    answer = once(who, act)
    streams().ring()
    return answer


@bp.get("/seals")
@needs("market.hold")
@bp.output(KeepingsOut)
def get_seals() -> KeepingsOut:
    """List the auctions whose other half of the key the organisation keeps."""
    who = require("market.hold")
    with store().read() as session:
        rows = kept_by(session, holder_id=who.organisation_id, now=clock().now(session))
    return KeepingsOut(items=[KeepingOut.of(row) for row in rows])
