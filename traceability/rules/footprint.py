"""What a lot's burden is, line by line, and what nobody knows of it. Pure."""

from dataclasses import dataclass

from remelt.traceability.rules.conventions import ONLY_BY_MASS
from remelt.traceability.rules.states import State
from remelt.traceability.terms import STAGES

CUT_OFF = "cut-off"
BY_MASS = "pre-consumer-by-mass"
BY_CONTRACT = "market-based"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One way of counting as an integer pair: gCO2e over g, which is also kgCO2e over kg.

    complete: no line is missing; only then may the figure be called a total or compared.
    available: False where not even a known sum can be said: power by contract without a factor
    for the power that is under none.
    """

    method: str
    co2e_g: int
    mass_g: int
    missing: tuple[str, ...]
    available: bool = True

    @property
    def complete(self) -> bool:
        """Whether every line has data."""
        return self.available and not self.missing and self.mass_g > 0


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """A lot's footprint: known grams by stage, every way of counting side by side, and the gaps.

    cut_off and by_mass count power by location; market is cut-off with power by contract.

    completeness_bp: stages with data over all stages that this lot has, in 1/10,000.
    primary_data: (g of CO2e resting on measured data, known g).
    """

    stages: tuple[tuple[str, int], ...]
    cut_off: Figure
    by_mass: Figure
    market: Figure
    missing: tuple[str, ...]
    completeness_bp: int
    primary_data: tuple[int, int]
    provisional: bool


def footprint(state: State) -> Footprint:
    """Return the footprint of a lot: known sum, named gaps, never a total over a gap.

    >>> footprint(State(mass_g=1_000, co2e={"hub": 20}, missing=("collection",))).completeness_bp
    5000
    """
    gaps = tuple(name for name in state.missing if name != ONLY_BY_MASS)
    stages = tuple((stage, state.co2e[stage]) for stage in STAGES if stage in state.co2e)
    known = {stage for stage, _ in stages} - {name.partition(":")[0] for name in gaps}
    every = known | {name.partition(":")[0] for name in gaps}
    return Footprint(
        stages=stages,
        cut_off=Figure(method=CUT_OFF, co2e_g=state.co2e_g, mass_g=state.mass_g, missing=gaps),
        by_mass=Figure(
            method=BY_MASS,
            co2e_g=state.co2e_g + state.scrap_burden_g,
            mass_g=state.mass_g,
            missing=state.missing,
        ),
        market=Figure(
            method=BY_CONTRACT,
            co2e_g=state.co2e_g + state.market_g,
            mass_g=state.mass_g,
            missing=gaps,
            available=not state.unmarketed,
        ),
        missing=state.missing,
        completeness_bp=10_000 * len(known) // len(every) if every else 0,
        primary_data=(state.primary_data_g, state.co2e_g),
        provisional=any(name.endswith(":provisional") for name in gaps),
    )
