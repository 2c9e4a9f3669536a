"""A collector offers a lot on a phone with four touches of the form and a press."""

import pytest
from playwright.sync_api import Browser, expect
from sqlmodel import select

from remelt.platform.market.models import Listing
from tests.parties import some_people

from .conftest import PHONE, fits, served, sign_in
from .market_acts import a_photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
TOUCHES = 5
"""The word, the mass, the price, the tick, and the press; a photo is a sixth, and not asked."""


def test_five_touches_publish_a_lot(app, store, clock, chromium: Browser):
    some_people(store, clock, collector="collector")
    with served(app) as address:
        context = chromium.new_context(**PHONE, base_url=address)
        page = context.new_page()
        sign_in(page, "collector")
        page.goto("/collect")
        page.locator("main a[href='/lots/short']").click()
        fits(page)
        form = page.locator("main form")
        asked = form.locator("input:visible[required]:not([type=radio]), input[type=checkbox]")
        presses = form.locator("button[type=submit]")
        assert asked.count() + presses.count() == TOUCHES
        assert form.locator("select:visible").count() == 0, "one site needs no choice"
        page.fill("[name=called]", "易拉罐")
        page.fill("[name=mass]", "320")
        page.fill("[name=price_yuan]", "12.9")
        page.check("[name=safe]")
        page.locator("[name=photos]").set_input_files(a_photo())
        presses.click()
        expect(page.locator("main")).to_contain_text("批次已发布")
        expect(page.locator("main")).to_contain_text("12,900")
        fits(page)
        context.close()
    with store.read() as session:
        made = session.exec(select(Listing)).one()
    assert (made.grade_code, made.declared_mass_g) == ("CN-yilaguan", 320_000)
