"""What others tell of a footprint: a seller's burden of scrap, contracts of power."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Conflict, Invalid
from remelt.traceability.actions.acting import added, burden, factor_facts, header
from remelt.traceability.door.book import lock_lots
from remelt.traceability.door.private import of_site
from remelt.traceability.models import Lot
from remelt.traceability.rules.conventions import ONLY_BY_MASS
from remelt.traceability.terms import FactorRef, Market, SiteRef


class NoBurdenMissing(Conflict):
    """The lot is no pre-consumer scrap that lacks its burden."""

    code = "no-burden-missing"


class MoreThanUsed(Invalid):
    """More power is under contract than was used."""

    code = "more-power-than-used"


class PowerNotFree(Invalid):
    """A factor of nought for power: even wind and sun have a life cycle."""

    code = "power-not-free"


def declare_burden(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    factor: FactorRef,
    document_ref: str,
    site: SiteRef,
    actor: str,
    at: datetime | None = None,
) -> Lot:
    """Lay on bought pre-consumer scrap what its seller declares, per kg of its pre-consumer mass.

    It counts under the second convention only: under cut-off scrap enters with nothing.
    document_ref: the paper that says so. Raises `NoBurdenMissing`, `FactorNotLifeCycle`,
    `LotNotWeighed`, `LotUsedUp`.
    """
    lots = lock_lots(session, [lot_code])
    state = lots[lot_code].vectors
    if ONLY_BY_MASS not in state.missing:
        raise NoBurdenMissing(lot_code=lot_code)
    facts = header(session, clock, "declare_burden", site=site, actor=actor, at=at) | {
        "lot": lot_code,
        "upstream": bought_burden(factor, state.classes.get("pre_consumer", 0), site),
        "document": of_site(site.code, document_ref),
    }
    added(session, clock, facts, lots, weighed=True)
    return lots[lot_code]


def bought_burden(factor: FactorRef, mass_g: int, site: SiteRef) -> dict[str, Any]:
    """Return the burden of bought metal: factor in clear, amounts private like the mass."""
    line = burden(factor, mass_g)
    amounts = {name: of_site(site.code, line[name]) for name in line if name != "factor"}
    return {"factor": line["factor"], **amounts}


def market_facts(market: Market, quantity: int, site: SiteRef) -> Mapping[str, Any]:
    """Return how `quantity` Wh are counted by contract; no sum where the rest has no factor.

    Raises `MoreThanUsed`, `PowerNotFree`, `FactorNotLifeCycle`.
    """
    used = sum(each.quantity for each in market.contracted)
    if used > quantity or any(each.quantity <= 0 for each in market.contracted):
        raise MoreThanUsed(field="contracted", contracted_wh=used, used_wh=quantity)
    factors = [each.factor for each in market.contracted]
    if market.residual is not None:
        factors.append(market.residual)
    if not all(factor.numerator for factor in factors):
        raise PowerNotFree(field="factor")
    rest = quantity - used
    known = [each.factor.co2e_g(each.quantity) for each in market.contracted]
    if rest and market.residual is not None:
        known.append(market.residual.co2e_g(rest))
    return {
        "contracted": [
            {
                "quantity": each.quantity,
                "factor": factor_facts(each.factor),
                "certificate": of_site(site.code, each.certificate),
            }
            for each in market.contracted
        ],
        "residual": None if market.residual is None else factor_facts(market.residual),
        "co2e_g": None if rest and market.residual is None else sum(known),
    }
