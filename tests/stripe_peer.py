"""A provider on the loopback for the tests: the twin, and knobs that no call of the API has."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import stripe

from tools.stripe_twin.app import Twin
from tools.stripe_twin.schemas import subset
from tools.stripe_twin.server import serving

KEY = "sk_test_twin"
READY_S = 20.0


@dataclass
class Peer:
    """A provider at an address, and a client of it. twin: None when it is another's."""

    url: str
    client: stripe.StripeClient
    twin: Twin | None = None

    def knob(self, name: str, **said: Any) -> Any:
        """Turn a knob of the twin."""
        return self.ask("POST", f"/_twin/{name}", json.dumps(said))[1]

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, Any]:
        """Ask without the library: status and answer."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, said | {"Authorization": f"Bearer {KEY}"})
            with connection.getresponse() as answer:
                return answer.status, json.load(answer)
        finally:
            connection.close()

    def fault(self, kind: str, *, on: str = "", seconds: float = 0.0) -> None:
        """Let the next request for `on` go wrong."""
        self.knob("faults", requests=[{"kind": kind, "on": on, "seconds": seconds}])


def client_of(url: str, *, key: str = KEY, retries: int = 0) -> stripe.StripeClient:
    """A client of the pinned edition that does not try again by itself."""
    return stripe.StripeClient(
        key,
        stripe_version=subset().version,
        base_addresses={"api": url},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=10),
    )


def closing(client: stripe.StripeClient) -> None:
    """Give back the connections that this thread holds by a client."""
    client._requestor._client.close()


@contextmanager
def twin_peer() -> Iterator[Peer]:
    """A twin on a free port; its letters wait until they are pumped."""
    twin = Twin()
    with serving(twin) as url:
        peer = Peer(url, client_of(url), twin)
        yield peer
        closing(peer.client)


@contextmanager
def localstripe_peer() -> Iterator[Peer]:
    """The peer from the package index, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-m", "localstripe", "--from-scratch"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*command, "--port", str(port)], **quiet) as process:
        try:
            _await(port)
            peer = Peer(url, client_of(url))
            yield peer
            closing(peer.client)
        finally:
            process.kill()


@contextmanager
def live_peer() -> Iterator[Peer]:
    """Stripe's real test mode, by the key in STRIPE_TEST_KEY."""
    key = os.environ.get("STRIPE_TEST_KEY", "")
    assert key.startswith("sk_test_"), "STRIPE_TEST_KEY holds no key of test mode"
    peer = Peer("https://api.stripe.com", client_of("https://api.stripe.com", key=key))
    yield peer
    closing(peer.client)


def _await(port: int) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("localstripe did not start")
