"""Which action answers which event: the only place where the rooms meet."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.outbox import Event, Handler, Handlers
from remelt.platform.kernel.runner import Kind, Report
from remelt.platform.kernel.store import Store
from remelt.platform.logistics.planning import JOB_KIND, MOST_DEADLINE_S
from remelt.platform.logistics.saving import keep_plan
from remelt.platform.logistics.solving import solve_day
from remelt.platform.market import awarding
from remelt.traceability.ledger import seal
from remelt.web import sold, weighed

CLOSE_DUE = "close-due"


def new_store(url: str, *, clock: Clock) -> Store:
    """Return a store whose events reach every room."""
    return Store(url, handlers=handlers(clock), seals=(seal,))


def handlers(clock: Clock) -> Handlers:
    """Return the answers to every event."""
    gathered: dict[type[Event], list[Handler]] = {}
    for answers in (sold.answers(clock), weighed.answers(clock)):
        for event, answer in answers.items():
            gathered.setdefault(event, []).append(answer)
    return gathered


def job_kinds(*, store: Store, clock: Clock, files: FileStore) -> Mapping[str, Kind]:  # noqa: ARG001 - rooms join here
    """Return how each kind of job is done."""
    return {
        CLOSE_DUE: Kind(work=_nothing, finish=partial(_close_due, clock=clock)),
        JOB_KIND: Kind(
            work=solve_day,
            finish=partial(keep_plan, clock=clock),
            solver=True,
            deadline_s=MOST_DEADLINE_S + 30,
        ),
    }


def _nothing(_payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """The work is all in the transaction that finishes the job."""
    return {}


def _close_due(
    session: Session, _payload: dict[str, Any], _result: dict[str, Any], *, clock: Clock
) -> None:
    awarding.close_due(session, clock=clock)
