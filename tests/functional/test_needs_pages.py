"""Needs, searches, questions and the inbox through their pages and the API."""

import base64
import io
import re
from dataclasses import replace
from html import unescape

import pytest
from sqlmodel import select

from remelt.platform.market.following.models import Question, SavedSearch
from remelt.platform.market.kinds import Conditions, Descending
from remelt.platform.market.models import Listing
from remelt.platform.market.needs.models import Need
from remelt.platform.market.preparing.models import LotDraft
from remelt.platform.parties.permissions import PERMISSIONS
from remelt.platform.parties.tokens import issue_token
from tests.browser import signed_in
from tests.charges import a_recipe
from tests.market import AUCTION, a_draft, a_typed_lot, bid, publish_lot
from tests.parties import Party, some_people

TYPED = {
    "metal": "Al",
    "grades-3-grade": "CN-trade|CN-shulv",
    "grades-9-grade": "ReMA|Tutu",
    "mass_t": "20",
    "least_lot_t": "0.5",
    "price_yuan_per_t": "15,000",
    "most_km": "200",
    "open_days": "14",
}


@pytest.fixture
def people(store, clock) -> dict[str, Party]:
    return some_people(store, clock, collector="collector", smelter="smelter", hub="hub")


@pytest.fixture
def lot(store, clock, people) -> Listing:
    with store.write() as session:
        return publish_lot(session, clock=clock, seller=people["collector"])


def test_a_smelter_says_what_it_needs_and_the_seller_hears_of_it(app, store, people, lot):
    smelter = signed_in(app, "smelter")
    site = people["smelter"].site.code
    bad = smelter.post("/needs/new", **(TYPED | {"site": site, "mass_t": "0.4"}))
    assert bad.status_code == 422
    assert 'value="CN-trade|CN-shulv" checked' in bad.text
    assert "最小批量" in bad.text
    assert smelter.send("/needs/new", **(TYPED | {"site": site})).status_code == 303
    with store.read() as session:
        need = session.exec(select(Need)).one()
    assert need.grades == ["CN-trade|CN-shulv", "ReMA|Tutu"]
    page = smelter.get(f"/needs/{need.code}").text
    assert lot.code in page
    assert "符合" in page
    collector = signed_in(app, "collector")
    inbox = collector.get("/inbox").text
    assert f"/needs/{need.code}" in inbox
    assert "1 条新消息" in inbox
    until = re.search(r'name="until" value="([^"]+)"', inbox)
    assert until is not None
    assert collector.send("/inbox", until=until[1]).status_code == 303
    assert "没有新消息" in collector.get("/inbox").text
    own = collector.get(f"/listings/{lot.code}").text
    assert "正在求购的买家" in own
    assert "正在求购的买家" not in signed_in(app, "hub").get(f"/listings/{lot.code}").text
    assert smelter.post(f"/needs/{need.code}/end", on=f"/needs/{need.code}").status_code == 303
    assert "已结束" in smelter.get(f"/needs/{need.code}").text


def test_a_recipe_fills_in_the_grades_that_may_enter_it(app, store, clock, people):
    with store.write() as session:
        code = a_recipe(session, clock=clock, at=people["smelter"], worst_index=2).code
    page = signed_in(app, "smelter").get(f"/needs/new?recipe={code}").text
    assert 'value="CN-trade|CN-6063-bai" checked' in page
    assert 'value="CN-trade|CN-lungu" checked' not in page
    assert signed_in(app, "hub").get(f"/needs/new?recipe={code}").status_code == 200


def test_a_search_is_saved_from_the_board_and_tells_of_what_comes(app, store, clock, people):
    smelter = signed_in(app, "smelter")
    page = smelter.get("/searches?q=旧型材&metal=Al&from_t=1.5").text
    asked = re.search(r'name="asked" value="([^"]*)"', page)
    assert asked is not None
    query = unescape(asked[1])
    assert smelter.send("/searches", asked=query, name="").status_code == 422
    sent = smelter.send("/searches", asked=query, name="型材", alert="yes")
    assert sent.status_code == 303
    with store.read() as session:
        kept = session.exec(select(SavedSearch)).one()
    assert kept.wanted == {"words": "旧型材", "metal": "Al", "mass_from_g": 1_500_000}
    with store.write() as session:
        made = publish_lot(session, clock=clock, seller=people["collector"])
    assert f"/listings/{made.code}" in smelter.get("/inbox").text
    assert smelter.post(f"/searches/{kept.code}/end", on="/searches").status_code == 303
    assert "型材</a>" not in smelter.get("/searches").text


