"""Which action answers which event: the only place where the rooms meet."""

from collections.abc import Mapping
from functools import partial

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.outbox import Event, Handler, Handlers
from remelt.platform.kernel.runner import Kind
from remelt.platform.kernel.store import Store
from remelt.platform.logistics.planning import JOB_KIND, MOST_DEADLINE_S
from remelt.platform.logistics.saving import keep_plan
from remelt.platform.logistics.solving import solve_day
from remelt.traceability.ledger import seal
from remelt.web import weighed


def new_store(url: str, *, clock: Clock) -> Store:
    """Return a store whose events reach every room."""
    return Store(url, handlers=handlers(clock), seals=(seal,))


def handlers(clock: Clock) -> Handlers:
    """Return the answers to every event."""
    gathered: dict[type[Event], list[Handler]] = {}
    for answers in (weighed.answers(clock),):
        for event, answer in answers.items():
            gathered.setdefault(event, []).append(answer)
    return gathered


def job_kinds(*, store: Store, clock: Clock, files: FileStore) -> Mapping[str, Kind]:  # noqa: ARG001 - rooms join here
    """Return how each kind of job is done."""
    return {
        JOB_KIND: Kind(
            work=solve_day,
            finish=partial(keep_plan, clock=clock),
            solver=True,
            deadline_s=MOST_DEADLINE_S + 30,
        )
    }
