"""Returns as pages and programs read them."""

from dataclasses import dataclass

from sqlmodel import Session, and_, case, col, or_, select

from remelt.platform.parties.models import Organisation, Site
from remelt.platform.yard.errors import NoSuchReturn
from remelt.platform.yard.return_models import LotReturn


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """One return, where it was made, and whether one's own organisation made it."""

    row: LotReturn
    site: Site
    firm: Organisation
    mine: bool


def return_to(session: Session, *, code: str, organisation_id: int) -> LotReturn:
    """Return one return that goes back to an organisation, however old. Raises `NoSuchReturn`."""
    found = session.exec(
        select(LotReturn)
        .join(Site, col(Site.id) == col(LotReturn.to_site_id))
        .where(LotReturn.code == code, Site.organisation_id == organisation_id)
    ).one_or_none()
    if found is None:
        raise NoSuchReturn(return_code=code[:20])
    return found


def sender_of(session: Session, row: LotReturn) -> Organisation:
    """Return the organisation that made a return."""
    made = select(Organisation).join(Site).where(Site.id == row.site_id)
    return session.exec(made).one()


def returns_of(session: Session, *, organisation_id: int, limit: int = 60) -> list[ReturnLine]:
    """Return the returns from and to an organisation: what waits for it first, then the newest."""
    mine = select(Site.id).where(Site.organisation_id == organisation_id)
    waits = and_(
        col(LotReturn.to_site_id).in_(mine),
        col(LotReturn.site_id).not_in(mine),
        or_(col(LotReturn.agreed_at).is_(None), col(LotReturn.arrived_at).is_(None)),
    )
    rows = session.exec(
        select(LotReturn, Site, Organisation)
        .join(Site, col(Site.id) == col(LotReturn.site_id))
        .join(Organisation, col(Organisation.id) == col(Site.organisation_id))
        .where(or_(col(LotReturn.site_id).in_(mine), col(LotReturn.to_site_id).in_(mine)))
        .order_by(case((waits, 0), else_=1), col(LotReturn.id).desc())
        .limit(limit)
    )
    return [
        ReturnLine(row=row, site=site, firm=firm, mine=site.organisation_id == organisation_id)
        for row, site, firm in rows
    ]
