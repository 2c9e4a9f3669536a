"""Cells of large days through Celery and Redis. Needs `pip install remelt[celery]`.

A cell is a pure task: text in, text out, the same whoever solves it and however often. So it is
acknowledged only when solved, handed to another worker when its own dies, and nothing is kept of
it: the plan lives in the coordinator, the job in the database.
"""

import time
from typing import Any

import structlog
from celery import Celery
from celery.exceptions import CeleryError
from celery.result import AsyncResult
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from remelt.routing import tasks
from remelt.routing.codec import routes_from_json
from remelt.routing.hands import Answer, Work
from remelt.routing.problem import Routes
from remelt.routing.whole import Task

CELL = "remelt.cell"
QUEUE = "remelt-cells"
VISIBLE_S = 60
KEPT_S = 300
CONNECT_S = 2
GRACE_S = 8.0
TOO_LONG_S = 600
BROKEN = (CeleryError, OperationalError, RedisError, OSError, RuntimeError)  # Celery raises all
log = structlog.get_logger()


def make_app(url: str, *, visible_s: int = VISIBLE_S) -> Celery:
    """Return the Celery app of an installation, for those who send and those who solve.

    visible_s: a cell whose worker vanished, machine and all, is handed out again after this long.
    """
    app = Celery("remelt", broker=url, backend=url)
    patience = {
        "socket_connect_timeout": CONNECT_S,
        "socket_timeout": CONNECT_S * 5,
        "retry_on_timeout": False,
    }
    app.conf.update(
        task_default_queue=QUEUE,
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_acks_on_failure_or_timeout=True,
        task_track_started=True,
        task_time_limit=TOO_LONG_S,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": visible_s, **patience},
        result_backend_transport_options={"retry_policy": {"timeout": CONNECT_S}},
        redis_socket_connect_timeout=CONNECT_S,
        redis_socket_timeout=CONNECT_S * 5,
        result_expires=KEPT_S,
    )
    app.task(name=CELL)(tasks.solve_text)
    return app


def slots(app: Celery) -> int:
    """Return how many cells the workers that answer can solve at once; 0 when none does."""
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=CONNECT_S)
        told = app.control.inspect(timeout=1.0).stats() or {}
    except BROKEN as reason:
        log.warning("no broker", reason=repr(reason)[:200])
        return 0
    return sum(int(each["pool"]["max-concurrency"]) for each in told.values())


class Celeried:
    """Workers anywhere that listen to one Redis."""

    def __init__(self, app: Celery) -> None:
        self._cell = app.tasks[CELL]

    def submit(self, work: Work, task: Task) -> Answer:
        """Send a cell; where it cannot be sent any more it is solved here."""
        try:
            left_s = max(1.0, task.end - time.monotonic())
            found: AsyncResult[Any] = self._cell.apply_async(
                (tasks.to_text(task),), expires=left_s + VISIBLE_S, retry=False
            )
        except BROKEN as reason:
            log.warning("cell not sent", reason=repr(reason)[:200])
            return Here(work(task))
        return Away(found, until=time.monotonic() + min(task.seconds, left_s) + GRACE_S)


class Here:
    """A cell that was solved at once."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def done(self) -> bool:
        """It is."""
        return True

    def result(self) -> Routes:
        """Return its routes."""
        return self._routes


class Away:
    """A cell that a worker solves; after `until` nobody waits for it any more."""

    def __init__(self, sent: "AsyncResult[Any]", *, until: float) -> None:
        self._sent = sent
        self._until = until
        self._routes: Routes | None = None

    def done(self) -> bool:
        """Tell whether the answer is here, or will not come in time."""
        try:
            if self._sent.ready():
                if self._sent.successful():
                    self._routes = routes_from_json(tasks.answer_of(self._sent.result))
                self._sent.forget()
                return True
        except BROKEN as reason:
            log.warning("cell lost", reason=repr(reason)[:200])
            return True
        return time.monotonic() > self._until

    def result(self) -> Routes | None:
        """Return its routes; None where it was lost or failed."""
        return self._routes
