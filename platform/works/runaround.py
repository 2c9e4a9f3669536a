"""Run-around scrap: what a heat of the same organisation gave and goes back into a furnace."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from remelt.platform.parties.models import Site
from remelt.platform.works.errors import NotRunAround
from remelt.platform.works.line_models import LinePeriod, ProductionLine
from remelt.platform.works.models import Heat, Sorting
from remelt.platform.works.places import Place
from remelt.traceability.models import Lot


def check_run_around(session: Session, place: Place, lots: Iterable[Lot]) -> None:
    """Refuse to leave a lot out of the recycled content that this organisation did not melt.

    A lot counts as run-around when a heat or line of the organisation gave it, or when a working of
    the organisation gave it of metal that was melted before. Raises `NotRunAround`.
    """
    for lot in lots:
        if not _is_run_around(session, place, lot):
            raise NotRunAround(field="charges", lot_code=lot.code)


def _is_run_around(session: Session, place: Place, lot: Lot) -> bool:
    own = Site.organisation_id == place.site.organisation_id
    heat = (
        select(Heat.id)
        .join(Site, col(Site.id) == col(Heat.site_id))
        .where(Heat.event_hash == lot.made_by, own)
    )
    if session.exec(heat).first() is not None:
        return True
    period = (
        select(LinePeriod.id)
        .join(ProductionLine, col(ProductionLine.id) == col(LinePeriod.line_id))
        .join(Site, col(Site.id) == col(ProductionLine.site_id))
        .where(LinePeriod.event_hash == lot.made_by, own)
    )
    if session.exec(period).first() is not None:
        return True
    working = (
        select(Sorting.id)
        .join(Site, col(Site.id) == col(Sorting.site_id))
        .where(Sorting.event_hash == lot.made_by, own)
    )
    vectors = lot.vectors
    return vectors.melted_g == vectors.mass_g and session.exec(working).first() is not None
