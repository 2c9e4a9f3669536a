"""Registering, the account, the own organisation and the operator's desk, as people use them."""

import io
import re

import pytest
from flask import Flask
from sqlmodel import select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.parties import queries, register
from remelt.platform.parties.models import (
    ApiToken,
    Filing,
    KnownSite,
    Organisation,
    Person,
    RecoveryCode,
    Site,
)
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.parties import PASSWORD, Party, a_party

COLLECTOR = {
    "name": "王大力",
    "login": "１３８００１３８０００",
    "password": "收废铝的老王 1970",
    "legal_form": "natural_person",
    "adcode": "520181",
    "phone": "138 0013 8000",
    "agreed": "yes",
}
SITE = {
    "name_zh": "二号场地",
    "adcode": "520181",
    "opens": "07:30",
    "closes": "19:00",
    "can_hub": "yes",
    "can_purchase_point": "yes",
    "scale_division_kg": "０.５",
    "second_person_above_yuan": "10,000",
}


@pytest.fixture
def party(app: Flask, clock: SimulatedClock) -> dict[str, Party]:
    """A hub and an operator, and the reference data."""
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        return {
            role: a_party(
                session,
                clock=clock,
                role=role,
                login=role,
                name=f"试验{role}",
                password_hash=hash_password(PASSWORD),
            )
            for role in ("hub", "operator")
        }


def rows(app: Flask, table, **where):
    with app.extensions["remelt"].store.read() as session:
        return session.exec(select(table).filter_by(**where)).all()


def text_of(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page)


def test_a_collector_registers_and_works_at_once(app: Flask, party):
    browser = Browser(app.test_client())
    answer = browser.post("/register", **COLLECTOR)
    assert answer.status_code == 303, text_of(answer.text)
    assert "王大力" in browser.get("/organisation").text
    person = rows(app, Person, login="13800138000")[0]
    assert (person.masked_phone, person.name) == ("138****8000", "王大力")
    organisation = rows(app, Organisation, name_zh="王大力")[0]
    site = rows(app, Site, organisation_id=organisation.id)[0]
    assert site.capabilities == {"collect"}
    assert site.lat_e6 is not None
    assert signed_in(app, "13800138000", COLLECTOR["password"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\0"}, "name"),
        ({"name": "王" * 1_000_000}, "name"),
        ({"login": "王"}, "login"),
        ({"login": "hub"}, "login"),
        ({"password": "short"}, "password"),
        ({"password": "aaaaaaaaaaaaaaaa"}, "password"),
        ({"adcode": "999999"}, "adcode"),
        ({"phone": "one two"}, "phone"),
        ({"legal_form": "enterprise"}, "legal_form"),
        ({"agreed": None}, "agreed"),
    ],
)
def test_a_registration_is_refused_beside_its_field(app: Flask, party, change, field):
    form = {k: v for k, v in (COLLECTOR | change).items() if v is not None}
    before = len(rows(app, Organisation))
    answer = Browser(app.test_client()).post("/register", **form)
    assert answer.status_code in {409, 422}
    assert f'id="{field}-error"' in answer.text
    assert COLLECTOR["password"] not in answer.text
    assert len(rows(app, Organisation)) == before


def test_the_same_registration_sent_twice_is_one(app: Flask, party):
    browser = Browser(app.test_client())
    browser.get("/register")
    page = browser.page
    browser.send("/register", **COLLECTOR)
    again = Browser(app.test_client(), page=page)
    again.get("/register")
    token = re.search(r'name="csrf_token" value="([^"]+)"', again.page)[0]
    again.page = re.sub(r'name="csrf_token" value="([^"]+)"', token, page)
    answer = again.send("/register", **COLLECTOR)
    assert answer.status_code == 303
    assert len(rows(app, Organisation, name_zh="王大力")) == 1
    assert again.get("/organisation").status_code == 303, "the second sender is not signed in"


def test_registrations_from_one_address_are_limited(app: Flask, party):
    browser = Browser(app.test_client())
    for number in range(20):
        browser.post("/register", **COLLECTOR | {"login": f"u{number}", "password": "x"})
    assert browser.post("/register", **COLLECTOR).status_code == 429


