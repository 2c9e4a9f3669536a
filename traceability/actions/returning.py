"""Metal that goes back to where it came from: the lot keeps its code, origin and history."""

from datetime import datetime

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.traceability.actions.acting import added, check_mass, header
from remelt.traceability.door.book import lock_lots
from remelt.traceability.door.private import of_site, org
from remelt.traceability.errors import NotGone, UnknownCause
from remelt.traceability.models import Lot
from remelt.traceability.terms import CAUSES, SiteRef


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
) -> Lot:
    """Put a lot on its way back from `site`: refused at the gate, or returned after unloading.

    cause: of `CAUSES`. freight_by, co2e_by: the organisation that bears the way back; its CO2e
    burdens the lot when the lot's owner bears it, and is missing by name without `co2e_g`.
    The lot's owner receives it with `move`. Raises `UnknownCause`, `NoSuchLot`, `LotUsedUp`,
    `LotOnHold`.
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
    added(session, clock, facts, lots, free=True)
    return lots[lot_code]


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
    at: datetime | None = None,
) -> Lot:
    """Take a lot, or a part of it, back from a customer who keeps no book here.

    It comes back under its own code with the vectors that it left with, so melted again it is
    no new scrap. Raises `UnknownCause`, `NoSuchLot`, `MassNotPositive`, `NotGone` when so much
    never left.
    """
    check_cause(cause)
    check_mass(mass_g)
    lots = lock_lots(session, [lot_code])
    gone_g = lots[lot_code].gone.mass_g
    if mass_g > gone_g:
        raise NotGone(field="mass_kg", lot_code=lot_code, gone_g=gone_g)
    facts = header(session, clock, "take_back", site=site, actor=actor, at=at)
    facts |= {
        "lot": lot_code,
        "mass_g": of_site(site.code, mass_g),
        "cause": cause,
        "note": of_site(site.code, note),
        "custodian": org(custodian),
        "freight_by": org(freight_by),
        "co2e_by": org(co2e_by),
    }
    added(session, clock, facts, lots, ended_too=True)
    return lots[lot_code]


def check_cause(cause: str) -> None:
    """Refuse a return whose cause is none of the trade's."""
    if cause not in CAUSES:
        raise UnknownCause(field="cause")
