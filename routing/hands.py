"""Who solves the cells of a large day: processes of this machine, or workers anywhere."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Protocol

from remelt.routing.problem import Routes
from remelt.routing.whole import Task

Work = Callable[[Task], Routes]


class Answer(Protocol):
    """A cell that somebody solves."""

    def done(self) -> bool:
        """Tell whether there is nothing to wait for any more."""

    def result(self) -> Routes | None:
        """Return its routes; None where whoever solved it was lost. Asked once it is done."""


class Hands(Protocol):
    """Takes cells. What it loses stays as it was: the coordinator alone holds the plan."""

    def submit(self, work: Work, task: Task) -> Answer:
        """Have a cell solved by `work`, or by what does the same elsewhere."""


class Spawned:
    """Interpreters of their own on this machine. One that dies takes its cells along, no more."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool = self._started()

    def submit(self, work: Work, task: Task) -> Answer:
        """Have a cell solved; a pool that died is started anew."""
        try:
            return Promised(self._pool.submit(work, task))
        except BrokenProcessPool:
            self.end()
            self._pool = self._started()
            return Promised(self._pool.submit(work, task))

    def end(self) -> None:
        """Take no more cells, and wait for none."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(self._processes, mp_context=spawn)
        for _ in range(self._processes):
            pool.submit(_awake)
        return pool


class Promised:
    """A cell in a process of this machine."""

    def __init__(self, future: "Future[Routes]") -> None:
        self._future = future

    def done(self) -> bool:
        """Tell whether the process has answered or died."""
        return self._future.done()

    def result(self) -> Routes | None:
        """Return the routes; None where the process died."""
        try:
            return self._future.result()
        except BrokenProcessPool:
            return None


@contextmanager
def workers(processes: int) -> Iterator[Hands | None]:
    """Start processes for the cells; with one, the coordinator solves them itself."""
    if processes < 2:  # noqa: PLR2004 - one is this process
        yield None
        return
    pool = Spawned(processes)
    try:
        yield pool
    finally:
        pool.end()


def _awake() -> float:
    """Make a worker import what it needs before it is needed."""
    return time.monotonic()
