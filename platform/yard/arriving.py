"""What is expected at a scale: lots that stand here unweighed, and lots that contracts bring."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from remelt.platform.market.models import Contract
from remelt.platform.market.queries import is_open
from remelt.platform.parties.models import Organisation, Site
from remelt.platform.yard.inspection import held
from remelt.platform.yard.models import Inspection
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.models import Lot


@dataclass(frozen=True, slots=True)
class Arrival:
    """One lot to be weighed. here: it stands at this site; otherwise `status` says where it is."""

    lot_code: str
    metal: str
    grade_system: str
    grade_code: str
    declared_mass_g: int
    mass_g: int
    status: str
    here: bool
    owner_name_zh: str
    owner_name_en: str
    contract_code: str | None


def arrivals(session: Session, *, site: Site, limit: int = 50) -> list[Arrival]:
    """Return the lots to be weighed at a site, those that stand here first."""
    here = col(Lot.site_code) == site.code
    unweighed = here & (col(Lot.status) == "received")
    due = (
        (col(Contract.deliver_to_site_id) == site.key)
        & is_open()
        & col(Lot.status).not_in(("consumed", "out"))
    )
    stands_here = here & (col(Lot.status) != "in_transit")
    rows = session.execute(
        sa.select(Lot, Organisation, col(Contract.code), stands_here)
        .outerjoin(
            Contract,
            (col(Contract.lot_code) == col(Lot.code)) & is_open(),
        )
        .outerjoin(Organisation, col(Organisation.code) == col(Lot.owner))
        .where(sa.or_(unweighed, due))
        .order_by(stands_here.desc(), col(Lot.id))
        .limit(limit)
    )
    return [_arrival(*row) for row in rows]


def lot_at(session: Session, *, code: str, site: Site) -> Lot | None:
    """Return the lot with this code when it stands at this site, else None."""
    return session.exec(
        select(Lot).where(Lot.code == code, Lot.site_code == site.code)
    ).one_or_none()


def site_of_lot(session: Session, *, code: str, organisation_id: int) -> Site:
    """Return the organisation's own site where a lot stands. Raises `NoSuchLot`."""
    found = session.exec(
        select(Site)
        .join(Lot, col(Lot.site_code) == col(Site.code))
        .where(Lot.code == code, Site.organisation_id == organisation_id)
    ).one_or_none()
    if found is None:
        raise NoSuchLot(lot_code=code[:20])
    return found


def held_loads(session: Session, *, site_id: int, limit: int = 10) -> list[Inspection]:
    """Return the loads and lots held at a site whose newest word is still a hold, latest first."""
    rows = session.exec(
        select(Inspection)
        .where(Inspection.site_id == site_id, col(Inspection.hold).is_(True))
        .order_by(col(Inspection.id).desc())
        .limit(limit)
    ).all()
    return [row for row in rows if row.lot_code is None or held(session, lot_code=row.lot_code)]


def _arrival(lot: Lot, owner: Organisation | None, contract: str | None, here: bool) -> Arrival:  # noqa: FBT001 - a column
    return Arrival(
        lot_code=lot.code,
        metal=lot.metal,
        grade_system=lot.grade_system,
        grade_code=lot.grade_code,
        declared_mass_g=lot.declared_mass_g,
        mass_g=lot.mass_g,
        status=lot.status,
        here=bool(here),
        owner_name_zh="" if owner is None else owner.name_zh,
        owner_name_en="" if owner is None else owner.name_en,
        contract_code=contract,
    )
