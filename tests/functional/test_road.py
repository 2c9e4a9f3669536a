"""Dispatch, the driver's phone and scanning, as a browser without JavaScript and as a program."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from remelt.platform.kernel.clock import BEIJING, SimulatedClock
from remelt.platform.logistics.models import PlanRun
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.parties import PASSWORD
from tests.road import Road, a_delivery, a_pickup, a_plan, a_road


@pytest.fixture
def road(app: Flask, clock: SimulatedClock) -> Road:
    """A hub whose dispatcher signs in as wang, with two pickups and a delivery."""
    with app.extensions["remelt"].store.write() as session:
        made = a_road(session, clock=clock, login="wang", password_hash=hash_password(PASSWORD))
        a_pickup(session, made, clock=clock, seller=0)
        a_pickup(session, made, clock=clock, seller=1)
        a_delivery(session, made, clock=clock)
    return made


@pytest.fixture
def wang(app: Flask, road: Road) -> Browser:
    return signed_in(app, "wang")


@pytest.fixture
def planned(app: Flask, clock: SimulatedClock, road: Road) -> Road:
    """The same day, planned."""
    with app.extensions["remelt"].store.write() as session:
        a_plan(session, road, clock=clock, day=road.day)
    return road


def call(browser: Browser, method: str, address: str, **options: Any) -> Any:
    """Ask the API with the browser's own session."""
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "zh-CN"}
    return browser.client.open(address, method=method, headers=headers, **options)


def test_a_day_is_planned_through_the_pages(app: Flask, road: Road, wang: Browser):
    day = (road.day + timedelta(days=1)).isoformat()
    desk_page = f"/dispatch?day={day}"
    desk = wang.get(desk_page).text
    for order in road.orders:
        assert order.lot_code[:4] in desk
    asked = wang.post("/dispatch/plans", on=desk_page, site=road.hub.site.code, day=day)
    assert asked.status_code == 303
    plan = asked.headers["Location"]
    waiting = wang.get(plan).text
    assert '<meta http-equiv="refresh"' in waiting
    assert "hx-trigger" in waiting
    again = wang.post("/dispatch/plans", on=desk_page, site=road.hub.site.code, day=day)
    assert again.status_code == 409

    assert app.extensions["remelt"].runner.run_pending() == 1

    part = wang.get(f"{plan}/progress")
    assert part.headers["HX-Refresh"] == "true"
    ready = wang.get(plan).text
    assert "data-points" in ready
    assert "refresh" not in ready
    [round_] = set(re.findall(r"/rounds/[A-Z0-9]{14}", ready))
    assert "geodesic x 1.35" in wang.get(round_).text
    sheet = wang.get(f"{round_}/sheet").text
    assert sheet.count("<svg xmlns") == 3
    assert wang.post(f"{round_}/cancel", on=round_).status_code == 303


def test_what_cannot_be_placed_says_why_in_both_languages(
    app: Flask, clock: SimulatedClock, road: Road, wang: Browser
):
    with app.extensions["remelt"].store.write() as session:
        a_pickup(session, road, clock=clock, seller=0, mass_g=9_000_000)
        plan = a_plan(session, road, clock=clock, day=road.day)
    page = f"/dispatch/plans/{plan.code}"
    assert "超过最大车辆的载重" in wang.get(page).text
    english = wang.get(f"{page}?lang=en").text
    assert "are more than the largest truck takes" in english


def test_the_driver_scans_every_stop(planned: Road, wang: Browser):
    today = wang.get("/drive").text
    assert today.count('class="card"') == 6
    for do in ("load", "unload"):
        for order in planned.orders:
            answer = wang.post("/scan", code=order.lot_code.lower(), do=do)
            assert answer.status_code == 303
            assert order.lot_code[:4] in wang.get(answer.headers["Location"]).text
    assert "已完成" in wang.get("/drive").text


@pytest.mark.parametrize(
    ("code", "do", "status", "sentence"),
    [
        ("", "load", 422, "请填写"),
        ("ABCD", "load", 422, "编码"),
        ("first", "unload", 409, "还没有装车"),
        ("first", "burn", 422, ""),
        ("ＡＡＡＡ\0", "load", 422, ""),
        ("x" * 600, "load", 422, ""),
        ("AAAAAAAAAAAA00", "load", 422, "编码"),
    ],
)
def test_a_wrong_scan_is_explained_and_changes_nothing(
    planned: Road, wang: Browser, code: str, do: str, status: int, sentence: str
):
    typed = planned.orders[0].lot_code if code == "first" else code
    answer = wang.post("/scan", code=typed, do=do)
    assert answer.status_code == status
    assert sentence in answer.text
    assert 'class="summary"' in answer.text
    assert wang.post("/scan", code=planned.orders[0].lot_code, do="load").status_code == 303


def test_a_lot_is_left_behind_with_a_reason(planned: Road, wang: Browser):
    code = planned.orders[0].lot_code
    assert wang.post("/drive/left", on="/drive", code=code, because="").status_code == 422
    assert wang.post("/drive/left", on="/drive", code=code, because="门锁着").status_code == 303
    assert "门锁着" in wang.get("/drive").text


