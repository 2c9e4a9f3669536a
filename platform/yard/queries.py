"""What the pages of a yard read."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from remelt.platform.parties.models import Person, Site
from remelt.platform.yard.errors import NoSuchTicket
from remelt.platform.yard.models import (
    Deduction,
    GatePayment,
    Inspection,
    Reading,
    SellerCard,
    Ticket,
    TicketLine,
)


@dataclass(frozen=True, slots=True)
class TicketCard:
    """One line of the list of tickets; masses and amounts already carry the ticket's sign."""

    id: int
    code: str
    site_code: str
    site_name_zh: str
    site_name_en: str
    year: int
    number: int
    kind: str
    source: str
    plate: str
    opened_at: datetime
    net_g: int
    amount_fen: int | None
    line_count: int
    grade_system: str
    grade_code: str
    lot_code: str
    seller: str | None
    is_counter: bool
    voided: bool
    waiting: bool


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything that stands on it."""

    ticket: Ticket
    site: Site
    person: Person
    seller: SellerCard | None
    lines: tuple[TicketLine, ...]
    deductions: tuple[Deduction, ...]
    readings: tuple[Reading, ...]
    inspections: tuple[Inspection, ...]
    payment: GatePayment | None
    voided_by: Ticket | None
    voids: Ticket | None


def tickets(
    session: Session,
    *,
    organisation_id: int,
    site_id: int | None = None,
    kind: str | None = None,
    text: str = "",
    limit: int = 50,
    before: int | None = None,
) -> list[TicketCard]:
    """Return tickets of an organisation's sites, the latest first.

    text: in a plate, a lot's code or an outside number. before: an id to page on from.
    """
    counter = aliased(Ticket)
    sums = (
        select(
            col(TicketLine.ticket_id).label("ticket_id"),
            func.sum(TicketLine.net_g).label("net_g"),
            func.sum(TicketLine.amount_fen).label("amount_fen"),
            func.count(col(TicketLine.id)).label("line_count"),
        )
        .group_by(col(TicketLine.ticket_id))
        .subquery()
    )
    statement = (
        sa.select(
            Ticket, Site, TicketLine, SellerCard, GatePayment, col(counter.code),
            sums.c.net_g, sums.c.amount_fen, sums.c.line_count,
        )
        .join(Site, col(Site.id) == col(Ticket.site_id))
        .join(sums, sums.c.ticket_id == col(Ticket.id))
        .join(
            TicketLine,
            (col(TicketLine.ticket_id) == col(Ticket.id)) & (col(TicketLine.position) == 0),
        )
        .outerjoin(SellerCard, col(SellerCard.id) == col(Ticket.seller_id))
        .outerjoin(GatePayment, col(GatePayment.ticket_id) == col(Ticket.id))
        .outerjoin(counter, col(counter.voids_id) == col(Ticket.id))
        .where(col(Site.organisation_id) == organisation_id)
        .order_by(col(Ticket.id).desc())
        .limit(limit)
    )  # fmt: skip
    if site_id is not None:
        statement = statement.where(col(Ticket.site_id) == site_id)
    if kind is not None:
        statement = statement.where(col(Ticket.kind) == kind)
    if before is not None:
        statement = statement.where(col(Ticket.id) < before)
    if text:
        statement = statement.where(
            col(Ticket.plate).contains(text, autoescape=True)
            | col(Ticket.outside_number).contains(text, autoescape=True)
            | (col(Ticket.code) == text.upper())
            | col(Ticket.id).in_(
                select(TicketLine.ticket_id).where(TicketLine.lot_code == text.upper())
            )
        )
    return [_card(*row) for row in session.execute(statement)]


def ticket(session: Session, *, code: str, organisation_id: int | None = None) -> TicketView:
    """Return a ticket with all that stands on it. Raises `NoSuchTicket`."""
    statement = (
        select(Ticket, Site, Person)
        .join(Site, col(Site.id) == col(Ticket.site_id))
        .join(Person, col(Person.id) == col(Ticket.person_id))
        .where(Ticket.code == code)
    )
    if organisation_id is not None:
        statement = statement.where(Site.organisation_id == organisation_id)
    found = session.exec(statement).one_or_none()
    if found is None:
        raise NoSuchTicket(ticket_code=code[:20])
    row, site, person = found
    lines = session.exec(
        select(TicketLine).where(TicketLine.ticket_id == row.key).order_by(col(TicketLine.position))
    ).all()
    return TicketView(
        ticket=row,
        site=site,
        person=person,
        seller=session.get(SellerCard, row.seller_id) if row.seller_id else None,
        lines=tuple(lines),
        deductions=tuple(
            session.exec(
                select(Deduction)
                .where(col(Deduction.line_id).in_([line.key for line in lines]))
                .order_by(col(Deduction.id))
            )
        ),
        readings=tuple(
            session.exec(
                select(Reading).where(Reading.ticket_id == row.key).order_by(col(Reading.position))
            )
        ),
        inspections=tuple(
            session.exec(
                select(Inspection)
                .where(Inspection.ticket_id == row.key)
                .order_by(col(Inspection.id))
            )
        ),
        payment=session.exec(
            select(GatePayment).where(GatePayment.ticket_id == row.key)
        ).one_or_none(),
        voided_by=session.exec(select(Ticket).where(Ticket.voids_id == row.key)).one_or_none(),
        voids=session.get(Ticket, row.voids_id) if row.voids_id else None,
    )


def inspections_of(session: Session, *, lot_code: str) -> list[Inspection]:
    """Return every finding on a lot, oldest first."""
    return list(
        session.exec(
            select(Inspection).where(Inspection.lot_code == lot_code).order_by(col(Inspection.id))
        )
    )


def weighings_of(
    session: Session, *, lot_code: str, site_id: int | None = None
) -> list[tuple[Ticket, TicketLine]]:
    """Return the tickets on which a lot stands, oldest first, counter tickets too."""
    statement = (
        select(Ticket, TicketLine)
        .join(TicketLine, col(TicketLine.ticket_id) == col(Ticket.id))
        .where(TicketLine.lot_code == lot_code)
        .order_by(col(Ticket.id))
    )
    if site_id is not None:
        statement = statement.where(Ticket.site_id == site_id)
    return [(row[0], row[1]) for row in session.exec(statement)]


def check_own(session: Session, *, ticket_code: str, organisation_id: int) -> None:
    """Refuse a ticket of another organisation's site. Raises `NoSuchTicket`."""
    found = session.exec(
        select(Ticket.id)
        .join(Site, col(Site.id) == col(Ticket.site_id))
        .where(Ticket.code == ticket_code, Site.organisation_id == organisation_id)
    ).first()
    if found is None:
        raise NoSuchTicket(ticket_code=ticket_code[:20])


