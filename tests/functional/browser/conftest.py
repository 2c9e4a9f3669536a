"""One Chromium for the whole run, a fresh context per test, and a product served on loopback."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy, which
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.web.app import create_app
from tests.conftest import NOON, SKIP
from tests.parties import PASSWORD

CHROMIUM = which("chromium") or "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}, "locale": "en"}
AXE = Path(__file__).parents[2] / "assets" / "vendor" / "axe-core-4.14.1" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve `app` on a free loopback port; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, started once."""
    if "browser" in SKIP:
        pytest.skip("SKIP names browser")
    assert Path(CHROMIUM).exists(), "no Chromium found: install it or say SKIP=browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def product(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The product with its reference data and nothing traded, for every test that only reads."""
    home = tmp_path_factory.mktemp("home")
    copy(sqlite_template, home / "remelt.db")
    app = create_app(Settings(home=home, demo=True), clock=SimulatedClock(NOON))
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
    yield app
    app.extensions["remelt"].store.close()


@pytest.fixture(scope="session")
def site(product: Flask) -> Iterator[str]:
    """The address where `product` is served."""
    with served(product) as address:
        yield address


Open = Callable[..., Page]


@pytest.fixture
def reader(chromium: Browser, site: str) -> Iterator[Open]:
    """Open pages as somebody: `reader(PHONE)`; the test fails on any error in the console."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        refused = "status of 4" in message.text and "/assets/" not in message.location["url"]
        if message.type == "error" and not refused:  # a refusal page is an answer, not a fault
            complaints.append(f"{message.text} ({message.location['url']})")

    def open_as(device: dict[str, Any], **more: Any) -> Page:
        context = chromium.new_context(
            base_url=site, timezone_id="Asia/Shanghai", **{**device, **more}
        )
        contexts.append(context)
        language = "en" if device["locale"] == "en" else "zh_CN"
        context.add_cookies([{"name": "lang", "value": language, "url": site}])
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert complaints == []


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page by WCAG 2.2 AA: rule and first place."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{v['id']}: {v['nodes'][0]['target']} {v['nodes'][0].get('failureSummary', '')}"
        for v in found["violations"]
    ]


def fits(page: Page) -> None:
    """Hold a page to WCAG 2.2 AA, and to its width: nothing scrolls sideways."""
    assert violations(page) == []
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "it scrolls sideways"


def sign_in(page: Page, login: str) -> None:
    """Sign in on a page, with the password that everybody has in tests."""
    page.goto("/sign-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "sign-in" not in url)
