"""The twin of the payment provider: which of our calls it covers, and how fast."""

import http.client
import json
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from frame import Row

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
from tools.stripe_twin.app import CALLS  # noqa: E402  the workshop's tools are no package of ours

RAIL = ROOT / "platform" / "settlement" / "rails"
# how the client's methods stand in the provider's paths: `v1.refunds.list(` -> GET /v1/refunds
SAID = re.compile(r"v1\.((?:[a-z_]+\.)+)(create|retrieve|update|list|capture|cancel|confirm)\(")
NAMES = {
    "payment_intents": "/v1/payment_intents", "refunds": "/v1/refunds", "charges": "/v1/charges",
    "transfers": "/v1/transfers", "transfers.reversals": "/v1/transfers/{id}/reversals",
    "disputes": "/v1/disputes", "payouts": "/v1/payouts", "accounts": "/v1/accounts",
    "account_links": "/v1/account_links", "balance": "/v1/balance",
    "checkout.sessions": "/v1/checkout/sessions",
    "balance_transactions": "/v1/balance_transactions",
}  # fmt: skip
COVERED, RATE = 0.95, 500.0
HEADERS = {
    "Authorization": "Bearer sk_test_bench", "Content-Type": "application/x-www-form-urlencoded",
}  # fmt: skip
PAY = "amount=50000&currency=cny&payment_method=pm_card_visa&confirm=true"
READY_S = 20.0


def stripe_twin(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Coverage of the rail's calls, violations, and requests a second beside localstripe."""
    yield _coverage()
    seconds, rounds = (1.5, 3) if quick else (4.0, 5)
    with _twin() as (ours, state), _localstripe() as theirs:
        pairs = [(_rate(ours, seconds), _rate(theirs, seconds)) for _ in range(rounds)]
        counts = state()
    mine, peer = (statistics.median(each) for each in zip(*pairs, strict=True))
    bad = counts["bad_requests"] + counts["bad_answers"]
    yield Row(
        what="twin: schema violations", ours=bad, unit="violations", reach="none", met=bad == 0,
        note=f"of {counts['requests']:,} requests, each checked on the way in and out",
    )  # fmt: skip
    yield Row(
        what="twin: payment taken, then read", ours=mine, unit="requests/s", peer=peer,
        peer_name="localstripe", ratio=mine / peer, reach="500 requests/s", met=mine >= RATE,
        note=f"one client, kept-alive connection, a process each, {rounds} rounds in turn, medians;"
        " localstripe checks no schema, keeps no keys and moves no balance",
    )  # fmt: skip


def rail_calls() -> set[str]:
    """Return the provider's calls that the rail's source makes."""
    calls: set[str] = set()
    for source in sorted(RAIL.glob("stripe_*.py")):
        for thing, verb in SAID.findall(source.read_text()):
            calls.add(_call(thing.rstrip("."), verb))
    return calls


def _call(thing: str, verb: str) -> str:
    path = NAMES[thing]
    named = re.compile(re.escape(path) + r"/\{[^/]+\}")
    one = next((each for each in _paths() if named.fullmatch(each)), "")
    if verb in {"create", "list"}:
        return f"{'POST' if verb == 'create' else 'GET'} {path}"
    if verb == "retrieve":
        return f"GET {path if thing == 'balance' else one}"
    return f"POST {one}" + ("" if verb == "update" else f"/{verb}")


def _paths() -> set[str]:
    return {name.partition(" ")[2] for name in CALLS}


def _coverage() -> Row:
    calls = rail_calls()
    share = len(calls & CALLS.keys()) / len(calls)
    missing = ", ".join(sorted(calls - CALLS.keys())) or "none missing"
    return Row(
        what="twin: share of the rail's calls it knows", ours=100 * share, unit="%",
        reach="at least 95 %", met=share >= COVERED,
        note=f"{len(calls)} calls read from the rail's source; {missing}",
    )  # fmt: skip


def _rate(address: tuple[str, int], seconds: float) -> float:
    """Requests a second of one client: a payment by card, then the same payment read."""
    connection = http.client.HTTPConnection(*address, timeout=10)
    end, done = time.perf_counter() + seconds, 0
    start = time.perf_counter()
    while time.perf_counter() < end:
        name = _ask(connection, "POST", "/v1/payment_intents", PAY)
        _ask(connection, "GET", f"/v1/payment_intents/{name}", "")
        done += 2
    took = time.perf_counter() - start
    connection.close()
    return done / took


def _ask(connection: http.client.HTTPConnection, method: str, path: str, body: str) -> str:
    connection.request(method, path, body, HEADERS)
    answer = connection.getresponse()
    said = answer.read()
    assert answer.status == 200, said  # noqa: S101
    return re.search(rb'"id":\s*"(pi_[^"]+)"', said)[1].decode()  # type: ignore[index]


@contextmanager
def _twin() -> Iterator[tuple[tuple[str, int], Callable[[], dict[str, int]]]]:
    """A twin in a process of its own; yields its address, and what reads its counts."""
    port = _free_port()
    command = [sys.executable, "-m", "tools.stripe_twin", str(port)]
    with _process(command, port):
        yield ("127.0.0.1", port), lambda: _counts(port)


def _counts(port: int) -> dict[str, int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/_twin/state")
    said: dict[str, int] = json.loads(connection.getresponse().read())["counts"]
    connection.close()
    return said


@contextmanager
def _localstripe() -> Iterator[tuple[str, int]]:
    port = _free_port()
    command = [sys.executable, "-W", "ignore", "-m", "localstripe", "--from-scratch"]
    with _process([*command, "--port", str(port)], port):
        yield "127.0.0.1", port


@contextmanager
def _process(command: list[str], port: int) -> Iterator[None]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, **quiet) as process:  # type: ignore[call-overload]
        try:
            _await(port)
            yield
        finally:
            process.kill()


def _await(port: int) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
