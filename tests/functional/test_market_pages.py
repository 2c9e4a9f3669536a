"""The market through its pages and its API, on both databases."""

import io
import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlmodel import col, func, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.market import awarding, queries
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.models import Contract, Listing, PriceBoardEntry
from remelt.platform.parties.permissions import PERMISSIONS
from remelt.platform.parties.tokens import issue_token
from remelt.traceability.models import Lot
from remelt.web.streams import streams
from tests.browser import Browser, signed_in
from tests.market import (
    AUCTION,
    FIXED,
    NOON,
    a_draft,
    a_picture,
    a_typed_lot,
    publish_lot,
)
from tests.parties import Party, some_people

FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
MB = "金" * 350_000


@pytest.fixture
def people(store, clock) -> dict[str, Party]:
    return some_people(
        store, clock, collector="collector", hub="hub", smelter="smelter", rival="smelter"
    )


@pytest.fixture
def listing(store, clock, people) -> Listing:
    with store.write() as session:
        return publish_lot(session, clock=clock, seller=people["collector"])


def count(store, table) -> int:
    with store.read() as session:
        return session.exec(select(func.count(col(table.id)))).one()


def only(store, table):
    with store.read() as session:
        return session.exec(select(table)).one()


def errors_of(page: str) -> dict[str, str]:
    """Field -> sentence of a form that came back."""
    found = re.findall(r'<li><a href="#([a-z_]+)">([^<]+)</a></li>', page)
    return dict(found)


def token_of(app: Flask, clock, who: Party) -> dict[str, str]:
    with app.extensions["remelt"].store.write() as session:
        _row, text = issue_token(
            session,
            clock=clock,
            actor=who.actor,
            name="test",
            scopes=tuple(name for name in PERMISSIONS if who.actor.may(name)),
            days=30,
        )
    return {"Authorization": f"Bearer {text}"}


def test_a_lot_is_checked_then_published_and_shown_with_its_tag(app, store, people):
    browser = signed_in(app, "collector")
    site = people["collector"].site.code
    browser.get("/lots/new?metal=Al")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)[1]
    key = re.search(r'name="idempotency_key" value="([^"]+)"', browser.page)[1]
    checked = browser.client.post(
        "/lots/new",
        data=a_typed_lot(site, step="check", mass="1280".translate(FULL_WIDTH), mass_unit="jin")
        | {
            "csrf_token": token,
            "idempotency_key": key,
            "photos": [(io.BytesIO(a_picture()), "a.jpg"), (io.BytesIO(a_picture("PNG")), "b.png")],
        },
    )
    assert checked.status_code == 200, errors_of(checked.text)
    assert "640 kg".replace(" ", "\N{NO-BREAK SPACE}") in checked.text
    assert count(store, Listing) == 0
    browser.page = checked.text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', checked.text))
    done = browser.send("/lots/new", **hidden, step="publish")
    assert done.status_code == 303, errors_of(done.text)
    row = only(store, Listing)
    assert row.declared_mass_g == 640_000
    with store.read() as session:
        assert len(queries.photos(session, listing_id=row.key)) == 2
        lot = session.exec(select(Lot).where(Lot.code == row.lot_code)).one()
        assert lot.mass_g == 0
    page = browser.get(done.location).text
    assert 'class="qr"' in page
    assert "<path" in page
    assert browser.get("/collect").status_code == 200
    again = browser.send("/lots/new", **hidden, step="publish")
    assert again.location == done.location
    assert count(store, Listing) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mass": ""}, "mass"),
        ({"mass": "-5"}, "mass"),
        ({"mass": "9" * 14}, "mass"),
        ({"mass": "9" * 40}, "mass"),
        ({"mass": "12oo"}, "mass"),
        ({"mass": "0"}, "mass"),
        ({"mass": "0.5", "mass_unit": "kg"}, "mass"),
        ({"mass": "20000", "mass_unit": "t"}, "mass"),
        ({"mass": "1.25", "mass_unit": "jin"}, "mass"),
        ({"mass_unit": "lb"}, "mass_unit"),
        ({"grade": "ReMA|Nothing"}, "grade"),
        ({"grade": "Talc"}, "grade"),
        ({"grade": "CN-trade|CN-guangliang"}, "grade"),
        ({"grade": "ReMA|Thirl"}, "grade"),
        ({"form": "heap"}, "form"),
        ({"hazard_free": ""}, "hazard_free"),
        ({"productive": "yes"}, "certificate"),
        ({"productive": "perhaps"}, "productive"),
        ({"track": "import", "origin_area": "51"}, "origin_area"),
        ({"price_yuan_per_t": "0"}, "price_yuan_per_t"),
        ({"price_yuan_per_t": "1e5"}, "price_yuan_per_t"),
        ({"price_yuan_per_t": "2000000"}, "price_yuan_per_t"),
        ({"price_mode": "auction"}, "mass"),
        (
            {"price_mode": "auction", "mass": "2000", "reserve_yuan_per_t": "1"},
            "reserve_yuan_per_t",
        ),
        ({"open_hours": "25"}, "open_hours"),
        ({"title": "x" * 121}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"description": MB}, "description"),
    ],
)
def test_a_lot_that_cannot_be_listed_names_the_field_and_saves_nothing(
    app, store, people, changes, field
):
    browser = signed_in(app, "collector")
    form = a_typed_lot(people["collector"].site.code, **changes)
    answer = browser.post("/lots/new", **form)
    assert answer.status_code == 422
    assert field in errors_of(answer.text)
    assert count(store, Listing) == 0


