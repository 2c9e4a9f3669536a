"""A tag's address leads on with 307, lists its links, and never leads where a request says."""

from dataclasses import replace
from itertools import product
from urllib.parse import urlsplit

import pytest
from flask import Flask

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.codes import new_code
from remelt.traceability.labels.digital_link import MEDIA_TYPE
from remelt.traceability.labels.loads import number_load
from remelt.web.passwords import hash_password
from tests import loop
from tests.browser import signed_in
from tests.parties import PASSWORD, a_party

GTIN = "06900000000007"
VOC = "https://gs1.org/voc/"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def lot(app: Flask, clock):
    services = app.extensions["remelt"]
    known = replace(services.settings, gtin=GTIN, gs1_prefix="6900000")
    app.extensions["remelt"] = replace(services, settings=known)
    with services.store.write() as session:
        load_package_data(session)
        party = a_party(
            session, clock=clock, role="hub", login="hub", password_hash=hash_password(PASSWORD)
        )
        return loop.bring(session, clock=clock, party=party)


@pytest.fixture
def sscc(app: Flask, clock, lot):
    with app.extensions["remelt"].store.write() as session:
        return number_load(session, clock=clock, lot_code=lot.code, prefix="6900000")


def test_every_tag_leads_to_the_page(client, lot, sscc):
    for address in (f"/L/{lot.code}", f"/01/{GTIN}/10/{lot.code}", f"/00/{sscc}"):
        answer = client.get(address)
        assert (answer.status_code, answer.location) == (307, f"/l/{lot.code}")
        assert client.head(address).status_code == 307
    assert client.get(f"/l/{lot.code}").status_code == 200


def test_a_link_type_picks_a_link_that_is_there(client, lot):
    ends = {
        "pip": f"/l/{lot.code}",
        "sustainabilityInfo": f"/l/{lot.code}#footprint",
        "traceability": f"/api/v1/passports/{lot.code}",
        "defaultLink": f"/l/{lot.code}",
    }
    for relation, end in ends.items():
        written = (f"gs1:{relation}", f"https://gs1.org/voc/{relation}")
        starts = (f"/l/{lot.code}", f"/01/{GTIN}/10/{lot.code}")
        for start, query in product(starts, ({"linkType": each} for each in written)):
            answer = client.get(start, query_string=query)
            assert (answer.status_code, answer.location) == (307, end)
        assert client.get(end).status_code == 200


def test_a_signed_passport_is_a_link_once_it_is_in_force(client, app, lot):
    query = {"linkType": "gs1:certificationInfo"}
    assert client.get(f"/L/{lot.code}", query_string=query).status_code == 404
    hub = signed_in(app, "hub")
    hub.get(f"/lots/{lot.code}/passport")
    assert hub.send(f"/lots/{lot.code}/passport").status_code == 303
    answer = client.get(f"/L/{lot.code}", query_string=query)
    assert (answer.status_code, answer.location) == (307, f"/l/{lot.code}/passport.json")
    assert client.get(answer.location).mimetype == "application/vc"