def test_a_new_password_ends_the_other_sessions(app: Flask, party):
    here, there = signed_in(app, "hub"), signed_in(app, "hub")
    wrong = here.post("/account/password", password="no", new_password="a new sentence")
    assert wrong.status_code == 422
    weak = here.post("/account/password", password=PASSWORD, new_password="short")
    assert 'id="new_password-error"' in weak.text
    done = here.post("/account/password", password=PASSWORD, new_password="a new sentence")
    assert done.status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    assert Browser(app.test_client()).sign_in("hub").status_code == 422
    assert Browser(app.test_client()).sign_in("hub", "a new sentence").status_code == 303


def test_sessions_are_listed_and_revoked(app: Flask, party):
    here, there = signed_in(app, "hub"), signed_in(app, "hub")
    page = here.get("/account").text
    codes = re.findall(r"/account/sessions/(\w{14})/revoke", page)
    assert len(codes) == 1
    here.send(f"/account/sessions/{codes[0]}/revoke")
    assert there.get("/account").status_code == 303
    third = signed_in(app, "hub")
    here.post("/account/sessions/revoke-others", on="/account")
    assert third.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def enrol(app: Flask, browser: Browser) -> tuple[str, list[str]]:
    """Turn the second factor on; return its secret and the recovery codes."""
    browser.get("/account/second-factor")
    with browser.client.session_transaction() as cookie:
        secret = cookie["enrol"]
    totp = app.extensions["remelt.desk"].totp
    answer = browser.send(
        "/account/second-factor", one_time_code=totp.generate_totp_password(secret)
    )
    assert answer.status_code == 200, text_of(answer.text)
    return secret, re.findall(r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}", answer.text)


def test_the_second_factor_is_asked_for_and_serves_once(app: Flask, party):
    browser = signed_in(app, "hub")
    assert "data:image/svg+xml" in browser.get("/account/second-factor").text
    assert browser.send("/account/second-factor", one_time_code="000000").status_code == 422
    secret, codes = enrol(app, browser)
    assert len(codes) == 8
    used = app.extensions["remelt.desk"].totp.generate_totp_password(secret)

    other = Browser(app.test_client())
    led = other.sign_in("hub")
    assert led.headers["Location"].startswith("/sign-in/second-factor")
    assert other.get("/account").status_code == 303, "the password alone lets nobody in"
    replayed = other.post("/sign-in/second-factor", one_time_code=used)
    assert replayed.status_code == 422, "the code that turned it on was used"
    spaced = codes[0].upper().replace("-", " ")
    assert other.send("/sign-in/second-factor", one_time_code=spaced).status_code == 303
    assert other.get("/account").status_code == 200

    third = Browser(app.test_client())
    third.sign_in("hub")
    again = third.post("/sign-in/second-factor", one_time_code=codes[0])
    assert again.status_code == 422, "a recovery code serves once"
    assert third.send("/sign-in/second-factor", one_time_code=codes[1]).status_code == 303
    stored = {row.sha256 for row in rows(app, RecoveryCode)}
    assert not stored & set(codes)


def test_guessing_the_second_factor_is_stopped(app: Flask, party, clock: SimulatedClock):
    _secret, codes = enrol(app, signed_in(app, "hub"))
    browser = Browser(app.test_client())
    browser.sign_in("hub")
    browser.get("/sign-in/second-factor")
    for _ in range(5):
        assert browser.send("/sign-in/second-factor", one_time_code="123456").status_code == 422
    assert browser.send("/sign-in/second-factor", one_time_code=codes[0]).status_code == 429
    clock.advance(minutes=6)
    assert browser.get("/sign-in/second-factor").status_code == 303, "asked for too long ago"


def test_turning_the_second_factor_off_takes_the_password(app: Flask, party):
    browser = signed_in(app, "hub")
    enrol(app, browser)
    wrong = browser.post("/account/second-factor/end", on="/account/second-factor", password="no")
    assert wrong.status_code == 422
    browser.send("/account/second-factor/end", password=PASSWORD)
    assert Browser(app.test_client()).sign_in("hub").headers["Location"] == "/"


def test_a_token_is_shown_once_and_kept_as_a_hash(app: Flask, party):
    browser = signed_in(app, "hub")
    answer = browser.post("/account/tokens", name="1号地磅", room="parties", days="90")
    text = re.search(r"rmt_\w{14}_[\w-]{43}", answer.text)[0]
    row = rows(app, ApiToken)[0]
    assert text not in browser.get("/account/tokens").text
    assert row.token_sha256 not in text
    assert set(row.scopes) >= {"parties.own"}
    assert all(scope.startswith("parties.") for scope in row.scopes)
    bearer = {"Authorization": f"Bearer {text}"}
    assert app.test_client().get("/api/v1/organisation", headers=bearer).status_code == 200
    browser.post(f"/account/tokens/{row.code}/revoke", on="/account/tokens")
    assert app.test_client().get("/api/v1/organisation", headers=bearer).status_code == 401


