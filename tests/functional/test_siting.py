"""Scenarios of siting on the page and by the API."""

import csv
import io
import re
from dataclasses import asdict
from html import unescape

import pytest
from flask import Flask

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.jobs import job_by_code
from remelt.platform.logistics.siting.asking import by_code, keep_sites
from remelt.platform.logistics.siting.models import SitingScenario
from remelt.platform.logistics.siting.solving import read_scenario
from remelt.routing.siting.codec import answer_to_json, sites_of
from remelt.routing.siting.judge import judge
from remelt.routing.siting.solving import solve
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.parties import PASSWORD, Party, a_party
from tests.siting import answered, asked, asked_province, three_counties

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def official(app: Flask, clock: SimulatedClock) -> Party:
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        return a_party(
            session,
            clock=clock,
            role="regulator",
            login="official",
            password_hash=hash_password(PASSWORD),
        )


@pytest.fixture
def desk(app: Flask, official: Party) -> Browser:
    return signed_in(app, "official")


@pytest.fixture
def ask(app: Flask, official: Party, clock: SimulatedClock):
    """Ask for three counties and have them answered; returns the code."""

    def asked_and_answered(name: str = "three", **terms: object) -> str:
        with app.extensions["remelt"].store.write() as session:
            row = asked(session, clock=clock, party=official, name=name, **terms)
            return answered(session, row, clock=clock).code

    return asked_and_answered


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def kept(app: Flask, code: str) -> SitingScenario:
    with app.extensions["remelt"].store.read() as session:
        return by_code(session, code=code)


def test_an_answer_shows_cost_bound_hubs_and_their_use(app: Flask, desk: Browser, ask):
    code = ask()
    row, said = kept(app, code), text_of(desk.get(f"/siting/{code}?lang=en").text)
    scenario, _ = read_scenario(row.inputs)
    verdict = judge(scenario, sites_of(row.answer["sites"]))
    assert verdict.feasible
    assert verdict.costs.total_fen == row.answer["verdict"]["total_fen"]
    assert "proven the least" in said
    assert "1. Nanming 4,000" in said
    assert "75%" in said  # 3,000 t of 4,000 t


def test_what_stands_in_the_way_is_a_sentence_with_what_would_help(desk: Browser, ask):
    said = text_of(desk.get(f"/siting/{ask(longest_m=5_000)}?lang=en").text)
    assert "No answer meets these terms" in said
    assert "520181 (Al): no hub within 5.0 km; the nearest that may take it is 34" in said


def test_the_form_asks_for_the_province_and_keeps_the_wish(app: Flask, desk: Browser):
    answer = desk.post(
        "/siting", name="Eight", most_hubs="8", left_yuan_per_t="3000", in_province_only="yes",
        longest_km="150", budget_yuan="30000000", buffer_m="500",
    )  # fmt: skip
    assert answer.status_code == 303
    row = kept(app, answer.headers["Location"].rsplit("/", 1)[1])
    assert row.wish["most_hubs"] == 8
    assert row.wish["budget_fen"] == 3_000_000_000
    assert row.wish["longest_m"] == 150_000
    assert len(row.inputs["zones"]) == len(row.inputs["candidates"]) == 88
    assert not any(not each["in_province"] for each in row.inputs["smelters"])
    assert "waiting" in text_of(desk.get(f"/siting/{row.code}?lang=en").text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("most_hubs", "0"),
        ("most_hubs", "many"),
        ("longest_km", "-5"),
        ("budget_yuan", "1e9"),
        ("buffer_m", ""),
        ("least_hubs", "1001"),
        ("buffer_m", "1000000"),
        ("colour", "red"),
    ],
)
def test_a_wrong_field_is_shown_again_and_nothing_is_asked(desk: Browser, field, value):
    answer = desk.post("/siting", **({"buffer_m": "500"} | {field: value}))
    assert answer.status_code == 422
    assert "No scenario was asked for yet" in text_of(desk.get("/siting?lang=en").text)


def test_more_hubs_at_least_than_at_most_are_refused_by_name(desk: Browser):
    answer = desk.post("/siting", least_hubs="9", most_hubs="8", buffer_m="500")
    assert answer.status_code == 422
    assert "terms.most_hubs" in answer.text


