"""Weighing a lot that was handed over: its ticket, deductions, inspection, and its mass."""

from collections.abc import Sequence

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site
from remelt.platform.yard.bays import at_scale, site_ref
from remelt.platform.yard.errors import LotNotHere
from remelt.platform.yard.events import LotWeighed
from remelt.platform.yard.inspection import Finding, inspect
from remelt.platform.yard.models import Ticket, TicketLine
from remelt.platform.yard.tickets import (
    Deducted,
    check_yard,
    new_ticket,
    take_number,
    write_deductions,
    write_readings,
)
from remelt.platform.yard.weights import (
    DeductionGiven,
    Difference,
    Payable,
    difference,
    net_of,
    payable,
)
from remelt.traceability import ledger
from remelt.traceability import queries as stock
from remelt.traceability.door.book import lock_lots
from remelt.traceability.models import Lot


def weigh_lot(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    lot_code: str,
    gross_g: int,
    tare_g: int,
    deductions: Sequence[DeductionGiven] = (),
    plate: str = "",
    findings: Sequence[Finding] = (),
    kind: str = "receipt",
    tare_stored: bool = False,
    further: bool = False,
    note: str = "",
) -> Ticket:
    """Weigh a lot at the site where it is, and write the ticket.

    The first weighing makes the lot's mass in the ledger; later ones adjust it, and one after the
    last was voided corrects that. A difference to the declared mass is shown, never refused.
    kind: receipt or dispatch. further: it came in several trucks, and this one's net is added to
    what those before it weighed here. Masses in g.

    Raises `NoSuchLot`, `LotNotHere`, `WeightOutOfRange`, `TareNotBelowGross`, `BadDeduction`,
    `DeductionTooLarge`, `BadInspection` or `NotAYard`.
    """
    net_g = net_of(gross_g=gross_g, tare_g=tare_g)
    paid = payable(net_g, deductions=deductions, field="deductions")
    site = parties.site_by_id(session, site_id=site_id)
    check_yard(site)
    taken = take_number(session, site_id=site_id, clock=clock)
    lot = lock_lots(session, [lot_code])[lot_code]
    if not at_scale(lot, site=site):
        raise LotNotHere(field="lot_code", lot_code=lot_code)
    ticket = new_ticket(
        site, taken=taken, kind=kind, person_id=person_id, plate=plate,
        tare_stored=tare_stored, note=note,
    )  # fmt: skip
    session.add(ticket)
    session.flush()
    write_readings(session, [(ticket, [(gross_g, tare_g)])])
    further = further and kind == "receipt"
    before_g = _unloaded_g(session, lot_code=lot.code, site_id=site.key) if further else 0
    declared_g = 0 if before_g else lot.mass_g or lot.declared_mass_g
    person = parties.person_by_id(session, person_id=person_id)
    event_hash = _enter(
        session, clock=clock, ticket=ticket, site=site, lot=lot, mass_g=before_g + net_g,
        actor=f"person:{person.code}",
    )  # fmt: skip
    line = _line(
        ticket, lot, weights=(gross_g, tare_g), paid=paid, declared_g=declared_g,
        event_hash=event_hash, further=before_g > 0,
    )  # fmt: skip
    session.add(line)
    session.flush()
    write_deductions(session, [Deducted(line, deductions, paid)], person_id=person_id, at=taken.now)
    if findings:
        inspect(
            session, clock=clock, site_id=site_id, person_id=person_id, findings=findings,
            lot_code=lot.code, plate=plate, ticket_id=ticket.key,
        )  # fmt: skip
    outbox.record(session, _said(ticket, line, site=site))
    return ticket


def to_declared(line: TicketLine, *, scale_division_g: int | None) -> Difference | None:
    """Return how far a line lies from what was declared; None when nothing was."""
    if line.declared_g is None:
        return None
    return difference(
        line.net_g, declared_g=line.declared_g, scale_division_g=scale_division_g or 0
    )


