"""A small foundry: two alloys, a few lots, primary metal and additions."""

from dataclasses import replace
from typing import Any

from remelt.platform.works.charging.problem import (
    Charge,
    ChargeProblem,
    Content,
    Limit,
    Source,
    Terms,
)

T = 1_000_000


def a_lot(key: str = "L1", **changes: Any) -> Source:
    """Ten tonnes of clean 6063 extrusions at 16,000 CNY/t."""
    lot = Source(
        key=key,
        mass_g=10 * T,
        price_fen_per_t=1_600_000,
        elements={"Si": Content(4_500), "Fe": Content(2_000), "Mg": Content(5_500)},
        yield_bp=9_500,
        co2e_g_per_t=60_000,
        alloy_class="wrought:6xxx:6063",
    )
    return replace(lot, **changes)


def primary(**changes: Any) -> Source:
    """Primary metal without end at 20,500 CNY/t."""
    metal = Source(
        key="primary",
        mass_g=10_000 * T,
        price_fen_per_t=2_050_000,
        elements={"Si": Content(500), "Fe": Content(1_000)},
        yield_bp=9_900,
        co2e_g_per_t=13_000_000,
        scrap=False,
    )
    return replace(metal, **changes)


def alloying(element: str, price_fen_per_t: int) -> Source:
    """A pure addition."""
    return Source(
        key=element,
        mass_g=100 * T,
        price_fen_per_t=price_fen_per_t,
        elements={element: Content(990_000)},
        yield_bp=9_600,
        scrap=False,
    )


def a_charge(**changes: Any) -> Charge:
    """Twenty tonnes of 6063."""
    charge = Charge(
        key="6063",
        least_g=20 * T,
        most_g=20 * T,
        limits={
            "Si": Limit(2_000, 6_000),
            "Fe": Limit(None, 3_500),
            "Mg": Limit(4_500, 9_000),
        },
        alloy_class="wrought:6xxx:6063",
    )
    return replace(charge, **changes)


def a_problem(*lots: Source, charges: tuple[Charge, ...] = (), **terms: Any) -> ChargeProblem:
    """The lots with primary metal, silicon and magnesium at hand."""
    return ChargeProblem(
        sources=(*lots, primary(), alloying("Si", 1_300_000), alloying("Mg", 1_900_000)),
        charges=charges or (a_charge(),),
        terms=Terms(**terms),
    )
