"""Live streams of the real server over real sockets: who goes gives the place back."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.settings import Settings
from remelt.web.cli_base import prepare
from remelt.web.wiring import new_store
from tests.market import a_draft, publish_lot
from tests.parties import PASSWORD, some_people

PLACES = 2
SOON_S = 6.0


@dataclass
class Room:
    """An auction's stream on the real server, and the cookies of somebody signed in."""

    port: int
    path: str
    cookies: str

    def listen(self) -> tuple[int, socket.socket]:
        """Open a stream; returns the status and the socket, with its head read."""
        door = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        door.sendall(
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Accept: text/event-stream\r\nCookie: {self.cookies}\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += door.recv(4096)
        return int(head.split()[1]), door


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(home=tmp_path / "home", port=port, threads=8, streams=PLACES, demo=True)
    prepare(settings)
    clock, store = SystemClock(), new_store(settings.url, clock=SystemClock())
    with store.write() as session:
        load_package_data(session)
    people = some_people(store, clock, seller="collector", smelter="smelter")
    with store.write() as session:
        hour = clock.now(session) + timedelta(hours=1)
        lot = publish_lot(
            session, clock=clock, seller=people["seller"], draft=a_draft(closes_at=hour)
        )
    environ = {name: value for name, value in os.environ.items() if "REMELT" not in name}
    environ |= {
        "REMELT_HOME": str(settings.home), "REMELT_PORT": str(port), "REMELT_THREADS": "8",
        "REMELT_STREAMS": str(PLACES),
    }  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "remelt.web.cli", "serve"],
        env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield Room(port, f"/listings/{lot.code}/live", _signed_in(port))
    finally:
        server.terminate()
        server.wait(timeout=20)
        store.close()


def _signed_in(port: int) -> str:
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}/sign-in"
    ends = time.monotonic() + 30
    while True:
        try:
            page = browser.open(address, timeout=10).read().decode()
            break
        except OSError:
            assert time.monotonic() < ends, "the server did not start"
            time.sleep(0.2)
    hidden = {
        name: re.search(f'name="{name}" value="([^"]+)"', page)[1]
        for name in ("csrf_token", "idempotency_key")
    }
    form = hidden | {"login": "smelter", "password": PASSWORD}
    with suppress(urllib.error.HTTPError):
        browser.open(address, urllib.parse.urlencode(form).encode(), timeout=10)
    return "; ".join(f"{each.name}={each.value}" for each in jar)


def test_whoever_leaves_a_room_makes_room(room):
    doors = [room.listen() for _place in range(PLACES)]
    assert [status for status, _door in doors] == [200] * PLACES
    status, crowded = room.listen()
    crowded.close()
    assert status == 503
    for number, (_status, door) in enumerate(doors):
        if number:  # one goes politely, one is torn away
            door.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        door.close()
    began = time.monotonic()
    found: list[socket.socket] = []
    while len(found) < PLACES:
        assert time.monotonic() - began < SOON_S, f"{len(found)} of {PLACES} places came back"
        status, door = room.listen()
        if status == 200:
            found.append(door)
        else:
            door.close()
            time.sleep(0.5)
    for door in found:
        door.close()
