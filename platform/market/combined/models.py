"""What a combined sale keeps: its terms, its lots, the offers for them, and its award."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, not_negative, table_args
from remelt.platform.market.models import MAX_MASS_G, MAX_PRICE_FEN_PER_T


class CombinedSale(Row, table=True):
    """One sale of several lots of a seller. Offers are read by nobody else before the close.

    freight_fen_per_tkm, co2e_g_per_tkm: what bringing a tonne a kilometre takes off an offer, with
    carbon_fen_per_t, fen per tonne CO2e. preserve_permille: x of the grade-preserving rule.
    whole: sold only together, to one buyer, as one bundle. offers: how many were ever placed.
    problem: the sale as it was decided, and problem_sha256 its fingerprint; result: certificate
    and search. Lots that fell out in between have it made anew. job_code: the solver's job.
    stuck_at, stuck_for: since when and why no award could be worked out: the seller has it tried
    again, or ends the sale, which then is decided without a result.
    """

    __tablename__ = "combined_sale"
    __table_args__ = table_args(
        *not_negative("freight_fen_per_tkm", "co2e_g_per_tkm", "carbon_fen_per_t", "offers"),
        CheckConstraint("preserve_permille BETWEEN 0 AND 1000", name="preserve_in_range"),
        CheckConstraint("vat_rate_bp BETWEEN 0 AND 10000", name="vat_rate_in_range"),
        CheckConstraint("opened_at < closes_at", name="times_in_order"),
        CheckConstraint("closed_at IS NULL OR closed_at >= closes_at", name="closed_in_time"),
        CheckConstraint("decided_at IS NULL OR closed_at IS NOT NULL", name="decided_after_close"),
        CheckConstraint("withdrawn_at IS NULL OR closed_at IS NULL", name="ends_once"),
        CheckConstraint("(stuck_at IS NULL) = (stuck_for = '')", name="stuck_for_a_cause"),
        CheckConstraint("stuck_at IS NULL OR closed_at IS NOT NULL", name="stuck_after_close"),
        Index("ix_combined_sale_closing", "closed_at", "withdrawn_at", "closes_at"),
    )

    code: str = Field(unique=True, max_length=14)
    seller_id: int = bigint(foreign_key="organisation.id", index=True)
    person_id: int = bigint(foreign_key="person.id")
    title: str = Field(max_length=120)
    tax_included: bool
    vat_rate_bp: int
    freight_fen_per_tkm: int = bigint()
    co2e_g_per_tkm: int = bigint()
    carbon_fen_per_t: int = bigint()
    preserve_permille: int
    whole: bool = False
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None
    decided_at: datetime | None = None
    withdrawn_at: datetime | None = None
    offers: int = 0
    job_code: str = Field(default="", max_length=14)
    stuck_at: datetime | None = None
    stuck_for: str = Field(default="", max_length=200)
    problem: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    problem_sha256: str = Field(default="", max_length=64)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class SaleLot(Row, table=True):
    """One lot of a combined sale. A listing goes into one such sale at most.

    reserve_fen_per_t: the least that it is sold for, seen by all, tax as the sale says, after
    freight and carbon.
    wrought: scrap of wrought alloy, which the grade-preserving rule is about; exempt: why the
    seller takes it out of the rule (its chemistry fits no wrought alloy), else empty.
    """

    __tablename__ = "sale_lot"
    __table_args__ = table_args(
        UniqueConstraint("listing_id", name="uq_sale_lot_listing_id"),
        UniqueConstraint("sale_id", "ord", name="uq_sale_lot_ord"),
        CheckConstraint(
            f"reserve_fen_per_t BETWEEN 1 AND {MAX_PRICE_FEN_PER_T}", name="reserve_in_range"
        ),
    )

    sale_id: int = bigint(foreign_key="combined_sale.id")
    ord: int
    listing_id: int = bigint(foreign_key="listing.id")
    reserve_fen_per_t: int = bigint()
    wrought: bool
    exempt: str = Field(default="", max_length=200)


class PackageOffer(Row, table=True):
    """An offer for all of its lots together, one or several; it binds unless taken back in time.

    wrought: the buyer melts it into wrought alloy. mark: of a buyer's offers with one mark at most
    one wins; empty for none. capacity_g: the most that the buyer takes of the whole sale, None
    without limit; the newest standing offer says it for all.
    """

    __tablename__ = "package_offer"
    __table_args__ = table_args(
        UniqueConstraint("sale_id", "seq", name="uq_package_offer_seq"),
        CheckConstraint("seq > 0", name="seq_positive"),
        CheckConstraint(f"capacity_g BETWEEN 1 AND {MAX_MASS_G}", name="capacity_in_range"),
        CheckConstraint(
            "taken_back_at IS NULL OR taken_back_at >= placed_at", name="taken_back_after"
        ),
    )

    sale_id: int = bigint(foreign_key="combined_sale.id")
    seq: int
    bidder_id: int = bigint(foreign_key="organisation.id", index=True)
    person_id: int = bigint(foreign_key="person.id")
    deliver_to_site_id: int = bigint(foreign_key="site.id")
    wrought: bool
    mark: str = Field(default="", max_length=8)
    capacity_g: int | None = bigint(nullable=True, default=None)
    placed_at: datetime
    taken_back_at: datetime | None = None


class PackageLine(Row, table=True):
    """One lot of an offer and its price in fen per tonne, tax as the sale says. Insert-only."""

    __tablename__ = "package_line"
    __table_args__ = table_args(
        UniqueConstraint("offer_id", "lot_id", name="uq_package_line_lot"),
        CheckConstraint(
            f"price_fen_per_t BETWEEN 1 AND {MAX_PRICE_FEN_PER_T}", name="price_in_range"
        ),
    )

    offer_id: int = bigint(foreign_key="package_offer.id")
    lot_id: int = bigint(foreign_key="sale_lot.id")
    price_fen_per_t: int = bigint()
