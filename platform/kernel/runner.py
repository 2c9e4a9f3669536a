"""Runs jobs in this process: light ones in threads, solvers in a child process of their own."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, Queue
from subprocess import PIPE, Popen
from threading import Event, Thread
from typing import Any, Protocol

import orjson
import structlog
from sqlmodel import Session

from remelt.platform.kernel import jobs
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.errors import Busy
from remelt.platform.kernel.store import Store


class Report(Protocol):
    """Tells how far the work is: 0 to 1000, a note, and the best answer so far."""

    def __call__(
        self, progress: int, note: str = "", incumbent: dict[str, Any] | None = None
    ) -> None:
        """Tell it; the incumbent is the answer when the deadline comes first."""


Work = Callable[[dict[str, Any], Report], dict[str, Any]]
Said = tuple[str, Any]
Finish = Callable[[Session, dict[str, Any], dict[str, Any]], None]
log = structlog.get_logger()
BEAT_S = 2.0


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of job is done.

    work: payload and a progress reporter (0 to 1000, note) in, a JSON result out.
    finish: records the result, in the transaction that marks the job done.
    solver: run `work` in a spawned child, because it holds the interpreter's lock; it must then
        be a module-level function. The child is ended at `deadline_s`.
    """

    work: Work
    finish: Finish
    solver: bool = False
    deadline_s: float = 120.0


class DeadlinePassed(Exception):
    """The child had no answer at the deadline and was ended."""


class JobRunner:
    """Claims and runs the jobs of `kinds` until stopped: solvers one at a time, others likewise.

    A plan that takes minutes holds up no auction that is to be closed.
    """

    def __init__(
        self, store: Store, *, clock: Clock, kinds: Mapping[str, Kind], idle_s: float = 0.5
    ) -> None:
        self._store = store
        self._clock = clock
        self._kinds = dict(kinds)
        self._idle_s = idle_s
        self._stopped = Event()
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Begin in the background: a thread for what solves, and one for the rest."""
        lanes = {
            "solving": frozenset(name for name, kind in self._kinds.items() if kind.solver),
            "jobs": frozenset(name for name, kind in self._kinds.items() if not kind.solver),
        }
        self._threads = [
            Thread(target=self._loop, args=(kinds,), name=name, daemon=True)
            for name, kinds in lanes.items()
            if kinds
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what runs and end the threads."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def run_pending(self) -> int:
        """Run everything that is due now, in this thread; return how many jobs ran."""
        ran = 0
        while self._run_one(frozenset(self._kinds)):
            ran += 1
        return ran

    def _loop(self, kinds: frozenset[str]) -> None:
        while not self._stopped.is_set():
            try:
                busy = self._run_one(kinds)
            except Busy:
                busy = False
            except Exception:
                log.exception("job loop")
                busy = False
            if not busy:
                self._stopped.wait(self._idle_s)

    def _run_one(self, kinds: frozenset[str]) -> bool:
        with self._store.read() as session:
            if not jobs.anything_due(session, clock=self._clock, kinds=kinds):
                return False
        with self._store.write() as session:
            jobs.fire_due(session, clock=self._clock, new_code=new_code)
            job = jobs.claim(session, clock=self._clock, kinds=kinds)
        if job is None:
            return False
        self._run(job)
        return True

    def _run(self, job: jobs.Job) -> None:
        kind = self._kinds[job.kind]
        attempt = job.attempt
        try:
            result = self._in_child(job, kind) if kind.solver else self._in_thread(job, kind)
            with self._store.write() as session:
                jobs.held(session, job_id=job.key, attempt=attempt)
                kind.finish(session, job.payload, result)
                jobs.finish(
                    session, clock=self._clock, job_id=job.key, attempt=attempt, result=result
                )
        except jobs.LeaseLost:
            log.warning("job lease lost", job=job.code)
        except Exception as reason:
            log.exception("job failed", job=job.code, kind=job.kind)
            self._give_back(job, reason)

    def _give_back(self, job: jobs.Job, reason: Exception) -> None:
        try:
            with self._store.write() as session:
                jobs.fail(
                    session,
                    clock=self._clock,
                    job_id=job.key,
                    attempt=job.attempt,
                    error=repr(reason),
                )
        except jobs.LeaseLost:
            log.warning("job lease lost", job=job.code)

    def _in_thread(self, job: jobs.Job, kind: Kind) -> dict[str, Any]:
        def report(progress: int, note: str = "", incumbent: dict[str, Any] | None = None) -> None:  # noqa: ARG001
            self._beat(job, progress=progress, note=note)

        result: dict[str, Any] = kind.work(job.payload, report)
        return result

    def _in_child(self, job: jobs.Job, kind: Kind) -> dict[str, Any]:
        with _spawn(kind.work, job.payload) as heard:
            return self._listen(job, heard, deadline=time.monotonic() + kind.deadline_s)

    def _listen(self, job: jobs.Job, heard: "Queue[Said]", *, deadline: float) -> dict[str, Any]:
        progress, note = 0, ""
        result: dict[str, Any] | None = None
        while time.monotonic() < deadline:
            try:
                kind, value = heard.get(timeout=BEAT_S)
            except Empty:
                self._beat(job, progress=progress, note=note)
                continue
            if kind == "done":
                return dict(value)
            if kind != "progress":
                raise RuntimeError(value)
            progress, note, result = value[0], value[1], value[2] or result
            self._beat(job, progress=progress, note=note)
        if result is not None:
            return result
        raise DeadlinePassed(f"no answer after {job.kind}'s deadline")

    def _beat(self, job: jobs.Job, *, progress: int, note: str) -> None:
        with self._store.write() as session:
            jobs.heartbeat(
                session,
                clock=self._clock,
                job_id=job.key,
                attempt=job.attempt,
                progress=progress,
                note=note,
            )


def run_in_child(work: Work, payload: dict[str, Any], *, deadline_s: float) -> dict[str, Any]:
    """Run a solver's work in an interpreter of its own and wait for it.

    The best answer that it told is returned when the deadline comes first. Raises
    `DeadlinePassed` where there is none, `RuntimeError` when the child failed.
    """
    deadline = time.monotonic() + deadline_s
    result: dict[str, Any] | None = None
    with _spawn(work, payload) as heard:
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                kind, value = heard.get(timeout=left_s)
            except Empty:
                break
            if kind == "done":
                return dict(value)
            if kind != "progress":
                raise RuntimeError(value)
            result = value[2] or result
    if result is not None:
        return result
    raise DeadlinePassed(f"no answer after {deadline_s} s")


@contextmanager
def _spawn(work: Work, payload: dict[str, Any]) -> "Iterator[Queue[Said]]":
    """Run `work` in an interpreter of its own; whatever happens here, it is ended on leaving."""
    target = f"{work.__module__}:{work.__qualname__}"
    child = Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "remelt.platform.kernel.child", target],
        stdin=PIPE,
        stdout=PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    heard: Queue[Said] = Queue()
    reader = Thread(target=_hear, args=(child, orjson.dumps(payload), heard), daemon=True)
    reader.start()
    try:
        yield heard
    finally:
        child.kill()
        child.wait()
        reader.join()


def _hear(child: "Popen[bytes]", payload: bytes, heard: "Queue[Said]") -> None:
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the solver's process has no pipes")
    with suppress(BrokenPipeError), child.stdin as told:
        told.write(payload)
    with child.stdout as lines:
        for line in lines:
            kind, value = orjson.loads(line)
            heard.put((kind, value))
    heard.put(("died", "the solver's process died"))
