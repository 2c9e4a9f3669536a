"""Paying a settlement by card or wallet, for programs: an order, and how it stands."""

from datetime import datetime
from typing import Annotated, Literal, Self

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.queries import check_payer
from remelt.platform.settlement.rails.provider_models import PaymentIntentRequest
from remelt.platform.settlement.rails.provider_paying import own_order, pay_online
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut
from remelt.web.rails import check_on

bp = api_blueprint("online", tag="Settlement")


class OnlineIn(ApiIn):
    """How much is paid, in fen, and by what; Stripe takes 99,999,999 fen at most at once."""

    amount_fen: Annotated[int, Field(gt=0, le=10**15)]
    method: Literal["card", "alipay", "wechat_pay"]


class OnlineOut(ApiOut):
    """A payment through the provider. url: where its payer goes while it is `waiting`."""

    order: str
    subject_code: str
    state: Literal["stored", "waiting", "held", "done", "refused", "cancelled"]
    method: str
    amount_minor: int
    currency: str
    stored_at: datetime
    url: str | None
    reason: str

    @classmethod
    def of(cls, row: PaymentIntentRequest) -> Self:
        """Return an order as it stands."""
        url = row.tell.get("url") if row.state == "waiting" else None
        return cls(
            order=row.order_key, subject_code=row.subject, method=row.method,
            state=row.state,  # type: ignore[arg-type]  # one_of keeps it
            amount_minor=row.amount_minor, currency=row.currency, stored_at=row.stored_at,
            url=url or None, reason=row.reason,
        )  # fmt: skip


def _payer(who: Actor, settlement: str) -> None:
    with store().read() as session:
        check_payer(session, code=settlement, organisation_id=who.organisation_id)


@bp.post("/settlements/<settlement>/online-payments")
@needs("settlement.pay")
@first(_payer, permission="settlement.pay", of="settlement")
@bp.input(OnlineIn, arg_name="data")
@bp.output(OnlineOut, status_code=201)
def post_online_payment(settlement: str, data: OnlineIn) -> Response:
    """Order a payment of what is open; the provider is asked afterwards."""
    who = require("settlement.pay")

    def act(session: Session) -> tuple[int, OnlineOut]:
        check_on()
        row = pay_online(
            session,
            clock=clock(),
            settlement_code=settlement,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            amount_fen=data.amount_fen,
            method=data.method,
        )
        return 201, OnlineOut.of(row)

    return once(who, act)


@bp.get("/online-payments/<order>")
@needs("settlement.pay")
@bp.output(OnlineOut)
def get_online_payment(order: str) -> OnlineOut:
    """How an ordered payment stands."""
    who = require("settlement.pay")
    with store().read() as session:
        return OnlineOut.of(own_order(session, key=order, organisation_id=who.organisation_id))
