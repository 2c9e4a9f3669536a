"""Reverse invoices for programs: a seller's meter, drawing up, taking back, the month's filing."""

from datetime import datetime
from typing import Annotated

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.kernel.clock import month_of, month_span
from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.reverse import invoicing, queries
from remelt.platform.settlement.reverse.models import ReverseInvoice
from remelt.platform.settlement.reverse.tying import tied_to
from remelt.web.api.base import OfMonth, api_blueprint, first, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut
from remelt.web.own_sales import own_meter
from remelt.web.reverse_files import card_codes
from remelt.web.reverse_page import rules_at, seller_view

bp = api_blueprint("reverse", tag="Settlement")


class SellerMeterOut(ApiOut):
    """A seller's ceiling as a buyer may see it: rounded, and at least so much used."""

    seller_code: str
    identified: bool
    consented: bool
    state: str | None
    used_bp: int | None
    left_at_most_fen: int | None
    ceiling_fen: int
    month: str


class InvoiceIn(ApiIn):
    """Which purchase is to be invoiced."""

    ticket_code: Annotated[str, Field(min_length=1, max_length=20)]


class ReverseInvoiceOut(ApiOut):
    """A reverse invoice, or the red one (`sign` -1) that takes another back; amounts in fen."""

    code: str
    sign: int
    kind: str
    month: str
    gross_fen: int
    net_fen: int
    vat_bp: int
    vat_fen: int
    income_tax_bp: int
    income_tax_fen: int
    drawn_at: datetime


class ReverseInvoicesOut(ApiOut):
    """Invoices, the latest first."""

    invoices: list[ReverseInvoiceOut]


class NumberIn(ApiIn):
    """The number that the tax office's system gave."""

    number: Annotated[str, Field(min_length=8, max_length=20)]


class NumberOut(ApiOut):
    """The number of an invoice."""

    invoice_code: str
    number: str


class AgentFilingLineOut(ApiOut):
    """One seller of a month's agent filing; amounts in fen, red invoices taken off.

    seller_code: of the buyer's own card, null once the person is erased. vat_due_fen: with what
    became due because the month passed the threshold (above_threshold).
    """

    seller_code: str | None
    invoices: int
    gross_fen: int
    net_fen: int
    vat_fen: int
    vat_due_fen: int
    income_tax_fen: int
    above_threshold: bool


class AgentFilingOut(ApiOut):
    """A month's agent filing. It names nobody: identity numbers leave in the page's file only."""

    month: str
    sellers: list[AgentFilingLineOut]


class OwnMeterOut(ApiOut):
    """One's own ceiling to the fen, at least; null where the account is not tied to a person."""

    tied: bool
    at_least_fen: int | None
    elsewhere_fen: int | None
    ceiling_fen: int
    left_fen: int | None
    state: str | None
    month: str


def _own(who: Actor, invoice: str) -> None:
    with store().read() as session:
        invoicing.invoice(session, code=invoice, buyer_id=who.organisation_id)


@bp.get("/reverse-invoices/sellers/<seller>")
@needs("settlement.invoice")
@bp.output(SellerMeterOut)
def meter(seller: str) -> SellerMeterOut:
    """How much of a seller's ceiling is used, at least."""
    who = require("settlement.invoice")
    with store().read() as session:
        now = clock().now(session)
        view = seller_view(session, organisation_id=who.organisation_id, code=seller, now=now)
        rules = rules_at(session, now)
    seen = view.gauge
    return SellerMeterOut(
        seller_code=view.card.code,
        identified=view.seller is not None,
        consented=view.consent is not None,
        state=None if seen is None else seen.state,
        used_bp=None if seen is None else seen.share_bp,
        left_at_most_fen=None if seen is None else seen.left_fen,
        ceiling_fen=rules.ceiling_fen,
        month=month_of(now),
    )


@bp.get("/reverse-invoices")
@needs("settlement.invoice")
@bp.input(OfMonth, location="query", arg_name="asked")
@bp.output(ReverseInvoicesOut)
def invoices(asked: OfMonth) -> ReverseInvoicesOut:
    """The organisation's reverse invoices of a month."""
    who = require("settlement.invoice")
    with store().read() as session:
        month = asked.month or month_of(clock().now(session))
        lines = queries.invoices(session, buyer_id=who.organisation_id, months=(month, month))
    return ReverseInvoicesOut(
        invoices=[ReverseInvoiceOut.model_validate(line.invoice) for line in lines]
    )


