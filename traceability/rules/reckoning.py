"""What one working weighs in and out, as it is believed. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from remelt.traceability.facts import Facts
from remelt.traceability.rules.dealing import WASTE, difference_g
from remelt.traceability.rules.transform import beyond_tolerance

HEEL = "heel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """In and out of a working, in g; nobody keeps these figures beside the ledger.

    opening_g + charged_g + added_g + flux_g + oxygen_g
    = cast_g + waste_g + closing_g + lost_g + difference_g.
    opening_g, closing_g: what stays in the furnace or in process. cast_g: all that came out but
    waste and dross. lost_g: named losses. difference_g above zero is lost, below is gained;
    beyond_tolerance: it is more than scales show.
    """

    opening_g: int
    charged_g: int
    added_g: int
    flux_g: int
    oxygen_g: int
    cast_g: int
    waste_g: int
    closing_g: int
    lost_g: int
    difference_g: int
    beyond_tolerance: bool

    @property
    def in_g(self) -> int:
        """All that was put in: lots, additions, flux and oxygen, without the opening stock."""
        return self.charged_g + self.added_g + self.flux_g + self.oxygen_g

    @property
    def out_g(self) -> int:
        """All that came out: products and waste, without the closing stock."""
        return self.cast_g + self.waste_g


def reckoned(facts: Facts) -> Reckoning:
    """Return the masses of a working from its facts, as they are believed."""
    waste_g = _sum(facts["outputs"], lambda role: role in WASTE)
    closing_g = _sum(facts["outputs"], lambda role: role == HEEL)
    return Reckoning(
        opening_g=_sum(facts["inputs"], lambda role: role == HEEL),
        charged_g=_sum(facts["inputs"], lambda role: role != HEEL),
        added_g=sum(each["mass_g"] for each in facts["additions"]),
        flux_g=facts["flux_g"],
        oxygen_g=facts["oxygen_g"],
        cast_g=_sum(facts["outputs"], lambda _role: True) - waste_g - closing_g,
        waste_g=waste_g,
        closing_g=closing_g,
        lost_g=sum(facts["losses"].values()),
        difference_g=difference_g(facts),
        beyond_tolerance=beyond_tolerance(facts),
    )


def _sum(lots: list[dict[str, Any]], holds: Callable[[str], bool]) -> int:
    return sum(int(each["mass_g"]) for each in lots if holds(each["role"]))
