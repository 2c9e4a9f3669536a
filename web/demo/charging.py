"""A smelter's recipes and materials, invented for the demonstration, and a plan made with them."""

from typing import Any, Final

from sqlmodel import Session

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.works.charge_plans import Ask, Wanted, request_charges
from remelt.platform.works.gathering import Haul
from remelt.platform.works.recipes import MaterialSheet, RecipeSheet, set_material, set_recipe
from remelt.web.demo.stage import OnStage

Limits = dict[str, tuple[int | None, int | None]]
RECIPES: Final[tuple[tuple[str, str, str, int, Limits], ...]] = (
    ("6063 圆棒", "6063", "AA / GB/T 3190", 1, {"Fe": (None, 3_000)}),
    ("AD12.1 铸锭", "AD12.1", "JIS H 2118 (ingot)", 4, {}),
)
BOUGHT: Final = (
    ("原铝 A00", "Al", {"Si": (600, 100), "Fe": (1_300, 200)}, 2_050_000, 15_100_000),
    ("工业硅", "Si", {"Si": (990_000, 0), "Fe": (4_000, 0)}, 1_250_000, None),
    ("镁锭", "Mg", {"Mg": (999_000, 0)}, 1_850_000, None),
    ("铁剂 75", "Fe", {"Fe": (750_000, 0)}, 1_400_000, None),
    ("电解铜", "Cu", {"Cu": (999_000, 0)}, 7_000_000, 4_100_000),
)
GRADES: Final[dict[str, tuple[int, int | None, dict[str, tuple[int, int]]]]] = {
    "Taint/Tabor": (9_100, 1_400_000, {"Si": (4_000, 900), "Fe": (5_000, 700), "Cu": (1_500, 500),
                                       "Mn": (6_000, 1_500), "Mg": (9_000, 2_000)}),
    "Tutu": (9_400, 1_540_000, {"Si": (4_600, 400), "Fe": (2_600, 300), "Cu": (700, 200),
                                "Mg": (5_400, 500), "Zn": (600, 200)}),
    "Tata": (9_700, 1_680_000, {"Si": (4_300, 150), "Fe": (1_900, 150), "Mg": (5_200, 200)}),
    "Tense": (9_000, 1_320_000, {"Si": (85_000, 9_000), "Fe": (9_000, 1_200),
                                 "Cu": (24_000, 4_000), "Mg": (2_500, 600), "Zn": (8_000, 2_000)}),
    "Troma": (9_500, 1_570_000, {"Si": (70_000, 2_000), "Fe": (1_800, 250), "Mg": (3_300, 300)}),
    "Taldon": (8_700, 1_270_000, {"Si": (2_800, 300), "Fe": (4_600, 400), "Mn": (9_500, 700),
                                  "Mg": (11_000, 900)}),
}  # fmt: skip
METAL_G: Final = 15_000_000


def learn(session: Session, *, clock: SimulatedClock, smelter: OnStage) -> list[str]:
    """Write a smelter's recipes and materials down; return the recipes' codes."""
    terms: dict[str, Any] = {
        "clock": clock,
        "organisation_id": smelter.organisation_id,
        "person_id": smelter.person_ids[0],
    }
    for name, element, contents, price, co2e in BOUGHT:
        sheet = MaterialSheet(
            kind="bought", name=name, element=element, contents=contents, yield_bp=9_800,
            price_fen_per_t=price, co2e_g_per_t=co2e,
        )  # fmt: skip
        set_material(session, sheet=sheet, **terms)
    for grade, (yield_bp, price_of, contents) in GRADES.items():
        sheet = MaterialSheet(
            kind="grade", name=f"ReMA|{grade}", contents=contents, yield_bp=yield_bp,
            price_fen_per_t=price_of,
        )  # fmt: skip
        set_material(session, sheet=sheet, **terms)
    made = []
    for name, alloy, standard, worst, limits in RECIPES:
        recipe = RecipeSheet(
            name=name, alloy=alloy, standard=standard, limits=limits, margin_centi=100,
            recovery_bp={"Mg": 9_500, "Zn": 9_800}, worst_index=worst,
        )  # fmt: skip
        made.append(set_recipe(session, sheet=recipe, **terms).code)
    return made


def ask(
    session: Session, *, clock: SimulatedClock, smelter: OnStage, furnace: str, recipes: list[str]
) -> None:
    """Have a charge of each recipe planned."""
    request_charges(
        session,
        clock=clock,
        organisation_id=smelter.organisation_id,
        site_id=smelter.site_id,
        person_id=smelter.person_ids[0],
        ask=Ask(
            wanted=[
                Wanted(recipe_code=code, furnace_code=furnace, metal_g=METAL_G) for code in recipes
            ],
            carbon_fen_per_t=9_000,
            fall_fen_per_t=20_000,
            haul=Haul(fen_per_tkm=50, factor_id="tkm_cn_diesel_18t"),
        ),
    )
