"""What the ledger says of a lot on the road."""

from sqlmodel import Session, select

from remelt.traceability.errors import NoSuchLot
from remelt.traceability.models import Lot


def lot(session: Session, *, code: str) -> Lot:
    """Return a lot as its events have left it. Raises `NoSuchLot`."""
    found = session.exec(select(Lot).where(Lot.code == code)).one_or_none()
    if found is None:
        raise NoSuchLot(lot_code=code[:20])
    return found
