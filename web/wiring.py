"""Which action answers which event: the only place where the rooms meet."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from remelt.platform.kernel import jobs
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.jobs import Job
from remelt.platform.kernel.outbox import Answer, Event, Handlers
from remelt.platform.kernel.runner import Kind, Report
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.logistics import open_plans, solver_work
from remelt.platform.logistics.planning import JOB_KIND, MOST_DEADLINE_S
from remelt.platform.logistics.saving import keep_plan
from remelt.platform.logistics.siting import asking as siting
from remelt.platform.logistics.siting.solving import solve_sites
from remelt.platform.market.combined import deciding
from remelt.platform.market.combined.solving import solve_sale
from remelt.platform.market.ending import end_due
from remelt.platform.market.house import HOUSE, HouseRules
from remelt.platform.settlement.finals import settling
from remelt.platform.works import charge_plans
from remelt.platform.works.charge_solving import solve_charges
from remelt.traceability.corrections import restated
from remelt.traceability.ledger import seal
from remelt.web import (
    held,
    laid_down,
    natural,
    owed,
    paid,
    rails,
    returned,
    sold,
    told,
    told_awards,
    weighed,
)
from remelt.web.continuity import guard
from remelt.web.erasing import erase_whom_due
from remelt.web.erasing_files import destroy_ended
from remelt.web.publishing import publish
from remelt.web.told_awards import remind

CLOSE_DUE = "close-due"
PUBLISH = "publish-log"
ERASE_DUE = "erase-due"
DESTROY = "destroy-files"
DAY_S = 86_400
HOUR_S = 3_600


def new_store(
    url: str, *, clock: Clock, home: Path | None = None, house: HouseRules = HOUSE
) -> Store:
    """Return a store whose events reach every room.

    home: where the log is published; events are refused while the database does not continue it.
    house: the rules of this market.
    """
    seals = (seal,) if home is None else (guard(home), seal)
    return Store(url, handlers=handlers(clock, home=home, house=house), seals=seals)


def handlers(clock: Clock, *, home: Path | None = None, house: HouseRules = HOUSE) -> Handlers:
    """Return the answers to every event. home: where the key of keyed digests lies."""
    gathered: dict[type[Event], list[Answer]] = {}
    rooms = (sold, weighed, held, returned, laid_down, owed, paid, told_awards)
    plain = [room.answers(clock) for room in rooms]
    for answers in (
        *plain, told.answers(clock, house=house), natural.answers(clock, home=home)
    ):  # fmt: skip
        for event, answer in answers.items():
            gathered.setdefault(event, []).append(answer)
    return gathered


def job_kinds(
    *,
    store: Store,
    clock: Clock,
    files: FileStore,
    settings: Settings,
) -> Mapping[str, Kind]:
    """Return how each kind of job is done."""
    return {
        PUBLISH: Kind(
            work=partial(_publish, store=store, settings=settings),
            finish=partial(_drop_traces, kind=PUBLISH, clock=clock),
        ),
        ERASE_DUE: Kind(
            work=_nothing,
            finish=partial(_erase_due, clock=clock, keep_days=settings.retention_days),
        ),
        DESTROY: Kind(
            work=partial(_destroy, store=store, clock=clock, files=files),
            finish=partial(_drop_traces, kind=DESTROY, clock=clock),
        ),
        CLOSE_DUE: Kind(
            work=partial(_end_due, store=store, clock=clock),
            finish=partial(_drop_traces, kind=CLOSE_DUE, clock=clock),
        ),
        settling.JOB_KIND: Kind(work=_nothing, finish=partial(_resettle, clock=clock)),
        restated.JOB_KIND: Kind(work=_nothing, finish=partial(_restate, clock=clock)),
        JOB_KIND: Kind(
            work=solver_work.solve_day,
            finish=partial(keep_plan, clock=clock),
            solver=True,
            deadline_s=MOST_DEADLINE_S + 30,
        ),
        siting.JOB_KIND: Kind(
            work=solve_sites,
            finish=partial(siting.keep_sites, clock=clock),
            solver=True,
            deadline_s=siting.MOST_DEADLINE_S + 30,
        ),
        open_plans.JOB_KIND: Kind(
            work=solver_work.solve_text,
            finish=partial(
                _drop_traces, kind=open_plans.JOB_KIND, clock=clock, keep=timedelta(days=7)
            ),
            solver=True,
            deadline_s=open_plans.MOST_DEADLINE_S + 30,
        ),
        charge_plans.JOB_KIND: Kind(
            work=solve_charges,
            finish=partial(charge_plans.keep_charges, clock=clock),
            solver=True,
            deadline_s=charge_plans.DEADLINE_S,
        ),
        **rails.job_kinds(store=store, clock=clock, settings=settings),
        deciding.JOB_KIND: Kind(
            work=solve_sale,
            finish=partial(deciding.keep_award, clock=clock),
            solver=True,
            deadline_s=deciding.DEADLINE_S,
        ),
    }


def keep_schedules(session: Session, *, clock: Clock) -> None:
    """Keep what comes back by the clock: auctions close and the log is published in seconds."""
    jobs.every(session, clock=clock, name="close-due", kind=CLOSE_DUE, every_s=10, payload={})
    jobs.every(session, clock=clock, name="publish-log", kind=PUBLISH, every_s=10, payload={})
    jobs.every(
        session, clock=clock, name="resettle", kind=settling.JOB_KIND, every_s=DAY_S, payload={}
    )
    jobs.every(session, clock=clock, name="erase-due", kind=ERASE_DUE, every_s=DAY_S, payload={})
    jobs.every(session, clock=clock, name=DESTROY, kind=DESTROY, every_s=HOUR_S, payload={})
    jobs.every(
        session, clock=clock, name=rails.RECONCILE, kind=rails.RECONCILE, every_s=DAY_S, payload={}
    )


def _nothing(_payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """The work is all in the transaction that finishes the job."""
    return {}


def _restate(
    session: Session, _payload: dict[str, Any], _result: dict[str, Any], *, clock: Clock
) -> None:
    """Derive what far corrections have changed; doing it again changes nothing."""
    restated.restate(session, clock=clock)


def _resettle(
    session: Session, payload: dict[str, Any], _result: dict[str, Any], *, clock: Clock
) -> None:
    """Work anew what follows indices that said something new, or windows that have passed."""
    settling.resettle(session, clock=clock, codes=payload.get("codes", []))


def _end_due(
    _payload: dict[str, Any], _report: Report, *, store: Store, clock: Clock
) -> dict[str, Any]:
    """End what the market's clock ends, each apart, and remind whose term runs out."""
    ended = end_due(store, clock=clock)
    remind(store, clock=clock)
    return {"ended": ended}


def _erase_due(
    session: Session,
    _payload: dict[str, Any],
    _result: dict[str, Any],
    *,
    clock: Clock,
    keep_days: int,
) -> None:
    """Erase whom the law kept until now."""
    erase_whom_due(session, clock=clock, keep_days=keep_days)


def _destroy(
    _payload: dict[str, Any], _report: Report, *, store: Store, clock: Clock, files: FileStore
) -> dict[str, Any]:
    return {"destroyed": destroy_ended(store, clock=clock, files=files)}


def _publish(
    _payload: dict[str, Any], _report: Report, *, store: Store, settings: Settings
) -> dict[str, Any]:
    with store.read() as session:
        return {"size": publish(session, settings=settings)}


def _drop_traces(
    session: Session,
    _payload: dict[str, Any],
    _result: dict[str, Any],
    *,
    kind: str,
    clock: Clock,
    keep: timedelta = timedelta(hours=1),
) -> None:
    old = clock.now(session) - keep
    session.execute(
        delete(Job).where(col(Job.kind) == kind, col(Job.state) == "done", col(Job.ended_at) < old)
    )
