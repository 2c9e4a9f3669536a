"""Jobs: the row is the truth."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import select

from remelt.platform.kernel import jobs
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.jobs import Job, Schedule
from remelt.platform.kernel.runner import JobRunner, Kind
from remelt.platform.kernel.store import Store
from tests.integration.solver_works import die, double, sleep


def _enqueue(store: Store, clock: SimulatedClock, kind: str, **more: Any) -> str:
    with store.write() as session:
        return jobs.enqueue(
            session,
            code=new_code(),
            kind=kind,
            payload=more.pop("payload", {}),
            clock=clock,
            **more,
        ).code


def _job(store: Store, code: str) -> Job:
    with store.read() as session:
        return jobs.job_by_code(session, code)


def nothing(session: Any, payload: dict[str, Any], result: dict[str, Any]) -> None:
    """Record nothing."""


def test_a_solver_runs_in_a_child_and_its_result_is_kept(store: Store, clock: SimulatedClock):
    code = _enqueue(store, clock, "double", payload={"number": 21})
    runner = JobRunner(store, clock=clock, kinds={"double": Kind(double, nothing, solver=True)})
    assert runner.run_pending() == 1
    job = _job(store, code)
    assert (job.state, job.progress) == ("done", 1000)
    assert job.result is not None
    assert job.result["answer"] == 42
    assert job.result["pid"] != os.getpid()


def test_a_killed_solver_is_run_again_after_its_delay(store: Store, clock: SimulatedClock):
    code = _enqueue(store, clock, "die", max_attempts=2)
    runner = JobRunner(store, clock=clock, kinds={"die": Kind(die, nothing, solver=True)})
    runner.run_pending()
    assert _job(store, code).state == "waiting"
    assert runner.run_pending() == 0
    clock.advance(seconds=2)
    assert runner.run_pending() == 1
    job = _job(store, code)
    assert (job.state, job.attempt) == ("failed", 2)
    assert "died" in (job.error or "")


def test_at_the_deadline_the_incumbent_is_the_answer(store: Store, clock: SimulatedClock):
    code = _enqueue(store, clock, "sleep")
    runner = JobRunner(
        store, clock=clock, kinds={"sleep": Kind(sleep, nothing, solver=True, deadline_s=4)}
    )
    runner.run_pending()
    job = _job(store, code)
    assert job.state == "done"
    assert job.result == {"answer": "incumbent"}


def test_a_long_plan_holds_up_nothing_else(store: Store, clock: SimulatedClock):
    slow = _enqueue(store, clock, "sleep", payload={})
    runner = JobRunner(
        store,
        clock=clock,
        kinds={
            "sleep": Kind(sleep, nothing, solver=True, deadline_s=4),
            "double": Kind(double, nothing),
        },
        idle_s=0.02,
    )
    runner.start()
    try:
        while _job(store, slow).state != "running":
            time.sleep(0.02)
        quick = _enqueue(store, clock, "double", payload={"number": 3})
        while _job(store, quick).state != "done":
            time.sleep(0.02)
        assert _job(store, slow).state == "running"
    finally:
        runner.stop()


def test_an_attempt_that_lost_its_lease_changes_nothing(store: Store, clock: SimulatedClock):
    code = _enqueue(store, clock, "slow")
    with store.write() as session:
        first = jobs.claim(session, clock=clock, kinds=frozenset({"slow"}))
    clock.advance(seconds=jobs.LEASE.total_seconds() + 1)
    with store.write() as session:
        second = jobs.claim(session, clock=clock, kinds=frozenset({"slow"}))
    assert first is not None
    assert second is not None
    assert (first.attempt, second.attempt) == (1, 2)
    with pytest.raises(jobs.LeaseLost), store.write() as session:
        jobs.finish(session, clock=clock, job_id=first.key, attempt=1, result={"by": "first"})
    with store.write() as session:
        jobs.finish(session, clock=clock, job_id=second.key, attempt=2, result={"by": "second"})
    assert _job(store, code).result == {"by": "second"}


def test_a_result_and_its_effect_are_one(store: Store, clock: SimulatedClock):
    def refuse(session: Any, payload: dict[str, Any], result: dict[str, Any]) -> None:
        jobs.enqueue(session, code=new_code(), kind="effect", payload={}, clock=clock)
        raise ValueError("no")

    code = _enqueue(store, clock, "double", payload={"number": 1}, max_attempts=1)
    JobRunner(store, clock=clock, kinds={"double": Kind(double, refuse)}).run_pending()
    assert _job(store, code).state == "failed"
    with store.read() as session:
        assert session.exec(select(Job).where(Job.kind == "effect")).all() == []


def test_a_schedule_fires_once_a_time_and_skips_what_was_missed(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        jobs.every(session, clock=clock, name="close", kind="close", every_s=60, payload={})
    for _ in range(2):
        with store.write() as session:
            jobs.fire_due(session, clock=clock, new_code=new_code)
    clock.advance(minutes=10, seconds=1)
    with store.write() as session:
        assert jobs.fire_due(session, clock=clock, new_code=new_code) == 1
    with store.read() as session:
        assert len(session.exec(select(Job).where(Job.kind == "close")).all()) == 2
        row = session.exec(select(Schedule)).one()
        assert clock.now() < row.next_at <= clock.now() + timedelta(seconds=60)


def test_processes_that_start_at_once_keep_one_schedule(store: Store, clock: SimulatedClock):
    together = Barrier(6)

    def start(every_s: int) -> None:
        with store.write() as session:
            if session.get_bind().dialect.name != "sqlite":  # there one writes at a time
                together.wait(timeout=20)
            jobs.every(
                session, clock=clock, name="close", kind="close", every_s=every_s, payload={}
            )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(start, range(60, 66)))
    with store.read() as session:
        row = session.exec(select(Schedule)).one()
    assert row.every_s in range(60, 66)
    with store.write() as session:
        jobs.every(session, clock=clock, name="close", kind="other", every_s=90, payload={"a": 1})
    with store.read() as session:
        kept = session.exec(select(Schedule)).one()
    assert (kept.id, kept.next_at) == (row.id, row.next_at)
    assert (kept.kind, kept.every_s, kept.payload) == ("other", 90, {"a": 1})
