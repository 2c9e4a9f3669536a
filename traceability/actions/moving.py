"""How a lot changes hands, place and owner, and what its carriage burdens it with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.traceability.actions.acting import added, entry, factor_facts, header
from remelt.traceability.door.book import append_all, lock_lots
from remelt.traceability.door.private import of_site, org
from remelt.traceability.facts import Private
from remelt.traceability.models import Lot
from remelt.traceability.terms import LegShare, SiteRef

Step = Literal["pickup", "ship", "receive"]


def move(
    session: Session,
    *,
    clock: Clock,
    lot_codes: Sequence[str],
    kind: Step,
    to_site: SiteRef,
    custodian: str,
    actor: str,
    at: datetime | None = None,
) -> list[Lot]:
    """Hand lots over: `pickup` and `ship` put them on the way, `receive` puts them at `to_site`.

    One event per lot, so that no event links lots. Raises `NoSuchLot`, `LotUsedUp`, `LotOnHold`.
    """
    lots = lock_lots(session, lot_codes)
    steps = []
    for code in lot_codes:
        facts = header(session, clock, "move", site=to_site, actor=actor, at=at)
        facts |= {"lot": code, "step": kind, "custodian": org(custodian)}
        steps.append(entry(session, clock, facts, {code: lots[code]}, free=True))
    append_all(session, steps, lots=lots)
    return [lots[code] for code in lot_codes]


def carry(
    session: Session,
    *,
    clock: Clock,
    legs: Sequence[LegShare],
    actor: str = "",
    at: datetime | None = None,
) -> list[Lot]:
    """Lay each lot's share of a driven round on it, as the caller shared it.

    A leg without co2e_g names its stage as missing. Raises `NoSuchLot`, `LotUsedUp`,
    `FactorNotLifeCycle`.
    """
    lots = lock_lots(session, [leg.lot_code for leg in legs])
    shares = []
    for leg in legs:
        lot = lots[leg.lot_code]
        site = SiteRef(code=lot.site_code, adcode=lot.adcode)
        facts = header(session, clock, "carry", site=site, actor=actor, at=at)
        factors = [factor_facts(factor) for factor in leg.factors]
        measured = bool(leg.factors) and all(factor.primary_data for factor in leg.factors)
        facts |= {
            "lot": leg.lot_code,
            "stage": leg.stage,
            "co2e_g": leg.co2e_g,
            "primary_g": (leg.co2e_g or 0) if measured else 0,
            "carried_g": of_site(site.code, leg.mass_g),
            "distance_m": of_site(site.code, leg.distance_m),
            "round": of_site(site.code, leg.round_ref),
            "factors": factors,
        }
        shares.append(entry(session, clock, facts, {leg.lot_code: lot}))
    append_all(session, shares, lots=lots)
    return [lots[leg.lot_code] for leg in legs]


def transfer(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    owner: str,
    contract_ref: str,
    actor: str = "",
    at: datetime | None = None,
) -> Lot:
    """Pass the title of a lot to another owner; custody does not change. Raises `LotOnHold`."""
    lots = lock_lots(session, [lot_code])
    site = SiteRef(code=lots[lot_code].site_code, adcode=lots[lot_code].adcode)
    facts = header(session, clock, "transfer", site=site, actor=actor, at=at)
    facts |= {
        "lot": lot_code,
        "owner": org(owner),
        "contract": Private(f"org:{owner}", contract_ref),
    }
    added(session, clock, facts, lots, free=True)
    return lots[lot_code]


def ship_out(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    to: str,
    site: SiteRef,
    actor: str,
    at: datetime | None = None,
) -> Lot:
    """Let a whole lot leave the ledger's world: sold to someone who keeps no book here.

    Raises `LotNotWeighed`, `LotUsedUp`, `LotOnHold`.
    """
    lots = lock_lots(session, [lot_code])
    facts = header(session, clock, "ship_out", site=site, actor=actor, at=at)
    facts |= {"lot": lot_code, "to": org(to)}
    added(session, clock, facts, lots, weighed=True, free=True)
    return lots[lot_code]
