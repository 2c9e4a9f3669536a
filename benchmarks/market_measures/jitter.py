"""How long after its end an auction is closed, while another one is bid on as fast as it goes."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from frame import Row
from market_measures.auctions import Hot, crowd, hall
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.store import Store
from remelt.platform.market import awarding
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.bids.engine import Engine
from remelt.platform.market.bids.offers import Offer
from remelt.web.wiring import new_store

CLIENTS, QUICK, FULL, APART_S = 64, 20, 100, 0.05


def close_jitter(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Auctions that end one after another beside a hot one, closed by who looks every 10 ms."""
    count = QUICK if quick else FULL
    for database in ("sqlite", "postgresql"):
        with hall(database, clock=SystemClock()) as opened:
            hot, ending = opened(), [opened() for _ in range(count)]
            late_ms = sorted(_late_ms(hot, ending))
        yield Row(
            what=f"close under load, {database}",
            ours=late_ms[-1 - len(late_ms) // 100],
            unit="ms late, p99",
            reach="never early",
            met=late_ms[0] >= 0,
            note=f"p50 {late_ms[len(late_ms) // 2]:.0f} ms, most {late_ms[-1]:.0f} ms, {count}"
            f" auctions, {CLIENTS} clients on another; the server itself looks every 10 s",
        )


def _late_ms(hot: Hot, ending: list[Hot]) -> list[float]:
    clock = SystemClock()
    store = new_store(hot.url, clock=clock)
    engine = Engine(store, clock=clock)

    def place(offer: Offer) -> int:
        answer = engine.place(offer)
        return answer.least_fen_per_t or answer.price_fen_per_t + 1

    first = datetime.now(UTC) + timedelta(seconds=0.5)
    with store.write() as session:
        ends = {
            sale.auction_id: first + timedelta(seconds=APART_S * number)
            for number, sale in enumerate(ending)
        }
        for key, at in ends.items():
            _end(session, key, at=at)
    seconds = 1 + APART_S * len(ending)
    with ThreadPoolExecutor(1) as pool:
        crowded = pool.submit(crowd, place, hot, clients=range(CLIENTS), seconds=seconds)
        _close(store, clock=clock, count=len(ends), at_most_s=seconds + 30)
        crowded.result()
    with store.read() as session:
        closed = session.exec(
            select(Auction.id, Auction.closed_at).where(col(Auction.id).in_(list(ends)))
        ).all()
    store.close()
    return [1000 * (at - ends[key]).total_seconds() for key, at in closed if key and at]


def _close(store: Store, *, clock: SystemClock, count: int, at_most_s: float) -> None:
    ends, closed = time.monotonic() + at_most_s, 0
    while closed < count and time.monotonic() < ends:
        with store.write() as session:
            closed += awarding.close_due(session, clock=clock)
        time.sleep(0.01)
    if closed < count:
        raise RuntimeError(f"{closed} of {count} auctions were closed")


def _end(session: Session, auction_id: int, *, at: datetime) -> None:
    row = session.get_one(Auction, auction_id)
    row.sqlmodel_update(
        {"opens_at": at - timedelta(hours=1), "first_closes_at": at, "closes_at": at}
    )
