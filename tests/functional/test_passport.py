"""A tag leads anybody to what may be known of a lot, and to nothing more."""

import gzip
import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.codes import new_code
from remelt.traceability import ledger, queries
from remelt.traceability.ledger import LegShare
from remelt.traceability.models import Lot
from remelt.traceability.passports.certifying import issue
from tests.loop import Loop, a_loop, bring, ref


@pytest.fixture
def loop(app: Flask, clock) -> Loop:
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        return a_loop(session, clock=clock)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_before_the_first_hand_over_it_only_says_registered(client: FlaskClient, loop: Loop):
    page = client.get(f"/l/{loop.registered.code}?lang=en")
    said = text_of(page.text)
    assert "This lot is registered" in said
    for secret in ("铝", "Alumin", "4 t", "Talc", "4,000"):
        assert secret not in said
    told = client.get(f"/api/v1/passports/{loop.registered.code}").get_json()
    assert set(told) == {"code", "status", "proof"}
    assert told["status"] == "registered"


def test_a_cast_lot_tells_content_footprint_and_proof(client: FlaskClient, loop: Loop):
    said = text_of(client.get(f"/l/{loop.cast.code}?lang=en").text)
    assert "ADC12" in said
    assert "Recycled content (ISO 14021)" in said
    assert "at least" in said
    assert "What pre-consumer scrap carries from its first making" in said
    assert "Additions and auxiliary materials · Si" in said
    assert "in the public log" not in said


def test_two_lots_of_one_heat_share_no_number(client: FlaskClient, loop: Loop):
    for code in (loop.cast.code, loop.cans.code, loop.sorted_.code):
        told = client.get(f"/api/v1/passports/{code}").get_json()["proof"]
        assert set(told) == {"log_size", "root"}
        assert "/log/proof/" not in client.get(f"/l/{code}").text


def test_nothing_private_is_told(client: FlaskClient, loop: Loop):
    for lot in (loop.registered, loop.cans, loop.sorted_, loop.cast):
        for address in (f"/l/{lot.code}", f"/api/v1/passports/{lot.code}"):
            body = client.get(address).text
            for party in (loop.collector, loop.hub, loop.smelter):
                for secret in (party.organisation.code, party.site.code, party.person.code,
                               party.organisation.name_zh, party.site.name_zh):  # fmt: skip
                    assert secret not in body
            for other in {loop.cans.code, loop.sorted_.code, loop.cast.code} - {lot.code}:
                assert other not in body


BOUGHT_G = 4_387_123
SECRETS = ("4387", "4,387", "4.387", "4.38", "4.39", "387123")


@pytest.fixture
def bought(app: Flask, clock, loop: Loop) -> Lot:
    """Cans bought from one collector and not worked, with a burden, a correction, a passport."""
    services = app.extensions["remelt"]
    said = {"site": ref(loop.hub.site), "actor": f"person:{loop.hub.person.code}"}
    with services.store.write() as session:
        lot = bring(session, clock=clock, party=loop.hub, mass_g=4_387_000)
        leg = LegShare(lot_code=lot.code, co2e_g=61_237, mass_g=4_387_000, distance_m=60_000)
        ledger.carry(session, clock=clock, legs=[leg])
    with services.store.write() as session:
        ledger.correct(
            session, clock=clock, event_hash=lot.made_by, mass_g=BOUGHT_G, reason="slip", **said
        )
    with services.store.write() as session:
        told = {"base_url": services.settings.base_url, **said}
        issue(session, clock=clock, lot_code=lot.code, **told)
        return session.exec(select(Lot).where(Lot.code == lot.code)).one()


