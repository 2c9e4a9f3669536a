"""Who searches a day, where compiled code is kept, and what holds where it cannot be kept."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from remelt.platform.kernel.settings import Settings
from remelt.platform.logistics import solving
from remelt.routing import choice, warming
from remelt.routing.book import Book
from remelt.routing.codec import day_to_json
from remelt.routing.field import Globe
from remelt.routing.problem import Stop, Vehicle
from remelt.routing.rounds import plan
from remelt.routing.ruins.compiled import BESIDE, FOLDER, alone, first_writable
from remelt.routing.ruins.translate import understood
from remelt.web import cli_worker

from .test_ruins import a_day

REFUSING = """
import json, os, sys, tempfile, time
from pathlib import Path
refused = json.loads(sys.argv[1])
def no(path):
    if any(str(path).startswith(each) for each in refused):
        raise PermissionError(13, "read-only", str(path))
temporary, mkdir, makedirs = tempfile.TemporaryFile, Path.mkdir, os.makedirs
def temporary_file(*args, dir=None, **more):
    no(dir)
    return temporary(*args, dir=dir, **more)
def made(path, *args, **more):
    no(path) if not path.exists() else None
    return mkdir(path, *args, **more)
def made_all(path, *args, **more):
    no(path) if not os.path.exists(path) else None
    return makedirs(path, *args, **more)
tempfile.TemporaryFile, Path.mkdir, os.makedirs = temporary_file, made, made_all
import numba
from remelt.routing.rounds import plan
from remelt.routing.choice import by_strings, by_trips
from remelt.routing.ruins.compiled import FOLDER
from remelt.routing.warming import warm, warm_aside
from tests.unit.rounds.test_ruins import a_day
day = a_day(1, count=20)
told = {"folder": FOLDER and str(FOLDER), "ready": by_strings(day) or by_trips(day)}
if FOLDER is None:
    warm()
    told["aside"] = warm_aside() is not None