def test_a_question_is_asked_watched_and_answered_in_public(app, store, people, lot):
    smelter, collector = signed_in(app, "smelter"), signed_in(app, "collector")
    page = f"/listings/{lot.code}"
    refused = smelter.post(f"{page}/questions", on=page, asked="打我 13800001234")
    assert refused.status_code == 422
    assert "打我 13800001234" in refused.text
    assert smelter.send(f"{page}/questions", asked="<b>有漆吗</b>").status_code == 303
    assert signed_in(app, "hub").post(f"{page}/watch", on=page).status_code == 303
    with store.read() as session:
        question = session.exec(select(Question)).one()
    seen = collector.get(page).text
    assert "&lt;b&gt;有漆吗" in seen
    assert people["smelter"].organisation.name_zh not in seen
    answer = f"{page}/questions/{question.code}/answer"
    assert collector.send(answer, answer="").status_code == 422
    assert collector.send(answer, answer="没有漆").status_code == 303
    hub = signed_in(app, "hub")
    assert "没有漆" in hub.get(page).text
    assert page in hub.get("/inbox").text
    assert page in hub.get("/watching").text
    assert hub.post(f"{page}/unwatch", on=page).status_code == 303
    assert page not in hub.get("/watching").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_programs_say_needs_and_read_why_lots_fit(app, store, clock, people, lot):
    with store.write() as session:
        _row, token = issue_token(
            session, clock=clock, actor=people["smelter"].actor, name="t", days=30,
            scopes=tuple(n for n in PERMISSIONS if people["smelter"].actor.may(n)),
        )  # fmt: skip
    client = app.test_client()
    bearer = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    body = {
        "site": people["smelter"].site.code, "metal": "Al", "mass_g": 20_000_000,
        "grades": [{"system": "ReMA", "code": "Tutu"}], "most_fen_per_t": 1_300_000,
        "ends_at": "2026-03-20T12:00:00+08:00",
    }  # fmt: skip
    made = client.post("/api/v1/needs", json=body, headers=bearer)
    assert made.status_code == 201, made.text
    again = client.post("/api/v1/needs", json=body, headers=bearer)
    assert again.json["code"] == made.json["code"]
    other = client.post("/api/v1/needs", json=body | {"mass_g": 5}, headers=bearer)
    assert other.status_code == 422
    del bearer["Idempotency-Key"]
    fits = client.get(f"/api/v1/needs/{made.json['code']}/lots", headers=bearer).json["items"]
    assert [(each["listing"], each["fits"]) for each in fits] == [(lot.code, False)]
    price = next(each for each in fits[0]["reasons"] if each["point"] == "price")
    assert price == {
        "point": "price", "verdict": "misses", "limit": 1_300_000, "found": 1_400_000,
    }  # fmt: skip
    bad = client.post(
        "/api/v1/searches", json={"name": "x", "wanted": {"colour": "red"}}, headers=bearer
    )
    assert bad.status_code == 422
    search = {"name": "x", "wanted": {"metal": "Al", "mass_from_g": 5}}
    kept = client.post("/api/v1/searches", json=search, headers=bearer)
    assert (kept.status_code, kept.json["wanted"]) == (201, {"metal": "Al", "mass_from_g": 5})
    assert client.get("/api/v1/inbox", headers=bearer).json == {"items": [], "unread": 0}


def test_half_a_lot_is_kept_completed_and_published_once(app, store, people):
    collector = signed_in(app, "collector")
    half = {"metal": "Al", "mass_unit": "jin", "mass": "1,280", "price_mode": "fixed"}
    assert collector.post("/lots/new", **half, step="draft").status_code == 303
    with store.read() as session:
        draft = session.exec(select(LotDraft)).one()
    assert draft.said["declared_mass_g"] == 640_000
    assert collector.post(f"/drafts/{draft.code}/publish", on="/drafts").status_code == 422
    form = collector.get(f"/lots/new?draft={draft.code}").text
    assert 'value="640"' in form
    whole = a_typed_lot(people["collector"].site.code, draft_code=draft.code)
    assert 'value="publish"' in collector.send("/lots/new", **(whole | {"step": "check"})).text
    for _again in range(2):
        sent = collector.post("/lots/new", **whole)
        assert sent.status_code == 303
        assert "new=1" in sent.location
    with store.read() as session:
        made = session.exec(select(Listing)).one()
        assert made.declared_mass_g == 640_000
    assert signed_in(app, "hub").get(f"/lots/new?draft={draft.code}").status_code == 404
    assert draft.code not in collector.get("/drafts").text


def test_a_file_of_lots_is_checked_by_cell_then_published(app, store, people):
    collector = signed_in(app, "collector")
    site = people["collector"].site.code
    collector.get("/lots/import")

    def send(text: str) -> str:
        sent = collector.send(
            "/lots/import", site=site, file=(io.BytesIO(text.encode()), "货单.csv")
        )
        assert sent.status_code == 303, sent.text
        return sent.location

    bad = collector.get(send("品名,重量(kg),单价(元/吨),安全检查\n旧型材,六百,12900,\n")).text
    assert "B2" in bad
    assert "D2" in bad
    assert "then" not in bad
    collector.get("/lots/import")
    where = send("品名,重量(kg),单价(元/吨),安全检查\n旧型材,600,12900,是\n易拉罐,80,9000,是\n")
    page = collector.get(where).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    asked = {n: unescape(hidden[n]) for n in ("file", "name", "site", "mass_unit", "price_unit")}
    assert collector.send("/lots/import/check", **asked, then="publish").status_code == 303
    with store.read() as session:
        rows = session.exec(select(Listing)).all()
    assert sorted(row.declared_mass_g for row in rows) == [80_000, 600_000]
    missing = collector.get(f"/lots/import/check?file={'0' * 64}&site={site}&name=x")
    assert missing.status_code == 404
    assert collector.get("/lots/import/check?mass_unit=stone").status_code == 422


