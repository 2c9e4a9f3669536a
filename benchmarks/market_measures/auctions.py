"""An auction for benchmarks: a lot with bidders on a fresh database, and clients that bid on it."""

import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import databases
from sqlalchemy import create_engine
from sqlmodel import Session

from remelt.platform.catalogue import loading
from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.store import Store
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bids.engine import Engine
from remelt.platform.market.bids.offers import Offer
from remelt.platform.market.drafts import Ascending
from remelt.platform.parties import tokens
from remelt.web.wiring import new_store

sys.path.append(str(Path(__file__).parents[2]))  # the factories of the tests

from tests.market import a_draft, auction_of, publish_lot
from tests.parties import Party, a_party

START, STEP = 100, 1
BIDDERS = 8


@dataclass(frozen=True, slots=True)
class Hot:
    """One auction that everybody bids on: its address, id and code, and who bids.

    buyers: organisation, person and place of delivery; sites and tokens: the same as programs say.
    """

    url: str
    auction_id: int
    listing: str
    buyers: tuple[tuple[int, int, int], ...]
    sites: tuple[str, ...]
    tokens: tuple[str, ...]

    def offer(self, client: int, *, price: int, key: str) -> Offer:
        """Return an offer of a client."""
        bidder, person, site = self.buyers[client % len(self.buyers)]
        return Offer(
            auction_id=self.auction_id, bidder_id=bidder, person_id=person,
            deliver_to_site_id=site, price_fen_per_t=price, key=key,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a crowd lived: each answer's seconds, how many were accepted, CPU of the clients."""

    waits_s: list[float]
    accepted: int
    wall_s: float
    cpu_s: float

    @property
    def a_second(self) -> float:
        """Decisions a second."""
        return len(self.waits_s) / self.wall_s

    def percentile_ms(self, percent: int) -> float:
        """Return a percentile of the waits in milliseconds."""
        ordered = sorted(self.waits_s)
        return 1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


@contextmanager
def hall(database: str, *, clock: SystemClock) -> Iterator[Callable[[], Hot]]:
    """Open a fresh database with bidders; give what opens an auction that takes bids at once."""
    with getattr(databases, database)(clock) as store:
        with store.write() as session:
            loading.load_package_data(session)
        yield opened_on(store, clock=clock)


def opened_on(store: Store, *, clock: SystemClock) -> Callable[[], Hot]:
    """Register bidders; return what opens an auction that takes bids at once."""
    with store.write() as session:
        seller = a_party(session, clock=clock, role="collector")
        buyers = [a_party(session, clock=clock, role="smelter") for _ in range(BIDDERS)]
        texts = [_token(session, each, clock=clock) for each in buyers]
    url = store.engine.url.render_as_string(hide_password=False)

    def opened() -> Hot:
        auction_id, code = _auction(store, clock=clock, seller=seller)
        hands = tuple(map(_hand, buyers))
        sites = tuple(each.site.code for each in buyers)
        return Hot(url, auction_id, code, hands, sites, tuple(texts))

    return opened


def _token(session: Session, who: Party, *, clock: SystemClock) -> str:
    _row, text = tokens.issue_token(
        session, clock=clock, actor=who.actor, name="bench", scopes=("market.bid",), days=30
    )
    return text


def _auction(store: Store, *, clock: SystemClock, seller: Party) -> tuple[int, str]:
    with store.write() as session:
        draft = a_draft(
            price=Ascending(start_fen_per_t=START, step_fen_per_t=STEP),
            closes_at=clock.now(session) + timedelta(hours=6),
        )
        listing = publish_lot(session, clock=clock, seller=seller, draft=draft)
    with store.read() as session:
        return auction_of(session, listing).key, listing.code


def crowd(place: Callable[[Offer], int], sale: Hot, *, clients: range, seconds: float) -> Told:
    """Let clients bid as fast as they are answered, each from what it was last told on."""
    ends = time.perf_counter() + seconds

    def bid(client: int) -> tuple[list[float], int]:
        dice, least, waits, taken = random.Random(client), START, [], 0
        while (began := time.perf_counter()) < ends:
            price = least + dice.randrange(len(clients))
            least = place(sale.offer(client, price=price, key=f"{client}-{len(waits)}"))
            waits.append(time.perf_counter() - began)
            taken += least == price + STEP
        return waits, taken

    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(len(clients)) as pool:
        lived = list(pool.map(bid, clients))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    waits = [wait for each, _ in lived for wait in each]
    return Told(waits, sum(taken for _, taken in lived), wall, cpu)


def by_engine(sale: Hot, clients: range, seconds: float) -> Told:
    """Bid through the engine of a process of its own."""
    clock = SystemClock()
    store = new_store(sale.url, clock=clock)
    engine = Engine(store, clock=clock)

    def place(offer: Offer) -> int:
        answer = engine.place(offer)
        return answer.least_fen_per_t or answer.price_fen_per_t + STEP

    try:
        return crowd(place, sale, clients=clients, seconds=seconds)
    finally:
        store.close()


def by_peer(sale: Hot, clients: range, seconds: float) -> Told:
    """Bid by one transaction each, as the baseline does."""
    from baselines.bid_for_update import place as plain  # noqa: PLC0415 - beside this folder

    plainly = create_engine(sale.url, pool_size=len(clients))
    auction, bid = Auction.__table__, Bid.__table__  # type: ignore[attr-defined]

    def place(offer: Offer) -> int:
        facts = {
            "auction_id": offer.auction_id, "bidder_id": offer.bidder_id,
            "person_id": offer.person_id, "deliver_to_site_id": offer.deliver_to_site_id,
            "price_fen_per_t": offer.price_fen_per_t, "automatic": False,
        }  # fmt: skip
        return plain(plainly, auction, bid, offer=facts)

    try:
        return crowd(place, sale, clients=clients, seconds=seconds)
    finally:
        plainly.dispose()


def processes(work: Callable[[Hot, range, float], Told], sale: Hot, *, count: int, clients: int,
              seconds: float) -> Told:  # fmt: skip
    """Share the clients out over processes and gather what they lived; one alone is this one."""
    if count == 1:
        return work(sale, range(clients), seconds)
    share = clients // count
    parts = [range(n * share, (n + 1) * share) for n in range(count)]
    with get_context("spawn").Pool(count) as pool:
        told = pool.starmap(work, [(sale, part, seconds) for part in parts])
    return Told(
        [wait for each in told for wait in each.waits_s],
        sum(each.accepted for each in told),
        max(each.wall_s for each in told),
        sum(each.cpu_s for each in told),
    )


def _hand(party: Party) -> tuple[int, int, int]:
    return party.organisation.key, party.person.key, party.site.key