def test_a_site_is_opened_changed_and_closed_by_its_people(app: Flask, party):
    browser = signed_in(app, "hub")
    assert browser.post("/organisation/sites/new", **SITE).status_code == 303
    site = rows(app, Site, name_zh="二号场地")[0]
    assert site.capabilities == {"hub", "purchase_point"}
    assert (site.scale_division_g, site.second_person_above_fen) == (500, 1_000_000)
    assert (site.opens_min, site.closes_min) == (450, 1140)
    form = browser.get(f"/organisation/sites/{site.code}")
    assert 'value="07:30"' in form.text
    changed = SITE | {"closes": "24:00", "lat_degrees": "26.5", "lon_degrees": "106.25"}
    assert browser.send(f"/organisation/sites/{site.code}", **changed).status_code == 303
    site = rows(app, Site, name_zh="二号场地")[0]
    assert (site.closes_min, site.lat_e6, site.lon_e6) == (1440, 26_500_000, 106_250_000)
    browser.post(f"/organisation/sites/{site.code}/end", on=f"/organisation/sites/{site.code}")
    assert rows(app, Site, name_zh="二号场地")[0].ended_at is not None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"opens": "25:00"}, "opens"),
        ({"opens": "half past"}, "opens"),
        ({"closes": "07:00"}, "closes"),
        ({"lat_degrees": "91", "lon_degrees": "106"}, "lat_degrees"),
        ({"lat_degrees": "26°33'"}, "lat_degrees"),
        ({"lat_degrees": "26.5"}, "lon_degrees"),
        ({"scale_division_kg": "-1"}, "scale_division_kg"),
        ({"scale_division_kg": "5000"}, "scale_division_kg"),
        ({"second_person_above_yuan": "1e9"}, "second_person_above_yuan"),
        ({"second_person_above_yuan": "9" * 40}, "second_person_above_yuan"),
        ({"scale_verified_until": "2026-02-30"}, "scale_verified_until"),
        ({"adcode": "000000"}, "adcode"),
        ({"name_zh": "\u202e"}, "name_zh"),
    ],
)
def test_a_site_is_refused_beside_its_field(app: Flask, party, change, field):
    answer = signed_in(app, "hub").post("/organisation/sites/new", **SITE | change)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert rows(app, Site, name_zh="二号场地") == []


def test_a_paper_counts_when_the_operator_has_verified_it(app: Flask, party):
    browser = signed_in(app, "hub")
    paper = {"kind": "productive_scrap", "number": "黔公特 1号", "valid_until": "2027-01-01"}
    assert browser.post("/organisation/filings/new", **paper).status_code == 303
    filing = rows(app, Filing)[0]
    desk = signed_in(app, "operator")
    assert "黔公特 1号" in desk.get("/operator").text
    assert desk.send(f"/operator/filings/{filing.code}/verify").status_code == 303
    assert rows(app, Filing)[0].verified_by == party["operator"].person.id
    late = browser.post("/organisation/filings/new", **paper | {"valid_until": "2026-03-01"})
    assert 'id="valid_until-error"' in late.text


def test_the_operator_lets_in_and_ends(app: Flask, party):
    desk = signed_in(app, "operator")
    answer = desk.post(
        "/operator/organisations/new",
        name_zh="遵义再生铝",
        legal_form="enterprise",
        adcode="520304",
    )
    home = answer.headers["Location"]
    desk.post(f"{home}/sites/new", **SITE | {"name_zh": "熔炼车间", "can_smelt": "yes"})
    member = {"login": "lisi", "name": "李四", "password": "first password 1", "role": "smelter"}
    assert desk.post(f"{home}/people/new", **member).status_code == 303
    page = desk.get(home).text
    assert "李四" in page
    assert "熔炼车间" in page
    li = signed_in(app, "lisi", "first password 1")
    assert "遵义再生铝" in li.get("/organisation").text
    code = re.search(r"/operator/memberships/(\w{14})/end", page)[1]
    assert desk.send(f"/operator/memberships/{code}/end").status_code == 303
    assert li.get("/organisation").status_code == 303


