"""A purchase as written: ticket, readings, lines, ledger, payment, event; all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site
from remelt.platform.yard.bays import Brought, Gate
from remelt.platform.yard.events import GatePurchased, LineWeighed
from remelt.platform.yard.models import GatePayment, SellerCard, Ticket, TicketLine
from remelt.platform.yard.pricing import Priced
from remelt.platform.yard.tickets import (
    Deducted,
    Numbered,
    new_ticket,
    write_deductions,
    write_readings,
)
from remelt.traceability.door import private
from remelt.traceability.door.book import batched


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What a gate ticket says beside its lines.

    mode: platform or successive weighing. rounding_fen: what was rounded off (below zero) or
    up at the till, under a yuan. outside_number, opened_at: of a weighbridge program's file.
    """

    method: str
    mode: str = "platform"
    plate: str = ""
    reference: str = ""
    rounding_fen: int = 0
    tare_stored: bool = False
    with_invoice: bool = False
    note: str = ""
    opened_at: datetime | None = None
    outside_number: str | None = None


@dataclass(frozen=True, slots=True)
class Bought:
    """A checked purchase: the number taken for it, its seller's card, its priced lines."""

    taken: Numbered
    card: SellerCard | None
    lines: Sequence[Priced]
    purchase: Purchase


def write_purchases(
    session: Session, *, clock: Clock, site: Site, person_id: int, bought: Sequence[Bought]
) -> list[Ticket]:
    """Write checked purchases: tickets, readings, ledger, lines, payments, events.

    Each table is written at once, in the order of the purchases, however many there are.
    """
    tickets = [_ticket(each, site=site, person_id=person_id) for each in bought]
    session.add_all(tickets)
    session.flush()
    pairs = list(zip(tickets, bought, strict=True))
    write_readings(
        session,
        [
            (ticket, [(line.given.gross_g, line.given.tare_g) for line in each.lines])
            for ticket, each in pairs
        ],
    )
    lines = _write_lines(session, pairs, clock=clock, site=site, person_id=person_id)
    payments = [
        _payment(ticket, site=site, lines=kept, purchase=each.purchase)
        for (ticket, each), kept in zip(pairs, lines, strict=True)
    ]
    session.add_all(payments)
    outbox.record_all(
        session,
        [
            _purchased(ticket, site=site, card=each.card, lines=kept, payment=payment)
            for (ticket, each), kept, payment in zip(pairs, lines, payments, strict=True)
        ],
    )
    return tickets


def _ticket(bought: Bought, *, site: Site, person_id: int) -> Ticket:
    purchase, card = bought.purchase, bought.card
    ticket = new_ticket(
        site, taken=bought.taken, kind="gate", person_id=person_id, mode=purchase.mode,
        plate=purchase.plate, opened_at=purchase.opened_at, tare_stored=purchase.tare_stored,
        note=purchase.note,
    )  # fmt: skip
    ticket.source = "typed" if purchase.outside_number is None else "import"
    ticket.outside_number = purchase.outside_number
    ticket.seller_id = None if card is None else card.key
    return ticket


def _write_lines(
    session: Session,
    pairs: Sequence[tuple[Ticket, Bought]],
    *,
    clock: Clock,
    site: Site,
    person_id: int,
) -> list[list[TicketLine]]:
    """Bring every line into the ledger, and keep it with its deductions; return each ticket's."""
    owner = parties.organisation_by_id(session, organisation_id=site.organisation_id)
    person = parties.person_by_id(session, person_id=person_id)
    gate = Gate(session, clock=clock, site=site, owner=owner.code, actor=f"person:{person.code}")
    sellers = [private.person(f"person:{each.card.code}") for _, each in pairs if each.card]
    with batched(session, about=sellers):
        kept = [
            [
                _line(ticket, line, position=n, brought=gate.bring(line, ticket, card=each.card))
                for n, line in enumerate(each.lines)
            ]
            for ticket, each in pairs
        ]
    session.add_all(line for lines in kept for line in lines)
    session.flush()
    priced = [line for _ticket, each in pairs for line in each.lines]
    written = [line for lines in kept for line in lines]
    write_deductions(
        session,
        [
            Deducted(line, each.given.deductions, each.payable)
            for line, each in zip(written, priced, strict=True)
        ],
        person_id=person_id,
        at=pairs[0][0].closed_at,
    )
    return kept


def _line(ticket: Ticket, line: Priced, *, position: int, brought: Brought) -> TicketLine:
    net_g, payable_g = line.payable.net_g, line.payable.payable_g
    return TicketLine(
        ticket_id=ticket.key,
        position=position,
        metal=line.grade.metal,
        grade_system=line.grade.system,
        grade_code=line.grade.code,
        lot_code=brought.lot_code,
        pool_code=brought.pool_code,
        event_hash=brought.event_hash,
        productive=line.given.productive,
        gross_g=line.given.gross_g,
        tare_g=line.given.tare_g,
        net_g=net_g,
        deducted_g=net_g - payable_g,
        payable_g=payable_g,
        price_fen_per_t=line.price_fen_per_t,
        board_price_fen_per_t=line.board_price_fen_per_t,
        override_reason=line.override_reason,
        amount_fen=line.amount_fen,
    )


def _payment(
    ticket: Ticket, *, site: Site, lines: Sequence[TicketLine], purchase: Purchase
) -> GatePayment:
    due_fen = sum(line.amount_fen or 0 for line in lines)
    rounding_fen = max(purchase.rounding_fen, -due_fen)
    threshold = site.second_person_above_fen
    return GatePayment(
        ticket_id=ticket.key,
        method=purchase.method,
        due_fen=due_fen,
        rounding_fen=rounding_fen,
        amount_fen=due_fen + rounding_fen,
        reference=purchase.reference[:60],
        person_id=ticket.person_id,
        at=ticket.closed_at,
        needs_second=threshold is not None and due_fen + rounding_fen > threshold,
    )


def _purchased(
    ticket: Ticket,
    *,
    site: Site,
    card: SellerCard | None,
    lines: Sequence[TicketLine],
    payment: GatePayment,
) -> GatePurchased:
    weighed = tuple(
        LineWeighed(
            lot_code=line.lot_code, metal=line.metal, grade_system=line.grade_system,
            grade_code=line.grade_code, net_g=line.net_g, deducted_g=line.deducted_g,
            payable_g=line.payable_g, price_fen_per_t=line.price_fen_per_t or 0,
            amount_fen=line.amount_fen or 0,
        )
        for line in lines
    )  # fmt: skip
    return GatePurchased(
        at=ticket.closed_at,
        ticket_code=ticket.code,
        site_id=site.key,
        organisation_id=site.organisation_id,
        person_id=ticket.person_id,
        seller_code=None if card is None else card.code,
        lines=weighed,
        method=payment.method,
        reference=payment.reference,
        due_fen=payment.due_fen,
        amount_fen=payment.amount_fen,
        settled=payment.settled,
    )
