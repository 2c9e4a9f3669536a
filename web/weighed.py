"""What follows when terms were signed, or something was weighed or bought: title, money."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.outbox import Answer, Event, Together
from remelt.platform.market.awarding import pass_title
from remelt.platform.market.events import TitlePassed
from remelt.platform.settlement import deliveries, gate, queries
from remelt.platform.settlement.events import TermsSigned
from remelt.platform.settlement.finals.settling import resettle_one
from remelt.platform.settlement.rules import Weighed
from remelt.platform.yard import queries as tickets
from remelt.platform.yard.events import (
    GatePaymentConfirmed,
    GatePurchased,
    LotWeighed,
    TicketVoided,
)
from remelt.traceability import ledger
from remelt.traceability import queries as lots
from remelt.traceability.actions.acting import HELD


def answers(clock: Clock) -> Mapping[type[Event], Answer]:
    """Return what is done about each event of the scale and the till."""

    def weighed(session: Session, event: LotWeighed) -> None:
        settle_weighed(session, event, clock=clock)

    def bought(session: Session, events: Sequence[GatePurchased]) -> None:
        settle_gates(session, events, clock=clock)

    def confirmed(session: Session, event: GatePaymentConfirmed) -> None:
        gate.confirm_gate_purchase(
            session, clock=clock, ticket_code=event.ticket_code, person_id=event.person_id
        )

    def voided(session: Session, event: TicketVoided) -> None:
        unsettle(session, event, clock=clock)

    def signed(session: Session, event: TermsSigned) -> None:
        resettle_one(session, clock=clock, contract_code=event.contract_code)

    def passed(session: Session, event: TitlePassed) -> None:
        ledger.transfer(
            session,
            clock=clock,
            lot_code=event.lot_code,
            owner=event.buyer_code,
            contract_ref=event.contract_code,
        )

    return {
        LotWeighed: weighed,
        GatePurchased: Together(bought),
        GatePaymentConfirmed: confirmed,
        TicketVoided: voided,
        TitlePassed: passed,
        TermsSigned: signed,
    }


def settle_weighed(session: Session, event: LotWeighed, *, clock: Clock) -> None:
    """Pass title and settle, when this is the weighing that a contract waits for."""
    if event.kind != "receipt" or stands_held(session, lot_code=event.lot_code):
        return
    contract = pass_title(session, clock=clock, lot_code=event.lot_code, site_code=event.site_code)
    code = _awaiting(session, event) if contract is None else contract.code
    if code is None:
        return
    deliveries.settle(
        session,
        clock=clock,
        contract_code=code,
        ticket_code=event.ticket_code,
        net_g=event.net_g,
        deducted_g=event.deducted_g,
        tare_g=event.tare_g,
        further=event.further and contract is None,
        weighed_at=event.at,
        person_id=event.person_id,
    )


def stands_held(session: Session, *, lot_code: str) -> bool:
    """Tell whether the ledger holds a lot: its title waits."""
    return lots.lot(session, code=lot_code).status == HELD


def _awaiting(session: Session, event: LotWeighed) -> str | None:
    """The contract that this weighing is the next of: where it was weighed before, or delivered."""
    found = deliveries.awaiting(session, lot_code=event.lot_code, further=event.further)
    if found is None:
        return None
    weighed_at = tickets.site_of(session, ticket_code=found.ticket_code)
    return found.contract_code if event.site_id in {weighed_at, found.site_id} else None


def settle_gates(session: Session, events: Sequence[GatePurchased], *, clock: Clock) -> None:
    """Enter gate purchases as owed and paid at once."""
    gate.record_gate_purchases(session, clock=clock, bought=[_purchase(each) for each in events])


def _purchase(event: GatePurchased) -> gate.GatePurchase:
    return gate.GatePurchase(
        ticket_code=event.ticket_code,
        site_id=event.site_id,
        payer_id=event.organisation_id,
        lines=[
            Weighed(
                lot_code=line.lot_code,
                net_g=line.net_g,
                deducted_g=line.deducted_g,
                price_fen_per_t=line.price_fen_per_t,
                grade_system=line.grade_system,
                grade_code=line.grade_code,
            )
            for line in event.lines
        ],
        paid_fen=event.amount_fen,
        method=event.method,
        reference=event.reference,
        person_id=event.person_id,
        waiting=not event.settled,
    )


def unsettle(session: Session, event: TicketVoided, *, clock: Clock) -> None:
    """Take a settlement out of force whose ticket was countered."""
    kind = "gate" if event.kind == "gate" else "contract"
    if kind == "contract" and deliveries.void_ticket(
        session, clock=clock, ticket_code=event.ticket_code, person_id=event.person_id
    ):
        return
    found = queries.settlement_by_ticket(session, kind=kind, ticket_code=event.ticket_code)
    if found is None:
        return
    gate.void(
        session,
        clock=clock,
        kind=kind,
        subject_code=found.subject_code,
        ticket_code=event.counter_code,
        person_id=event.person_id,
    )
