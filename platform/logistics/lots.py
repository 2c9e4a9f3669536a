"""Which lots can be sent."""

from sqlmodel import Session, col, select

from remelt.platform.logistics.models import TransportOrder
from remelt.traceability.models import Lot


def sendable(session: Session, *, site_code: str, limit: int = 200) -> list[Lot]:
    """Return the lots on hand at a site that no living order moves, newest first.

    A heap stays: a lot is weighed off it first.
    """
    moving = select(TransportOrder.lot_code).where(
        col(TransportOrder.unloaded_at).is_(None), col(TransportOrder.cancelled_at).is_(None)
    )
    statement = (
        select(Lot)
        .where(
            Lot.site_code == site_code,
            Lot.status == "on_hand",
            Lot.role == "product",
            Lot.mass_g > 0,
            col(Lot.pool_key).is_(None),
            col(Lot.code).not_in(moving),
        )
        .order_by(col(Lot.id).desc())
        .limit(limit)
    )
    return list(session.exec(statement))
