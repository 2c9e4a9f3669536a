"""What a lot's passport claims, as data for programs: whole numbers in g, mg and gCO2e (pure)."""

from typing import Any

from remelt.traceability.proofs.passports import Facts
from remelt.traceability.rules.footprint import Footprint

NOT_TOLD = ("transfer", "certify")


def claims(facts: Facts) -> dict[str, Any]:
    """Return the public claims on a lot; every ratio as its two numbers, no gap filled.

    Only integers, text and truth values: the same claims always give the same canonical bytes.
    """
    return {
        "status": facts.status,
        "metal": facts.metal,
        "grade": {"system": facts.grade_system, "code": facts.grade_code},
        "form": facts.form,
        "mass_g": facts.mass_g,
        "evidence": facts.evidence,
        "recycled_content": {
            "formula": facts.recycled.formula,
            "wording": facts.wording,
            "numerator_g": facts.recycled.numerator,
            "denominator_g": facts.recycled.denominator,
            "post_consumer_g": facts.recycled.post,
            "pre_consumer_g": facts.recycled.pre,
            "claims_blocked": facts.claims_blocked,
        },
        "footprint": _footprint(facts.footprint),
        "origin": facts.origins,
        "custody": facts.custody,
        "composition_mg": facts.elements,
        "chain": {kind: count for kind, count in facts.steps.items() if kind not in NOT_TOLD},
    }


def _footprint(known: Footprint) -> dict[str, Any]:
    ways = (known.cut_off, known.by_mass, known.market)
    primary, of_known = known.primary_data
    return {
        "unit": "gCO2e",
        "complete": known.cut_off.complete,
        "provisional": known.provisional,
        "completeness_bp": known.completeness_bp,
        "missing": list(known.missing),
        "stages": dict(known.stages),
        "methods": [
            {"method": each.method, "co2e_g": each.co2e_g, "mass_g": each.mass_g}
            for each in ways
            if each.available
        ],
        "not_available": [each.method for each in ways if not each.available],
        "primary_data": {"numerator_g": primary, "denominator_g": of_known},
    }
