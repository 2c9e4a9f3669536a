"""Signing in, being kept out, and losing one's rights."""

import re
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlmodel import func, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.idempotency import StoredAnswer
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.settings import Settings
from remelt.platform.parties import people, sessions, tokens
from remelt.platform.parties.models import Person, SignInSession
from remelt.web.app import create_app
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.parties import PASSWORD, Party, a_party


@pytest.fixture
def hub(app: Flask, clock: SimulatedClock) -> Party:
    """A hub and its person, who signs in as wang."""
    with app.extensions["remelt"].store.write() as session:
        return a_party(
            session,
            clock=clock,
            role="hub",
            login="wang",
            name="清镇分拣中心",
            password_hash=hash_password(PASSWORD),
        )


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


def test_the_right_password_leads_to_where_one_wanted(hub: Party, browser: Browser):
    answer = browser.post("/sign-in", login=" ＷＡＮＧ ", password=PASSWORD, next="/workplace")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/workplace")
    assert "清镇分拣中心" in browser.get("/workplace").text
    assert browser.get("/sign-in").status_code == 303


@pytest.mark.parametrize(
    "away", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(hub: Party, browser: Browser, away: str):
    answer = browser.post("/sign-in", login="wang", password=PASSWORD, next=away)
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("wang", "wrong"),
        ("wang", PASSWORD.upper()),
        ("nobody", PASSWORD),
        ("wang'--", PASSWORD),
        ("' OR 1=1", "x"),
        ("王", "x" * 200),
    ],
)
def test_a_wrong_pair_is_told_in_one_sentence(hub: Party, browser: Browser, login, password):
    answer = browser.post("/sign-in?lang=en", login=login, password=password)
    assert answer.status_code == 422
    assert "登录名或密码" in answer.text or "login or the password is wrong" in answer.text
    assert f'value="{password}"' not in answer.text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("login", ""),
        ("login", "\0wang"),
        ("login", "w" * 1_000_000),
        ("password", ""),
        ("password", "\0" * 10),
        ("password", "p" * 1_000_000),
    ],
)
def test_odd_input_is_refused_beside_its_field(hub: Party, browser: Browser, field, text):
    form = {"login": "wang", "password": PASSWORD} | {field: text}
    answer = browser.post("/sign-in", **form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_an_absent_field_is_refused(hub: Party, browser: Browser):
    answer = browser.post("/sign-in", login="wang")
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text


def test_five_wrong_passwords_close_the_door_for_a_while(
    hub: Party, app: Flask, clock: SimulatedClock
):
    for _ in range(5):
        assert Browser(app.test_client()).sign_in("wang", "wrong").status_code == 422
    closed = Browser(app.test_client()).sign_in("wang")
    assert closed.status_code == 429
    assert "15" in re.sub(r"<[^>]+>", "", closed.text)
    clock.advance(minutes=15)
    assert Browser(app.test_client()).sign_in("wang").status_code == 303


def test_the_right_password_forgets_the_wrong_ones(hub: Party, app: Flask):
    for _ in range(3):
        for _ in range(4):
            Browser(app.test_client()).sign_in("wang", "wrong")
        assert Browser(app.test_client()).sign_in("wang").status_code == 303


def test_one_address_cannot_try_every_login(hub: Party, app: Flask):
    browser = Browser(app.test_client())
    for number in range(60):
        assert browser.sign_in(f"guess{number}", "wrong").status_code == 422
    assert browser.sign_in("wang").status_code == 429


def test_a_form_without_our_token_is_refused(hub: Party, app: Flask):
    client = app.test_client()
    form = {"login": "wang", "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 403
    assert client.post("/sign-in", data=form | {"csrf_token": "x"}).status_code == 403


def test_a_form_of_another_browser_is_refused(hub: Party, app: Flask):
    other = Browser(app.test_client())
    other.get("/sign-in")
    mine = Browser(app.test_client())
    mine.get("/sign-in")
    mine.page = other.page
    assert mine.send("/sign-in", login="wang", password=PASSWORD).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
def test_a_form_sent_from_another_site_is_refused(hub: Party, browser: Browser, headers):
    browser.get("/sign-in")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)[1]
    form = {"login": "wang", "password": PASSWORD, "csrf_token": token}
    assert browser.client.post("/sign-in", data=form, headers=headers).status_code == 403


def test_signing_in_changes_the_cookie_and_its_token(hub: Party, browser: Browser):
    browser.get("/sign-in")
    before = browser.page
    browser.sign_in("wang")
    browser.page = before
    assert browser.send("/sign-out").status_code == 403


def test_the_cookie_cannot_be_read_by_scripts_or_sent_along(hub: Party, browser: Browser):
    flags = browser.sign_in("wang").headers["Set-Cookie"]
    assert "HttpOnly" in flags
    assert "SameSite=Lax" in flags


def test_signing_out_ends_the_row_not_only_the_cookie(hub: Party, app: Flask):
    browser = signed_in(app, "wang")
    cookie = browser.client.get_cookie("remelt").value
    assert browser.post("/sign-out", on="/workplace").status_code == 303
    thief = app.test_client()
    thief.set_cookie("remelt", cookie)
    assert thief.get("/workplace").headers["Location"].startswith("/sign-in")


def test_a_session_falls_idle_and_grows_old(hub: Party, app: Flask, clock: SimulatedClock):
    idle, busy = signed_in(app, "wang"), signed_in(app, "wang")
    for _ in range(3):
        clock.advance(hours=5)
        assert busy.get("/workplace").status_code == 200
    assert idle.get("/workplace").status_code == 303
    for _ in range(40):
        clock.advance(hours=10)
        busy.get("/workplace")
    assert busy.get("/workplace").status_code == 303


def test_a_revoked_session_is_out_at_once(hub: Party, app: Flask, clock: SimulatedClock):
    browser = signed_in(app, "wang")
    with app.extensions["remelt"].store.write() as session:
        sessions.revoke_sessions(session, clock=clock, person_id=hub.person.key)
    assert browser.get("/workplace").status_code == 303


def test_a_deactivated_person_is_out_and_stays_out(hub: Party, app: Flask, clock: SimulatedClock):
    browser = signed_in(app, "wang")
    with app.extensions["remelt"].store.write() as session:
        people.set_active(session, clock=clock, person_code=hub.person.code, active=False)
    assert browser.get("/workplace").status_code == 303
    assert Browser(app.test_client()).sign_in("wang").status_code == 422


def test_rights_end_with_the_membership_not_with_the_session(
    hub: Party, app: Flask, clock: SimulatedClock
):
    browser = signed_in(app, "wang")
    assert browser.get("/organisation").status_code == 200
    with app.extensions["remelt"].store.write() as session:
        people.leave(session, clock=clock, membership_code=hub.membership.code)
    assert browser.get("/organisation").headers["Location"].startswith("/sign-in")
    led = browser.get("/sign-in?next=/organisation")
    assert led.headers["Location"].startswith("/workplace")


def test_a_person_of_two_organisations_chooses(hub: Party, app: Flask, clock: SimulatedClock):
    with app.extensions["remelt"].store.write() as session:
        second = a_party(session, clock=clock, role="smelter", name="遵义第二冶炼")
        joined = people.join(
            session,
            clock=clock,
            person_id=hub.person.key,
            organisation_id=second.organisation.key,
            role="smelter",
        )
        foreign = second.membership.code
    browser = Browser(app.test_client())
    answer = browser.post("/sign-in", login="wang", password=PASSWORD, next="/organisation")
    assert answer.headers["Location"] == "/workplace?next=/organisation"
    assert browser.get("/organisation").status_code == 303
    assert browser.post("/workplace", membership=foreign).status_code == 404
    answer = browser.post("/workplace", membership=joined.code, next="/organisation")
    assert answer.headers["Location"] == "/organisation"
    assert "遵义第二冶炼" in browser.get("/organisation").text


def test_a_sign_in_leaves_no_password_and_no_name_behind(hub: Party, app: Flask):
    signed_in(app, "wang")
    with app.extensions["remelt"].store.read() as session:
        person = session.exec(select(Person).where(Person.login == "wang")).one()
        assert person.password_hash.startswith("$argon2id$")
        row = session.exec(select(SignInSession)).one()
        assert len(row.token_sha256) == 64
        assert session.exec(select(func.count()).select_from(StoredAnswer)).one() == 0
        said = " ".join(str(row.body) for row in session.exec(select(OutboxRow)))
    assert "wang" not in said
    assert "清镇" not in said


def test_a_hash_of_older_parameters_is_made_anew(hub: Party, app: Flask, clock: SimulatedClock):
    weak = PasswordHasher(memory_cost=1024, time_cost=1, parallelism=1).hash(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        people.keep_hash(session, person_id=hub.person.key, password_hash=weak)
    signed_in(app, "wang")
    with app.extensions["remelt"].store.read() as session:
        kept = session.exec(select(Person.password_hash).where(Person.login == "wang")).one()
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_every_answer_carries_the_protecting_headers(app: Flask):
    for address in ("/", "/sign-in", "/no-such-page", "/healthz", "/api/v1/nothing"):
        headers = app.test_client().get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_a_token_acts_for_its_membership_at_the_api_alone(
    hub: Party, app: Flask, clock: SimulatedClock
):
    with app.extensions["remelt"].store.write() as session:
        token, text = tokens.issue_token(
            session, clock=clock, actor=hub.actor, name="scale", scopes=("parties.own",), days=30
        )
    bearer = {"Authorization": f"Bearer {text}"}
    client = app.test_client()
    answer = client.get("/api/v1/organisation", headers=bearer)
    assert answer.status_code == 200, answer.text
    assert answer.json["code"] == hub.organisation.code
    assert client.get("/organisation", headers=bearer).status_code == 303
    bad = {"Authorization": f"Bearer {text}x"}
    assert client.get("/api/v1/organisation", headers=bad).status_code == 401
    with app.extensions["remelt"].store.write() as session:
        tokens.revoke_token(session, clock=clock, token_code=token.code, person_id=hub.person.key)
    assert client.get("/api/v1/organisation", headers=bearer).status_code == 401


def test_a_token_expires(hub: Party, app: Flask, clock: SimulatedClock):
    with app.extensions["remelt"].store.write() as session:
        _row, text = tokens.issue_token(
            session, clock=clock, actor=hub.actor, name="scale", scopes=("parties.own",), days=30
        )
    clock.advance(days=30)
    answer = app.test_client().get(
        "/api/v1/organisation", headers={"Authorization": f"Bearer {text}"}
    )
    assert answer.status_code == 401


def test_a_token_does_no_more_than_its_scopes(hub: Party, app: Flask, clock: SimulatedClock):
    with app.extensions["remelt"].store.write() as session:
        _row, text = tokens.issue_token(
            session, clock=clock, actor=hub.actor, name="x", scopes=(), days=30
        )
    answer = app.test_client().get(
        "/api/v1/organisation", headers={"Authorization": f"Bearer {text}"}
    )
    assert answer.status_code == 403


def test_a_cookie_at_the_api_must_come_from_our_pages(hub: Party, app: Flask):
    browser = signed_in(app, "wang")
    ours = {"Sec-Fetch-Site": "same-origin"}
    for headers, status in (({}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403), (ours, 422)):
        answer = browser.client.post("/api/v1/organisation/filings", json={}, headers=headers)
        assert answer.status_code == status, answer.text


def test_behind_a_proxy_visitors_are_told_apart(
    database_url: str, clock: SimulatedClock, tmp_path: Path
):
    settings = Settings(home=tmp_path / "home", database_url=database_url, proxies=1)
    app = create_app(settings, clock=clock)
    for number in range(60):
        visitor = Browser(app.test_client())
        visitor.client.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.7"
        assert visitor.sign_in(f"guess{number}", "wrong").status_code == 422
    assert visitor.sign_in("wang", "wrong").status_code == 429
    neighbour = Browser(app.test_client())
    neighbour.client.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.8"
    assert neighbour.sign_in("wang", "wrong").status_code == 422
    app.extensions["remelt"].store.close()
