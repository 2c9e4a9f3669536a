"""Furnaces of a smelting site."""

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.works.errors import FurnaceNameTaken, MassNotGiven, NoSuchFurnace
from remelt.platform.works.events import FurnaceAdded
from remelt.platform.works.models import Furnace
from remelt.platform.works.places import place_of

SMELTS = ("smelt",)


def add_furnace(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    name: str,
    kind: str,
    metal: str,
    capacity_g: int,
    has_meter: bool,
) -> Furnace:
    """Set up a furnace. capacity_g: the melt it holds, above zero; kind: of `FURNACES`.

    has_meter: its energy is read for each heat; without one heats are provisional.
    Raises `SiteCannot`, `FurnaceNameTaken`, `MassNotGiven`.
    """
    place = place_of(session, site_id=site_id, person_id=person_id, needs=SMELTS)
    if capacity_g <= 0:
        raise MassNotGiven(field="capacity")
    taken = session.exec(
        select(Furnace.id).where(Furnace.site_id == site_id, Furnace.name == name)
    ).first()
    if taken is not None:
        raise FurnaceNameTaken(field="name", name=name)
    furnace = Furnace(
        code=new_code(),
        site_id=site_id,
        name=name,
        kind=kind,
        metal=metal,
        capacity_g=capacity_g,
        has_meter=has_meter,
        added_at=clock.now(session),
    )
    session.add(furnace)
    outbox.record(
        session,
        FurnaceAdded(at=furnace.added_at, furnace_code=furnace.code, site_code=place.site.code),
    )
    session.flush()
    return furnace


def lock_furnace(session: Session, *, code: str, site_id: int) -> Furnace:
    """Return a furnace of the site, locked. Raises `NoSuchFurnace`."""
    found = session.exec(
        select(Furnace)
        .where(Furnace.code == code, Furnace.site_id == site_id, col(Furnace.ended_at).is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NoSuchFurnace(furnace_code=code[:20])
    return found
