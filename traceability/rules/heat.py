"""What a heat says about recycled content: recovered contained metal by origin. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from remelt.platform.kernel.clock import month_of
from remelt.traceability.facts import Facts
from remelt.traceability.rules.allot import Vector, allot, more
from remelt.traceability.rules.credits import credited
from remelt.traceability.rules.dealing import WASTE, Charge, difference_g
from remelt.traceability.rules.pots import added, origins_of
from remelt.traceability.rules.shares import charge_share, element_content, product_content
from remelt.traceability.rules.states import MG_PER_G, UNKNOWN, State, merged


def melt_lines(
    charges: Sequence[Charge], facts: Facts, states: Sequence[State], blocked: str
) -> Iterator[dict[str, Any]]:
    """Yield one line per metal of the heat; the base metal's line carries the three figures."""
    base = next((o["spec"]["metal"] for o in facts["outputs"]), charges[0].lot.spec.metal)
    metals = sorted({base, *(charge.lot.spec.metal for charge in charges)})
    outputs = list(zip(facts["outputs"], states, strict=True))
    products = [state for output, state in outputs if output["role"] == "product"]
    when = datetime.fromisoformat(facts["time"])
    for metal in metals:
        own = _recovered(charges, facts, metal, base)
        yield {
            "metal": metal,
            "base": metal == base,
            "site_code": facts["site"],
            "adcode": facts["adcode"],
            "month": month_of(when),
            "melted_at": when,
            **own,
            "charged_g": sum(c.cut.mass_g for c in charges),
            "cast_g": sum(state.mass_g for state in products),
            "co2e_g": sum(state.co2e_g for state in products),
            "unexplained_g": difference_g(facts),
            "claims_blocked": blocked,
            "figures": _figures(charges, facts, products, own) if metal == base else {},
            "product_group": facts.get("group", ""),
            "credited": credited(charges, facts) if metal == base and "group" in facts else {},
        }


def _recovered(charges: Sequence[Charge], facts: Facts, metal: str, base: str) -> dict[str, int]:
    """Return recovered contained mg of `metal` by origin, each milligram counted once."""
    origins: Vector = {}
    sums = dict.fromkeys(("internal_mg", "remelted_mg", "estimated_mg", "in_province_mg"), 0)
    for charge in charges:
        recovered, estimated = recovered_mg(charge, metal)
        if charge.internal:
            sums["internal_mg"] += recovered
            continue
        state = charge.cut
        fresh = state.mass_g - state.melted_g
        again, first = allot(recovered, [state.melted_g, fresh]) if state.mass_g else (0, 0)
        sums["remelted_mg"] += again
        sums["estimated_mg"] += first if estimated else 0
        by_origin = origins_of(first, state)
        origins = more(origins, by_origin)
        recycled = by_origin.get("post_consumer", 0) + by_origin.get("pre_consumer", 0)
        sums["in_province_mg"] += _local(recycled, state, facts["adcode"])
    for each in facts["additions"]:
        content = added(mass_g=each["mass_g"], elements_bp=each["elements_bp"]).elements
        known = content.get(metal, 0)
        if not each["elements_bp"] and metal == base:
            known = each["mass_g"] * MG_PER_G
        origins = more(origins, {"primary": known})
    return {
        "post_mg": origins.get("post_consumer", 0),
        "pre_mg": origins.get("pre_consumer", 0),
        "unknown_mg": origins.get(UNKNOWN, 0),
        "primary_mg": origins.get("primary", 0),
        **sums,
    }


def recovered_mg(charge: Charge, metal: str) -> tuple[int, bool]:
    """Return the metal expected back from a charge in mg, and whether it is only estimated.

    Without an analysis of the lot's own metal the gross mass recovered stands in.
    """
    state = charge.cut
    known = state.elements.get(metal, 0)
    ceiling = charge.recovered_g * MG_PER_G
    if known:
        return min(known, ceiling), False
    if metal == charge.lot.spec.metal:
        return ceiling, True
    return 0, False


def _local(recycled: int, state: State, adcode: str) -> int:
    inside = sum(g for place, g in state.track.items() if place[:2] == adcode[:2])
    return allot(recycled, [inside, state.mass_g - inside])[0] if state.mass_g else 0


def _figures(
    charges: Sequence[Charge], facts: Facts, products: Sequence[State], own: dict[str, int]
) -> dict[str, list[int]]:
    """Return the three named recycled contents as [numerator, denominator], never mixed."""
    external = [(c.cut, c.cut.mass_g) for c in charges if not c.internal]
    bought = sum(each["mass_g"] for each in facts["additions"])
    return {
        "product": list(product_content(merged(products))),
        "element": list(element_content(own)),
        "charge": list(charge_share([state for state, _ in external], additions_g=bought)),
        "waste_g": [sum(o["mass_g"] for o in facts["outputs"] if o["role"] in WASTE), 1],
    }
