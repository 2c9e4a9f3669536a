"""The bid engine on real databases: what is answered stands, once, and in one order."""

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlmodel import col, select, text

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.idempotency import KeyReused
from remelt.platform.kernel.store import Store
from remelt.platform.market import awarding
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bids import batch, record
from remelt.platform.market.bids.engine import Engine
from remelt.platform.market.bids.entrance import Handed, Seen, plain_answers, receive
from remelt.platform.market.bids.offers import Answer, Offer
from remelt.platform.market.drafts import Ascending
from remelt.platform.market.errors import (
    LimitUnderPrice,
    NoSuchListing,
    NotAtFixedPrice,
    PriceOutOfBounds,
)
from remelt.platform.market.limits import set_limit
from remelt.platform.market.models import Contract, Listing
from remelt.platform.parties.errors import NoSuchSite
from tests.counting import Counting
from tests.market import FIXED, a_draft, auction_of, publish_lot
from tests.oracle import Oracle
from tests.parties import Party, a_party

RULES = Ascending(start_fen_per_t=1_400_000, step_fen_per_t=5_000)


@dataclass
class Hall:
    """An auction with bidders before the engine of a process."""

    store: Store
    clock: SimulatedClock
    seller: Party
    buyers: list[Party]
    listing: Listing
    engine: Engine

    @property
    def auction(self) -> Auction:
        with self.store.read() as session:
            return auction_of(session, self.listing)

    def offer(
        self, buyer: Party | int, yuan: int, *, limit: int | None = None, key: str = ""
    ) -> Offer:
        who = buyer if isinstance(buyer, Party) else self.buyers[buyer]
        return Offer(
            auction_id=self.auction.key,
            bidder_id=who.organisation.key,
            person_id=who.person.key,
            deliver_to_site_id=who.site.key,
            price_fen_per_t=yuan * 100,
            limit_fen_per_t=None if limit is None else limit * 100,
            key=key,
        )

    def seen(self, offer: Offer) -> Seen:
        return Seen(self.auction, offer, self.clock.now())

    def place(self, *args, **kwargs) -> Answer:
        return self.engine.place(self.offer(*args, **kwargs))

    def record(self) -> list[Bid]:
        with self.store.read() as session:
            return list(session.exec(select(Bid).order_by(col(Bid.seq))))

    def told(self, *names: str) -> list[dict]:
        with self.store.read() as session:
            return [row.body for row in outbox.after(session, limit=1000, names=names)]


@pytest.fixture
def hall(store: Store, clock: SimulatedClock) -> Hall:
    with store.write() as session:
        seller = a_party(session, clock=clock, role="collector")
        buyers = [a_party(session, clock=clock, role="smelter") for _ in range(3)]
        draft = a_draft(price=RULES, closes_at=clock.now() + timedelta(hours=1))
        listing = publish_lot(session, clock=clock, seller=seller, draft=draft)
    return Hall(store, clock, seller, buyers, listing, Engine(store, clock=clock))


def at_once(work, count: int) -> list:
    start = threading.Barrier(count)

    def run(number: int):
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_the_same_offer_fifty_times_is_one_line_with_one_answer(hall):
    offer = hall.offer(0, 14_000, key="mine")
    said = at_once(lambda _: hall.engine.place(offer), 50)
    assert {replace(each, replayed=False) for each in said} == {replace(said[0], replayed=False)}
    assert [each.replayed for each in said].count(False) == 1
    assert len(hall.record()) == 1
    assert len(hall.told("bid-placed")) == 1
    hall.place(1, 15_000)
    assert hall.engine.place(offer).seq == 1
    with hall.store.read() as session:
        [again] = plain_answers(session, [hall.seen(offer)])
    assert again is not None
    assert (again.seq, again.verdict, again.replayed) == (1, "accepted", True)


@pytest.mark.parametrize("changes", [{"yuan": 14_100}, {"limit": 14_500}], ids=["price", "limit"])
def test_a_key_names_one_offer_of_one_person(hall, changes):
    hall.place(0, 14_000, key="mine")
    other = hall.offer(0, **({"yuan": 14_000} | changes), key="mine")
    with pytest.raises(KeyReused):
        hall.engine.place(other)
    low = replace(hall.offer(0, 13_000, key="mine"))
    with hall.store.read() as session:
        [said] = plain_answers(session, [hall.seen(low)])
    assert isinstance(said, KeyReused)
    assert hall.place(1, 14_100, key="mine").seq == 2
    assert len(hall.record()) == 2


def test_two_offers_under_one_key_in_one_batch_are_told_apart(hall):
    offers = [hall.offer(0, yuan, key="mine") for yuan in (14_000, 14_100)] * 8

    def place(number: int) -> str:
        try:
            return str(hall.engine.place(offers[number]).price_fen_per_t)
        except KeyReused:
            return "reused"

    said = at_once(place, 16)
    assert (
        sorted(said) == ["1400000"] * 8 + ["reused"] * 8
        or sorted(said) == ["1410000"] * 8 + ["reused"] * 8
    )
    assert len(hall.record()) == 1