def plate_of(session: Session, *, ticket_code: str) -> str:
    """Return the plate on a ticket, empty where none stands."""
    found = session.exec(select(Ticket.plate).where(Ticket.code == ticket_code)).one_or_none()
    return found or ""


def organisation_of_card(session: Session, *, code: str) -> int | None:
    """Return the id of the organisation that keeps a seller's card, None when none does."""
    return session.exec(
        select(SellerCard.organisation_id).where(SellerCard.code == code)
    ).one_or_none()


def site_of(session: Session, *, ticket_code: str) -> int | None:
    """Return the id of the site that wrote a ticket, None when there is no such ticket."""
    return session.exec(select(Ticket.site_id).where(Ticket.code == ticket_code)).one_or_none()


def scale_expired(verified_until: date | None, *, on: date) -> bool:
    """Tell whether the verification of a scale has run out by a Beijing day."""
    return verified_until is not None and verified_until < on


def _card(
    row: Ticket,
    site: Site,
    line: TicketLine,
    seller: SellerCard | None,
    payment: GatePayment | None,
    countered_by: str | None,
    net_g: int,
    amount_fen: int | None,
    line_count: int,
) -> TicketCard:
    return TicketCard(
        id=row.key,
        code=row.code,
        site_code=site.code,
        site_name_zh=site.name_zh,
        site_name_en=site.name_en,
        year=row.year,
        number=row.number,
        kind=row.kind,
        source=row.source,
        plate=row.plate,
        opened_at=row.opened_at,
        net_g=int(net_g) * row.sign,
        amount_fen=None if amount_fen is None else int(amount_fen) * row.sign,
        line_count=line_count,
        grade_system=line.grade_system,
        grade_code=line.grade_code,
        lot_code=line.lot_code,
        seller=None if seller is None else seller.name,
        is_counter=row.sign < 0,
        voided=countered_by is not None,
        waiting=payment is not None
        and not payment.settled
        and countered_by is None
        and row.sign > 0,
    )
