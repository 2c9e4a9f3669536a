"""What an auction keeps: how a price is found for what is offered, the offers, and the award.

Prices in fen per tonne. An auction begins when what it is about is published; what can be read
off the facts (open, over, extended) is no column: `state.py` derives it.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, one_of, table_args

KINDS = ("ascending", "fixed", "sealed", "descending")
VERDICTS = ("accepted", "rejected")
DECIDED_BY = ("close", "seller", "purchase", "proposal", "tender", "sale")


class Auction(Row, table=True):
    """How a price is found: by rising offers, or, the simplest kind, at a fixed price.

    The row is what every offer is decided under: it is locked, read and written by each, so it
    carries no more than that takes.

    owner_id: the organisation that invites the offers. authorised_only: it takes an enterprise
    authorised for productive scrap to buy.
    start: the least first offer, or the fixed price itself; step: the least rise; reserve: secret,
    None for none. bands, tick, most_rise: see `bids.standing.Terms`.
    closes_at: moved by late bids (`extension_s`), never past `hard_close_at`.
    leading_fen_per_t, leading_bid_id: the standing, with bid_seq (answered offers) and bid_count
    (those by which others saw the price move). limit_fen_per_t: up to where the house answers
    others for who leads rising offers; secret.
    stopped_at: when somebody took a falling price. shut: envelopes that wait for their opening;
    open_by: after it they stay shut and count for nothing; opened_at: when they were read.
    auto_award: the close itself sells to the highest offer at or over the reserve.
    """

    __tablename__ = "auction"
    __table_args__ = table_args(
        one_of("kind", KINDS),
        CheckConstraint(
            "(kind IN ('fixed', 'sealed')) = (step_fen_per_t IS NULL)"
            " AND (kind <> 'fixed' OR reserve_fen_per_t IS NULL)",
            name="price_fits_kind",
        ),
        CheckConstraint(
            "start_fen_per_t > 0 AND coalesce(step_fen_per_t, 1) > 0"
            " AND coalesce(reserve_fen_per_t, 1) > 0 AND tick_fen_per_t > 0"
            " AND coalesce(most_rise_fen_per_t, 1) > 0",
            name="prices_positive",
        ),
        CheckConstraint(
            "opens_at < first_closes_at AND first_closes_at <= closes_at"
            " AND closes_at <= hard_close_at",
            name="times_in_order",
        ),
        CheckConstraint("shut >= 0 AND (shut = 0 OR open_by IS NOT NULL)", name="shut_in_time"),
        CheckConstraint("opened_at IS NULL OR opened_at >= opens_at", name="opened_after_open"),
        CheckConstraint("closed_at IS NULL OR closed_at >= opens_at", name="closed_after_open"),
        CheckConstraint(
            "awarded_at IS NULL OR (closed_at IS NOT NULL AND withdrawn_at IS NULL)",
            name="awarded_after_close",
        ),
        CheckConstraint("limit_fen_per_t >= leading_fen_per_t", name="leads_within_limit"),
        Index("ix_auction_closing", "closed_at", "withdrawn_at", "closes_at"),
    )

    listing_id: int = bigint(foreign_key="listing.id", unique=True)
    owner_id: int = bigint(foreign_key="organisation.id")
    kind: str = Field(max_length=12)
    authorised_only: bool
    start_fen_per_t: int = bigint()
    step_fen_per_t: int | None = bigint(nullable=True, default=None)
    reserve_fen_per_t: int | None = bigint(nullable=True, default=None)
    bands: list[list[int]] = json_column(default_factory=list)
    tick_fen_per_t: int = bigint(default=1)
    most_rise_fen_per_t: int | None = bigint(nullable=True, default=None)
    auto_award: bool = True
    opens_at: datetime
    first_closes_at: datetime
    closes_at: datetime
    hard_close_at: datetime
    extension_s: int = 120
    closed_at: datetime | None = None
    awarded_at: datetime | None = None
    withdrawn_at: datetime | None = None
    stopped_at: datetime | None = None
    shut: int = 0
    open_by: datetime | None = None
    opened_at: datetime | None = None
    bid_seq: int = 0
    bid_count: int = 0
    leading_fen_per_t: int | None = bigint(nullable=True, default=None)
    leading_bid_id: int | None = bigint(nullable=True, default=None)
    limit_fen_per_t: int | None = bigint(nullable=True, default=None)

    @property
    def price_mode(self) -> str:
        """Whether buyers name the price: `auction`, or `fixed`."""
        return "fixed" if self.kind == "fixed" else "auction"

    @property
    def fixed_fen_per_t(self) -> int | None:
        """The price of a sale at a fixed price; None for an auction."""
        return self.start_fen_per_t if self.kind == "fixed" else None


class Bid(Row, table=True):
    """One answered offer. Insert-only; `seq` is the order of decision within the auction.

    price_fen_per_t: what it stands at. offered: what the bidder said, None where it stands at that;
    limit: up to where the house may raise it. automatic: the house answered for the leader, within
    its limit. client_bid_id: the key under which the client hands it in again, None without one.
    reason: the public code of the refusal, empty when accepted. least_fen_per_t: the least that
    would have been taken at that moment, None where no price would have helped.
    closes_at: the end of the auction after this answer.
    """

    __tablename__ = "bid"
    __table_args__ = table_args(
        UniqueConstraint("auction_id", "seq", name="uq_bid_auction_id_seq"),
        UniqueConstraint("client_bid_id", "auction_id", name="uq_bid_client_bid_id"),
        one_of("verdict", VERDICTS),
        CheckConstraint("(verdict = 'accepted') = (reason = '')", name="reason_fits_verdict"),
        CheckConstraint("seq > 0", name="seq_positive"),
    )

    auction_id: int = bigint(foreign_key="auction.id")
    seq: int
    bidder_id: int = bigint(foreign_key="organisation.id", index=True)
    person_id: int = bigint(foreign_key="person.id")
    deliver_to_site_id: int = bigint(foreign_key="site.id")
    price_fen_per_t: int = bigint()
    offered_fen_per_t: int | None = bigint(nullable=True, default=None)
    limit_fen_per_t: int | None = bigint(nullable=True, default=None)
    automatic: bool = False
    client_bid_id: str | None = Field(default=None, max_length=32)
    placed_at: datetime
    verdict: str = Field(max_length=10)
    reason: str = Field(default="", max_length=60)
    least_fen_per_t: int | None = bigint(nullable=True, default=None)
    closes_at: datetime


class Award(Row, table=True):
    """Who was chosen. Insert-only; `place` is 1 for the first choice, 2 for the next in line."""

    __tablename__ = "award"
    __table_args__ = table_args(
        UniqueConstraint("auction_id", "place", name="uq_award_place"),
        one_of("decided_by", DECIDED_BY),
    )

    auction_id: int = bigint(foreign_key="auction.id")
    bid_id: int = bigint(foreign_key="bid.id")
    place: int = 1
    decided_by: str = Field(max_length=10)
    person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    decided_at: datetime
