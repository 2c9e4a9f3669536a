"""A settlement paid by card or wallet on the provider's pages: buyer, seller and operator."""

import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.jobs import Job
from remelt.platform.kernel.settings import Settings
from remelt.platform.market.kinds import Conditions
from remelt.platform.market.models import Contract
from remelt.platform.parties.tokens import issue_token
from remelt.platform.settlement import books
from remelt.platform.settlement.checking import drifts
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.escrow.paying import confirm_payout
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rails.provider_models import (
    ConnectedAccount,
    PaymentIntentRequest,
)
from remelt.platform.settlement.rules import Weighed
from remelt.web.app import create_app
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.market import AUCTION, a_draft, publish_lot
from tests.money import a_settled_sale
from tests.parties import PASSWORD, Party, a_party
from tests.stripe_peer import KEY, Peer, twin_peer
from tools.stripe_twin.server import serving

SECRET = hash_password(PASSWORD)
OWED_FEN = 15_000_000
NOTICES = "/api/v1/providers/stripe/notices"


@dataclass
class Trade:
    """The product beside a twin of the provider, which tells it what happens."""

    app: Flask
    peer: Peer
    clock: SimulatedClock
    seller: Party
    buyer: Party
    contract: str
    settlement: str

    def settle(self) -> None:
        """Let the notices come and the jobs run until both are done."""
        for _ in range(3):
            self.app.extensions["remelt"].runner.run_pending()
            self.peer.twin.post.pump(now=float("inf"))
        self.app.extensions["remelt"].runner.run_pending()

    def rows(self, table):
        with self.app.extensions["remelt"].store.read() as session:
            return list(session.exec(select(table)))

    def contract_row(self) -> Contract:
        return next(each for each in self.rows(Contract) if each.code == self.contract)

    def start(self, browser: Browser, *, method: str, yuan: str = "150000") -> str:
        """Order the payment on the settlement's page; returns the page of the order."""
        page = f"/money/{self.settlement}?lang=en"
        answer = browser.post(
            f"/pay/settlements/{self.settlement}", on=page, method=method, amount_yuan=yuan
        )
        assert answer.status_code == 303, answer.text
        return answer.location

    def at_stripe(self, browser: Browser, page: str, *, does: str) -> str:
        """Follow the link to the provider's page and press a button; returns where it leads."""
        text = browser.get(f"{page}?lang=en").text
        link = unescape(re.search(r'href="([^"]+/pay/(?:pi|cs)_[^"]+)"', text)[1])
        path = link.removeprefix(self.peer.url)
        return press(self.peer, path, does)


