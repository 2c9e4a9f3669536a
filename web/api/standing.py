"""What bidders lay down and may stand in for, for the operator's programs."""

from datetime import datetime
from typing import Annotated, Self

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.market import claiming, ending
from remelt.platform.market.award_errors import NoSuchDeposit
from remelt.platform.market.deposits import (
    DepositLine,
    deposit_of,
    hold_deposit,
    waiting_deposits,
)
from remelt.platform.market.limit_queries import LimitLine, limit_lines
from remelt.platform.market.limits import set_limit
from remelt.platform.market.offerings import offering
from remelt.platform.parties import queries as parties
from remelt.web.api.base import Reason, api_blueprint, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut

bp = api_blueprint("standing", tag="Market")
Code = Annotated[str, Field(min_length=1, max_length=14)]


class WaitingDepositOut(ApiOut):
    """A deposit that was told. over: nobody bids there any more, and its money goes back."""

    listing: str
    bidder: str
    amount_fen: int
    reference: str
    told_at: datetime
    over: bool

    @classmethod
    def of(cls, row: DepositLine) -> Self:
        """Return a deposit on its way."""
        return cls(
            listing=row.listing.code, bidder=row.bidder.code, amount_fen=row.deposit.amount_fen,
            reference=row.deposit.reference, told_at=row.deposit.told_at, over=row.over,
        )  # fmt: skip


class WaitingDepositsOut(ApiOut):
    """Deposits on their way."""

    items: list[WaitingDepositOut]


class HeldIn(ApiIn):
    """Whose money arrived, and for which listing."""

    listing: Code
    bidder: Code


class HeldOut(ApiOut):
    """Where the deposit stands now: held, or released where its auction is over."""

    state: str
    amount_fen: int


class ContestedDepositOut(ApiOut):
    """A deposit on which the operator rules. contest: how and when the bidder says it paid."""

    listing: str
    bidder: str
    amount_fen: int
    unpaid_at: datetime
    claimed_at: datetime
    contested_at: datetime
    contest: str

    @classmethod
    def of(cls, row: DepositLine) -> Self:
        """Return a deposit that is contested."""
        shared = {
            name: getattr(row.deposit, name)
            for name in cls.model_fields
            if hasattr(row.deposit, name)
        }
        return cls(listing=row.listing.code, bidder=row.bidder.code, **shared)


class ContestedDepositsOut(ApiOut):
    """Deposits that are contested, the oldest first."""

    items: list[ContestedDepositOut]


class RulingIn(ApiIn):
    """On whose deposit, for which listing, and whether the seller gets it."""

    listing: Code
    bidder: Code
    forfeited: bool


class HoldupOut(ApiOut):
    """An end that could not be made: of an auction, turn, claim, sale, award or tender."""

    kind: str
    subject: str
    tries: int
    first_at: datetime
    last_at: datetime
    again_at: datetime
    reason: str


class HoldupsOut(ApiOut):
    """Ends that are put off, the oldest first."""

    items: list[HoldupOut]


class RetryIn(ApiIn):
    """The end that is to be tried again."""

    kind: Annotated[str, Field(max_length=10)]
    subject: Annotated[str, Field(max_length=20)]


class CreditLimitIn(ApiIn):
    """What an organisation may stand in for from now on; null lifts the limit."""

    organisation: Code
    limit_fen: Annotated[int, Field(ge=0, le=10**13)] | None
    reason: Reason


class CreditLimitOut(ApiOut):
    """A limit in force, and what stands under it now; estimated_fen: on prices not yet known."""

    organisation: str
    limit_fen: int
    standing_fen: int
    estimated_fen: int
    reason: str
    set_at: datetime

    @classmethod
    def of(cls, row: LimitLine) -> Self:
        """Return a limit."""
        return cls(
            organisation=row.organisation.code, limit_fen=row.limit_fen,
            standing_fen=row.standing_fen, estimated_fen=row.estimated_fen, reason=row.reason,
            set_at=row.set_at,
        )  # fmt: skip


class CreditLimitsOut(ApiOut):
    """The limits in force."""

    items: list[CreditLimitOut]


