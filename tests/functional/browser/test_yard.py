"""The gate and the scale in a browser: figures while one types, and nothing off the page."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copy

import pytest
from flask import Flask
from playwright.sync_api import Browser

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.web.app import create_app
from remelt.web.passwords import hash_password
from tests.conftest import NOON
from tests.functional.browser.conftest import DESK, PHONE, served
from tests.parties import PASSWORD, a_party
from tests.yard import bought, hang_out

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def yard(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a product with one hub that has bought once."""
    home = tmp_path_factory.mktemp("yard")
    copy(sqlite_template, home / "remelt.db")
    clock = SimulatedClock(NOON)
    app: Flask = create_app(Settings(home=home, demo=True), clock=clock)
    with (
        closing(app.extensions["remelt"].store) as store,
        served(app) as address,
    ):
        with store.write() as session:
            load_package_data(session)
            hub = a_party(
                session, clock=clock, role="hub", login="weigher",
                password_hash=hash_password(PASSWORD),
            )  # fmt: skip
            hang_out(session, clock=clock, hub=hub)
            bought(session, clock=clock, hub=hub)
        yield address


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_a_weigher_sees_net_and_amount_while_typing(chromium: Browser, yard: str, device):
    context = chromium.new_context(base_url=yard, **device)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.goto("/sign-in")
    page.fill("[name=login]", "weigher")
    page.fill("[name=password]", PASSWORD)
    page.locator("form").filter(has=page.locator("[name=password]")).locator("button").click()
    page.wait_for_load_state()

    page.goto("/gate/buy")
    page.check("[name=mode][value=successive]")
    page.fill("[name=lines-0-grade]", "ReMA Talc")
    page.fill("[name=lines-0-gross_kg]", "2,000")
    page.fill("[name=lines-0-tare_kg]", "1500")
    page.fill("[name=lines-0-deduct]", "2%")
    page.fill("[name=lines-0-price_yuan_per_t]", "12800")
    page.fill("[name=lines-1-tare_kg]", "1200")
    totals = page.locator("[data-totals] .value")
    assert totals.nth(0).inner_text() == "800\u00a0kg"
    assert totals.nth(1).inner_text() == "¥6,272.00"

    page.goto("/weigh")
    page.fill("[name=gross_kg]", "30100")
    page.fill("[name=tare_kg]", "29000")
    assert page.locator("[data-scale-net] output").inner_text() == "1,100\u00a0kg"

    for path in (
        "/gate",
        "/gate/buy",
        "/weigh",
        "/tickets",
        "/day-end",
        "/tickets/import",
        "/money",
    ):
        page.goto(path)
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, path
    assert faults == []
    context.close()
