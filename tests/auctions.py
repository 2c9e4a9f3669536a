"""Auctions of every kind for tests: a seller, buyers, and the shortest way to do each thing."""

import itertools

from sqlmodel import select

from remelt.platform.market import descending
from remelt.platform.market.kinds import PLAIN, Sealed
from remelt.platform.market.models import Contract
from remelt.platform.market.offerings import offering
from remelt.platform.market.sealing.boxes import Envelope, make_seal, put_in
from remelt.platform.market.sealing.halves import HalfFolder
from remelt.platform.market.sealing.opening import open_bids
from remelt.platform.market.state import state_of
from tests.market import a_draft, bid, publish_lot
from tests.parties import a_party

_keys = itertools.count()


class AuctionWorld:
    """A seller and three buyers; `publish` offers a lot, and the rest is done to that one."""

    def __init__(self, store, clock, folder):
        self.store, self.clock = store, clock
        self.folder = HalfFolder(folder)
        with store.write() as session:
            self.seller = a_party(session, clock=clock, role="collector")
            self.buyers = [a_party(session, clock=clock, role="smelter") for _ in range(3)]
        self.code = self.lot = self.half = ""

    def publish(self, price, *, conditions=PLAIN, **changes) -> str:
        draft = a_draft(price=price, conditions=conditions, **changes)
        with self.store.write() as session:
            made = publish_lot(session, clock=self.clock, seller=self.seller, draft=draft)
        self.code, self.lot = made.code, made.lot_code
        return made.code

    def sealed(self, *, holder=None, conditions=PLAIN, **changes) -> str:
        code = (holder or self.seller).organisation.code
        price = Sealed(start_fen_per_t=1_400_000, holder=code, **changes)
        return self.publish(price, conditions=conditions)

    def seal(self, holder=None):
        with self.store.write() as session:
            key = make_seal(
                session, clock=self.clock, listing_code=self.code, folder=self.folder,
                holder_id=(holder or self.seller).organisation.key,
                person_id=(holder or self.seller).person.key,
            )  # fmt: skip
        self.half = key.given
        return key

    def send(self, buyer, yuan, *, key=None):
        with self.store.write() as session:
            return put_in(
                session, clock=self.clock, listing_code=self.code,
                bidder_id=buyer.organisation.key, person_id=buyer.person.key,
                envelope=Envelope(
                    price_fen_per_t=yuan * 100, deliver_to_site_id=buyer.site.key,
                    client_key=key or f"a-long-and-random-key-{next(_keys)}",
                ),
            )  # fmt: skip

    def open(self, *, half=None, holder=None):
        with self.store.write() as session:
            return open_bids(
                session, clock=self.clock, listing_code=self.code, folder=self.folder,
                holder_id=(holder or self.seller).organisation.key,
                half=self.half if half is None else half,
            )  # fmt: skip

    def offer(self, buyer, yuan):
        with self.store.write() as session:
            return descending.offer(
                session, clock=self.clock, listing_code=self.code,
                bidder_id=buyer.organisation.key, person_id=buyer.person.key,
                deliver_to_site_id=buyer.site.key, price_fen_per_t=yuan * 100,
            )  # fmt: skip

    def bid(self, buyer, yuan, *, code=None):
        with self.store.write() as session:
            listing = offering(session, code=code or self.code).listing
            return bid(session, clock=self.clock, listing=listing, buyer=buyer, yuan_per_t=yuan)

    def state(self):
        with self.store.read() as session:
            auction = offering(session, code=self.code).auction
            return state_of(auction, now=self.clock.now(session))

    def contract(self):
        with self.store.read() as session:
            return session.exec(select(Contract)).one_or_none()
