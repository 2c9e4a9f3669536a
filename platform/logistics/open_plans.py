"""Rounds for whoever brings a problem of their own: a file in, a plan out, nothing kept of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, Final

import orjson
from sqlmodel import Session

from remelt.platform.kernel import jobs
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.runner import Report
from remelt.platform.logistics.errors import (
    BadProblemAsked,
    NoSuchPlan,
    PlanFailed,
)
from remelt.platform.logistics.solving import EXPLAIN_S, ROADS_SHARE, result_of
from remelt.routing.book import Book, Engine
from remelt.routing.datum import County
from remelt.routing.field import globe
from remelt.routing.formats import tracks, vroom_out
from remelt.routing.formats.reading import Asked, read_asked
from remelt.routing.hands import Hands
from remelt.routing.matrix import ANYWHERE, Place
from remelt.routing.problem import BadProblem, Routes
from remelt.routing.rounds import Plan, explained, plan

JOB_KIND: Final = "routes.solve"
FORMAT: Final = "remelt/plan@1"
SHAPES: Final = ("json", "vroom", "geojson", "gpx", "csv")
DRAWN: Final = frozenset({"geojson", "gpx"})
MEDIA: Final = {
    "json": "application/json",
    "vroom": "application/json",
    "geojson": "application/geo+json",
    "gpx": "application/gpx+xml",
    "csv": "text/csv; charset=utf-8",
}
DEADLINE_S: Final = 5
MOST_DEADLINE_S: Final = 300
SMALL_STOPS: Final = 200
SMALL_DEADLINE_S: Final = 5


@dataclass(frozen=True, slots=True)
class How:
    """How a plan is searched. effort: how many solutions are looked at, else by the clock."""

    deadline_s: float
    seed: int = 1
    effort: int | None = None
    processes: int = 2


@dataclass(frozen=True, slots=True)
class Answered:
    """A plan in the shape that was asked for, and how many stops it leaves out."""

    text: str
    rounds: int
    served: int
    left_out: int


def read(text: str, *, counties: Sequence[County] = (), shape: str = "json") -> Asked:
    """Return the problem in a text. Raises `BadProblemAsked`, also where it cannot be drawn."""
    try:
        asked = read_asked(text, counties=counties)
        if shape in DRAWN:
            check_drawable(asked)
    except BadProblem as refused:
        raise BadProblemAsked(refused.code, subject=refused.subject[:80]) from refused
    return asked


def check_drawable(asked: Asked) -> None:
    """Refuse to draw places without a position. Raises `BadProblem` before anything is solved."""
    keys = asked.problem.matrix.keys
    lost = [key for key in keys if key not in asked.points and key != ANYWHERE]
    if lost:
        raise BadProblem("no-positions", lost[0])


def on_roads(asked: Asked, engine: Engine | None, *, until: float) -> Asked:
    """Return the problem on the operator's roads, where its distances are only estimates.

    A problem that brings distances of its own keeps them.
    """
    told = asked.told
    own = bool({"matrix", "pairs", "matrices"} & told.keys()) or not told
    if engine is None or own or any(key not in asked.points for key in asked.problem.matrix.keys):
        return asked
    places = [Place(key, *asked.points[key]) for key in asked.problem.matrix.keys]
    roads = Book(globe(places), engine, until)
    return replace(asked, problem=replace(asked.problem, matrix=roads))


def solve(
    asked: Asked,
    *,
    how: How,
    shape: str,
    tell: Callable[[int, str, Routes], None] | None = None,
    stopped: Callable[[], bool] | None = None,
    hands: Hands | None = None,
) -> Answered:
    """Return the best plan found, in one of `SHAPES`, every stop left out with its reason.

    What ten more seconds do not examine says so: `unexamined`.
    """
    began = monotonic()
    found = plan(
        asked.problem,
        seed=how.seed,
        deadline_s=how.deadline_s,
        effort=how.effort,
        report=tell,
        stopped=stopped,
        processes=how.processes,
        hands=hands,
    )
    found = explained(asked.problem, found, until=monotonic() + EXPLAIN_S)
    text = write(asked, found, shape=shape, solving_ms=round((monotonic() - began) * 1000))
    count, left = len(asked.problem.stops), len(found.verdict.unserved)
    return Answered(text, len(found.verdict.rounds), count - left, left)


def write(asked: Asked, found: Plan, *, shape: str, solving_ms: int) -> str:
    """Return a plan as text in one of `SHAPES`."""
    if shape == "gpx":
        return tracks.to_gpx(tracks.tracks_of(asked, found))
    if shape == "csv":
        return tracks.to_csv(tracks.tracks_of(asked, found))
    if shape == "geojson":
        return _json(tracks.to_geojson(tracks.tracks_of(asked, found)))
    if shape == "vroom":
        return _json(vroom_out.write(asked, found, solving_ms=solving_ms))
    places = {key: [lat / 1e6, lon / 1e6] for key, (lat, lon) in asked.points.items()}
    return _json({"format": FORMAT, **result_of(asked.problem, found), "places": places})


def solve_text(
    payload: dict[str, Any],
    report: Report,
    *,
    hands: Hands | None = None,
    processes: int = 2,
    engine: Engine | None = None,
) -> dict[str, Any]:
    """Solve a payload of `payload_of`: the work of a child process."""
    until = monotonic() + ROADS_SHARE * payload["how"]["deadline_s"]
    asked = on_roads(read_asked(payload["text"]), engine, until=until)

    def tell(progress: int, note: str, _routes: Routes) -> None:
        report(progress, note)

    how = How(**payload["how"], processes=processes)
    found = solve(asked, how=how, shape=payload["shape"], tell=tell, hands=hands)
    return {
        "text": found.text,
        "rounds": found.rounds,
        "served": found.served,
        "left_out": found.left_out,
    }


def payload_of(text: str, *, how: How, shape: str) -> dict[str, Any]:
    """Return what `solve_text` takes."""
    told = {"deadline_s": how.deadline_s, "seed": how.seed, "effort": how.effort}
    return {"text": text, "shape": shape, "how": told}


def small(asked: Asked, how: How) -> bool:
    """Tell whether the answer can be waited for."""
    return len(asked.problem.stops) <= SMALL_STOPS and how.deadline_s <= SMALL_DEADLINE_S


def request(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    payload: Mapping[str, Any],
) -> jobs.Job:
    """Queue a problem that was read; its job is all that is kept, for a week."""
    return jobs.enqueue(
        session,
        code=new_code(),
        kind=JOB_KIND,
        payload={**payload, "organisation_id": organisation_id},
        clock=clock,
        owner_id=person_id,
        max_attempts=2,
    )


def asked_for(session: Session, *, code: str, organisation_id: int) -> jobs.Job:
    """Return the organisation's request of this code. Raises `NoSuchPlan` or `PlanFailed`."""
    try:
        job = jobs.job_by_code(session, code)
    except jobs.NoSuchJob as reason:
        raise NoSuchPlan(plan=code[:20]) from reason
    if job.kind != JOB_KIND or job.payload.get("organisation_id") != organisation_id:
        raise NoSuchPlan(plan=code[:20])
    if job.state == "failed":
        raise PlanFailed(plan=job.code)
    return job


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()
