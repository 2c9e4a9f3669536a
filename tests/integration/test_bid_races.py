"""Races for one auction: against the close, between closers, between processes, all recorded."""

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.market import awarding
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bids.engine import Engine
from remelt.platform.market.bids.entrance import Seen, plain_answers
from remelt.platform.market.bids.offers import Answer, Offer
from remelt.platform.market.drafts import Ascending
from remelt.platform.market.models import Listing
from remelt.web.wiring import new_store
from tests.linear import Diary, Line, Op, faults, line_of
from tests.market import NOON, a_draft, auction_of, publish_lot
from tests.oracle import Oracle
from tests.parties import Party, a_party

RACES = int(os.environ.get("REMELT_RACES", "25"))
RULES = Ascending(start_fen_per_t=1_400_000, step_fen_per_t=5_000)


@dataclass
class Race:
    """Sellers and buyers, and an engine for each of two processes on one database."""

    store: Store
    clock: SimulatedClock
    seller: Party
    buyers: list[Party]
    engines: list[Engine]

    def open(self, *, closes_in: timedelta = timedelta(hours=1)) -> Auction:
        with self.store.write() as session:
            draft = a_draft(price=RULES, closes_at=self.clock.now() + closes_in)
            listing = publish_lot(session, clock=self.clock, seller=self.seller, draft=draft)
            return auction_of(session, listing)

    def offer(self, auction: Auction, buyer: int, fen: int, limit: int | None = None) -> Offer:
        who = self.buyers[buyer]
        return Offer(
            auction_id=auction.key, bidder_id=who.organisation.key, person_id=who.person.key,
            deliver_to_site_id=who.site.key, price_fen_per_t=fen, limit_fen_per_t=limit,
        )  # fmt: skip

    def place(self, offer: Offer, *, process: int) -> Answer:
        """As a request does: a plain read first, then the engine of its process."""
        with self.store.read() as session:
            auction = session.get_one(Auction, offer.auction_id)
            [plain] = plain_answers(session, [Seen(auction, offer, self.clock.now())])
        assert not isinstance(plain, Exception)
        return plain or self.engines[process].place(offer)


@pytest.fixture
def race(store: Store, clock: SimulatedClock, database_url: str):
    with store.write() as session:
        seller = a_party(session, clock=clock, role="collector")
        buyers = [a_party(session, clock=clock, role="smelter") for _ in range(4)]
    second = new_store(database_url, clock=clock)
    engines = [Engine(store, clock=clock), Engine(second, clock=clock)]
    yield Race(store, clock, seller, buyers, engines)
    second.close()


def oracle_of(auction: Auction, seller: Party) -> Oracle:
    return Oracle(
        seller=seller.organisation.key, start=RULES.start_fen_per_t, step=RULES.step_fen_per_t,
        closes=auction.closes_at, hard_close=auction.hard_close_at,
        extension=timedelta(seconds=RULES.extension_s),
    )  # fmt: skip


def test_a_history_of_two_processes_is_linearizable(race):
    auction, diary = race.open(), Diary()

    def bid_all(number: int) -> None:
        dice = random.Random(number)
        price = 1_400_000
        for _ in range(15):
            price += 5_000 * dice.randrange(3)
            limit = price + 5_000 * dice.randrange(1, 9) if dice.random() < 0.3 else None
            offer = race.offer(auction, number % 4, price, limit)
            said = diary.live(offer, lambda each: race.place(each, process=number % 2))
            price = max(price, said.least_fen_per_t or said.price_fen_per_t)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(bid_all, range(8)))
    with race.store.read() as session:
        rows = session.exec(select(Bid).order_by(col(Bid.seq))).all()
        record = [line_of(row) for row in rows]
    assert len(diary.ops) == 120
    assert faults(diary.ops, record, oracle=oracle_of(auction, race.seller)) == []
    for spoil in (lost_update, late_answer, vanished, twice, out_of_turn):
        ops, bent = spoil(diary.ops, record)
        assert faults(ops, bent, oracle=oracle_of(auction, race.seller)), spoil.__name__


def lost_update(ops: list[Op], record: list[Line]) -> tuple[list[Op], list[Line]]:
    """Two read the same price, and both were told that they lead at it."""
    first = next(line for line in record if not line.reason and not line.automatic)
    victim = next(line for line in record if line.seq > first.seq and not line.automatic)
    bent = replace(victim, price=first.price, offered=first.price, limit=None, reason="")
    told = [
        replace(op, price=bent.price, limit=None, reason="", stands=bent.price)
        if op.seq == victim.seq
        else op
        for op in ops
    ]
    return told, [bent if line is victim else line for line in record]


def late_answer(ops: list[Op], record: list[Line]) -> tuple[list[Op], list[Line]]:
    """The clock was read before the lock: a bid was taken after the end."""
    last = max((line for line in record if not line.automatic), key=lambda line: line.seq)
    late = replace(last, at=last.at + timedelta(hours=2), reason="")
    return ops, [late if line is last else line for line in record]


