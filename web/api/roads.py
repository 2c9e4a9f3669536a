"""Roads that the dispatcher knows better than the map, for programs."""

from datetime import datetime
from typing import Annotated, Literal

from flask import Response, request
from pydantic import Field
from sqlmodel import Session
from werkzeug.exceptions import RequestEntityTooLarge

from remelt.platform.logistics import roads
from remelt.platform.logistics.road_files import MOST_BYTES, read_roads
from remelt.platform.logistics.roads import Fact, RoadLine
from remelt.web.api.base import api_blueprint, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut, ApiQuery

bp = api_blueprint("roads", tag="Logistics")
Code = Annotated[str, Field(max_length=14)]
Whole = Annotated[int, Field(ge=0, le=10**7)]


class RoadIn(ApiIn):
    """A word on a pair of sites: measured, a factor in per cent, closed, or as the map says."""

    from_site: Code
    to_site: Code
    kind: Literal["distance", "factor", "closed", "default"]
    distance_m: Whole | None = None
    duration_s: Whole | None = None
    detour_pct: Whole | None = None
    both_ways: bool = False


class RoadOut(ApiOut):
    """A word on a pair, and who said it when."""

    code: str
    from_site: str
    to_site: str
    kind: str
    distance_m: int | None
    duration_s: int | None
    detour_pct: int | None
    source: str
    edition: str
    set_at: datetime
    person: str


class RoadsOut(ApiOut):
    """Words on pairs, newest first."""

    items: list[RoadOut]


class AskedRoads(ApiQuery):
    """`past=1`: everything that was said, not only what holds."""

    past: bool = False


class FileAsked(ApiQuery):
    """What the file is called and which edition it is."""

    name: Annotated[str, Field(max_length=40)] = "file"
    edition: Annotated[str, Field(max_length=80)] = ""


class TakenOut(ApiOut):
    """How many pairs a file said."""

    pairs: int


@bp.get("/roads")
@needs("logistics.dispatch")
@bp.input(AskedRoads, location="query", arg_name="asked")
@bp.output(RoadsOut)
def get_roads(asked: AskedRoads) -> RoadsOut:
    """List what the organisation knows of roads."""
    who = require("logistics.dispatch")
    look = roads.history if asked.past else roads.in_force
    with store().read() as session:
        lines = look(session, organisation_id=who.organisation_id, limit=500)
        return RoadsOut(items=[_out(line) for line in lines])


@bp.post("/roads")
@needs("logistics.dispatch")
@bp.input(RoadIn, arg_name="data")
@bp.output(RoadsOut, status_code=201)
def post_road(data: RoadIn) -> Response:
    """Say what the road from one site to another is like."""
    who = require("logistics.dispatch")

    def act(session: Session) -> tuple[int, RoadsOut]:
        made = roads.set_road(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            from_site=data.from_site,
            to_site=data.to_site,
            fact=Fact(data.kind, data.distance_m, data.duration_s, data.detour_pct),
            both_ways=data.both_ways,
        )
        lines = roads.history(session, organisation_id=who.organisation_id, limit=len(made))
        return 201, RoadsOut(items=[_out(line) for line in lines])

    return once(who, act)


@bp.post("/roads/file")
@needs("logistics.dispatch")
@bp.input(FileAsked, location="query", arg_name="asked")
@bp.output(TakenOut, status_code=201)
def post_roads_file(asked: FileAsked) -> Response:
    """Take a CSV or JSON of distances in as the body, whole or not at all."""
    who = require("logistics.dispatch")
    request.max_content_length = MOST_BYTES + (request.content_length is None)
    body = request.get_data(cache=True)
    if len(body) > MOST_BYTES:
        raise RequestEntityTooLarge
    lines = read_roads(body)

    def act(session: Session) -> tuple[int, TakenOut]:
        count = roads.take_in(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            lines=lines,
            name=asked.name,
            edition=asked.edition,
        )
        return 201, TakenOut(pairs=count)

    return once(who, act)


def _out(line: RoadLine) -> RoadOut:
    told = line.road.model_dump(include=set(RoadOut.model_fields))
    ends = {"from_site": line.start.code, "to_site": line.end.code}
    return RoadOut.model_validate({**told, **ends, "person": line.person})
