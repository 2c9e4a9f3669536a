"""Sellers who bid down are answered as the oracle answers bidders who bid up, in a mirror."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from remelt.platform.market.score import Quote, Rates, score
from remelt.platform.market.tenders.rules import Lot, decide, price_at
from tests.market import NOON
from tests.oracle import Oracle

TOP = 10**9
STEP = 50


@dataclass
class Room:
    """A reverse auction of organisation 1 that stands open for an hour."""

    owner_id: int = 1
    step_fen_per_t: int = STEP
    opens_at: datetime = NOON
    closes_at: datetime = NOON + timedelta(hours=1)
    hard_close_at: datetime = NOON + timedelta(hours=1, minutes=30)
    extension_s: int = 120
    bid_seq: int = 0
    bid_count: int = 0
    leader: Lot | None = None

    def hear(self, lot: Lot, *, now: datetime) -> list[tuple[int, int, str]]:
        """Answer an offer and stand as it leaves it; return who stands at what."""
        found = decide(self, lot, leader=self.leader, now=now)
        self.closes_at, self.bid_seq, self.bid_count = found.closes_at, found.seq, found.count
        led = found.leader
        if led is not None:
            floor = min(led.lot.floor_fen_per_t, led.price_fen_per_t)
            self.leader = replace(
                led.lot, price_fen_per_t=led.price_fen_per_t, floor_fen_per_t=floor
            )
        return [(each.lot.seller_id, each.price_fen_per_t, each.reason) for each in found.lines]


def a_lot(seller: int, price: int, floor: int, cost=lambda price: price) -> Lot:
    return Lot(
        listing_id=seller, seller_id=seller, price_fen_per_t=price, floor_fen_per_t=floor, cost=cost
    )


OFFERS = some.lists(
    some.tuples(
        some.integers(2, 5), some.integers(900, 2_000), some.integers(0, 400),
        some.integers(0, 40),
    ),
    max_size=25,
)  # fmt: skip


@given(OFFERS)
@settings(max_examples=150, deadline=None)
def test_every_history_is_the_oracles_upside_down(offers):
    room = Room()
    oracle = Oracle(
        seller=1, start=1, step=STEP, closes=room.closes_at, hard_close=room.hard_close_at,
        extension=timedelta(seconds=room.extension_s),
    )  # fmt: skip
    lines, now = [], NOON + timedelta(minutes=45)
    for seller, price, below, later in offers:
        now += timedelta(seconds=later)
        if now >= room.closes_at:
            break
        floor = max(price - below, 1)
        lines += room.hear(a_lot(seller, price, floor), now=now)
        oracle.hear(bidder=seller, price=TOP - price, limit=TOP - floor, at=now)
    told = [(who, TOP - price, bool(said)) for who, price, said in oracle.lines]
    assert [(who, price, bool(said)) for who, price, said in lines] == told
    assert room.closes_at == oracle.closes


def a_cost(vat_bp: int, road_m: int, recovery_bp: int):
    rates = Rates(
        side="purchase", freight_fen_per_tkm=50, co2e_g_per_tkm=100, carbon_fen_per_t=6_000
    )
    return lambda price: (
        score(
            Quote(
                price_fen_per_t=price, tax_included=True, vat_rate_bp=vat_bp, road_m=road_m,
                recovery_bp=recovery_bp,
            ),
            rates=rates,
        ).recovered_fen_per_t
    )  # fmt: skip


@given(some.data(), some.sampled_from([0, 100, 1_300]), some.integers(100, 10_000))
@settings(max_examples=150, deadline=None)
def test_the_price_of_a_cost_is_the_highest_that_costs_no_more(data, vat_bp, recovery_bp):
    cost = a_cost(vat_bp, data.draw(some.integers(0, 10**6)), recovery_bp)
    floor = data.draw(some.integers(1, 10**6))
    lot = a_lot(2, floor + data.draw(some.integers(0, 10**5)), floor, cost)
    wanted = data.draw(some.integers(cost(floor), cost(lot.price_fen_per_t) + 5))
    found = price_at(lot, wanted)
    assert floor <= found <= lot.price_fen_per_t
    assert cost(found) <= wanted
    if found < lot.price_fen_per_t and cost(floor) != wanted:
        assert cost(found + 1) > wanted


@given(OFFERS)
@settings(max_examples=60, deadline=None)
def test_whatever_the_ways_cost_each_new_leader_is_better_by_the_step(offers):
    room, costs, best = Room(), {n: a_cost(1_300, n * 90_000, 9_200) for n in range(2, 6)}, None
    for seller, price, below, _later in offers:
        lot = a_lot(seller, 100 * price, 100 * (price - below) or 1, costs[seller])
        before = room.leader
        lines = room.hear(lot, now=NOON)
        for who, stands, said in lines:
            floor = lot.floor_fen_per_t if who == seller else before.floor_fen_per_t
            assert said or stands >= min(floor, before.floor_fen_per_t if before else floor)
        now = room.leader.cost(room.leader.price_fen_per_t)
        if before is not None and room.leader.seller_id != before.seller_id:
            assert now <= best - STEP
        assert best is None or now <= best
        best = now