@bp.get("/standing/deposits")
@needs("market.standing")
@bp.output(WaitingDepositsOut)
def get_waiting() -> WaitingDepositsOut:
    """List the deposits that were told and have not arrived."""
    with store().read() as session:
        rows = waiting_deposits(session)
    return WaitingDepositsOut(items=[WaitingDepositOut.of(row) for row in rows])


@bp.post("/standing/deposits")
@needs("market.standing")
@bp.input(HeldIn, arg_name="data")
@bp.output(HeldOut)
def post_held(data: HeldIn) -> Response:
    """Say that the money of a deposit has arrived. Said twice, held once."""
    who = require("market.standing")

    def act(session: Session) -> tuple[int, HeldOut]:
        bidder = parties.organisation(session, code=data.bidder)
        auction = offering(session, code=data.listing).auction
        told = deposit_of(session, auction_id=auction.key, bidder_id=bidder.key)
        if told is None:
            raise NoSuchDeposit
        row = hold_deposit(session, clock=clock(), deposit_id=told.key, person_id=who.person_id)
        return 200, HeldOut(state=row.state, amount_fen=row.amount_fen)

    return once(who, act)


@bp.get("/standing/contested")
@needs("market.standing")
@bp.output(ContestedDepositsOut)
def get_contested() -> ContestedDepositsOut:
    """List the deposits that a seller claims and their bidder contests."""
    with store().read() as session:
        rows = claiming.contested_deposits(session)
    return ContestedDepositsOut(items=[ContestedDepositOut.of(row) for row in rows])


@bp.post("/standing/rulings")
@needs("market.standing")
@bp.input(RulingIn, arg_name="data")
@bp.output(HeldOut)
def post_ruling(data: RulingIn) -> Response:
    """Rule on a deposit that is contested: forfeited to the seller, or released."""
    who = require("market.standing")

    def act(session: Session) -> tuple[int, HeldOut]:
        row = claiming.rule(
            session,
            clock=clock(),
            listing_code=data.listing,
            bidder_id=parties.organisation(session, code=data.bidder).key,
            forfeited=data.forfeited,
            person_id=who.person_id,
        )
        return 200, HeldOut(state=row.state, amount_fen=row.amount_fen)

    return once(who, act)


@bp.get("/standing/holdups")
@needs("market.standing")
@bp.output(HoldupsOut)
def get_holdups() -> HoldupsOut:
    """List the ends that fell due and could not be made: they are tried again by themselves."""
    with store().read() as session:
        return HoldupsOut(items=[HoldupOut.model_validate(row) for row in ending.holdups(session)])


@bp.post("/standing/holdups/retry")
@needs("market.standing")
@bp.input(RetryIn, arg_name="data")
@bp.output(HoldupOut)
def post_retry(data: RetryIn) -> Response:
    """Have an end that was put off tried in the next round."""
    who = require("market.standing")

    def act(session: Session) -> tuple[int, HoldupOut]:
        row = ending.try_again(session, clock=clock(), kind=data.kind, subject=data.subject)
        return 200, HoldupOut.model_validate(row)

    return once(who, act)


@bp.get("/standing/limits")
@needs("market.standing")
@bp.output(CreditLimitsOut)
def get_limits() -> CreditLimitsOut:
    """List the limits in force, with what stands under them."""
    with store().read() as session:
        return CreditLimitsOut(items=[CreditLimitOut.of(row) for row in limit_lines(session)])


@bp.post("/standing/limits")
@needs("market.standing")
@bp.input(CreditLimitIn, arg_name="data")
@bp.output(CreditLimitsOut, status_code=201)
def post_limit(data: CreditLimitIn) -> Response:
    """Set or lift what an organisation may stand in for."""
    who = require("market.standing")

    def act(session: Session) -> tuple[int, CreditLimitsOut]:
        set_limit(
            session,
            clock=clock(),
            organisation_id=parties.organisation(session, code=data.organisation).key,
            limit_fen=data.limit_fen,
            reason=data.reason,
            person_id=who.person_id,
        )
        return 201, CreditLimitsOut(items=[CreditLimitOut.of(row) for row in limit_lines(session)])

    return once(who, act)
