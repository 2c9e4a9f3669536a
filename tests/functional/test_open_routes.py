"""Problems of others: solved on the command line and by `POST /api/routes`, refused by name."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.logistics import open_plans
from remelt.web import cli_routes
from remelt.web.cli import main
from remelt.web.messages import MESSAGES
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.day_files import BAD, VROOM, a_day, bent, on_a_chinese_map, text, without_a_road
from tests.parties import PASSWORD, a_party
from tests.unit.rounds import test_formats as known

FAST = "?deadline_s=1&effort=50"
GPX = "{http://www.topografix.com/GPX/1/1}"
WHOLE = {"type": "integer", "minimum": 0}
LOAD = {"type": "array", "items": WHOLE}
STEP = {
    "type": "object",
    "required": ["type", "arrival", "duration", "setup", "service", "waiting_time", "violations"],
    "properties": {
        "type": {"enum": ["start", "job", "pickup", "delivery", "break", "end"]},
        "id": WHOLE,
        "location": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "load": LOAD,
        **dict.fromkeys(["arrival", "duration", "setup", "service", "distance"], WHOLE),
        "waiting_time": WHOLE,
    },
}
SUMS = ["cost", "setup", "service", "duration", "waiting_time", "priority", "distance"]
VROOM_ANSWER = {  # the properties and types of VROOM's docs/API.md, output format
    "type": "object",
    "required": ["code", "summary", "unassigned", "routes"],
    "properties": {
        "code": {"const": 0},
        "summary": {
            "type": "object",
            "required": [*SUMS, "routes", "unassigned", "violations", "computing_times"],
            "properties": dict.fromkeys([*SUMS, "routes", "unassigned"], WHOLE)
            | {"delivery": LOAD, "pickup": LOAD},
        },
        "unassigned": {
            "type": "array",
            "items": {
                "required": ["id", "type", "location"],
                "properties": {"id": WHOLE, "type": {"enum": ["job", "pickup", "delivery"]}},
            },
        },
        "routes": {
            "type": "array",
            "items": {
                "required": ["vehicle", "steps", *SUMS, "violations"],
                "properties": dict.fromkeys(["vehicle", *SUMS], WHOLE)
                | {"steps": {"type": "array", "items": STEP}, "delivery": LOAD, "pickup": LOAD},
            },
        },
    },
}


@pytest.fixture
def wang(app: Flask, clock: SimulatedClock) -> Browser:
    """A hub's dispatcher."""
    with app.extensions["remelt"].store.write() as session:
        a_party(
            session, clock=clock, role="hub", login="wang", password_hash=hash_password(PASSWORD)
        )
    return signed_in(app, "wang")


def ask(browser: Browser, method: str, address: str, body: str = "", **headers: str) -> Any:
    same = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
    kind = {"content_type": "application/json"} if body else {}
    return browser.client.open(
        address, method=method, data=body or None, headers=same | headers, **kind
    )


def solve(day: dict[str, Any], folder: Path, *options: str) -> int:
    """Run the command in this process on a file with the day."""
    file = folder / "day.json"
    file.write_text(text(day))
    return main(["routes", "solve", str(file), "--deadline", "1", "--effort", "50", *options])


def checked_vroom(answer: dict[str, Any]) -> None:
    """Hold an answer against VROOM's documented shape, and its sums against its steps."""
    Draft202012Validator(VROOM_ANSWER).validate(answer)
    for route in answer["routes"]:
        steps = route["steps"]
        assert [steps[0]["type"], steps[-1]["type"]] == ["start", "end"]
        for before, after in pairwise(steps):
            leaves = before["arrival"] + before["waiting_time"] + before["service"]
            assert after["arrival"] - leaves == after["duration"] - before["duration"]
        assert route["duration"] == steps[-1]["duration"]
        assert route["distance"] == steps[-1]["distance"]
        assert route["service"] == sum(step["service"] for step in steps)
    for name in SUMS:
        assert answer["summary"][name] == sum(route[name] for route in answer["routes"])


