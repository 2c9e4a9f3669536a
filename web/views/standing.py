"""The operator's desk of the market: deposits, what is contested, limits, ends put off."""

from functools import partial

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.market import claiming, ending
from remelt.platform.market.deposits import hold_deposit, waiting_deposits
from remelt.platform.market.limit_queries import limit_lines, limit_page
from remelt.platform.market.limits import set_limit
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, blank, submit
from remelt.web.kind_forms import DepositHeldForm, HoldupForm, LimitForm, RulingForm
from remelt.web.market_words import END_WORDS, PROMISE_WORDS

bp = Blueprint("standing", __name__)
LEADS = {
    "listing": lambda code: url_for("market.show", code=code),
    "sale": lambda code: url_for("sales.show", code=code),
    "need": lambda code: url_for("needs.show", code=code),
    "contract": lambda code: url_for("payouts.show", contract=code),
}
"""Where the operator reads of what somebody stands in for."""


@bp.get("/standing")
def show() -> ResponseReturnValue:
    """Show deposits that are on their way, and the limits in force with what stands under them."""
    who = require("market.standing")
    return _page(who, blank())


@bp.post("/standing/deposits")
def held() -> ResponseReturnValue:
    """Say that the money of a deposit has arrived."""
    who = require("market.standing")

    def act(session: Session, form: DepositHeldForm) -> str:
        hold_deposit(session, clock=clock(), deposit_id=form.deposit, person_id=who.person_id)
        return url_for("standing.show")

    return submit(DepositHeldForm, act, who=who, page=partial(_page, who))


@bp.post("/standing/rulings")
def ruling() -> ResponseReturnValue:
    """Rule on a deposit that its bidder contests."""
    who = require("market.standing")

    def act(session: Session, form: RulingForm) -> str:
        claiming.rule(
            session,
            clock=clock(),
            listing_code=form.listing,
            bidder_id=parties.organisation(session, code=form.bidder).key,
            forfeited=form.forfeited == "yes",
            person_id=who.person_id,
        )
        return url_for("standing.show")

    return submit(RulingForm, act, who=who, page=partial(_page, who))


@bp.post("/standing/holdups")
def try_again() -> ResponseReturnValue:
    """Have an end that was put off tried in the next round."""
    who = require("market.standing")

    def act(session: Session, form: HoldupForm) -> str:
        ending.try_again(session, clock=clock(), kind=form.kind, subject=form.subject)
        return url_for("standing.show")

    return submit(HoldupForm, act, who=who, page=partial(_page, who))


@bp.post("/standing/limits")
def limit() -> ResponseReturnValue:
    """Set what an organisation may stand in for; an empty field lifts it."""
    who = require("market.standing")

    def act(session: Session, form: LimitForm) -> str:
        set_limit(
            session,
            clock=clock(),
            organisation_id=parties.organisation(session, code=form.organisation).key,
            limit_fen=form.limit_yuan,
            reason=form.reason,
            person_id=who.person_id,
        )
        return url_for("standing.history", organisation=form.organisation)

    return submit(LimitForm, act, who=who, page=partial(_page, who))


@bp.get("/standing/limits/<organisation>")
def history(organisation: str) -> ResponseReturnValue:
    """Show what an organisation was allowed to stand in for, by whom and why, and what stands."""
    require("market.standing")
    with store().read() as session:
        page = limit_page(session, organisation_code=organisation)
    typed = {"organisation": organisation}
    if page.limit_fen is not None:
        typed["limit_yuan"] = f"{page.limit_fen / 100:.2f}"
    return render_template(
        "market/limit.html", page=page, state=FormState(values=typed), kinds=PROMISE_WORDS,
        leads=LEADS,
    )  # fmt: skip


def _page(_who: Actor, state: FormState) -> str:
    with store().read() as session:
        holdups = ending.holdups(session)
        claims = [int(row.subject) for row in holdups if row.kind == "claim"]
        return render_template(
            "market/standing.html",
            deposits=waiting_deposits(session),
            contested=claiming.contested_deposits(session),
            limits=limit_lines(session),
            holdups=holdups,
            claimed=claiming.listings_of(session, deposit_ids=claims),
            ends=END_WORDS,
            organisations=parties.organisations(session),
            state=state,
            press=blank(),
        )
