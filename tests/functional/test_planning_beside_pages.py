"""While a plan is solved for ten seconds in its child process, pages are served as ever."""

import http.client
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from sqlmodel import select

from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.jobs import Job
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.logistics.planning import request_plan
from remelt.web.cli_base import prepare
from remelt.web.wiring import new_store
from tests.road import a_pickup, a_road

SOLVE_S = 10
LIMIT_MS = 100.0


def test_healthz_answers_within_100_ms_during_a_ten_second_plan(tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(home=tmp_path / "home", port=port, threads=8, demo=True)
    prepare(settings)
    store = new_store(settings.url, clock=SystemClock())
    environ = {name: value for name, value in os.environ.items() if "REMELT" not in name}
    environ |= {"REMELT_HOME": str(settings.home), "REMELT_PORT": str(port), "REMELT_THREADS": "8"}
    server = subprocess.Popen(
        [sys.executable, "-m", "remelt.web.cli", "serve"],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(lambda: _healthz(port) is not None)
        worst: list[str] = []
        for _attempt in range(2):  # the machine may be busy with other tests the first time
            times = _probe(store, port, job=_ask(store))
            assert len(times) >= 100
            p99 = sorted(times)[len(times) * 99 // 100]
            worst.append(f"{len(times)} probes, p99 {p99:.1f} ms, worst {max(times):.1f} ms")
            if p99 < LIMIT_MS:
                break
        else:
            raise AssertionError("; ".join(worst))
    finally:
        server.terminate()
        server.wait(timeout=20)
        store.close()


def _ask(store: Store) -> str:
    """Ask for a plan of ten seconds: 40 pickups, 4 trucks, and no end of effort."""
    clock = SystemClock()
    with store.write() as session:
        road = a_road(session, clock=clock, collectors=40, trucks=4)
        for seller in range(40):
            a_pickup(session, road, clock=clock, seller=seller, mass_g=700_000)
        run = request_plan(
            session,
            clock=clock,
            organisation_id=road.hub.organisation.key,
            site_id=road.hub.site.key,
            person_id=road.hub.person.key,
            day=road.day + timedelta(days=1),
            deadline_s=SOLVE_S,
            effort=10**9,
        )
        return run.job_code


def _probe(store: Store, port: int, *, job: str) -> list[float]:
    """Milliseconds of each answer, from the job's start until it is over."""
    _wait(lambda: _job(store, job).progress >= 50)
    times: list[float] = []
    while _job(store, job).state == "running":
        for _ in range(10):
            took = _healthz(port)
            assert took is not None, "no answer during the plan"
            times.append(took)
            time.sleep(0.01)
    assert _job(store, job).state == "done", _job(store, job).error
    return times


def _job(store: Store, code: str) -> Job:
    with store.read() as session:
        return session.exec(select(Job).where(Job.code == code)).one()


def _healthz(port: int) -> float | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    began = time.perf_counter()
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return None
    finally:
        connection.close()
    assert answer.status == 200
    return (time.perf_counter() - began) * 1000


def _wait(ready, *, most_s: float = 40.0) -> None:
    until = time.monotonic() + most_s
    while not ready():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.1)
