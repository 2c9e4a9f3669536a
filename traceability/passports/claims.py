"""What a lot's passport claims, as data for programs: whole numbers in g, mg and gCO2e (pure)."""

from typing import Any

from remelt.traceability.passports.contents import Content
from remelt.traceability.passports.disclosure import Band
from remelt.traceability.passports.public import Facts, Figures, Revised
from remelt.traceability.rules.footprint import Footprint
from remelt.traceability.rules.shares import RECYCLED

NOT_TOLD = ("transfer", "certify")


def claims(facts: Facts) -> dict[str, Any]:
    """Return the public claims on a lot; every ratio as its two numbers, no gap filled.

    basis_g: the mass that every figure is said for: a product's own, else one tonne.
    Only integers, text and truth values: the same claims always give the same canonical bytes.
    """
    return {
        "status": facts.status,
        "metal": facts.metal,
        "grade": {"system": facts.grade_system, "code": facts.grade_code},
        "form": facts.form,
        **_mass(facts.mass_g, facts.band),
        "basis_g": facts.basis_g,
        "evidence": facts.evidence,
        "recycled_content": {
            **_content(facts.recycled),
            "claims_blocked": facts.claims_blocked,
        },
        "footprint": _footprint(facts.footprint),
        "origin": facts.origins,
        "custody": facts.custody,
        "composition_mg": facts.elements,
        "chain": {kind: count for kind, count in facts.steps.items() if kind not in NOT_TOLD},
        "revisions": [_revision(each) for each in facts.revised],
    }


def _mass(mass_g: int | None, band: Band) -> dict[str, Any]:
    """Return the mass of a product, of any other lot its class: purchases are private."""
    if mass_g is not None:
        return {"mass_g": mass_g}
    ends = {} if band.below_g is None else {"below_g": band.below_g}
    return {"mass_class": {"from_g": band.from_g, **ends}}


def _content(told: Content) -> dict[str, Any]:
    """Return both numbers with formula and words; by origin only where the lot holds it itself."""
    origins = {} if told.classes is None else {n: told.classes.get(n, 0) for n in RECYCLED}
    return {
        "formula": told.formula,
        "wording": told.wording,
        "numerator_g": told.numerator,
        "denominator_g": told.denominator,
        **{f"{name}_g": grams for name, grams in origins.items()},
    }


def _revision(one: Revised) -> dict[str, Any]:
    """Return when and why figures were said anew, and what they were and became."""
    figures = {"before": _figures(one.before), "after": _figures(one.after)}
    return {"day": one.day, "reasons": list(one.reasons), "later_too": not one.alone, **figures}


def _figures(told: Figures) -> dict[str, Any]:
    known = told.footprint
    return {
        **_mass(told.mass_g, told.band),
        "formula": told.recycled.formula,
        "numerator_g": told.recycled.numerator,
        "denominator_g": told.recycled.denominator,
        "co2e_g": known.cut_off.co2e_g,
        "provisional": known.provisional,
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
