"""Siting for programs: scenarios of one's own or of the province, their answers and exports."""

from typing import Annotated, Any

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.logistics.siting import queries
from remelt.platform.logistics.siting.asking import DEADLINE_S, MOST_DEADLINE_S, ask, ask_example
from remelt.platform.logistics.siting.errors import NotSolved
from remelt.platform.logistics.siting.exports import geojson
from remelt.platform.logistics.siting.models import SitingScenario
from remelt.platform.logistics.siting.province import Wish
from remelt.web.api.base import api_blueprint, once
from remelt.web.context import clock, needs, require, settings, store
from remelt.web.inputs import ApiIn, ApiOut

bp = api_blueprint("siting", tag="Siting")
Hubs = Annotated[int, Field(ge=1, le=1000)]
Fen = Annotated[int, Field(ge=0, le=10**15)]


class WishIn(ApiIn):
    """What is asked of the province's counties; None is no bound. Metres, fen, fen per tonne."""

    least_hubs: Annotated[int, Field(ge=0, le=1000)] = 0
    most_hubs: Hubs | None = None
    longest_m: Annotated[int, Field(ge=1, le=5_000_000)] | None = None
    budget_fen: Fen | None = None
    fen_per_t_co2e: Fen = 0
    left_fen_per_t: Fen | None = None
    one_hub: bool = False
    out_of_province: bool = True
    buys: bool = False
    buffer_m: Annotated[int, Field(ge=0, le=100_000)] = 500


class ScenarioIn(ApiIn):
    """A scenario: `inputs` of one's own (docs/siting.md), or a `wish` for the example."""

    name: Annotated[str, Field(max_length=80)] = ""
    inputs: dict[str, Any] | None = None
    wish: WishIn = WishIn()
    deadline_s: Annotated[int, Field(ge=1, le=MOST_DEADLINE_S)] = DEADLINE_S
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1


class ScenarioOut(ApiOut):
    """A scenario and how far it is.

    state: waiting, running, solved, impossible, out-of-time or failed.
    answer: hubs, flows, costs, bound; obstacles: why there is none; barred: places ruled out.
    """

    code: str
    name: str
    state: str
    progress: int
    answer: dict[str, Any] | None
    obstacles: list[dict[str, Any]] | None
    barred: list[dict[str, Any]] | None


class ScenariosOut(ApiOut):
    """Scenarios, the newest first."""

    items: list[ScenarioOut]


@bp.get("/siting")
@bp.output(ScenariosOut)
def get_scenarios() -> ScenariosOut:
    """List the scenarios of everybody who plans."""
    require("siting.plan")
    with store().read() as session:
        return ScenariosOut(items=[_out(view) for view in queries.scenarios(session)])


@bp.post("/siting")
@needs("siting.plan")
@bp.input(ScenarioIn, arg_name="data")
@bp.output(ScenarioOut, status_code=202)
def post_scenario(data: ScenarioIn) -> Response:
    """Keep a scenario and have it solved; ask for it until its state is no longer running."""
    who = require("siting.plan")

    def act(session: Session) -> tuple[int, ScenarioOut]:
        row = _asked(session, data, organisation_id=who.organisation_id, person_id=who.person_id)
        return 202, _out(queries.scenario(session, code=row.code))

    return once(who, act)


@bp.get("/siting/<scenario>")
@bp.output(ScenarioOut)
def get_scenario(scenario: str) -> ScenarioOut:
    """Return a scenario: how far it is, its answer, or what stands in the way."""
    require("siting.plan")
    with store().read() as session:
        return _out(queries.scenario(session, code=scenario))


@bp.get("/siting/<scenario>/geojson")
@bp.doc(summary="Hubs and flows as GeoJSON, WGS84")
def get_geojson(scenario: str) -> dict[str, Any]:
    """Return hubs as points and flows as lines."""
    require("siting.plan")
    with store().read() as session:
        view = queries.scenario(session, code=scenario)
    if view.state != "solved":
        raise NotSolved(scenario=view.row.code)
    return geojson(view.row)


def _asked(
    session: Session, data: ScenarioIn, *, organisation_id: int, person_id: int
) -> SitingScenario:
    if data.inputs is not None:
        return ask(
            session,
            clock=clock(),
            organisation_id=organisation_id,
            person_id=person_id,
            name=data.name,
            inputs=data.inputs,
            deadline_s=data.deadline_s,
            seed=data.seed,
        )
    return ask_example(
        session,
        clock=clock(),
        organisation_id=organisation_id,
        person_id=person_id,
        name=data.name,
        province=f"{settings().province}0000",
        wish=Wish(**data.wish.model_dump()),
        deadline_s=data.deadline_s,
    )


def _out(view: queries.ScenarioView) -> ScenarioOut:
    row = view.row
    return ScenarioOut(
        code=row.code,
        name=row.name,
        state=view.state,
        progress=view.job.progress,
        answer=row.answer,
        obstacles=row.obstacles,
        barred=row.barred,
    )
