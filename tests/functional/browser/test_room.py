"""The auction room in browsers: offers show without a reload, also past a lost connection."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.market import awarding
from remelt.platform.market.models import Listing
from remelt.web.app import create_app
from remelt.web.passwords import hash_password
from remelt.web.streams import streams
from tests.conftest import NOON
from tests.market import bid, publish_lot
from tests.parties import PASSWORD, Party, a_party

from .conftest import DESK, PHONE, served

pytestmark = pytest.mark.browser

HEARD = """
window.heard = [];
const Plain = EventSource;
window.EventSource = class extends Plain {
  constructor(...given) {
    super(...given);
    this.addEventListener("bid", (told) => window.heard.push(Number(told.lastEventId)));
  }
};
"""


@dataclass
class Auction:
    """An open auction with two smelters who may bid, and where it is served."""

    app: Flask
    store: Store
    clock: SimulatedClock
    listing: Listing
    parties: dict[str, Party]
    address: str = ""

    def offer(self, login: str, yuan_per_t: int) -> None:
        """Bid at the back door, past every browser."""
        with self.store.write() as session:
            bid(
                session,
                clock=self.clock,
                listing=self.listing,
                buyer=self.parties[login],
                yuan_per_t=yuan_per_t,
            )


@contextmanager
def _auction(template: Path, home: Path, **settings: Any) -> Iterator[Auction]:
    copy(template, home / "remelt.db")
    clock = SimulatedClock(NOON)
    app = create_app(Settings(home=home, demo=True, **settings), clock=clock)
    with closing(app.extensions["remelt"].store) as store, served(app) as address:
        with store.write() as session:
            load_package_data(session)
            secret = hash_password(PASSWORD)
            parties = {"seller": a_party(session, clock=clock, role="collector", login="seller")}
            for login in ("smelter", "rival"):
                parties[login] = a_party(
                    session, clock=clock, role="smelter", login=login, password_hash=secret
                )
            listing = publish_lot(session, clock=clock, seller=parties["seller"])
        yield Auction(app, store, clock, listing, parties, address)


@pytest.fixture
def auction(sqlite_template: Path, tmp_path: Path) -> Iterator[Auction]:
    """An auction whose streams are open to everybody."""
    with _auction(sqlite_template, tmp_path) as made:
        yield made


class Relay:
    """A way to the server that can be cut and mended: every byte goes through it."""

    def __init__(self, address: str) -> None:
        self._to = int(address.rsplit(":", 1)[1])
        self._door: socket.socket | None = None
        self._open: list[socket.socket] = []
        self.port = 0

    def mend(self) -> None:
        """Let connections through, on the same port as before."""
        door = socket.create_server(("127.0.0.1", self.port), reuse_port=True)
        self._door, self.port = door, door.getsockname()[1]
        threading.Thread(target=self._let_in, args=(door,), daemon=True).start()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        for each in [self._door, *self._open]:
            if each is not None:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
        self._open.clear()

    def _let_in(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = door.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@pytest.fixture
def enter(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Enter the room of an auction as somebody."""
    pages: list[Page] = []

    def entered(auction: Auction, login: str, device: dict, *, address: str = "") -> Page:
        page = chromium.new_context(**device, base_url=address or auction.address).new_page()
        pages.append(page)
        page.add_init_script(HEARD)
        page.goto("/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.locator("main button[type=submit]").click()
        page.wait_for_load_state()
        page.goto(f"/listings/{auction.listing.code}")
        return page

    yield entered
    for page in pages:
        page.context.close()


def _is(page: Page, state: str) -> None:
    expect(page.locator(".live-state")).to_have_attribute("data-live", state, timeout=15_000)


def test_an_offer_shows_in_the_other_room_at_once(auction, enter):
    rival = enter(auction, "rival", DESK)
    _is(rival, "on")
    smelter = enter(auction, "smelter", PHONE)
    smelter.fill("[name=price_yuan_per_t]", "15000")
    smelter.locator("form:has([name=price_yuan_per_t]) button[type=submit]").click()
    smelter.wait_for_load_state()
    assert smelter.locator("main").get_by_text("15,000").first.is_visible()
    expect(rival.locator("[aria-live=polite]")).to_contain_text("15,000", timeout=10_000)


def test_a_lost_connection_misses_no_bid_and_hears_none_twice(auction, enter):
    way = Relay(auction.address)
    way.mend()
    page = enter(auction, "rival", DESK, address=f"http://127.0.0.1:{way.port}")
    _is(page, "on")
    auction.offer("smelter", 14_000)
    expect(page.locator("[data-mark] tbody tr")).to_have_count(1)
    way.cut()
    _is(page, "off")
    auction.clock.set(NOON + timedelta(minutes=59))
    for number, login in enumerate(("rival", "smelter", "rival", "smelter"), start=1):
        auction.offer(login, 14_000 + 100 * number)
    assert page.locator("[data-mark] tbody tr").count() == 1
    way.mend()
    _is(page, "on")
    expect(page.locator("[data-mark] tbody tr")).to_have_count(5)
    expect(page.locator("[data-mark] tbody")).to_contain_text("14,400")
    expect(page.locator("[data-mark]")).to_have_attribute("data-mark", re.compile("^extending-5-"))
    auction.offer("rival", 14_500)
    expect(page.locator("[data-mark] tbody tr")).to_have_count(6)
    assert page.evaluate("window.heard") == [1, 2, 3, 4, 5, 6]
    way.cut()


def test_a_room_hears_the_close_and_is_let_go(auction, enter):
    page = enter(auction, "rival", DESK)
    _is(page, "on")
    auction.offer("smelter", 15_100)
    auction.clock.set(NOON + timedelta(hours=2))
    with auction.store.write() as session:
        awarding.close_due(session, clock=auction.clock)
    _is(page, "over")
    expect(page.locator("[data-mark]")).to_have_attribute("data-mark", re.compile("^awarded-"))
    with auction.app.app_context():
        assert streams().open == 0


def test_a_room_without_a_place_in_the_stream_asks_instead(sqlite_template, tmp_path, enter):
    with _auction(sqlite_template, tmp_path, streams=0) as auction:
        page = enter(auction, "rival", DESK)
        _is(page, "ask")
        auction.offer("smelter", 15_100)
        expect(page.locator("[data-mark]")).to_contain_text("15,100", timeout=15_000)
        assert page.evaluate("window.heard") == []