def test_offers_of_many_threads_are_kept_in_one_order_that_the_oracle_agrees_with(hall):
    def bid(number: int) -> list[Answer]:
        return [
            hall.place(
                (number + turn) % 3, 14_000 + 10 * turn + number,
                limit=14_600 + turn if turn % 4 == 0 else None, key=f"{number}-{turn}",
            )
            for turn in range(12)
        ]  # fmt: skip

    before = hall.auction
    answers = [each for said in at_once(bid, 16) for each in said]
    oracle = Oracle(
        seller=hall.seller.organisation.key, start=RULES.start_fen_per_t, step=RULES.step_fen_per_t,
        closes=before.closes_at, hard_close=before.hard_close_at, extension=timedelta(seconds=120),
    )  # fmt: skip
    record = hall.record()
    for row in record:
        if not row.automatic:
            said = oracle.hear(
                bidder=row.bidder_id, price=row.offered_fen_per_t, limit=row.limit_fen_per_t,
                at=row.placed_at,
            )  # fmt: skip
            assert said == row.reason
    assert [(row.bidder_id, row.price_fen_per_t, row.reason) for row in record] == oracle.lines
    assert [row.seq for row in record] == list(range(1, len(record) + 1))
    own = {row.seq: row for row in record if not row.automatic}
    assert len(own) == len(answers) == 16 * 12
    for each in answers:
        assert each == Answer.of(own[each.seq])
    after = hall.auction
    leader = next(row.bidder_id for row in record if row.id == after.leading_bid_id)
    assert (after.leading_fen_per_t, leader, after.bid_count) == (
        oracle.best, oracle.winner, len(oracle.accepted),
    )  # fmt: skip
    assert after.limit_fen_per_t == oracle.top
    told = hall.told("bid-placed")
    assert [each["seq"] for each in told] == [row.seq for row in record if not row.reason]


def test_the_house_answers_by_the_hand_of_the_leader_and_the_close_sells_to_it(hall):
    hall.place(0, 14_000, limit=15_000)
    assert hall.place(1, 14_500).verdict == "accepted"
    assert hall.auction.leading_fen_per_t == 1_455_000
    line = hall.record()[-1]
    leader = hall.buyers[0]
    assert (line.automatic, line.bidder_id) == (True, leader.organisation.key)
    assert (line.person_id, line.deliver_to_site_id) == (leader.person.key, leader.site.key)
    hall.clock.set(hall.auction.closes_at)
    with hall.store.write() as session:
        assert awarding.close_due(session, clock=hall.clock) == 1
        sold = session.exec(select(Contract)).one()
    assert (sold.buyer_id, sold.price_fen_per_t) == (leader.organisation.key, 1_455_000)
    assert sold.deliver_to_site_id == leader.site.key


def test_who_comes_while_the_auction_is_locked_joins_the_batch_unless_under_a_limit(hall):
    with hall.store.write() as session:
        set_limit(
            session, clock=hall.clock, organisation_id=hall.buyers[2].organisation.key,
            limit_fen=10**15, reason="review", person_id=hall.seller.person.key,
        )  # fmt: skip
    first, second, limited = (hall.offer(n, 14_000 + 50 * n, key=str(n)) for n in range(3))

    def hear(
        offers: list[Offer], came: list[Offer], *, likely: Collection[int] = ()
    ) -> list[str | None]:
        with hall.store.write() as session:
            said = batch.hear(
                session, clock=hall.clock, auction_id=first.auction_id, offers=offers,
                more=lambda: came, likely=likely,
            )  # fmt: skip
        return [each and each.verdict for each in said]

    assert hear([first], [limited], likely=[limited.bidder_id]) == ["accepted", None]
    assert hear([first], [limited, second]) == ["accepted", None, "accepted"]
    assert hear([limited], [first]) == ["accepted", "accepted"]
    assert [row.bidder_id for row in hall.record()] == [
        hall.buyers[n].organisation.key for n in range(3)
    ]
    said = at_once(
        lambda number: hall.place(number % 3, 15_000 + 100 * number, key=f"x{number}"), 30
    )
    assert len({each.seq for each in said}) == 30
    assert len(hall.record()) == 33


def test_who_was_expected_is_not_asked_about_under_the_lock(hall):
    def under_the_lock(price: int, *, expected: bool) -> int:
        """How many statements come between the lock and the end."""
        first, second = (hall.offer(n, price + 50 * n) for n in range(2))
        marks = []

        def more() -> list[Offer]:
            marks.append(count.statements)
            return [second]

        with Counting(hall.store) as count, hall.store.write() as session:
            said = batch.hear(
                session, clock=hall.clock, auction_id=first.auction_id, offers=[first],
                more=more, likely=[second.bidder_id] if expected else (),
            )  # fmt: skip
            marks.append(count.statements)
        assert [each and each.verdict for each in said] == ["accepted", "accepted"]
        return marks[1] - marks[0]

    assert under_the_lock(14_000, expected=True) == under_the_lock(15_000, expected=False) - 1