def test_an_empty_form_names_every_field(app, people):
    answer = signed_in(app, "collector").post("/lots/new", step="check")
    assert answer.status_code == 422
    assert {"grade", "mass", "price_yuan_per_t", "site"} <= set(errors_of(answer.text))


def test_a_lot_of_another_site_is_not_found(app, store, people):
    answer = signed_in(app, "collector").post("/lots/new", **a_typed_lot(people["hub"].site.code))
    assert answer.status_code == 404
    assert count(store, Listing) == 0


def test_a_file_that_is_no_photo_is_refused_beside_the_field(app, store, people):
    browser = signed_in(app, "collector")
    photo = (io.BytesIO(b"MZ\x90 no photo"), "a.jpg")
    answer = browser.post("/lots/new", photos=photo, **a_typed_lot(people["collector"].site.code))
    assert answer.status_code == 422
    assert "照片" in answer.text
    assert count(store, Listing) == 0


def offer(browser: Browser, listing: Listing, price: str, site: str, **more: str):
    return browser.post(
        f"/listings/{listing.code}/bids",
        on=f"/listings/{listing.code}",
        price_yuan_per_t=price,
        deliver_to_site=site,
        **more,
    )


def test_bids_are_answered_on_the_listing(app, store, clock, people, listing):
    browser = signed_in(app, "smelter")
    site = people["smelter"].site.code
    taken = offer(browser, listing, "14000", site)
    assert taken.status_code == 303
    assert "已被接受" in browser.get(taken.location).text
    low = offer(browser, listing, "14,000", site)
    assert low.status_code == 422
    assert "¥14,050/吨" in errors_of(low.text)["price_yuan_per_t"]
    assert count(store, Bid) == 1
    rival = signed_in(app, "rival").get(f"/listings/{listing.code}").text
    assert people["smelter"].organisation.name_zh not in rival
    assert "买家 1" in rival


@pytest.mark.parametrize(
    "price", ["", "-1", "abc", "9" * 30, "0", "1_000", "14000\0", MB, "１４０００.００１"]
)
def test_a_bid_that_is_no_price_is_refused_and_not_recorded(app, store, people, listing, price):
    answer = offer(signed_in(app, "smelter"), listing, price, people["smelter"].site.code)
    assert answer.status_code == 422
    assert "price_yuan_per_t" in errors_of(answer.text)
    assert count(store, Bid) == 0


def test_the_same_key_counts_once_and_another_body_is_refused(app, store, people, listing):
    browser = signed_in(app, "smelter")
    address = f"/listings/{listing.code}/bids"
    form = {"price_yuan_per_t": "14000", "deliver_to_site": people["smelter"].site.code}
    browser.get(f"/listings/{listing.code}")
    first, second = browser.send(address, **form), browser.send(address, **form)
    assert first.location == second.location
    assert count(store, Bid) == 1
    other = browser.send(address, **form | {"price_yuan_per_t": "15000"})
    assert other.status_code == 422
    assert count(store, Bid) == 1


