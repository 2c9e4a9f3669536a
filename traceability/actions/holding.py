"""A lot that an inspection holds stays where it is and as it is until somebody releases it."""

from datetime import datetime

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.traceability.actions.acting import HELD, added, header
from remelt.traceability.door.book import lock_lots
from remelt.traceability.door.private import of_site
from remelt.traceability.errors import CannotHold
from remelt.traceability.models import Lot
from remelt.traceability.terms import SiteRef

STANDS = ("registered", "received", "on_hand")


def hold(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    cause: str,
    site: SiteRef,
    actor: str,
    at: datetime | None = None,
) -> Lot:
    """Hold a lot: it may be weighed and analysed, not worked, moved, sold or sent out.

    Holding a held lot again changes nothing. Raises `NoSuchLot`, `LotUsedUp`, `CannotHold`.
    """
    lots = lock_lots(session, [lot_code])
    lot = lots[lot_code]
    if lot.status == HELD:
        return lot
    if lot.status not in STANDS:
        raise CannotHold(lot_code=lot_code)
    facts = header(session, clock, "hold", site=site, actor=actor, at=at)
    facts |= {"lot": lot_code, "step": "hold", "cause": of_site(site.code, cause)}
    added(session, clock, facts, lots)
    return lot


def release(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    reason: str,
    site: SiteRef,
    actor: str,
    at: datetime | None = None,
) -> Lot:
    """Let a held lot go for a reason. Raises `NoSuchLot`, `CannotHold` when nothing holds it."""
    lots = lock_lots(session, [lot_code])
    lot = lots[lot_code]
    if lot.status != HELD:
        raise CannotHold(lot_code=lot_code)
    facts = header(session, clock, "hold", site=site, actor=actor, at=at)
    facts |= {
        "lot": lot_code,
        "step": "release",
        "reason": of_site(site.code, reason),
        "back_to": _before(lot),
    }
    added(session, clock, facts, lots)
    return lot


def _before(lot: Lot) -> str:
    if lot.mass_g:
        return "on_hand"
    return "received" if lot.handed_over else "registered"
