"""How much of a lot's mass anybody may know. Pure.

Masses of purchases are private: of a lot that is scrap still the public learns a class of mass, and
every figure as if the lot weighed one tonne, in steps of 1/10,000. Metal that a furnace of this
ledger has melted is a product, and its mass is told as it is.
"""

from dataclasses import dataclass

from remelt.traceability.rules.allot import Vector, scaled
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.states import MG_PER_G, State

PRODUCT = "product"
TONNE_G = 1_000_000
STEPS = 10_000
STEP_G = TONNE_G // STEPS
BOUNDS_G = (0, 100_000, TONNE_G, 10 * TONNE_G, 100 * TONNE_G, 1_000 * TONNE_G)


@dataclass(frozen=True, slots=True)
class Band:
    """A class of mass: at least `from_g`, less than `below_g` where it has an end."""

    from_g: int
    below_g: int | None


def is_product(state: State, *, role: str) -> bool:
    """Tell whether all of a lot has been through a furnace and is no heel, dross or scrap of it.

    A lot that is empty hides nothing.
    """
    return not state.mass_g or (role == PRODUCT and state.melted_g == state.mass_g)


def band(mass_g: int) -> Band:
    """Return the class of a mass: a power of ten.

    >>> band(4_380_000)
    Band(from_g=1000000, below_g=10000000)
    """
    least = [each for each in BOUNDS_G if each <= mass_g]
    return Band(least[-1], BOUNDS_G[len(least)] if len(least) < len(BOUNDS_G) else None)


def public(state: State, *, role: str = PRODUCT) -> State:
    """Return what may be told of a state: a product's as it is, any other for one tonne.

    No step is finer than 1/10,000, so that no count of grams can be found again: every mass from
    10 kg on has a whole number that rounds to it. The sums stay exact.

    >>> public(State(mass_g=3, classes={"post_consumer": 2, "unknown": 1})).classes
    {'post_consumer': 666700, 'unknown': 333300}
    """
    if is_product(state, role=role):
        return state
    co2e = {stage: _for_a_tonne(grams, state.mass_g) for stage, grams in state.co2e.items()}
    known_g = sum(co2e.values())
    return but(
        state,
        mass_g=TONNE_G,
        classes=_stepped(state.classes, STEP_G),
        elements=_stepped(state.elements, STEP_G * MG_PER_G),
        track=_stepped(state.track, STEP_G),
        co2e=co2e,
        scrap_burden_g=_for_a_tonne(state.scrap_burden_g, state.mass_g),
        market_g=_for_a_tonne(state.market_g, state.mass_g),
        primary_data_g=_part(known_g, state.primary_data_g, state.co2e_g),
        melted_g=_part(TONNE_G, state.melted_g, state.mass_g),
        claimed_g=_part(TONNE_G, state.claimed_g, state.mass_g),
    )


def _stepped(vector: Vector, step: int) -> Vector:
    return {name: part * step for name, part in scaled(vector, STEPS).items()}


def _for_a_tonne(grams: int, mass_g: int) -> int:
    """Return grams of a burden for one tonne, to the nearest step."""
    return (2 * grams * STEPS + mass_g) // (2 * mass_g) * STEP_G


def _part(total: int, part: int, whole: int) -> int:
    """Return the same part of another total, to the nearest step of 1/10,000; all stays all."""
    return total * ((2 * part * STEPS + whole) // (2 * whole)) // STEPS if whole else 0
