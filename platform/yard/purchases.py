"""A purchase as written: ticket, readings, lines, ledger, payment, event; all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Organisation, Site
from remelt.platform.yard.bays import bring
from remelt.platform.yard.events import GatePurchased, LineWeighed
from remelt.platform.yard.models import GatePayment, SellerCard, Ticket, TicketLine
from remelt.platform.yard.pricing import Priced
from remelt.platform.yard.tickets import Numbered, new_ticket, write_deductions, write_readings


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


def write_purchase(
    session: Session,
    *,
    clock: Clock,
    site: Site,
    taken: Numbered,
    person_id: int,
    card: SellerCard | None,
    lines: Sequence[Priced],
    purchase: Purchase,
) -> Ticket:
    """Write a checked purchase: ticket, readings, lines, ledger, payment, event."""
    ticket = new_ticket(
        site, taken=taken, kind="gate", person_id=person_id, mode=purchase.mode,
        plate=purchase.plate, opened_at=purchase.opened_at, tare_stored=purchase.tare_stored,
        note=purchase.note,
    )  # fmt: skip
    ticket.source = "typed" if purchase.outside_number is None else "import"
    ticket.outside_number = purchase.outside_number
    ticket.seller_id = None if card is None else card.key
    session.add(ticket)
    session.flush()
    weights = [(line.given.gross_g, line.given.tare_g) for line in lines]
    write_readings(session, ticket, weights=weights)
    owner = parties.organisation_by_id(session, organisation_id=site.organisation_id)
    person = parties.person_by_id(session, person_id=person_id)
    kept = [
        _write_line(
            session,
            clock=clock,
            ticket=ticket,
            site=site,
            owner=owner,
            line=line,
            position=position,
            card=card,
            actor=f"person:{person.code}",
        )
        for position, line in enumerate(lines)
    ]
    payment = _pay(session, ticket, site=site, lines=kept, purchase=purchase)
    _announce(session, ticket, site=site, card=card, lines=kept, payment=payment)
    return ticket


def _write_line(
    session: Session,
    *,
    clock: Clock,
    ticket: Ticket,
    site: Site,
    owner: Organisation,
    line: Priced,
    position: int,
    card: SellerCard | None,
    actor: str,
) -> TicketLine:
    net_g, payable_g = line.payable.net_g, line.payable.payable_g
    brought = bring(
        session, clock=clock, ticket=ticket, site=site, owner=owner, line=line, actor=actor,
        seller="" if card is None else f"person:{card.code}",
    )  # fmt: skip
    kept = TicketLine(
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
    session.add(kept)
    session.flush()
    write_deductions(
        session, kept, given=line.given.deductions, found=line.payable,
        person_id=ticket.person_id, at=ticket.closed_at,
    )  # fmt: skip
    return kept


def _pay(
    session: Session, ticket: Ticket, *, site: Site, lines: Sequence[TicketLine], purchase: Purchase
) -> GatePayment:
    due_fen = sum(line.amount_fen or 0 for line in lines)
    rounding_fen = max(purchase.rounding_fen, -due_fen)
    threshold = site.second_person_above_fen
    payment = GatePayment(
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
    session.add(payment)
    session.flush()
    return payment


def _announce(
    session: Session,
    ticket: Ticket,
    *,
    site: Site,
    card: SellerCard | None,
    lines: Sequence[TicketLine],
    payment: GatePayment,
) -> None:
    weighed = tuple(
        LineWeighed(
            lot_code=line.lot_code, metal=line.metal, grade_system=line.grade_system,
            grade_code=line.grade_code, net_g=line.net_g, deducted_g=line.deducted_g,
            payable_g=line.payable_g, price_fen_per_t=line.price_fen_per_t or 0,
            amount_fen=line.amount_fen or 0,
        )
        for line in lines
    )  # fmt: skip
    outbox.record(
        session,
        GatePurchased(
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
        ),
    )
