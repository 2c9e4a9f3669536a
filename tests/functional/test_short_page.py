"""A lot offered in a minute, what the menu says of news, and terms changed by program."""

import pytest
from sqlmodel import select

from remelt.platform.market.drafts import FixedPrice
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import offering
from remelt.platform.parties.permissions import PERMISSIONS
from remelt.platform.parties.tokens import issue_token
from tests.browser import signed_in
from tests.market import NOON, a_draft, bid, publish_lot
from tests.parties import Party, some_people
from tests.yard import PROFILE, hang_out

TYPED = {"called": "易拉罐", "mass": "６４０", "price_yuan": "6.45", "price_unit": "jin",
         "mass_unit": "kg", "safe": "yes"}  # fmt: skip


@pytest.fixture
def people(store, clock) -> dict[str, Party]:
    return some_people(store, clock, collector="collector", smelter="smelter", hub="hub")


def bearer(app, clock, who: Party) -> dict[str, str]:
    with app.extensions["remelt"].store.write() as session:
        _row, text = issue_token(
            session, clock=clock, actor=who.actor, name="t", days=30,
            scopes=tuple(name for name in PERMISSIONS if who.actor.may(name)),
        )  # fmt: skip
    return {"Authorization": f"Bearer {text}"}


def test_four_answers_and_a_tick_publish_a_lot_once(app, store, people):
    collector = signed_in(app, "collector")
    page = collector.get("/lots/short").text
    assert '<option value="易拉罐">' in page
    sent = [collector.send("/lots/short", **TYPED) for _again in range(2)]
    assert [each.status_code for each in sent] == [303, 303]
    assert sent[0].location == sent[1].location
    with store.read() as session:
        made = session.exec(select(Listing)).one()
        lot = offering(session, code=made.code)
    assert (made.grade_code, made.title, made.declared_mass_g) == (
        "CN-yilaguan", "易拉罐", 640_000,
    )  # fmt: skip
    assert lot.auction.fixed_fen_per_t == 1_290_000
    assert (made.origin, made.evidence, made.productive) == ("unknown", "declared", False)
    assert (lot.auction.closes_at - NOON).days == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"called": "宇宙铝"}, "called"),
        ({"called": ""}, "called"),
        ({"mass": "0.5"}, "mass"),
        ({"price_yuan": "0"}, "price_yuan"),
        ({"price_yuan": "5001"}, "price_yuan"),
        ({"safe": ""}, "safe"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    app, store, people, changes, field
):
    answer = signed_in(app, "collector").post("/lots/short", **(TYPED | changes))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert 'value="6.45"' in answer.text or "price_yuan" in changes
    with store.read() as session:
        assert session.exec(select(Listing)).all() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_word_of_several_grades_is_asked_back_and_then_published(app, store, people):
    collector = signed_in(app, "collector")
    asked = collector.post("/lots/short", **(TYPED | {"called": "破碎电机"}))
    assert asked.status_code == 422, asked.text
    found = [part.split('"')[0] for part in asked.text.split('name="grade"')[1:]]
    assert len(found) > 1
    chosen = asked.text.split('name="grade"')[2].split('value="')[1].split('"')[0]
    sent = collector.post("/lots/short", **(TYPED | {"called": "破碎电机", "grade": chosen}))
    assert sent.status_code == 303
    with store.read() as session:
        made = session.exec(select(Listing)).one()
    assert f"{made.grade_system}|{made.grade_code}" == chosen


def test_the_menu_counts_what_nobody_has_read(app, store, clock, people):
    collector = signed_in(app, "collector")
    assert 'class="count"' not in collector.get("/lots").text
    with store.write() as session:
        lot = publish_lot(session, clock=clock, seller=people["collector"])
    asked = signed_in(app, "smelter").post(
        f"/listings/{lot.code}/questions", on=f"/listings/{lot.code}", asked="含铁吗？"
    )
    assert asked.status_code == 303
    page = collector.get("/lots").text
    assert 'class="count"><span aria-hidden="true">1</span><span class="away">1 条新消息' in page
    assert 'class="count"' not in app.test_client().get("/").text


def test_programs_change_terms_and_answer_small_lots(app, store, clock, people):
    with store.write() as session:
        lot = publish_lot(session, clock=clock, seller=people["collector"])
        bid(session, clock=clock, listing=lot, buyer=people["smelter"], yuan_per_t=15_000)
        price = FixedPrice(price_fen_per_t=1_400_000)
        small = publish_lot(
            session, clock=clock, seller=people["collector"],
            draft=a_draft(declared_mass_g=300_000, price=price),
        )  # fmt: skip
    client = app.test_client()
    seller, yard = (bearer(app, clock, people[who]) for who in ("collector", "hub"))
    terms = {
        "price": {"mode": "fixed", "price_fen_per_t": 1_555_500}, "tax_included": True,
        "vat_rate_bp": 1300, "closes_at": "2026-03-03T12:00:00+08:00", "title": "新条款",
    }  # fmt: skip
    address = f"/api/v1/listings/{lot.code}/terms"
    assert client.post(address, json=terms, headers=yard).status_code == 404
    keyed = seller | {"Idempotency-Key": "again"}
    made = [client.post(address, json=terms, headers=keyed) for _again in range(2)]
    assert [each.status_code for each in made] == [201, 201], made[0].text
    assert made[0].json["code"] == made[1].json["code"] != lot.code
    assert (made[0].json["fixed_fen_per_t"], made[0].json["declared_mass_g"]) == (
        1_555_500, lot.declared_mass_g,
    )  # fmt: skip
    assert client.get(f"/api/v1/listings/{lot.code}", headers=yard).json["state"] == "withdrawn"
    answer = f"/api/v1/listings/{small.code}/board-answer"
    refused = client.post(answer, json={}, headers=yard)
    assert (refused.status_code, refused.json["code"]) == (422, "no-board-answer")
    with store.write() as session:
        hang_out(session, clock=clock, hub=people["hub"], grade=PROFILE, price_fen_per_t=1_321_000)
    seen = client.get(f"/api/v1/listings/{small.code}/board-prices", headers=seller).json["items"]
    assert [(each["site"], each["price_fen_per_t"]) for each in seen] == [
        (people["hub"].site.code, 1_321_000)
    ]
    assert seen[0]["valid_from"] == "2026-03-02T04:00:00Z"
    body = {"site": people["hub"].site.code}
    given = client.post(answer, json=body, headers=yard | {"Idempotency-Key": "one"})
    again = client.post(answer, json=body, headers=yard | {"Idempotency-Key": "one"})
    assert (given.status_code, again.json) == (201, given.json), given.text
    assert given.json["turns"][0]["price_fen_per_t"] == 1_321_000
    twice = client.post(answer, json=body, headers=yard)
    assert twice.json["code"] == "proposal-stands"