def press(peer: Peer, path: str, does: str) -> str:
    """Press a button of the provider's page, as a browser does."""
    connection = http.client.HTTPConnection(peer.url.removeprefix("http://"), timeout=10)
    connection.request("GET", path)
    assert b"<form" in connection.getresponse().read()
    connection.request("POST", path, f"does={does}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers.get("Location", "")


@pytest.fixture
def trade(sqlite_template: Path, clock: SimulatedClock, tmp_path: Path) -> Iterator[Trade]:
    (tmp_path / "remelt.db").write_bytes(sqlite_template.read_bytes())
    with twin_peer() as peer:
        asked = {"url": "http://127.0.0.1:9/", "enabled_events": ["*"]}
        hook = peer.client.v1.webhook_endpoints.create(asked)
        settings = Settings(
            home=tmp_path / "home", database_url=f"sqlite:///{tmp_path / 'remelt.db'}",
            base_url="https://remelt.example", stripe_key=KEY, stripe_url=peer.url,
            stripe_webhook_secrets=hook.secret,
        )  # fmt: skip
        app = create_app(settings, clock=clock)
        with serving(app.wsgi_app) as url:
            peer.client.v1.webhook_endpoints.update(hook.id, {"url": url + NOTICES})
            yield a_trade(app, peer, clock)
        app.extensions["remelt"].store.close()
        assert peer.twin.tally.violations == []


def a_trade(app: Flask, peer: Peer, clock: SimulatedClock) -> Trade:
    with app.extensions["remelt"].store.write() as session:
        said = {"clock": clock, "password_hash": SECRET}
        seller = a_party(session, role="collector", login="seller", **said)
        buyer = a_party(session, role="smelter", login="buyer", **said)
        a_party(session, role="operator", login="desk", **said)
        owed = a_settled_sale(session, clock=clock, seller=seller, buyer=buyer)
        return Trade(app, peer, clock, seller, buyer, owed.subject_code, owed.code)


def agree(trade: Trade) -> None:
    """The book says what the settlements say."""
    with trade.app.extensions["remelt"].store.read() as session:
        assert list(drifts(session)) == []


@pytest.mark.parametrize("method", ["card", "alipay", "wechat_pay"])
def test_a_buyer_pays_on_the_providers_page_and_the_settlement_is_paid_once(trade, method):
    buyer = signed_in(trade.app, "buyer")
    page = trade.start(buyer, method=method)
    assert "being asked" in buyer.get(f"{page}?lang=en").text
    trade.settle()
    back = trade.at_stripe(buyer, page, does="agree")
    if method != "wechat_pay":  # who scans a code comes back by itself
        assert back.startswith(f"https://remelt.example{page}")
    trade.settle()
    trade.settle()
    assert "The money has arrived" in buyer.get(f"{page}?lang=en").text
    paid = trade.rows(PaymentRecord)
    assert [(each.amount_fen, each.method, each.state) for each in paid] == [
        (OWED_FEN, "stripe", "confirmed")
    ]
    assert trade.contract_row().paid_at is not None
    agree(trade)
    again = buyer.send(f"/pay/settlements/{trade.settlement}", method=method, amount_yuan="1")
    assert again.status_code == 422, "nothing is open any more"
    assert "Online through Stripe" in buyer.get(f"/money/{trade.settlement}?lang=en").text


def test_a_refused_card_is_tried_again_there_and_a_refused_wallet_ordered_anew(trade):
    buyer = signed_in(trade.app, "buyer")
    page = trade.start(buyer, method="card")
    trade.settle()
    assert trade.at_stripe(buyer, page, does="refuse") == ""
    trade.settle()
    assert "Continue at Stripe" in buyer.get(f"{page}?lang=en").text
    trade.at_stripe(buyer, page, does="agree")
    trade.settle()
    assert len(trade.rows(PaymentRecord)) == 1
    agree(trade)


def test_one_payment_at_a_time_and_a_wallet_that_refuses_frees_the_way(trade):
    buyer = signed_in(trade.app, "buyer")
    page = trade.start(buyer, method="alipay", yuan="100000")
    trade.settle()
    second = buyer.post(
        f"/pay/settlements/{trade.settlement}?lang=en", on=f"/money/{trade.settlement}",
        method="card", amount_yuan="50000",
    )  # fmt: skip
    assert second.status_code == 409
    assert "CNY 100,000.00 is under way" in second.text.replace("\xa0", " ")
    trade.at_stripe(buyer, page, does="refuse")
    trade.settle()
    assert "Not paid" in buyer.get(f"{page}?lang=en").text
    assert trade.start(buyer, method="card") != page
    assert trade.rows(PaymentRecord) == []


def test_more_than_eight_digits_is_refused_with_field_rule_and_remedy(trade):
    answer = signed_in(trade.app, "buyer")
    with trade.app.extensions["remelt"].store.write() as session:
        line = Weighed(lot_code="LOT", net_g=100_000_000, deducted_g=0, price_fen_per_t=1_500_000)
        before = session.exec(select(Settlement)).one()
        draft = Settlement(**before.model_dump(exclude={"id", "code"}), code=new_code())
        owed, _ = books.put(session, draft, lines=[line], clock=trade.clock)
        code = owed.code
    page = answer.get(f"/money/{code}?lang=en").text
    assert 'value="999999.99"' in page
    said = answer.send(f"/pay/settlements/{code}?lang=en", method="card", amount_yuan="1500000")
    assert said.status_code == 422
    assert "Pay a part of it, or all by bank transfer" in said.text
    assert "999,999.99" in said.text


def test_a_dispute_stops_the_contract_for_both_and_a_decision_lets_it_go_on(trade):
    buyer, seller = signed_in(trade.app, "buyer"), signed_in(trade.app, "seller")
    page = trade.start(buyer, method="card")
    trade.settle()
    trade.at_stripe(buyer, page, does="agree")
    trade.settle()
    order = trade.rows(PaymentIntentRequest)[0]
    intent = trade.peer.client.v1.payment_intents.retrieve(order.rail_ref)
    dispute = trade.peer.knob("dispute", charge=intent.latest_charge)
    trade.settle()
    assert trade.contract_row().suspended_at is not None
    for browser in (buyer, seller):
        assert "Suspended" in browser.get(f"/contracts/{trade.contract}?lang=en").text
        assert "Suspended" in browser.get("/contracts?lang=en").text
    desk = signed_in(trade.app, "desk")
    by_bank = desk.post("/payouts", purpose="price", subject=trade.contract)
    assert by_bank.status_code == 409, "nor is its money paid out another way"
    assert "an answer is due" in desk.get("/operator/providers?lang=en").text
    trade.peer.client.v1.disputes.update(
        dispute["id"], {"evidence": {"uncategorized_text": "winning_evidence"}}
    )
    trade.settle()
    assert trade.contract_row().suspended_at is None
    assert "Suspended" not in seller.get(f"/contracts/{trade.contract}?lang=en").text
    assert "won: the money is back" in desk.get("/operator/providers?lang=en").text


def test_a_seller_is_paid_into_its_account_once_that_is_ready_and_two_people_let_it_go(trade):
    buyer, seller = signed_in(trade.app, "buyer"), signed_in(trade.app, "seller")
    desk = signed_in(trade.app, "desk")
    page = trade.start(buyer, method="card")
    trade.settle()
    trade.at_stripe(buyer, page, does="agree")
    trade.settle()
    payout = f"/operator/providers/payouts/{trade.contract}?lang=en"
    refused = desk.post(payout, on="/operator/providers?lang=en")
    assert refused.status_code == 409
    assert "no account at Stripe that can be paid yet" in refused.text
    answer = seller.post("/pay/account", on="/pay/account?lang=en", country="SG", email="s@x.sg")
    assert answer.status_code == 303
    trade.settle()
    text = seller.get("/pay/account?lang=en").text
    assert "details are missing" in text
    assert "Singapore" in text
    link = unescape(re.search(r'href="([^"]+/connect/setup/[^"]+)"', text)[1])
    back = press(trade.peer, link.removeprefix(trade.peer.url), "furnish")
    assert back == "https://remelt.example/pay/account"
    trade.settle()
    assert "can be paid" in seller.get("/pay/account?lang=en").text
    assert "can be paid" in desk.get("/operator/providers?lang=en").text
    account = trade.rows(ConnectedAccount)[0].account_ref
    trade.peer.knob("restrict", account=account)  # the notice of it is still on its way
    assert desk.post(payout, on="/operator/providers?lang=en").status_code == 303
    confirm(trade)
    trade.settle()
    for page in ("/payouts", f"/payouts/contracts/{trade.contract}"):
        assert "Came back</span> <small>The seller's account may" in unescape(
            desk.get(f"{page}?lang=en").text
        )
    offered = unescape(desk.get("/operator/providers?lang=en").text)
    assert "The last transfer was refused: The seller's account may not be paid now." in offered
    trade.peer.knob("furnish", account=account)
    trade.settle()
    assert desk.post(payout, on="/operator/providers?lang=en").status_code == 303
    paid_fen = confirm(trade)
    trade.settle()
    sent = [each for each in trade.rows(PaymentIntentRequest) if each.purpose == "pay-out"]
    assert [(each.state, each.amount_minor) for each in sent] == [
        ("refused", paid_fen), ("done", paid_fen),
    ]  # fmt: skip
    agree(trade)


def confirm(trade: Trade) -> int:
    """A second person confirms the newest payout; returns its amount."""
    made = trade.rows(Payout)[-1]
    with trade.app.extensions["remelt"].store.write() as session:
        second = a_party(session, clock=trade.clock, role="operator")
        confirm_payout(
            session, clock=trade.clock, code=made.code,
            organisation_id=second.organisation.key, person_id=second.person.key,
        )  # fmt: skip
    return made.amount_fen


def test_a_program_orders_a_payment_and_reads_where_its_payer_goes(trade):
    with trade.app.extensions["remelt"].store.write() as session:
        _, text = issue_token(
            session, clock=trade.clock, actor=trade.buyer.actor, name="till", days=30,
            scopes=("settlement.pay",),
        )  # fmt: skip
    client, head = trade.app.test_client(), {"Authorization": f"Bearer {text}"}
    address = f"/api/v1/settlements/{trade.settlement}/online-payments"
    asked = {"amount_fen": OWED_FEN, "method": "alipay"}
    made = client.post(address, json=asked, headers=head)
    assert (made.status_code, made.json["state"], made.json["url"]) == (201, "stored", None)
    trade.settle()
    said = client.get(f"/api/v1/online-payments/{made.json['order']}", headers=head).json
    assert said["state"] == "waiting"
    assert said["url"].startswith(f"{trade.peer.url}/pay/pi_")
    again = client.post(address, json=asked, headers=head)
    assert (again.status_code, again.json["type"]) == (409, "urn:remelt:error:payment-under-way")


@pytest.mark.parametrize("who", ["seller", "stranger"])
def test_a_program_orders_no_payment_of_a_settlement_that_another_pays(trade, who):
    with trade.app.extensions["remelt"].store.write() as session:
        stranger = a_party(session, clock=trade.clock, role="smelter", login="stranger")
        asks = trade.seller if who == "seller" else stranger
        _, text = issue_token(
            session, clock=trade.clock, actor=asks.actor, name="till", days=30,
            scopes=("settlement.pay",),
        )  # fmt: skip
    before = trade.rows(Job)
    for asked in ({"amount_fen": 100, "method": "card"}, {"amount_fen": OWED_FEN}, {}):
        answer = trade.app.test_client().post(
            f"/api/v1/settlements/{trade.settlement}/online-payments", json=asked,
            headers={"Authorization": f"Bearer {text}"},
        )  # fmt: skip
        assert (answer.status_code, answer.json["type"]) == (
            404, "urn:remelt:error:no-such-settlement",
        )  # fmt: skip
    assert trade.rows(PaymentIntentRequest) == []
    assert trade.rows(Job) == before


def test_a_bidder_has_its_deposit_held_on_a_card_from_the_listing(trade):
    store = trade.app.extensions["remelt"].store
    with store.write() as session:
        draft = a_draft(price=AUCTION, conditions=Conditions(deposit_fen=200_000))
        listing = publish_lot(session, clock=trade.clock, seller=trade.seller, draft=draft).code
    buyer = signed_in(trade.app, "buyer")
    assert "on a card" in buyer.get(f"/listings/{listing}?lang=en").text
    page = buyer.send(f"/pay/deposits/{listing}").location
    trade.settle()
    assert "Deposit on a card" in buyer.get(f"{page}?lang=en").text
    trade.at_stripe(buyer, page, does="agree")
    trade.settle()
    assert "Held on the card" in buyer.get(f"{page}?lang=en").text
    assert "Your deposit is held" in buyer.get(f"/listings/{listing}?lang=en").text