def vanished(ops: list[Op], record: list[Line]) -> tuple[list[Op], list[Line]]:
    """An answer was given before its commit, and the commit never came."""
    return ops, record[:-1]


def twice(ops: list[Op], record: list[Line]) -> tuple[list[Op], list[Line]]:
    """An offer was decided twice."""
    last = record[-1]
    return ops, [*record, replace(last, seq=last.seq + 1, automatic=False, reason="")]


def out_of_turn(ops: list[Op], record: list[Line]) -> tuple[list[Op], list[Line]]:
    """An offer was decided before one that had been answered when it was handed in."""
    early = min((op for op in ops if op.seq), key=lambda op: op.seq)
    late = max(op.ended for op in ops) + 1
    return [replace(op, began=late, ended=late + 1) if op is early else op for op in ops], record


class Careless:
    """An auction that reads, then decides: what foundations forbid, with the race made certain."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle, self.record, self.meet = oracle, [], threading.Barrier(2)
        self.lock = threading.Lock()

    def place(self, offer: Offer) -> Answer:
        best = self.oracle.best
        self.meet.wait(5)
        least = self.oracle.start if best is None else best + self.oracle.step
        reason = "" if offer.price_fen_per_t >= least else "bid-too-low"
        with self.lock:
            if not reason:
                self.oracle.best = offer.price_fen_per_t
            seq = len(self.record) + 1
            self.record.append(
                Line(
                    seq=seq, bidder=offer.bidder_id, price=offer.price_fen_per_t,
                    offered=offer.price_fen_per_t, limit=None, reason=reason, automatic=False,
                    at=NOON,
                )
            )  # fmt: skip
        return Answer(
            seq=seq, verdict="rejected" if reason else "accepted", reason=reason,
            price_fen_per_t=offer.price_fen_per_t, least_fen_per_t=None, placed_at=NOON,
            closes_at=NOON,
        )  # fmt: skip


def test_the_checker_catches_a_real_race():
    rules = Oracle(
        seller=1, start=100, step=5, closes=NOON + timedelta(hours=1),
        hard_close=NOON + timedelta(hours=2), extension=timedelta(seconds=120),
    )  # fmt: skip
    careless, diary = Careless(replace(rules)), Diary()
    offers = [
        Offer(auction_id=1, bidder_id=who, person_id=1, deliver_to_site_id=1, price_fen_per_t=100)
        for who in (2, 3)
    ]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda offer: diary.live(offer, careless.place), offers))
    assert faults(diary.ops, careless.record, oracle=rules)


def reopened(race: Race, auction: Auction) -> None:
    """Let the same auction run again from now, with nothing offered: bids stay, nothing else."""
    with race.store.write() as session:
        row = session.get_one(Auction, auction.key)
        now = race.clock.now()
        row.sqlmodel_update(
            {
                "closed_at": None, "leading_fen_per_t": None, "leading_bid_id": None,
                "limit_fen_per_t": None, "hard_close_at": now + timedelta(minutes=30),
                "closes_at": now + timedelta(minutes=5),
                "first_closes_at": now + timedelta(minutes=5),
            }
        )  # fmt: skip
        listing = session.get_one(Listing, row.listing_id)
        listing.released_at = None


def test_a_bid_against_two_closers_is_in_or_late_and_one_of_them_closes(race):
    """`REMELT_RACES=1000` runs the long form, as `make races` does."""
    with race.store.write() as session:
        draft = a_draft(
            price=replace(RULES, extension_s=0, auto_award=False),
            closes_at=race.clock.now() + timedelta(minutes=5),
        )
        listing = publish_lot(session, clock=race.clock, seller=race.seller, draft=draft)
        auction = auction_of(session, listing)
    offer = race.offer(auction, 0, 1_400_000)

    def close(_: int) -> bool:
        race.clock.advance(microseconds=1)
        with race.store.write() as session:
            return awarding.close(session, clock=race.clock, listing_code=listing.code)

    outcomes = []
    with ThreadPoolExecutor(3) as pool:
        for turn in range(RACES):
            reopened(race, auction)
            race.clock.set(race.clock.now() + timedelta(minutes=5, microseconds=-1))
            closers = [pool.submit(close, number) for number in range(2)]
            bid = pool.submit(race.engines[turn % 2].place, offer)
            closed = [each.result() for each in closers]
            said = bid.result()
            with race.store.read() as session:
                after = session.get_one(Auction, auction.key)
                assert closed.count(True) == 1
                assert (after.leading_fen_per_t is not None) == (said.reason == "")
                assert said.reason in {"", "bidding-over"}
                assert said.reason != "" or said.placed_at < after.closes_at
            outcomes.append(said.reason)
    with race.store.read() as session:
        told = outbox.after(session, limit=10 * RACES, names=["bidding-closed"])
        numbers = session.exec(select(Bid.seq).order_by(col(Bid.seq))).all()
    assert [row.body["sold"] for row in told] == [reason == "" for reason in outcomes]
    assert list(numbers) == list(range(1, RACES + 1))
