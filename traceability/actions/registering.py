"""How a lot comes into the ledger: declared, weighed, or both at once."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.traceability.actions.acting import added, check_mass, header
from remelt.traceability.actions.declaring import bought_burden
from remelt.traceability.door.book import Appended, lock_lots
from remelt.traceability.door.private import of_site, org, person
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.terms import FactorRef, LotSpec, SiteRef


@dataclass(frozen=True, kw_only=True)
class Weighing:
    """What a weighing did: grams now, signed difference to the books, whether scales explain it.

    first: it made the mass; the difference to the declared mass is then only information.
    """

    lot: Lot
    event: LedgerEvent
    mass_g: int
    difference_g: int
    first: bool
    beyond_tolerance: bool


def commission(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    spec: LotSpec,
    declared_mass_g: int,
    owner: str,
    custodian: str,
    site: SiteRef,
    actor: str,
    pool_key: str | None = None,
    at: datetime | None = None,
) -> Lot:
    """Register a lot that was only declared: it has no mass in the ledger until it is weighed.

    Raises `LotCodeTaken`, `MassNotPositive` (declared mass below zero or absurd).
    """
    check_mass(declared_mass_g, least=0)
    facts = header(session, clock, "commission", site=site, actor=actor, at=at)
    facts |= {
        "lot": lot_code,
        "spec": asdict(spec),
        "declared_mass_g": of_site(site.code, declared_mass_g),
        "owner": org(owner),
        "custodian": org(custodian),
    }
    if pool_key is not None:
        facts["pool_key"] = of_site(site.code, pool_key)
    return added(session, clock, facts, {}).lots[lot_code]


def weigh(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    mass_g: int,
    ticket_ref: str,
    scale_division_g: int,
    site: SiteRef,
    actor: str,
    at: datetime | None = None,
) -> Weighing:
    """Weigh a lot. The first weighing makes its mass; a later one adjusts it, named and signed.

    Never refused for a difference: beyond max(0.5 %, one division) it is flagged.
    Raises `NoSuchLot`, `LotUsedUp`, `MassNotPositive`.
    """
    check_mass(mass_g)
    lots = lock_lots(session, [lot_code])
    before_g = lots[lot_code].mass_g
    facts = header(session, clock, "weigh", site=site, actor=actor, at=at) | {
        "lot": lot_code,
        "mass_g": of_site(site.code, mass_g),
        "ticket": of_site(site.code, ticket_ref),
        "scale_division_g": scale_division_g,
    }
    done = added(session, clock, facts, lots)
    return _weighing(done, lot_code, mass_g=mass_g, before_g=before_g)


def bring_in(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    spec: LotSpec,
    mass_g: int,
    owner: str,
    custodian: str,
    site: SiteRef,
    actor: str,
    ticket_ref: str = "",
    scale_division_g: int = 0,
    seller: str = "",
    upstream: FactorRef | None = None,
    at: datetime | None = None,
) -> Lot:
    """Register and weigh a lot in one event: gate purchase, primary metal, import.

    seller: a private value of that party (`org:<code>` or `person:<code>`). upstream: life-cycle
    factor per kg of bought metal; without it primary metal names the line as missing. Of
    pre-consumer scrap it is what the seller declares, and counts under the second convention.
    Raises `LotCodeTaken`, `MassNotPositive`, `FactorNotLifeCycle`.
    """
    check_mass(mass_g)
    facts = header(session, clock, "bring_in", site=site, actor=actor, at=at)
    facts |= {
        "lot": lot_code,
        "spec": asdict(spec),
        "mass_g": of_site(site.code, mass_g),
        "ticket": of_site(site.code, ticket_ref),
        "scale_division_g": scale_division_g,
        "seller": person(seller),
        "owner": org(owner),
        "custodian": org(custodian),
        "upstream": None if upstream is None else bought_burden(upstream, mass_g, site),
    }
    return added(session, clock, facts, {}).lots[lot_code]


def _weighing(done: Appended, lot_code: str, *, mass_g: int, before_g: int) -> Weighing:
    lines = done.outcome.lines
    return Weighing(
        lot=done.lots[lot_code],
        event=done.event,
        mass_g=mass_g,
        difference_g=mass_g - before_g if before_g else 0,
        first=any(line.kind == "weighed_in" for line in lines),
        beyond_tolerance=any(line.beyond_tolerance for line in lines),
    )