def test_an_unknown_link_type_is_told_what_there_is(client, lot):
    query = {"linkType": "gs1:recipeInfo"}
    answer = client.get(
        f"/L/{lot.code}", query_string=query, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 404
    assert answer.json["code"] == "no-such-link"
    for relation in ("pip", "sustainabilityInfo", "traceability"):
        assert f"gs1:{relation}" in answer.json["detail"]
        assert f'rel="{VOC}{relation}"' in answer.headers["Link"]


def test_the_linkset_is_had_by_query_and_by_accept(client, lot):
    asked = [({"linkType": each}, {}) for each in ("linkset", "all")]
    asked.append(({}, {"Accept": MEDIA_TYPE}))
    sets = []
    for query, headers in asked:
        for start in (f"/l/{lot.code}", f"/01/{GTIN}/10/{lot.code}"):
            answer = client.get(start, query_string=query, headers=headers)
            assert (answer.status_code, answer.mimetype) == (200, MEDIA_TYPE)
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            sets.append(answer.get_json(force=True))
    assert all(each == sets[0] for each in sets)
    (said,) = sets[0]["linkset"]
    assert said["anchor"].endswith(f"/01/{GTIN}/10/{lot.code}")
    assert said[VOC + "defaultLink"] == said[VOC + "pip"]
    for relation in set(said) - {"anchor"}:
        (target,) = said[relation]
        assert client.get(target["href"].split("8000", 1)[1]).status_code == 200


def test_a_wrong_address_is_refused(client, lot):
    wrong = {
        f"/01/06900000000008/10/{lot.code}": 400,
        f"/01/{GTIN}/10": 400,
        f"/01/{GTIN}/21/S/10/{lot.code}": 400,
        "/00/069000000000000011": 400,
        "/00/069000000000000014": 404,
        f"/01/{GTIN}": 404,
        f"/01/{GTIN}/10/NOTALOT": 404,
        f"/01/{GTIN}/10/{lot.code}/21/S": 404,
        f"/01/00000000000000/10/{lot.code}": 404,
        f"/L/{new_code()}": 404,
    }
    assert {path: client.get(path).status_code for path in wrong} == wrong


def test_without_a_prefix_of_gs1_no_key_of_gs1_is_ours(client, app, lot):
    services = app.extensions["remelt"]
    known = replace(services.settings, gtin="")
    app.extensions["remelt"] = replace(services, settings=known)
    assert client.get(f"/01/{GTIN}/10/{lot.code}").status_code == 404
    said = client.get(f"/L/{lot.code}?linkType=linkset").get_json(force=True)
    assert said["linkset"][0]["anchor"].endswith(f"/l/{lot.code}")


def test_nothing_of_a_request_is_led_to(client, lot):
    for evil in ("//evil.example", "https://evil.example/", "javascript:alert(1)"):
        hostile = {"X-Forwarded-Host": "evil.example", "Referer": evil}
        queries = ({"linkType": evil}, {"next": evil}, {"linkType": "gs1:pip", "url": evil})
        starts = (f"/L/{lot.code}", f"/01/{GTIN}/10/{lot.code}", f"/L/{evil}", f"/00/{evil}")
        for query, start in product(queries, starts):
            answer = client.get(start, query_string=query, headers=hostile)
            assert answer.status_code in {307, 308, 400, 404}
            led = urlsplit(answer.location or "/l")
            assert led.netloc in {"", "localhost"}  # 308: the same address with single slashes
            assert led.path[:2].lower() == "/l" or led.path.startswith("/00/")
            assert "evil" not in answer.headers.get("Link", "")


def test_a_mistyped_tag_leads_to_where_it_can_be_typed_again(client, lot):
    wrong = lot.code[:-1] + ("0" if lot.code[-1] != "0" else "1")
    answer = client.get(f"/L/{wrong}", follow_redirects=True)
    assert answer.status_code == 422
    assert 'name="code"' in answer.text


def test_the_resolver_describes_itself(client, lot):
    said = client.get("/.well-known/gs1resolver").json
    assert said["supportedPrimaryKeys"] == ["00", "01"]
    assert said["resolverRoot"] == "http://127.0.0.1:8000"


def test_a_load_is_numbered_once_from_its_label_page(app, lot):
    hub = signed_in(app, "hub")
    hub.get(f"/lots/{lot.code}/label")
    for _ in range(2):  # the second time it has its number, and keeps it
        assert hub.send(f"/lots/{lot.code}/label").status_code == 303
    shown = hub.get(f"/lots/{lot.code}/label?of=load&lang=en").text
    (number,) = {part[:18] for part in shown.split("(00) ")[1:]}
    assert number[1:8] == "6900000"
    assert app.test_client().get(f"/00/{number}").location == f"/l/{lot.code}"
