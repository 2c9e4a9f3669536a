"""Returns as pages and programs read them."""

from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from remelt.platform.parties.models import Organisation, Site
from remelt.platform.yard.return_models import LotReturn


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """One return, where it was made, and whether one's own organisation made it."""

    row: LotReturn
    site: Site
    firm: Organisation
    mine: bool


def returns_of(session: Session, *, organisation_id: int, limit: int = 60) -> list[ReturnLine]:
    """Return the returns from and to an organisation, the newest first."""
    mine = select(Site.id).where(Site.organisation_id == organisation_id)
    rows = session.exec(
        select(LotReturn, Site, Organisation)
        .join(Site, col(Site.id) == col(LotReturn.site_id))
        .join(Organisation, col(Organisation.id) == col(Site.organisation_id))
        .where(or_(col(LotReturn.site_id).in_(mine), col(LotReturn.to_site_id).in_(mine)))
        .order_by(col(LotReturn.id).desc())
        .limit(limit)
    )
    return [
        ReturnLine(row=row, site=site, firm=firm, mine=site.organisation_id == organisation_id)
        for row, site, firm in rows
    ]
