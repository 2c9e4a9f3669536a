"""What follows when an inspection holds a lot, or lets it go again."""

from collections.abc import Mapping

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.outbox import Event, Handler
from remelt.platform.market.held import take_off
from remelt.platform.yard.events import LotHeld, LotReleased
from remelt.platform.yard.weighing import last_weighed
from remelt.web.weighed import settle_weighed


def answers(clock: Clock) -> Mapping[type[Event], Handler]:
    """Return what is done about a hold and a release."""

    def held(session: Session, event: LotHeld) -> None:
        if event.lot_code is not None:
            take_off(session, clock=clock, lot_code=event.lot_code, person_id=event.person_id)

    def released(session: Session, event: LotReleased) -> None:
        settle_released(session, event, clock=clock)

    return {LotHeld: held, LotReleased: released}


def settle_released(session: Session, event: LotReleased, *, clock: Clock) -> None:
    """Do what the weighing of a held lot left undone: pass title and settle."""
    for weighing in last_weighed(session, lot_code=event.lot_code):
        settle_weighed(session, weighing, clock=clock)
