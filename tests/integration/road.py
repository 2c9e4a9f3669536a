"""A day on the road for tests: a hub with trucks, collectors with lots, a smelter."""

from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.logistics.fleet import add_vehicle
from remelt.platform.logistics.models import TransportOrder, Vehicle
from remelt.platform.logistics.orders import order_delivery, order_pickup
from remelt.traceability import ledger
from remelt.traceability.terms import LotSpec, SiteRef
from tests.parties import Party, a_party

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


def a_road(session: Session, *, clock: Clock, collectors: int = 2, trucks: int = 1) -> Road:
    """A hub in Qingzhen with trucks, collectors around it, a smelter in Bozhou."""
    hub = a_party(session, clock=clock, role="hub", lat_e6=26_551_000, lon_e6=106_472_000)
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
