"""Sealed bids, falling prices, the line for an award and counter-offers, through pages and API."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.idempotency import StoredAnswer
from remelt.platform.market import awarding
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.tenders import buying
from remelt.platform.market.terms_models import Deposit
from remelt.platform.parties.permissions import PERMISSIONS
from remelt.platform.parties.tokens import issue_token
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.market import FIXED, NOON, a_draft, publish_lot
from tests.needs import a_need
from tests.parties import PASSWORD, a_party

SECRET = hash_password(PASSWORD)
ROLES = {
    "collector": "collector", "smelter": "smelter", "rival": "smelter", "operator": "operator",
    "regulator": "regulator",
}  # fmt: skip


@pytest.fixture
def store(app: Flask):
    held = app.extensions["remelt"].store
    with held.write() as session:
        load_package_data(session)
    return held


@pytest.fixture
def people(store, clock):
    with store.write() as session:
        return {
            login: a_party(session, clock=clock, role=role, login=login, password_hash=SECRET)
            for login, role in ROLES.items()
        }


@pytest.fixture
def browsers(app, people):
    return {login: signed_in(app, login) for login in people}


def a_lot(people, **changes: str) -> dict[str, str]:
    """The form of two tonnes under seal, from 14,000 yuan."""
    typed = {
        "step": "publish", "site": people["collector"].site.code, "metal": "Al",
        "grade": "ReMA|Talc", "mass_unit": "kg", "mass": "2000", "form": "loose",
        "origin": "post_consumer", "evidence": "declared", "productive": "no",
        "hazard_free": "yes", "radiation_checked": "yes", "no_sealed_vessels": "yes",
        "track": "in_province", "price_mode": "sealed", "price_yuan_per_t": "14,000",
        "open_hours": "6",
    }  # fmt: skip
    return typed | changes


def published(store, browser, form) -> Listing:
    answer = browser.post("/lots/new", **form)
    assert answer.status_code == 303, answer.text
    with store.read() as session:
        return session.exec(select(Listing).order_by(Listing.id.desc())).first()


def contract(store) -> Contract | None:
    with store.read() as session:
        return session.exec(select(Contract)).one_or_none()


def token_of(store, clock, who) -> dict[str, str]:
    with store.write() as session:
        _row, text = issue_token(
            session, clock=clock, actor=who.actor, name="test", days=30,
            scopes=tuple(name for name in PERMISSIONS if who.actor.may(name)),
        )  # fmt: skip
    return {"Authorization": f"Bearer {text}"}


def test_a_sealed_sale_from_the_form_to_the_contract(store, clock, people, browsers):
    regulator = people["regulator"].organisation.code
    checked = browsers["collector"].post("/lots/new", **a_lot(people, step="check")).text
    assert "密封报价" in checked
    made = published(store, browsers["collector"], a_lot(people, holder=regulator))
    page = f"/listings/{made.code}"
    assert "第二保管人生成密钥后" in browsers["smelter"].get(page).text
    file = browsers["regulator"].post(f"{page}/seal", on="/seals")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["Cache-Control"] == "no-store"
    half = file.text.strip()

    def seal(login, yuan):
        site = people[login].site.code
        return browsers[login].post(
            f"{page}/envelopes", on=page, price_yuan_per_t=yuan, deliver_to_site=site
        )

    assert seal("smelter", "13,999").status_code == 422
    assert seal("smelter", "15,120.50").status_code == 303
    assert seal("rival", "15,000").status_code == 303
    own = browsers["smelter"].get(page).text
    assert "已密封" in own
    assert "15,120" not in own
    early = browsers["regulator"].post(f"{page}/opening", on="/seals", half=half)
    assert (early.status_code, "不得提前" in early.text) == (409, True)
    clock.advance(hours=6)
    wrong = browsers["regulator"].post(f"{page}/opening", on="/seals", half=half[:-1] + "x")
    assert wrong.status_code == 422
    assert browsers["regulator"].post(f"{page}/opening", on="/seals", half=half).status_code == 303
    assert contract(store).price_fen_per_t == 1_512_050
    assert "15,120.5" in browsers["smelter"].get(page).text
    with store.read() as session:
        answers = session.exec(select(StoredAnswer)).all()
        assert not [each for each in answers if "envelopes" in each.scope]


def test_a_deposit_a_line_and_the_next_in_it(store, clock, people, browsers):
    form = a_lot(
        people, price_mode="auction", deposit_yuan="2,000", verify_hours="4", pay_hours="24",
        reserve_yuan_per_t="14,500", reserve_open="yes",
    )  # fmt: skip
    made = published(store, browsers["collector"], form)
    page = f"/listings/{made.code}"
    for login, yuan in (("smelter", "15,000"), ("rival", "15,100")):
        site = people[login].site.code
        said = {"on": page, "price_yuan_per_t": yuan, "deliver_to_site": site}
        before = browsers[login].post(f"{page}/bids", **said)
        assert "保证金" in browsers[login].get(before.location).text
        browsers[login].post(f"{page}/deposit", on=page, reference="TT-1")
        with store.read() as session:
            told = session.exec(select(Deposit).order_by(Deposit.id.desc())).first()
        browsers["operator"].post("/standing/deposits", on="/standing", deposit=str(told.id))
        assert browsers[login].post(f"{page}/bids", **said).status_code == 303
    assert "14,500" in browsers["smelter"].get(page).text
    clock.advance(hours=6)
    with store.write() as session:
        awarding.close_due(session, clock=clock)
    seller = browsers["collector"]
    assert "审核中" in seller.get(page).text
    assert "候选中" in browsers["smelter"].get(page).text
    assert seller.post(f"{page}/line/failed", on=page, cause="").status_code == 422
    assert seller.post(f"{page}/line/failed", on=page, cause="无资质").status_code == 303
    for step in ("verified", "paid"):
        assert seller.post(f"{page}/line/{step}", on=page).status_code == 303
    assert contract(store).buyer_id == people["smelter"].organisation.key


def test_a_falling_price_is_taken_as_it_stands(store, clock, people, browsers):
    form = a_lot(
        people, price_mode="descending", floor_yuan_per_t="13,000", lower_yuan_per_t="100",
        lower_minutes="10",
    )  # fmt: skip
    made = published(store, browsers["collector"], form)
    page = f"/listings/{made.code}"
    clock.advance(minutes=25)
    shown = browsers["smelter"].get(page).text
    (price,) = re.findall(r'name="price_yuan_per_t" value="([0-9.]+)"', shown)
    assert price == "13800.00"
    site = people["smelter"].site.code
    taken = browsers["smelter"].send(f"{page}/take", price_yuan_per_t=price, deliver_to_site=site)
    assert taken.status_code == 303
    assert "您已接受价格" in browsers["smelter"].get(page).text
    clock.advance(hours=1)
    with store.write() as session:
        awarding.close_due(session, clock=clock)
    assert contract(store).price_fen_per_t == 1_380_000


def test_a_counter_offer_on_the_pages(store, clock, people, browsers):
    with store.write() as session:
        made = publish_lot(
            session, clock=clock, seller=people["collector"], draft=a_draft(price=FIXED)
        )
    page = f"/listings/{made.code}"
    site = people["smelter"].site.code
    told = browsers["smelter"].post(
        f"{page}/proposals", on=page, price_yuan_per_t="14,000", stands_hours="6",
        deliver_to_site=site,
    )  # fmt: skip
    assert told.status_code == 303
    seller = browsers["collector"]
    shown = seller.get("/proposals").text
    (code,) = set(re.findall(r"/proposals/([A-Z0-9]+)/accept", shown))
    seller.send(f"/proposals/{code}/counter", price_yuan_per_t="14,200", stands_hours="6")
    answer = browsers["smelter"].post(f"/proposals/{code}/accept", on=page)
    assert answer.location.startswith("/contracts/")
    assert contract(store).price_fen_per_t == 1_420_000


def test_programs_seal_and_open(app, store, clock, people):
    client = app.test_client()
    tokens = {login: token_of(store, clock, who) for login, who in people.items()}
    with store.write() as session:
        publish_lot(session, clock=clock, seller=people["rival"])
    body = {
        "site": people["collector"].site.code, "metal": "Al", "grade_system": "ReMA",
        "grade_code": "Tutu", "form": "loose", "declared_mass_g": 2_000_000,
        "origin": "post_consumer", "evidence": "declared", "productive": False,
        "hazard_free": True, "radiation_checked": True, "no_sealed_vessels": True,
        "track": "in_province", "tax_included": False, "closes_at": "2026-03-02T06:00:00Z",
        "price": {"mode": "sealed", "start_fen_per_t": 1_400_000},
        "conditions": {"freight_fen_per_tkm": 50, "carbon_fen_per_t": 6_000},
    }  # fmt: skip
    made = client.post("/api/v1/listings", json=body, headers=tokens["collector"])
    assert (made.status_code, made.json["kind"]) == (201, "sealed")
    address = f"/api/v1/listings/{made.json['code']}"
    half = client.post(f"{address}/seal", headers=tokens["collector"]).json["half"]
    offer = {"price_fen_per_t": 1_500_000, "deliver_to": people["smelter"].site.code}
    bare = client.post(f"{address}/envelopes", json=offer, headers=tokens["smelter"])
    assert (bare.status_code, bare.json["type"]) == (422, "urn:remelt:error:key-too-short")
    keyed = tokens["smelter"] | {"Idempotency-Key": "01J9ZK3M8Q4V6W2X5Y7Z0A1B2C"}
    one, again = (client.post(f"{address}/envelopes", json=offer, headers=keyed) for _ in "ab")
    assert one.json["receipt"] == again.json["receipt"]
    other = client.post(
        f"{address}/envelopes", json=offer | {"price_fen_per_t": 1_500_001}, headers=keyed
    )
    assert other.json["type"] == "urn:remelt:error:key-reused"
    clock.advance(hours=3)
    opened = client.post(f"{address}/opening", json={"half": half}, headers=tokens["collector"])
    (read,) = opened.json["read"]
    (mine,) = client.get(f"{address}/envelopes", headers=tokens["smelter"]).json["items"]
    assert read == f"{mine['receipt']}:{mine['digest']}"
    assert (mine["price_fen_per_t"], mine["place"]) == (1_500_000, 1)


def test_sellers_bid_down_on_a_need(app, store, clock, people, browsers):
    smelter = people["smelter"]
    with store.write() as session:
        need = a_need(session, clock=clock, buyer=smelter)
        lot = publish_lot(
            session, clock=clock, seller=people["collector"],
            draft=a_draft(price=FIXED, closes_at=NOON + timedelta(hours=24)),
        )  # fmt: skip
    page = f"/needs/{need.code}"
    opened = browsers["smelter"].post(
        f"{page}/tender", on=page, ceiling_yuan_per_t="14,900", step_yuan_per_t="50",
        open_hours="1", freight_yuan_per_tkm="0.5",
    )  # fmt: skip
    assert opened.status_code == 303, opened.text
    seller = browsers["collector"]
    said = {"on": page, "listing": lot.code}
    dear = seller.post(f"{page}/tender/bids", price_yuan_per_t="14,950", **said)
    assert "超出买方的最高价" in seller.get(dear.location).text
    seller.post(f"{page}/tender/bids", price_yuan_per_t="14,300", **said)
    assert "14,300" in browsers["smelter"].get(page).text
    seen = app.test_client().get(
        f"/api/v1/needs/{need.code}/tender", headers=token_of(store, clock, people["rival"])
    )
    assert [(each["number"], each["mine"]) for each in seen.json["items"]] == [(1, False)]
    clock.advance(hours=1)
    with store.write() as session:
        buying.close_due(session, clock=clock)
    assert contract(store).price_fen_per_t == 1_430_000
    assert f"/contracts/{contract(store).code}" in browsers["smelter"].get(page).text


def test_every_term_of_an_auction_is_told_to_programs_and_a_hidden_reserve_to_its_owner(
    app, store, clock, people, browsers
):
    form = a_lot(
        people, price_mode="descending", floor_yuan_per_t="13,000", lower_yuan_per_t="100",
        lower_minutes="10", sealed_minutes="30", best_minutes="20", opened_hours="24",
        licence="pollutant_permit", deposit_yuan="2,000",
    )  # fmt: skip
    made = published(store, browsers["collector"], form)
    shown = browsers["smelter"].get(f"/listings/{made.code}").text
    assert "排污许可证" in shown
    assert "20&nbsp;分钟" in shown or "20\xa0分钟" in shown
    client = app.test_client()
    tokens = {who: token_of(store, clock, people[who]) for who in ("collector", "smelter")}
    address = f"/api/v1/listings/{made.code}"
    terms = client.get(address, headers=tokens["smelter"]).json["terms"]
    told = (terms["sealed_s"], terms["best_s"], terms["open_within_s"], terms["lower_every_s"])
    assert told == (1_800, 1_200, 86_400, 600)
    assert (terms["licence"], terms["deposit_fen"]) == ("pollutant_permit", 200_000)
    assert terms["holder"] == people["collector"].organisation.code
    form = a_lot(people, price_mode="auction", reserve_yuan_per_t="14,777")
    hidden = published(store, browsers["collector"], form)
    for who, reserve in (("collector", 1_477_700), ("smelter", None)):
        answer = client.get(f"/api/v1/listings/{hidden.code}", headers=tokens[who])
        assert answer.json["terms"]["reserve_fen_per_t"] == reserve
        assert ("1477700" in answer.text) is (who == "collector")


def test_steps_of_the_sellers_own_are_shown_kept_and_said_when_missed(store, people, browsers):
    form = a_lot(
        people, price_mode="auction", step_yuan_per_t="50", tick_yuan_per_t="10",
        band_from_yuan_per_t="15,000", band_step_yuan_per_t="100", most_rise_yuan_per_t="1,000",
    )  # fmt: skip
    made = published(store, browsers["collector"], form)
    page = f"/listings/{made.code}"
    shown = browsers["smelter"].get(page).text
    for word in ("报价须为整数倍", "单次最大加价"):
        assert word in shown
    site = people["smelter"].site.code

    def bid(yuan):
        said = {"on": page, "price_yuan_per_t": yuan, "deliver_to_site": site}
        return browsers["smelter"].get(browsers["smelter"].post(f"{page}/bids", **said).location)

    assert "整数倍" in bid("14,005").text
    assert "多看一遍零" in bid("140,000").text
    bid("15,000")
    assert "15,100" in browsers["rival"].get(page).text
    terms = browsers["collector"].get(f"/lots/{made.lot_code}/terms").text
    assert 'value="15000"' in terms
    assert 'value="1000"' in terms
    bent = browsers["collector"].post("/lots/new", **(form | {"tick_yuan_per_t": "30"}))
    assert bent.status_code == 422


@pytest.mark.parametrize(
    ("mode", "field", "typed"),
    [
        ("fixed", "reserve_yuan_per_t", "14,500"),
        ("fixed", "pay_hours", "24"),
        ("sealed", "best_minutes", "20"),
        ("auction", "floor_yuan_per_t", "13,000"),
        ("auction", "freight_yuan_per_tkm", "0.5"),
        ("sealed", "opened_hours", "721"),
    ],
)
def test_a_term_that_would_not_be_kept_is_refused_in_its_field(
    people, browsers, mode, field, typed
):
    answer = browsers["collector"].post(
        "/lots/new", **a_lot(people, price_mode=mode, **{field: typed})
    )
    assert answer.status_code == 422
    assert f'aria-describedby="{field}-error' in answer.text or f'id="{field}-error"' in answer.text


def test_scores_say_where_each_number_comes_from_to_whom_they_concern(
    app, store, clock, people, browsers
):
    with store.write() as session:
        for party, lat in (("collector", 26_600_000), ("smelter", 27_600_000)):
            site = session.merge(people[party].site)
            site.lat_e6, site.lon_e6 = lat, 106_700_000
            session.add(site)
    form = a_lot(
        people, freight_yuan_per_tkm="0.5", carbon_yuan_per_t="60", tax_included="yes",
        vat_percent="13", award="seller",
    )  # fmt: skip
    made = published(store, browsers["collector"], form)
    page = f"/listings/{made.code}"
    half = browsers["collector"].post(f"{page}/seal", on="/seals").text.strip()
    for login, yuan in (("smelter", "16,950"), ("rival", "16,000")):
        site = people[login].site.code
        browsers[login].post(
            f"{page}/envelopes", on=page, price_yuan_per_t=yuan, deliver_to_site=site
        )
    assert "16,950" not in browsers["smelter"].get(f"{page}/scores").text
    clock.advance(hours=6)
    browsers["collector"].post(f"{page}/opening", on="/seals", half=half)
    seller = browsers["collector"].get(f"{page}/scores").text
    assert "16,950.00" in seller
    assert "1,950.00" in seller
    assert "150" in seller
    assert "16,000.00" in seller
    rival = browsers["rival"].get(f"{page}/scores").text
    assert "16,000.00" in rival
    assert "16,950" not in rival
    client = app.test_client()
    tokens = {who: token_of(store, clock, people[who]) for who in ("collector", "smelter")}
    items = client.get(f"/api/v1{page}/scores", headers=tokens["collector"]).json["items"]
    best = items[0]
    assert sum(line["fen_per_t"] for line in best["lines"]) == best["gross_fen_per_t"]
    assert [line["name"] for line in best["lines"]] == ["price", "vat", "freight", "carbon"]
    assert [each["place"] for each in items] == [1, 2]
    own = client.get(f"/api/v1{page}/scores", headers=tokens["smelter"]).json["items"]
    assert [(each["place"], each["bidder"]) for each in own] == [(None, "")]


def test_the_operators_programs_hold_deposits_and_set_limits(app, store, clock, people, browsers):
    made = published(
        store, browsers["collector"], a_lot(people, price_mode="auction", deposit_yuan="2,000")
    )
    client = app.test_client()
    tokens = {who: token_of(store, clock, people[who]) for who in ("operator", "smelter")}
    address = f"/api/v1/listings/{made.code}/deposit"
    assert client.get(address, headers=tokens["smelter"]).json == {
        "state": "none", "amount_fen": 200_000, "ends_at": None
    }  # fmt: skip
    client.post(address, json={"reference": "TT-7"}, headers=tokens["smelter"])
    (told,) = client.get("/api/v1/standing/deposits", headers=tokens["operator"]).json["items"]
    whose = {"listing": told["listing"], "bidder": told["bidder"]}
    assert (told["reference"], told["over"]) == ("TT-7", False)
    for _ in range(2):
        held = client.post("/api/v1/standing/deposits", json=whose, headers=tokens["operator"])
        assert held.json == {"state": "held", "amount_fen": 200_000}
    none = client.post(
        "/api/v1/standing/deposits", headers=tokens["operator"],
        json={"listing": made.code, "bidder": people["rival"].organisation.code},
    )  # fmt: skip
    assert (none.status_code, none.json["type"]) == (404, "urn:remelt:error:no-such-deposit")
    set_ = client.post(
        "/api/v1/standing/limits", headers=tokens["operator"],
        json={"organisation": people["smelter"].organisation.code, "limit_fen": 5_000_000,
              "reason": "年度授信"},
    )  # fmt: skip
    assert [each["limit_fen"] for each in set_.json["items"]] == [5_000_000]


def test_a_holder_finds_its_keys_by_program(app, store, clock, people, browsers):
    regulator = people["regulator"]
    made = published(
        store, browsers["collector"], a_lot(people, holder=regulator.organisation.code)
    )
    token = token_of(store, clock, regulator)
    client = app.test_client()
    (kept,) = client.get("/api/v1/seals", headers=token).json["items"]
    assert (kept["listing"], kept["key"], kept["shut"]) == (made.code, None, 0)
    key = client.post(f"/api/v1/listings/{made.code}/seal", headers=token).json["key"]
    assert client.get("/api/v1/seals", headers=token).json["items"][0]["key"] == key
