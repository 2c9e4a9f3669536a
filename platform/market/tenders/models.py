"""What is kept of a reverse auction."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, not_negative, one_of, table_args
from remelt.platform.market.auction_models import VERDICTS


class Tender(Row, table=True):
    """A buyer's reverse auction on a need. The least cost leads: see `score.Rates`, `purchase`.

    ceiling_fen_per_t: the most that is paid, tax as the need says. step_fen_per_t: the least fall
    of the cost per tonne recovered. undocumented_fen_per_t: penalty for a lot whose origin no
    paper shows. leading_cost_fen_per_t: of the bid that leads, leading_bid_id, per tonne recovered;
    floor_fen_per_t: the price down to which the house answers others for it, secret.
    """

    __tablename__ = "tender"
    __table_args__ = table_args(
        CheckConstraint("ceiling_fen_per_t > 0 AND step_fen_per_t > 0", name="prices_positive"),
        *not_negative(
            "freight_fen_per_tkm", "co2e_g_per_tkm", "carbon_fen_per_t", "undocumented_fen_per_t"
        ),
        CheckConstraint("opens_at < closes_at AND closes_at <= hard_close_at", name="in_order"),
        CheckConstraint("contract_id IS NULL OR closed_at IS NOT NULL", name="bought_at_close"),
    )

    need_id: int = bigint(foreign_key="need.id", unique=True)
    owner_id: int = bigint(foreign_key="organisation.id")
    ceiling_fen_per_t: int = bigint()
    step_fen_per_t: int = bigint()
    freight_fen_per_tkm: int = 0
    co2e_g_per_tkm: int = 0
    carbon_fen_per_t: int = 0
    undocumented_fen_per_t: int = bigint(default=0)
    opens_at: datetime
    closes_at: datetime
    hard_close_at: datetime
    extension_s: int = 120
    closed_at: datetime | None = None
    contract_id: int | None = bigint(nullable=True, default=None, foreign_key="contract.id")
    bid_seq: int = 0
    bid_count: int = 0
    leading_cost_fen_per_t: int | None = bigint(nullable=True, default=None)
    leading_bid_id: int | None = bigint(nullable=True, default=None)
    floor_fen_per_t: int | None = bigint(nullable=True, default=None)


class TenderBid(Row, table=True):
    """One answered offer of a listed lot at a price. Insert-only; `seq` is the order of decision.

    price_fen_per_t: what it stands at; offered: what the seller said, and floor: the lowest that it
    allowed, None for no lower; automatic: the house answered for the leader, within its floor.
    cost_fen_per_t: price, freight, carbon and penalty net of VAT, per tonne recovered.
    """

    __tablename__ = "tender_bid"
    __table_args__ = table_args(
        UniqueConstraint("tender_id", "seq", name="uq_tender_bid_seq"),
        one_of("verdict", VERDICTS),
        CheckConstraint("(verdict = 'accepted') = (reason = '')", name="reason_fits_verdict"),
        CheckConstraint("floor_fen_per_t <= offered_fen_per_t", name="floor_under_offer"),
    )

    tender_id: int = bigint(foreign_key="tender.id")
    seq: int
    listing_id: int = bigint(foreign_key="listing.id", index=True)
    seller_id: int = bigint(foreign_key="organisation.id", index=True)
    person_id: int = bigint(foreign_key="person.id")
    price_fen_per_t: int = bigint()
    offered_fen_per_t: int | None = bigint(nullable=True, default=None)
    floor_fen_per_t: int | None = bigint(nullable=True, default=None)
    automatic: bool = False
    cost_fen_per_t: int = bigint()
    placed_at: datetime
    verdict: str = Field(max_length=10)
    reason: str = Field(default="", max_length=60)
    closes_at: datetime
