"""Furnaces of a smelting site."""

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties.models import Site
from remelt.platform.works.errors import (
    FurnaceNameTaken,
    HeelLeft,
    HeelWouldNotFit,
    MassNotGiven,
    NoSuchFurnace,
)
from remelt.platform.works.events import FurnaceAdded, FurnaceChanged, FurnaceEnded
from remelt.platform.works.models import Furnace
from remelt.platform.works.places import place_of
from remelt.traceability.models import Lot

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


def change_furnace(
    session: Session,
    *,
    clock: Clock,
    code: str,
    organisation_id: int,
    name: str,
    capacity_g: int,
    has_meter: bool,
) -> Furnace:
    """Say anew what a furnace is called, holds, and whether it is read for each heat.

    Kind and metal stay: what was lined for another metal is another furnace. Raises
    `NoSuchFurnace`, `MassNotGiven`, `FurnaceNameTaken`, `HeelWouldNotFit`.
    """
    furnace = _own_furnace(session, code=code, organisation_id=organisation_id)
    if capacity_g <= 0:
        raise MassNotGiven(field="capacity")
    heel_g = _heel_g(session, furnace)
    if heel_g > capacity_g:
        raise HeelWouldNotFit(field="capacity", heel_kg=heel_g // 1_000)
    taken = session.exec(
        select(Furnace.id).where(
            Furnace.site_id == furnace.site_id, Furnace.name == name, Furnace.id != furnace.id
        )
    ).first()
    if taken is not None:
        raise FurnaceNameTaken(field="name", name=name)
    furnace.sqlmodel_update({"name": name, "capacity_g": capacity_g, "has_meter": has_meter})
    session.add(furnace)
    session.flush()
    outbox.record(session, FurnaceChanged(at=clock.now(session), furnace_code=furnace.code))
    return furnace


def end_furnace(session: Session, *, clock: Clock, code: str, organisation_id: int) -> Furnace:
    """Take a furnace out of use; its heats stay as they are. Twice is once.

    Raises `NoSuchFurnace`, and `HeelLeft` while metal lies in it.
    """
    furnace = _own_furnace(session, code=code, organisation_id=organisation_id, ended=True)
    if furnace.ended_at is not None:
        return furnace
    if furnace.heel_lot is not None:
        raise HeelLeft(lot_code=furnace.heel_lot)
    furnace.ended_at = clock.now(session)
    session.add(furnace)
    outbox.record(session, FurnaceEnded(at=furnace.ended_at, furnace_code=furnace.code))
    return furnace


def _own_furnace(
    session: Session, *, code: str, organisation_id: int, ended: bool = False
) -> Furnace:
    """Return a furnace of one's organisation, locked; one out of use only if `ended`."""
    found = session.exec(
        select(Furnace)
        .join(Site, col(Site.id) == col(Furnace.site_id))
        .where(Furnace.code == code, Site.organisation_id == organisation_id)
        .with_for_update(of=Furnace)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None or (found.ended_at is not None and not ended):
        raise NoSuchFurnace(furnace_code=code[:20])
    return found


def _heel_g(session: Session, furnace: Furnace) -> int:
    if furnace.heel_lot is None:
        return 0
    return session.exec(select(Lot.mass_g).where(Lot.code == furnace.heel_lot)).one()


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