def test_one_of_many_buys_at_a_fixed_price(hall):
    with hall.store.write() as session:
        hall.listing = publish_lot(
            session, clock=hall.clock, seller=hall.seller, draft=a_draft(price=FIXED)
        )
    said = at_once(lambda number: hall.place(number % 3, 14_500).reason, 12)
    assert sorted(said) == ["", *["already-sold"] * 11]
    with hall.store.read() as session:
        assert session.exec(select(Contract)).one().price_fen_per_t == FIXED.price_fen_per_t
    assert len(hall.told("lot-awarded")) == 1


def test_an_offer_that_breaks_its_batch_spoils_no_other(hall):
    def place(number: int) -> str:
        offer = hall.offer(number % 3, 14_000 + number * 100)
        if number == 5:
            offer = replace(offer, deliver_to_site_id=1)
        try:
            return hall.engine.place(offer).verdict
        except Exception as reason:  # noqa: BLE001 - what it is differs by database
            return type(reason).__name__

    said = at_once(place, 12)
    assert said.count("IntegrityError") == 1
    assert len(hall.record()) == 11
    with pytest.raises(NoSuchListing):
        hall.engine.place(replace(hall.offer(0, 20_000), auction_id=1))
    assert hall.place(0, 20_000).verdict == "accepted"


@pytest.mark.parametrize(
    ("yuan", "limit", "buyer", "reason"),
    [
        (14_099, None, 1, "bid-too-low"),
        (14_100, None, 1, None),
        (13_000, 14_100, 1, None),
        (14_099, None, 0, "bid-too-low"),
        (14_000, 14_600, 0, None),
        (20_000, None, "seller", "own-listing"),
    ],
)
def test_a_plain_read_refuses_what_no_later_moment_can_take(hall, yuan, limit, buyer, reason):
    hall.place(0, 14_050)
    offer = hall.offer(hall.seller if buyer == "seller" else buyer, yuan, limit=limit)
    with hall.store.read() as session:
        [said] = plain_answers(session, [hall.seen(offer)])
    assert (said and said.reason) == reason
    if reason is not None:
        assert said.seq is None
        assert hall.engine.place(offer).reason == reason


def test_offers_that_come_together_are_told_apart_by_one_reading(hall):
    who, stranger = hall.buyers[0], hall.buyers[1]
    good = Handed(
        listing=hall.listing.code, deliver_to=who.site.code, bidder_id=who.organisation.key,
        person_id=who.person.key, price_fen_per_t=1_400_000, key="good",
    )  # fmt: skip
    hall.place(1, 14_000, key="mine")
    first = hall.offer(1, 13_000, key="mine")
    handed = [
        replace(good, price_fen_per_t=1_405_000),
        good,
        replace(good, listing="nowhere"),
        replace(good, listing="no\0where"),
        replace(good, buying=True),
        replace(good, deliver_to=stranger.site.code),
        replace(good, price_fen_per_t=0),
        replace(good, limit_fen_per_t=1),
        Handed(
            listing=hall.listing.code, deliver_to=stranger.site.code, key="mine",
            bidder_id=first.bidder_id, person_id=first.person_id, price_fen_per_t=1_300_000,
        ),
    ]  # fmt: skip
    with Counting(hall.store) as count, hall.store.read() as session:
        said = receive(session, handed, clock=hall.clock)
    offer, low, *refused = said
    assert offer == hall.offer(0, 14_050, key="good")
    assert isinstance(low, Answer)
    assert (low.seq, low.reason, low.least_fen_per_t) == (None, "bid-too-low", 1_405_000)
    assert [type(each) for each in refused] == [
        NoSuchListing, NoSuchListing, NotAtFixedPrice, NoSuchSite, PriceOutOfBounds,
        LimitUnderPrice, KeyReused,
    ]  # fmt: skip
    assert len([each for each, _ in count.asked if "SELECT" in each]) == 2


def test_a_plain_read_leaves_the_end_to_who_decides(hall):
    hall.clock.set(hall.auction.closes_at)
    with hall.store.read() as session:
        assert plain_answers(session, [hall.seen(hall.offer(0, 1))]) == [None]
    assert hall.place(0, 20_000).reason == "bidding-over"
    with hall.store.write() as session:
        awarding.close_due(session, clock=hall.clock)
    with hall.store.read() as session:
        [said] = plain_answers(session, [hall.seen(hall.offer(0, 20_000))])
    assert said is not None
    assert said.reason == "bidding-over"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_batches_of_several_processes_stand_in_line_for_a_turn(hall):
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    with hall.store.write() as session:
        record.lock(session, auction_id=hall.auction.key)
        assert session.connection().scalar(held) == 1
    with hall.store.read() as session:
        assert session.connection().scalar(held) == 0
