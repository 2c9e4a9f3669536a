"""Evidence of purchases for programs: a month item by item, and what lacks an invoice."""

from datetime import datetime

from remelt.platform.kernel.clock import month_of, month_span
from remelt.platform.settlement.evidence import queries
from remelt.platform.settlement.evidence.queries import Purchase
from remelt.platform.settlement.evidence.rules import ratio
from remelt.web.api.base import OfMonth, api_blueprint
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiOut

bp = api_blueprint("evidence", tag="Settlement")


class PurchaseOut(ApiOut):
    """A purchase with the state of each item: present, missing or unneeded."""

    code: str
    kind: str
    bought_at: datetime
    amount_fen: int
    items: dict[str, str]
    photos: list[str]
    invoice_number: str | None


class EvidenceOut(ApiOut):
    """A month's purchases and its un-evidenced cost, in fen."""

    month: str
    cost_fen: int
    uninvoiced_fen: int
    incomplete_fen: int
    incomplete: int
    purchases: list[PurchaseOut]


@bp.get("/evidence")
@needs("settlement.evidence")
@bp.input(OfMonth, location="query", arg_name="asked")
@bp.output(EvidenceOut)
def month(asked: OfMonth) -> EvidenceOut:
    """A month's purchases with what proves each, and what of their cost has no invoice."""
    who = require("settlement.evidence")
    with store().read() as session:
        name = asked.month or month_of(clock().now(session))
        since, before = month_span(name)
        found = queries.purchases(
            session, organisation_id=who.organisation_id, since=since, before=before
        )
    sums = ratio((each.settlement.amount_fen, each.items) for each in found)
    return EvidenceOut(
        month=name,
        cost_fen=sums.cost_fen,
        uninvoiced_fen=sums.uninvoiced_fen,
        incomplete_fen=sums.incomplete_fen,
        incomplete=sums.incomplete,
        purchases=[_said(each) for each in found],
    )


@bp.get("/evidence/<purchase>")
@needs("settlement.evidence")
@bp.output(PurchaseOut)
def show(purchase: str) -> PurchaseOut:
    """What proves one purchase."""
    who = require("settlement.evidence")
    with store().read() as session:
        found = queries.purchase(
            session, organisation_id=who.organisation_id, subject_code=purchase
        )
    return _said(found)


def _said(one: Purchase) -> PurchaseOut:
    return PurchaseOut(
        code=one.settlement.subject_code,
        kind=one.settlement.kind,
        bought_at=one.bought_at,
        amount_fen=one.settlement.amount_fen,
        items=dict(one.items),
        photos=list(one.photos),
        invoice_number=one.number,
    )
