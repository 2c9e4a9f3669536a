"""Kinds of auction: envelopes and their opening, falling prices, deposits, who is next in line."""

from functools import partial

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.errors import Refusal
from remelt.platform.market import claiming, descending
from remelt.platform.market.cascade import Step
from remelt.platform.market.deposits import tell_deposit
from remelt.platform.market.lining import leave_line, move_place
from remelt.platform.market.sealing.queries import kept_by
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock, require, store
from remelt.web.envelopes import hand_in, new_key, open_all
from remelt.web.following import check_listing, check_own_listing
from remelt.web.forms import FormState, Press, blank, read_form, refused_again, submit
from remelt.web.kind_forms import CauseForm, ClaimForm, ContestForm, DepositForm, HalfForm
from remelt.web.market_forms import BidForm, as_typed
from remelt.web.market_words import STATE_WORDS
from remelt.web.streams import streams
from remelt.web.views.market import listing_page

bp = Blueprint("kinds", __name__)


@bp.post("/listings/<code>/envelopes")
def seal_offer(code: str) -> ResponseReturnValue:
    """Shut an offer."""
    who = require("market.bid")
    try:
        form = read_form(BidForm)
        with as_typed():
            hand_in(
                code,
                who=who,
                deliver_to=form.deliver_to_site,
                price_fen_per_t=form.price_yuan_per_t,
                key=request.form.get("idempotency_key", ""),
            )
    except Refusal as refused:
        return refused_again(partial(listing_page, code, who), BidForm, refused)
    return redirect(url_for("market.show", code=code, _anchor="offer"), code=303)


@bp.post("/listings/<code>/take")
def take(code: str) -> ResponseReturnValue:
    """Take a falling price, or say the last word as its taker."""
    who = require("market.bid")

    def act(session: Session, form: BidForm) -> str:
        with as_typed():
            descending.offer(
                session,
                clock=clock(),
                listing_code=code,
                bidder_id=who.organisation_id,
                person_id=who.person_id,
                deliver_to_site_id=parties.site(session, code=form.deliver_to_site).key,
                price_fen_per_t=form.price_yuan_per_t,
            )
        return url_for("market.show", code=code, _anchor="offer")

    done = submit(BidForm, act, who=who, page=partial(listing_page, code, who))
    streams().ring()
    return done


@bp.get("/seals")
def seals() -> ResponseReturnValue:
    """Show the auctions whose other half of the key the organisation keeps."""
    who = require("market.hold")
    return _seals(who, blank())


@bp.post("/listings/<code>/seal")
def seal(code: str) -> ResponseReturnValue:
    """Make the key of an auction; the answer is the holder's half as a file, kept nowhere."""
    who = require("market.hold")
    try:
        made = new_key(code, who=who)
    except Refusal as refused:
        return refused_again(partial(_seals, who), Press, refused)
    name = f"remelt-half-{code}.txt"
    return Response(
        f"{made.given}\n",
        mimetype="text/plain",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


@bp.post("/listings/<code>/opening")
def open_envelopes(code: str) -> ResponseReturnValue:
    """Open the sealed bids with the holder's half."""
    who = require("market.hold")

    def act(session: Session, form: HalfForm) -> str:
        open_all(session, code, who=who, half=form.half)
        return url_for("kinds.seals")

    done = submit(HalfForm, act, who=who, page=partial(_seals, who, code=code))
    streams().ring()
    return done


@bp.post("/listings/<code>/deposit")
def deposit(code: str) -> ResponseReturnValue:
    """Say that the deposit is on its way."""
    who = require("market.bid")

    def act(session: Session, form: DepositForm) -> str:
        tell_deposit(
            session,
            clock=clock(),
            listing_code=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
            reference=form.reference,
        )
        return url_for("market.show", code=code, _anchor="offer")

    return submit(DepositForm, act, who=who, page=partial(listing_page, code, who))


@bp.post("/listings/<code>/line/<any(verified,paid,failed):step>")
def move(code: str, step: Step) -> ResponseReturnValue:
    """Say that the place whose turn it is was verified, has paid or failed."""
    who = require("market.sell")
    check_own_listing(who, code)

    def act(session: Session, form: CauseForm) -> str:
        made = move_place(
            session,
            clock=clock(),
            listing_code=code,
            step=step,
            seller_id=who.organisation_id,
            person_id=who.person_id,
            cause=form.cause,
        )
        if made is not None:
            return url_for("contracts.show", code=made.code)
        return url_for("market.show", code=code, _anchor="offer")

    return submit(CauseForm, act, who=who, page=partial(listing_page, code, who))


@bp.post("/listings/<code>/line/claim")
def claim(code: str) -> ResponseReturnValue:
    """Claim the deposit of a place that did not pay in time."""
    who = require("market.sell")
    check_own_listing(who, code)

    def act(session: Session, form: ClaimForm) -> str:
        claiming.claim(
            session,
            clock=clock(),
            listing_code=code,
            place=form.place,
            seller_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("market.show", code=code, _anchor="offer")

    return submit(ClaimForm, act, who=who, page=partial(listing_page, code, who))


@bp.post("/listings/<code>/deposit/contest")
def contest(code: str) -> ResponseReturnValue:
    """Contest, as its bidder, that a deposit is claimed."""
    who = require("market.bid")
    check_listing(who, code)

    def act(session: Session, form: ContestForm) -> str:
        claiming.contest(
            session,
            clock=clock(),
            listing_code=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
            because=form.because,
        )
        return url_for("market.show", code=code, _anchor="offer")

    return submit(ContestForm, act, who=who, page=partial(listing_page, code, who))


@bp.post("/listings/<code>/line/leave")
def leave(code: str) -> ResponseReturnValue:
    """Withdraw as a bidder that waits."""
    who = require("market.bid")

    def act(session: Session, _form: Press) -> str:
        leave_line(
            session,
            clock=clock(),
            listing_code=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("market.show", code=code, _anchor="offer")

    return submit(Press, act, who=who, page=partial(listing_page, code, who))


def _seals(who: Actor, state: FormState, *, code: str = "") -> str:
    with store().read() as session:
        rows = kept_by(session, holder_id=who.organisation_id, now=clock().now(session))
    return render_template(
        "market/seals.html", rows=rows, state=state, asked=code, states=STATE_WORDS, press=blank()
    )
