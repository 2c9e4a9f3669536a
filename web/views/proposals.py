"""Counter-offers over a fixed price: naming one, countering, taking, declining."""

from functools import partial

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.market.offerings import offering
from remelt.platform.market.proposals import haggling
from remelt.platform.market.proposals.queries import exchange, exchanges
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.kind_forms import ProposalForm
from remelt.web.market_forms import HOURS, as_typed
from remelt.web.streams import streams
from remelt.web.views.market import listing_page

bp = Blueprint("proposals", __name__)


@bp.get("/proposals")
def index() -> ResponseReturnValue:
    """Show the organisation's exchanges of offers, those it has to answer first."""
    who = require("market.contracts")
    return _page(who, blank())


@bp.post("/listings/<listing>/proposals")
def propose(listing: str) -> ResponseReturnValue:
    """Name another price than the fixed one."""
    who = require("market.bid")

    def act(session: Session, form: ProposalForm) -> str:
        now = clock().now(session)
        closes_at = offering(session, code=listing).auction.closes_at
        with as_typed():
            haggling.propose(
                session,
                clock=clock(),
                listing_code=listing,
                buyer_id=who.organisation_id,
                person_id=who.person_id,
                deliver_to_site_id=parties.site(session, code=form.deliver_to_site).key,
                named=form.named(now=now, closes_at=closes_at),
            )
        return url_for("market.show", code=listing, _anchor="offer")

    return submit(ProposalForm, act, who=who, page=partial(listing_page, listing, who))


@bp.post("/proposals/<code>/counter")
def counter(code: str) -> ResponseReturnValue:
    """Answer an offer with another price."""
    who = require("market.contracts")
    with store().read() as session:
        now = clock().now(session)
        seen = exchange(session, code=code, organisation_id=who.organisation_id, now=now)

    def act(session: Session, form: ProposalForm) -> str:
        now = clock().now(session)
        with as_typed():
            haggling.counter(
                session,
                clock=clock(),
                proposal_code=code,
                organisation_id=who.organisation_id,
                person_id=who.person_id,
                named=form.named(now=now, closes_at=seen.auction.closes_at),
            )
        return url_for("proposals.index")

    return submit(ProposalForm, act, who=who, page=partial(_page, who))


@bp.post("/proposals/<code>/accept")
def accept(code: str) -> ResponseReturnValue:
    """Take the price that the other side named last: a contract."""
    who = require("market.contracts")

    def act(session: Session, _form: Press) -> str:
        made = haggling.accept(
            session,
            clock=clock(),
            proposal_code=code,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return url_for("contracts.show", code=made.code)

    done = submit(Press, act, who=who, page=partial(_page, who))
    streams().ring()
    return done


@bp.post("/proposals/<code>/decline")
def decline(code: str) -> ResponseReturnValue:
    """Say no to the price that the other side named last."""
    who = require("market.contracts")

    def act(session: Session, _form: Press) -> str:
        haggling.decline(
            session, clock=clock(), proposal_code=code, organisation_id=who.organisation_id
        )
        return url_for("proposals.index")

    return submit(Press, act, who=who, page=partial(_page, who))


def _page(who: Actor, state: FormState) -> str:
    with store().read() as session:
        now = clock().now(session)
        rows = exchanges(session, organisation_id=who.organisation_id, now=now)
    rows.sort(key=lambda row: not row.mine)
    return render_template(
        "market/proposals.html", rows=rows, state=state, hours=HOURS, press=blank()
    )
