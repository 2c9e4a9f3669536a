"""What is kept of sealed bids: the public key, the envelopes, and what was read at the opening."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, one_of, table_args

OUTCOMES = ("read", "replaced", "unreadable")


class AuctionSeal(Row, table=True):
    """The key that an auction's bids are shut to. Insert-only; the newest counts.

    public_key: X25519, base64. Its private half is nowhere in the database.
    """

    __tablename__ = "auction_seal"
    __table_args__ = table_args()

    auction_id: int = bigint(foreign_key="auction.id", index=True)
    public_key: str = Field(unique=True, max_length=64)
    made_at: datetime
    person_id: int = bigint(foreign_key="person.id")


class SealedBid(Row, table=True):
    """One envelope, in the order of receipt. Insert-only; of one bidder's the last counts.

    envelope: HPKE, base64. receipt: its SHA-256, which the bidder keeps. client_key, body: digests
    that find a retry and open nothing (`envelope.blind_key`, `envelope.blind_body`).
    """

    __tablename__ = "sealed_bid"
    __table_args__ = table_args(
        UniqueConstraint("auction_id", "seq", name="uq_sealed_bid_seq"),
        UniqueConstraint("auction_id", "client_key", name="uq_sealed_bid_client_key"),
        CheckConstraint("seq > 0", name="seq_positive"),
    )

    auction_id: int = bigint(foreign_key="auction.id")
    seq: int
    bidder_id: int = bigint(foreign_key="organisation.id", index=True)
    person_id: int = bigint(foreign_key="person.id")
    deliver_to_site_id: int = bigint(foreign_key="site.id")
    envelope: str = Field(max_length=400)
    receipt: str = Field(unique=True, max_length=64)
    client_key: str = Field(max_length=64)
    body: str = Field(max_length=64)
    placed_at: datetime


class Opening(Row, table=True):
    """What was read of one envelope. Insert-only.

    digest, blind: of the content, empty where it was not read; whoever knows price and blind can
    work the digest out. place: in the order of worth among those that may win, None for others.
    score_fen_per_t: what ranked it.
    """

    __tablename__ = "opening"
    __table_args__ = table_args(
        one_of("outcome", OUTCOMES),
        CheckConstraint("(outcome = 'read') = (bid_id IS NOT NULL)", name="read_is_a_bid"),
        CheckConstraint("(outcome = 'read') = (digest <> '')", name="read_has_a_digest"),
    )

    sealed_bid_id: int = bigint(foreign_key="sealed_bid.id", unique=True)
    outcome: str = Field(max_length=12)
    bid_id: int | None = bigint(nullable=True, default=None, foreign_key="bid.id")
    digest: str = Field(default="", max_length=64)
    blind: str = Field(default="", max_length=64)
    place: int | None = None
    score_fen_per_t: int | None = bigint(nullable=True, default=None)
    opened_at: datetime
