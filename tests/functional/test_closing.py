"""The operator's day: bank and provider beside the book; signs of splitting over all buyers."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from remelt.platform.settlement.ledger.chart import Account, Line
from remelt.platform.settlement.ledger.posting import book, post
from remelt.platform.settlement.rails.closing import closing
from remelt.platform.settlement.rails.provider_models import ProviderEvent
from remelt.platform.settlement.rails.provider_reconciling import _balances
from remelt.platform.settlement.rails.provider_sight import Holding
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.keeping import a_desk
from tests.parties import PASSWORD, a_party
from tests.reverse import WANG, buy_for, id_number
from tests.yard import hang_out

SECRET = hash_password(PASSWORD)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk(store, clock):
    """The operator's desk; its first person signs in as `chief`."""
    with store.write() as session:
        made = a_desk(session, store=store, clock=clock)
        made.operator.person.sqlmodel_update({"login": "chief", "password_hash": SECRET})
        session.add(made.operator.person)
    return made


def rails(store, desk, day):
    with store.read() as session:
        return closing(session, organisation_id=desk.organisation_id, day=day)


def test_a_day_shows_every_rail_beside_the_book(app, store, clock, desk):
    monday = clock.now().date()
    desk.statement(income=500_000, text="?")
    with store.write() as session:
        lines = [Line(Account("stripe_balance"), 700), Line(Account("escrow", "C"), -700)]
        post(
            session, book_id=book(session, organisation_id=None), key="k", kind="provider-charge",
            ref="C", at=clock.now(), lines=lines,
        )  # fmt: skip
        assert _balances(session, [Holding(currency="CNY", amount_minor=600)], clock=clock,
                         provider="stripe") == 1  # fmt: skip
        session.add(
            ProviderEvent(
                provider="stripe", event_id="evt", kind="charge.", object_id="ch", body_sha256="",
                received_at=clock.now(), state="dead", settled_at=clock.now(), tries=8,
            )
        )  # fmt: skip
    bank, stripe = rails(store, desk, monday).rails
    assert (bank.book_minor, bank.statement_minor, bank.open_lines) == (500_000, None, 1)
    assert (stripe.book_minor, stripe.statement_minor, stripe.differs_minor) == (700, 600, -100)
    assert (stripe.dead, stripe.agrees) == (1, False)
    before = rails(store, desk, datetime(2026, 3, 1, tzinfo=UTC).date())
    assert [each.book_minor for each in before.rails] == [0]
    assert (before.suspense_minor, before.sum_minor) == (0, 0)
    page = signed_in(app, "chief").get("/operator/closing").text
    assert "-¥1.00" in page or "−¥1.00" in page
    month = re.search(r'href="(/books\?[^"]*format=xlsx)"', page)[1].replace("&amp;", "&")
    assert signed_in(app, "chief").get(month).status_code == 200


def test_signs_of_splitting_over_all_buyers_name_nobody(app, store, clock, desk):
    for serial in (101, 102):
        with store.write() as session:
            hub = a_party(session, clock=clock, role="hub")
            hang_out(session, clock=clock, hub=hub)
        seller = replace(WANG, id_number=id_number(serial))
        with store.write() as session:
            buy_for(session, clock=clock, hub=hub, fen=100_000, seller=seller)
    page = signed_in(app, "chief").get("/operator/splitting").text
    cells = re.findall(r'data-label="(?:出售者|买方数)[^"]*"[^>]*>([^<]*)<', page)
    assert cells[:2] == ["2", "2"], cells
    assert "王五" not in page


def test_the_desks_of_money_open_before_anything_is_entered(app, desk):
    chief = signed_in(app, "chief")
    pages = ("/cashier", f"/cashier/{desk.account}", "/payouts", "/operator/closing", "/books")
    assert [chief.get(each).status_code for each in pages] == [200] * 5
