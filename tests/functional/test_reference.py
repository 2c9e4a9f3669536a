"""The reference data as programs and visitors read it."""

import pytest

API = "/api/v1/catalogue"


@pytest.mark.parametrize(
    "kind",
    [
        "metals",
        "grades",
        "aliases",
        "alloys",
        "factors",
        "recovery-rates",
        "targets",
        "places",
        "codes",
        "facilities",
        "editions",
    ],
)
def test_every_table_is_public(client, kind):
    answer = client.get(f"{API}/{kind}")
    assert answer.status_code == 200, answer.text
    assert answer.json["items"]


def test_a_factor_says_value_source_and_what_is_missing(client):
    life = client.get(f"{API}/factors/elec_pcf_cn_2024").json
    assert (life["value_digits"], life["value_places"], life["gas"]) == (5777, 4, "CO2e")
    assert life["must_supply"] is None
    missing = client.get(f"{API}/factors/grid_guizhou_2023").json
    assert missing["value_digits"] is None
    assert missing["must_supply"] == "a value in kgCO2/kWh with its source"
    assert missing["confidence"] == "missing"


def test_a_yards_word_finds_its_grade(client):
    one = client.get(f"{API}/grades/find", query_string={"word": "光亮铜"}).json["items"]
    assert [grade["code"] for grade in one] == ["CN-guangliang"]
    two = client.get(f"{API}/grades/find", query_string={"word": "破碎电机"}).json["items"]
    assert len(two) == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/factors/nothing", 404),
        ("/factors/%00", 404),
        ("/places/999999", 404),
        ("/places/%E4%B8%AD%00", 404),
        ("/grades/find", 422),
        ("/grades/find?word=" + "x" * 201, 422),
        ("/grades/find?word=%00", 422),
        ("/grades?metal=" + "x" * 11, 422),
        ("/grades?on=yesterday", 422),
        ("/grades?colour=red", 422),
    ],
)
def test_bad_questions_are_answered_with_the_rule(client, path, status):
    answer = client.get(API + path)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"


def test_history_can_be_asked_by_day(client):
    assert client.get(f"{API}/metals?on=1999-12-31").json["items"] == []
    assert len(client.get(f"{API}/metals?on=2026-03-02").json["items"]) == 8


@pytest.mark.parametrize(
    "kind",
    [
        "metals",
        "grades",
        "aliases",
        "alloys",
        "factors",
        "recovery",
        "targets",
        "places",
        "codes",
        "facilities",
    ],
)
@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_every_table_is_a_page(client, kind, lang):
    page = client.get(f"/reference/{kind}", query_string={"lang": lang})
    assert page.status_code == 200
    assert "package-" in page.text


def test_what_is_missing_says_what_the_operator_must_supply(client):
    page = client.get("/reference?lang=en").text
    assert "What the operator must still supply" in page
    assert "must be filled by an operator" in page
    factors = client.get("/reference/factors?lang=en&q=grid_guizhou_2023").text
    assert "The operator must supply a value in kgCO2/kWh with its source." in factors
    assert "未核实" in client.get("/reference/grades?lang=zh_CN").text


@pytest.mark.parametrize(
    ("query", "held", "left_out"),
    [
        ({"metal": "Cu"}, "CN-guangliang", "Tense"),
        ({"q": "光亮"}, "CN-guangliang", "Tense"),
        ({"q": "ｔｅｎｓｅ"}, "Tense", "CN-guangliang"),
        ({"q": "\0<script>"}, "没有包含此文字的行", "<script>"),
        ({"q": "x" * 10_000}, "没有包含此文字的行", "Tense"),
    ],
)
def test_a_table_is_searched(client, query, held, left_out):
    page = client.get("/reference/grades", query_string=query)
    assert page.status_code == 200
    assert held in page.text
    assert left_out not in page.text


def test_an_unknown_table_is_not_found(client):
    assert client.get("/reference/%00").status_code == 404
