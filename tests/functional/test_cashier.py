"""The cashier and the accountant through their pages and their API."""

import io
import re
from base64 import b64encode

import pytest
from flask import Flask
from sqlmodel import select

from remelt.platform.parties.tokens import issue_token
from remelt.platform.settlement import accounts as till
from remelt.platform.settlement import books
from remelt.platform.settlement.models import PaymentInstruction, Settlement
from remelt.platform.settlement.rules import Weighed
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.parties import PASSWORD, a_party

SECRET = hash_password(PASSWORD)


@pytest.fixture
def store(app: Flask):
    return app.extensions["remelt"].store


@pytest.fixture
def seller(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="hub", login="hub", password_hash=SECRET)


@pytest.fixture
def reference(store, clock, seller) -> str:
    """The reference of 5,000 yuan that a smelter owes the seller."""
    with store.write() as session:
        buyer = a_party(session, clock=clock, role="smelter")
        draft = Settlement(
            code=till.new_code(), kind="contract", subject_code="CONTRACT", ticket_code="T",
            revision=1, site_id=buyer.site.key, payer_id=buyer.organisation.key,
            payee_id=seller.organisation.key, net_g=0, deducted_g=0, payable_g=0, lines_fen=0,
            amount_fen=0, inputs={}, inputs_sha256="", computed_at=clock.now(),
        )  # fmt: skip
        line = Weighed(lot_code="L", net_g=500_000, deducted_g=0, price_fen_per_t=1_000_000)
        made = books.put(session, draft, lines=[line], clock=clock)[0]
        return session.exec(
            select(PaymentInstruction.reference).where(PaymentInstruction.settlement_id == made.key)
        ).one()


def text(answer) -> str:
    return answer.get_data(as_text=True)


def test_a_statement_is_taken_in_matched_and_read_in_the_books(app, seller, reference):
    browser = signed_in(app, "hub")
    added = browser.post("/cashier", bank="工商银行", number="2404 0333 0910")
    account = added.location
    file = f"交易日期,收入金额,余额,附言\n2026-03-02,5000.00,6000.00,货款{reference}\n"
    sent = {"file": (io.BytesIO(file.encode("gb18030")), "流水.csv")}
    checked = browser.post(f"{account}/statements", **sent)
    assert checked.status_code == 303
    page = text(browser.get(checked.location))
    asked = dict(re.findall(r'name="(file|name)" value="([^"]*)"', page))
    browser.send(f"{account}/statements/check", **asked)
    line = re.search(r'href="(/cashier/lines/\w+)"', text(browser.get(account)))[1]
    page = text(browser.get(line))
    assert "附言号与金额相符" in page
    wishes = dict(re.findall(r'name="(matches-0-\w+|why)" value="([^"]*)"', page))
    assert browser.send(f"{line}/matches", **wishes).status_code == 303
    assert "已匹配" in text(browser.get(line))
    assert "相符" in text(browser.get(account))
    page = text(browser.get("/books"))
    assert "科目余额表" in page
    assert "¥6,000.00" in page
    ledger = re.findall(r'href="(/books/accounts/\w+)"', page)
    entries = [
        each for one in ledger
        for each in re.findall(r'href="(/books/entries/\w+)"', text(browser.get(one)))
    ]  # fmt: skip
    origins = {
        address
        for each in set(entries)
        for address in re.findall(r'href="(/(?:money|cashier)/[^"]+)"', text(browser.get(each)))
    }
    assert len(origins) >= 3
    assert all(browser.get(each).status_code == 200 for each in origins)
    assert text(browser.get("/books?format=csv")).count("\r\n") == len(ledger) + 1


def test_a_bad_cell_is_named_before_anything_is_written(app, seller):
    browser = signed_in(app, "hub")
    account = browser.post("/cashier", bank="银行", number="622200001").location
    file = "日期,收入\n2026-03-02,1.005\n"
    sent = {"file": (io.BytesIO(file.encode()), "s.csv")}
    checked = browser.post(f"{account}/statements", **sent)
    page = text(browser.get(checked.location))
    assert ">B2<" in page
    assert 'statements/check" method' not in page
    sent = {"file": (io.BytesIO("摘要\nx\n".encode()), "s.csv")}
    asked = browser.post(f"{account}/statements", **sent)
    assert "/statements/columns?" in asked.location
    assert said_columns(browser, account, asked.location, {"摘要": "text"}).status_code == 422


