"""The real server is killed while it takes bids: what it answered stands, what it did not is asked.

On PostgreSQL two workers serve, and a worker is killed alone as well. `make races` kills more.
"""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.drafts import Ascending
from remelt.platform.parties import tokens
from remelt.web.cli_base import prepare
from tests.market import a_draft, auction_of, publish_lot
from tests.parties import Party, a_party

RACES = int(os.environ.get("REMELT_RACES", "25"))
KILLS = max(2, RACES // 80)
CLIENTS = 8
BETWEEN = 60
PATIENCE_S = 120.0


@dataclass
class Ask:
    """One offer under its key, and the answer in the end. lost: how often none came."""

    client: int
    key: str
    said: dict[str, Any]
    status: int = 0
    body: bytes = b""
    replayed: bool = False
    lost: int = 0

    @property
    def answer(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Served:
    """The server under a process group of its own, and those who bid on it."""

    store: Store
    settings: Settings
    auction_id: int
    listing: str
    buyers: list[Party]
    tokens: list[str]
    dice: random.Random
    process: subprocess.Popen[bytes] | None = None
    told: list[Ask] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        environ = {name: value for name, value in os.environ.items() if "REMELT" not in name}
        environ |= {
            "REMELT_HOME": str(self.settings.home), "REMELT_PORT": str(self.settings.port),
            "REMELT_DATABASE_URL": self.settings.database_url, "REMELT_THREADS": "16",
            "REMELT_WORKERS": str(self.settings.workers),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "remelt.web.cli", "serve"],
            env=environ, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        """Kill the server and all that it started, in the midst of whatever they do."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)
        self.process = None

    def kill_a_worker(self) -> None:
        """Kill one of the processes that answer; the server starts another in its place."""
        assert self.process is not None
        os.kill(self.dice.choice(_workers(self.process.pid)), signal.SIGKILL)

    def heard(self, more: int) -> None:
        """Wait until the clients were told so many answers more."""
        goal, ends = len(self.told) + more, time.monotonic() + PATIENCE_S
        while len(self.told) < goal:
            assert time.monotonic() < ends, f"{len(self.told)} answers, {goal} waited for"
            time.sleep(0.005)

    def bid(self, client: int) -> None:
        """Offer again and again, each time over what the last answer asked."""
        dice, least, wire = random.Random(client), 100, self.wire()
        while not self.over.is_set():
            price = least + dice.randrange(CLIENTS)
            said = {"price_fen_per_t": price, "deliver_to": self._buyer(client).site.code}
            if not dice.randrange(4):
                said["limit_fen_per_t"] = price + dice.randrange(20)
            ask = Ask(client, f"{client}-{len(self.told)}-{dice.random()}", said)
            self.answered(ask, wire)
            self.told.append(ask)
            least = ask.answer["least_fen_per_t"] or ask.answer["price_fen_per_t"] + 1
        wire.close()

    def answered(self, ask: Ask, wire: http.client.HTTPConnection) -> None:
        """Send an offer under its key until it is answered."""
        ends = time.monotonic() + PATIENCE_S
        while True:
            try:
                ask.status, ask.body, ask.replayed = self._sent(ask, wire)
            except (OSError, http.client.HTTPException):
                wire.close()
                ask.lost += 1
            if ask.status in {201, 409, 422}:
                return
            assert ask.status in {0, 503}, ask.body
            assert time.monotonic() < ends, "no answer any more"
            time.sleep(0.02)

    def _sent(self, ask: Ask, wire: http.client.HTTPConnection) -> tuple[int, bytes, bool]:
        head = {
            "Authorization": f"Bearer {self.tokens[ask.client % len(self.tokens)]}",
            "Idempotency-Key": ask.key, "Content-Type": "application/json",
        }  # fmt: skip
        wire.request("POST", f"/api/v1/listings/{self.listing}/bids", json.dumps(ask.said), head)
        answer = wire.getresponse()
        return answer.status, answer.read(), "Idempotent-Replayed" in answer.headers

    def wire(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.settings.port, timeout=10)

    def _buyer(self, client: int) -> Party:
        return self.buyers[client % len(self.buyers)]


def _workers(parent: int) -> list[int]:
    """The processes below the server that serve, told by what they were started with."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(told[1]) == parent and b"serve" in command:
            found.append(int(folder.name))
    return found


@pytest.fixture
def served(store: Store, database_url: str, tmp_path: Path) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    beside = database_url.startswith("postgresql")
    settings = Settings(
        home=tmp_path, port=port, database_url=database_url if beside else "",
        workers=2 if beside else 1,
    )  # fmt: skip
    prepare(settings)
    clock, rules = SystemClock(), Ascending(start_fen_per_t=100, step_fen_per_t=1)
    with store.write() as session:
        seller = a_party(session, clock=clock, role="collector")
        buyers = [a_party(session, clock=clock, role="smelter") for _ in range(4)]
        texts = [
            tokens.issue_token(
                session, clock=clock, actor=each.actor, name="desk", scopes=("market.bid",), days=30
            )[1]
            for each in buyers
        ]
        draft = a_draft(price=rules, closes_at=clock.now(session) + timedelta(hours=6))
        listing = publish_lot(session, clock=clock, seller=seller, draft=draft)
        auction_id = auction_of(session, listing).key
    made = Served(store, settings, auction_id, listing.code, buyers, texts, random.Random(port))
    try:
        yield made
    finally:
        made.over.set()
        if made.process is not None:
            made.kill()


def test_a_killed_server_lost_no_answer_and_answers_the_same_again(served):
    crowd = [threading.Thread(target=served.bid, args=(each,)) for each in range(CLIENTS)]
    for each in crowd:
        each.start()
    served.start()
    for turn in range(KILLS):
        served.heard(BETWEEN)
        time.sleep(served.dice.random() / 10)
        if served.settings.workers > 1 and turn % 2 == 0:
            served.kill_a_worker()
        else:
            served.kill()
            served.start()
    served.heard(BETWEEN)
    served.over.set()
    for each in crowd:
        each.join(timeout=PATIENCE_S)
    told = served.told
    kept = [ask for ask in told if ask.answer["seq"] is not None]
    lost = [ask for ask in told if ask.lost]
    found = sum(ask.replayed for ask in lost)
    print(  # noqa: T201 - the figures of the long form
        f"{KILLS} kills, {len(told)} answers, {len(kept)} kept; {len(lost)} were asked again,"
        f" {found} of them stood in the record"
    )
    assert lost, "no bid was on its way when the server was killed"
    _check_record(served, kept)
    wire = served.wire()
    for ask in kept:
        status, body, replayed = served._sent(ask, wire)
        assert (status, body, replayed) == (ask.status, ask.body, True)
    wire.close()


def _check_record(served: Served, kept: list[Ask]) -> None:
    """What was told is the record, line for line, and nothing else is."""
    with served.store.read() as session:
        record = session.exec(
            select(Bid).where(Bid.auction_id == served.auction_id).order_by(col(Bid.seq))
        ).all()
        after = session.get_one(Auction, served.auction_id)
        events = outbox.after(session, limit=10**6, names=["bid-placed"])
    assert [row.seq for row in record] == list(range(1, len(record) + 1))
    accepted = [row for row in record if not row.reason]
    prices = [row.price_fen_per_t for row in accepted]
    assert prices == sorted(prices)
    assert (after.bid_seq, after.leading_fen_per_t, after.leading_bid_id) == (
        len(record), prices[-1], accepted[-1].id,
    )  # fmt: skip
    assert [row.body["seq"] for row in events] == [row.seq for row in accepted]
    named = {row.seq: row for row in record if row.client_bid_id is not None}
    answers = {ask.answer["seq"]: ask for ask in kept}
    assert len(answers) == len(kept)
    assert answers.keys() == named.keys()
    for seq, ask in answers.items():
        row, said = named[seq], ask.answer
        assert row.bidder_id == served._buyer(ask.client).organisation.key
        assert row.offered_fen_per_t == ask.said["price_fen_per_t"]
        assert row.limit_fen_per_t == ask.said.get("limit_fen_per_t")
        assert (row.price_fen_per_t, row.verdict, row.reason or None) == (
            said["price_fen_per_t"], said["verdict"], said["code"],
        )  # fmt: skip
