"""Bidding in processes of their own: one is killed while it decides, two close at once.

`make races` kills ten times as many.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.store import Store
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bids.engine import Engine
from remelt.platform.market.bids.offers import Offer
from remelt.platform.market.drafts import Ascending
from remelt.platform.market.models import Listing
from tests.market import a_draft, auction_of, publish_lot
from tests.parties import Party, a_party

KILLS = max(1, int(os.environ.get("REMELT_RACES", "25")) // 100)
RULES = Ascending(start_fen_per_t=100, step_fen_per_t=1, auto_award=False)
BIDDER = """
import sys, threading
from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.store import Store
from remelt.platform.market.bids.engine import Engine
from remelt.platform.market.bids.offers import Offer

url, turn, auction, bidder, person, site = sys.argv[1], *map(int, sys.argv[2:])
clock = SystemClock()
engine, lock = Engine(Store(url), clock=clock), threading.Lock()

def bid(client):
    least, count = 100, 0
    while True:
        count += 1
        key = f"{turn}-{client}-{count}"
        said = engine.place(Offer(
            auction_id=auction, bidder_id=bidder, person_id=person, deliver_to_site_id=site,
            price_fen_per_t=least + client, key=key,
        ))
        with lock:
            print(key, least + client, said.seq, said.reason or "-", flush=True)
        least = said.least_fen_per_t or said.price_fen_per_t + 1

for client in range(16):
    threading.Thread(target=bid, args=(client,)).start()
"""
CLOSER = """
import sys
from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.store import Store
from remelt.platform.market import awarding

store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
with store.write() as session:
    print(awarding.close(session, clock=SystemClock(), listing_code=sys.argv[2]), flush=True)
"""


@dataclass
class Hall:
    """An auction on the system's clock, its seller and a bidder."""

    store: Store
    clock: SystemClock
    url: str
    listing: Listing
    auction_id: int
    bidder: Party

    def offer(self, price: int, key: str) -> Offer:
        who = self.bidder
        return Offer(
            auction_id=self.auction_id, bidder_id=who.organisation.key, person_id=who.person.key,
            deliver_to_site_id=who.site.key, price_fen_per_t=price, key=key,
        )  # fmt: skip

    def ends_now(self) -> None:
        """Let the end of bidding be this moment."""
        with self.store.write() as session:
            now = self.clock.now(session)
            ends = {"first_closes_at": now, "closes_at": now, "opens_at": now - timedelta(hours=1)}
            session.get_one(Auction, self.auction_id).sqlmodel_update(ends)


@pytest.fixture
def hall(store: Store, database_url: str) -> Hall:
    clock = SystemClock()
    with store.write() as session:
        seller = a_party(session, clock=clock, role="collector")
        bidder = a_party(session, clock=clock, role="smelter")
        draft = a_draft(price=RULES, closes_at=clock.now(session) + timedelta(hours=1))
        listing = publish_lot(session, clock=clock, seller=seller, draft=draft)
        auction_id = auction_of(session, listing).key
    return Hall(store, clock, database_url, listing, auction_id, bidder)


def process(program: str, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, words)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def killed_after(lines: int, child: subprocess.Popen[str]) -> list[list[str]]:
    """Let a process tell so many answers, kill it, and return all that it told."""
    with child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(lines)]
        os.kill(child.pid, signal.SIGKILL)
        told += child.stdout.readlines()
    return [line.split() for line in told if line.endswith("\n")]


def test_a_killed_process_lost_no_answer_and_left_no_line_twice(hall):
    who = hall.bidder
    hand = (who.organisation.key, who.person.key, who.site.key)
    told: list[Sequence[str]] = []
    for turn in range(KILLS):
        child = process(BIDDER, hall.url, turn, hall.auction_id, *hand)
        told += killed_after(40 + 37 * turn, child)
    assert len(told) >= 40 * KILLS
    engine = Engine(hall.store, clock=hall.clock)
    with hall.store.read() as session:
        record = session.exec(select(Bid).order_by(col(Bid.seq))).all()
        after = session.get_one(Auction, hall.auction_id)
        events = outbox.after(session, limit=10**6, names=["bid-placed"])
    lines = {row.seq: row for row in record}
    assert list(lines) == list(range(1, len(record) + 1))
    accepted = [row for row in record if not row.reason]
    assert (after.bid_seq, after.leading_fen_per_t, after.leading_bid_id) == (
        len(record), accepted[-1].price_fen_per_t, accepted[-1].id,
    )  # fmt: skip
    assert [row.body["seq"] for row in events] == [row.seq for row in accepted]
    for key, price, seq, reason in told:
        row = lines[int(seq)]
        assert (row.offered_fen_per_t, row.reason or "-") == (int(price), reason)
        again = engine.place(hall.offer(int(price), key))
        assert (again.seq, again.replayed) == (int(seq), True)


def test_of_two_processes_that_close_at_once_one_closes(hall):
    engine = Engine(hall.store, clock=hall.clock)
    assert engine.place(hall.offer(100, "mine")).verdict == "accepted"
    hall.ends_now()
    closers = [process(CLOSER, hall.url, hall.listing.code) for _ in range(2)]
    for each in closers:
        assert each.stdout.readline() == "ready\n"
    for each in closers:
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [each.communicate(timeout=30)[0].strip() for each in closers]
    assert sorted(said) == ["False", "True"]
    with hall.store.read() as session:
        told = outbox.after(session, limit=100, names=["bidding-closed"])
        assert session.get_one(Auction, hall.auction_id).closed_at is not None
    assert [row.body["sold"] for row in told] == [True]
    assert engine.place(hall.offer(200, "late")).reason == "bidding-over"
