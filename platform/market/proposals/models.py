"""What is kept of an exchange of offers over a listing at a fixed price."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, one_of, table_args

SIDES = ("buyer", "seller")
ENDS = ("accepted", "declined")


class Proposal(Row, table=True):
    """One buyer's exchange with the seller over one listing. At most one of a buyer's is open.

    replaced_at: the last offer had expired, and the buyer began anew.
    """

    __tablename__ = "proposal"
    __table_args__ = table_args(
        one_of("ended_as", ("", *ENDS)),
        CheckConstraint("(ended_at IS NULL) = (ended_as = '')", name="ended_somehow"),
        Index(
            "uq_proposal_open",
            "listing_id",
            "buyer_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND replaced_at IS NULL"),
            postgresql_where=text("ended_at IS NULL AND replaced_at IS NULL"),
        ),
    )

    code: str = Field(unique=True, max_length=14)
    listing_id: int = bigint(foreign_key="listing.id")
    buyer_id: int = bigint(foreign_key="organisation.id", index=True)
    deliver_to_site_id: int = bigint(foreign_key="site.id")
    begun_at: datetime
    replaced_at: datetime | None = None
    ended_at: datetime | None = None
    ended_as: str = Field(default="", max_length=10)


class ProposalTurn(Row, table=True):
    """One price named in an exchange. Insert-only; it binds its side until `expires_at`."""

    __tablename__ = "proposal_turn"
    __table_args__ = table_args(
        UniqueConstraint("proposal_id", "seq", name="uq_proposal_turn_seq"),
        one_of("by", SIDES),
        CheckConstraint("price_fen_per_t > 0", name="price_positive"),
        CheckConstraint("expires_at > at", name="expires_later"),
    )

    proposal_id: int = bigint(foreign_key="proposal.id")
    seq: int
    by: str = Field(max_length=10)
    person_id: int = bigint(foreign_key="person.id")
    price_fen_per_t: int = bigint()
    at: datetime
    expires_at: datetime
