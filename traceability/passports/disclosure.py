"""How much of a lot's mass anybody may know. Pure.

Masses of purchases are private: of a lot that is scrap still the public learns a class of mass, and
every figure as if the lot weighed one tonne: shares in whole per cent, of lots under one tonne in
tenths. Metal that a furnace of this ledger has melted is a product, and its mass is told as it
is.

Why so coarse: scales weigh in divisions, and shares of a lot are shares of whole divisions. Of n
divisions in k parts, any shares in steps of 1/s can be said once n > 2 s (k - 1) / k: parts of the
largest remainder lie within (k - 1) / k of a division of what is told, which is then less than half
a step. So every lot of 20 to 49 divisions of 20 kg, and every one of 200 and more, could stand
behind the shares of its class. Origins, areas and elements are told together, which narrows it
again: that ten masses at least remain is counted by the tests.
"""

from dataclasses import dataclass

from remelt.traceability.rules.allot import Vector, scaled
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.states import MG_PER_G, State

PRODUCT = "product"
TONNE_G = 1_000_000
STEPS, STEPS_BELOW_A_TONNE = 100, 10
BURDEN_STEPS = 1_000
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

    Burdens are told in whole kg for a tonne: nobody outside knows their grams. The sums stay exact.

    >>> public(State(mass_g=3_000_000, classes={"post_consumer": 2, "unknown": 1})).classes
    {'post_consumer': 670000, 'unknown': 330000}
    """
    if is_product(state, role=role):
        return state
    co2e = {stage: _for_a_tonne(grams, state.mass_g) for stage, grams in state.co2e.items()}
    known_g = sum(co2e.values())
    steps = STEPS if state.mass_g >= TONNE_G else STEPS_BELOW_A_TONNE
    return but(
        state,
        mass_g=TONNE_G,
        classes=_stepped(state.classes, steps),
        elements=_stepped(state.elements, steps, unit=MG_PER_G),
        track=_stepped(state.track, steps),
        co2e=co2e,
        scrap_burden_g=_for_a_tonne(state.scrap_burden_g, state.mass_g),
        market_g=_for_a_tonne(state.market_g, state.mass_g),
        primary_data_g=_part(known_g, state.primary_data_g, state.co2e_g, steps),
        melted_g=_part(TONNE_G, state.melted_g, state.mass_g, steps),
        claimed_g=_part(TONNE_G, state.claimed_g, state.mass_g, steps),
    )


def share_for_a_tonne(part_g: int, mass_g: int) -> int:
    """Return the same share of one tonne as `part_g` is of a lot that is no product."""
    return _part(TONNE_G, part_g, mass_g, STEPS if mass_g >= TONNE_G else STEPS_BELOW_A_TONNE)


def _stepped(vector: Vector, steps: int, *, unit: int = 1) -> Vector:
    step = TONNE_G * unit // steps
    return {name: part * step for name, part in scaled(vector, steps).items()}


def _for_a_tonne(grams: int, mass_g: int) -> int:
    """Return grams of a burden for one tonne, to the nearest kilogram."""
    return (2 * grams * BURDEN_STEPS + mass_g) // (2 * mass_g) * (TONNE_G // BURDEN_STEPS)


def _part(total: int, part: int, whole: int, steps: int) -> int:
    """Return the same part of another total, to the nearest step; all stays all."""
    return total * ((2 * part * steps + whole) // (2 * whole)) // steps if whole else 0
