"""Taking a ticket back: never by erasing it, always by a counter ticket that points at it."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries as parties
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import Site
from remelt.platform.yard.bays import at_scale, can_give_back, give_back
from remelt.platform.yard.errors import (
    AlreadyVoided,
    CounterTicket,
    MovedOn,
    NoSuchTicket,
    VoidNeedsReason,
)
from remelt.platform.yard.events import TicketVoided
from remelt.platform.yard.models import GatePayment, SellerCard, Ticket, TicketLine
from remelt.platform.yard.tickets import Numbered, take_number
from remelt.traceability.door.book import lock_lots

REASON_MOST = 200


def void(
    session: Session,
    *,
    clock: Clock,
    ticket_code: str,
    organisation_id: int,
    person_id: int,
    reason: str,
) -> Ticket:
    """Write the counter ticket of a ticket, with the next number; return it.

    A gate purchase goes back: what was brought in is booked out and the money counts as handed
    back. A weighing stays in the ledger until the lot is weighed again, which corrects it.
    Raises `NoSuchTicket`, `VoidNeedsReason`, `AlreadyVoided`, `CounterTicket` or `MovedOn`
    (the metal has been used or moved since, so that it cannot go back or be weighed again).
    """
    if not reason.strip():
        raise VoidNeedsReason(field="reason")
    site, ticket = _own(session, ticket_code, organisation_id=organisation_id)
    taken = take_number(session, site_id=site.key, clock=clock)
    _check_voidable(session, ticket)
    lines = list(
        session.exec(
            select(TicketLine)
            .where(TicketLine.ticket_id == ticket.key)
            .order_by(col(TicketLine.position))
        )
    )
    counter = _counter(
        session, ticket, taken=taken, person_id=person_id, reason=reason.strip(), lines=lines
    )
    if ticket.kind == "receipt":
        _check_here(session, lines, site=site)
    if ticket.kind == "gate":
        _give_back(session, clock=clock, ticket=ticket, lines=lines, site=site, person_id=person_id)
        _pay_back(session, ticket, counter, person_id=person_id)
    outbox.record(
        session,
        TicketVoided(
            at=taken.now,
            ticket_code=ticket.code,
            counter_code=counter.code,
            kind=ticket.kind,
            site_code=site.code,
            lot_codes=tuple(line.lot_code for line in lines),
            person_id=person_id,
            reason=counter.reason,
        ),
    )
    return counter


def _own(session: Session, ticket_code: str, *, organisation_id: int) -> tuple[Site, Ticket]:
    ticket = session.exec(select(Ticket).where(Ticket.code == ticket_code)).one_or_none()
    if ticket is None:
        raise NoSuchTicket(ticket_code=ticket_code[:20])
    try:
        site = parties.site_by_id(session, site_id=ticket.site_id, organisation_id=organisation_id)
    except NoSuchSite as reason:
        raise NoSuchTicket(ticket_code=ticket_code[:20]) from reason
    return site, ticket


def _check_voidable(session: Session, ticket: Ticket) -> None:
    """Refuse a second counter; asked while the site's counter is locked."""
    if ticket.sign < 0:
        raise CounterTicket(ticket_code=ticket.code)
    if is_voided(session, ticket_id=ticket.key):
        raise AlreadyVoided(ticket_code=ticket.code)


def _check_here(session: Session, lines: Sequence[TicketLine], *, site: Site) -> None:
    """Refuse to void a weighing that could not be done again: what it settled would be lost."""
    lots = lock_lots(session, [line.lot_code for line in lines])
    for lot in lots.values():
        if not at_scale(lot, site=site):
            raise MovedOn(lot_code=lot.code)


def _counter(
    session: Session,
    ticket: Ticket,
    *,
    taken: Numbered,
    person_id: int,
    reason: str,
    lines: Sequence[TicketLine],
) -> Ticket:
    counter = Ticket(
        **ticket.model_dump(exclude={"id", "code", "outside_number"})
        | {
            "code": new_code(),
            "year": taken.year,
            "number": taken.number,
            "person_id": person_id,
            "opened_at": taken.now,
            "closed_at": taken.now,
            "sign": -1,
            "voids_id": ticket.key,
            "reason": reason[:REASON_MOST],
        }
    )
    session.add(counter)
    session.flush()
    for line in lines:
        session.add(TicketLine(**line.model_dump(exclude={"id"}) | {"ticket_id": counter.key}))
    session.flush()
    return counter


def _give_back(
    session: Session,
    *,
    clock: Clock,
    ticket: Ticket,
    lines: Sequence[TicketLine],
    site: Site,
    person_id: int,
) -> None:
    person = parties.person_by_id(session, person_id=person_id)
    card = session.exec(
        select(SellerCard.code).where(SellerCard.id == ticket.seller_id)
    ).one_or_none()
    for line in lines:
        if not can_give_back(session, line, site=site):
            raise MovedOn(lot_code=line.pool_code or line.lot_code)
        give_back(
            session, clock=clock, line=line, site=site, actor=f"person:{person.code}",
            to=card or "seller",
        )  # fmt: skip


def is_voided(session: Session, *, ticket_id: int) -> bool:
    """Tell whether a ticket has a counter ticket."""
    return session.exec(select(Ticket.id).where(Ticket.voids_id == ticket_id)).first() is not None


def _pay_back(session: Session, ticket: Ticket, counter: Ticket, *, person_id: int) -> None:
    paid = session.exec(select(GatePayment).where(GatePayment.ticket_id == ticket.key)).one()
    session.add(
        GatePayment(
            **paid.model_dump(exclude={"id", "second_person_id", "confirmed_at"})
            | {
                "ticket_id": counter.key,
                "person_id": person_id,
                "at": counter.closed_at,
                "needs_second": not paid.settled,
            }
        )
    )
    session.flush()
