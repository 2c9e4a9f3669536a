"""Settlements and payments for programs: what is owed, what was paid, who confirmed."""

from datetime import date, datetime
from typing import Annotated, Literal

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.parties.actors import Actor
from remelt.platform.settlement import accounts, queries
from remelt.platform.settlement.models import PaymentRecord
from remelt.web.api.base import ReasonIn, api_blueprint, first, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut, ApiQuery

bp = api_blueprint("settlement", tag="Settlement")


class PaymentIn(ApiIn):
    """A payment that was made: `amount_fen` on the Beijing day `paid_on`."""

    settlement_code: Annotated[str, Field(min_length=1, max_length=20)]
    amount_fen: Annotated[int, Field(gt=0, le=10**15)]
    paid_on: date
    method: Literal["bank", "cash", "wechat", "alipay"] = "bank"
    reference: Annotated[str, Field(max_length=60)] = ""


class SettlementsIn(ApiQuery):
    """Which settlements: of contracts or of gate purchases."""

    kind: Literal["contract", "gate", "tolling"] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class PaymentOut(ApiOut):
    """A payment; it counts once its state is `confirmed`."""

    code: str
    subject_code: str
    amount_fen: int
    method: str
    reference: str
    paid_on: date
    recorded_at: datetime
    needs_second: bool
    state: str
    reason: str


class PaymentsOut(ApiOut):
    """Payments that wait for a second person."""

    payments: list[PaymentOut]


class SettledLineOut(ApiOut):
    """One lot of a settlement."""

    lot_code: str
    net_g: int
    deducted_g: int
    payable_g: int
    price_fen_per_t: int
    amount_fen: int


class SettlementOut(ApiOut):
    """A settlement in force or superseded; amounts in fen, masses in g."""

    code: str
    kind: str
    subject_code: str
    ticket_code: str
    revision: int
    in_force: bool
    pays: bool
    net_g: int
    deducted_g: int
    payable_g: int
    rounding_fen: int
    amount_fen: int
    confirmed_fen: int
    open_fen: int
    state: str
    inputs_sha256: str
    computed_at: datetime
    reference: str | None
    lines: list[SettledLineOut]
    payments: list[PaymentOut]


class SettlementLineOut(ApiOut):
    """A settlement in a list."""

    code: str
    kind: str
    subject_code: str
    revision: int
    pays: bool
    payable_g: int
    amount_fen: int
    confirmed_fen: int
    open_fen: int
    state: str
    computed_at: datetime


class SettlementsOut(ApiOut):
    """Settlements in force, the latest first."""

    settlements: list[SettlementLineOut]


def _own(who: Actor, payment: str) -> None:
    with store().read() as session:
        queries.settlement_code_of(
            session, payment_code=payment, organisation_id=who.organisation_id
        )


@bp.get("/settlements")
@needs("settlement.read")
@bp.input(SettlementsIn, location="query", arg_name="asked")
@bp.output(SettlementsOut)
def settlements(asked: SettlementsIn) -> SettlementsOut:
    """Settlements in force on either side."""
    who = require("settlement.read")
    with store().read() as session:
        lines = queries.money(
            session, organisation_id=who.organisation_id, kind=asked.kind, limit=asked.limit
        )
    return SettlementsOut(
        settlements=[
            SettlementLineOut(
                code=line.code,
                kind=line.kind,
                subject_code=line.subject_code,
                revision=line.revision,
                pays=line.pays,
                payable_g=line.payable_g,
                amount_fen=line.balance.amount_fen,
                confirmed_fen=line.balance.confirmed_fen,
                open_fen=line.balance.open_fen,
                state=line.balance.state,
                computed_at=line.computed_at,
            )
            for line in lines
        ]
    )


@bp.get("/settlements/<settlement>")
@needs("settlement.read")
@bp.output(SettlementOut)
def settlement(settlement: str) -> SettlementOut:
    """One settlement with its lines and payments."""
    who = require("settlement.read")
    with store().read() as session:
        view = queries.settlement(session, code=settlement, organisation_id=who.organisation_id)
    row = view.settlement
    own = {name: getattr(row, name) for name in SettlementOut.model_fields if hasattr(row, name)}
    return SettlementOut(
        **own,
        in_force=view.in_force,
        pays=view.pays,
        confirmed_fen=view.balance.confirmed_fen,
        open_fen=view.balance.open_fen,
        state=view.balance.state,
        reference=None if view.instruction is None else view.instruction.reference,
        lines=[SettledLineOut.model_validate(line) for line in view.lines],
        payments=[_payment(payment) for payment in view.payments],
    )


@bp.get("/payments")
@needs("settlement.read")
@bp.output(PaymentsOut)
def payments() -> PaymentsOut:
    """Payments of the organisation that wait for a second person."""
    who = require("settlement.read")
    with store().read() as session:
        rows = queries.waiting(session, organisation_id=who.organisation_id)
    return PaymentsOut(payments=[_payment(payment) for payment, _ in rows])


@bp.post("/payments")
@needs("settlement.pay")
@bp.input(PaymentIn, arg_name="data")
@bp.output(PaymentOut, status_code=201)
def pay(data: PaymentIn) -> Response:
    """Record a payment."""
    who = require("settlement.pay")

    def act(session: Session) -> tuple[int, PaymentOut]:
        made = accounts.record_payment(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            **data.model_dump(),
        )
        return 201, _payment(made)

    return once(who, act)


@bp.post("/payments/<payment>/confirm")
@needs("settlement.pay")
@bp.output(PaymentOut)
def confirm(payment: str) -> Response:
    """Confirm a payment as the second person."""
    who = require("settlement.pay")

    def act(session: Session) -> tuple[int, PaymentOut]:
        done = accounts.confirm_payment(
            session,
            clock=clock(),
            payment_code=payment,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return 200, _payment(done)

    return once(who, act)


@bp.post("/payments/<payment>/decline")
@needs("settlement.pay")
@first(_own, permission="settlement.pay", of="payment")
@bp.input(ReasonIn, arg_name="data")
@bp.output(PaymentOut)
def decline(payment: str, data: ReasonIn) -> Response:
    """Decline a payment as the second person."""
    who = require("settlement.pay")

    def act(session: Session) -> tuple[int, PaymentOut]:
        done = accounts.decline_payment(
            session,
            clock=clock(),
            payment_code=payment,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            reason=data.reason,
        )
        return 200, _payment(done)

    return once(who, act)


def _payment(row: PaymentRecord) -> PaymentOut:
    return PaymentOut(**{name: getattr(row, name) for name in PaymentOut.model_fields})
