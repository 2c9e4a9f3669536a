"""Cells of a large day solved elsewhere: as text, by processes that die, by Celery with Redis."""

import gc
import json
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu import pools

from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.platform.logistics import celery_cells, solver_work
from remelt.platform.logistics.celery_cells import Celeried, make_app
from remelt.routing import tasks
from remelt.routing.cells import Map, day_of
from remelt.routing.codec import problem_from_json, routes_from_json
from remelt.routing.evaluator import judge
from remelt.routing.field import Plane, globe
from remelt.routing.hands import Spawned
from remelt.routing.matrix import Place
from remelt.routing.problem import Problem, Stop, Vehicle, Window
from remelt.routing.rounds import plan
from remelt.routing.ruins.translate import understood
from remelt.routing.sweep import sweep
from remelt.routing.whole import Task, solve_task
from remelt.web.cli import main
from remelt.web.serving import serve
from tests.conftest import SKIP

# One Redis and one worker serve the file, in its order: the last test kills the worker.
pytestmark = pytest.mark.xdist_group("cells afar")


def a_large_day(count: int = 900, *, table: bool = False) -> Problem:
    """Stops on a spiral around a hub, each on a place of its own."""
    places = [Place("hub", 26_551_000, 106_472_000)] + [
        Place(f"p{n}", 26_551_000 + (n * 7919) % 400_000, 106_472_000 + (n * 104_729) % 500_000)
        for n in range(count)
    ]
    roads = globe(places)
    return Problem(
        matrix=roads.table() if table else roads,
        stops=tuple(Stop(f"s{n}", "pickup", f"p{n}", 100 + n % 50) for n in range(count)),
        vehicles=tuple(
            Vehicle(f"v{n}", 5_000, "hub", "hub", fen_per_km=250, fixed_fen=20_000)
            for n in range(count // 20)
        ),
    )


def a_cell(*, seconds: float = 2.0, looks: int | None = 40, table: bool = False) -> Task:
    """One cell of a large day, as the coordinator sends it."""
    problem = a_large_day(table=table)
    routes = sweep(problem, until=time.monotonic() + 20)
    [part, *_] = Map(problem).cells(routes, loose=())
    day = day_of(problem, part, spare=())
    return Task(day, part.routes, 7, seconds, time.monotonic() + 30, looks)


def test_a_cell_is_twenty_kilobytes_and_solves_the_same_from_text():
    cell = a_cell()
    text = tasks.to_text(cell)
    assert len(cell.problem.stops) > 200
    assert len(text) < 25_000
    assert len(pickle.dumps(cell)) < 120_000
    back = tasks.from_text(text)
    assert (back.problem.stops, back.problem.vehicles) == (
        cell.problem.stops,
        cell.problem.vehicles,
    )
    assert back.routes == cell.routes
    assert abs(back.end - cell.end) < 1
    found = routes_from_json(json.loads(tasks.solve_text(text)))
    assert found == solve_task(cell)
    was, now = judge(cell.problem, cell.routes), judge(cell.problem, found)
    assert now.feasible
    assert now.rank < was.rank


@pytest.mark.parametrize("kind", ["table", "plane"])
def test_other_roads_travel_too(kind: str):
    cell = a_cell(table=True)
    problem = cell.problem
    if kind == "plane":
        xy = problem.matrix.points()
        roads = Plane(problem.matrix.keys, xy, 1, "nearest")
        problem = problem_from_json(json.loads(json.dumps(_told(problem))), matrix=roads)
    sent = Task(problem, cell.routes, 7, 1.0, cell.end, 10)
    back = tasks.from_text(tasks.to_text(sent)).problem
    legs = [back.matrix.index(stop.place) for stop in back.stops[:50]]
    assert back.matrix.along(legs) == problem.matrix.along(legs)
    assert back.matrix.source("hub", back.stops[0].place) == problem.matrix.source(
        "hub", back.stops[0].place
    )


def _told(problem: Problem) -> dict[str, Any]:
    return tasks.day_to_json(stops=problem.stops, vehicles=problem.vehicles)


def test_a_process_that_dies_takes_its_cell_along_and_no_more():
    hands = Spawned(1)
    try:
        lost = hands.submit(solve_task, a_cell(seconds=20, looks=None))
        victim = _until(lambda: next(iter(hands._pool._processes), None))
        time.sleep(0.5)
        os.kill(victim, signal.SIGKILL)
        _until(lost.done)
        assert lost.result() is None
        again = hands.submit(solve_task, a_cell())
        _until(again.done)
        assert again.result()
    finally:
        hands.end()


def _until(asked: Callable[[], Any], *, seconds: float = 60) -> Any:
    """Ask until the answer is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := asked():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Debian's redis-server on a port of loopback; yields its address."""
    if "redis" in SKIP:
        pytest.skip("SKIP names redis")
    binary = shutil.which("redis-server")
    assert binary is not None, "no redis-server found: install it or say SKIP=redis"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
    try:
        _until(lambda: _listens(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        collect()  # an answer that a test left in a ring of frames would ask Redis in a later test
        server.terminate()
        server.wait(timeout=10)


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def worker(
    redis: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["subprocess.Popen[bytes]"]:
    """`remelt worker` with one process, ready. The last of its tests kills it."""
    with a_worker(redis, tmp_path_factory.mktemp("worker")) as child:
        yield child


@contextmanager
def talking(url: str) -> Iterator[Celery]:
    """The app of an installation until the end of the block; then no socket of its is left open.

    Answers nobody fetched say so to Redis as they go, so they go first.
    """
    app = make_app(url)
    try:
        yield app
    finally:
        release(app)


def release(app: Celery) -> None:
    """Close all that an app holds open: Celery itself leaves it to the collector."""
    collect()
    app.backend.result_consumer.stop()
    app.backend.client.close()
    pools.reset()  # apps of one address share them
    app.close()


def collect() -> None:
    """Have the collector go while Redis is there.

    What Celery dropped already, broken by a worker's death, says so as it is collected.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@contextmanager
def a_worker(redis: str, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker of its own, until the end of the block."""
    asked = {
        "REMELT_BROKER_URL": redis,
        "REMELT_DATABASE_URL": "postgresql+psycopg://nobody@/none",
        "REMELT_HOME": str(folder),
    }
    command = [sys.executable, "-m", "remelt.web.cli", "worker", "--processes", "1"]
    with (folder / "worker.log").open("wb") as log:
        known = {n: v for n, v in os.environ.items() if n != "REMELT_PROPERTIES"}
        child = subprocess.Popen(command, env={**known, **asked}, stdout=log, stderr=log)
        try:
            with talking(redis) as app:  # a crowded machine imports slowly
                _until(lambda: celery_cells.slots(app), seconds=240)
            yield child
        finally:
            child.kill()
            child.wait()


@pytest.mark.redis
def test_a_cell_whose_process_is_killed_is_solved_all_the_same(redis: str, worker: Any):
    with talking(redis) as app:
        text = tasks.to_text(a_cell(seconds=2.0, looks=None))
        sent = app.tasks[celery_cells.CELL].apply_async((text,))
        _until(lambda: sent.state == "STARTED")
        first = sent.info["pid"]
        time.sleep(0.5)
        os.kill(first, signal.SIGKILL)
        found = sent.get(timeout=60)
        assert routes_from_json(tasks.answer_of(found))
        meta = app.backend.get_task_meta(sent.id)
        assert meta["status"] == "SUCCESS"
        [stats] = app.control.inspect(timeout=2).stats().values()
        assert first not in stats["pool"]["processes"]
        sent.forget()


@pytest.mark.redis
def test_a_solvers_process_finds_the_workers_of_its_installation(
    redis: str, worker: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REMELT_BROKER_URL", redis)
    hands, count = solver_work.helpers(Settings.from_env())
    assert (type(hands), count) == (Celeried, 1)
    task = a_cell()
    try:
        answer = hands.submit(solve_task, task)
        _until(answer.done)
        assert answer.result() == solve_task(task)
    finally:
        release(hands._cell.app)


@pytest.mark.redis
def test_a_plan_through_workers_is_whole_though_they_are_killed(
    redis: str, worker: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(celery_cells, "GRACE_S", 1.0)
    problem = a_large_day()
    several = (Window(0, 40_000), Window(50_000, 86_400))
    odd = replace(problem.stops[0], windows=several)
    problem = replace(problem, stops=(odd, *problem.stops[1:]))  # else it is not cut into cells
    assert not understood(problem)
    heard: list[int] = []

    def tell(progress: int, _engine: str, routes: Any) -> None:
        verdict = judge(problem, routes, brief=True)
        assert verdict.feasible
        heard.append(len(verdict.unserved))
        if len(heard) == 2:
            worker.kill()

    with talking(redis) as app:
        hands = Celeried(app)
        found = plan(problem, seed=1, deadline_s=7, report=tell, hands=hands, processes=1)
    assert len(heard) > 2
    assert worker.wait(timeout=5) == -signal.SIGKILL
    assert found.verdict.feasible
    served = {call.visit.stop for each in found.verdict.rounds for call in each.calls}
    assert served | set(found.verdict.unserved) == {stop.key for stop in problem.stops}
    assert not found.verdict.unserved


@pytest.mark.redis
def test_a_cell_of_a_vanished_worker_is_handed_out_again(redis: str, tmp_path: Path):
    with talking(redis) as app:
        if not os.environ.get("REMELT_PROPERTIES"):
            options = app.conf.broker_transport_options
            assert options["visibility_timeout"] == celery_cells.VISIBLE_S
            assert app.conf.task_acks_late
            assert app.conf.task_reject_on_worker_lost
            return
        with a_worker(redis, tmp_path) as child:
            text = tasks.to_text(a_cell(seconds=20, looks=None))
            sent = app.tasks[celery_cells.CELL].apply_async((text,))
            _until(lambda: sent.state == "STARTED")
            child.kill()
        with a_worker(redis, tmp_path):
            assert sent.get(timeout=celery_cells.VISIBLE_S + 60)
            sent.forget()


def test_without_a_broker_that_answers_the_machine_itself_solves(monkeypatch: pytest.MonkeyPatch):
    assert solver_work.helpers(Settings()) == (None, 2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"redis://127.0.0.1:{free.getsockname()[1]}/0"
    assert solver_work.helpers(Settings(broker_url=dead)) == (None, 2)
    task = a_cell()
    answer = Celeried(make_app(dead)).submit(solve_task, task)
    assert answer.done()
    assert answer.result() == solve_task(task)


@pytest.mark.parametrize(
    ("broker", "database", "sentence"),
    [
        ("redis://h:1/0", "", "Celery needs PostgreSQL"),
        ("amqp://h", "postgresql+psycopg://x", "an address of Redis"),
    ],
)
def test_workers_are_refused_where_they_cannot_be(
    broker: str, database: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
):
    with pytest.raises(BadSetting, match=sentence):
        serve(Settings(broker_url=broker, database_url=database))
    monkeypatch.setenv("REMELT_BROKER_URL", broker)
    if database:
        monkeypatch.setenv("REMELT_DATABASE_URL", database)
    assert main(["worker"]) == 2
    assert sentence in capsys.readouterr().err


def test_a_worker_says_where_it_would_wait(capsys: Any):
    assert main(["worker"]) == 2
    assert "REMELT_BROKER_URL" in capsys.readouterr().err