def test_vrooms_problem_gets_vrooms_answer_and_our_reasons(tmp_path: Path, capsys: Any):
    assert solve(VROOM, tmp_path, "--as", "vroom") == 1
    answer = json.loads(capsys.readouterr().out)
    checked_vroom(answer)
    [route] = answer["routes"]
    assert route["description"] == "blue truck"
    done = [(step["type"], step.get("id")) for step in route["steps"]]
    assert {("job", 1), ("job", 2), ("pickup", 3), ("delivery", 4)} <= set(done)
    assert done.index(("pickup", 3)) < done.index(("delivery", 4))
    assert (route["delivery"], route["pickup"]) == ([5, 3], [6, 2])
    assert route["steps"][0]["load"] == [3, 2]
    assert route["steps"][-1]["load"] == [4, 1]
    [copper] = [step for step in route["steps"] if step.get("id") == 2]
    assert copper["description"] == "copper"
    assert 36_000 <= copper["arrival"] + copper["waiting_time"] <= 39_600
    assert copper["location"] == [106.6, 26.6]
    [left] = answer["unassigned"]
    assert (left["id"], left["type"], left["description"]) == (3, "job", "too much")
    assert left["reason"]["code"] == "capacity"


@pytest.mark.parametrize("end", ["start", "end"])
def test_a_round_may_begin_or_end_anywhere(tmp_path: Path, capsys: Any, end: str):
    [car] = VROOM["vehicles"]
    day = VROOM | {"vehicles": [{name: each for name, each in car.items() if name != end}]}
    assert solve(VROOM, tmp_path, "--as", "vroom") == 1
    closed = json.loads(capsys.readouterr().out)["summary"]
    assert solve(day, tmp_path, "--as", "vroom") == 1
    answer = json.loads(capsys.readouterr().out)
    Draft202012Validator(VROOM_ANSWER).validate(answer)
    [route] = answer["routes"]
    kinds = [step["type"] for step in route["steps"]]
    assert kinds.count(end) == 0
    assert len(kinds) == 5
    assert answer["summary"]["distance"] < closed["distance"]
    assert solve(day, tmp_path, "--as", "geojson") == 1
    line = json.loads(capsys.readouterr().out)["features"][0]
    assert len(line["geometry"]["coordinates"]) == 5


@pytest.mark.parametrize("shape", ["json", "vroom", "geojson", "gpx", "csv"])
def test_a_plan_in_every_shape(tmp_path: Path, shape: str, capsys: Any):
    place = tmp_path / "plan"
    assert solve(a_day(), tmp_path, "--as", shape, "-o", str(place)) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "1 rounds, 6 stops served, 0 left out" in said.err
    assert "100.0 %" in said.err
    written = place.read_text(encoding="utf-8")
    if shape == "json":
        plan = json.loads(written)
        assert plan["format"] == "remelt/plan@1"
        assert [len(each["calls"]) for each in plan["rounds"]] == [6]
        assert plan["co2e_g"] == sum(leg["co2e_g"] for leg in plan["rounds"][0]["legs"]) > 0
        assert plan["places"]["hub"] == [26.551, 106.472]
        assert {leg["source"][:8] for leg in plan["rounds"][0]["legs"]} == {"geodesic"}
    elif shape == "vroom":
        checked_vroom(json.loads(written))
    elif shape == "geojson":
        features = json.loads(written)["features"]
        [line] = [each for each in features if each["geometry"]["type"] == "LineString"]
        assert line["geometry"]["coordinates"][0] == [106.472, 26.551]
        assert len(line["geometry"]["coordinates"]) == 8 == len(features) - 1
    elif shape == "gpx":
        points = ET.fromstring(written).findall(f"{GPX}rte/{GPX}rtept")  # noqa: S314 - our own
        assert len(points) == 8
        assert (points[0].get("lat"), points[0].get("lon")) == ("26.551000", "106.472000")
    else:
        rows = list(csv.DictReader(io.StringIO(written, newline="")))
        assert [row["action"] for row in rows] == ["start", *["load"] * 6, "end"]
        assert rows[-2]["load_kg"] == "615"
        assert sum(int(row["leg_m"]) for row in rows) > 20_000


@pytest.mark.parametrize("name", ["cvrplib", "solomon", "lilim"])
def test_benchmark_files_are_solved(name: str, tmp_path: Path, capsys: Any):
    file = tmp_path / "file.txt"
    file.write_text({"solomon": known.SOLOMON, "lilim": known.LILIM}.get(name, known.CVRP))
    assert main(["routes", "solve", str(file), "--deadline", "1", "--effort", "20"]) == 0
    assert json.loads(capsys.readouterr().out)["left_out"] == []
    assert main(["routes", "solve", str(file), "--as", "gpx"]) == 2
    assert "problem-no-positions" in capsys.readouterr().err


