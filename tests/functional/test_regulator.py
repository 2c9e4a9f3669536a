"""Every published ratio says what it is over what, and leads down to the heats that make it."""

import csv
import io
import re
from html import unescape

import pytest
from flask import Flask

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.parties.register import add_known_site, link_known_site
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.counting import Counting
from tests.loop import Loop, a_loop, bring, heat
from tests.parties import PASSWORD, a_party


@pytest.fixture
def loop(app: Flask, clock) -> Loop:
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        for role in ("regulator", "auditor", "hub"):
            a_party(
                session, clock=clock, role=role, login=role, password_hash=hash_password(PASSWORD)
            )
        return a_loop(session, clock=clock)


@pytest.fixture
def official(app: Flask, loop: Loop) -> Browser:
    return signed_in(app, "regulator")


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_share_stands_with_numerator_denominator_and_coverage(official: Browser):
    said = text_of(official.get("/regulator?lang=en").text)
    assert "Share of recycled metal in use" in said
    assert "platform sample" in said
    assert "4.30 t numerator" in said  # 3.8 t cans x 88 % + 1 t clippings x 96 %, contained metal
    assert "no target line is drawn" in said
    assert "Nobody has supplied the register" in said


def test_three_contents_are_told_apart(official: Browser):
    said = text_of(official.get("/regulator?lang=en").text)
    for name in ("ISO 14021", "provincial tables", "inside the works only"):
        assert name in said


def test_silent_sites_are_named_and_a_covered_register_is_the_province(
    app: Flask, clock, official: Browser, loop: Loop
):
    store = app.extensions["remelt"].store
    terms = {"clock": clock, "metal": "Al", "adcode": "520300", "source": "试验名录"}
    with store.write() as session:
        known = add_known_site(session, name_zh="黔金再生铝厂", **terms)
        link_known_site(session, known_code=known.code, site_code=loop.smelter.site.code)
    assert official.get("/api/v1/shares").get_json()["coverage"] == "province"
    with store.write() as session:
        add_known_site(session, name_zh="沉默的铝厂", **terms)
    told = official.get("/api/v1/shares").get_json()
    assert (told["coverage"], told["reporting_sites"], told["register_sites"]) == (
        "platform-sample", 1, 2,
    )  # fmt: skip
    assert "沉默的铝厂" in official.get("/regulator").text


@pytest.mark.parametrize("by", ["month", "prefecture", "smelter"])
def test_the_heats_sum_to_the_row_that_leads_to_them(official: Browser, by):
    rows = official.get(f"/api/v1/shares?by={by}").get_json()["rows"]
    for row in rows:
        melts = official.get(f"/api/v1/melts?by={by}&key={row['key']}").get_json()["melts"]
        assert sum(melt["post_mg"] + melt["pre_mg"] for melt in melts) == row["numerator_mg"]
        assert len({melt["event_hash"] for melt in melts}) == row["heats"]
    page = official.get("/regulator").text
    ways = {unescape(way) for way in re.findall(r'href="(/regulator/melts\?[^"]+)"', page)}
    assert ways
    for way in ways:
        assert official.get(way).status_code == 200


def test_prefectures_sum_to_the_total(official: Browser):
    total = official.get("/api/v1/shares?by=metal").get_json()["rows"][0]
    parts = official.get("/api/v1/shares?by=prefecture").get_json()["rows"]
    for name in ("numerator_mg", "denominator_mg", "cast_g", "unexplained_g"):
        assert sum(part[name] for part in parts) == total[name]


def test_a_heat_shows_its_charges_outputs_and_gaps(official: Browser, loop: Loop):
    said = text_of(official.get(f"/regulator/melts/{loop.melt.event.hash}?lang=en").text)
    for shown in (
        "3,800 kg",
        "88.0%",
        "4,000 kg",
        "Burn-off",
        "no factor",
        "Additions and auxiliary materials",
    ):
        assert shown in said
    assert official.get(f"/regulator/melts/{'0' * 64}").status_code == 404


def test_a_lot_is_traced_both_ways(official: Browser, loop: Loop):
    page = official.get(f"/regulator/trace?code={loop.sorted_.code.lower()}&lang=en").text
    assert f"code={loop.cans.code}" in page
    assert f"code={loop.cast.code}" in page
    said = text_of(page)
    assert "Came in from other lots 3.80 t" in said
    assert loop.smelter.organisation.name_en in said
    assert official.get("/regulator/trace?code=WRONG").status_code == 422


def test_the_table_is_a_harmless_csv_with_units(official: Browser, loop: Loop):
    answer = official.get("/regulator/shares.csv?by=smelter")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    told = dict(zip(header, row, strict=True))
    assert told["key"] == loop.smelter.site.code
    assert told["recycled metal used (mg)"] == "4304000000"
    assert told["coverage"] == "platform-sample"
    assert told["month from"] == "2025-04"


@pytest.mark.parametrize(
    "query", ["month_from=2026-13", "metal=%00", "by=person", "month_from=now", "extra=1"]
)
def test_a_crooked_question_is_told_which_field(official: Browser, query):
    for address in ("/regulator", "/regulator/shares.csv", "/api/v1/shares"):
        assert official.get(f"{address}?{query}").status_code == 422


def test_a_metal_without_heats_says_so(official: Browser):
    said = text_of(official.get("/regulator?metal=Pb&month_from=２０２６-01&lang=en").text)
    assert "No heat of this metal" in said


def test_only_regulator_and_auditor_read_it(app: Flask, loop: Loop):
    assert signed_in(app, "auditor").get("/regulator").status_code == 200
    assert signed_in(app, "hub").get("/regulator").status_code == 403
    assert app.test_client().get("/regulator").status_code == 303


def test_the_page_asks_the_same_number_of_statements_however_many_heats(
    app: Flask, clock, official: Browser, loop: Loop
):
    store = app.extensions["remelt"].store
    counted = []
    for _ in range(3):
        with Counting(store) as count:
            assert official.get("/regulator").status_code == 200
        counted.append(count.statements)
        with store.write() as session:
            for _heat in range(3):
                lot = bring(session, clock=clock, party=loop.smelter)
                heat(session, clock=clock, lot=lot, smelter=loop.smelter)
    assert counted[1] == counted[2]  # as the hours pass, a session is also marked as seen


@pytest.mark.parametrize(
    ("locale", "said"), [("zh_CN", "再生金属使用比例"), ("en", "Recycled shares")]
)
def test_both_languages(official: Browser, locale, said):
    assert said in official.get(f"/regulator?lang={locale}").text


def test_a_cast_lot_says_whose_metal_it_is_and_what_was_not_followed(official: Browser, loop: Loop):
    told = official.get(f"/api/v1/lots/{loop.cast.code}/trace").get_json()
    grams = sum(each["mass_g"] for each in told["sources"])
    assert grams + told["added_g"] + told["residual_g"] == told["of_g"] > 0
    assert told["residual_g"] * 10_000 <= told["residual_bp"] * told["of_g"]
    assert sum(told["suppliers"].values()) == grams
    assert loop.cans.code in {each["code"] for each in told["sources"]}
    said = text_of(official.get(f"/regulator/trace?code={loop.cast.code}&lang=en").text)
    assert "Whose metal it is made of" in said
    assert "Not followed further 0 kg 0.0%" in said
    for query in ("residual_bp=0", "residual_bp=x", "extra=1"):
        assert official.get(f"/api/v1/lots/{loop.cast.code}/trace?{query}").status_code == 422