began = time.monotonic()
told["engine"] = plan(day, seed=1, deadline_s=1).engine
told["took"] = time.monotonic() - began
print(json.dumps(told))
"""


def refusing(tmp_path: Path, *, home: bool, temporary: bool) -> dict[str, object]:
    """Import the planner and plan where the source is read-only, and other folders too."""
    places = {"HOME": tmp_path / "home", "TMPDIR": tmp_path / "tmp"}
    for each in places.values():
        each.mkdir()
    refused = [str(BESIDE)]
    refused += [str(places["HOME"])] if home else []
    refused += [str(places["TMPDIR"] / "remelt")] if temporary else []
    command = [sys.executable, "-c", REFUSING, json.dumps(refused)]
    env = os.environ | {name: str(path) for name, path in places.items()}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("home", "temporary", "kept"),
    [(False, False, "home/.cache/remelt/ruins-"), (True, False, "tmp/remelt-"), (True, True, None)],
)
def test_a_read_only_package_breaks_neither_start_nor_deadline(tmp_path, home, temporary, kept):
    told = refusing(tmp_path, home=home, temporary=temporary)
    assert (told["folder"] or "").startswith(str(tmp_path / kept) if kept else "")
    assert bool(told["folder"]) == bool(kept)
    assert told["ready"] is False
    assert told["engine"] in {"greedy", "pyvrp"}
    assert told["took"] < 10  # compiling takes a minute
    assert not told.get("aside")


def test_a_folder_is_taken_only_if_this_user_alone_can_write_there(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    everybodys, own, link = tmp_path / "everybodys", tmp_path / "own", tmp_path / "link"
    everybodys.mkdir()
    everybodys.chmod(0o777)
    link.symlink_to(everybodys)
    assert first_writable(iter([in_the_way, in_the_way / "below", everybodys, link]), "x") is None
    assert first_writable(iter([in_the_way, everybodys, own]), "x") == own / "x"


def test_one_process_makes_it_and_others_do_not_pile_up():
    with alone("trial", wait=False) as first, alone("trial", wait=False) as second:
        assert (first, second) == (True, False)


def test_what_is_made_aside_holds_no_output_of_its_caller(monkeypatch):
    assert FOLDER is not None
    monkeypatch.setattr(warming.trips, "ready", lambda: False)
    with alone("warming", wait=False):
        child = warming.warm_aside()
        assert child is not None
        outputs = {Path(f"/proc/{child.pid}/fd/{number}").readlink() for number in (1, 2)}
        assert outputs == {FOLDER / "warming.log"}
        assert child.wait(timeout=60) == 0


def test_only_what_lay_unused_for_a_month_is_swept_out(tmp_path, monkeypatch):
    monkeypatch.setattr(warming, "BESIDE", tmp_path)
    for name, days in {"ruins-new": 29, "ruins-old": 31, "ruins-used": 31, "other": 99}.items():
        (tmp_path / name).mkdir()
        for path in (tmp_path / name / "ready", tmp_path / name):
            path.touch()
            os.utime(path, (0, 100 * 86_400 - days * 86_400))
    os.utime(tmp_path / "ruins-used" / "ready", (0, 90 * 86_400))
    warming.sweep(100 * 86_400)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["other", "ruins-new", "ruins-used"]


class Nobody:
    """Hands that must not be asked."""

    def submit(self, work, task):
        """Say that it was asked."""
        raise AssertionError(work, task)


def test_workers_elsewhere_leave_a_day_that_is_understood_to_the_compiled_search():
    day = a_day(4, count=50)
    choice.ruins.warm()
    found = plan(day, seed=1, deadline_s=30, effort=20, hands=Nobody())
    assert found.engine == choice.STRINGS
    assert found == plan(day, seed=1, deadline_s=30, effort=20)


def a_payload(count: int) -> dict[str, object]:
    """Return a day as the dispatcher's page hands it over."""
    places = [
        {"key": f"p{at}", "lat_e6": 26_500_000 + at * 300, "lon_e6": 106_500_000 + at % 40 * 900}
        for at in range(count)
    ]
    stops = [Stop(f"s{at}", "pickup", f"p{at}", 500) for at in range(1, count)]
    cars = [Vehicle(f"v{at}", 9_000, "p0", "p0", fen_per_km=250) for at in range(count // 10)]
    return {"places": places, "problem": as_json(stops, cars)}


def as_json(stops: list[Stop], cars: list[Vehicle]) -> dict[str, object]:
    """Return stops and vehicles as plain JSON."""
    return json.loads(json.dumps(day_to_json(stops=stops, vehicles=cars)))


def test_the_dispatchers_largest_days_are_understood():
    problem = solving.problem_of(a_payload(1_501))
    assert isinstance(problem.matrix, Globe)
    assert understood(problem)


def test_one_road_told_by_the_operator_leaves_a_large_day_to_the_same_search():
    road = {"from": "p0", "to": "p1", "distance_m": None, "duration_s": None, "detour_pct": None}
    problem = solving.problem_of(a_payload(1_501) | {"roads": [road | {"source": "closed"}]})
    assert isinstance(problem.matrix, Book)
    assert understood(problem)
    found = plan(problem, seed=1, deadline_s=60, effort=20)
    assert found.engine == choice.STRINGS
    assert found.verdict.feasible
    assert not any(
        (leg.start, leg.end) == ("p0", "p1") for r in found.verdict.rounds for leg in r.legs
    )


class Straight:
    """A road engine that answers anything."""

    name, most = "straight", 500

    def table(self, starts, ends):
        """Say a kilometre and a minute of every pair."""
        return [[(1_000, 60) for _ in ends] for _ in starts]


@pytest.mark.parametrize(("count", "understood_"), [(800, True), (1_501, False)])
def test_a_road_engine_is_asked_on_days_of_every_size(count, understood_):
    problem = solving.problem_of(a_payload(count), engine=Straight())
    assert understood(problem) is understood_
    found = plan(problem, seed=1, deadline_s=20, effort=2, processes=1)
    legs = [leg for r in found.verdict.rounds for leg in r.legs if leg.start != leg.end]
    asked = [leg for leg in legs if leg.source == "straight"]
    assert len(asked) > len(legs) / 2


def test_a_road_that_somebody_knows_is_kept():
    road = {"from": "p0", "to": "p1", "distance_m": 77, "duration_s": 9, "detour_pct": None}
    known = a_payload(3) | {"roads": [road | {"source": "measured"}]}
    problem = solving.problem_of(known)
    assert isinstance(problem.matrix, Book)
    assert problem.matrix.metres("p0", "p1") == 77


def test_a_worker_has_the_searches_made_before_it_waits_for_cells(monkeypatch):
    asked = []
    monkeypatch.setattr(cli_worker, "check_broker", lambda _settings: None)
    monkeypatch.setattr(cli_worker, "prepare_solver", lambda: asked.append("made"))
    monkeypatch.setattr(cli_worker, "PART", "no.such.module")
    with pytest.raises(ImportError):
        cli_worker.run_worker(cli_worker.argparse.Namespace(processes=1), Settings())
    assert asked == ["made"]
