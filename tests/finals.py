"""The worked settlement of wheel scrap A356: three loads, five days, three assays."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from remelt.platform.settlement.finals.inputs import Assay, Inputs, Weight
from remelt.platform.settlement.finals.terms import (
    Limit,
    Penalty,
    Provisional,
    Terms,
    Weights,
)
from remelt.platform.settlement.pricing.quotes import E6, Index, Quoted

LOADED, DELIVERED = date(2026, 2, 27), date(2026, 3, 2)
QP = (20_480, 20_510, 20_390, 20_440, 20_530)
SELLER = ((49_860, 15_420), (49_120, 15_380), (38_840, 15_500))
BUYER = ((49_800, 15_400), (49_100, 15_400), (38_800, 15_500))
ASSAYS = (
    ("moisture", "buyer", 12_000), ("impurity", "buyer", 23_500),
    ("Fe", "seller", 2_100), ("Fe", "buyer", 3_100), ("Fe", "umpire", 2_700),
)  # fmt: skip


def wheel_terms(**changes: Any) -> Terms:
    """The terms of the worked example."""
    facts: dict[str, Any] = {
        "formula": "0.88 * avg(SMM_A00, QP) - 150 CNY/t with invoice 13%",
        "quotation": "D+1..D+5",
        "provisional": Provisional(share_bp=9_000),
        "weights": Weights(
            inside="seller", outside="buyer", tolerance_ppm=3_000, packing_g=60_000, step_g=100
        ),
        "limits": (
            Limit(analyte="moisture", decided="buyer", free_ppm=5_000),
            Limit(analyte="impurity", decided="buyer", free_ppm=10_000, reject_ppm=30_000),
        ),
        "penalties": (
            Penalty(
                analyte="Fe", splitting_ppm=400, above_ppm=2_000, step_ppm=100, fen_per_t=3_000
            ),
        ),
        "umpire_fen": 120_000,
        "commission_bp": 80,
        "claim_days": 5,
    }
    return Terms(**(facts | changes))


def wheel_weights() -> tuple[Weight, ...]:
    """Three loads, weighed at the seller's on Friday and at the buyer's on Monday."""
    return tuple(
        Weight(
            ticket=f"{side[0].upper()}{n}", side=side, load=str(n), day=day,
            gross_g=gross * 1000, tare_g=tare * 1000,
        )
        for side, day, loads in (("seller", LOADED, SELLER), ("buyer", DELIVERED, BUYER))
        for n, (gross, tare) in enumerate(loads, start=1)
    )  # fmt: skip


def wheel_assays() -> tuple[Assay, ...]:
    """Moisture and impurity as the buyer found them, iron as three laboratories did."""
    return tuple(
        Assay(code=f"{side}-{analyte}", side=side, analyte=analyte, ppm=ppm)
        for analyte, side, ppm in ASSAYS
    )


def an_index(*values: int, before: int | None = 20_650, **changes: Any) -> Index:
    """SMM A00: `before` on the Friday of loading, then `values` from Tuesday on."""
    days = {LOADED: before} if before is not None else {}
    days |= {DELIVERED + timedelta(days=n + 1): value for n, value in enumerate(values[:4])}
    days |= {date(2026, 3, 9): value for value in values[4:]}
    quotes = {day: Quoted(day, value * E6) for day, value in days.items()}
    index = Index(code="SMM_A00", unit_text="CNY/t", source="SMM", quotes=quotes)
    return replace(index, **changes)


def wheel_inputs(**changes: Any) -> Inputs:
    """Everything that the worked example is worked from."""
    facts: dict[str, Any] = {
        "weights": wheel_weights(),
        "assays": wheel_assays(),
        "book": {"SMM_A00": an_index(*QP)},
    }
    return Inputs(**(facts | changes))