@bp.get("/reverse-invoices/filing")
@needs("settlement.invoice")
@bp.input(OfMonth, location="query", arg_name="asked")
@bp.output(AgentFilingOut)
def filing(asked: OfMonth) -> AgentFilingOut:
    """A month's agent filing by seller."""
    who = require("settlement.invoice")
    with store().read() as session:
        month = asked.month or month_of(clock().now(session))
        _first, after = month_span(month)
        lines = queries.filing(
            session, buyer_id=who.organisation_id, month=month, rules=rules_at(session, after)
        )
        codes = card_codes(session, organisation_id=who.organisation_id)
    return AgentFilingOut(
        month=month,
        sellers=[
            AgentFilingLineOut(
                seller_code=codes.get(line.seller_id), invoices=line.invoices,
                gross_fen=line.gross_fen, net_fen=line.net_fen, vat_fen=line.vat_fen,
                vat_due_fen=line.vat_due_fen, income_tax_fen=line.income_tax_fen,
                above_threshold=line.above,
            )
            for line in lines
        ],
    )  # fmt: skip


@bp.get("/my-sales/ceiling")
@needs("settlement.sell")
@bp.output(OwnMeterOut)
def own() -> OwnMeterOut:
    """One's own ceiling of reverse invoices, over all buyers here and what was told."""
    who = require("settlement.sell")
    with store().read() as session:
        now = clock().now(session)
        seller = tied_to(session, organisation_id=who.organisation_id)
        meter = None if seller is None else own_meter(session, seller=seller, now=now)
        rules = rules_at(session, now)
    return OwnMeterOut(
        tied=meter is not None,
        at_least_fen=None if meter is None else meter.at_least_fen,
        elsewhere_fen=None if meter is None else meter.elsewhere_fen,
        ceiling_fen=rules.ceiling_fen,
        left_fen=None if meter is None else meter.left_fen,
        state=None if meter is None else meter.state,
        month=month_of(now),
    )


@bp.post("/reverse-invoices")
@needs("settlement.invoice")
@bp.input(InvoiceIn, arg_name="data")
@bp.output(ReverseInvoiceOut, status_code=201)
def draw_up(data: InvoiceIn) -> Response:
    """Draw up the reverse invoice of a gate purchase."""
    who = require("settlement.invoice")

    def act(session: Session) -> tuple[int, ReverseInvoiceOut]:
        made = invoicing.draw_up(
            session, clock=clock(), subject_code=data.ticket_code, buyer_id=who.organisation_id,
            person_id=who.person_id,
        )  # fmt: skip
        return 201, _said(made)

    return once(who, act)


@bp.post("/reverse-invoices/<invoice>/red")
@needs("settlement.invoice")
@bp.output(ReverseInvoiceOut, status_code=201)
def red(invoice: str) -> Response:
    """Take a reverse invoice back by a red one."""
    who = require("settlement.invoice")

    def act(session: Session) -> tuple[int, ReverseInvoiceOut]:
        made = invoicing.counter(
            session, clock=clock(), invoice_code=invoice, buyer_id=who.organisation_id,
            person_id=who.person_id,
        )  # fmt: skip
        return 201, _said(made)

    return once(who, act)


@bp.post("/reverse-invoices/<invoice>/number")
@needs("settlement.invoice")
@first(_own, permission="settlement.invoice", of="invoice")
@bp.input(NumberIn, arg_name="data")
@bp.output(NumberOut, status_code=201)
def number(invoice: str, data: NumberIn) -> Response:
    """Note the number of an invoice."""
    who = require("settlement.invoice")

    def act(session: Session) -> tuple[int, NumberOut]:
        made = invoicing.note_number(
            session, clock=clock(), invoice_code=invoice, buyer_id=who.organisation_id,
            person_id=who.person_id, number=data.number,
        )  # fmt: skip
        return 201, NumberOut(invoice_code=invoice, number=made.number)

    return once(who, act)


def _said(made: ReverseInvoice) -> ReverseInvoiceOut:
    return ReverseInvoiceOut.model_validate(made)
