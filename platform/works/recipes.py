"""A smelter's recipes, and what it knows of its materials. Said anew, never edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import Session, col, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.queries import Alloy
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.works.charge_models import Material, Recipe
from remelt.platform.works.charging.problem import WHOLE_BP, WHOLE_PPM, Limit
from remelt.platform.works.errors import (
    AlloyIncomplete,
    BoughtIncomplete,
    ContentsBeyondWhole,
    LimitsCross,
    NoSuchMaterial,
    NoSuchRecipe,
)
from remelt.platform.works.primary import alloy_named

SYSTEM_BETWEEN = "|"
_TYPED = {"name": "name", "element": "element", "price": "price_yuan_per_t"}
Kept = TypeVar("Kept", Recipe, Material)
Contents = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class RecipeSheet:
    """A recipe as written down; limits: element -> least and most in ppm, either may be None."""

    name: str
    alloy: str
    standard: str
    limits: Mapping[str, tuple[int | None, int | None]]
    recovery_bp: Mapping[str, int]
    margin_centi: int
    worst_index: int


@dataclass(frozen=True, kw_only=True)
class MaterialSheet:
    """What a material brings, as written down; contents: element -> mean and deviation, ppm."""

    kind: str
    name: str
    contents: Contents
    yield_bp: int
    element: str = ""
    price_fen_per_t: int | None = None
    co2e_g_per_t: int | None = None


def set_recipe(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    sheet: RecipeSheet,
) -> Recipe:
    """Write a recipe down, or say it anew under its name.

    Its limits may only be narrower than the catalogue's. Raises `NoSuchAlloy`,
    `AlloyIncomplete` for one whose limits are not all at hand, `LimitsCross`.
    """
    alloy = alloy_named(session, alloy=sheet.alloy, standard=sheet.standard)
    if not alloy.complete:
        raise AlloyIncomplete(field="alloy", alloy=alloy.alloy)
    limits_of(alloy, sheet.limits)
    row = Recipe(
        code=new_code(),
        organisation_id=organisation_id,
        person_id=person_id,
        name=sheet.name,
        alloy=alloy.alloy,
        standard=alloy.standard,
        limits={name: list(pair) for name, pair in sheet.limits.items()},
        recovery_bp=dict(sheet.recovery_bp),
        margin_centi=sheet.margin_centi,
        worst_index=sheet.worst_index,
        at=clock.now(session),
    )
    session.add(row)
    session.flush()
    return row


def limits_of(alloy: Alloy, narrower: Mapping[str, Sequence[int | None]]) -> dict[str, Limit]:
    """Return an alloy's limits made narrower; what the catalogue limits stays limited.

    `others` of a standard are no element: metals that are not named are not limited here.
    Raises `LimitsCross` where nothing is left between least and most.
    """
    limits = {
        each.element: Limit(each.min_ppm, each.max_ppm)
        for each in alloy.limits
        if not each.element.startswith("others")
    }
    for name, (least, most) in narrower.items():
        known = limits.get(name, Limit())
        lows = [x for x in (least, known.min_ppm) if x is not None]
        highs = [x for x in (most, known.max_ppm) if x is not None]
        limits[name] = Limit(max(lows, default=None), min(highs, default=None))
    for name, limit in limits.items():
        if (limit.min_ppm or 0) > (WHOLE_PPM if limit.max_ppm is None else limit.max_ppm):
            raise LimitsCross(field="limits", element=name)
    return limits


def set_material(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    sheet: MaterialSheet,
) -> Material:
    """Write down what a grade or a bought metal brings, or say it anew.

    Raises `NoSuchGrade` for a grade that the catalogue does not know, `BoughtIncomplete`,
    `ContentsBeyondWhole`.
    """
    if sheet.kind == "grade":
        system, _between, grade = sheet.name.partition(SYSTEM_BETWEEN)
        catalogue.grade(session, system=system, code=grade)
    elif not (sheet.name.strip() and sheet.element and sheet.price_fen_per_t):
        lacking = "name" if not sheet.name.strip() else "element" if not sheet.element else "price"
        raise BoughtIncomplete(field=_TYPED[lacking], missing=lacking)
    if sum(mean for mean, _sd in sheet.contents.values()) > WHOLE_PPM:
        raise ContentsBeyondWhole(field="contents")
    row = Material(
        code=new_code(),
        organisation_id=organisation_id,
        person_id=person_id,
        kind=sheet.kind,
        name=sheet.name,
        element=sheet.element,
        contents={name: list(pair) for name, pair in sheet.contents.items()},
        yield_bp=min(sheet.yield_bp, WHOLE_BP),
        price_fen_per_t=sheet.price_fen_per_t,
        co2e_g_per_t=sheet.co2e_g_per_t,
        at=clock.now(session),
    )
    session.add(row)
    session.flush()
    return row


def drop_recipe(
    session: Session, *, clock: Clock, code: str, organisation_id: int, person_id: int
) -> None:
    """Stop offering a recipe; plans made with it keep it. Raises `NoSuchRecipe`."""
    row = recipe(session, code=code, organisation_id=organisation_id)
    session.add(_again(row, clock.now(session), person_id))


def drop_material(
    session: Session, *, clock: Clock, code: str, organisation_id: int, person_id: int
) -> None:
    """Stop reckoning with a material. Raises `NoSuchMaterial`."""
    row = material(session, code=code, organisation_id=organisation_id)
    session.add(_again(row, clock.now(session), person_id))


def _again(row: Kept, at: object, person_id: int) -> Kept:
    said = row.model_dump(exclude={"id"}) | {
        "code": new_code(), "dropped": True, "at": at, "person_id": person_id,
    }  # fmt: skip
    return type(row)(**said)


def recipes(session: Session, *, organisation_id: int) -> list[Recipe]:
    """Return the recipes in use, by name."""
    rows = session.exec(
        select(Recipe).where(Recipe.organisation_id == organisation_id).order_by(col(Recipe.id))
    )
    newest = {row.name: row for row in rows}
    return [newest[name] for name in sorted(newest) if not newest[name].dropped]


def recipe(session: Session, *, code: str, organisation_id: int) -> Recipe:
    """Return a recipe in use of one's organisation. Raises `NoSuchRecipe`."""
    for row in recipes(session, organisation_id=organisation_id):
        if row.code == code:
            return row
    raise NoSuchRecipe(recipe_code=code[:20])


def materials(session: Session, *, organisation_id: int) -> list[Material]:
    """Return the materials in use, bought metal first, by name."""
    rows = session.exec(
        select(Material)
        .where(Material.organisation_id == organisation_id)
        .order_by(col(Material.id))
    )
    newest = {(row.kind, row.name): row for row in rows}
    return [newest[key] for key in sorted(newest) if not newest[key].dropped]


def material(session: Session, *, code: str, organisation_id: int) -> Material:
    """Return a material in use of one's organisation. Raises `NoSuchMaterial`."""
    for row in materials(session, organisation_id=organisation_id):
        if row.code == code:
            return row
    raise NoSuchMaterial(material_code=code[:20])