UNKNOWN = "某某村镇银行对账单,,,,\n账期,入,出,结存,来源去向\n2026-03-02,{income},,6000.00,某客户\n"


def said_columns(browser, account: str, asked: str, meanings: dict[str, str]):
    """Say what the columns of the file are that a page asks about."""
    page = text(browser.get(asked))
    sent = dict(re.findall(r'name="(file|name)" value="([^"]*)"', page))
    for name, heading in re.findall(r'name="(columns-\d+)-heading" value="([^"]*)"', page):
        sent |= {f"{name}-heading": heading, f"{name}-meaning": meanings.get(heading, "")}
    return browser.post(f"{account}/statements/columns", on=asked, **sent)


def test_columns_that_we_do_not_know_are_said_once(app, seller):
    """Kept for the account: the next file is read at once, and mistakes name their cell."""
    browser = signed_in(app, "hub")
    account = browser.post("/cashier", bank="村镇银行", number="6210 0000 01").location

    def sent(income: str):
        file = io.BytesIO(UNKNOWN.format(income=income).encode("gb18030"))
        return browser.post(f"{account}/statements", file=(file, "村镇.csv"))

    asked = sent("5000.00")
    assert "/statements/columns?" in asked.location
    assert "6000.00" in text(browser.get(asked.location))
    said = {"账期": "day", "入": "income", "出": "spent", "结存": "balance", "来源去向": "name"}
    for wrong in ({"入": "income"}, {"账期": "day"}, said | {"出": "income"}, {"账期": "x"}):
        assert said_columns(browser, account, asked.location, wrong).status_code == 422, wrong
    checked = said_columns(browser, account, asked.location, said)
    assert checked.status_code == 303
    assert "某客户" in text(browser.get(checked.location))
    again = sent("五千")
    assert "/statements/check?" in again.location
    assert "B3" in text(browser.get(again.location))


def test_the_api_takes_in_matches_and_shows_a_balanced_book(app, store, clock, seller, reference):
    with store.write() as session:
        token = issue_token(
            session, clock=clock, actor=seller.actor, name="t", days=30,
            scopes=["settlement.bank", "settlement.books"],
        )[1]  # fmt: skip
    client = app.test_client()

    def ask(method: str, address: str, **body):
        answer = client.open(
            f"/api/v1{address}", method=method, json=body or None,
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        return answer.status_code, answer.get_json()

    _, made = ask("POST", "/bank-accounts", bank="银行", number="6222000011")
    account = f"/bank-accounts/{made['code']}"
    file = b64encode(f"日期,金额,借贷标志,附言\n2026-03-02,5000,贷,{reference}\n".encode()).decode()
    for fresh in (1, 0):
        status, done = ask("POST", f"{account}/statements", filename="s.csv", content_base64=file)
        assert (status, done["fresh"]) == (201, fresh)
    assert ask("POST", f"{account}/statements", filename="s", content_base64="?")[0] == 422
    (line,) = ask("GET", f"{account}/movements?open_only=true")[1]["movements"]
    with store.read() as session:
        owed = session.exec(select(Settlement.code)).one()
    wish = {"kind": "settlement", "code": owed, "amount_minor": 500_000}
    matches = f"/bank-movements/{line['code']}/matches"
    status, done = ask("POST", matches, matches=[wish])
    assert (status, done["matches"][0]["state"]) == (201, "confirmed")
    assert ask("POST", matches, matches=[wish])[0] == 422
    _, trial = ask("GET", "/books/trial-balance?since=2026-01-01&until=2026-12-31")
    assert sum(each["closing_minor"] for each in trial["accounts"]) == 0
    assert {each["kind"]: each["closing_minor"] for each in trial["accounts"]}["bank"] == 500_000
    undone = ask("POST", f"/bank-matches/{done['matches'][0]['code']}/undo", reason="other")
    assert undone[1]["state"] == "undone"
