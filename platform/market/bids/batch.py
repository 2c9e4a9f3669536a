"""Offers on one auction, decided together: lock, state, clock, decide, write.

The row of the auction is locked first and the clock asked after, so an offer that waited past the
close is refused. All offers of a batch are heard at the same moment, in the order they came. The
path is plain statements on tables: no row of it becomes an object of the session.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, Table, bindparam, select, update
from sqlmodel import Session

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.idempotency import KeyReused
from remelt.platform.kernel.many import insert_many
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.bids.bidders import bidders_of
from remelt.platform.market.bids.offers import Answer, Offer
from remelt.platform.market.bids.reading import standing_of, terms_of
from remelt.platform.market.bids.rules import decide
from remelt.platform.market.bids.standing import Bidder, Line, Price, Standing, Terms
from remelt.platform.market.contracting import conclude
from remelt.platform.market.errors import AlreadySold, NoSuchListing
from remelt.platform.market.events import BidPlaced
from remelt.platform.market.limits import lock_groups
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import lock_offering
from remelt.platform.market.terms_models import AuctionTerms

MOST = 256
_AUCTION: Table = Auction.__table__  # type: ignore[attr-defined]
_BID: Table = Bid.__table__  # type: ignore[attr-defined]
_LISTING: Table = Listing.__table__  # type: ignore[attr-defined]
_TERMS: Table = AuctionTerms.__table__  # type: ignore[attr-defined]
_LOCK = select(_AUCTION.c.id).where(_AUCTION.c.id == bindparam("auction_id")).with_for_update()
_FACTS = (
    select(
        _AUCTION,
        _LISTING.c.code.label("listing_code"),
        _LISTING.c.declared_mass_g.label("mass_g"),
        _TERMS.c.deposit_fen,
        _TERMS.c.licence,
        _BID.c.seq.label("leading_seq"),
        _BID.c.bidder_id.label("leader_id"),
        _BID.c.person_id.label("leader_person_id"),
        _BID.c.deliver_to_site_id.label("leader_site_id"),
    )
    .join_from(_AUCTION, _LISTING)
    .join(_TERMS, _TERMS.c.auction_id == _AUCTION.c.id, isouter=True)
    .join(_BID, _BID.c.id == _AUCTION.c.leading_bid_id, isouter=True)
    .where(_AUCTION.c.id == bindparam("auction_id"))
)
_GIVEN = select(_BID).where(
    _BID.c.auction_id == bindparam("auction_id"),
    _BID.c.client_bid_id.in_(bindparam("keys", expanding=True)),
)
_STANDS = (
    update(_AUCTION)
    .where(_AUCTION.c.id == bindparam("auction_id"))
    .values(
        {name: bindparam(name) for name in ("closes_at", "bid_seq", "bid_count")}
        | {name: bindparam(name) for name in ("leading_fen_per_t", "limit_fen_per_t")}
        | {
            "leading_bid_id": select(_BID.c.id)
            .where(_BID.c.auction_id == bindparam("auction_id"), _BID.c.seq == bindparam("leading"))
            .scalar_subquery()
        }
    )
)

Said = Answer | Refusal


def hear(session: Session, *, clock: Clock, auction_id: int, offers: Sequence[Offer]) -> list[Said]:
    """Answer `offers` on one auction in their order, and keep the answers.

    An offer that cannot be answered, because its key named another one before, gets the refusal
    in its place. Raises `NoSuchListing` when there is no such auction.
    """
    ids = {offer.bidder_id for offer in offers}
    limited = lock_groups(session, organisation_ids=ids)
    connection, asked = session.connection(), {"auction_id": auction_id}
    if connection.execute(_LOCK, asked).one_or_none() is None:
        raise NoSuchListing(listing=str(auction_id))
    facts = connection.execute(_FACTS, asked).one()
    batch = _Batch(
        session,
        facts=facts,
        terms=terms_of(facts),
        standing=standing_of(
            facts, leader_id=facts.leader_id or 0, leading_seq=facts.leading_seq or 0
        ),
        given=_given(session, auction_id=auction_id, offers=offers),
        bidders=bidders_of(session, facts, limited=limited, ids=ids),
        now=clock.now(session),
    )
    answers = [batch.answer(offer) for offer in offers]
    batch.write()
    return answers


@dataclass(slots=True)
class _Batch:
    """The offers of one transaction, as they are decided one after another."""

    session: Session
    facts: Row[Any] = field(kw_only=True)
    now: datetime = field(kw_only=True)
    terms: Terms = field(kw_only=True)
    standing: Standing = field(kw_only=True)
    given: dict[str, Any] = field(kw_only=True)
    bidders: dict[int, Bidder] = field(kw_only=True)
    lines: list[dict[str, Any]] = field(default_factory=list)
    events: list[BidPlaced] = field(default_factory=list)

    def answer(self, offer: Offer) -> Said:
        """Decide one offer, unless it was answered before."""
        key = offer.client_bid_id
        if key is not None and key in self.given:
            row = self.given[key]
            if not offer.same_as(row):
                return KeyReused(field="idempotency_key")
            return Answer.of(row, replayed=True)
        before = self.standing
        decision = decide(
            self.terms,
            before,
            bidder=self.bidders[offer.bidder_id],
            price=Price(offer.price_fen_per_t, offer.most_fen_per_t),
            now=self.now,
        )
        self.standing = decision.standing
        for line in decision.lines:
            if line.automatic:
                self._keep(line, hand=self._hand(before.leading_seq))
            else:
                row = self._keep(line, hand=(offer.person_id, offer.deliver_to_site_id))
                row |= {
                    "offered_fen_per_t": offer.price_fen_per_t,
                    "limit_fen_per_t": offer.limit_fen_per_t,
                    "client_bid_id": key,
                }
                said = SimpleNamespace(**row)
        if key is not None:
            self.given[key] = said
        return Answer.of(said)

    def write(self) -> None:
        """Write the lines, how the auction stands, and the events; conclude what sold at once."""
        if not self.lines:
            return
        now = self.standing
        insert_many(self.session, _BID, self.lines)
        self.session.connection().execute(
            _STANDS,
            {
                "auction_id": self.facts.id,
                "closes_at": now.closes_at,
                "bid_seq": now.seq,
                "bid_count": now.count,
                "leading": now.leading_seq,
                "leading_fen_per_t": now.leading_fen_per_t or None,
                "limit_fen_per_t": now.limit_fen_per_t or None,
            },
        )
        outbox.record_all(self.session, self.events)
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

    def _keep(self, line: Line, *, hand: tuple[int, int]) -> dict[str, Any]:
        """Add a line to the record, made by the hand of a person for a place of delivery."""
        person_id, site_id = hand
        row = {
            "auction_id": self.facts.id,
            "seq": line.seq,
            "bidder_id": line.bidder_id,
            "person_id": person_id,
            "deliver_to_site_id": site_id,
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
            self.events.append(
                BidPlaced(
                    at=self.now,
                    listing_code=self.facts.listing_code,
                    seq=line.seq,
                    price_fen_per_t=line.price_fen_per_t,
                    closes_at=line.closes_at,
                )
            )
        return row

    def _hand(self, seq: int) -> tuple[int, int]:
        """Return who made the leading offer, and for which place: its limit is acted on."""
        for row in reversed(self.lines):
            if row["seq"] == seq:
                return row["person_id"], row["deliver_to_site_id"]
        return self.facts.leader_person_id, self.facts.leader_site_id


def _given(session: Session, *, auction_id: int, offers: Sequence[Offer]) -> dict[str, Any]:
    """Return the kept answers to offers that bear a name which was given before."""
    keys = [key for offer in offers if (key := offer.client_bid_id) is not None]
    if not keys:
        return {}
    rows = session.connection().execute(_GIVEN, {"auction_id": auction_id, "keys": keys})
    return {row.client_bid_id: row for row in rows}