def test_the_operator_keeps_out_admits_and_gives_a_new_password(app: Flask, party):
    desk, hub = signed_in(app, "operator"), signed_in(app, "hub")
    person = f"/operator/people/{party['hub'].person.code}"
    desk.post(f"{person}/stop", on=person)
    assert hub.get("/organisation").status_code == 303
    desk.post(f"{person}/admit", on=person)
    answer = desk.post(f"{person}/password", on=person)
    fresh = re.search(r"[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}", answer.text)[0]
    assert signed_in(app, "hub", fresh)
    assert Browser(app.test_client()).sign_in("hub").status_code == 422


def test_the_register_is_imported_all_or_none(app: Flask, party):
    desk = signed_in(app, "operator")
    head = "name_zh,name_en,metal,adcode,source\n"
    good = "清镇某厂,Works,Al,520181,省名录 2025\n"

    def send(text: str):
        desk.get("/operator/register")
        file = (io.BytesIO(text.encode()), "register.csv")
        return desk.send("/operator/register", file=file)

    bad = send(head + good + "遵义某厂,,Al,52030,省名录\n")
    assert bad.status_code == 422
    assert "3" in text_of(bad.text)
    assert rows(app, KnownSite) == []
    assert send("name,metal\n").status_code == 422
    assert send("\x00\x01").status_code == 422
    assert send(head + good).status_code == 303
    known = rows(app, KnownSite)[0]
    site = party["hub"].site
    desk.post(f"/operator/register/{known.code}", on="/operator/register", site_code=site.code)
    with app.extensions["remelt"].store.read() as session:
        covered = register.coverage(session, metal="Al", adcode_prefix="5201")
        assert (covered.known, covered.on_platform, covered.missing) == (1, 1, ())
        assert register.coverage(session, metal="Cu").known == 0


def test_the_api_says_field_rule_and_sentence(app: Flask, party):
    browser = signed_in(app, "operator")
    ours = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}

    def post(address: str, **body):
        return browser.client.post(f"/api/v1{address}", json=body, headers=ours)

    organisation = {"name_zh": "一厂", "legal_form": "enterprise", "adcode": "520181"}
    made = post("/operator/organisations", **organisation)
    assert made.status_code == 201, made.text
    home = f"/operator/organisations/{made.json['code']}"
    site = {"name_zh": "场", "adcode": "520181", "capabilities": ["smelt"]}
    assert post(f"{home}/sites", **site).json["capabilities"] == ["smelt"]
    for body, field in (
        (site | {"capabilities": ["fly"]}, "capabilities"),
        (site | {"opens_min": "480"}, "opens_min"),
        (site | {"opens_min": 1200}, "closes_min"),
        (site | {"lat_e6": 10**12, "lon_e6": 0}, "lat_e6"),
        (site | {"second_person_above_fen": 10**30}, "second_person_above_fen"),
        (site | {"name_zh": "a\0b"}, "name_zh"),
        (site | {"colour": "red"}, "colour"),
    ):
        refused = post(f"{home}/sites", **body)
        assert refused.status_code == 422, refused.text
        assert refused.mimetype == "application/problem+json"
        assert refused.json["errors"][0]["field"] == field
    member = {"login": "zhao", "role": "smelter", "name": "赵", "password": "a long sentence"}
    joined = post(f"{home}/people", **member)
    assert joined.status_code == 201, joined.text
    assert post(f"/operator/memberships/{joined.json['code']}/end").json["ended_at"]
    with app.extensions["remelt"].store.read() as session:
        person = queries.person_by_login(session, login="zhao")
        assert person is not None
        assert queries.memberships(session, person_id=person.key) == []


def test_a_member_lets_new_colleagues_in_and_draws_nobody_else(app: Flask, party):
    browser = signed_in(app, "hub")
    colleague = {"login": "zhao.l", "name": "赵六", "password": "first password 1"}
    assert browser.post("/organisation/people/new", **colleague).status_code == 303
    assert "赵六" in browser.get("/organisation").text
    assert signed_in(app, "zhao.l", "first password 1").get("/organisation").status_code == 200
    drawn = browser.post("/organisation/people/new", **colleague | {"login": "operator"})
    assert drawn.status_code == 409
    assert 'id="login-error"' in drawn.text
    with app.extensions["remelt"].store.read() as session:
        held = queries.memberships(session, person_id=party["operator"].person.key)
    assert [m.organisation_code for m in held] == [party["operator"].organisation.code]