def test_scenarios_stand_side_by_side(desk: Browser, ask):
    one, other = ask("one hub", most_hubs=1), ask("two hubs", least_hubs=2)
    said = text_of(desk.get(f"/siting/compare?with={one}&with={other}&lang=en").text)
    assert "one hub two hubs" in said
    assert re.search(r"Hubs 1 2 ", said)
    assert desk.get(f"/siting/compare?with={one}").status_code == 200
    assert desk.get("/siting/compare").status_code == 409
    assert desk.get("/siting/compare?with=nothing").status_code == 404


def test_exports_carry_every_flow(app: Flask, desk: Browser, ask):
    code = ask()
    sites = kept(app, code).answer["sites"]
    rows = list(
        csv.DictReader(io.StringIO(desk.get(f"/siting/{code}/answer.csv").text.lstrip("\ufeff")))
    )
    flows = len(sites["inflows"]) + len(sites["outflows"])
    assert len(rows) == flows
    assert {row["kind"] for row in rows} == {"inbound", "outbound"}
    assert sum(int(row["mass (kg)"]) for row in rows if row["kind"] == "inbound") == 3_000_000
    drawn = desk.get(f"/siting/{code}/answer.geojson").json
    assert len(drawn["features"]) == flows + len(sites["steps"])
    point = next(each for each in drawn["features"] if each["geometry"]["type"] == "Point")
    assert point["geometry"]["coordinates"] == [106.71, 26.57]
    whole = desk.get(f"/siting/{code}/answer.json").json
    assert read_scenario(whole["inputs"])[0].candidates


def test_an_unanswered_scenario_exports_nothing(app: Flask, desk: Browser, official: Party, clock):
    with app.extensions["remelt"].store.write() as session:
        code = asked(session, clock=clock, party=official).code
    assert desk.get(f"/siting/{code}/answer.csv").status_code == 409
    assert desk.get("/siting/AAAAAAAAAAAAAA").status_code == 404


def test_purchase_points_keep_away_from_smelting_plants(
    app: Flask, desk: Browser, official: Party, clock
):
    """The example's smelters stand at county seats, so those counties are no purchase points."""
    with app.extensions["remelt"].store.write() as session:
        row = asked_province(session, clock=clock, party=official, buys=True, buffer_m=500)
        scenario, barred = read_scenario(row.inputs)
    assert {each.candidate for each in barred} == {"520304", "520181", "520626"}
    assert len(scenario.candidates) == 88 - 3
    assert all("第六条" in each.source for each in barred)


def test_supplies_of_the_example_are_the_census_times_the_recovery_per_head(
    app: Flask, official: Party, clock
):
    """2 x 4.65 Mt over 1,411,778,724 people; Anshun has 2,470,630 people in six counties."""
    with app.extensions["remelt"].store.write() as session:
        inputs = asked_province(session, clock=clock, party=official).inputs
    county = next(each for each in inputs["zones"] if each["key"] == "520402")
    people = 2_470_630 // 6
    assert county["supply_kg"]["Al"] == people * 9_300_000_000 // 1_411_778_724
    assert county["supply_kg"]["Cu"] == people * 2_640_000_000 // 1_411_778_724


def _stopped_at_the_first(app: Flask, row_code: str, *, clock: SimulatedClock) -> None:
    """Keep the first answer found: what is compared holds for any, and takes a second each."""
    with app.extensions["remelt"].store.write() as session:
        row = by_code(session, code=row_code)
        scenario, barred = read_scenario(row.inputs)
        found = solve(scenario, deadline_s=300, stopped=lambda: True)
        told = {
            "answer": answer_to_json(found),
            "obstacles": None,
            "barred": [asdict(each) for each in barred],
        }
        payload = job_by_code(session, row.job_code).payload
        keep_sites(session, payload, told, clock=clock)