def test_the_mass_of_a_purchase_leaves_by_no_door(app: Flask, client: FlaskClient, bought: Lot):
    assert bought.mass_g == BOUGHT_G
    code = bought.code
    proof = client.get(f"/api/v1/passports/{code}").get_json()["proof"]["certified"]["index"]
    addresses = [f"/l/{code}?lang={lang}" for lang in ("zh", "en")]
    addresses += [f"/api/v1/passports/{code}", f"/l/{code}/passport.json", f"/log/proof/{proof}"]
    addresses += [f"/l/{code}?linkType=linkset", f"/L/{code}?linkType=linkset", "/log", "/"]
    certificate = client.get(f"/api/v1/passports/{code}").get_json()["certificates"][0]["code"]
    addresses += [f"/certificates/{certificate}", f"/certificates/{certificate}/passport.json"]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        told = re.sub(r'[0-9a-f]{16,}|"proof(Value)?":"[^"]*"', "", answer.text)
        assert [secret for secret in SECRETS if secret in told] == [], address
    with app.extensions["remelt"].store.read() as session:
        co2e_g = bought.vectors.co2e_g
        history = queries.history(session, code=code)
    assert co2e_g > 10_000
    assert str(co2e_g) not in client.get(f"/api/v1/passports/{code}").text
    assert {step.mass_g for step in history} == {None}


def test_a_purchase_tells_a_class_and_figures_for_a_tonne(client: FlaskClient, bought: Lot):
    told = client.get(f"/api/v1/passports/{bought.code}").get_json()
    assert told["mass_class"] == {"from_g": 1_000_000, "below_g": 10_000_000}
    assert "mass_g" not in told
    assert told["basis_g"] == told["recycled_content"]["denominator_g"] == 1_000_000
    assert told["composition_mg"] == {"Al": 900_000_000, "unknown": 100_000_000}
    (revision,) = told["revisions"]
    assert revision["reasons"] == ["weighing"]
    assert revision["before"]["mass_class"] == revision["after"]["mass_class"]
    said = text_of(client.get(f"/l/{bought.code}?lang=en").text)
    assert "1 t – 10 t" in said
    assert "its mass belongs to a purchase" in said


def test_few_suppliers_hide_the_county(client: FlaskClient, loop: Loop):
    told = client.get(f"/api/v1/passports/{loop.cast.code}").get_json()
    assert set(told["origin"]) <= {"520000", "unknown"}


def test_the_numbers_are_kept_whole(client: FlaskClient, loop: Loop):
    told = client.get(f"/api/v1/passports/{loop.cast.code}").get_json()
    content = told["recycled_content"]
    assert content["denominator_g"] == told["mass_g"] == 4_000_000
    assert content["numerator_g"] == content["post_consumer_g"] + content["pre_consumer_g"]
    assert told["footprint"]["complete"] is False
    assert "additions:Si" in told["footprint"]["missing"]
    assert "transfer" not in told["chain"]


def test_a_used_up_lot_says_so(client: FlaskClient, loop: Loop):
    assert "used up" in text_of(client.get(f"/l/{loop.cans.code}?lang=en").text)


def test_a_typed_code_is_forgiven_and_a_mistyped_one_explained(client: FlaskClient, loop: Loop):
    code = loop.cast.code
    typed = f"{code[:4].lower()}-{code[4:8]} {code[8:]}"
    assert client.get("/l", query_string={"code": typed}).location == f"/l/{code}"
    assert client.get(f"/l/{code.lower()}").location == f"/l/{code}"
    wrong = client.get("/l", query_string={"code": code[:-1] + "0"})
    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text
    assert client.get(f"/l/{new_code()}").status_code == 404
    assert client.get("/l").status_code == 200


def test_programs_get_json_at_the_same_address(client: FlaskClient, loop: Loop):
    answer = client.get(f"/l/{loop.cast.code}", headers={"Accept": "application/json"})
    assert answer.get_json()["code"] == loop.cast.code
    assert "Accept" in answer.headers["Vary"]


def test_the_first_load_is_small_and_needs_no_script(client: FlaskClient, loop: Loop):
    packed = {"Accept-Encoding": "gzip"}
    page = client.get(f"/l/{loop.cast.code}", headers=packed)
    shown = gzip.decompress(page.data).decode()
    assert "<script" not in shown
    styles = re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', shown)
    icons = {use.partition("#")[0] for use in re.findall(r'<use href="([^"]+)"', shown)}
    parts = [client.get(address, headers=packed).data for address in {*styles, *icons}]
    assert len(page.data) + sum(map(len, parts)) < 30_000


@pytest.mark.parametrize(("locale", "said"), [("zh_CN", "批次护照"), ("en", "Passport of a lot")])
def test_both_languages(client: FlaskClient, loop: Loop, locale, said):
    assert said in client.get(f"/l/{loop.cast.code}?lang={locale}").text
