"""What the form of a need begins with: a smelter's recipe, and where refusals are shown."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel.errors import Refusal
from remelt.platform.parties.actors import Actor
from remelt.platform.works.alloy_classes import alloy_classes, of_alloy
from remelt.platform.works.recipes import recipe, recipes
from remelt.traceability.rules.grades import RANKS, downgrade

FIELDS = {
    "mass_g": "mass_t",
    "least_lot_g": "least_lot_t",
    "most_fen_per_t": "price_yuan_per_t",
    "vat_rate_bp": "vat_percent",
    "most_distance_m": "most_km",
    "most_co2e_g_per_t": "most_co2e_kg_per_t",
    "ends_at": "open_days",
}
MOST_GRADES = 40


def recipe_choices(session: Session, who: Actor) -> list[tuple[str, str]]:
    """Return the recipes that a need may begin with: code and name."""
    if not who.may("works.melt"):
        return []
    return [(row.code, row.name) for row in recipes(session, organisation_id=who.organisation_id)]


def from_recipe(session: Session, who: Actor, *, code: str) -> dict[str, str]:
    """Return the form's values for a recipe: its metal, and the grades that may enter it.

    Those are the grades of the metal whose alloy class falls no deeper in the alloy than the
    recipe lets in; cast scrap is not suggested for a wrought alloy, whose limits it breaks.
    Raises `NoSuchRecipe`.
    """
    if not who.may("works.melt"):
        return {}
    row = recipe(session, code=code, organisation_id=who.organisation_id)
    alloy = next(
        each
        for each in catalogue.alloys(session)
        if (each.standard, each.alloy) == (row.standard, row.alloy)
    )
    goal = of_alloy(alloy)
    rows = catalogue.grades(session, metal=alloy.base_metal)
    known = alloy_classes(session, ((each.system, each.code) for each in rows))
    falls = {name: downgrade(had, goal) for name, had in known.items() if _falls(had, goal)}
    kept = [name for name, fall in falls.items() if fall is not None and fall <= row.worst_index]
    kept.sort(key=lambda name: (falls[name], name[0] != "CN-trade", name))
    values = {"metal": alloy.base_metal, "purpose": f"{row.name} · {row.alloy}"}
    for number, (system, grade) in enumerate(kept[:MOST_GRADES]):
        values[f"grades-{number}-grade"] = f"{system}|{grade}"
    return values


def _falls(had: str, goal: str) -> bool:
    """Tell whether a class is of the goal's family or of a higher one."""
    before, after = (RANKS.get(each.partition(":")[0]) for each in (had, goal))
    return before is not None and after is not None and before <= after


@contextmanager
def as_typed() -> Iterator[None]:
    """Let a refusal of a need name the field that the person typed into."""
    try:
        yield
    except Refusal as refused:
        if refused.field in FIELDS:
            refused.facts["field"] = FIELDS[refused.field]
        raise
