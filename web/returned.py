"""What follows when goods go back, and when worked metal does: contracts, orders, fees."""

from collections.abc import Mapping

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.outbox import Event, Handler
from remelt.platform.logistics.handover import turn_away
from remelt.platform.market.refusing import end_refused
from remelt.platform.parties import queries as parties
from remelt.platform.settlement.rules import Weighed
from remelt.platform.settlement.tolling import settle_tolling
from remelt.platform.works.events import TollingBooked
from remelt.platform.works.flow_models import TollingAccount
from remelt.platform.works.tolling_queries import account_by_code, entries, with_fees
from remelt.platform.works.tolling_terms import lock_account
from remelt.platform.yard.events import LotReturned
from remelt.traceability.events import LotsRestated

REFUSED = "refused"


def answers(clock: Clock) -> Mapping[type[Event], Handler]:
    """Return what is done about a return and about metal of a tolling account."""

    def returned(session: Session, event: LotReturned) -> None:
        end_delivery(session, event, clock=clock)

    def booked(session: Session, event: TollingBooked) -> None:
        charge_fee(session, event, clock=clock)

    def restated(session: Session, event: LotsRestated) -> None:
        charge_again(session, event, clock=clock)

    return {LotReturned: returned, TollingBooked: booked, LotsRestated: restated}


def end_delivery(session: Session, event: LotReturned, *, clock: Clock) -> None:
    """End contract and order by which a lot was to come to the gate that refused it."""
    if event.kind != REFUSED:
        return
    ended = end_refused(
        session, clock=clock, lot_code=event.lot_code, site_id=event.site_id, cause=event.cause
    )
    if ended is not None:
        person = parties.person_by_id(session, person_id=event.person_id)
        turn_away(session, clock=clock, lot_code=event.lot_code, actor=f"person:{person.code}")


def charge_fee(session: Session, event: TollingBooked, *, clock: Clock) -> None:
    """Owe the processor its fee for all that it has given back under the account."""
    account = account_by_code(session, code=event.account_code)
    if event.kind == "returned" and account.fee_fen_per_t:
        _charge(session, account, clock=clock)


def charge_again(session: Session, event: LotsRestated, *, clock: Clock) -> None:
    """Ask for the difference where a correction reaches lots that a fee was settled for."""
    for each in with_fees(session, lot_codes=event.lots):
        account = lock_account(session, code=each.code, organisation_id=each.processor_id)
        _charge(session, account, clock=clock)


def _charge(session: Session, account: TollingAccount, *, clock: Clock) -> None:
    """Settle the fee of all that was given back; the account is locked. No change, no revision."""
    settle_tolling(
        session,
        clock=clock,
        account_code=account.code,
        site_id=account.site_id,
        owner_id=account.owner_id,
        processor_id=account.processor_id,
        lines=[
            Weighed(
                lot_code=line.lot.code,
                net_g=line.mass_g,
                deducted_g=0,
                price_fen_per_t=account.fee_fen_per_t,
                grade_system=line.lot.grade_system,
                grade_code=line.lot.grade_code,
            )
            for line in entries(session, accounts=[account])
            if line.back and line.mass_g
        ],
    )