def test_vehicles_and_deliveries_are_entered_on_pages(road: Road, wang: Browser):
    truck = {
        "plate": "贵a12345",
        "site": road.hub.site.code,
        "capacity_kg": "３０００",
        "emission_class": "rigid_3.5_7.5",
        "shift_from": "７：００",
        "shift_to": "18:30",
        "fixed_yuan": "100",
        "yuan_per_km": "2.5",
        "yuan_per_hour": "0",
    }
    assert wang.post("/dispatch/vehicles", **truck).status_code == 303
    page = wang.get("/dispatch/vehicles").text
    assert "贵A12345" in page
    assert "07:00–18:30" in page
    refused = wang.post("/dispatch/vehicles", **truck)
    assert refused.status_code == 409
    for field, value in [("shift_to", "25:00"), ("capacity_kg", "-1"), ("shift_to", "06:00")]:
        assert wang.post("/dispatch/vehicles", **(truck | {field: value})).status_code == 422
    assert "没有可发出" in wang.get("/dispatch/deliveries").text


def test_the_same_through_the_api(app: Flask, clock: SimulatedClock, road: Road, wang: Browser):
    orders = call(wang, "GET", "/api/v1/orders").json["items"]
    assert {each["lot_code"] for each in orders} == {each.lot_code for each in road.orders}
    body = {"site": road.hub.site.code, "day": road.day.isoformat(), "effort": 200}
    plan = call(wang, "POST", "/api/v1/plans", json=body)
    assert plan.status_code == 202
    assert plan.json["state"] == "waiting"
    app.extensions["remelt"].runner.run_pending()
    done = call(wang, "GET", f"/api/v1/plans/{plan.json['code']}").json
    assert done["state"] == "done"
    assert done["left_out"] == []
    [found] = call(wang, "GET", f"/api/v1/rounds?day={road.day.isoformat()}").json["items"]
    assert sum(leg["distance_m"] for leg in found["legs"]) == found["distance_m"]
    assert call(wang, "GET", f"/api/v1/rounds/{found['code']}").json == found
    for action in ("load", "unload"):
        for order in road.orders:
            made = call(
                wang, "POST", "/api/v1/handovers", json={"code": order.lot_code, "action": action}
            )
            assert made.status_code == 201, made.text
    again = call(wang, "POST", "/api/v1/handovers", json={"code": order.lot_code, "action": "load"})
    assert (again.status_code, again.json["type"]) == (409, "urn:remelt:error:already-unloaded")
    assert call(wang, "GET", f"/api/v1/rounds/{found['code']}").json["state"] == "driven"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"site": "x", "day": "2026-13-01"},
        {"site": "x", "day": "2026-03-02", "deadline_s": 301},
        {"site": "x", "day": "2026-03-02", "seed": "1"},
        {"site": "x", "day": "2026-03-02", "extra": 1},
        {"site": None, "day": None},
        {"site": "x" * 10**6, "day": "2026-03-02"},
    ],
)
def test_a_bad_plan_is_refused_field_by_field(wang: Browser, body: dict[str, object]):
    answer = call(wang, "POST", "/api/v1/plans", json=body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["errors"]


def test_a_day_that_is_over_cannot_be_planned(clock: SimulatedClock, road: Road, wang: Browser):
    yesterday = (clock.now().astimezone(BEIJING) - timedelta(days=1)).date().isoformat()
    answer = wang.post("/dispatch/plans", on="/dispatch", site=road.hub.site.code, day=yesterday)
    assert answer.status_code == 422


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_saved_round_leaves_as_geojson_gpx_and_csv(planned: Road, wang: Browser):
    [found] = call(wang, "GET", "/api/v1/rounds").json["items"]
    page = f"/rounds/{found['code']}"
    links = re.findall(rf'href="({page}/track\.\w+)"', wang.get(page).text)
    assert len(links) == 3
    media = {link.rsplit(".", 1)[1]: wang.get(link).mimetype for link in links}
    assert media == {
        "gpx": "application/gpx+xml",
        "geojson": "application/geo+json",
        "csv": "text/csv",
    }
    assert wang.get(f"{page}/track.pdf").status_code == 404
    with wang.client.application.extensions["remelt"].store.read() as session:
        [plan] = session.exec(select(PlanRun.code)).all()
    whole = f"/dispatch/plans/{plan}"
    files = re.findall(rf'href="({whole}/rounds\.\w+)"', wang.get(whole).text)
    assert {link.rsplit(".", 1)[1]: wang.get(link).mimetype for link in files} == media
    assert wang.get(f"{whole}/rounds.pdf").status_code == 404
    told = call(wang, "GET", f"/api/v1{page}/track").json["features"]
    assert told[0]["geometry"]["type"] == "LineString"
    assert told[0]["properties"]["distance_m"] == found["distance_m"]
    points = [each["properties"] for each in told[1:]]
    assert [points[0]["action"], points[-1]["action"]] == ["start", "end"]
    assert sum(each["leg_m"] for each in points) == found["distance_m"]
    assert points[0]["arrive"].endswith("+08:00")
    gpx = call(wang, "GET", f"/api/v1{page}/track?as=gpx").text
    assert gpx.count("<rtept") == len(points)
    assert "<time>2026-03-02T" in gpx
    shares = found["shares"]
    assert sum(each["forecast_g"] for each in shares) == found["co2e_g"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_forecast_and_driven_stand_side_by_side(planned: Road, wang: Browser):
    [found] = call(wang, "GET", "/api/v1/rounds").json["items"]
    page = f"/rounds/{found['code']}?lang=en"
    before = wang.get(page).text
    assert "Forecast emission" in before
    assert "upstream of diesel missing" in before
    for do in ("load", "unload"):
        for order in planned.orders:
            wang.post("/scan", code=order.lot_code, do=do)
    after = wang.get(page).text
    assert "as planned" in after
    driven = call(wang, "GET", f"/api/v1/rounds/{found['code']}").json
    assert driven["forecast_co2e_g"] == found["co2e_g"]
    assert sum(each["carried_g"] for each in driven["shares"]) == driven["co2e_g"]