def test_eight_hubs_against_twelve_with_and_without_smelters_of_other_provinces(
    app: Flask, desk: Browser, official: Party, clock: SimulatedClock
):
    wishes = [(hubs, outside) for hubs in (8, 12) for outside in (True, False)]
    codes = {}
    for hubs, outside in wishes:
        wish = {"least_hubs": hubs, "most_hubs": hubs, "out_of_province": outside}
        with app.extensions["remelt"].store.write() as session:
            row = asked_province(
                session, clock=clock, party=official, name=f"{hubs} {outside}",
                left_fen_per_t=300_000, **wish,
            )  # fmt: skip
            codes[hubs, outside] = row.code
        _stopped_at_the_first(app, codes[hubs, outside], clock=clock)
    for (hubs, outside), code in codes.items():
        whole = desk.get(f"/siting/{code}/answer.json").json
        verdict = judge(read_scenario(whole["inputs"])[0], sites_of(whole["answer"]["sites"]))
        assert verdict.feasible
        assert verdict.costs.total_fen == whole["answer"]["verdict"]["total_fen"]
        drawn = desk.get(f"/siting/{code}/answer.geojson").json["features"]
        assert sum(each["geometry"]["type"] == "Point" for each in drawn) == hubs
        table = desk.get(f"/siting/{code}/answer.csv").text.lstrip("\ufeff")
        flows = list(csv.DictReader(io.StringIO(table)))
        supply = sum(
            kg
            for zone in whole["inputs"]["zones"]
            for family, kg in zone["supply_kg"].items()
            if outside or family == "Al"
        )
        for kind in ("inbound", "outbound"):  # copper has no smelter in the province
            sent = [row for row in flows if row["kind"] == kind]
            assert sum(int(row["mass (kg)"]) for row in sent) == supply
            assert {row["family"] for row in sent} == ({"Al", "Cu"} if outside else {"Al"})
        ends = {row["to"] for row in flows if row["kind"] == "outbound"}
        assert ("s-wuzhou" in ends) == outside
        assert outside or ends <= {"s-bozhou", "s-qingzhen", "s-dejiang"}
    beside = "&".join(f"with={code}" for code in codes.values())
    said = text_of(desk.get(f"/siting/compare?{beside}&lang=en").text)
    assert "8 True 8 False 12 True 12 False" in said
    assert re.search(r"Hubs 8 8 12 12 ", said)


def test_the_job_answers_in_a_process_of_its_own(app: Flask, desk: Browser, official: Party, clock):
    with app.extensions["remelt"].store.write() as session:
        code = asked(session, clock=clock, party=official).code
    assert app.extensions["remelt"].runner.run_pending() >= 1
    assert kept(app, code).answer["proven"]
    assert "solved" in text_of(desk.get(f"/siting/{code}?lang=en").text)


def test_the_api_takes_inputs_and_gives_the_answer(app: Flask, desk: Browser):
    made = desk.client.post(
        "/api/v1/siting", json={"name": "mine", "inputs": three_counties()},
        headers={"Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert made.status_code == 202, made.text
    app.extensions["remelt"].runner.run_pending()
    told = desk.get(f"/api/v1/siting/{made.json['code']}").json
    assert told["state"] == "solved"
    assert told["answer"]["proven"]
    assert desk.get("/api/v1/siting").json["items"][0]["code"] == made.json["code"]
    drawn = desk.get(f"/api/v1/siting/{made.json['code']}/geojson").json
    assert drawn["type"] == "FeatureCollection"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"zones": []}, "zones"),
        ({"smelters": []}, "smelters"),
        ({"names": ["a"]}, "names"),
        ({"zones": [{"key": "z", "place": "520102", "supply_kg": {"Al": -1}}]}, "supply_kg"),
        ({"places": [{"key": "520102", "lat": 260, "lon": 106}]}, "places"),
    ],
)
def test_the_api_refuses_by_field_and_rule(desk: Browser, change, field):
    answer = desk.client.post(
        "/api/v1/siting", json={"inputs": three_counties() | change},
        headers={"Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.json["code"] == "bad-scenario"
    assert field in answer.json["detail"]


def test_what_is_not_ours_in_inputs_is_not_kept(app: Flask, desk: Browser):
    inputs = three_counties() | {"about": [{"what": "x"}], "secret": "y"}
    made = desk.client.post(
        "/api/v1/siting", json={"inputs": inputs}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert set(kept(app, made.json["code"]).inputs) == set(three_counties())
