"""What a period's meters and scales say of its heats, laid on them and on all that came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.traceability.actions.acting import factor_facts, header
from remelt.traceability.actions.declaring import market_facts
from remelt.traceability.corrections.cones import by_hash
from remelt.traceability.corrections.pasts import portions
from remelt.traceability.corrections.restated import NEAR, Said, say_anew
from remelt.traceability.corrections.workings import Working, workings
from remelt.traceability.door.private import of_site
from remelt.traceability.errors import NothingToTrueUp
from remelt.traceability.facts import Facts
from remelt.traceability.models import Edge, LedgerEvent, Lot
from remelt.traceability.rules.changing import ENERGY, TRUE_UP, YIELD
from remelt.traceability.rules.dealing import charged
from remelt.traceability.rules.editions import again
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
    found = workings(session, sorted(set(heats)))
    measured_g, expected_g = measured_and_expected(list(found.values()))
    if measured_g <= 0 or expected_g <= 0:
        raise NothingToTrueUp(field="month", month=month)
    facts |= {
        "what": YIELD,
        "heats": dict.fromkeys(sorted(set(heats)), 1),
        "measured_g": of_site(site.code, measured_g),
        "expected_g": of_site(site.code, expected_g),
    }
    return say_anew(session, clock=clock, facts=facts, reason="measured-yield", near=near)


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """What a heat's charges are taken to have given back, in mg of its metals by origin.

    product: its product recycled content as [numerator, denominator].
    """

    post_mg: int
    pre_mg: int
    unknown_mg: int
    again_mg: int
    product: tuple[int, int]

    @property
    def scrap_mg(self) -> int:
        """All that is recovered of scrap, whatever its origin, run-around and heels included."""
        return self.post_mg + self.pre_mg + self.unknown_mg + self.again_mg


def measured_and_expected(heats: Sequence[Working]) -> tuple[int, int]:
    """Return grams of metal that came out of heats, and grams that were expected back of them."""
    measured_g = sum(_measured_g(heat.facts) for heat in heats)
    return measured_g, sum(_expected_g(heat) for heat in heats)


def recovery(heat: Working, *, brought_to: tuple[int, int] | None) -> Recovery:
    """Return the recovery of a heat by expectation, or brought to a measured yield. Pure.

    brought_to: grams measured and grams expected of the whole period.
    """
    facts = {name: value for name, value in heat.facts.items() if name != "yield"}
    if brought_to is not None and min(brought_to) > 0:
        facts["yield"] = list(brought_to)
    melts = again(heat.before, facts, heat.event_hash).melts

    def total(name: str) -> int:
        return sum(int(melt[name]) for melt in melts)

    whole = [melt["figures"]["product"] for melt in melts if melt["base"]]
    numerator, denominator = whole[0] if whole else (0, 0)
    return Recovery(
        post_mg=total("post_mg"),
        pre_mg=total("pre_mg"),
        unknown_mg=total("unknown_mg"),
        again_mg=total("remelted_mg") + total("internal_mg"),
        product=(numerator, denominator),
    )


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


def _expected_g(heat: Working) -> int:
    charges = [charged(heat.before, each) for each in heat.facts["inputs"]]
    return sum(charge.recovered_g for charge in charges)
