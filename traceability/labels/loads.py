"""Numbers of loads: an SSCC for a lot that travels as one pallet, bundle or truck load."""

import secrets

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import gs1_check_digit
from remelt.platform.kernel.errors import Conflict
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.labels.models import LoadNumber
from remelt.traceability.models import Lot

_BODY = 17


class NoCompanyPrefix(Conflict):
    """A load can have an SSCC only where the operator has a GS1 company prefix."""

    code = "no-company-prefix"


def number_load(session: Session, *, clock: Clock, lot_code: str, prefix: str) -> str:
    """Return the SSCC of a lot, given anew when it has none.

    prefix: the operator's GS1 company prefix, 4 to 12 digits. The serial is drawn at random, so
    that numbers tell nothing about each other. Raises `NoCompanyPrefix` or `NoSuchLot`.
    """
    if not prefix:
        raise NoCompanyPrefix
    lot = session.exec(select(Lot).where(Lot.code == lot_code).with_for_update()).first()
    if lot is None:
        raise NoSuchLot(lot_code=lot_code)
    known = load_number(session, lot_code=lot_code)
    if known is not None:
        return known
    places = _BODY - 1 - len(prefix)
    body = f"{secrets.randbelow(10)}{prefix}{secrets.randbelow(10**places):0{places}}"
    row = LoadNumber(
        sscc=body + gs1_check_digit(body), lot_code=lot_code, given_at=clock.now(session)
    )
    session.add(row)
    session.flush()
    return row.sscc


def load_number(session: Session, *, lot_code: str) -> str | None:
    """Return the SSCC of a lot, None when it has none."""
    return session.exec(select(LoadNumber.sscc).where(LoadNumber.lot_code == lot_code)).first()


def lot_of_load(session: Session, *, sscc: str) -> str:
    """Return the code of the lot that an SSCC names. Raises `NoSuchLot`."""
    found = session.exec(select(LoadNumber.lot_code).where(col(LoadNumber.sscc) == sscc)).first()
    if found is None:
        raise NoSuchLot(lot_code=sscc)
    return found