@pytest.mark.parametrize("code", sorted(BAD))
def test_bad_input_is_named_on_the_command_line(code: str, tmp_path: Path, capsys: Any):
    place = tmp_path / "plan.json"
    place.write_text("yesterday's plan")
    assert solve(BAD[code], tmp_path, "-o", str(place)) == 2
    said = capsys.readouterr()
    assert f"problem-{code.strip()}" in said.err
    assert "Traceback" not in said.err
    assert place.read_text() == "yesterday's plan"


def test_a_point_of_a_chinese_map_is_taken_once_it_says_so(tmp_path: Path, capsys: Any):
    assert solve(on_a_chinese_map(datum="GCJ-02"), tmp_path) == 0
    lat, lon = json.loads(capsys.readouterr().out)["places"]["p0"]
    assert (round(lat, 5), round(lon, 5)) == (26.412, 106.824)


def test_a_stop_without_a_road_is_left_out_and_the_rest_is_planned(tmp_path: Path, capsys: Any):
    assert solve(without_a_road(), tmp_path) == 1
    plan = json.loads(capsys.readouterr().out)
    assert [(each["stop"], each["code"]) for each in plan["left_out"]] == [("s0", "unreachable")]
    assert len(plan["rounds"][0]["calls"]) == 5


def test_a_load_that_is_ready_too_late_is_left_out(tmp_path: Path, capsys: Any):
    late = {"kind": "delivery", "ready_s": 70_000}
    assert solve(bent("stops", **late), tmp_path) == 1
    assert [each["stop"] for each in json.loads(capsys.readouterr().out)["left_out"]] == ["s0"]


def test_the_same_seed_gives_the_same_plan(tmp_path: Path, capsys: Any):
    plans = []
    for _ in range(2):
        solve(a_day(stops=30), tmp_path, "--seed", "5", "--deadline", "20")
        plans.append(capsys.readouterr().out)
    assert plans[0] == plans[1]


def test_what_cannot_be_read_or_written_is_said_before_solving(tmp_path: Path, capsys: Any):
    assert main(["routes", "solve", str(tmp_path / "none")]) == 2
    assert main(["routes", "solve", str(tmp_path)]) == 2
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00")
    assert main(["routes", "solve", str(tmp_path / "noise")]) == 2
    assert solve(a_day(), tmp_path, "-o", str(tmp_path / "no" / "plan.json")) == 2
    assert "nothing was solved" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["routes", "solve", "x", "--deadline", "nan"])


@pytest.mark.parametrize("making", [True, False])
def test_the_command_says_that_the_compiled_search_is_being_made(
    making: Any, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cli_routes, "prepare_solver", lambda: making)
    assert solve(a_day(), tmp_path) == 0
    assert ("the compiled search is being made" in capsys.readouterr().err) is making


def test_an_interrupted_search_still_writes_its_plan(tmp_path: Path):
    file, place = tmp_path / "day.json", tmp_path / "plan.json"
    day = a_day(stops=60)
    file.write_text(text(day | {"vehicles": [day["vehicles"][0] | {"capacity_kg": 30_000}]}))
    command = [sys.executable, "-m", "remelt.web.cli", "routes", "solve", file, "-o", place]
    child = subprocess.Popen(
        [*command, "--deadline", "60", "--effort", "1000000000"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "REMELT_HOME": str(tmp_path)},
    )
    assert child.stderr is not None
    for _ in range(2):
        assert "%" in child.stderr.readline()
    began = time.monotonic()
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=20)
    assert child.returncode == 0
    assert time.monotonic() - began < 10
    assert json.loads(place.read_text())["left_out"] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("address", ["/api/v1/routes", "/api/routes"])
