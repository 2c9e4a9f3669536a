"""Counter-offers over a fixed price, for programs."""

from datetime import datetime
from typing import Annotated, Self

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.market.proposals import haggling
from remelt.platform.market.proposals.haggling import Named
from remelt.platform.market.proposals.queries import Exchange, exchange, exchanges
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.api.market_in import FenPerT
from remelt.web.context import clock, needs, require, store
from remelt.web.following import check_listing
from remelt.web.inputs import ApiIn, ApiOut, Moment

bp = api_blueprint("proposals", tag="Market")


class CounterIn(ApiIn):
    """A price, tax as the listing says, and until when it binds."""

    price_fen_per_t: FenPerT
    expires_at: Moment

    def named(self) -> Named:
        """Return the price with its end."""
        return Named(price_fen_per_t=self.price_fen_per_t, expires_at=self.expires_at)


class ProposalIn(CounterIn):
    """A buyer's first price, and where the lot would go."""

    deliver_to: Annotated[str, Field(min_length=1, max_length=14)]


class TurnOut(ApiOut):
    """One price named in an exchange."""

    seq: int
    by: str
    price_fen_per_t: int
    at: datetime
    expires_at: datetime


class ProposalOut(ApiOut):
    """An exchange of offers as one side sees it. mine: this side has to answer."""

    code: str
    listing: str
    buyer: str
    side: str
    state: str
    mine: bool
    turns: list[TurnOut]

    @classmethod
    def of(cls, row: Exchange) -> Self:
        """Return an exchange."""
        return cls(
            code=row.proposal.code, listing=row.listing.code, buyer=row.buyer.code,
            side=row.side, state=row.state, mine=row.mine,
            turns=[TurnOut.model_validate(turn) for turn in row.turns],
        )  # fmt: skip


class ProposalsOut(ApiOut):
    """The newest exchanges in which the organisation buys or sells."""

    items: list[ProposalOut]


def _own(who: Actor, code: str) -> None:
    with store().read() as session:
        exchange(session, code=code, organisation_id=who.organisation_id, now=clock().now(session))


@bp.get("/proposals")
@needs("market.contracts")
@bp.output(ProposalsOut)
def get_proposals() -> ProposalsOut:
    """List the organisation's exchanges of offers."""
    who = require("market.contracts")
    with store().read() as session:
        now = clock().now(session)
        rows = exchanges(session, organisation_id=who.organisation_id, now=now)
    return ProposalsOut(items=[ProposalOut.of(row) for row in rows])


@bp.post("/listings/<listing>/proposals")
@needs("market.bid")
@first(check_listing, permission="market.bid", of="listing")
@bp.input(ProposalIn, arg_name="data")
@bp.output(ProposalOut, status_code=201)
def post_proposal(listing: str, data: ProposalIn) -> Response:
    """Name another price than the fixed one."""
    who = require("market.bid")

    def act(session: Session) -> tuple[int, ProposalOut]:
        made = haggling.propose(
            session,
            clock=clock(),
            listing_code=listing,
            buyer_id=who.organisation_id,
            person_id=who.person_id,
            deliver_to_site_id=parties.site(session, code=data.deliver_to).key,
            named=data.named(),
        )
        return 201, _told(session, made.code, who)

    return once(who, act)


@bp.post("/proposals/<code>/counter")
@needs("market.contracts")
@first(_own, permission="market.contracts", of="code")
@bp.input(CounterIn, arg_name="data")
@bp.output(ProposalOut, status_code=201)
def post_counter(code: str, data: CounterIn) -> Response:
    """Answer with another price."""
    who = require("market.contracts")

    def act(session: Session) -> tuple[int, ProposalOut]:
        haggling.counter(
            session,
            clock=clock(),
            proposal_code=code,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            named=data.named(),
        )
        return 201, _told(session, code, who)

    return once(who, act)


@bp.post("/proposals/<code>/accept")
@needs("market.contracts")
@bp.output(ProposalOut)
def post_accept(code: str) -> Response:
    """Take the price that the other side named last: a contract."""
    who = require("market.contracts")

    def act(session: Session) -> tuple[int, ProposalOut]:
        haggling.accept(
            session,
            clock=clock(),
            proposal_code=code,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return 200, _told(session, code, who)

    return once(who, act)


@bp.post("/proposals/<code>/decline")
@needs("market.contracts")
@bp.output(ProposalOut)
def post_decline(code: str) -> Response:
    """Say no to the price that the other side named last."""
    who = require("market.contracts")

    def act(session: Session) -> tuple[int, ProposalOut]:
        haggling.decline(
            session, clock=clock(), proposal_code=code, organisation_id=who.organisation_id
        )
        return 200, _told(session, code, who)

    return once(who, act)


def _told(session: Session, code: str, who: Actor) -> ProposalOut:
    session.flush()
    now = clock().now(session)
    return ProposalOut.of(
        exchange(session, code=code, organisation_id=who.organisation_id, now=now)
    )
