"""The dispatcher changes the day, as a browser without JavaScript and as a program."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.logistics.models import PlanRun
from remelt.platform.logistics.queries import rounds_of_day
from remelt.web.fmt import distance
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.parties import PASSWORD
from tests.road import Road, a_pickup, a_plan, a_road


@pytest.fixture
def road(app: Flask, clock: SimulatedClock) -> Road:
    """A planned day of two trucks, and an urgent lot that is on no round."""
    with app.extensions["remelt"].store.write() as session:
        made = a_road(
            session,
            clock=clock,
            collectors=3,
            trucks=2,
            login="wang",
            password_hash=hash_password(PASSWORD),
        )
        made.day += timedelta(days=1)
        a_pickup(session, made, clock=clock, seller=0)
        a_pickup(session, made, clock=clock, seller=1)
        a_plan(session, made, clock=clock, day=made.day)
        a_pickup(session, made, clock=clock, seller=2)
    return made


@pytest.fixture
def wang(app: Flask, road: Road) -> Browser:
    return signed_in(app, "wang")


def _round(app, road):
    with app.extensions["remelt"].store.read() as session:
        own = road.hub.organisation.key
        return rounds_of_day(session, organisation_id=own, day=road.day)[0].round.code


def _call(browser: Browser, method: str, address: str, **options: Any) -> Any:
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "zh-CN"}
    return browser.client.open(address, method=method, headers=headers, **options)


def test_an_urgent_lot_is_put_on_and_taken_off_on_the_pages(app, road, wang):
    desk, urgent, day = f"/dispatch?day={road.day}", road.orders[2], road.day.isoformat()
    assert f"/dispatch/orders/{urgent.code}/insert" in wang.get(desk).text
    put = wang.post(f"/dispatch/orders/{urgent.code}/insert", on=desk, day=day)
    assert put.status_code == 303
    page = wang.get(put.headers["Location"]).text
    assert urgent.lot_code[:4] in page
    again = wang.post(f"/dispatch/orders/{urgent.code}/insert", on=desk, day=day)
    assert again.status_code == 409
    off = wang.post(f"/dispatch/orders/{urgent.code}/take-off", on=put.headers["Location"])
    assert off.status_code == 303
    assert urgent.code in wang.get(desk).text


def test_a_lost_truck_leads_to_the_plan_with_what_is_left(app, road, wang):
    here = f"/rounds/{_round(app, road)}"
    lost = wang.post(f"/dispatch{here}/lose", on=here)
    assert lost.status_code == 303
    assert wang.get(lost.headers["Location"]).status_code == 200
    again = wang.post(f"/dispatch{here}/lose", on=here)
    assert again.status_code == 409


def test_the_plan_tells_its_rounds_as_they_stand(app, road, wang):
    day, order = road.day.isoformat(), road.orders[2].code
    with app.extensions["remelt"].store.read() as session:
        plan = session.exec(select(PlanRun)).one()
    planned = plan.result["distance_m"]
    assert _distances(wang, plan.code)[0] == distance(planned)
    wang.post(f"/dispatch/orders/{order}/insert", on=f"/dispatch?day={day}", day=day)
    with app.extensions["remelt"].store.read() as session:
        cards = rounds_of_day(session, organisation_id=road.hub.organisation.key, day=road.day)
    driven = sum(card.round.distance_m for card in cards)
    assert driven > planned
    assert _distances(wang, plan.code)[0] == distance(driven)
    for card in cards:
        wang.post(f"/dispatch/rounds/{card.round.code}/lose", on=f"/rounds/{card.round.code}")
    with app.extensions["remelt"].store.read() as session:
        after = rounds_of_day(session, organisation_id=road.hub.organisation.key, day=road.day)
    assert _distances(wang, plan.code)[0] == distance(sum(c.round.distance_m for c in after))


def _distances(browser: Browser, plan: str) -> list[str]:
    """The kilometres on a plan's page, the total first."""
    return re.findall(r"[\d,.]+\xa0km", unescape(browser.get(f"/dispatch/plans/{plan}").text))


def test_two_plans_are_compared(app, clock, road, wang):
    with app.extensions["remelt"].store.write() as session:
        second = a_plan(session, road, clock=clock, day=road.day).code
    page = wang.get(f"/dispatch/plans/{second}/beside").text
    assert "并列比较" in page
    assert "未安排" in page
    assert "&lt;time" not in page
    assert wang.get(f"/dispatch/plans/{second}/beside?other=X").status_code == 404


def test_programs_change_the_day_too(app, clock, road, wang):
    urgent = road.orders[2].code
    put = _call(wang, "POST", f"/api/v1/orders/{urgent}/insert", json={"day": road.day.isoformat()})
    assert put.status_code == 200
    assert urgent in {stop["order"] for stop in put.json["stops"]}
    off = _call(wang, "POST", f"/api/v1/orders/{urgent}/take-off", json={})
    assert urgent not in {stop["order"] for stop in off.json["stops"]}
    lost = _call(wang, "POST", f"/api/v1/rounds/{_round(app, road)}/lose", json={})
    assert len(lost.json["taken_over"]) == 2
    with app.extensions["remelt"].store.write() as session:
        one = a_plan(session, road, clock=clock, day=road.day).code
    told = _call(wang, "GET", f"/api/v1/plans/{one}/beside?other={one}").json
    assert told["differences"] == []
    assert told["was"] == told["now"]
    bad = _call(wang, "POST", f"/api/v1/orders/{urgent}/insert", json={"day": "2020-01-01"})
    assert (bad.status_code, bad.json["code"]) in {(422, "day-past"), (409, "order-not-open")}


def test_nobody_changes_another_organisations_day(app, clock, road, wang):
    with app.extensions["remelt"].store.write() as session:
        other = a_road(session, clock=clock)
        order = a_pickup(session, other, clock=clock, seller=0)
        foreign = order.code
        a_plan(session, other, clock=clock, day=other.day)
    day = {"day": road.day.isoformat()}
    assert _call(wang, "POST", f"/api/v1/orders/{foreign}/insert", json=day).status_code == 404
    assert _call(wang, "POST", f"/api/v1/orders/{foreign}/take-off", json={}).status_code == 404