def _enter(
    session: Session, *, clock: Clock, ticket: Ticket, site: Site, lot: Lot, mass_g: int, actor: str
) -> str:
    """Tell the ledger; return the hash of the event that says this mass."""
    voided = _voided_weighing(session, lot_code=lot.code, site_id=site.key)
    if voided is not None and lot.mass_g != mass_g:
        done = ledger.correct(
            session, clock=clock, event_hash=voided.event_hash, mass_g=mass_g,
            reason="weigh-again", site=site_ref(site), actor=actor,
        )  # fmt: skip
        return done.event.hash
    weighed = ledger.weigh(
        session, clock=clock, lot_code=lot.code, mass_g=mass_g, ticket_ref=ticket.code,
        scale_division_g=ticket.scale_division_g or 0, site=site_ref(site), actor=actor,
    )  # fmt: skip
    return weighed.event.hash


def _voided_weighing(session: Session, *, lot_code: str, site_id: int) -> TicketLine | None:
    """Return the lot's last weighing here, when its ticket was voided and it can be corrected.

    It can while nothing gave the lot another mass since and it is no correction itself; else
    the next weighing adjusts the mass.
    """
    last = session.exec(
        select(TicketLine, Ticket)
        .join(Ticket, col(Ticket.id) == col(TicketLine.ticket_id))
        .where(TicketLine.lot_code == lot_code, Ticket.site_id == site_id)
        .order_by(col(TicketLine.id).desc())
        .limit(1)
    ).one_or_none()
    if last is None or last[1].sign > 0:
        return None
    made = stock.made_mass(session, code=lot_code)
    stands = made is not None and made.kind != "correct" and made.hash == last[0].event_hash
    return last[0] if stands else None


def _line(
    ticket: Ticket,
    lot: Lot,
    *,
    weights: tuple[int, int],
    paid: Payable,
    declared_g: int,
    event_hash: str,
    further: bool,
) -> TicketLine:
    return TicketLine(
        ticket_id=ticket.key,
        position=0,
        metal=lot.metal,
        grade_system=lot.grade_system,
        grade_code=lot.grade_code,
        lot_code=lot.code,
        event_hash=event_hash,
        gross_g=weights[0],
        tare_g=weights[1],
        net_g=paid.net_g,
        deducted_g=paid.net_g - paid.payable_g,
        payable_g=paid.payable_g,
        declared_g=declared_g or None,
        further=further,
    )


def last_weighed(session: Session, *, lot_code: str) -> list[LotWeighed]:
    """Return what the last receipt of a lot says, truck by truck; nothing of what was voided."""
    return [
        _said(ticket, line, site=parties.site_by_id(session, site_id=ticket.site_id))
        for ticket, line in _last_receipt(session, lot_code=lot_code)
    ]


def _unloaded_g(session: Session, *, lot_code: str, site_id: int) -> int:
    """Return what the trucks of a lot's last receipt brought to this scale so far."""
    trucks = _last_receipt(session, lot_code=lot_code)
    return sum(line.net_g for ticket, line in trucks if ticket.site_id == site_id)


def _last_receipt(session: Session, *, lot_code: str) -> list[tuple[Ticket, TicketLine]]:
    """Return the standing tickets since a lot was last weighed from the start, the oldest first."""
    counter = aliased(Ticket)
    rows = session.exec(
        select(Ticket, TicketLine, counter.id)
        .join(TicketLine, col(TicketLine.ticket_id) == col(Ticket.id))
        .outerjoin(counter, col(counter.voids_id) == col(Ticket.id))
        .where(TicketLine.lot_code == lot_code, Ticket.kind == "receipt", Ticket.sign > 0)
        .order_by(col(TicketLine.id))
    ).all()
    starts = [n for n, (_, line, _) in enumerate(rows) if not line.further]
    since = rows[starts[-1] :] if starts else rows
    return [(ticket, line) for ticket, line, voided_by in since if voided_by is None]


def _said(ticket: Ticket, line: TicketLine, *, site: Site) -> LotWeighed:
    found = to_declared(line, scale_division_g=ticket.scale_division_g)
    return LotWeighed(
        at=ticket.closed_at,
        ticket_code=ticket.code,
        lot_code=line.lot_code,
        site_id=site.key,
        site_code=site.code,
        organisation_id=site.organisation_id,
        person_id=ticket.person_id,
        kind=ticket.kind,
        net_g=line.net_g,
        deducted_g=line.deducted_g,
        payable_g=line.payable_g,
        declared_g=line.declared_g or 0,
        difference_g=0 if found is None else found.difference_g,
        within_tolerance=found is None or found.within,
        tare_g=line.tare_g,
        further=line.further,
    )
