"""No stop vanishes: what a plan leaves out is listed, with its reason or that time has ended."""

import json
from time import monotonic

import pytest

from remelt.platform.logistics import open_plans
from remelt.platform.logistics.open_plans import How
from remelt.platform.logistics.solving import solve_day
from remelt.routing.reasons import CODES, UNEXAMINED
from remelt.routing.rounds import plan
from tests.day_files import a_day, text

STOPS = 300


@pytest.fixture(scope="module")
def asked():
    return open_plans.read(text(a_day(stops=STOPS)))


def test_a_plan_lists_every_stop_it_leaves_out(asked):
    began = monotonic()
    found = plan(asked.problem, seed=1, deadline_s=1, effort=100)
    took = monotonic() - began
    assert len(found.verdict.unserved) > STOPS / 2
    assert tuple(each.stop for each in found.reasons) == found.verdict.unserved
    assert {each.code for each in found.reasons} <= {*CODES, UNEXAMINED}
    assert took < 3


@pytest.mark.parametrize("shape", ["json", "vroom"])
def test_a_file_gets_a_proven_reason_for_every_stop_left_out(asked, shape):
    found = open_plans.solve(asked, how=How(deadline_s=0.5), shape=shape)
    told = json.loads(found.text)
    assert found.left_out > STOPS / 2
    if shape == "json":
        left = told["left_out"]
        assert {each["stop"] for each in left} == {stop.key for stop in asked.problem.stops} - {
            call["stop"] for each in told["rounds"] for call in each["calls"]
        }
    else:
        left = [each["reason"] for each in told["unassigned"]]
    assert len(left) == found.left_out
    assert {each["code"] for each in left} <= set(CODES)


def test_incumbents_name_what_they_leave_and_the_last_plan_says_why():
    day = a_day(stops=STOPS)
    payload = {
        "places": [
            {"key": p["key"], "lat_e6": round(p["lat"] * 1e6), "lon_e6": round(p["lon"] * 1e6)}
            for p in day["places"]
        ],
        "problem": {"stops": day["stops"], "vehicles": day["vehicles"]},
        "seed": 1,
        "deadline_s": 1,
        "effort": None,
    }
    told = []
    result = solve_day(payload, lambda _progress, _note="", found=None: told.append(found))
    incumbents = [each for each in told if each is not None]
    assert incumbents
    for each in (*incumbents, result):
        served = {call["stop"] for one in each["rounds"] for call in one["calls"]}
        assert len(served) + len(each["left_out"]) == STOPS
    codes = [{one["code"] for one in each["left_out"]} for each in incumbents]
    assert all(each == {UNEXAMINED} for each in codes)
    assert {each["code"] for each in result["left_out"]} <= set(CODES)
