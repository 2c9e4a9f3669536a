"""Metal that goes back to where it came from: the lot keeps its code, origin and history."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import Clock
from remelt.traceability.actions.acting import ENDED, added, check_mass, header
from remelt.traceability.door.book import lock_lots
from remelt.traceability.door.private import of_site, org
from remelt.traceability.door.seal import staged
from remelt.traceability.errors import LotElsewhere, NotGone, UnknownCause
from remelt.traceability.models import BookLine, EventLot, LedgerEvent, Lot
from remelt.traceability.terms import CAUSES, SiteRef

TRANSFER = "transfer"


def send_back(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    cause: str,
    freight_by: str,
    co2e_by: str,
    custodian: str,
    site: SiteRef,
    actor: str,
    note: str = "",
    co2e_g: int | None = None,
    at: datetime | None = None,
) -> LedgerEvent:
    """Put a lot on its way back from `site`: refused at the gate, or returned after unloading.

    cause: of `CAUSES`. freight_by, co2e_by: the organisation that bears the way back; its CO2e
    burdens the lot when the lot's owner bears it, and is missing by name without `co2e_g`, until
    `bear_way_back` says it. The lot's owner receives it with `move`. Returns the event. Raises
    `UnknownCause`, `NoSuchLot`, `LotUsedUp`, `LotOnHold`.
    """
    check_cause(cause)
    lots = lock_lots(session, [lot_code])
    facts = header(session, clock, "return", site=site, actor=actor, at=at)
    facts |= {
        "lot": lot_code,
        "cause": cause,
        "note": of_site(site.code, note),
        "custodian": org(custodian),
        "freight_by": org(freight_by),
        "co2e_by": org(co2e_by),
        "owner_bears": co2e_by == lots[lot_code].owner,
        "co2e_g": co2e_g,
    }
    return added(session, clock, facts, lots, free=True).event


def take_back(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    mass_g: int,
    cause: str,
    freight_by: str,
    co2e_by: str,
    custodian: str,
    site: SiteRef,
    actor: str,
    note: str = "",
    co2e_g: int | None = None,
    at: datetime | None = None,
) -> LedgerEvent:
    """Take a lot, or a part of it, back from a customer who keeps no book here.

    It comes back under its own code with the vectors that it left with, so melted again it is
    no new scrap; a lot on hold stays held. co2e_by, co2e_g: as in `send_back`. Returns the
    event. Raises `UnknownCause`, `NoSuchLot`, `MassNotPositive`,
    `NotGone` when so much never left or the title has passed since, and `LotElsewhere` while
    another part of the lot is on its way or lies at another site.
    """
    check_cause(cause)
    check_mass(mass_g)
    lots = lock_lots(session, [lot_code])
    check_gone(lots[lot_code], mass_g=mass_g, gone_g=_gone_g(session, lots[lot_code]), site=site)
    facts = header(session, clock, "take_back", site=site, actor=actor, at=at)
    facts |= {
        "lot": lot_code,
        "mass_g": of_site(site.code, mass_g),
        "cause": cause,
        "note": of_site(site.code, note),
        "custodian": org(custodian),
        "freight_by": org(freight_by),
        "co2e_by": org(co2e_by),
        "owner_bears": co2e_by == lots[lot_code].owner,
        "co2e_g": co2e_g,
    }
    return added(session, clock, facts, lots, ended_too=True).event


def _gone_g(session: Session, lot: Lot) -> int:
    """Return what left under the lot's owner and is not back: title to the rest gives no more."""
    session.flush()
    event = func.coalesce(BookLine.restates, BookLine.event_key)
    left = select(func.sum(BookLine.mass_g)).where(
        BookLine.lot_id == lot.key,
        col(BookLine.kind).in_(("out", "returned")),
        event > _title_passed(session, lot),
    )
    return min(lot.gone.mass_g, -int(session.exec(left).one() or 0))


def _title_passed(session: Session, lot: Lot) -> int:
    """Return the key of the newest event that passed the lot's title; 0 where none did."""
    waiting = [event.key for event in staged(session) if event.kind == TRANSFER]
    passed = select(EventLot.event_key).where(
        EventLot.lot_id == lot.key, col(EventLot.event_key).in_(waiting)
    )
    kept = (
        select(func.max(EventLot.event_key))
        .join(LedgerEvent, col(LedgerEvent.id) == col(EventLot.event_key))
        .where(EventLot.lot_id == lot.key, LedgerEvent.kind == TRANSFER)
    )
    return int(max([session.exec(kept).one() or 0, *session.exec(passed)]))


def check_gone(lot: Lot, *, mass_g: int, gone_g: int, site: SiteRef) -> None:
    """Refuse what never left, and a lot of which another part is not at this site."""
    if mass_g > gone_g:
        raise NotGone(field="mass_kg", lot_code=lot.code, gone_g=gone_g)
    away = lot.status == "in_transit" or lot.site_code != site.code
    if lot.status not in ENDED and away:
        raise LotElsewhere(field="lot_code", lot_code=lot.code)


def check_cause(cause: str) -> None:
    """Refuse a return whose cause is none of the trade's."""
    if cause not in CAUSES:
        raise UnknownCause(field="cause")
