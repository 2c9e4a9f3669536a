"""The auction room in two browsers: an offer shows in the other without a reload."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copy

import pytest
from playwright.sync_api import Browser, Page, expect

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.web.app import create_app
from remelt.web.passwords import hash_password
from tests.conftest import NOON
from tests.market import publish_lot
from tests.parties import PASSWORD, a_party

from .conftest import DESK, PHONE, served

pytestmark = pytest.mark.browser


@pytest.fixture
def room(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """The address of an open auction with two smelters who may bid."""
    copy(sqlite_template, tmp_path / "remelt.db")
    clock = SimulatedClock(NOON)
    app = create_app(Settings(home=tmp_path, demo=True), clock=clock)
    with closing(app.extensions["remelt"].store) as store, served(app) as address:
        with store.write() as session:
            load_package_data(session)
            secret = hash_password(PASSWORD)
            seller = a_party(session, clock=clock, role="collector", login="seller")
            for login in ("smelter", "rival"):
                a_party(session, clock=clock, role="smelter", login=login, password_hash=secret)
            code = publish_lot(session, clock=clock, seller=seller).code
        yield f"{address}/listings/{code}"


def _enter(chromium: Browser, room: str, login: str, device: dict) -> Page:
    page = chromium.new_context(**device).new_page()
    page.goto(room.split("/listings", maxsplit=1)[0] + "/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_load_state()
    page.goto(room)
    return page


def test_an_offer_shows_in_the_other_room_at_once(chromium: Browser, room: str):
    rival = _enter(chromium, room, "rival", DESK)
    expect(rival.locator(".live-state")).to_have_attribute("data-live", "on")
    smelter = _enter(chromium, room, "smelter", PHONE)
    smelter.fill("[name=price_yuan_per_t]", "15000")
    smelter.locator("form:has([name=price_yuan_per_t]) button[type=submit]").click()
    smelter.wait_for_load_state()
    assert smelter.locator("main").get_by_text("15,000").first.is_visible()
    expect(rival.locator("[aria-live=polite]")).to_contain_text("15,000", timeout=10_000)
    for page in (rival, smelter):
        page.context.close()
