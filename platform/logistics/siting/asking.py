"""A scenario is asked for here; a solver's job answers it, and the answer is kept."""

from dataclasses import asdict
from typing import Any, Final

from sqlmodel import Session, col, func, select

from remelt.platform.kernel import jobs
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.logistics.siting.errors import BadScenario, NoSuchScenario, TooManyScenarios
from remelt.platform.logistics.siting.models import SitingScenario
from remelt.platform.logistics.siting.province import Wish, example
from remelt.platform.logistics.siting.solving import read_scenario

JOB_KIND: Final = "logistics.site"
DEADLINE_S: Final = 30
MOST_DEADLINE_S: Final = 300
MOST_WAITING: Final = 8
INPUTS: Final = frozenset(
    {
        "places",
        "metres",
        "zones",
        "candidates",
        "smelters",
        "inbound",
        "outbound",
        "terms",
        "buffers",
        "neighbours",
        "names",
    }
)


def ask_example(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    name: str,
    province: str,
    wish: Wish,
    deadline_s: int = DEADLINE_S,
) -> SitingScenario:
    """Have the province's counties sited as wished. Raises as `ask` does, or `NoEstimate`."""
    return _keep(
        session,
        clock=clock,
        organisation_id=organisation_id,
        person_id=person_id,
        name=name,
        inputs=example(session, province=province, wish=wish),
        wish=asdict(wish),
        how={"deadline_s": deadline_s, "seed": 1},
    )


def ask(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    name: str,
    inputs: dict[str, Any],
    deadline_s: int = DEADLINE_S,
    seed: int = 1,
) -> SitingScenario:
    """Keep a scenario and queue the job that solves it.

    deadline_s: 1 to 300 s of solving. `names` may give keys a name in `zh` and `en`. Raises
    `BadScenario` for inputs that contradict themselves, and `TooManyScenarios` while eight of the
    organisation wait.
    """
    return _keep(
        session,
        clock=clock,
        organisation_id=organisation_id,
        person_id=person_id,
        name=name,
        inputs={key: value for key, value in inputs.items() if key in INPUTS},
        wish={},
        how={"deadline_s": max(1, min(deadline_s, MOST_DEADLINE_S)), "seed": seed},
    )


def _keep(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    name: str,
    inputs: dict[str, Any],
    wish: dict[str, Any],
    how: dict[str, int],
) -> SitingScenario:
    read_scenario(inputs)
    _check_names(inputs.get("names", {}))
    _check_waiting(session, organisation_id=organisation_id)
    code = new_code()
    job = jobs.enqueue(
        session,
        code=new_code(),
        kind=JOB_KIND,
        payload={"scenario": code, "inputs": inputs} | how,
        clock=clock,
        owner_id=person_id,
        max_attempts=2,
    )
    row = SitingScenario(
        code=code,
        job_code=job.code,
        organisation_id=organisation_id,
        name=name.strip()[:80] or code,
        wish=wish,
        inputs=inputs,
        asked_by=person_id,
        asked_at=clock.now(session),
    )
    session.add(row)
    session.flush()
    return row


def _check_names(names: Any) -> None:
    """Refuse names that are none. Touches no database."""
    if not isinstance(names, dict) or not all(
        isinstance(given, dict) and all(isinstance(name, str) for name in given.values())
        for given in names.values()
    ):
        remedy = "write key: {zh: ..., en: ...}"
        raise BadScenario(subject="names", rule="texts by key and language", remedy=remedy)


def _check_waiting(session: Session, *, organisation_id: int) -> None:
    going = select(jobs.Job.code).where(
        jobs.Job.kind == JOB_KIND, col(jobs.Job.state).in_(("waiting", "running"))
    )
    waiting = session.exec(
        select(func.count(col(SitingScenario.id))).where(
            SitingScenario.organisation_id == organisation_id,
            col(SitingScenario.ended_at).is_(None),
            col(SitingScenario.job_code).in_(going),
        )
    ).one()
    if waiting >= MOST_WAITING:
        raise TooManyScenarios(waiting=waiting)


def keep_sites(
    session: Session, payload: dict[str, Any], result: dict[str, Any], *, clock: Clock
) -> None:
    """Keep what the solver found: the end of its job."""
    row = by_code(session, code=payload["scenario"], lock=True)
    row.ended_at = clock.now(session)
    row.answer, row.obstacles = result["answer"], result["obstacles"]
    row.barred = result["barred"]


def by_code(session: Session, *, code: str, lock: bool = False) -> SitingScenario:
    """Return the scenario of this code. Raises `NoSuchScenario`."""
    statement = select(SitingScenario).where(SitingScenario.code == code)
    found = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NoSuchScenario(scenario=code[:20])
    return found
