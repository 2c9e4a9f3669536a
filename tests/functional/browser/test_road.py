"""The dispatcher's desk and the driver's phone in the browser."""

from collections.abc import Iterator
from datetime import timedelta
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
from tests.parties import PASSWORD
from tests.road import Road, a_delivery, a_pickup, a_plan, a_road

pytestmark = pytest.mark.browser


@pytest.fixture
def app(sqlite_template: Path, tmp_path: Path, clock: SimulatedClock) -> Iterator[Flask]:
    """The product with its jobs running."""
    home = tmp_path / "home"
    home.mkdir()
    copy(sqlite_template, home / "remelt.db")
    made = create_app(Settings(home=home, demo=True), clock=clock)
    with made.extensions["remelt"].store.write() as session:
        load_package_data(session)
    made.extensions["remelt"].runner.start()
    yield made
    made.extensions["remelt"].runner.stop()
    made.extensions["remelt"].store.close()


@pytest.fixture
def road(app: Flask, clock: SimulatedClock) -> Road:
    """A hub with orders; wang dispatches and drives."""
    with app.extensions["remelt"].store.write() as session:
        made = a_road(session, clock=clock, login="wang", password_hash=hash_password(PASSWORD))
        a_pickup(session, made, clock=clock, seller=0)
        a_pickup(session, made, clock=clock, seller=1, mass_g=9_000_000)
        a_delivery(session, made, clock=clock)
    return made


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as found:
        yield found


def _wang(chromium: Browser, address: str, device: dict[str, object]) -> Page:
    page = chromium.new_context(base_url=address, **device).new_page()
    sign_in(page, "wang")
    return page


def test_a_plan_is_followed_from_the_button_to_the_map(chromium: Browser, address: str, road: Road):
    page = _wang(chromium, address, DESK)
    page.goto(f"/dispatch?day={road.day + timedelta(days=1)}&lang=en")
    fits(page)
    page.get_by_role("button").filter(has=page.locator("use[href$='#truck']")).click()
    expect(page.locator(".leaflet-marker-icon")).to_have_count(3, timeout=60_000)
    expect(page.get_by_text("9.00")).not_to_have_count(0)
    fits(page)
    page.locator("table a[href*='/rounds/']").first.click()
    expect(page.locator(".leaflet-marker-icon")).to_have_count(3)
    fits(page)
    for other in (f"{page.url.split('?')[0]}/sheet", "/dispatch/vehicles", "/dispatch/deliveries"):
        page.goto(other)
        fits(page)
    page.context.close()


def test_a_hand_scanner_and_a_thumb_do_the_same(
    app: Flask, chromium: Browser, address: str, road: Road, clock: SimulatedClock
):
    with app.extensions["remelt"].store.write() as session:
        a_plan(session, road, clock=clock, day=road.day)
    page = _wang(chromium, address, PHONE)
    page.goto("/drive")
    fits(page)
    page.goto("/scan")
    fits(page)
    page.keyboard.type(road.orders[0].lot_code)  # a wedge types and presses Enter: no click
    page.keyboard.press("Enter")
    expect(page.locator(".note.good")).to_contain_text(road.orders[0].lot_code[:4])
    page.keyboard.type(road.orders[0].lot_code.lower())
    page.keyboard.press("Enter")
    expect(page.locator(".summary")).to_contain_text("已经装车")
    fits(page)
    page.context.close()
