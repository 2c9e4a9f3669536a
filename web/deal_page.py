"""What the pages of terms and settlements show: figures as text, origins as links."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext

from remelt.platform.settlement.finals.queries import DealView
from remelt.platform.settlement.finals.terms import (
    MIDNIGHT,
    Limit,
    Penalty,
    Terms,
    clock_time,
    formula_of,
)
from remelt.platform.settlement.pricing.periods import read_period
from remelt.platform.settlement.pricing.printing import decimal
from remelt.platform.settlement.pricing.words import period_words, sentence
from remelt.web import fmt
from remelt.web.deal_origins import Origin, anchor, label, origin
from remelt.web.deal_words import (
    REST_WORDS,
    RULE_WORDS,
    SIDE_WORDS,
)

E6 = 1_000_000


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a settlement as a page shows it."""

    anchor: str
    label: str
    value: str
    rule: str
    origins: tuple[Origin, ...]


def shown_lines(view: DealView) -> list[Shown]:
    """Return the lines of the settlement in force with links to their origins."""
    if view.statement is None:
        return []
    lines = view.statement.statement["lines"]
    labels = {key: label(key) for key, *_ in lines}
    return [
        Shown(
            anchor=anchor(key),
            label=labels[key],
            value=figure(value, unit),
            rule=gettext(RULE_WORDS[rule]) if rule in RULE_WORDS else rule,
            origins=tuple(origin(each, view=view, labels=labels) for each in origins),
        )
        for key, value, unit, rule, origins in lines
    ]


def figure(value: int, unit: str) -> str:
    """Return a kept figure as people read it."""
    zh = fmt.is_chinese()
    match unit:
        case "g":
            return fmt.kilograms(value, zh=zh)
        case "fen":
            return fmt.money(value, zh=zh)
        case "fen/t":
            return fmt.price(value, zh=zh)
        case "ppb":
            return fmt.decimal(value, scale=10_000_000, digits=4, trim=True) + "%"
        case "e6":
            return fmt.decimal(value, scale=E6, digits=4, trim=True)
    return fmt.number(value, zh=zh)


def sentences(terms: Terms) -> tuple[str, str]:
    """Return what the price formula of terms says, in Chinese and in English."""
    formula = formula_of(terms.formula)
    return sentence(formula, zh=True), sentence(formula, zh=False)


def clauses(terms: Terms) -> list[tuple[str, str]]:
    """Return terms as pairs of a name and what it says, in the language of the page."""
    zh = fmt.is_chinese()
    rows = [(gettext("Price formula"), terms.formula)]
    rows += [(gettext("In words"), sentences(terms)[0 if zh else 1])]
    if terms.quotation is not None:
        words = period_words(read_period(terms.quotation), zh=zh)
        rows.append((gettext("Quotation period (QP)"), f"{terms.quotation} · {words}"))
    rows += _called(terms, zh=zh)
    if terms.provisional is not None:
        side = gettext(SIDE_WORDS[terms.provisional.weight])
        share = fmt.percent(terms.provisional.share_bp, zh=zh, digits=2)
        rows.append((gettext("Provisional payment"), gettext("%(share)s on the weight of: %(side)s",
                     share=share, side=side)))  # fmt: skip
    rows.append((gettext("Weight"), _weights(terms, zh=zh)))
    for limit in terms.limits:
        rows.append((label(f"excess:{limit.analyte}"), _limit(limit.model_dump())))
    for penalty in terms.penalties:
        rows.append((label(f"penalty:{penalty.analyte}"), _penalty(penalty.model_dump(), zh=zh)))
    if terms.payable is not None:
        rows.append((gettext("Paid is the metal inside"), terms.payable.analyte))
    money = ((gettext("Umpire's fee"), terms.umpire_fen),)
    rows += [(name, fmt.money(fen, zh=zh)) for name, fen in money if fen]
    if terms.commission_bp:
        share = fmt.percent(terms.commission_bp, zh=zh, digits=2)
        rows.append((gettext("Commission"), share))
    days = gettext("%(n)s days after the final settlement", n=terms.claim_days)
    rows.append((gettext("Time for objections"), days if terms.claim_days else "–"))
    return rows


