"""Charge planning for tests: a smelter that knows its recipes and materials."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.works.charge_models import ChargePlan, Material, Recipe
from remelt.platform.works.charge_plans import Ask, Wanted, request_charges
from remelt.platform.works.gathering import Haul
from remelt.platform.works.models import Furnace
from remelt.platform.works.recipes import MaterialSheet, RecipeSheet, set_material, set_recipe
from tests.parties import Party
from tests.works import ALLOY, a_furnace, a_lot

HAUL = Haul(fen_per_tkm=50)


def a_recipe(session: Session, *, clock: Clock, at: Party, **changes: Any) -> Recipe:
    """6063 with a margin of one deviation; the melt keeps 95 % of magnesium."""
    said: dict[str, Any] = {
        "name": "6063 棒",
        "limits": {"Fe": (None, 3_000)},
        "recovery_bp": {"Mg": 9_500},
        "margin_centi": 100,
        "worst_index": 3,
        **ALLOY,
    }
    return set_recipe(
        session,
        clock=clock,
        organisation_id=at.organisation.key,
        person_id=at.person.key,
        sheet=RecipeSheet(**(said | changes)),
    )


def a_material(session: Session, *, clock: Clock, at: Party, **changes: Any) -> Material:
    """Primary metal at 20,500 CNY/t."""
    said: dict[str, Any] = {
        "kind": "bought",
        "name": "原铝",
        "element": "Al",
        "contents": {"Si": (500, 0), "Fe": (1_000, 0)},
        "yield_bp": 9_900,
        "price_fen_per_t": 2_050_000,
        "co2e_g_per_t": 13_000_000,
    }
    return set_material(
        session,
        clock=clock,
        organisation_id=at.organisation.key,
        person_id=at.person.key,
        sheet=MaterialSheet(**(said | changes)),
    )


CANS_SAID: dict[str, Any] = {
    "kind": "grade",
    "name": "ReMA|Taldon",
    "element": "",
    "contents": {"Si": (3_000, 300), "Fe": (4_500, 400), "Mg": (11_000, 900), "Mn": (9_000, 700)},
    "yield_bp": 8_800,
    "price_fen_per_t": 1_300_000,
    "co2e_g_per_t": None,
}
SILICON: dict[str, Any] = {
    "name": "硅",
    "element": "Si",
    "contents": {"Si": (990_000, 0)},
    "price_fen_per_t": 1_300_000,
}
MAGNESIUM: dict[str, Any] = {
    "name": "镁",
    "element": "Mg",
    "contents": {"Mg": (998_000, 0)},
    "price_fen_per_t": 1_900_000,
}


@dataclass(frozen=True)
class Foundry:
    """A smelter ready to plan: a furnace, a recipe, and cans in stock that it knows."""

    party: Party
    furnace: Furnace
    recipe: Recipe

    def ask(self, **changes: Any) -> Ask:
        """Five tonnes of the recipe."""
        said: dict[str, Any] = {
            "wanted": [
                Wanted(
                    recipe_code=self.recipe.code,
                    furnace_code=self.furnace.code,
                    metal_g=5_000_000,
                )
            ],
            "haul": HAUL,
        }
        return Ask(**(said | changes))


def a_foundry(session: Session, *, clock: Clock, at: Party) -> Foundry:
    """Set a smelter up with everything that a plan of 6063 needs."""
    for said in ({}, CANS_SAID, SILICON, MAGNESIUM):
        a_material(session, clock=clock, at=at, **said)
    a_lot(session, clock=clock, at=at)
    return Foundry(
        party=at,
        furnace=a_furnace(session, clock=clock, at=at, name="配料炉"),
        recipe=a_recipe(session, clock=clock, at=at),
    )


def a_plan(session: Session, *, clock: Clock, foundry: Foundry, **changes: Any) -> ChargePlan:
    """Ask for a plan."""
    return request_charges(
        session,
        clock=clock,
        organisation_id=foundry.party.organisation.key,
        site_id=foundry.party.site.key,
        person_id=foundry.party.person.key,
        ask=foundry.ask(**changes),
    )


def charge_objects(world: Any, session: Session) -> None:
    """A recipe, a material and a plan asked for, of each smelter."""
    codes = []
    for party in (world.own["smelter"], world.other["smelter"]):
        foundry = a_foundry(session, clock=world.clock, at=party)
        metal = a_material(session, clock=world.clock, at=party, name="原铝二")
        plan = a_plan(session, clock=world.clock, foundry=foundry, market=False)
        codes.append((plan.code, foundry.recipe.code, metal.code))
    for i, name in enumerate(("charges.plan", "charges.recipe", "charges.material")):
        world.give(name, own=codes[0][i], other=codes[1][i])
    for i, name in enumerate(("recipe", "material"), start=1):
        world.give(f"api_recipes.{name}", own=codes[0][i], other=codes[1][i])
    world.give("api_charges.plan", own=codes[0][0], other=codes[1][0])
