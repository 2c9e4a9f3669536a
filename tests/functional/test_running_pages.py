"""Running accounts in two browsers: who pays in advance and who delivers."""

import re

import pytest

from remelt.platform.parties.tokens import issue_token
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.parties import PASSWORD, a_party

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def pair(app, clock):
    secret = hash_password(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        payer = a_party(session, clock=clock, role="smelter", login="payer", password_hash=secret)
        payee = a_party(session, clock=clock, role="collector", login="payee", password_hash=secret)
    return payer, payee


def test_an_advance_a_limit_and_a_statement(app, clock, pair):
    _payer, payee = pair
    buyer, seller = signed_in(app, "payer"), signed_in(app, "payee")
    opened = buyer.post("/running-accounts", partner=payee.organisation.code)
    assert opened.status_code == 303
    at = opened.location
    assert buyer.post(f"{at}/limit", on=at, limit_yuan="1000").status_code == 303
    paid = {"amount_yuan": "1000.01", "paid_on": "2026-03-02", "purpose": "advance",
            "method": "bank"}  # fmt: skip
    refused = buyer.post(f"{at}/advances", on=at, **paid)
    assert refused.status_code == 409
    assert "1000.00" in refused.text
    paid["amount_yuan"] = "1000"
    assert buyer.post(f"{at}/advances", on=at, **paid).status_code == 303
    assert "收购备用金" in seller.get(at).text
    assert "预付 " not in seller.page
    clock.advance(days=31)
    buyer, seller = signed_in(app, "payer"), signed_in(app, "payee")
    issued = buyer.post(f"{at}/statements", on=at, month="2026-03")
    assert issued.status_code == 303
    page = seller.get(issued.location).text
    (answer,) = set(re.findall(r'action="(/running-accounts/statements/[^"]+/answer)"', page))
    assert seller.send(answer, verdict="disputed").status_code == 422
    seller.get(issued.location)
    assert seller.send(answer, verdict="confirmed").status_code == 303
    assert "已确认" in buyer.get(issued.location).text
    text = buyer.get(f"{issued.location}/file").text
    assert "-1000.00" in text
    assert "'-1000.00" not in text


def test_a_stranger_finds_no_account(app, clock, pair):
    opened = signed_in(app, "payer").post("/running-accounts", partner=pair[1].organisation.code)
    with app.extensions["remelt"].store.write() as session:
        a_party(session, clock=clock, role="hub", login="third",
                password_hash=hash_password(PASSWORD))  # fmt: skip
    assert signed_in(app, "third").get(opened.location).status_code == 404


def with_token(app, clock, party, *, scopes):
    with app.extensions["remelt"].store.write() as session:
        _row, token = issue_token(
            session, clock=clock, actor=party.actor, name="books", scopes=scopes, days=90
        )
    return {"Authorization": f"Bearer {token}"}


def test_programs_state_a_month_and_the_other_side_confirms_it_once(app, clock, pair):
    payer, payee = pair
    opened = signed_in(app, "payer").post("/running-accounts", partner=payee.organisation.code)
    at = opened.location.rsplit("/", 1)[1]
    paid = {"amount_yuan": "1000", "paid_on": "2026-03-02", "purpose": "advance", "method": "bank"}
    buyer = signed_in(app, "payer")
    assert (
        buyer.post(f"/running-accounts/{at}/advances", on=opened.location, **paid).status_code
        == 303
    )
    scope = ("settlement.running",)
    ours, theirs = (with_token(app, clock, each, scopes=scope) for each in pair)
    client, root = app.test_client(), "/api/v1/running-accounts"
    clock.advance(days=31)
    (told,) = client.get(root, headers=theirs).json["accounts"]
    assert (told["side"], told["balance_fen"]) == ("payee", -100_000)
    assert told["advances_by_age"] == {
        "days_30_fen": 0, "days_60_fen": 100_000, "days_90_fen": 0, "older_fen": 0,
    }  # fmt: skip
    month = {"month": "2026-03"}
    made = client.post(f"{root}/{at}/statements", json=month, headers=theirs)
    assert made.status_code == 201
    assert [line["amount_fen"] for line in made.json["lines"]] == [-100_000]
    assert client.post(f"{root}/{at}/statements", json=month, headers=ours).status_code == 409
    said = f"{root}/statements/{made.json['code']}"
    assert client.get(said, headers=ours).json["sound"] is True
    confirmed = {"verdict": "confirmed"}
    assert client.post(f"{said}/answer", json=confirmed, headers=theirs).status_code == 409
    assert client.post(f"{said}/answer", json=confirmed, headers=ours).status_code == 201
    assert client.post(f"{said}/answer", json=confirmed, headers=ours).status_code == 409
    assert client.get(said, headers=theirs).json["verdict"] == "confirmed"
    assert (
        payer.organisation.code == client.get(f"{root}/{at}", headers=theirs).json["partner_code"]
    )
