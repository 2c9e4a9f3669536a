"""The account of one heat as it is believed: each element, origin and burden, in and out. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from remelt.traceability.corrections.workings import Working
from remelt.traceability.rules.pots import added, nonmetal
from remelt.traceability.rules.states import State, merged

Account = dict[str, dict[str, list[int]]]
COLUMNS = ("charged", "added", "cast", "dross", "heel", "lost")


def account_of(heat: Working) -> Account:
    """Return the account of a heat, corrections of what it took in included."""
    facts, made = heat.facts, heat.made()
    return account(
        came=merged(heat.taken()),
        addition=additions_state(
            [(each["mass_g"], each["elements_bp"]) for each in facts["additions"]],
            flux_g=facts["flux_g"],
            oxygen_g=facts["oxygen_g"],
        ),
        cast=[state for role, state in made if role not in {"dross", "heel"}],
        dross=merged(state for role, state in made if role == "dross"),
        heel=merged(state for role, state in made if role == "heel"),
    )


def account(
    *, came: State, addition: State, cast: Sequence[State], dross: State, heel: State
) -> Account:
    """Return per element (mg), origin (g) and stage (gCO2e) what came, was added and went where.

    Each line is [charged with the heel, added with flux and oxygen, cast, dross, closing heel,
    lost]; lost holds the named losses and the difference, so every line adds up.
    """
    products = merged(cast)
    return {
        "elements": _lines(
            came.elements, addition.elements, products.elements, dross.elements, heel.elements
        ),
        "classes": _lines(
            came.classes, addition.classes, products.classes, dross.classes, heel.classes
        ),
        "co2e": _burdens(came, products, heel),
    }


def additions_state(
    lines: Iterable[tuple[int, Mapping[str, int]]], *, flux_g: int, oxygen_g: int
) -> State:
    """Return the state of everything that entered without being a lot.

    lines: (mass_g, element -> content in 1/10,000) of each addition.
    """
    metal = [added(mass_g=mass_g, elements_bp=dict(content)) for mass_g, content in lines]
    return merged([*metal, nonmetal(flux_g=flux_g, oxygen_g=oxygen_g)])


def _lines(*columns: Mapping[str, int]) -> dict[str, list[int]]:
    names = sorted({name for column in columns for name, amount in column.items() if amount})
    lines = {}
    for name in names:
        came, added_, cast, dross, heel = (column.get(name, 0) for column in columns)
        lines[name] = [came, added_, cast, dross, heel, came + added_ - cast - dross - heel]
    return lines


def _burdens(came: State, products: State, heel: State) -> dict[str, list[int]]:
    """Burdens of the process are what left above what came; dross and losses carry none."""
    stages = sorted({*came.co2e, *products.co2e, *heel.co2e})
    lines = {}
    for stage in stages:
        before = came.co2e.get(stage, 0)
        cast, kept = products.co2e.get(stage, 0), heel.co2e.get(stage, 0)
        lines[stage] = [before, cast + kept - before, cast, 0, kept, 0]
    return lines
