"""Offers on one auction, decided together: lock, state, clock, decide, write.

The row of the auction is locked first and the clock asked after, so an offer that waited past the
close is refused. All offers of a batch are heard at the same moment, in the order they came. The
path is plain statements on tables: no row of it becomes an object of the session.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.auction_models import Bid
from remelt.platform.market.bids import record
from remelt.platform.market.bids.bidders import Ties, bidders_of, ties_of
from remelt.platform.market.bids.offers import Answer, Offer, again
from remelt.platform.market.bids.reading import standing_of, terms_of
from remelt.platform.market.bids.rules import decide
from remelt.platform.market.bids.standing import Bidder, Line, Price, Standing, Terms
from remelt.platform.market.contracting import conclude
from remelt.platform.market.errors import AlreadySold
from remelt.platform.market.events import BidPlaced
from remelt.platform.market.limits import lock_limited
from remelt.platform.market.offerings import lock_offering

MOST = 256
Said = Answer | Refusal
Hand = tuple[int, int]
"""Whose hand made an offer, and for which place of delivery: ids of a person and of a site."""


def _nobody() -> list[Offer]:
    return []


def hear(
    session: Session,
    *,
    clock: Clock,
    auction_id: int,
    offers: Sequence[Offer],
    more: Callable[[], Sequence[Offer]] = _nobody,
    likely: Collection[int] = (),
) -> list[Said | None]:
    """Answer `offers` on one auction in their order, and keep the answers.

    more: gives the offers that came while the auction was being locked; they are answered in the
    same batch, after the others. Of those, who turns out to be under a credit limit gets None: its
    group has to be locked before the auction, so the offer has to come again, among `offers`.
    likely: ids of who may be among them; what ties them is asked before the lock, not under it.
    An offer that cannot be answered, because its key named another one before, gets the refusal
    in its place. Raises `NoSuchListing` when there is no such auction.
    """
    first = {each.bidder_id for each in offers}
    ties = ties_of(session, auction_id=auction_id, ids=first.union(likely))
    lock_limited(session, ties.limited & first)
    record.lock(session, auction_id=auction_id)
    everybody = [*offers, *more()]
    strangers = {each.bidder_id for each in everybody} - ties.ids
    ties = ties.beside(ties_of(session, auction_id=auction_id, ids=strangers))
    unlocked = ties.limited - first
    heard = [each for each in everybody if each.bidder_id not in unlocked]
    said = _answers(session, heard, clock=clock, ties=ties)
    return [None if each.bidder_id in unlocked else next(said) for each in everybody]


def _answers(
    session: Session, offers: Sequence[Offer], *, clock: Clock, ties: Ties
) -> Iterator[Said]:
    """Decide offers on an auction that is locked, and write what comes of them."""
    auction_id, ids = offers[0].auction_id, {each.bidder_id for each in offers}
    keys = [each.client_bid_id for each in offers]
    named = [key for key in keys if key is not None]
    state = record.read(session, auction_id=auction_id, keys=named)
    facts = state.facts
    batch = _Batch(
        session,
        facts=facts,
        terms=terms_of(facts),
        standing=standing_of(facts, leader_id=facts.leader_id or 0),
        seq=facts.bid_seq,
        leading_seq=facts.leading_seq or 0,
        hand=(facts.leader_person_id, facts.leader_site_id),
        given=state.given,
        bidders=bidders_of(session, facts, ties=ties, ids=ids),
        now=clock.now(session, told=facts.told_at),
    )
    answers = [batch.answer(offer, key=key) for offer, key in zip(offers, keys, strict=True)]
    batch.write()
    return iter(answers)


@dataclass(slots=True)
class _Batch:
    """The offers of one transaction, as they are decided one after another.

    seq, leading_seq: numbers of the last line and of the one that leads; hand: who made that one.
    given: by their keys, the lines that were kept before or are about to be.
    """

    session: Session
    facts: Row[Any] = field(kw_only=True)
    now: datetime = field(kw_only=True)
    terms: Terms = field(kw_only=True)
    standing: Standing = field(kw_only=True)
    seq: int = field(kw_only=True)
    leading_seq: int = field(kw_only=True)
    hand: Hand = field(kw_only=True)
    given: dict[str, Mapping[str, Any]] = field(kw_only=True)
    bidders: dict[int, Bidder] = field(kw_only=True)
    lines: list[dict[str, Any]] = field(default_factory=list)
    events: list[BidPlaced] = field(default_factory=list)

    def answer(self, offer: Offer, *, key: str | None) -> Said:
        """Decide one offer, unless it was answered before."""
        if key is not None and key in self.given:
            return again(offer, SimpleNamespace(**self.given[key]))
        decision = decide(
            self.terms,
            self.standing,
            bidder=self.bidders[offer.bidder_id],
            price=Price(offer.price_fen_per_t, offer.most_fen_per_t),
            now=self.now,
        )
        self.standing = decision.standing
        leader = self.hand
        for line in decision.lines:
            if line.automatic:
                self._keep(line, hand=leader)
            else:
                said = self._keep(line, hand=(offer.person_id, offer.deliver_to_site_id))
                said["offered_fen_per_t"] = offer.price_fen_per_t
                said["limit_fen_per_t"] = offer.limit_fen_per_t
                said["client_bid_id"] = key
        if key is not None:
            self.given[key] = said
        return Answer(
            seq=said["seq"],
            verdict=said["verdict"],
            reason=said["reason"],
            price_fen_per_t=said["price_fen_per_t"],
            least_fen_per_t=said["least_fen_per_t"],
            placed_at=self.now,
            closes_at=said["closes_at"],
        )

    def write(self) -> None:
        """Write the lines, how the auction stands, and the events; conclude what sold at once."""
        if not self.lines:
            return
        now = self.standing
        stands = {
            "auction_id": self.facts.id,
            "closes_at": now.closes_at,
            "bid_seq": self.seq,
            "bid_count": now.count,
            "leading": self.leading_seq,
            "leading_fen_per_t": now.leading_fen_per_t or None,
            "limit_fen_per_t": now.limit_fen_per_t or None,
        }
        record.write(self.session, stands=stands, lines=self.lines, events=self.events)
        if now.ended == AlreadySold.code and self.facts.awarded_at is None:
            self._conclude()

    def _conclude(self) -> None:
        """Make the contract of what an offer bought at once."""
        sold = lock_offering(self.session, code=self.facts.listing_code)
        bid = self.session.get_one(Bid, sold.auction.leading_bid_id)
        conclude(
            self.session, sold, bid=bid, decided_by="purchase", person_id=bid.person_id,
            now=self.now,
        )  # fmt: skip

    def _keep(self, line: Line, *, hand: Hand) -> dict[str, Any]:
        """Add a line to the record, and tell of it where it was accepted."""
        self.seq += 1
        row = {
            "auction_id": self.facts.id,
            "seq": self.seq,
            "bidder_id": line.bidder_id,
            "person_id": hand[0],
            "deliver_to_site_id": hand[1],
            "price_fen_per_t": line.price_fen_per_t,
            "offered_fen_per_t": None,
            "limit_fen_per_t": None,
            "automatic": line.automatic,
            "client_bid_id": None,
            "placed_at": self.now,
            "verdict": "rejected" if line.reason else "accepted",
            "reason": line.reason,
            "least_fen_per_t": line.least_fen_per_t or None,
            "closes_at": line.closes_at,
        }
        self.lines.append(row)
        if not line.reason:
            self.leading_seq, self.hand = self.seq, hand
            self.events.append(
                BidPlaced(
                    at=self.now,
                    listing_code=self.facts.listing_code,
                    seq=self.seq,
                    price_fen_per_t=line.price_fen_per_t,
                    closes_at=line.closes_at,
                )
            )
        return row
