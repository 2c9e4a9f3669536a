"""The scale and the till as a program sees them: strict input, one answer a key, named refusals."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.parties import tokens
from tests.integration.test_yard import registered, sold
from tests.parties import Party, a_party
from tests.yard import hang_out

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Caller:
    """A program with an access token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.token = client, token

    def __call__(self, method: str, path: str, body=None, **headers):
        return self.client.open(
            f"/api/v1{path}", method=method, json=body,
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )  # fmt: skip


def caller(app: Flask, clock: SimulatedClock, party: Party) -> Caller:
    scopes = (
        "yard.read",
        "yard.weigh",
        "yard.buy",
        "yard.void",
        "settlement.read",
        "settlement.pay",
    )
    with app.extensions["remelt"].store.write() as session:
        _row, text = tokens.issue_token(
            session, clock=clock, actor=party.actor, name="scale", scopes=scopes, days=30
        )
    return Caller(app.test_client(), text)


@pytest.fixture
def hub(app: Flask, clock: SimulatedClock) -> Party:
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        party = a_party(session, clock=clock, role="hub")
        hang_out(session, clock=clock, hub=party)
    return party


@pytest.fixture
def call(app: Flask, clock: SimulatedClock, hub: Party) -> Caller:
    return caller(app, clock, hub)


def a_purchase(hub: Party, **changes):
    return {
        "site_code": hub.site.code,
        "seller": {"name": "张三", "phone": "13800001234"},
        "lines": [{"grade": "Talc", "gross_g": 2_000_000, "tare_g": 1_500_000}],
        "method": "cash",
    } | changes


def test_a_purchase_is_made_once_and_read_back(hub, call):
    first = call("POST", "/gate-purchases", a_purchase(hub), **{"Idempotency-Key": "k1"})
    again = call("POST", "/gate-purchases", a_purchase(hub), **{"Idempotency-Key": "k1"})
    assert (first.status_code, first.json) == (201, again.json), first.text
    other = call("POST", "/gate-purchases", a_purchase(hub, plate="X"), **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json["code"]) == (422, "key-reused")
    made = first.json
    assert (made["number"], made["payment"]["amount_fen"]) == (1, 640_000)
    assert call("GET", f"/tickets/{made['code']}").json == made
    (card,) = call("GET", "/tickets?limit=10").json["tickets"]
    assert (card["code"], card["net_g"]) == (made["code"], 500_000)
    (owed,) = call("GET", "/settlements?kind=gate").json["settlements"]
    assert (owed["state"], owed["amount_fen"]) == ("paid", 640_000)
    counter = call("POST", f"/tickets/{made['code']}/void", {"reason": "slip"})
    assert (counter.status_code, counter.json["voids"]) == (201, made["code"])


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"lines": []}, "invalid-input", "lines"),
        ({"lines": None}, "invalid-input", "lines"),
        ({"method": "shells"}, "invalid-input", "method"),
        ({"seller": {}}, "seller-needed", None),
        ({"seller": {"name": "x" * 61}}, "invalid-input", "seller-name"),
        ({"seller": {"name": "a\0b"}}, "invalid-input", "seller-name"),
        ({"site_code": "AAAAAAAAAAAA00"}, "no-such-site", None),
        ({"extra": 1}, "invalid-input", "extra"),
        ({"rounding_fen": 100}, "invalid-input", "rounding_fen"),
        (
            {"lines": [{"grade": "Talc", "gross_g": "2000000", "tare_g": 1}]},
            "invalid-input",
            "lines-0-gross_g",
        ),
        (
            {"lines": [{"grade": "Talc", "gross_g": -1, "tare_g": 1}]},
            "invalid-input",
            "lines-0-gross_g",
        ),
        (
            {"lines": [{"grade": "Talc", "gross_g": 10**18, "tare_g": 1}]},
            "invalid-input",
            "lines-0-gross_g",
        ),
        ({"lines": [{"grade": "Talc", "gross_g": 1, "tare_g": 2}]}, "tare-not-below-gross", None),
        ({"lines": [{"grade": "？", "gross_g": 2, "tare_g": 1}]}, "unknown-grade", None),
        ({"lines": [{"grade": "Tutu", "gross_g": 2, "tare_g": 1}]}, "no-board-price", None),
    ],
)
def test_bad_input_names_field_rule_and_remedy(hub, call, changes, code, field):
    answer = call("POST", "/gate-purchases", a_purchase(hub, **changes))
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == code, answer.text
    if field is not None:
        assert field in str(answer.json["errors"])
    assert call("GET", "/tickets").json["tickets"] == []


def test_a_lot_is_weighed_and_another_yards_ticket_is_not_found(app, clock, hub, call):
    with app.extensions["remelt"].store.write() as session:
        code = registered(session, clock, hub)
        stranger = a_party(session, clock=clock, role="hub")
    body = {
        "site_code": hub.site.code, "lot_code": code, "gross_g": 3_000_000, "tare_g": 2_000_000,
        "deductions": [{"kind": "oil", "share_bp": 100, "accepted": True}],
        "findings": [{"tier": "key", "item": "appearance", "method": "visual"}],
    }  # fmt: skip
    answer = call("POST", "/tickets", body)
    assert answer.status_code == 201, answer.text
    (line,) = answer.json["lines"]
    assert (line["net_g"], line["payable_g"], line["declared_g"]) == (1_000_000, 990_000, 1_000_000)
    other = caller(app, clock, stranger)
    assert other("GET", f"/tickets/{answer.json['code']}").status_code == 404
    assert other("POST", f"/tickets/{answer.json['code']}/void", {}).status_code == 404
    assert other("POST", "/tickets", body).status_code == 404


def test_a_settlement_is_paid_by_one_and_confirmed_by_another(app, clock, hub):
    smelter, contract = sold(app.extensions["remelt"].store, clock, hub)
    call = caller(app, clock, smelter)
    body = {
        "site_code": smelter.site.code, "lot_code": contract.lot_code,
        "gross_g": 3_000_000, "tare_g": 2_000_000,
    }  # fmt: skip
    assert call("POST", "/tickets", body).status_code == 201
    (owed,) = call("GET", "/settlements").json["settlements"]
    view = call("GET", f"/settlements/{owed['code']}").json
    assert (view["amount_fen"], view["open_fen"], view["in_force"]) == (1_500_000, 1_500_000, True)
    pay = {"settlement_code": owed["code"], "amount_fen": 1_500_000, "paid_on": "2026-03-02"}
    for bad in ({"amount_fen": 0}, {"amount_fen": 1_500_001}, {"paid_on": "soon"}, {"x": 1}):
        assert call("POST", "/payments", pay | bad).status_code == 422, bad
    paid = call("POST", "/payments", pay)
    assert (paid.status_code, paid.json["state"]) == (201, "waiting")
    code = paid.json["code"]
    assert call("POST", f"/payments/{code}/confirm").json["code"] == "payment-same-person"
    assert [p["code"] for p in call("GET", "/payments").json["payments"]] == [code]
    assert call("POST", f"/payments/{code}/decline", {"reason": "x"}).status_code == 403
    seller = caller(app, clock, hub)
    assert seller("GET", f"/settlements/{owed['code']}").json["pays"] is False
    assert seller("POST", "/payments", pay).status_code == 404
