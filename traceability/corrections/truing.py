"""What a period's meters and scales say of its heats, laid on them and on all that came of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.traceability.actions.acting import factor_facts, header
from remelt.traceability.actions.declaring import market_facts
from remelt.traceability.corrections.cones import by_hash
from remelt.traceability.corrections.pasts import believed, portions
from remelt.traceability.corrections.restated import NEAR, Said, say_anew
from remelt.traceability.door.private import of_site
from remelt.traceability.errors import NothingToTrueUp
from remelt.traceability.facts import Facts
from remelt.traceability.models import Edge, LedgerEvent, Lot
from remelt.traceability.rules.changing import ENERGY, TRUE_UP, YIELD
from remelt.traceability.rules.dealing import charged
from remelt.traceability.rules.views import Past
from remelt.traceability.terms import EnergyLine, Market, SiteRef


def true_up_energy(
    session: Session,
    *,
    clock: Clock,
    month: str,
    heats: Mapping[str, Sequence[int]],
    lines: Sequence[EnergyLine],
    site: SiteRef,
    actor: str,
    markets: Mapping[str, Sequence[Market | None]] | None = None,
    near: int = NEAR,
) -> Said:
    """Lay a month's metered energy on its heats in place of what stood in for it.

    heats: hash of each heat's event -> its quantity of every line, in thousandths of the line's
    unit; what a line says of quantity is not read. markets: likewise, how power of every line is
    counted by contract. Footprints of the heats and of all that was
    made of them are derived anew and their certificates superseded. Raises `NothingToTrueUp`,
    `NoSuchEvent`, `FactorNotLifeCycle`.
    """
    facts = _facts(session, clock, month, list(heats), site=site, actor=actor) | {
        "what": ENERGY,
        "heats": {name: list(heats[name]) for name in sorted(heats)},
        "lines": [_line(line) for line in lines],
        "markets": {name: _markets(markets[name], heats[name], site) for name in sorted(markets)}
        if markets
        else {},
    }
    return say_anew(session, clock=clock, facts=facts, reason="metered-energy", near=near)


def true_up_yield(
    session: Session,
    *,
    clock: Clock,
    month: str,
    heats: Sequence[str],
    site: SiteRef,
    actor: str,
    near: int = NEAR,
) -> Said:
    """Bring the expected recovery of a period's heats to the yield that was measured.

    Measured: what was cast and left in the furnaces, less additions; expected: what the charges
    were expected to give. Every charge's expectation is taken times measured / expected. Raises
    `NothingToTrueUp`, `NoSuchEvent`.
    """
    facts = _facts(session, clock, month, heats, site=site, actor=actor)
    pasts = believed(session, by_hash(session, sorted(set(heats))))
    measured_g = sum(_measured_g(past.facts) for past in pasts)
    expected_g = sum(_expected_g(past) for past in pasts)
    if measured_g <= 0 or expected_g <= 0:
        raise NothingToTrueUp(field="month", month=month)
    facts |= {
        "what": YIELD,
        "heats": dict.fromkeys(sorted(set(heats)), 1),
        "measured_g": of_site(site.code, measured_g),
        "expected_g": of_site(site.code, expected_g),
    }
    return say_anew(session, clock=clock, facts=facts, reason="measured-yield", near=near)


def _facts(
    session: Session,
    clock: Clock,
    month: str,
    heats: Sequence[str],
    *,
    site: SiteRef,
    actor: str,
) -> Facts:
    events = by_hash(session, list(heats))
    if not events or any(event.kind != "melt" for event in events):
        raise NothingToTrueUp(field="month", month=month)
    codes = [of_site(site.code, code) for code in _cast(session, events)]
    return header(session, clock, TRUE_UP, site=site, actor=actor, at=None) | {
        "month": month,
        "lots": codes,
    }


def _cast(session: Session, events: Sequence[LedgerEvent]) -> list[str]:
    """Return the codes of what came of the heats."""
    found: set[str] = set()
    for some in portions([event.key for event in events]):
        made = select(Edge.child_id).where(col(Edge.event_key).in_(some))
        found |= set(session.exec(select(Lot.code).where(col(Lot.id).in_(made))))
    return sorted(found)


def _line(line: EnergyLine) -> dict[str, Any]:
    factor = None if line.factor is None else factor_facts(line.factor)
    return {
        "stage": line.stage,
        "name": line.carrier,
        "unit": line.unit,
        "power": line.power,
        "factor": factor,
    }


def _markets(
    markets: Sequence[Market | None], quantities: Sequence[int], site: SiteRef
) -> list[Mapping[str, Any] | None]:
    return [
        None if market is None else market_facts(market, quantity, site)
        for market, quantity in zip(markets, quantities, strict=True)
    ]


def _measured_g(facts: Facts) -> int:
    kept = sum(o["mass_g"] for o in facts["outputs"] if o["role"] in {"product", "heel"})
    return int(kept - sum(each["mass_g"] for each in facts["additions"]))


def _expected_g(past: Past) -> int:
    charges = [charged(past.before, each) for each in past.facts["inputs"]]
    return sum(charge.recovered_g for charge in charges)
