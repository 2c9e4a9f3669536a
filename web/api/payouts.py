"""What the platform holds for others, for the operator's programs: due, let go, confirmed."""

from datetime import datetime
from typing import Annotated, Literal, Self

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.escrow import paying, queries
from remelt.platform.settlement.escrow.models import Payout
from remelt.web.api.base import ReasonIn, api_blueprint, first, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut

bp = api_blueprint("payouts", tag="Settlement")
Purpose = Literal["price", "back", "released", "forfeited", "umpire"]


class DueOut(ApiOut):
    """Money to be paid out. payee: the organisation's code, null for an umpire's laboratory."""

    purpose: str
    subject: str
    deposit: int | None
    payee: str | None
    amount_fen: int
    fees_fen: int

    @classmethod
    def of(cls, line: queries.DueLine) -> Self:
        """Return something that is due."""
        due, payee = line.due, line.payee
        return cls(
            purpose=due.purpose, subject=due.subject_code, deposit=due.deposit_id,
            payee=None if payee is None else payee.code, amount_fen=due.amount_fen,
            fees_fen=due.fees_fen,
        )  # fmt: skip


class PayoutOut(ApiOut):
    """A payout: it is entered and may be transferred once `confirmed`; code is its reference.

    returned_fen: what of it came back or was refused by the provider, and is due again.
    """

    code: str
    purpose: str
    subject: str
    amount_fen: int
    fees_fen: int
    returned_fen: int
    state: str
    made_at: datetime

    @classmethod
    def of(cls, row: Payout, *, returned_fen: int = 0) -> Self:
        """Return a payout."""
        return cls(
            code=row.code, purpose=row.purpose, subject=row.subject_code, state=row.state,
            amount_fen=row.amount_fen, fees_fen=row.fees_fen, returned_fen=returned_fen,
            made_at=row.made_at,
        )  # fmt: skip


class KeptOut(ApiOut):
    """What is due to be paid out, what waits for a second person, what was answered last."""

    due: list[DueOut]
    payouts: list[PayoutOut]


class LetGoIn(ApiIn):
    """What is let go: of a contract (subject), or one deposit; an umpire's laboratory is named."""

    purpose: Purpose
    subject: Annotated[str, Field(min_length=1, max_length=14)]
    deposit: Annotated[int, Field(ge=1)] | None = None
    payee: Annotated[str, Field(max_length=60)] = ""


@bp.get("/payouts")
@needs("settlement.oversee")
@bp.output(KeptOut)
def held() -> KeptOut:
    """List what is due to be paid out and the payouts made of it."""
    require("settlement.oversee")
    with store().read() as session:
        view = queries.held_view(session)
    return KeptOut(
        due=[DueOut.of(line) for line in view.dues],
        payouts=[
            PayoutOut.of(line.payout, returned_fen=line.returned_fen)
            for line in (*view.waiting, *view.answered)
        ],
    )


@bp.post("/payouts")
@needs("settlement.oversee")
@bp.input(LetGoIn, arg_name="data")
@bp.output(PayoutOut, status_code=201)
def let_go(data: LetGoIn) -> Response:
    """Let money go; a second person confirms it."""
    who = require("settlement.oversee")

    def act(session: Session) -> tuple[int, PayoutOut]:
        made = paying.let_go(
            session,
            clock=clock(),
            purpose=data.purpose,
            subject_code=data.subject,
            deposit_id=data.deposit,
            payee=data.payee,
            person_id=who.person_id,
        )
        return 201, PayoutOut.of(made)

    return once(who, act)


@bp.post("/payouts/<payout>/confirm")
@needs("settlement.oversee")
@bp.output(PayoutOut)
def confirm(payout: str) -> Response:
    """Confirm a payout as the second person."""
    who = require("settlement.oversee")

    def act(session: Session) -> tuple[int, PayoutOut]:
        done = paying.confirm_payout(
            session,
            clock=clock(),
            code=payout,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return 200, PayoutOut.of(done)

    return once(who, act)


def _there(_who: Actor, payout: str) -> None:
    """Refuse a payout that is not there before any input is read."""
    with store().read() as session:
        paying.payout(session, code=payout)


@bp.post("/payouts/<payout>/decline")
@needs("settlement.oversee")
@first(_there, permission="settlement.oversee", of="payout")
@bp.input(ReasonIn, arg_name="data")
@bp.output(PayoutOut)
def decline(payout: str, data: ReasonIn) -> Response:
    """Decline a payout as the second person: the money stays held."""
    who = require("settlement.oversee")

    def act(session: Session) -> tuple[int, PayoutOut]:
        done = paying.decline_payout(
            session,
            clock=clock(),
            code=payout,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            reason=data.reason,
        )
        return 200, PayoutOut.of(done)

    return once(who, act)
