"""What a dispatcher knows of roads, and where typed names lead: pages and API."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.platform.logistics import roads
from remelt.platform.logistics.models import Leg
from remelt.platform.logistics.places import geocode
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.parties import PASSWORD, a_party
from tests.road import Road, a_pickup, a_plan, a_road
from tests.road_peer import Peer, a_peer

PAGE = "/dispatch/roads"
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def road(app: Flask, clock: SimulatedClock) -> Road:
    """A hub whose dispatcher signs in as wang, with a pickup at one collector."""
    with app.extensions["remelt"].store.write() as session:
        made = a_road(session, clock=clock, login="wang", password_hash=hash_password(PASSWORD))
        a_pickup(session, made, clock=clock, seller=0)
    return made


@pytest.fixture
def wang(app: Flask, road: Road) -> Browser:
    return signed_in(app, "wang")


@pytest.fixture
def peer() -> Iterator[Peer]:
    with a_peer() as made:
        yield made


def call(browser: Browser, method: str, address: str, **options: Any) -> Any:
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
    return browser.client.open(address, method=method, headers=headers, **options)


def ends(road: Road) -> dict[str, str]:
    return {"from_site": road.hub.site.code, "to_site": road.collectors[0].site.code}


def legs(app: Flask, clock: SimulatedClock, road: Road) -> list[Leg]:
    """Plan the day and return its legs."""
    with app.extensions["remelt"].store.write() as session:
        a_plan(session, road, clock=clock, day=road.day)
        return list(session.exec(select(Leg).order_by(Leg.seq)))


def test_a_measured_road_holds_for_the_next_plan(
    app: Flask, clock: SimulatedClock, road: Road, wang: Browser
):
    said = wang.post(PAGE, on=PAGE, **ends(road), kind="distance", km="41.5", minutes="60")
    assert said.status_code == 303
    page = wang.get(PAGE).text
    assert "41.5" in page
    assert "手工" in page
    out, back = legs(app, clock, road)
    assert (out.distance_m, out.source) == (41_500, "by-hand")
    assert (out.arrive_at - out.depart_at).total_seconds() == 3_600
    assert (back.distance_m, back.source) != (41_500, "by-hand")
    assert back.source == "geodesic x 1.45"


@SQLITE
def test_an_expressway_factor_holds_both_ways(
    app: Flask, clock: SimulatedClock, road: Road, wang: Browser
):
    wang.post(PAGE, on=PAGE, **ends(road), kind="expressway", both_ways="yes")
    out, back = legs(app, clock, road)
    assert {out.source, back.source} == {"expressway"}
    assert abs(out.distance_m - back.distance_m) <= 1


@SQLITE
def test_a_closed_road_leaves_its_stop_out(
    app: Flask, clock: SimulatedClock, road: Road, wang: Browser
):
    wang.post(PAGE, on=PAGE, **ends(road), kind="closed")
    with app.extensions["remelt"].store.write() as session:
        plan = a_plan(session, road, clock=clock, day=road.day)
    told = call(wang, "GET", f"/api/v1/plans/{plan.code}").json
    assert [left["reason"] for left in told["left_out"]] == ["unreachable"]


def test_who_said_what_stays_though_it_is_taken_back(app: Flask, road: Road, wang: Browser):
    for km in ("41.5", "39"):
        wang.post(PAGE, on=PAGE, **ends(road), kind="distance", km=km)
    with app.extensions["remelt"].store.read() as session:
        [line] = roads.in_force(session, organisation_id=road.hub.organisation.key)
    assert line.road.distance_m == 39_000
    taken = wang.post(PAGE, on=PAGE, **ends(road), kind="default")
    assert taken.status_code == 303
    with app.extensions["remelt"].store.read() as session:
        own = {"organisation_id": road.hub.organisation.key}
        assert roads.in_force(session, **own) == []
        past = roads.history(session, **own)
    assert [line.road.kind for line in past] == ["default", "distance", "distance"]
    assert {line.person for line in past} == {road.hub.person.name}
    page = wang.get(PAGE).text
    assert road.hub.person.name in page
    assert "41.5" in page


@SQLITE
@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "distance"},
        {"kind": "distance", "km": "6000"},
        {"kind": "distance", "km": "x"},
        {"kind": "factor", "detour_percent": "99"},
        {"kind": "factor", "detour_percent": "501"},
        {"kind": "ferry"},
        {"kind": "closed", "to_site": "AAAAAAAAAAAA00"},
        {"kind": "closed", "to_site": "hub"},
    ],
)
def test_a_road_that_cannot_be_is_refused(road: Road, wang: Browser, bad: dict[str, str]):
    given = {**ends(road), **bad}
    if given["to_site"] == "hub":
        given["to_site"] = road.hub.site.code
    answer = wang.post(PAGE, on=PAGE, **given)
    assert answer.status_code in {404, 422}
    assert "未修改" not in wang.get(PAGE).text


@SQLITE
def test_a_file_is_taken_in_whole_or_not_at_all(
    app: Flask, clock: SimulatedClock, road: Road, wang: Browser
):
    hub, seller = ends(road).values()
    good = f"from,to,distance_m,duration_s\n{hub},{seller},12345,900\n{seller},{hub},-1,\n"
    bad = good + f"{hub},nowhere,5,\n{hub},{seller},far,\n{hub},{hub},5,\n"

    def send(content: str) -> Any:
        wang.get(PAGE)
        file = (io.BytesIO(content.encode()), "matrix.csv")
        return wang.post(f"{PAGE}/file", on=PAGE, file=file, edition="2026-11")

    refused = send(bad)
    assert refused.status_code == 422
    assert "distance_m" in refused.text
    assert send("from,to\na,b\n").status_code == 422
    assert send("").status_code == 422
    with app.extensions["remelt"].store.read() as session:
        assert roads.history(session, organisation_id=road.hub.organisation.key) == []
    assert send(good).status_code == 303
    with app.extensions["remelt"].store.read() as session:
        rows = roads.in_force(session, organisation_id=road.hub.organisation.key)
    found = [(r.road.kind, r.road.distance_m, r.road.source, r.road.edition) for r in rows]
    assert found == [
        ("closed", None, "matrix.csv", "2026-11"),
        ("distance", 12_345, "matrix.csv", "2026-11"),
    ]


@SQLITE
def test_programs_set_and_read_roads_of_their_own_organisation(
    app: Flask, clock: SimulatedClock, road: Road, wang: Browser
):
    made = call(
        wang, "POST", "/api/v1/roads", json={**ends(road), "kind": "factor", "detour_pct": 180}
    )
    assert made.status_code == 201
    table = {
        "keys": list(ends(road).values()),
        "distance_m": [[0, 20_000], [21_000, 0]],
        "duration_s": [[0, 1_500], [1_600, 0]],
    }
    sent = call(
        wang,
        "POST",
        "/api/v1/roads/file?name=survey&edition=e1",
        data=json.dumps(table),
        content_type="application/json",
    )
    assert (sent.status_code, sent.json["pairs"]) == (201, 2)
    known = call(wang, "GET", "/api/v1/roads").json["items"]
    assert sorted(each["distance_m"] for each in known) == [20_000, 21_000]
    assert len(call(wang, "GET", "/api/v1/roads?past=1").json["items"]) == 3
    for wrong in ({"kind": "factor"}, {"kind": "closed", "distance_m": 5}, {"kind": "ferry"}):
        assert call(wang, "POST", "/api/v1/roads", json={**ends(road), **wrong}).status_code == 422
    table["distance_m"] = [[0]]
    bad = call(wang, "POST", "/api/v1/roads/file", data=json.dumps(table))
    assert bad.json["code"] == "bad-road-file"
    with app.extensions["remelt"].store.write() as session:
        a_party(
            session, clock=clock, role="hub", login="zhao", password_hash=hash_password(PASSWORD)
        )
    zhao = signed_in(app, "zhao")
    assert call(zhao, "GET", "/api/v1/roads").json["items"] == []


@SQLITE
@pytest.mark.parametrize(
    ("typed", "adcode"),
    [
        ("清镇市", "520181"),
        ("清镇", "520181"),
        ("Qingzhen City", "520181"),
        ("qing zhen", "520181"),
        ("QINGZHEN SHI", "520181"),
        ("ｑｉｎｇｚｈｅｎ", "520181"),
        ("520181", "520181"),
        ("威宁", "520526"),
        ("Weining", "520526"),
        ("威宁彝族回族苗族自治县", "520526"),
        ("观山湖", "520115"),
        ("guan shan hu qu", "520115"),
        ("贵阳", "520100"),
        ("gy", "520100"),
        ("ZA", "520324"),
        ("qxn", "522300"),
        ("黔西南", "522300"),
    ],
)
def test_the_catalogue_knows_a_place_by_all_its_names(wang: Browser, typed: str, adcode: str):
    found = call(wang, "GET", "/api/v1/places", query_string={"q": typed}).json["items"]
    assert found[0]["adcode"] == adcode
    assert found[0]["source"] == "catalogue"


@SQLITE
def test_an_address_is_looked_up_only_where_the_operator_says_so(
    wang: Browser, peer: Peer, app: Flask
):
    unknown = call(wang, "GET", "/api/v1/places", query_string={"q": "清镇市金清大道1号"})
    assert (unknown.status_code, unknown.json["items"]) == (200, [])
    assert call(wang, "GET", "/api/v1/places").status_code == 422
    assert peer.asked == []
    asked = Settings(nominatim_url=peer.url)
    [found] = geocode(asked, "清镇市金清大道1号")
    assert (found.lat_e6, found.lon_e6, found.source) == (26_553_000, 106_470_000, "nominatim")
    assert "countrycodes=cn" in peer.asked[0]
    assert geocode(asked, "某某路") == []
    peer.status = 503
    assert geocode(asked, "清镇市金清大道1号") == []
    peer.status, peer.bend = 200, lambda _told: b"<html>"
    assert geocode(asked, "清镇市金清大道1号") == []
    assert geocode(Settings(nominatim_url="http://127.0.0.1:9"), "清镇") == []
