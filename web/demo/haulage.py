"""The road's part of the week: vehicles, plans by the real solver, loading and unloading."""

from datetime import date, timedelta

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, SimulatedClock
from remelt.platform.logistics import queries
from remelt.platform.logistics.fleet import add_vehicle
from remelt.platform.logistics.handover import load, unload
from remelt.platform.logistics.orders import living, order_delivery
from remelt.platform.logistics.planning import open_orders, request_plan
from remelt.platform.logistics.queries import PlanView, RoundView
from remelt.platform.market.models import Contract
from remelt.platform.parties.actors import Actor
from remelt.traceability.models import Lot
from remelt.web.demo.cast import HUBS
from remelt.web.demo.stage import OnStage, Stage

FLEET = (
    ("T1", 8_000_000, "rigid_7.5_17", 520),
    ("T2", 8_000_000, "rigid_7.5_17", 520),
    ("T3", 18_000_000, "rigid_17", 760),
)
SOLVE_S = 1


def buy_fleet(session: Session, *, clock: SimulatedClock, stage: Stage) -> None:
    """Give every hub three trucks."""
    for hub in HUBS:
        player = stage[hub.key]
        for name, capacity_g, emission_class, fen_per_km in FLEET:
            add_vehicle(
                session,
                clock=clock,
                organisation_id=player.organisation_id,
                site_id=player.site_id,
                plate=f"贵A·演{hub.key[-1] if hub.key[-1].isdigit() else 1}{name}",
                capacity_g=capacity_g,
                emission_class=emission_class,
                shift_from_min=7 * 60,
                shift_to_min=19 * 60,
                fen_per_km=fen_per_km,
                fen_per_hour=4_500,
            )


def ask_plan(session: Session, *, clock: SimulatedClock, hub: OnStage, day: date) -> str | None:
    """Ask for tomorrow's rounds of a hub; None when nothing waits."""
    if not open_orders(session, site_id=hub.site_id, day=day):
        return None
    run = request_plan(
        session,
        clock=clock,
        organisation_id=hub.organisation_id,
        site_id=hub.site_id,
        person_id=hub.person_ids[0],
        day=day,
        deadline_s=SOLVE_S,
        effort=60,
    )
    return run.code


def plan_of(session: Session, *, hub: OnStage, code: str) -> PlanView:
    """Return what came of a plan."""
    return queries.plan_view(session, code=code, organisation_id=hub.organisation_id)


def views(session: Session, *, hub: OnStage, day: date) -> list[RoundView]:
    """Return the rounds of a hub on a day, as the drivers' sheets show them."""
    cards = queries.rounds_of_day(session, organisation_id=hub.organisation_id, day=day)
    return queries.views_of(session, cards)


def drive(session: Session, *, clock: SimulatedClock, driver: Actor, view: RoundView) -> None:
    """Drive a round stop by stop, scanning each lot."""
    for line in view.stops:
        clock.advance(minutes=12)
        done = load if line.stop.action == "load" else unload
        done(session, clock=clock, lot_code=line.order.lot_code, actor=driver)


def tomorrow(clock: SimulatedClock) -> date:
    """Return the next Beijing day."""
    return clock.now().astimezone(BEIJING).date() + timedelta(days=1)


def release(session: Session, *, clock: SimulatedClock, stage: Stage) -> int:
    """Release every sold lot that lies weighed at a hub for delivery to its buyer."""
    hubs = {stage[hub.key].site_code: stage[hub.key] for hub in HUBS}
    contracts = session.exec(
        select(Contract, Lot)
        .join(Lot, col(Lot.code) == col(Contract.lot_code))
        .where(col(Lot.site_code).in_(hubs), Lot.status == "on_hand")
        .order_by(col(Contract.id))
    ).all()
    released = 0
    for contract, lot in contracts:
        hub = hubs[lot.site_code]
        if lot.mass_g == 0 or living(session, lot_code=lot.code) is not None:
            continue
        order_delivery(
            session,
            clock=clock,
            lot_code=lot.code,
            organisation_id=hub.organisation_id,
            from_site_id=hub.site_id,
            to_site_id=contract.deliver_to_site_id,
            contract_code=contract.code,
        )
        released += 1
    return released
