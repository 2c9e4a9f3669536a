"""Passport, tag and the regulator's pages in the browser: both devices, both looks."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copy

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.traceability.labels.labels import tag_url
from remelt.web.app import create_app
from remelt.web.passwords import hash_password
from tests.conftest import NOON
from tests.functional.browser.conftest import DESK, PHONE, fits, served, sign_in
from tests.loop import Loop, a_loop, bring
from tests.parties import PASSWORD, a_party

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize(
    ("device", "look"), [(PHONE, "dark"), (DESK, "light")], ids=["phone-zh-dark", "desk-en-light"]
)


@dataclass
class Traded:
    """A served product in which one lot has gone all the way."""

    address: str
    loop: Loop
    tagged: str


@pytest.fixture(scope="module")
def traded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traded]:
    home, clock = tmp_path_factory.mktemp("traded"), SimulatedClock(NOON)
    copy(sqlite_template, home / "remelt.db")
    app = create_app(Settings(home=home, demo=True), clock=clock)
    secret = hash_password(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        a_party(session, clock=clock, role="regulator", login="official", password_hash=secret)
        hub = a_party(session, clock=clock, role="hub", login="hub", password_hash=secret)
        loop, tagged = a_loop(session, clock=clock), bring(session, clock=clock, party=hub)
    with served(app) as address:
        yield Traded(address, loop, tagged.code)
    app.extensions["remelt"].store.close()


@pytest.fixture
def opened(chromium: Browser, traded: Traded) -> Iterator[list[Page]]:
    pages: list[Page] = []
    yield pages
    for page in pages:
        page.context.close()


def visit(chromium: Browser, traded: Traded, opened: list[Page], device, look, login="") -> Page:
    page = chromium.new_context(base_url=traded.address, color_scheme=look, **device).new_page()
    opened.append(page)
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else 0)
    if login:
        sign_in(page, login)
        page.goto(f"/preferences?lang={'en' if device['locale'] == 'en' else 'zh_CN'}&next=/l")
    return page


@BOTH
def test_anybody_can_use_the_passport(chromium, traded, opened, device, look):
    page = visit(chromium, traded, opened, device, look)
    loop = traded.loop
    for lot in (loop.cast, loop.cans, loop.registered):
        page.goto(f"/l/{lot.code}")
        assert page.locator("h1").is_visible()
        fits(page)
    page.goto("/log")
    fits(page)


def test_the_printed_tag_is_read_off_the_screen(chromium, traded, opened):
    page = visit(chromium, traded, opened, DESK, "light", login="hub")
    page.goto(f"/lots/{traded.tagged}/label")
    shot = Image.open(io.BytesIO(page.locator(".tag").screenshot())).convert("L")
    wanted = tag_url("http://127.0.0.1:8000", code=traded.tagged)
    read = [code.text for code in zxingcpp.read_barcodes(np.asarray(shot))]
    assert read == [wanted] * 3


def test_one_tag_is_one_page_of_its_size(chromium, traded, opened):
    page = visit(chromium, traded, opened, DESK, "light", login="hub")
    page.goto(f"/lots/{traded.tagged}/label")
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 282.9" in paper  # 100 x 70 mm in points


@BOTH
def test_the_official_can_use_every_page(chromium, traded, opened, device, look):
    page = visit(chromium, traded, opened, device, look, login="official")
    page.goto("/regulator")
    fits(page)
    page.locator("svg.tiles a").first.click()
    page.wait_for_url("**/regulator/melts?**")
    fits(page)
    page.locator("tbody th a").first.click()
    page.wait_for_url(lambda url: "/melts/" in url)
    fits(page)
    page.locator("tbody th a.code").first.click()
    page.wait_for_url("**/regulator/trace?**")
    fits(page)