def test_a_small_problem_is_answered_at_once(wang: Browser, address: str):
    answer = ask(wang, "POST", f"{address}{FAST}&as=vroom", text(VROOM))
    assert answer.status_code == 200
    assert answer.headers["X-Left-Out"] == "1"
    checked_vroom(answer.json)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_larger_problem_is_queued_and_its_plan_fetched(app: Flask, wang: Browser):
    asked = ask(wang, "POST", f"/api/v1/routes{FAST}", text(a_day(stops=210)))
    assert asked.status_code == 202
    place = asked.json["address"]
    waiting = ask(wang, "GET", place)
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "1")
    assert app.extensions["remelt"].runner.run_pending() == 1
    ready = ask(wang, "GET", place)
    assert ready.status_code == 200
    served = sum(len(each["calls"]) for each in ready.json["rounds"])
    assert served + len(ready.json["left_out"]) == 210
    again = ask(wang, "GET", f"{place}X")
    assert again.status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("shape", "kind"), [("gpx", "application/gpx+xml"), ("csv", "text/csv")])
def test_a_queued_plan_comes_in_the_shape_asked(app: Flask, wang: Browser, shape: str, kind: str):
    asked = ask(wang, "POST", f"/api/routes{FAST}&wait=0&as={shape}", text(a_day()))
    assert asked.status_code == 202
    app.extensions["remelt"].runner.run_pending()
    ready = ask(wang, "GET", asked.json["address"])
    assert ready.mimetype == kind
    assert "hub" in ready.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("code", sorted(BAD))
def test_bad_input_is_named_by_the_api(wang: Browser, code: str):
    answer = ask(wang, "POST", f"/api/v1/routes{FAST}", text(BAD[code]))
    assert answer.status_code == 422
    assert answer.json["code"] == f"problem-{code.strip()}"
    assert answer.json["errors"][0]["field"] == "problem"
    assert len(answer.json["detail"]) > 20


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_api_keeps_its_bounds(wang: Browser, monkeypatch: pytest.MonkeyPatch):
    for query in ("?deadline_s=301", "?as=pdf", "?seed=x", "?colour=red", "?effort=0"):
        assert ask(wang, "POST", f"/api/v1/routes{query}", text(a_day())).status_code == 422
    assert ask(wang, "POST", "/api/v1/routes", "[" * 100_000).status_code == 422
    assert ask(wang, "POST", "/api/v1/routes", '{"stops":' + "[" * 100_000).status_code == 422
    solomon = ask(wang, "POST", "/api/v1/routes", "DIMENSION : 2")
    assert solomon.status_code == 422
    plain = wang.client.post("/api/v1/routes", data="{}", headers={"Sec-Fetch-Site": "same-origin"})
    assert plain.status_code == 415
    monkeypatch.setattr(sys.modules["remelt.web.api.routes"], "MOST_BYTES", 1_000)
    assert ask(wang, "POST", "/api/v1/routes", text(a_day(stops=40))).status_code == 413


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_problems_come_at_a_bounded_rate(wang: Browser):
    told = [ask(wang, "POST", "/api/v1/routes", "{}").status_code for _ in range(31)]
    assert told == [422] * 30 + [429]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_plan_is_read_by_its_own_organisation_alone(
    app: Flask, clock: SimulatedClock, wang: Browser
):
    asked = ask(wang, "POST", f"/api/v1/routes{FAST}&wait=0", text(a_day()))
    with app.extensions["remelt"].store.write() as session:
        a_party(
            session, clock=clock, role="hub", login="zhao", password_hash=hash_password(PASSWORD)
        )
    other = signed_in(app, "zhao")
    assert ask(other, "GET", asked.json["address"]).status_code == 404
    key = {"Idempotency-Key": "a-key-of-mine"}
    first = ask(wang, "POST", f"/api/v1/routes{FAST}&wait=0", text(a_day()), **key)
    again = ask(wang, "POST", f"/api/v1/routes{FAST}&wait=0", text(a_day()), **key)
    assert first.json["code"] == again.json["code"]


def test_every_way_to_be_wrong_has_a_sentence():
    room = Path(open_plans.__file__).parents[2] / "routing"
    asked = [*room.glob("formats/*.py"), room / "checks.py"]
    sources = "\n".join(path.read_text() for path in asked)
    codes = set(re.findall(r"BadProblem\(\s*\"([a-z0-9-]+)\"", sources))
    codes |= {"gcj-02-as-wgs84", "outside-county"}
    assert {f"problem-{code.strip()}" for code in codes} <= MESSAGES.keys()
