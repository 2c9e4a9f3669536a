"""A plan of charges as its page shows it: frontiers drawn, advice in words, forms filled in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from markupsafe import Markup
from sqlmodel import Session

from remelt.platform.parties.actors import Actor
from remelt.platform.works.charge_models import ChargePlan, Material, Recipe
from remelt.platform.works.charge_queries import Advice, ChargeSheet, newest_advice
from remelt.web import fmt
from remelt.web.charge_words import because, share_bp
from remelt.web.context import clock
from remelt.web.svg_curve import Spot, curve
from remelt.web.works_forms import BETWEEN


def lot_name(said: Mapping[str, Any]) -> str:
    """Return what a lot on offer is called: its title, or its grade in the reader's language."""
    return str(said["title"] or said["name_zh" if fmt.is_chinese() else "name_en"])


@dataclass(frozen=True, slots=True)
class Advised:
    """What a lot is worth, and the sentence that says why."""

    found: Advice
    because: str


def advised(found: Sequence[Advice]) -> list[Advised]:
    """Return advice with its sentence."""
    return [Advised(each, because(each)) for each in found]


def worth_to(session: Session, who: Actor, *, codes: Collection[str]) -> dict[str, Advised]:
    """Return what these listings are worth to a smelter by its newest plan, by listing code."""
    if not who.may("works.melt"):
        return {}
    found = newest_advice(
        session, organisation_id=who.organisation_id, now=clock().now(session), codes=codes
    )
    return {code: Advised(each, because(each)) for code, each in found.items()}


@dataclass(frozen=True, slots=True)
class Chart:
    """One frontier: drawn, and as rows of (scrap share, cost, carbon) that say the same."""

    title: str
    drawn: Markup
    rows: tuple[tuple[str, str, str], ...]


def frontiers(plan: ChargePlan) -> list[Chart]:
    """Return both frontiers of a plan; one of a single point has nothing to choose."""
    found = plan.result["frontier"]
    return [
        chart for chart in (_scrap(found["scrap"]), _carbon(found["carbon"])) if len(chart.rows) > 1
    ]


def _scrap(points: Sequence[Mapping[str, int]]) -> Chart:
    spots = [
        Spot(share_bp(x["scrap_g"], x["gross_g"]), _cost(x),
             fmt.percent(share_bp(x["scrap_g"], x["gross_g"])), fmt.number(_cost(x)))
        for x in points
    ]  # fmt: skip
    title = gettext("What more scrap costs")
    return Chart(
        title=title,
        drawn=curve(
            spots,
            title=title,
            x_name=gettext("scrap in the charge"),
            y_name=gettext("CNY per tonne of metal"),
        ),
        rows=_rows(points),
    )


def _carbon(points: Sequence[Mapping[str, int]]) -> Chart:
    spots = [
        Spot(_burden(x), _cost(x), fmt.number(_burden(x)), fmt.number(_cost(x))) for x in points
    ]
    title = gettext("What less carbon costs")
    return Chart(
        title=title,
        drawn=curve(
            spots,
            title=title,
            x_name=gettext("kgCO₂e per tonne of metal"),
            y_name=gettext("CNY per tonne of metal"),
        ),
        rows=_rows(points),
    )


def _rows(points: Sequence[Mapping[str, int]]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (
            fmt.percent(share_bp(x["scrap_g"], x["gross_g"]), digits=2),
            fmt.number(_cost(x)),
            fmt.number(_burden(x)),
        )
        for x in points
    )


def _cost(point: Mapping[str, int]) -> int:
    """Whole CNY for a tonne of metal: what is paid, without the prices put on carbon and falls."""
    return point["price_fen"] * 10_000 // max(1, point["metal_g"])


def _burden(point: Mapping[str, int]) -> int:
    return point["co2e_g"] * 1_000 // max(1, point["metal_g"])


def recipe_values(row: Recipe | None) -> dict[str, str]:
    """Return the form of a recipe filled in; with what is usual for a new one."""
    if row is None:
        return {
            "margin_sd": "1", "worst_index": "3",
            "kept-0-element": "Mg", "kept-0-kept_pct": "95",
            "kept-1-element": "Zn", "kept-1-kept_pct": "98",
        }  # fmt: skip
    values = {
        "name": row.name,
        "alloy": f"{row.standard}{BETWEEN}{row.alloy}",
        "margin_sd": _text(row.margin_centi, 100),
        "worst_index": str(row.worst_index),
    }
    for number, (name, (least, most)) in enumerate(row.limits.items()):
        values |= {
            f"limits-{number}-element": name,
            f"limits-{number}-min_pct": "" if least is None else _text(least, 10_000),
            f"limits-{number}-max_pct": "" if most is None else _text(most, 10_000),
        }
    for number, (name, kept) in enumerate(row.recovery_bp.items()):
        values |= {f"kept-{number}-element": name, f"kept-{number}-kept_pct": _text(kept, 100)}
    return values


def material_values(row: Material | None) -> dict[str, str]:
    """Return the form of a material filled in."""
    if row is None:
        return {"kind": "grade"}
    values = {
        "kind": row.kind,
        "grade": row.name if row.kind == "grade" else "",
        "name": row.name if row.kind == "bought" else "",
        "element": row.element,
        "yield_pct": _text(row.yield_bp, 100),
        "price_yuan_per_t": "" if row.price_fen_per_t is None else _text(row.price_fen_per_t, 100),
        "co2e_kg_per_t": "" if row.co2e_g_per_t is None else _text(row.co2e_g_per_t, 1_000),
    }
    for number, (name, (mean, sd)) in enumerate(row.contents.items()):
        values |= {
            f"contents-{number}-element": name,
            f"contents-{number}-mean_pct": _text(mean, 10_000),
            f"contents-{number}-sd_pct": _text(sd, 10_000) if sd else "",
        }
    return values


def heat_values(sheet: ChargeSheet) -> dict[str, str]:
    """Return the sheet of a heat filled in from a charge sheet: own lots and bought metal.

    Lots that must be bought first are left out: they are not on hand.
    """
    values = {"alloy": f"{sheet.said['standard']}{BETWEEN}{sheet.said['alloy']}"}
    own = [line for line in sheet.lines if line.said["kind"] == "stock"]
    bought = [line for line in sheet.lines if line.said["kind"] == "bought"]
    for number, line in enumerate(own):
        values |= {
            f"charges-{number}-lot": line.code,
            f"charges-{number}-mass_kg": _text(line.mass_g, 1_000),
            f"charges-{number}-recovery_pct": _text(line.said["yield_bp"], 100),
        }
    for number, line in enumerate(bought):
        values |= {
            f"additions-{number}-name": line.said["grade"],
            f"additions-{number}-metal": line.said["element"],
            f"additions-{number}-mass_kg": _text(line.mass_g, 1_000),
            f"additions-{number}-purity_pct": _text(line.said["purity_bp"], 100),
        }
    return values


def _text(value: int, per: int) -> str:
    """Return a whole number of parts as a decimal that a person would type: 4500 of 1000 is 4.5."""
    digits = len(str(per)) - 1
    whole, rest = divmod(value, per)
    return f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".")


def contents_text(row: Material) -> str:
    """Return the contents of a material in one line: Si 0.45 ± 0.1 %."""
    return ", ".join(
        f"{name} {_text(mean, 10_000)}" + (f" ± {_text(sd, 10_000)}" if sd else "") + " %"
        for name, (mean, sd) in row.contents.items()
    )
