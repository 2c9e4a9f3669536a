"""Reverse invoicing as a browser without JavaScript sees it: from the gate to the month's file."""

import io
import re

import pytest
from flask import Flask
from openpyxl import load_workbook
from PIL import Image
from sqlmodel import select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.settlement.reverse.models import InvoicedElsewhere, SellerTrait
from remelt.platform.yard.models import SellerCard
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.parties import PASSWORD, Party, a_party
from tests.reverse import ID_NUMBER, id_number
from tests.yard import hang_out

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SALE = {
    "seller_name": "=王五",
    "seller_phone": "13800005678",
    "id_number": ID_NUMBER,
    "consent": "yes",
    "mode": "platform",
    "method": "cash",
    "lines-0-grade": "ReMA Talc",
    "lines-0-gross_kg": "3000",
    "lines-0-tare_kg": "1500",
}


def proof() -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, format="PNG")
    return io.BytesIO(out.getvalue()), "proof.png"


@pytest.fixture
def hub(app: Flask, clock: SimulatedClock) -> Party:
    secret = hash_password(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        party = a_party(session, clock=clock, role="hub", login="buyer", password_hash=secret)
        hang_out(session, clock=clock, hub=party)
        a_party(session, clock=clock, role="hub", login="stranger", password_hash=secret)
    return party


@pytest.fixture
def buyer(app: Flask, hub: Party) -> Browser:
    browser = signed_in(app, "buyer")
    assert browser.post("/gate/buy", **SALE).status_code == 303
    return browser


def rows(app: Flask, what):
    with app.extensions["remelt"].store.read() as session:
        return session.exec(select(what)).all()


def invoiced(app: Flask, buyer: Browser) -> str:
    """Set up, agree and draw up; return the seller's address."""
    (card,) = rows(app, SellerCard)
    at = f"/reverse-invoices/sellers/{card.code}"
    buyer.post("/reverse-invoices/method", on="/reverse-invoices", method="general")
    agreed = {"given_on": "2026-03-01", "bank_card": "6222 0000", "home_address": "花溪 1 号"}
    assert buyer.post(f"{at}/consent", on=at, photos=proof(), **agreed).status_code == 303
    (draw,) = re.findall(rf'action="({at}/purchases/[^"]+)"', buyer.get(at).text)
    assert buyer.send(draw).status_code == 303
    return at


def test_from_the_gate_to_the_invoice_and_back(app, buyer):
    assert "额度已用 0%" in buyer.get("/gate/buy").text
    at = invoiced(app, buyer)
    page = buyer.get(at).text
    assert "19,009.90" in page  # 19,200.00 less 1 % inside
    (number,) = re.findall(rf'action="({at}/invoices/[^"]+/number)"', page)
    assert buyer.send(number, number="123").status_code == 422
    buyer.get(at)
    assert buyer.send(number, number="26522000000012345678").status_code == 303
    assert "26522000000012345678" in buyer.get(at).text
    (red,) = re.findall(rf'action="({at}/invoices/[^"]+/red)"', buyer.page)
    assert buyer.send(red).status_code == 303
    assert "红字" in buyer.get(at).text
    assert {row.kind for row in rows(app, SellerTrait)} == {"phone", "bank_card", "address"}


def test_without_consent_a_sentence_says_so(app, buyer):
    buyer.post("/reverse-invoices/method", on="/reverse-invoices", method="simple")
    (card,) = rows(app, SellerCard)
    at = f"/reverse-invoices/sellers/{card.code}"
    (draw,) = re.findall(rf'action="({at}/purchases/[^"]+)"', buyer.get(at).text)
    answer = buyer.send(draw)
    assert answer.status_code == 409
    assert "没有该出售者同意" in answer.text


def test_elsewhere_needs_its_proof_and_fills_the_meter(app, buyer):
    (card,) = rows(app, SellerCard)
    at = f"/reverse-invoices/sellers/{card.code}"
    told = {"month": "2026-02", "net_yuan": "4,100,000"}
    assert buyer.post(f"{at}/elsewhere", on=at, **told).status_code == 422
    assert buyer.post(f"{at}/elsewhere", on=at, photos=proof(), **told).status_code == 303
    (kept,) = rows(app, InvoicedElsewhere)
    assert kept.net_fen == 410_000_000
    for address in (at, "/gate/buy", f"/gate/buy?seller={card.code}", "/reverse-invoices"):
        assert "82%" in buyer.get(address).text, address


def test_files_run_no_formula_and_the_opening_is_kept(app, buyer):
    at = invoiced(app, buyer)
    buyer.get("/reverse-invoices")
    answer = buyer.send("/reverse-invoices/filing", period="2026-03", shape="xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in sheet[2]][:6] == ["2026-03", "=王五", ID_NUMBER, 1, "19200.00",
                                                     "19009.90"]  # fmt: skip
    assert [cell.data_type for cell in sheet[2]][1] == "s"
    buyer.get("/reverse-invoices")
    text = buyer.send("/reverse-invoices/filing", period="2026-03", shape="csv").text
    assert "'=王五" in text
    told = [row for row in rows(app, OutboxRow) if row.name == "identities-opened"]
    assert [row.body["count"] for row in told] == [1, 1]
    assert "190.10" in buyer.get(f"{at}/statement?year=2026").text


def test_a_quarter_by_seller_takes_red_invoices_as_returned(app, buyer):
    at = invoiced(app, buyer)
    (red,) = re.findall(rf'action="({at}/invoices/[^"]+/red)"', buyer.get(at).text)
    assert buyer.send(red).status_code == 303
    buyer.get("/reverse-invoices")
    text = buyer.send("/reverse-invoices/quarter", period="2026-Q1", shape="csv").text
    assert text.splitlines()[1].split(",") == [
        "2026-Q1", "'=王五", ID_NUMBER, "1", "19200.00", "19200.00", "0.00", "0.00", "0.00",
    ]  # fmt: skip
    (told,) = [row for row in rows(app, OutboxRow) if row.name == "identities-opened"]
    assert (told.body["purpose"], told.body["period"]) == ("quarter", "2026-Q1")
    buyer.get("/reverse-invoices")
    assert buyer.send("/reverse-invoices/quarter", period="2026-Q5").status_code == 422


def test_a_bad_month_is_refused(app, buyer):
    buyer.get("/reverse-invoices")
    assert buyer.send("/reverse-invoices/filing", period="2026-13").status_code == 422


def test_another_buyer_sees_nothing_of_the_seller(app, buyer):
    at = invoiced(app, buyer)
    stranger = signed_in(app, "stranger")
    assert stranger.get(at).status_code == 404
    assert "王五" not in stranger.get("/reverse-invoices").text


def test_a_shared_bank_card_is_a_sign_and_refuses_nothing(app, buyer):
    at = invoiced(app, buyer)
    other = SALE | {"seller_name": "李四", "seller_phone": "", "id_number": id_number(7)}
    assert buyer.post("/gate/buy", **other).status_code == 303
    assert "同一银行卡" not in buyer.get("/reverse-invoices").text
    last = rows(app, SellerCard)[-1]
    second = f"/reverse-invoices/sellers/{last.code}"
    agreed = {"given_on": "2026-03-01", "bank_card": "62220000"}
    assert buyer.post(f"{second}/consent", on=second, **agreed).status_code == 303
    page = buyer.get("/reverse-invoices").text
    assert "同一银行卡" in page
    assert at in page
    assert second in page


def test_a_seller_ties_the_own_account_and_sees_the_ceiling_to_the_fen(app, clock, buyer):
    """With the buyer's code and the own number; a wrong number says no more than a wrong code."""
    at = invoiced(app, buyer)
    told = {"month": "2026-02", "net_yuan": "4,100,000"}
    assert buyer.post(f"{at}/elsewhere", on=at, photos=proof(), **told).status_code == 303
    with app.extensions["remelt"].store.write() as session:
        secret = hash_password(PASSWORD)
        for login, form in (("wang", "natural_person"), ("firm", "household")):
            a_party(session, clock=clock, login=login, legal_form=form, password_hash=secret)
    buyer.get(at)
    assert buyer.send(f"{at}/code").status_code == 303
    (code,) = re.findall(r"绑定码（一次有效.*?<b[^>]*>([^<]+)</b>", buyer.get(at).text)
    wang = signed_in(app, "wang")
    assert "4,100,000" not in wang.get("/my-sales").text
    answers = []
    for typed in ({"code": code, "id_number": id_number(7)},
                  {"code": new_code(), "id_number": ID_NUMBER}):  # fmt: skip
        answer = wang.post("/my-sales/tie", on="/my-sales", consent="yes", **typed)
        assert answer.status_code == 409
        answers.append(re.findall(r"绑定码与身份证号不符[^<]*", answer.text)[0])
    assert answers[0] == answers[1]
    typed = {"code": code, "id_number": ID_NUMBER}
    assert wang.post("/my-sales/tie", on="/my-sales", **typed).status_code == 422
    assert wang.post("/my-sales/tie", on="/my-sales", consent="yes", **typed).status_code == 303
    page = wang.get("/my-sales").text
    assert "4,119,009.90" in page
    assert "限额已用超过80%" in page
    assert "19,009.90" in wang.get("/my-sales/year?year=2026").text.replace("19009.90", "19,009.90")
    own = wang.get("/api/v1/my-sales/ceiling").get_json()
    assert (own["at_least_fen"], own["elsewhere_fen"]) == (411_900_990, 410_000_000)
    (line,) = buyer.get("/api/v1/reverse-invoices/filing?month=2026-03").get_json()["sellers"]
    assert (line["seller_code"], line["net_fen"]) == (at.rsplit("/", 1)[1], 1_900_990)
    firm = signed_in(app, "firm").get("/my-sales").text
    assert "自行开票" in firm
    assert "绑定码" not in firm
    assert wang.post("/my-sales/untie", on="/my-sales").status_code == 303
    assert "4,119,009.90" not in wang.get("/my-sales").text


def test_tries_to_tie_are_counted(app, clock, buyer):
    with app.extensions["remelt"].store.write() as session:
        secret = hash_password(PASSWORD)
        a_party(session, clock=clock, login="wang", legal_form="natural_person",
                password_hash=secret)  # fmt: skip
    wang = signed_in(app, "wang")
    typed = {"id_number": ID_NUMBER, "consent": "yes"}
    said = [
        wang.post("/my-sales/tie", on="/my-sales", code=new_code(), **typed).status_code
        for _ in range(11)
    ]
    assert said == [409] * 10 + [429]