def test_a_seller_changes_the_terms_and_the_bidder_looks_again(app, store, clock, people, lot):
    with store.write() as session:
        bid(session, clock=clock, listing=lot, buyer=people["smelter"], yuan_per_t=15_000)
    collector = signed_in(app, "collector")
    form = collector.get(f"/lots/{lot.lot_code}/terms").text
    assert "现有 1 个报价" in form
    assert 'value="14000"' in form
    safety = dict.fromkeys(("hazard_free", "radiation_checked", "no_sealed_vessels"), "yes")
    typed = {"productive": "no", "price_mode": "fixed", "price_yuan_per_t": "15,500"} | safety
    sent = collector.send(f"/lots/{lot.lot_code}/terms", **typed, open_hours="24")
    assert sent.status_code == 303
    smelter = signed_in(app, "smelter")
    assert "您的报价已作废" in smelter.get("/inbox").text
    assert sent.location in smelter.get(f"/listings/{lot.code}").text
    assert "15,500" in smelter.get(sent.location).text
    assert signed_in(app, "hub").get(f"/lots/{lot.lot_code}/terms").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_terms_that_stand_are_not_lost_by_changing_one_of_them(app, store, clock, people):
    asked = Conditions(deposit_fen=500_000, verify_s=7_200, pay_s=10_800)
    with store.write() as session:
        falls = Descending(
            start_fen_per_t=1_600_000, floor_fen_per_t=1_200_000, lower_by_fen_per_t=7_000,
            lower_every_s=180, step_fen_per_t=5_000,
        )  # fmt: skip
        lots = [
            publish_lot(
                session, clock=clock, seller=people["collector"],
                draft=a_draft(price=price, conditions=each),
            ).lot_code
            for price, each in ((AUCTION, replace(asked, reserve_open=True)), (falls, asked))
        ]  # fmt: skip
    collector = signed_in(app, "collector")
    rising, falling = (collector.get(f"/lots/{code}/terms").text for code in lots)
    for page in (rising, falling):
        for field, value in (("deposit_yuan", "5000"), ("verify_hours", "2"), ("pay_hours", "3")):
            assert f'name="{field}" type="text" value="{value}"' in page
    assert 'name="reserve_open" value="yes" checked' in rising
    assert 'name="reserve_yuan_per_t" type="text" value="15000"' in rising
    for field, value in (("floor", "12000"), ("lower", "70")):
        assert f'name="{field}_yuan_per_t" type="text" value="{value}"' in falling
    assert 'name="lower_minutes" type="text" value="3"' in falling


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_programs_keep_drafts_and_send_lists(app, store, clock, people):
    who = people["collector"]
    with store.write() as session:
        scopes = tuple(name for name in PERMISSIONS if who.actor.may(name))
        _row, token = issue_token(
            session, clock=clock, actor=who.actor, name="t", days=30, scopes=scopes
        )
    client = app.test_client()
    bearer = {"Authorization": f"Bearer {token}"}
    kept = client.post("/api/v1/drafts", json={"said": {"title": "x"}}, headers=bearer)
    assert kept.status_code == 201
    assert "declared_mass_g" in kept.json["missing"]
    lacking = client.post(f"/api/v1/drafts/{kept.json['code']}/publish", headers=bearer)
    assert (lacking.status_code, lacking.json["code"]) == (422, "draft-incomplete")
    bad = {"said": {"declared_mass_g": "5"}}
    assert client.post("/api/v1/drafts", json=bad, headers=bearer).status_code == 422
    text = "品名,重量(kg),单价(元/吨),安全检查,备注\n" + f"旧型材,600,12900,是,{'长' * 1500}\n" * 9
    content = base64.b64encode(text.encode()).decode()
    body = {"site": who.site.code, "name": "a.csv", "content": content}
    seen = client.post("/api/v1/drafts/file", json=body, headers=bearer)
    assert (seen.json["lots"], seen.json["problems"], seen.json["listings"]) == (9, [], [])
    wrong = base64.b64encode("品名,重量(kg),单价(元/吨),安全检查\n铁,1,1,是\n".encode()).decode()
    told = client.post("/api/v1/drafts/file", json=body | {"content": wrong}, headers=bearer).json
    assert [(each["cell"], each["rule"]) for each in told["problems"]] == [
        ("A2", "cell-unknown-grade")
    ]
    assert told["problems"][0]["remedy"]
    done = client.post("/api/v1/drafts/file", json=body | {"then": "publish"}, headers=bearer)
    assert len(done.json["listings"]) == 9
    torn = client.post("/api/v1/drafts/file", json=body | {"content": "%%"}, headers=bearer)
    assert torn.status_code == 422
