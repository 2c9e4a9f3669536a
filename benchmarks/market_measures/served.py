"""The hot auction behind a real server: bids of programs by HTTP, beside a bare Flask app."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import databases
import orjson
from ledger_measures.epcis_served import cpu_s
from market_measures.auctions import Hot, Told, opened_on
from market_measures.load import Request, bid_over_http

from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.settings import Settings
from remelt.web.cli_base import prepare
from remelt.web.wiring import new_store

HERE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Served:
    """What a crowd lived at a server, and the cores that the server and its database took."""

    told: Told
    server_cores: float


@contextmanager
def installed(database: str, *, workers: int) -> Iterator[tuple[Settings, Hot, Hot]]:
    """Install the product on a fresh database, with two open auctions and bidders' tokens."""
    clock = SystemClock()
    on: Any = databases.postgresql(clock) if database == "postgresql" else nullcontext()
    with on as store, tempfile.TemporaryDirectory(prefix="remelt-home-") as home:
        url = "" if store is None else store.engine.url.render_as_string(hide_password=False)
        settings = Settings(home=Path(home), database_url=url, port=_free(), workers=workers)
        prepare(settings)
        mine = new_store(settings.url, clock=clock)
        opened = opened_on(mine, clock=clock)
        ours, theirs = opened(), opened()
        mine.close()
        yield settings, ours, theirs


def product(settings: Settings, sale: Hot, *, clients: int, seconds: float) -> Served:
    """Bid through the product's API with access tokens."""
    environ = {
        "REMELT_HOME": str(settings.home),
        "REMELT_PORT": str(settings.port),
        "REMELT_DATABASE_URL": settings.database_url,
        "REMELT_WORKERS": str(settings.workers),
        "REMELT_THREADS": str(settings.threads),
    }
    command = [sys.executable, "-m", "remelt.web.cli", "serve"]
    with _running(command, environ, port=settings.port, path="/healthz") as process:
        return _lived(process, settings.port, partial(_bid, sale), clients, seconds)


def bare(settings: Settings, sale: Hot, *, clients: int, seconds: float) -> Served:
    """Bid through a bare Flask app that asks nobody who it is."""
    settings = replace(settings, port=_free())
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers",
        str(settings.workers), "--blocking-threads", "32", "--port", str(settings.port),
        "--no-log", "baselines.bid_flask:app",
    ]  # fmt: skip
    environ = {"BIDS_URL": settings.url, "PYTHONPATH": str(HERE)}
    with _running(command, environ, port=settings.port, path="/") as process:
        return _lived(process, settings.port, partial(_bare_bid, sale), clients, seconds)


def _bid(sale: Hot, client: int, price: int, key: str) -> bytes:
    who = client % len(sale.buyers)
    body = orjson.dumps({"price_fen_per_t": price, "deliver_to": sale.sites[who]})
    head = {"Authorization": f"Bearer {sale.tokens[who]}", "Idempotency-Key": key}
    return _post(f"/api/v1/listings/{sale.listing}/bids", head, body)


def _bare_bid(sale: Hot, client: int, price: int, key: str) -> bytes:
    bidder, person, site = sale.buyers[client % len(sale.buyers)]
    said = {
        "auction_id": sale.auction_id, "bidder_id": bidder, "person_id": person,
        "deliver_to_site_id": site, "price_fen_per_t": price, "client_bid_id": key,
    }  # fmt: skip
    return _post("/bids", {}, orjson.dumps(said))


def _post(path: str, head: Mapping[str, str], body: bytes) -> bytes:
    lines = {"Host": "127.0.0.1", "Content-Type": "application/json", **head}
    lines["Content-Length"] = str(len(body))
    told = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{told}\r\n".encode() + body


def _lived(
    process: subprocess.Popen[bytes], port: int, request: Request, clients: int, seconds: float
) -> Served:
    """Warm the server up, then let the crowd bid; the crowd has a process of its own."""
    with get_context("spawn").Pool(1) as pool:
        pool.apply(bid_over_http, (port, request, clients, min(seconds, 1.0)))
        before = cpu_s(process.pid)
        told = pool.apply(bid_over_http, (port, request, clients, seconds))
        return Served(told, (cpu_s(process.pid) - before) / told.wall_s)


@contextmanager
def _running(
    command: list[str], more: Mapping[str, str], *, port: int, path: str
) -> Iterator[subprocess.Popen[bytes]]:
    environ = {name: value for name, value in os.environ.items() if "REMELT" not in name}
    process = subprocess.Popen(
        command, env=environ | more, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port, path)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int, path: str) -> None:
    for _ in range(600):  # a machine that does other work starts slowly
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", path)
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
