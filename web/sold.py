"""What the ledger and the road do when the market lists a lot and sells it."""

from collections.abc import Sequence

import structlog
from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.outbox import Answer, Event, Together
from remelt.platform.logistics.orders import order_for_award
from remelt.platform.market.events import ListingPublished, LotAwarded
from remelt.traceability import ledger
from remelt.traceability.door.book import batched
from remelt.traceability.ledger import LotSpec, SiteRef

log = structlog.get_logger()


def answers(clock: Clock) -> dict[type[Event], Answer]:
    """Return what answers the market's events."""
    return {
        ListingPublished: Together(lambda session, events: _declare_all(session, events, clock)),
        LotAwarded: lambda session, event: _fetch(session, event, clock),
    }


def track_of(event: ListingPublished) -> str:
    """Return where the lot was collected, as the ledger says it: a county, province or country."""
    if event.track == "in_province":
        return event.adcode
    return f"{event.origin_area}0000" if event.track == "out_of_province" else event.origin_area


def _declare_all(session: Session, events: Sequence[ListingPublished], clock: Clock) -> None:
    """New lots get their first event: declared, without mass."""
    with batched(session):
        for event in events:
            if event.new_lot:
                _declare(session, event, clock)


def _declare(session: Session, event: ListingPublished, clock: Clock) -> None:
    ledger.commission(
        session,
        clock=clock,
        lot_code=event.lot_code,
        spec=LotSpec(
            metal=event.metal,
            grade_system=event.grade_system,
            grade_code=event.grade_code,
            form=event.form,
            origin=event.origin,  # type: ignore[arg-type]  # one of the same words
            evidence=event.evidence,  # type: ignore[arg-type]
            metal_bp=event.metal_bp,
            track=track_of(event),
        ),
        declared_mass_g=event.declared_mass_g,
        owner=event.seller_code,
        custodian=event.seller_code,
        site=SiteRef(code=event.site_code, adcode=event.adcode),
        actor=f"person:{event.person_code}",
    )


def _fetch(session: Session, event: LotAwarded, clock: Clock) -> None:
    """Order the truck. What cannot be ordered stops no sale: the parties order it by hand."""
    try:
        order_for_award(
            session,
            clock=clock,
            lot_code=event.lot_code,
            metal=event.metal,
            mass_g=event.declared_mass_g,
            contract_code=event.contract_code,
            from_site_code=event.from_site_code,
            deliver_to_site_code=event.deliver_to_site_code,
        )
    except Refusal as refused:
        log.warning("no-transport-ordered", contract=event.contract_code, reason=refused.code)
