"""Transport orders: a lot waits to be fetched, or is released to be brought."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.logistics.errors import (
    HeapStays,
    LotNotHere,
    NoHub,
    NoSuchOrder,
    NothingToMove,
    OrderNotOpen,
    OrderStands,
    SamePlace,
)
from remelt.platform.logistics.events import OrderCancelled, TransportOrdered
from remelt.platform.logistics.fleet import check_minutes
from remelt.platform.logistics.measures import straight_m
from remelt.platform.logistics.models import TransportOrder
from remelt.platform.logistics.positions import position_of
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site
from remelt.traceability.queries import lot as lot_of

MOST_G: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class When:
    """When an order may ride: from a day on, within a window of the day (minutes, Beijing).

    None: from today on, within the hours of the site that is called at.
    """

    ready_on: date | None = None
    from_min: int | None = None
    to_min: int | None = None
    service_min: int = 20


ANY_TIME = When()


def order_pickup(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    metal: str,
    mass_g: int,
    from_site_id: int,
    to_site_id: int | None = None,
    contract_code: str | None = None,
    ordered_by: int | None = None,
    when: When = ANY_TIME,
) -> TransportOrder:
    """Have a lot fetched to a site; without `to_site_id`, to the nearest hub by geodesic.

    mass_g: as declared, above zero. The site that receives it dispatches the truck.

    Raises `NoSuchSite`, `NoHub`, `NothingToMove`, `SamePlace`, `BadShift` or `OrderStands`.
    """
    start = parties.site_by_id(session, site_id=from_site_id)
    if to_site_id is None:
        end = nearest_hub(session, start)
    else:
        end = parties.site_by_id(session, site_id=to_site_id)
    return _order(
        session,
        clock=clock,
        order=TransportOrder(
            code=new_code(),
            kind="pickup",
            lot_code=lot_code,
            contract_code=contract_code,
            metal=metal,
            mass_g=mass_g,
            from_site_id=start.key,
            to_site_id=end.key,
            dispatch_site_id=end.key,
            ordered_by=ordered_by,
            **_times(session, clock, called_at=start, when=when),
        ),
        sites=(start, end),
    )


def order_delivery(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    organisation_id: int,
    from_site_id: int,
    to_site_id: int,
    contract_code: str | None = None,
    ordered_by: int | None = None,
    when: When = ANY_TIME,
) -> TransportOrder:
    """Release a lot on hand at a site of the organisation, to be brought to another site.

    Its mass is the ledger's. The site that sends it dispatches the truck. A heap and a heel
    stay: a lot is weighed off them first, unless a contract is over the heap itself.

    Raises `NoSuchSite`, `NoSuchLot`, `LotNotHere`, `HeapStays`, `SamePlace`, `BadShift` or
    `OrderStands`.
    """
    start = parties.site_by_id(session, site_id=from_site_id, organisation_id=organisation_id)
    end = parties.site_by_id(session, site_id=to_site_id)
    lot = lot_of(session, code=lot_code)
    if lot.site_code != start.code or lot.status != "on_hand":
        raise LotNotHere(field="lot_code", lot=lot_code)
    if lot.role == "heel" or (lot.pool_key is not None and contract_code is None):
        raise HeapStays(field="lot_code", lot=lot_code)
    return _order(
        session,
        clock=clock,
        order=TransportOrder(
            code=new_code(),
            kind="delivery",
            lot_code=lot_code,
            contract_code=contract_code,
            metal=lot.metal,
            mass_g=lot.mass_g,
            from_site_id=start.key,
            to_site_id=end.key,
            dispatch_site_id=start.key,
            ordered_by=ordered_by,
            **_times(session, clock, called_at=end, when=when),
        ),
        sites=(start, end),
    )


def order_for_award(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    metal: str,
    mass_g: int,
    contract_code: str,
    from_site_code: str,
    deliver_to_site_code: str,
) -> TransportOrder | None:
    """Order what an award asks for.

    A lot that lies at a hub goes to the buyer's site; any other is fetched to the buyer's site
    where that is a hub, else to the nearest hub, to be weighed and sorted there. Nothing is
    ordered for a lot that is already there or on its way.
    """
    start = parties.site(session, code=from_site_code)
    end = parties.site(session, code=deliver_to_site_code)
    if start.id == end.id or living(session, lot_code=lot_code) is not None:
        return None
    if start.can_hub and lot_of(session, code=lot_code).mass_g:
        return order_delivery(
            session,
            clock=clock,
            lot_code=lot_code,
            organisation_id=start.organisation_id,
            from_site_id=start.key,
            to_site_id=end.key,
            contract_code=contract_code,
        )
    no_hub = not end.can_hub and not parties.sites_that(session, capability="hub", limit=1)
    return order_pickup(
        session,
        clock=clock,
        lot_code=lot_code,
        metal=metal,
        mass_g=mass_g,
        from_site_id=start.key,
        to_site_id=end.key if end.can_hub or no_hub else None,
        contract_code=contract_code,
    )


def nearest_hub(session: Session, site: Site) -> Site:
    """Return the open hub with the shortest geodesic. Raises `NoHub`."""
    hubs = [hub for hub, _whose in parties.sites_that(session, capability="hub")]
    if not hubs:
        raise NoHub
    here = position_of(session, site)
    found: list[tuple[int, int, Site]] = []
    for at, hub in enumerate(hubs):
        there = position_of(session, hub)
        if hub.id != site.id and here is not None and there is not None:
            found.append((straight_m(here, there), at, hub))
    return min(found, key=lambda each: each[:2])[2] if found else hubs[0]


def cancel_order(
    session: Session, *, clock: Clock, code: str, organisation_id: int
) -> TransportOrder:
    """Take an open order back. Raises `NoSuchOrder` or `OrderNotOpen`."""
    order = order_by_code(session, code=code, organisation_id=organisation_id, lock=True)
    if order.state != "open":
        raise OrderNotOpen(order=order.code)
    order.cancelled_at = clock.now(session)
    event = OrderCancelled(at=order.cancelled_at, order_code=order.code, lot_code=order.lot_code)
    outbox.record(session, event)
    return order


def drop_order(session: Session, *, clock: Clock, lot_code: str) -> TransportOrder | None:
    """Cancel the living order of a lot that its destination refused, loaded or not.

    Its stops are `handover.turn_away`'s to end. Returns it, or None when there was none.
    """
    order = living(session, lot_code=lot_code)
    if order is None:
        return None
    order.cancelled_at = clock.now(session)
    session.add(order)
    event = OrderCancelled(at=order.cancelled_at, order_code=order.code, lot_code=order.lot_code)
    outbox.record(session, event)
    return order


def order_by_code(
    session: Session, *, code: str, organisation_id: int, lock: bool = False
) -> TransportOrder:
    """Return an order that a site of the organisation dispatches. Raises `NoSuchOrder`."""
    statement = (
        select(TransportOrder)
        .join(Site, col(Site.id) == col(TransportOrder.dispatch_site_id))
        .where(TransportOrder.code == code, Site.organisation_id == organisation_id)
    )
    found = session.exec(
        statement.with_for_update(of=TransportOrder) if lock else statement
    ).one_or_none()
    if found is None:
        raise NoSuchOrder(order=code[:20])
    return found


def living(session: Session, *, lot_code: str) -> TransportOrder | None:
    """Return the order of a lot that is neither done nor cancelled; there is at most one."""
    return session.exec(
        select(TransportOrder).where(
            TransportOrder.lot_code == lot_code,
            col(TransportOrder.unloaded_at).is_(None),
            col(TransportOrder.cancelled_at).is_(None),
        )
    ).one_or_none()


def _times(session: Session, clock: Clock, *, called_at: Site, when: When) -> dict[str, Any]:
    now = clock.now(session)
    from_min = called_at.opens_min if when.from_min is None else when.from_min
    to_min = called_at.closes_min if when.to_min is None else when.to_min
    check_minutes(from_min, to_min, field="window_to")
    return {
        "ready_on": when.ready_on or now.astimezone(BEIJING).date(),
        "window_from_min": from_min,
        "window_to_min": to_min,
        "service_min": when.service_min,
        "ordered_at": now,
    }


def _order(
    session: Session, *, clock: Clock, order: TransportOrder, sites: tuple[Site, Site]
) -> TransportOrder:
    start, end = sites
    if start.id == end.id:
        raise SamePlace(field="to_site")
    if not 0 < order.mass_g <= MOST_G:
        raise NothingToMove(field="lot_code")
    stands = living(session, lot_code=order.lot_code)
    if stands is not None:
        raise OrderStands(field="lot_code", order=stands.code)
    session.add(order)
    session.flush()
    outbox.record(
        session,
        TransportOrdered(
            at=clock.now(session),
            order_code=order.code,
            kind=order.kind,
            lot_code=order.lot_code,
            from_site_code=start.code,
            to_site_code=end.code,
            mass_g=order.mass_g,
        ),
    )
    return order
