"""The forms of charge planning: per cent and CNY as typed, ppm and fen as kept."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from remelt.platform.works.charge_plans import Ask, Wanted
from remelt.platform.works.gathering import Haul
from remelt.platform.works.recipes import SYSTEM_BETWEEN, MaterialSheet, RecipeSheet
from remelt.web.fields import (
    MEGATONNE_G,
    Percent,
    PositiveKg,
    Text,
    Tick,
    Words,
    YuanPerT,
    decimal,
    plain,
)
from remelt.web.forms import Form
from remelt.web.works_forms import Pair, PercentOrNone

SHARE = decimal(scale=4, limit=1_000_000)
GRAMS = decimal(scale=3, limit=MEGATONNE_G)
PRICE = decimal(scale=2, limit=10**10)


def _ppm_or_none(text: object) -> int | None:
    return SHARE(text) if plain(text) else None


def _fen_or_none(text: object) -> int | None:
    return PRICE(text) if plain(text) else None


Ppm = Annotated[int, BeforeValidator(SHARE)]
"""Per cent with up to four decimals -> ppm."""
PpmOrNone = Annotated[int | None, BeforeValidator(_ppm_or_none)]
FenOrNone = Annotated[Annotated[int, Field(gt=0)] | None, BeforeValidator(_fen_or_none)]
Element = Annotated[Words, Field(pattern="^[A-Z][a-z]?$")]
KgPerT = Annotated[
    int | None,
    BeforeValidator(
        lambda text: decimal(scale=3, limit=MEGATONNE_G)(text) if plain(text) else None
    ),
]
"""kg CO2e per tonne -> g per tonne; empty is None."""


class WantedForm(Form):
    """One charge that is wanted."""

    recipe: Words = Field(max_length=14)
    furnace: Words = Field(max_length=14)
    metal_kg: PositiveKg


class ChargesForm(Form):
    """What a plan is asked for."""

    site: Words = Field(max_length=14)
    charges: list[WantedForm] = Field(default=[], max_length=12)
    carbon_yuan_per_t: YuanPerT
    fall_yuan_per_t: YuanPerT
    freight_yuan_per_tkm: Annotated[int, BeforeValidator(decimal(scale=2, limit=10**6))]
    factor: Text = Field(default="", max_length=60)
    usual_yield_pct: Annotated[Percent, Field(gt=0)]
    market: Tick = False
    whole: Tick = False
    recover_vat: Tick = False

    def ask(self) -> Ask:
        """Return it as the works take it."""
        return Ask(
            wanted=[
                Wanted(recipe_code=x.recipe, furnace_code=x.furnace, metal_g=x.metal_kg)
                for x in self.charges
            ],
            carbon_fen_per_t=self.carbon_yuan_per_t,
            fall_fen_per_t=self.fall_yuan_per_t,
            haul=Haul(
                fen_per_tkm=self.freight_yuan_per_tkm,
                factor_id=self.factor or None,
                recover_vat=self.recover_vat,
                usual_yield_bp=self.usual_yield_pct,
            ),
            market=self.market,
            whole=self.whole,
        )


class LimitForm(Form):
    """A narrower limit of one element."""

    element: Element
    min_pct: PpmOrNone = None
    max_pct: PpmOrNone = None


class KeptForm(Form):
    """What the melt keeps of an element."""

    element: Element
    kept_pct: PercentOrNone = None


class RecipeForm(Form):
    """How an alloy is made."""

    name: Words = Field(max_length=60)
    alloy: Pair
    margin_sd: Annotated[int, BeforeValidator(decimal(scale=2, limit=500))]
    worst_index: Annotated[Words, Field(pattern="^[0-4]$")]
    limits: list[LimitForm] = Field(default=[], max_length=20)
    kept: list[KeptForm] = Field(default=[], max_length=20)

    def sheet(self) -> RecipeSheet:
        """Return it in ppm and hundredths of a deviation."""
        standard, alloy = self.alloy or ("", "")
        return RecipeSheet(
            name=self.name,
            alloy=alloy,
            standard=standard,
            limits={x.element: (x.min_pct, x.max_pct) for x in self.limits},
            recovery_bp={x.element: x.kept_pct for x in self.kept if x.kept_pct is not None},
            margin_centi=self.margin_sd,
            worst_index=int(self.worst_index),
        )


class ContentForm(Form):
    """One element of a material."""

    element: Element
    mean_pct: Ppm
    sd_pct: PpmOrNone = None


class MaterialForm(Form):
    """What a grade of scrap or a bought metal brings."""

    kind: Words = Field(pattern="^(grade|bought)$")
    grade: Pair = None
    name: Text = Field(default="", max_length=60)
    element: Text = Field(default="", pattern="^([A-Z][a-z]?)?$")
    contents: list[ContentForm] = Field(default=[], max_length=20)
    yield_pct: Annotated[int, BeforeValidator(decimal(scale=2, limit=10_000)), Field(gt=0)]
    price_yuan_per_t: FenOrNone = None
    co2e_kg_per_t: KgPerT = None

    def sheet(self) -> MaterialSheet:
        """Return it in ppm and fen."""
        grade = SYSTEM_BETWEEN.join(self.grade or ("", ""))
        return MaterialSheet(
            kind=self.kind,
            name=grade if self.kind == "grade" else self.name,
            contents={x.element: (x.mean_pct, x.sd_pct or 0) for x in self.contents},
            yield_bp=self.yield_pct,
            element="" if self.kind == "grade" else self.element,
            price_fen_per_t=self.price_yuan_per_t,
            co2e_g_per_t=self.co2e_kg_per_t,
        )
