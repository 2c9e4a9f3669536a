"""The end of a round: what it really emitted is counted and goes to the ledger, lot by lot."""

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.logistics.emissions import factors_of
from remelt.platform.logistics.events import RoundDriven
from remelt.platform.logistics.models import Leg, Round, RoundStop, TransportOrder, Vehicle
from remelt.routing.carbon import leg_co2e_g, shares_of_round
from remelt.routing.problem import Vehicle as Truck
from remelt.traceability import ledger
from remelt.traceability.queries import lot as lot_of
from remelt.traceability.terms import LegShare

GONE = frozenset({"consumed", "out"})


def close_if_over(session: Session, row: Round, *, clock: Clock, actor: str) -> bool:
    """Close a round once every load on it is off or was left behind.

    The legs are taken as planned, with the loads that really rode; the round's whole emission,
    empty kilometres included, is shared by mass x shortest road from loading to unloading and
    carried to the ledger. Returns whether the round is over.
    """
    session.flush()
    stops = list(
        session.exec(
            select(RoundStop).where(RoundStop.round_id == row.id).order_by(col(RoundStop.seq))
        )
    )
    left = {stop.order_id for stop in stops if stop.left_at is not None}
    rode = [stop for stop in stops if stop.order_id not in left]
    if any(stop.done_at is None for stop in rode):
        return False
    row.driven_at = clock.now(session)
    orders = _orders(session, {stop.order_id for stop in rode})
    masses = {key: _mass_g(session, order) for key, order in orders.items()}
    row.co2e_g = _count(session, row, rode, masses)
    _carry(session, row, rode, orders, masses, clock=clock, actor=actor)
    return True


def _orders(session: Session, keys: set[int]) -> dict[int, TransportOrder]:
    rows = session.exec(select(TransportOrder).where(col(TransportOrder.id).in_(keys)))
    return {order.key: order for order in rows}


def _mass_g(session: Session, order: TransportOrder) -> int:
    """What rode: the ledger's mass where the lot was weighed, else the declared one."""
    lot = lot_of(session, code=order.lot_code)
    return lot.mass_g or order.mass_g


def _count(
    session: Session, row: Round, rode: list[RoundStop], masses: dict[int, int]
) -> int | None:
    """Load and emission of every leg, with what was really on board."""
    legs = session.exec(select(Leg).where(Leg.round_id == row.id).order_by(col(Leg.seq))).all()
    truck = _truck(session, row)
    for leg in legs:
        leg.load_g = sum(
            masses[stop.order_id] * (1 if stop.action == "load" else -1)
            for stop in rode
            if stop.leg < leg.seq
        )
        leg.co2e_g = None
        if truck is not None:
            load_kg = min(-(-leg.load_g // 1000), truck.capacity_kg)
            leg.co2e_g = leg_co2e_g(truck, distance_m=leg.distance_m, load_kg=load_kg)
    return None if truck is None else sum(leg.co2e_g or 0 for leg in legs)


def _truck(session: Session, row: Round) -> Truck | None:
    """The emission curve as it was planned with; None while its factors were missing."""
    if not row.emission:
        return None
    vehicle = session.exec(select(Vehicle).where(Vehicle.id == row.vehicle_id)).one()
    return Truck(
        key=vehicle.code,
        capacity_kg=vehicle.capacity_g // 1000,
        start="",
        end="",
        empty_g_per_km=row.emission["empty_g_per_km"],
        full_g_per_km=row.emission["full_g_per_km"],
    )


def _carry(
    session: Session,
    row: Round,
    rode: list[RoundStop],
    orders: dict[int, TransportOrder],
    masses: dict[int, int],
    *,
    clock: Clock,
    actor: str,
) -> None:
    offs = [stop for stop in rode if stop.action == "unload"]
    loads = {str(stop.order_id): (masses[stop.order_id], stop.direct_m) for stop in offs}
    shares = shares_of_round(row.co2e_g or 0, loads) if loads else {}
    uncarried_g = 0 if loads else row.co2e_g or 0
    legs: list[LegShare] = []
    for stop in offs:
        order = orders[stop.order_id]
        share = shares[str(stop.order_id)]
        stop.carried_g = masses[stop.order_id]
        stop.carried_co2e_g = None if row.co2e_g is None else share
        if lot_of(session, code=order.lot_code).status in GONE:
            uncarried_g += share
            continue
        legs.append(
            LegShare(
                lot_code=order.lot_code,
                co2e_g=None if row.co2e_g is None else share,
                mass_g=masses[stop.order_id],
                distance_m=stop.direct_m,
                factors=factors_of(row.emission),
                stage="collection" if order.kind == "pickup" else "transport",
                round_ref=row.code,
            )
        )
    if legs:
        ledger.carry(session, clock=clock, legs=legs, actor=actor)
    outbox.record(
        session,
        RoundDriven(
            at=row.driven_at or clock.now(session),
            round_code=row.code,
            lot_codes=tuple(orders[stop.order_id].lot_code for stop in offs),
            distance_m=row.distance_m,
            co2e_g=row.co2e_g,
            uncarried_co2e_g=uncarried_g,
        ),
    )
