"""An offer as it is handed in, and the answer that it gets."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.idempotency import KeyReused
from remelt.platform.market.award_errors import DepositMissing, OverCreditLimit
from remelt.platform.market.drafts import check_price
from remelt.platform.market.errors import (
    AlreadySold,
    BiddingNotOpen,
    BiddingOver,
    BidOffTick,
    BidTooLow,
    LicenceMissing,
    LimitUnderPrice,
    LinkedBidder,
    ListingIsWithdrawn,
    OwnListing,
    PriceChanged,
    RiseTooGreat,
    UnfitForProductive,
)

REASONS: dict[str, type[Refusal]] = {
    kind.code: kind
    for kind in (
        AlreadySold, BiddingNotOpen, BiddingOver, BidOffTick, BidTooLow, DepositMissing,
        LicenceMissing, LinkedBidder, ListingIsWithdrawn, OverCreditLimit, OwnListing,
        PriceChanged, RiseTooGreat, UnfitForProductive,
    )
}  # fmt: skip


PRICED = {kind.code for kind in (BidOffTick, BidTooLow, PriceChanged, RiseTooGreat)}
"""Refusals that another price would have helped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a bidder hands in: a price in fen per tonne, tax as the seller's terms say.

    limit_fen_per_t: the most up to which the house may raise it for the bidder, None for no
    further than the price. key: the client's own name for the offer; handed in again under it,
    the same offer gets the same answer. Empty for none.
    """

    auction_id: int
    bidder_id: int
    person_id: int
    deliver_to_site_id: int
    price_fen_per_t: int
    limit_fen_per_t: int | None = None
    key: str = ""

    @property
    def most_fen_per_t(self) -> int:
        """The most that the bidder would pay by this offer."""
        return max(self.price_fen_per_t, self.limit_fen_per_t or 0)

    @property
    def client_bid_id(self) -> str | None:
        """The key as it is kept: no other person's can be met or guessed by it."""
        if not self.key:
            return None
        named = f"{self.person_id}|{self.key}".encode()
        return hashlib.blake2b(named, digest_size=16).hexdigest()

    def same_as(self, given: "Given") -> bool:
        """Tell whether this is the offer that a kept answer answered."""
        return (
            self.bidder_id == given.bidder_id
            and self.deliver_to_site_id == given.deliver_to_site_id
            and self.price_fen_per_t == (given.offered_fen_per_t or given.price_fen_per_t)
            and self.limit_fen_per_t == given.limit_fen_per_t
        )


class Given(Protocol):
    """A kept answer: a row of the record."""

    seq: int
    bidder_id: int
    deliver_to_site_id: int
    price_fen_per_t: int
    offered_fen_per_t: int | None
    limit_fen_per_t: int | None
    placed_at: datetime
    verdict: str
    reason: str
    least_fen_per_t: int | None
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an offer is told.

    seq: its place in the record, None where it was refused without being kept (`entrance`).
    price: what it stands at, or what was offered. least_fen_per_t: the least that would have been
    taken at that moment, None where no price would have helped. closes_at: the end of the auction
    after this answer. replayed: the answer was given before.
    """

    seq: int | None
    verdict: str
    reason: str
    price_fen_per_t: int
    least_fen_per_t: int | None
    placed_at: datetime
    closes_at: datetime
    replayed: bool = False

    @classmethod
    def of(cls, row: "Given", *, replayed: bool = False) -> Self:
        """Return the answer that a line of the record keeps."""
        return cls(
            seq=row.seq,
            verdict=row.verdict,
            reason=row.reason,
            price_fen_per_t=row.price_fen_per_t,
            least_fen_per_t=row.least_fen_per_t,
            placed_at=row.placed_at,
            closes_at=row.closes_at,
            replayed=replayed,
        )


def check_offer(offer: Offer) -> None:
    """Refuse what cannot be an offer at any time. Touches no database."""
    check_price(offer.price_fen_per_t, field="price_fen_per_t")
    if offer.limit_fen_per_t is not None:
        check_price(offer.limit_fen_per_t, field="limit_fen_per_t")
        if offer.limit_fen_per_t < offer.price_fen_per_t:
            raise LimitUnderPrice(field="limit_fen_per_t")


def again(offer: Offer, kept: Given) -> Answer | KeyReused:
    """Answer an offer that bears a key which was given before."""
    if not offer.same_as(kept):
        return KeyReused(field="idempotency_key")
    return Answer.of(kept, replayed=True)


class Answered(Protocol):
    """What a refusal is read off: an answer, or its row."""

    @property
    def reason(self) -> str: ...  # noqa: D102 - as the class says
    @property
    def least_fen_per_t(self) -> int | None: ...  # noqa: D102


def refusal_of(answer: Answered) -> Refusal | None:
    """Return the refusal that an offer was answered with; None for an accepted one."""
    if not answer.reason:
        return None
    facts: dict[str, object] = {}
    if answer.reason in PRICED:
        facts = {"field": "price_fen_per_t", "least_fen_per_t": answer.least_fen_per_t}
    return REASONS[answer.reason](**facts)
