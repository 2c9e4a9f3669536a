"""Edges that a stranger reached: each gets an answer, never an error of ours."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from remelt.platform.kernel.clock import SimulatedClock
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.parties import PASSWORD, a_party

SECRET = hash_password(PASSWORD)


def a_browser(app: Flask, clock: SimulatedClock, role: str) -> Browser:
    with app.extensions["remelt"].store.write() as session:
        party = a_party(session, clock=clock, role=role, password_hash=SECRET)
        login = party.person.login
    return signed_in(app, login)


@pytest.mark.parametrize("address", ["//[", "http://[", "/a%0d%0aX:%20y", "//evil.example"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_strange_way_back_leads_home(client: FlaskClient, address: str):
    answer = client.get(f"/preferences?next={address}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' + "[" * 3_000 + "]" * 3_000 + "}"])
def test_a_body_nested_without_end_is_refused(app: Flask, clock: SimulatedClock, body: str):
    hub = a_browser(app, clock, "hub").client
    answer = hub.post(
        "/api/v1/vehicles",
        data=body,
        content_type="application/json",
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code in {400, 422}, answer.text


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("smelter", "/contracts?page=99999999999999999999"),
        ("collector", "/lots?page=99999999999999999999"),
        ("hub", "/api/v1/tickets?before=999999999999999999999999999999"),
        ("hub", "/day-end?day=9999-12-31"),
        ("hub", "/day-end?day=0001-01-01"),
    ],
)
def test_numbers_and_days_without_bounds_are_answered(
    app: Flask, clock: SimulatedClock, role: str, address: str
):
    assert a_browser(app, clock, role).get(address).status_code in {200, 422}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_text_that_is_too_long_is_told_in_characters(app: Flask, clock: SimulatedClock):
    collector = a_browser(app, clock, "collector")
    answer = collector.post("/lots/new", step="check", title="长" * 300)
    assert answer.status_code == 422
    assert "最多 120 个字" in answer.text or "120 个字" in answer.text
