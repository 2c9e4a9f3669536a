"""Tickets for programs: weighing, buying at the gate, voiding, and reading what was written."""

from flask import Response
from sqlmodel import Session

from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.yard import queries
from remelt.platform.yard.gate import buy, confirm_gate_payment
from remelt.platform.yard.models import Ticket
from remelt.platform.yard.voiding import void
from remelt.platform.yard.weighing import weigh_lot
from remelt.web.api.base import ReasonIn, api_blueprint, first, once
from remelt.web.api.yard_terms import (
    GatePaymentOut,
    PurchaseIn,
    TicketCardOut,
    TicketIn,
    TicketLineOut,
    TicketOut,
    TicketsIn,
    TicketsOut,
)
from remelt.web.context import clock, needs, require, store
from remelt.web.yard_sites import vault

bp = api_blueprint("yard", tag="Yard")


def _own(who: Actor, ticket: str) -> None:
    with store().read() as session:
        queries.check_own(session, ticket_code=ticket, organisation_id=who.organisation_id)


@bp.get("/tickets")
@needs("yard.read")
@bp.input(TicketsIn, location="query", arg_name="asked")
@bp.output(TicketsOut)
def tickets(asked: TicketsIn) -> TicketsOut:
    """Tickets of the organisation's sites."""
    who = require("yard.read")
    with store().read() as session:
        cards = queries.tickets(
            session,
            organisation_id=who.organisation_id,
            kind=asked.kind,
            text=asked.q,
            limit=asked.limit + 1,
            before=asked.before,
        )
    shown = cards[: asked.limit]
    return TicketsOut(
        tickets=[TicketCardOut.model_validate(card) for card in shown],
        next_before=shown[-1].id if len(cards) > asked.limit else None,
    )


@bp.get("/tickets/<ticket>")
@needs("yard.read")
@bp.output(TicketOut)
def ticket(ticket: str) -> TicketOut:
    """One ticket with its lines and payment."""
    who = require("yard.read")
    with store().read() as session:
        return _out(session, code=ticket, organisation_id=who.organisation_id)


@bp.post("/tickets")
@needs("yard.weigh")
@bp.input(TicketIn, arg_name="data")
@bp.output(TicketOut, status_code=201)
def weigh(data: TicketIn) -> Response:
    """Weigh a lot."""
    who = require("yard.weigh")

    def act(session: Session) -> tuple[int, TicketOut]:
        site = parties.site(session, code=data.site_code, organisation_id=who.organisation_id)
        made = weigh_lot(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            lot_code=data.lot_code,
            gross_g=data.gross_g,
            tare_g=data.tare_g,
            deductions=[each.given() for each in data.deductions],
            findings=[each.given() for each in data.findings],
            plate=data.plate,
            kind=data.kind,
            tare_stored=data.tare_stored,
            further=data.further,
            note=data.note,
        )
        return 201, _out(session, code=made.code, organisation_id=who.organisation_id)

    return once(who, act)


@bp.post("/gate-purchases")
@needs("yard.buy")
@bp.input(PurchaseIn, arg_name="data")
@bp.output(TicketOut, status_code=201)
def purchase(data: PurchaseIn) -> Response:
    """Buy at the gate."""
    who = require("yard.buy")

    def act(session: Session) -> tuple[int, TicketOut]:
        site = parties.site(session, code=data.site_code, organisation_id=who.organisation_id)
        made = buy(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            seller=data.seller.given(data.plate),
            lines=[line.given() for line in data.lines],
            method=data.method,
            mode=data.mode,
            plate=data.plate,
            reference=data.reference,
            rounding_fen=data.rounding_fen,
            tare_stored=data.tare_stored,
            with_invoice=data.with_invoice,
            note=data.note,
            radiation=None if data.radiation is None else data.radiation.given(),
            vault=vault(),
        )
        return 201, _out(session, code=made.code, organisation_id=who.organisation_id)

    return once(who, act)


@bp.post("/tickets/<ticket>/confirm")
@needs("yard.buy")
@bp.output(TicketOut)
def confirm(ticket: str) -> Response:
    """Confirm a gate payment as the second person."""
    who = require("yard.buy")

    def act(session: Session) -> tuple[int, TicketOut]:
        confirm_gate_payment(
            session,
            clock=clock(),
            ticket_code=ticket,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        return 200, _out(session, code=ticket, organisation_id=who.organisation_id)

    return once(who, act)


@bp.post("/tickets/<ticket>/void")
@needs("yard.void")
@first(_own, permission="yard.void", of="ticket")
@bp.input(ReasonIn, arg_name="data")
@bp.output(TicketOut, status_code=201)
def void_ticket(ticket: str, data: ReasonIn) -> Response:
    """Write the counter ticket of a ticket; answers with the counter ticket."""
    who = require("yard.void")

    def act(session: Session) -> tuple[int, TicketOut]:
        counter = void(
            session,
            clock=clock(),
            ticket_code=ticket,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            reason=data.reason,
        )
        return 201, _out(session, code=counter.code, organisation_id=who.organisation_id)

    return once(who, act)


def _out(session: Session, *, code: str, organisation_id: int) -> TicketOut:
    view = queries.ticket(session, code=code, organisation_id=organisation_id)
    row: Ticket = view.ticket
    own = {name: getattr(row, name) for name in TicketOut.model_fields if hasattr(row, name)}
    return TicketOut(
        **own,
        site_code=view.site.code,
        voids=None if view.voids is None else view.voids.code,
        voided_by=None if view.voided_by is None else view.voided_by.code,
        seller_code=None if view.seller is None else view.seller.code,
        lines=[TicketLineOut.model_validate(line) for line in view.lines],
        payment=None if view.payment is None else GatePaymentOut.model_validate(view.payment),
    )
