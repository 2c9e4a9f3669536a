"""Whoever owns or holds a lot prints its tag; nobody else does."""

import re

import pytest
from flask import Flask

from remelt.platform.catalogue.loading import load_package_data
from remelt.web.passwords import hash_password
from tests import loop
from tests.browser import signed_in
from tests.parties import PASSWORD, a_party


@pytest.fixture
def hub(app: Flask, clock):
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        party = a_party(
            session, clock=clock, role="hub", login="hub", password_hash=hash_password(PASSWORD)
        )
        other = a_party(session, clock=clock, role="hub")
        own_lot = loop.bring(session, clock=clock, party=party)
        other_lot = loop.bring(session, clock=clock, party=other)
    return party, own_lot, other_lot


def test_the_tag_holds_the_public_address_and_the_printed_code(app: Flask, hub):
    _, lot, _ = hub
    page = signed_in(app, "hub").get(f"/lots/{lot.code}/label?lang=en").text
    assert re.search(r">[A-Z2-7]{4} [A-Z2-7]{4} [A-Z2-7]{4} [0-9A-Z]{2}</text>", page)
    assert page.count('<div class="tag">') == 1
    assert page.count("shape-rendering") == 3
    assert ">DEMO<" in page
    assert "weighed 4.00" in page


def test_a_sheet_holds_eight(app: Flask, hub):
    _, lot, _ = hub
    page = signed_in(app, "hub").get(f"/lots/{lot.code}/label?sheet=a4").text
    assert page.count('<div class="tag">') == 8


def test_another_firms_tag_is_not_printed(app: Flask, hub):
    _, _, foreign = hub
    assert signed_in(app, "hub").get(f"/lots/{foreign.code}/label").status_code == 404
    assert app.test_client().get(f"/lots/{foreign.code}/label").status_code == 303


def test_files_for_printers_are_made(app: Flask, hub):
    _, lot, foreign = hub
    browser = signed_in(app, "hub")
    kinds = {
        "label.pdf": (b"%PDF-", "application/pdf"),
        "label.pdf?paper=a4": (b"%PDF-", "application/pdf"),
        "label.zpl?dpi=300&copies=8": (b"^XA^CI28", "application/zpl"),
    }
    for name, (start, kind) in kinds.items():
        answer = browser.get(f"/lots/{lot.code}/{name}")
        assert answer.data.startswith(start)
        assert answer.mimetype == kind
        assert lot.code in answer.headers["Content-Disposition"]
    for name in ("label.pdf?paper=a5", "label.zpl?copies=9", "label.zpl?dpi=100", "label.pdf?x=1"):
        assert browser.get(f"/lots/{lot.code}/{name}").status_code == 422
    assert browser.get(f"/lots/{foreign.code}/label.pdf").status_code == 404
