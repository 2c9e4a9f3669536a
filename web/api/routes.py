"""Rounds for programs that bring a problem of their own: our JSON or VROOM's in, a plan out."""

from threading import BoundedSemaphore
from typing import Annotated, Any, Literal

from apiflask import APIBlueprint
from flask import Response, request, url_for
from pydantic import Field
from sqlmodel import Session
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from remelt.platform.kernel.runner import DeadlinePassed, run_in_child
from remelt.platform.logistics import open_plans, solver_work
from remelt.platform.logistics.errors import BadProblemAsked, PlanFailed
from remelt.platform.logistics.open_plans import DEADLINE_S, MEDIA, MOST_DEADLINE_S, How
from remelt.platform.logistics.places import counties_of
from remelt.platform.parties.actors import Actor
from remelt.web.api.base import once
from remelt.web.attempts import solve_limits
from remelt.web.auth import desk
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiOut, ApiQuery

MOST_BYTES = 16 * 2**20
AT_ONCE = 2
GRACE_S = 20
bp = APIBlueprint("api_routes", __name__, url_prefix="/api", tag="Routes")
_free = BoundedSemaphore(AT_ONCE)


class SolveAsked(ApiQuery):
    """How to solve: the shape of the answer, seconds, seed and effort; `wait=0` queues it."""

    shape: Annotated[Literal["json", "vroom", "geojson", "gpx", "csv"], Field(alias="as")] = "json"
    deadline_s: Annotated[int, Field(ge=1, le=MOST_DEADLINE_S)] = DEADLINE_S
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    effort: Annotated[int, Field(ge=1, le=10**9)] | None = None
    wait: bool = True


class QueuedOut(ApiOut):
    """A plan in the making: ask at `address` until it answers 200. progress: 0 to 1000."""

    code: str
    state: str
    progress: int
    note: str
    address: str


@bp.post("/v1/routes")
@bp.post("/routes")
@needs("logistics.dispatch")
@bp.input(SolveAsked, location="query", arg_name="asked")
@bp.doc(summary="Solve a problem in our JSON or VROOM's")
def post_routes(asked: SolveAsked) -> Response:
    """Answer with the plan (200) where the problem is small, else with where it will be (202)."""
    who = require("logistics.dispatch")
    text = _text()
    limits = solve_limits(organisation_code=who.organisation_code)
    desk().attempts.check(*limits)
    desk().attempts.hit(*limits)
    with store().read() as session:
        counties = counties_of(session)
    problem = open_plans.read(text, counties=counties, shape=asked.shape)
    if problem.dialect not in {"ours", "vroom"}:
        raise BadProblemAsked("unknown-format", subject=problem.dialect)
    how = How(asked.deadline_s, asked.seed, asked.effort)
    payload = open_plans.payload_of(text, how=how, shape=asked.shape)
    if asked.wait and open_plans.small(problem, how) and _free.acquire(blocking=False):
        try:
            return _now(payload, shape=asked.shape)
        finally:
            _free.release()
    return _later(who, payload)


@bp.get("/v1/routes/<plan>")
@bp.get("/routes/<plan>")
@bp.doc(summary="Fetch the plan of a problem that was queued")
def get_routes(plan: str) -> Response:
    """Answer with the plan (200), or how far it is (202)."""
    who = require("logistics.dispatch")
    with store().read() as session:
        job = open_plans.asked_for(session, code=plan, organisation_id=who.organisation_id)
    if job.state == "done" and job.result is not None:
        return _plan(job.result, shape=job.payload["shape"])
    queued = QueuedOut(
        code=job.code,
        state=job.state,
        progress=job.progress,
        note=job.note,
        address=url_for("api_routes.get_routes", plan=job.code),
    )
    response = Response(queued.model_dump_json(), status=202, mimetype="application/json")
    response.headers["Retry-After"] = "1"
    return response


def _text() -> str:
    """Return the body, up to the limit, whether its length was told before or not."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    request.max_content_length = MOST_BYTES + (request.content_length is None)
    body = request.get_data(cache=True)
    if len(body) > MOST_BYTES:
        raise RequestEntityTooLarge
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        raise BadProblemAsked("bad-file", subject="UTF-8") from reason


def _now(payload: dict[str, Any], *, shape: str) -> Response:
    deadline_s = payload["how"]["deadline_s"] + GRACE_S
    try:
        result = run_in_child(solver_work.solve_text, payload, deadline_s=deadline_s)
    except (DeadlinePassed, RuntimeError) as reason:
        raise PlanFailed(plan="") from reason
    return _plan(result, shape=shape)


def _later(who: Actor, payload: dict[str, Any]) -> Response:
    def act(session: Session) -> tuple[int, QueuedOut]:
        job = open_plans.request(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            payload=payload,
        )
        address = url_for("api_routes.get_routes", plan=job.code)
        return 202, QueuedOut(code=job.code, state=job.state, progress=0, note="", address=address)

    return once(who, act)


def _plan(result: dict[str, Any], *, shape: str) -> Response:
    response = Response(result["text"], content_type=MEDIA[shape])
    response.headers["X-Left-Out"] = str(result["left_out"])
    return response
