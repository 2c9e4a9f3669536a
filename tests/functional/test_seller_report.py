"""The quarter's report of sellers: what was settled, what came back, whose identity is known."""

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.parties.models import Filing
from remelt.platform.settlement import books
from remelt.platform.settlement.accounts import new_code
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.reporting import read_quarter, sellers_report
from remelt.platform.settlement.rules import Weighed
from remelt.web.natural import vault_of
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.parties import PASSWORD, a_party
from tests.reverse import ID_NUMBER, buy_for, natural
from tests.yard import hang_out

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def trade(app, clock):
    """Settle so many grams at a fen a gram, the seller's first contract unless told otherwise."""
    secret = hash_password(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        a_party(session, clock=clock, role="operator", login="desk", password_hash=secret)
        buyer = a_party(session, clock=clock, role="smelter", login="buyer", password_hash=secret)
        seller = a_party(session, clock=clock, role="hub")

    def settle(grams: int, *, subject: str = "CONTRACT1") -> None:
        draft = Settlement(
            code=new_code(), kind="contract", subject_code=subject, ticket_code="T", revision=1,
            site_id=buyer.site.key, payer_id=buyer.organisation.key,
            payee_id=seller.organisation.key, tax_included=True, vat_rate_bp=1_300,
            net_g=0, deducted_g=0, payable_g=0, lines_fen=0, amount_fen=0,
            inputs={}, inputs_sha256="", computed_at=clock.now(),
        )  # fmt: skip
        line = Weighed(lot_code="LOT", net_g=grams, deducted_g=0, price_fen_per_t=1_000_000)
        with app.extensions["remelt"].store.write() as session:
            books.put(session, draft, lines=[line], clock=clock)

    settle.seller = seller
    return settle


def told(app, quarter):
    with app.extensions["remelt"].store.read() as session:
        return [
            (line.deals, line.gross_fen, line.returned_fen, line.net_fen, line.vat_fen)
            for line in sellers_report(session, quarter=read_quarter(quarter))
        ]


def test_what_is_settled_counts_in_its_quarter_and_what_is_lowered_later_in_that_one(
    app, clock, trade
):
    trade(113_000)
    trade(226_000, subject="CONTRACT2")
    trade(237_300, subject="CONTRACT2")
    clock.set(datetime(2026, 3, 31, 15, 59, tzinfo=UTC))
    trade(1_130, subject="CONTRACT3")
    clock.advance(minutes=1)  # the second quarter in Beijing
    trade(101_700)
    assert told(app, "2026-Q1") == [(3, 351_430, 0, 351_430, 40_430)]
    assert told(app, "2026-Q2") == [(1, 0, 11_300, -11_300, -1_300)]
    assert told(app, "2025-Q4") == []


def test_the_operator_reads_it_takes_the_file_and_the_opening_is_kept(app, clock, trade):
    trade(113_000)
    clock.set(datetime(2026, 4, 2, tzinfo=UTC))
    desk = signed_in(app, "desk")
    page = desk.get("/operator/sellers").text
    assert "2026-Q1" in page
    assert "2026年4月30日" in page
    assert "¥1,130.00" in page
    assert "无已核实" in page
    with app.extensions["remelt"].store.write() as session:
        session.add(
            Filing(
                code=new_code(), organisation_id=trade.seller.organisation.key, number="91520100X",
                kind="business_licence", handed_in_at=clock.now(), verified_at=clock.now(),
            )
        )  # fmt: skip
    desk.get("/operator/sellers?quarter=2026-Q1")
    answer = desk.send("/operator/sellers/file", quarter="2026-Q1", shape="xlsx")
    row = [cell.value for cell in load_workbook(io.BytesIO(answer.data)).active[2]]
    assert row[4:] == ["91520100X", 1, "1130.00", "0.00", "1130.00", "130.00"]
    with app.extensions["remelt"].store.read() as session:
        said = session.exec(select(OutboxRow).where(OutboxRow.name == "identities-opened")).one()
    assert (said.body["purpose"], said.body["period"]) == ("seller-report", "2026-Q1")


def test_a_bad_quarter_is_refused_and_nobody_else_reads_it(app, trade):
    desk = signed_in(app, "desk")
    desk.get("/operator/sellers")
    assert desk.get("/operator/sellers?quarter=2026-Q5").status_code == 422
    assert desk.send("/operator/sellers/file", quarter="2026").status_code == 422
    assert signed_in(app, "buyer").get("/operator/sellers").status_code == 403


def test_a_natural_persons_number_is_opened_for_the_file_alone(app, clock, trade):
    trade(113_000)
    services = app.extensions["remelt"]
    with services.store.write() as session:
        load_package_data(session)
        hub = a_party(session, clock=clock, role="hub")
        hang_out(session, clock=clock, hub=hub)
        buy_for(session, clock=clock, hub=hub, fen=100, vault=vault_of(services.settings.home))
    with services.store.write() as session:
        session.add(
            natural(session).sqlmodel_update({"organisation_id": trade.seller.organisation.key})
        )
    clock.set(datetime(2026, 4, 2, tzinfo=UTC))
    desk = signed_in(app, "desk")
    page = desk.get("/operator/sellers").text
    assert "11**************2X" in page
    assert ID_NUMBER not in page
    assert ID_NUMBER in desk.send("/operator/sellers/file", quarter="2026-Q1").text
    with services.store.read() as session:
        said = session.exec(select(OutboxRow).where(OutboxRow.name == "identities-opened")).one()
    assert said.body["count"] == 1
