"""Charge plans for programs: ask for one, read what came of it."""

from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from remelt.platform.parties import queries as parties
from remelt.platform.works import charge_queries
from remelt.platform.works.charge_plans import Ask, Wanted, request_charges
from remelt.platform.works.charge_queries import PlanView
from remelt.platform.works.gathering import Haul
from remelt.web.api.base import api_blueprint, once
from remelt.web.api.works_in import Code
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut

bp = api_blueprint("charges", tag="Works")
Fen = Annotated[int, Field(ge=0, le=10**10)]


class WantedIn(ApiIn):
    """One charge that is wanted: a recipe in a furnace, and grams of metal to come of it."""

    recipe: Code
    furnace: Code
    metal_g: Annotated[int, Field(gt=0, le=10**12)]


class ChargePlanIn(ApiIn):
    """What a plan is asked for; prices in fen per tonne, freight in fen per tonne-kilometre."""

    site: Code
    charges: Annotated[list[WantedIn], Field(min_length=1, max_length=12)]
    carbon_fen_per_t: Fen = 0
    fall_fen_per_t: Fen = 0
    freight_fen_per_tkm: Annotated[int, Field(ge=0, le=10**6)] = 0
    haul_factor: Annotated[str, Field(max_length=60)] = ""
    usual_yield_bp: Annotated[int, Field(gt=0, le=10_000)] = 9_000
    recover_vat: bool = True
    market: bool = True
    whole: bool = False

    def ask(self) -> Ask:
        """Return it as the works take it."""
        return Ask(
            wanted=[
                Wanted(recipe_code=x.recipe, furnace_code=x.furnace, metal_g=x.metal_g)
                for x in self.charges
            ],
            carbon_fen_per_t=self.carbon_fen_per_t,
            fall_fen_per_t=self.fall_fen_per_t,
            haul=Haul(
                fen_per_tkm=self.freight_fen_per_tkm,
                factor_id=self.haul_factor or None,
                recover_vat=self.recover_vat,
                usual_yield_bp=self.usual_yield_bp,
            ),
            market=self.market,
            whole=self.whole,
        )


class AdviceOut(ApiOut):
    """What a lot on offer is worth: fen per tonne in the listing's terms."""

    listing_code: str
    ask_fen_per_t: int
    bid_fen_per_t: int
    per_metal_fen_per_t: int
    taken_g: int
    how: str


class ChargePlanOut(ApiOut):
    """A plan: its state, and once done what to charge, the judge's figures, and the advice."""

    code: str
    state: str
    asked: dict[str, Any]
    result: dict[str, Any]
    advice: list[AdviceOut]

    @classmethod
    def of(cls, view: PlanView) -> "ChargePlanOut":
        """Return a plan as programs see it."""
        done = view.state == "done"
        found = charge_queries.advice(view.plan) if done else []
        result = {k: v for k, v in view.plan.result.items() if k != "worths"}
        return cls(
            code=view.plan.code,
            state=view.state,
            asked=view.plan.asked,
            result=result,
            advice=[
                AdviceOut(**{name: getattr(each, name) for name in AdviceOut.model_fields})
                for each in found
            ],
        )


@bp.post("/charge-plans")
@needs("works.melt")
@bp.input(ChargePlanIn, arg_name="data")
@bp.output(ChargePlanOut, status_code=201)
def post_plan(data: ChargePlanIn) -> Response:
    """Have charges planned; read the plan until its state is `done` or `lacking`."""
    who = require("works.melt")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        row = request_charges(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            site_id=site.key,
            person_id=who.person_id,
            ask=data.ask(),
        )
        view = charge_queries.plan_view(session, code=row.code, organisation_id=who.organisation_id)
        return 201, ChargePlanOut.of(view)

    return once(who, act)


@bp.get("/charge-plans/<plan>")
@bp.output(ChargePlanOut)
def get_plan(plan: str) -> ChargePlanOut:
    """Read a plan."""
    who = require("works.melt")
    with store().read() as session:
        return ChargePlanOut.of(
            charge_queries.plan_view(session, code=plan, organisation_id=who.organisation_id)
        )
