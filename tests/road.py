"""A day on the road for tests: a hub with trucks, collectors with lots, a smelter."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.jobs import job_by_code
from remelt.platform.logistics import open_plans
from remelt.platform.logistics.fleet import add_vehicle
from remelt.platform.logistics.models import PlanRun, TransportOrder, Vehicle
from remelt.platform.logistics.orders import order_delivery, order_pickup
from remelt.platform.logistics.planning import request_plan
from remelt.platform.logistics.queries import rounds_of_day
from remelt.platform.logistics.saving import save_plan
from remelt.platform.logistics.solving import solve_day
from remelt.traceability import ledger
from remelt.traceability.terms import LotSpec, SiteRef
from tests.parties import Party, a_party

if TYPE_CHECKING:
    from tests.world import World

SPEC = LotSpec(
    metal="Al", grade_system="CN-trade", grade_code="al-profile", form="loose", origin="unknown"
)


@dataclass
class Road:
    """The parties of one day and what they have."""

    hub: Party
    smelter: Party
    collectors: list[Party]
    trucks: list[Vehicle]
    day: date
    orders: list[TransportOrder] = field(default_factory=list)


def a_road(
    session: Session,
    *,
    clock: Clock,
    collectors: int = 2,
    trucks: int = 1,
    hub: Party | None = None,
    **hub_facts: str,
) -> Road:
    """A hub in Qingzhen (or `hub`) with trucks, collectors around it, a smelter in Bozhou."""
    hub = hub or a_party(
        session, clock=clock, role="hub", lat_e6=26_551_000, lon_e6=106_472_000, **hub_facts
    )
    smelter = a_party(session, clock=clock, role="smelter", lat_e6=27_530_000, lon_e6=106_830_000)
    sellers = [
        a_party(session, clock=clock, lat_e6=26_600_000 + 40_000 * at, lon_e6=106_600_000)
        for at in range(collectors)
    ]
    return Road(
        hub=hub,
        smelter=smelter,
        collectors=sellers,
        trucks=[a_truck(session, clock=clock, hub=hub) for _ in range(trucks)],
        day=clock.now(session).astimezone(BEIJING).date(),
    )


def a_truck(session: Session, *, clock: Clock, hub: Party, **changes: object) -> Vehicle:
    """A truck of 8 t at the hub."""
    given = {
        "plate": new_code()[:8],
        "capacity_g": 8_000_000,
        "emission_class": "rigid_7.5_17",
        "shift_from_min": 420,
        "shift_to_min": 1140,
        "fixed_fen": 20_000,
        "fen_per_km": 250,
        "fen_per_hour": 4_000,
    }
    return add_vehicle(
        session,
        clock=clock,
        organisation_id=hub.organisation.key,
        site_id=hub.site.key,
        **(given | changes),
    )


def a_ref(party: Party) -> SiteRef:
    """The party's site as the ledger names it."""
    return SiteRef(code=party.site.code, adcode=party.site.adcode)


def a_declared_lot(session: Session, *, clock: Clock, at: Party, mass_g: int) -> str:
    """A lot that its collector declared."""
    code = new_code()
    ledger.commission(
        session,
        clock=clock,
        lot_code=code,
        spec=SPEC,
        declared_mass_g=mass_g,
        owner=at.organisation.code,
        custodian=at.organisation.code,
        site=a_ref(at),
        actor=f"person:{at.person.code}",
    )
    return code


def a_pickup(session: Session, road: Road, *, clock: Clock, seller: int, mass_g: int = 2_000_000):
    """An order to fetch a collector's lot to the hub."""
    party = road.collectors[seller]
    code = a_declared_lot(session, clock=clock, at=party, mass_g=mass_g)
    order = order_pickup(
        session,
        clock=clock,
        lot_code=code,
        metal="Al",
        mass_g=mass_g,
        from_site_id=party.site.key,
        to_site_id=road.hub.site.key,
    )
    road.orders.append(order)
    return order


def a_delivery(session: Session, road: Road, *, clock: Clock, mass_g: int = 5_000_000):
    """An order to bring a lot of the hub to the smelter."""
    code = new_code()
    ledger.bring_in(
        session,
        clock=clock,
        lot_code=code,
        spec=SPEC,
        mass_g=mass_g,
        owner=road.hub.organisation.code,
        custodian=road.hub.organisation.code,
        site=a_ref(road.hub),
        actor=f"person:{road.hub.person.code}",
    )
    order = order_delivery(
        session,
        clock=clock,
        lot_code=code,
        organisation_id=road.hub.organisation.key,
        from_site_id=road.hub.site.key,
        to_site_id=road.smelter.site.key,
    )
    road.orders.append(order)
    return order


def a_plan(session: Session, road: Road, *, clock: Clock, day: date, effort: int = 200) -> PlanRun:
    """A day planned here and now, without a job runner."""
    run = request_plan(
        session,
        clock=clock,
        organisation_id=road.hub.organisation.key,
        site_id=road.hub.site.key,
        person_id=road.hub.person.key,
        day=day,
        effort=effort,
    )
    payload = job_by_code(session, run.job_code).payload
    result = solve_day(payload, lambda _progress, _note="", _incumbent=None: None)
    save_plan(session, clock=clock, payload=payload, result=result)
    session.flush()
    return run


def an_open_request(session: Session, *, clock: Clock, of: Party) -> str:
    """A problem of its own that a party's program has queued."""
    payload = open_plans.payload_of("{}", how=open_plans.How(1), shape="json")
    job = open_plans.request(
        session,
        clock=clock,
        organisation_id=of.organisation.key,
        person_id=of.person.key,
        payload=payload,
    )
    return job.code


def road_objects(world: "World", session: Session) -> None:
    """A vehicle, an open order, a plan and its round of each hub and smelter."""
    day = world.clock.now(session).astimezone(BEIJING).date()
    world.give("rounds.shape", own="csv", other="csv")
    world.give("changes.shape", own="csv", other="csv")
    for walker in ("hub", "smelter"):
        codes: list[dict[str, str]] = []
        for party in (world.own[walker], world.other[walker]):
            road = a_road(session, clock=world.clock, hub=party, collectors=1)
            a_pickup(session, road, clock=world.clock, seller=0)
            plan = a_plan(session, road, clock=world.clock, day=day)
            [card] = rounds_of_day(session, organisation_id=party.organisation.key, day=day)
            codes.append(
                {
                    "plan": plan.code,
                    "round_code": card.round.code,
                    "vehicle": road.trucks[0].code,
                    "order": a_pickup(session, road, clock=world.clock, seller=0).code,
                    "api_routes.plan": an_open_request(session, clock=world.clock, of=party),
                }
            )
        for name, code in codes[0].items():
            if walker == "hub":
                world.give(name, own=code, other=codes[1][name])
            world.give(name, own=code, other=codes[1][name], walker=walker)
