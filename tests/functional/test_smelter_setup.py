"""A smelter's furnaces, recipes and materials said anew, by page and by program."""

import pytest
from sqlmodel import select

from remelt.platform.parties.permissions import PERMISSIONS
from remelt.platform.parties.tokens import issue_token
from remelt.platform.works.charge_models import Material
from remelt.platform.works.models import Furnace
from tests.browser import signed_in
from tests.parties import Party, some_people
from tests.works import a_furnace

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def people(store, clock) -> dict[str, Party]:
    return some_people(store, clock, smelter="smelter", rival="smelter")


@pytest.fixture
def furnace(store, clock, people) -> Furnace:
    with store.write() as session:
        return a_furnace(session, clock=clock, at=people["smelter"])


def only(store, table):
    with store.read() as session:
        return session.exec(select(table)).one()


def test_a_furnace_is_said_anew_and_taken_out_of_use(app, store, people, furnace):
    smelter = signed_in(app, "smelter")
    address = f"/works/furnaces/{furnace.code}"
    assert f"{address}/edit" in smelter.get("/works").text
    page = smelter.get(f"{address}/edit").text
    assert f'value="{furnace.name}"' in page
    bad = smelter.send(f"{address}/edit", name=furnace.name, capacity_kg="0")
    assert bad.status_code == 422
    typed = {"name": "3号炉", "capacity_kg": "12,500", "has_meter": "yes"}
    assert smelter.post(f"{address}/edit", **typed).status_code == 303
    assert (only(store, Furnace).name, only(store, Furnace).capacity_g) == ("3号炉", 12_500_000)
    assert signed_in(app, "rival").get(f"{address}/edit").status_code == 404
    for _again in range(2):
        sent = smelter.post(f"{address}/end", on="/works/furnaces/new")
        assert sent.status_code == 303
    assert "3号炉" not in smelter.get("/works").text
    assert smelter.post(f"{address}/edit", **typed).status_code == 404


def test_a_furnace_with_a_heel_holds_it_and_is_not_ended(app, store, people, furnace):
    with store.write() as session:
        session.get_one(Furnace, furnace.key).heel_lot = "HEEL"
    smelter = signed_in(app, "smelter")
    address = f"/works/furnaces/{furnace.code}"
    kept = smelter.post(f"{address}/end", on=f"{address}/edit")
    assert kept.status_code == 409
    assert only(store, Furnace).ended_at is None


def test_bought_metal_lacks_nothing_that_a_plan_needs(app, store, people):
    smelter = signed_in(app, "smelter")
    typed = {"kind": "bought", "name": "镁锭", "element": "Mg", "yield_pct": "98",
             "price_yuan_per_t": "17000"}  # fmt: skip
    for field in ("name", "element", "price_yuan_per_t"):
        answer = smelter.post("/works/charges/materials/new", **(typed | {field: ""}))
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
    assert smelter.post("/works/charges/materials/new", **typed).status_code == 303
    assert only(store, Material).price_fen_per_t == 1_700_000


def test_programs_keep_recipes_materials_and_furnaces(app, store, clock, people, furnace):
    with store.write() as session:
        actor = people["smelter"].actor
        scopes = tuple(name for name in PERMISSIONS if actor.may(name))
        _row, token = issue_token(
            session, clock=clock, actor=actor, name="t", days=30, scopes=scopes
        )
    client = app.test_client()
    bearer = {"Authorization": f"Bearer {token}"}
    recipe = {
        "name": "6063", "alloy": "6063", "standard": "AA / GB/T 3190",
        "limits": {"Fe": {"max_ppm": 3_000}}, "recovery_bp": {"Mg": 9_500},
    }  # fmt: skip
    made = client.post("/api/v1/recipes", json=recipe, headers=bearer)
    assert made.status_code == 201, made.text
    assert made.json["limits"] == {"Fe": [None, 3_000]}
    crossing = recipe | {"limits": {"Fe": {"min_ppm": 9_000, "max_ppm": 3_000}}}
    assert client.post("/api/v1/recipes", json=crossing, headers=bearer).status_code == 422
    again = client.post("/api/v1/recipes", json=recipe | {"margin_centi": 200}, headers=bearer)
    listed = client.get("/api/v1/recipes", headers=bearer).json["items"]
    assert [(row["code"], row["margin_centi"]) for row in listed] == [(again.json["code"], 200)]
    dropped = client.post(f"/api/v1/recipes/{again.json['code']}/drop", headers=bearer)
    assert (dropped.status_code, dropped.json) == (200, {"items": []})
    metal = {"kind": "bought", "name": "镁锭", "element": "Mg", "yield_bp": 9_800,
             "contents": {"Fe": {"mean_ppm": 500, "sd_ppm": 50}}}  # fmt: skip
    refused = client.post("/api/v1/materials", json=metal, headers=bearer)
    assert (refused.status_code, refused.json["code"]) == (422, "bought-incomplete")
    metal |= {"price_fen_per_t": 1_700_000}
    kept = client.post("/api/v1/materials", json=metal, headers=bearer)
    assert kept.json["contents"] == {"Fe": [500, 50]}
    code = client.get("/api/v1/materials", headers=bearer).json["items"][0]["code"]
    gone = client.post(f"/api/v1/materials/{code}/drop", headers=bearer)
    assert gone.json == {"items": []}
    address = f"/api/v1/furnaces/{furnace.code}"
    body = {"name": "九号", "capacity_g": 5_000_000}
    assert client.post(address, json=body, headers=bearer).json["name"] == "九号"
    assert client.post(f"{address}/end", headers=bearer).status_code == 200
    assert client.post(address, json=body, headers=bearer).json["code"] == "no-such-furnace"
