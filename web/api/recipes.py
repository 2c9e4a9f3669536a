"""Recipes and materials for programs: said, said anew under their name, dropped."""

from datetime import datetime
from typing import Annotated, Literal, Self

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.works import recipes
from remelt.platform.works.charge_models import Material, Recipe
from remelt.platform.works.recipes import MaterialSheet, RecipeSheet
from remelt.web.api.base import api_blueprint, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut

bp = api_blueprint("recipes", tag="Works")
Ppm = Annotated[int, Field(ge=0, le=1_000_000)]
Element = Annotated[str, Field(pattern="^[A-Z][a-z]?$")]
Share = Annotated[int, Field(ge=1, le=10_000)]


class RecipeLimitIn(ApiIn):
    """A narrower limit in ppm; null leaves the catalogue's."""

    min_ppm: Ppm | None = None
    max_ppm: Ppm | None = None


class RecipeIn(ApiIn):
    """How an alloy is made; under a name that stands, it is said anew."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    alloy: Annotated[str, Field(min_length=1, max_length=40)]
    standard: Annotated[str, Field(min_length=1, max_length=100)]
    limits: Annotated[dict[Element, RecipeLimitIn], Field(max_length=20)] = Field(
        default_factory=dict
    )
    recovery_bp: Annotated[dict[Element, Share], Field(max_length=20)] = Field(default_factory=dict)
    margin_centi: Annotated[int, Field(ge=0, le=500)] = 100
    worst_index: Annotated[int, Field(ge=0, le=4)] = 3

    def sheet(self) -> RecipeSheet:
        """Return it as the works take it."""
        said = self.model_dump(exclude={"limits"})
        return RecipeSheet(
            **said, limits={k: (v.min_ppm, v.max_ppm) for k, v in self.limits.items()}
        )


class RecipeOut(ApiOut):
    """A recipe in use. limits: element to least and most in ppm."""

    code: str
    name: str
    alloy: str
    standard: str
    limits: dict[str, list[int | None]]
    recovery_bp: dict[str, int]
    margin_centi: int
    worst_index: int
    at: datetime

    @classmethod
    def of(cls, row: Recipe) -> Self:
        """Return a recipe."""
        return cls.model_validate(row)


class RecipesOut(ApiOut):
    """The recipes in use, by name."""

    items: list[RecipeOut]


class ContentIn(ApiIn):
    """An element in the metal: mean and standard deviation in ppm."""

    mean_ppm: Ppm
    sd_ppm: Ppm = 0


class MaterialIn(ApiIn):
    """What a grade (name: `system|code`) or a bought metal brings, as the smelter knows it."""

    kind: Literal["grade", "bought"]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    element: Annotated[str, Field(pattern="^([A-Z][a-z]?)?$")] = ""
    contents: Annotated[dict[Element, ContentIn], Field(max_length=20)] = Field(
        default_factory=dict
    )
    yield_bp: Share
    price_fen_per_t: Annotated[int, Field(ge=1, le=10**10)] | None = None
    co2e_g_per_t: Annotated[int, Field(ge=0, le=10**9)] | None = None

    def sheet(self) -> MaterialSheet:
        """Return it as the works take it."""
        said = self.model_dump(exclude={"contents"})
        held = {name: (one.mean_ppm, one.sd_ppm) for name, one in self.contents.items()}
        return MaterialSheet(**said, contents=held)


class MaterialOut(ApiOut):
    """A material in use. contents: element to mean and deviation in ppm."""

    code: str
    kind: str
    name: str
    element: str
    contents: dict[str, list[int]]
    yield_bp: int
    price_fen_per_t: int | None
    co2e_g_per_t: int | None
    at: datetime

    @classmethod
    def of(cls, row: Material) -> Self:
        """Return a material."""
        return cls.model_validate(row)


class MaterialsOut(ApiOut):
    """The materials in use, bought metal first, by name."""

    items: list[MaterialOut]


@bp.get("/recipes")
@needs("works.melt")
@bp.output(RecipesOut)
def get_recipes() -> RecipesOut:
    """List one's recipes in use."""
    with store().read() as session:
        return _recipes(session, require("works.melt").organisation_id)


@bp.post("/recipes")
@needs("works.melt")
@bp.input(RecipeIn, arg_name="data")
@bp.output(RecipeOut, status_code=201)
def post_recipe(data: RecipeIn) -> Response:
    """Write a recipe down, or say it anew under its name."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, RecipeOut]:
        made = recipes.set_recipe(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            sheet=data.sheet(),
        )
        return 201, RecipeOut.of(made)

    return once(who, act)


@bp.post("/recipes/<recipe>/drop")
@needs("works.melt")
@bp.output(RecipesOut)
def post_drop_recipe(recipe: str) -> Response:
    """Stop offering a recipe; plans made with it keep it."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, RecipesOut]:
        recipes.drop_recipe(
            session,
            clock=clock(),
            code=recipe,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        session.flush()
        return 200, _recipes(session, who.organisation_id)

    return once(who, act)


@bp.get("/materials")
@needs("works.melt")
@bp.output(MaterialsOut)
def get_materials() -> MaterialsOut:
    """List what one's materials bring."""
    with store().read() as session:
        return _materials(session, require("works.melt").organisation_id)


@bp.post("/materials")
@needs("works.melt")
@bp.input(MaterialIn, arg_name="data")
@bp.output(MaterialOut, status_code=201)
def post_material(data: MaterialIn) -> Response:
    """Write down what a material brings, or say it anew."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, MaterialOut]:
        made = recipes.set_material(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            sheet=data.sheet(),
        )
        return 201, MaterialOut.of(made)

    return once(who, act)


@bp.post("/materials/<material>/drop")
@needs("works.melt")
@bp.output(MaterialsOut)
def post_drop_material(material: str) -> Response:
    """Stop reckoning with a material."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, MaterialsOut]:
        recipes.drop_material(
            session,
            clock=clock(),
            code=material,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
        )
        session.flush()
        return 200, _materials(session, who.organisation_id)

    return once(who, act)


def _recipes(session: Session, organisation_id: int) -> RecipesOut:
    found = recipes.recipes(session, organisation_id=organisation_id)
    return RecipesOut(items=[RecipeOut.of(row) for row in found])


def _materials(session: Session, organisation_id: int) -> MaterialsOut:
    found = recipes.materials(session, organisation_id=organisation_id)
    return MaterialsOut(items=[MaterialOut.of(row) for row in found])