def test_a_stale_page_buys_nothing_at_another_price(app, store, clock, people):
    with store.write() as session:
        made = publish_lot(
            session, clock=clock, seller=people["collector"], draft=a_draft(price=FIXED)
        )
    browser = signed_in(app, "smelter")
    address = f"/listings/{made.code}/purchase"
    site = people["smelter"].site.code

    def buy(price: str):
        return browser.post(
            address, on=f"/listings/{made.code}", price_yuan_per_t=price, deliver_to_site=site
        )

    stale = buy("14000")
    assert stale.status_code == 409
    assert "price_yuan_per_t" in errors_of(stale.text)
    assert count(store, Contract) == 0
    assert buy("14500").status_code == 303
    late = browser.post(address, on="/market", price_yuan_per_t="14500", deliver_to_site=site)
    assert late.status_code == 409
    assert "已经卖出" in late.text
    contract = only(store, Contract)
    for login, status in (("smelter", 200), ("collector", 200), ("rival", 404), ("hub", 404)):
        assert signed_in(app, login).get(f"/contracts/{contract.code}").status_code == status


def test_a_late_bid_is_refused_with_a_sentence(app, store, clock, people, listing):
    browser = signed_in(app, "smelter")
    browser.get(f"/listings/{listing.code}")
    clock.set(only(store, Auction).closes_at)
    answer = browser.send(
        f"/listings/{listing.code}/bids",
        price_yuan_per_t="20000",
        deliver_to_site=people["smelter"].site.code,
    )
    assert "来迟了" in browser.get(answer.location).text


def test_the_api_answers_a_refused_bid_with_its_code_and_status(app, store, clock, people, listing):
    client = app.test_client()
    head = token_of(app, clock, people["smelter"])
    body = {"price_fen_per_t": 1_400_000, "deliver_to": people["smelter"].site.code}
    address = f"/api/v1/listings/{listing.code}/bids"
    key = {"Idempotency-Key": "one"}
    first = client.post(address, json=body, headers=head | key)
    again = client.post(address, json=body, headers=head | key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    other = client.post(address, json=body | {"price_fen_per_t": 2_000_000}, headers=head | key)
    assert (other.status_code, other.json["code"]) == (422, "key-reused")
    low = client.post(address, json=body, headers=head)
    assert (low.status_code, low.json["code"], low.json["least_fen_per_t"]) == (
        422,
        "bid-too-low",
        1_405_000,
    )
    assert client.get(address, headers=head).json["items"][0]["mine"] is True
    clock.set(only(store, Auction).closes_at)
    late = client.post(address, json=body, headers=head)
    assert (late.status_code, late.json["code"]) == (409, "bidding-over")
    shown = client.get(f"/api/v1/listings/{listing.code}", headers=head)
    assert shown.json["state"] == "expired"
    assert shown.json["lot_code"] is None
    assert str(AUCTION.reserve_fen_per_t) not in shown.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price_fen_per_t": None}, "price_fen_per_t"),
        ({"price_fen_per_t": "1400000"}, "price_fen_per_t"),
        ({"price_fen_per_t": -1}, "price_fen_per_t"),
        ({"price_fen_per_t": 10**30}, "price_fen_per_t"),
        ({"price_fen_per_t": 14000.5}, "price_fen_per_t"),
        ({"deliver_to": "x" * 1_000_000}, "deliver_to"),
        ({"price_yuan": 1}, "price_yuan"),
    ],
)
def test_the_api_names_field_and_rule(app, store, clock, people, listing, changes, field):
    head = token_of(app, clock, people["smelter"])
    body = {"price_fen_per_t": 1_400_000, "deliver_to": people["smelter"].site.code} | changes
    answer = app.test_client().post(
        f"/api/v1/listings/{listing.code}/bids", json=body, headers=head
    )
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert field in [each["field"] for each in answer.json["errors"]]
    assert count(store, Bid) == 0


