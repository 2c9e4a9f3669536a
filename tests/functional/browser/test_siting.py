"""Where hubs should stand, from the form to the map and the comparison, in the browser."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.web.app import create_app
from remelt.web.passwords import hash_password
from tests.functional.browser.conftest import DESK, PHONE, fits, served, sign_in
from tests.parties import PASSWORD, a_party
from tests.siting import answered, asked

pytestmark = pytest.mark.browser


@pytest.fixture
def app(sqlite_template: Path, tmp_path: Path, clock: SimulatedClock) -> Iterator[Flask]:
    """The product with a planning official, a solved scenario and one that cannot be solved."""
    home = tmp_path / "home"
    home.mkdir()
    copy(sqlite_template, home / "remelt.db")
    made = create_app(Settings(home=home, demo=True), clock=clock)
    with made.extensions["remelt"].store.write() as session:
        load_package_data(session)
        party = a_party(
            session,
            clock=clock,
            role="regulator",
            login="official",
            password_hash=hash_password(PASSWORD),
        )
        for name, terms in (("One hub", {"most_hubs": 1}), ("Never", {"longest_m": 5})):
            row = asked(session, clock=clock, party=party, name=name, **terms)
            answered(session, row, clock=clock)
    yield made
    made.extensions["remelt"].store.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as found:
        yield found


def _official(chromium: Browser, address: str, device: dict[str, object]) -> Page:
    page = chromium.new_context(base_url=address, **device).new_page()
    sign_in(page, "official")
    return page


@pytest.mark.parametrize("device", [DESK, PHONE])
def test_an_official_asks_sees_the_map_and_compares(
    app: Flask, chromium: Browser, address: str, device: dict[str, object]
):
    page = _official(chromium, address, device)
    page.goto("/siting")
    fits(page)
    page.get_by_role("link", name="One hub").click()
    expect(page.locator(".leaflet-marker-icon")).to_have_count(2)  # a hub and a smelter
    expect(page.locator("path.leaflet-interactive")).to_have_count(6)  # 3 zones, 2 + 1 ways
    fits(page)
    page.goto("/siting")
    page.get_by_role("link", name="Never").click()
    expect(page.locator(".note.warn li")).to_have_count(1)
    fits(page)
    page.goto("/siting")
    page.locator("input[name=with]").first.check()
    page.locator("form[action='/siting/compare'] button").click()
    expect(page.locator("table")).to_have_count(2)
    fits(page)
    page.goto("/siting")
    page.locator("[name=name]").fill("Three")
    page.locator("[name=most_hubs]").fill("3")
    page.locator("form[action='/siting'] button[type=submit]").click()
    page.wait_for_url(lambda url: "/siting/" in url)
    expect(page.locator(".meter")).to_be_visible()
    fits(page)
    page.context.close()