def typed_terms(terms: Terms) -> dict[str, str]:
    """Return terms as the fields of the form hold them."""
    weights, first, called = terms.weights, terms.provisional, terms.called
    typed = {
        "formula": terms.formula,
        "quotation": terms.quotation or "",
        "provisional_pct": _typed(first.share_bp if first else None, scale=100),
        "provisional_weight": first.weight if first else "seller",
        "inside": weights.inside,
        "outside": weights.outside,
        "tolerance_pct": _typed(weights.tolerance_ppm, scale=10_000),
        "packing_kg": _typed(weights.packing_g or None, scale=1000),
        "payable": terms.payable.analyte if terms.payable else "",
        "umpire_yuan": _typed(terms.umpire_fen or None, scale=100),
        "commission_pct": _typed(terms.commission_bp or None, scale=100),
        "claim_days": str(terms.claim_days or ""),
    }
    if called is not None:
        typed |= {
            "called_by": called.by,
            "called_first": called.first.isoformat(),
            "called_last": called.last.isoformat(),
            "called_kg": _typed(called.mass_g, scale=1000),
            "called_least_kg": _typed(called.least_g, scale=1000),
            "called_opens": clock_time(called.opens_min) if called.opens_min else "",
            "called_closes": clock_time(called.closes_min) if called.closes_min < MIDNIGHT else "",
            "called_default": called.default,
        }
    clauses: dict[str, tuple[Limit | Penalty, ...]]
    clauses = {"limits": terms.limits, "penalties": terms.penalties}
    for name, rows in clauses.items():
        for n, row in enumerate(rows):
            typed |= {f"{name}-{n}-{key}": text for key, text in _typed_row(row).items()}
    return typed


def _typed_row(row: Limit | Penalty) -> dict[str, str]:
    typed = {
        "analyte": row.analyte,
        "decided": row.decided,
        "splitting_pct": _typed(row.splitting_ppm, scale=10_000),
    }
    if isinstance(row, Limit):
        return typed | {
            "free_pct": _typed(row.free_ppm, scale=10_000),
            "reject_pct": _typed(row.reject_ppm, scale=10_000),
        }
    return typed | {
        "above_pct": _typed(row.above_ppm, scale=10_000),
        "step_pct": _typed(row.step_ppm, scale=10_000),
        "yuan_per_t": _typed(row.fen_per_t, scale=100),
    }


def _typed(value: int | None, *, scale: int) -> str:
    """Return a kept figure as a person would type it."""
    return "" if value is None else decimal(Fraction(value, scale))


def _called(terms: Terms, *, zh: bool) -> list[tuple[str, str]]:
    if terms.called is None:
        return []
    called = terms.called
    said = gettext(
        "%(side)s, %(first)s to %(last)s, %(mass)s",
        side=gettext(SIDE_WORDS[called.by]), first=called.first.isoformat(),
        last=called.last.isoformat(), mass=fmt.mass(called.mass_g, zh=zh),
    )  # fmt: skip
    if (called.opens_min, called.closes_min) != (0, MIDNIGHT):
        said += f" · {clock_time(called.opens_min)}-{clock_time(called.closes_min)}"
    if called.least_g:
        least = fmt.mass(called.least_g, zh=zh)
        said += " · " + gettext("at least %(mass)s at a time", mass=least)
    rest = gettext(REST_WORDS[called.default])
    said += " · " + gettext("what is not called costs %(rest)s", rest=rest)
    return [(gettext("Called price"), said)]


def _weights(terms: Terms, *, zh: bool) -> str:
    rule = terms.weights
    inside: str = gettext(SIDE_WORDS[rule.inside])
    said: str = inside
    if rule.tolerance_ppm is not None:
        said = gettext(
            "%(inside)s up to a difference of %(share)s, else %(outside)s", inside=inside,
            share=fmt.ppm_percent(rule.tolerance_ppm), outside=gettext(SIDE_WORDS[rule.outside]),
        )  # fmt: skip
    if rule.packing_g:
        said += " · " + gettext("packing %(mass)s", mass=fmt.kilograms(rule.packing_g, zh=zh))
    return said


def _limit(clause: Mapping[str, Any]) -> str:
    said: str = gettext("free up to %(share)s", share=fmt.ppm_percent(clause["free_ppm"]))
    if clause["reject_ppm"] is not None:
        share = fmt.ppm_percent(clause["reject_ppm"])
        said += " · " + gettext("may be refused above %(share)s", share=share)
    return said + _decided(clause)


def _penalty(clause: Mapping[str, Any], *, zh: bool) -> str:
    said: str = gettext(
        "%(price)s for each full %(step)s above %(limit)s",
        price=fmt.price(clause["fen_per_t"], zh=zh), step=fmt.ppm_percent(clause["step_ppm"]),
        limit=fmt.ppm_percent(clause["above_ppm"]),
    )  # fmt: skip
    return said + _decided(clause)


def _decided(clause: Mapping[str, Any]) -> str:
    if clause["decided"] != "exchange":
        return f" · {gettext(RULE_WORDS['result-of-' + clause['decided']])}"
    if clause["splitting_ppm"] is None:
        middle = RULE_WORDS["split"]
        return f" · {gettext(middle)}"
    share = fmt.ppm_percent(clause["splitting_ppm"])
    said: str = gettext("splitting limit %(share)s, then the umpire", share=share)
    return " · " + said