def test_a_lot_is_offered_and_sold_through_the_api(app, store, clock, people):
    client = app.test_client()
    seller, buyer = (token_of(app, clock, people[who]) for who in ("collector", "smelter"))
    body = {
        "site": people["collector"].site.code,
        "metal": "Al",
        "grade_system": "ReMA",
        "grade_code": "Talc",
        "form": "bale",
        "declared_mass_g": 640_000,
        "origin": "post_consumer",
        "evidence": "implied",
        "productive": False,
        "hazard_free": True,
        "radiation_checked": True,
        "no_sealed_vessels": True,
        "track": "in_province",
        "price": {"mode": "fixed", "price_fen_per_t": 1_290_000},
        "tax_included": False,
        "closes_at": (NOON + timedelta(hours=2)).isoformat(),
    }
    made = client.post("/api/v1/listings", json=body, headers=seller)
    assert made.status_code == 201, made.text
    code = made.json["code"]
    found = client.get("/api/v1/listings?words=罐&mass_to_g=700000", headers=buyer)
    assert [card["code"] for card in found.json["items"]] == [code]
    bought = client.post(
        f"/api/v1/listings/{code}/purchase",
        json={"price_fen_per_t": 1_290_000, "deliver_to": people["hub"].site.code},
        headers=buyer,
    )
    assert bought.status_code == 201, bought.text
    contract = client.get("/api/v1/contracts", headers=seller).json["items"][0]
    assert contract["lot_code"] == made.json["lot_code"]
    assert contract["deliver_to"] == people["hub"].site.code
    for changes, field in (
        ({"closes_at": "2026-03-02T14:00:00"}, "closes_at"),
        ({"price": {"mode": "dutch"}}, "price"),
        ({"hazard_free": False}, "hazard_free"),
        ({"declared_mass_g": 1}, "declared_mass_g"),
    ):
        answer = client.post("/api/v1/listings", json=body | changes, headers=seller)
        assert answer.status_code == 422
        assert [each["field"].split("-")[0] for each in answer.json["errors"]] == [field]


def stream_of(browser: Browser, address: str, *, last: str = "", most: int = 4) -> list[bytes]:
    """The first chunks of a stream, which is then left."""
    head = {"Last-Event-ID": last} if last else {}
    answer = browser.client.get(address, headers=head, buffered=False)
    assert answer.status_code == 200
    chunks = []
    for chunk in answer.response:
        chunks.append(chunk)
        if len(chunks) >= most:
            break
    answer.close()
    return chunks


def test_a_stream_replays_what_was_missed_and_holds_no_session(app, store, people, listing):
    browser = signed_in(app, "smelter")
    for price in ("14000", "14100", "14200"):
        offer(browser, listing, price, people["smelter"].site.code)
    address = f"/listings/{listing.code}/live"
    chunks = stream_of(browser, address, last="1", most=5)
    bids = [json.loads(c.split(b"data: ")[1]) for c in chunks if b"event: bid" in c]
    assert [each["seq"] for each in bids] == [2, 3]
    assert chunks[1].startswith(b"id: 2\n")
    assert any(b"event: room" in chunk for chunk in chunks)
    assert any(b"event: heartbeat" in chunk for chunk in chunks)
    assert store.reader.pool.checkedout() == 0
    with app.app_context():
        assert streams().open == 0


def test_streams_beyond_the_cap_are_sent_away_for_a_while(app, people, listing):
    browser = signed_in(app, "smelter")
    with app.app_context():
        every = streams()
        for _ in range(every.cap):
            assert every.enter()
    answer = browser.get(f"/listings/{listing.code}/live")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert browser.get(f"/listings/{listing.code}/room").status_code == 200


def test_the_board_finds_two_characters_and_keeps_a_bad_filter_harmless(app, store, clock, people):
    with store.write() as session:
        publish_lot(session, clock=clock, seller=people["collector"])
        publish_lot(
            session,
            clock=clock,
            seller=people["collector"],
            draft=a_draft(metal="Cu", grade_system="CN-trade", grade_code="CN-guangliang"),
        )
    browser = signed_in(app, "smelter")
    assert "1 个批次" in browser.get("/market?q=型材").text
    assert "1 个批次" in browser.get("/market?q=铜&metal=Cu&sort=mass&mode=auction").text
    assert "0 个批次" in browser.get("/market?form=heap").text
    bad = browser.get("/market?from_t=-1")
    assert bad.status_code == 422
    for query in ("q=" + "x" * 5000, "page=-1", "page=abc", "to_t=1e9", "nonsense=1"):
        assert browser.get(f"/market?{query}").status_code in {200, 422}


def test_a_price_is_hung_out_and_shown_to_everybody(app, store, people):
    browser = signed_in(app, "hub")
    site = people["hub"].site.code
    address = f"/boards/{site}/edit"
    done = browser.post(address, grade="CN-trade|CN-6063-bai", price_yuan_per_t="16,100")
    assert (done.status_code, urlsplit(done.location).path) == (303, address)
    page = app.test_client().get(f"/boards/{site}").text
    assert "¥16,100/吨" in page
    browser.post(address, grade="CN-trade|CN-6063-bai", price_yuan_per_t="")
    assert "¥16,100/吨" not in app.test_client().get(f"/boards/{site}").text
    assert count(store, PriceBoardEntry) == 2
    for form, field in (
        ({"grade": ""}, "grade"),
        ({"grade": "x|y"}, "grade"),
        ({"grade": "CN-trade|CN-6063-bai", "price_yuan_per_t": "-3"}, "price_yuan_per_t"),
        ({"grade": "CN-trade|CN-6063-bai", "tier_from_kg": "9" * 20}, "tier_from_kg"),
    ):
        answer = browser.post(address, **form)
        assert answer.status_code == 422
        assert field in errors_of(answer.text)
    assert count(store, PriceBoardEntry) == 2


