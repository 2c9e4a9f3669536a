"""What follows when goods go back, and when worked metal does: contracts, orders, fees."""

from collections.abc import Mapping

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.outbox import Event, Handler
from remelt.platform.logistics.orders import drop_order
from remelt.platform.market.refusing import end_refused
from remelt.platform.settlement.rules import Weighed
from remelt.platform.settlement.tolling import settle_tolling
from remelt.platform.works.events import TollingBooked
from remelt.platform.works.tolling_queries import account_by_code, entries
from remelt.platform.yard.events import LotReturned

REFUSED = "refused"


def answers(clock: Clock) -> Mapping[type[Event], Handler]:
    """Return what is done about a return and about metal of a tolling account."""

    def returned(session: Session, event: LotReturned) -> None:
        end_delivery(session, event, clock=clock)

    def booked(session: Session, event: TollingBooked) -> None:
        charge_fee(session, event, clock=clock)

    return {LotReturned: returned, TollingBooked: booked}


def end_delivery(session: Session, event: LotReturned, *, clock: Clock) -> None:
    """End contract and order by which a lot was to come to the gate that refused it."""
    if event.kind != REFUSED:
        return
    ended = end_refused(
        session, clock=clock, lot_code=event.lot_code, site_id=event.site_id, cause=event.cause
    )
    if ended is not None:
        drop_order(session, clock=clock, lot_code=event.lot_code)


def charge_fee(session: Session, event: TollingBooked, *, clock: Clock) -> None:
    """Owe the processor its fee for all that it has given back under the account."""
    account = account_by_code(session, code=event.account_code)
    if event.kind != "returned" or not account.fee_fen_per_t:
        return
    settle_tolling(
        session,
        clock=clock,
        account_code=account.code,
        site_id=account.site_id,
        owner_id=account.owner_id,
        processor_id=account.processor_id,
        lines=[
            Weighed(
                lot_code=entry.lot_code,
                net_g=entry.mass_g,
                deducted_g=0,
                price_fen_per_t=account.fee_fen_per_t,
                grade_system=lot.grade_system,
                grade_code=lot.grade_code,
            )
            for entry, lot in entries(session, account_id=account.key)
            if entry.kind == "returned"
        ],
    )
