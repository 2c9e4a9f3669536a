"""The trucks of an organisation."""

from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.logistics.errors import (
    BadCapacity,
    BadConsumption,
    BadEmissionClass,
    BadPlate,
    BadRate,
    BadShift,
    NoSuchVehicle,
    PlateTaken,
)
from remelt.platform.logistics.models import DAY_MIN, ELECTRIC, EMISSION_CLASSES, Vehicle
from remelt.platform.parties import queries as parties

MOST_G: Final = 60_000_000
MOST_FEN: Final = 100_000_000
MOST_PLATE: Final = 12
MOST_WH: Final = 20_000


def add_vehicle(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    site_id: int,
    plate: str,
    capacity_g: int,
    emission_class: str,
    shift_from_min: int = 480,
    shift_to_min: int = 1080,
    fixed_fen: int = 0,
    fen_per_km: int = 0,
    fen_per_hour: int = 0,
    empty_wh_per_km: int | None = None,
    full_wh_per_km: int | None = None,
) -> Vehicle:
    """Record a truck that starts and ends its day at a site of the organisation.

    capacity_g: its payload, up to 60 t. shift_...: minutes of the Beijing day. Costs in fen for
    each round, km and hour away. ..._wh_per_km: what an electric truck takes from the socket,
    metered without load and at its payload.

    Raises `NoSuchSite`, `BadPlate`, `BadCapacity`, `BadEmissionClass`, `BadShift`, `BadRate` or
    `PlateTaken`.
    """
    parties.organisation_by_id(session, organisation_id=organisation_id, lock=True)
    parties.site_by_id(session, site_id=site_id, organisation_id=organisation_id)
    vehicle = Vehicle(
        code=new_code(),
        organisation_id=organisation_id,
        site_id=site_id,
        plate=plate.strip().upper(),
        capacity_g=capacity_g,
        emission_class=emission_class,
        shift_from_min=shift_from_min,
        shift_to_min=shift_to_min,
        fixed_fen=fixed_fen,
        fen_per_km=fen_per_km,
        fen_per_hour=fen_per_hour,
        empty_wh_per_km=empty_wh_per_km,
        full_wh_per_km=full_wh_per_km,
        added_at=clock.now(session),
    )
    check_vehicle(vehicle)
    taken = select(Vehicle.id).where(
        Vehicle.plate == vehicle.plate, col(Vehicle.ended_at).is_(None)
    )
    if session.exec(taken).first() is not None:
        raise PlateTaken(field="plate", plate=vehicle.plate)
    session.add(vehicle)
    session.flush()
    return vehicle


def check_vehicle(vehicle: Vehicle) -> None:
    """Refuse a truck that cannot be. Touches no database."""
    if not 1 <= len(vehicle.plate) <= MOST_PLATE or not vehicle.plate.isprintable():
        raise BadPlate(field="plate")
    if not 0 < vehicle.capacity_g <= MOST_G:
        raise BadCapacity(field="capacity_kg", most_t=MOST_G // 1_000_000)
    if vehicle.emission_class not in EMISSION_CLASSES:
        raise BadEmissionClass(field="emission_class")
    _check_meter(vehicle)
    check_minutes(vehicle.shift_from_min, vehicle.shift_to_min, field="shift_to")
    rates = (vehicle.fixed_fen, vehicle.fen_per_km, vehicle.fen_per_hour)
    if not all(0 <= rate <= MOST_FEN for rate in rates):
        raise BadRate(field="fen_per_km")


def _check_meter(vehicle: Vehicle) -> None:
    """An electric truck is metered, empty and full; another one is not."""
    empty, full = vehicle.empty_wh_per_km, vehicle.full_wh_per_km
    if vehicle.emission_class != ELECTRIC:
        if empty is not None or full is not None:
            raise BadConsumption(field="empty_wh_per_km")
    elif empty is None or full is None or not 0 < empty <= full <= MOST_WH:
        raise BadConsumption(field="full_wh_per_km" if empty else "empty_wh_per_km")


def check_minutes(from_min: int, to_min: int, *, field: str) -> None:
    """Refuse a span of the day that ends before it begins. Touches no database."""
    if not 0 <= from_min < to_min <= DAY_MIN:
        raise BadShift(field=field)


def end_vehicle(session: Session, *, clock: Clock, code: str, organisation_id: int) -> Vehicle:
    """Take a truck out of use; its past rounds stay. Raises `NoSuchVehicle`."""
    found = vehicle(session, code=code, organisation_id=organisation_id, lock=True)
    found.ended_at = found.ended_at or clock.now(session)
    return found


def vehicle(session: Session, *, code: str, organisation_id: int, lock: bool = False) -> Vehicle:
    """Return the organisation's vehicle of this code. Raises `NoSuchVehicle`."""
    statement = select(Vehicle).where(
        Vehicle.code == code, Vehicle.organisation_id == organisation_id
    )
    found = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NoSuchVehicle(vehicle=code[:20])
    return found


def vehicles_of(
    session: Session, *, organisation_id: int, site_id: int | None = None
) -> list[Vehicle]:
    """Return the vehicles in use, of one site or all, by plate."""
    statement = (
        select(Vehicle)
        .where(Vehicle.organisation_id == organisation_id, col(Vehicle.ended_at).is_(None))
        .order_by(col(Vehicle.plate))
    )
    if site_id is not None:
        statement = statement.where(Vehicle.site_id == site_id)
    return list(session.exec(statement))