def test_the_seller_awards_after_the_close_and_the_job_closes_what_is_due(
    app, store, clock: SimulatedClock, people, listing
):
    offer(signed_in(app, "smelter"), listing, "15500", people["smelter"].site.code)
    clock.set(only(store, Auction).closes_at)
    seller = signed_in(app, "collector")
    done = seller.post(f"/listings/{listing.code}/award", on=f"/lots/{listing.lot_code}")
    assert done.status_code == 303
    assert "15,500" in seller.get(done.location).text
    pages = {who: signed_in(app, who).get(f"/listings/{listing.code}").text
             for who in ("collector", "smelter", "rival")}  # fmt: skip
    led = [who for who, page in pages.items() if f'href="{urlsplit(done.location).path}"' in page]
    assert led == ["collector", "smelter"]
    with store.write() as session:
        assert awarding.close_due(session, clock=clock) == 0
    assert count(store, Contract) == 1


def test_a_lot_from_stock_is_sold_by_its_owner_as_the_ledger_knows_it(
    app, store, clock, people, listing
):
    address = f"/lots/{listing.lot_code}/sell"
    seller = signed_in(app, "collector")
    form = {
        "productive": "no",
        "hazard_free": "yes",
        "radiation_checked": "yes",
        "no_sealed_vessels": "yes",
        "price_mode": "fixed",
        "price_yuan_per_t": "13000",
        "open_hours": "24",
    }
    listed = seller.post(address, **form)
    assert listed.status_code == 409
    seller.post(f"/listings/{listing.code}/withdraw", on=f"/lots/{listing.lot_code}")
    done = seller.post(address, **form)
    assert done.status_code == 303, errors_of(done.text)
    with store.read() as session:
        again = session.exec(select(Listing).order_by(col(Listing.id).desc())).first()
        lots = session.exec(select(func.count(col(Lot.id)))).one()
    assert (again.lot_code, again.declared_mass_g, again.new_lot) == (
        listing.lot_code,
        listing.declared_mass_g,
        False,
    )
    assert lots == 1
    assert signed_in(app, "hub").get(address).status_code == 404


@pytest.mark.parametrize(
    ("facts", "code"), [({"pool_key": "a-heap"}, "pooled-lot"), ({"role": "heel"}, "heel-lot")]
)
def test_a_heap_or_a_heel_is_not_offered_by_page_or_api(
    app, store, clock, people, listing, facts, code
):
    seller = signed_in(app, "collector")
    seller.post(f"/listings/{listing.code}/withdraw", on=f"/lots/{listing.lot_code}")
    with store.write() as session:
        lot = session.exec(select(Lot).where(Lot.code == listing.lot_code)).one()
        for name, value in facts.items():
            setattr(lot, name, value)
    form = {
        "productive": "no",
        "hazard_free": "yes",
        "radiation_checked": "yes",
        "no_sealed_vessels": "yes",
        "price_mode": "fixed",
        "price_yuan_per_t": "13000",
        "open_hours": "24",
    }
    assert seller.post(f"/lots/{listing.lot_code}/sell", **form).status_code == 409
    body = {
        "lot_code": listing.lot_code,
        "site": people["collector"].site.code,
        "metal": "Al",
        "grade_system": "ReMA",
        "grade_code": "Tutu",
        "form": "loose",
        "declared_mass_g": 640_000,
        "origin": "post_consumer",
        "evidence": "implied",
        "productive": False,
        "hazard_free": True,
        "radiation_checked": True,
        "no_sealed_vessels": True,
        "track": "in_province",
        "price": {"mode": "fixed", "price_fen_per_t": 1_290_000},
        "tax_included": False,
        "closes_at": (NOON + timedelta(hours=2)).isoformat(),
    }
    answer = app.test_client().post(
        "/api/v1/listings", json=body, headers=token_of(app, clock, people["collector"])
    )
    assert answer.status_code == 409
    assert code in answer.text
    assert count(store, Listing) == 1
