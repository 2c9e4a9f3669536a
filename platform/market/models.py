"""What the market keeps: listings and their photos, bids, awards, contracts and price boards.

Masses in grams, prices in fen per tonne. What can be read off the facts (open, sold, expired)
is no column: `state.py` derives it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, one_of, table_args

FORMS = (
    "loose", "bale", "briquette", "shred", "granule", "turnings", "solids", "dross", "ingot",
)  # fmt: skip
ORIGINS = ("post_consumer", "pre_consumer", "unknown")
EVIDENCE = ("declared", "implied", "documented")
TRACKS = ("in_province", "out_of_province", "import")
PRICE_MODES = ("auction", "fixed")
VERDICTS = ("accepted", "rejected")
DECIDED_BY = ("close", "seller", "purchase")

# As `state.holding_lot`, for the index: two such listings of one lot would sell it twice.
HOLDS_LOT = (
    "withdrawn_at IS NULL AND awarded_at IS NULL AND (closed_at IS NULL"
    " OR (leading_fen_per_t IS NOT NULL"
    " AND (reserve_fen_per_t IS NULL OR leading_fen_per_t >= reserve_fen_per_t)))"
)

MAX_MASS_G = 10_000_000_000
MAX_PRICE_FEN_PER_T = 100_000_000


class Listing(Row, table=True):
    """An offer to sell one lot, by auction or at a fixed price.

    declared_mass_g: what the seller says; the ledger's mass begins at the first weighing.
    grade_zh, place_zh and their English: as the catalogue named them when it was published.
    origin_area: two digits of the province, or the ISO country code of an import.
    start, step: the least first bid and the least rise; reserve: secret, None for none.
    closes_at: moved by late bids (`extension_s`), never past `hard_close_at`.
    leading_fen_per_t, leading_bid_id: the standing of the auction, kept under its
    lock, with bid_seq (answered offers) and bid_count (accepted ones).
    auto_award: the close itself sells to the highest offer at or over the reserve.
    """

    __tablename__ = "listing"
    __table_args__ = table_args(
        one_of("form", FORMS),
        one_of("origin", ORIGINS),
        one_of("evidence", EVIDENCE),
        one_of("track", TRACKS),
        one_of("price_mode", PRICE_MODES),
        CheckConstraint(f"declared_mass_g BETWEEN 1 AND {MAX_MASS_G}", name="mass_in_range"),
        CheckConstraint(
            "(price_mode = 'fixed') = (fixed_fen_per_t IS NOT NULL)"
            " AND (price_mode = 'auction') = (start_fen_per_t IS NOT NULL)"
            " AND (price_mode = 'auction') = (step_fen_per_t IS NOT NULL)"
            " AND (price_mode = 'auction' OR reserve_fen_per_t IS NULL)",
            name="price_fits_mode",
        ),
        CheckConstraint(
            "coalesce(fixed_fen_per_t, 1) > 0 AND coalesce(start_fen_per_t, 1) > 0"
            " AND coalesce(step_fen_per_t, 1) > 0 AND coalesce(reserve_fen_per_t, 1) > 0",
            name="prices_positive",
        ),
        CheckConstraint("vat_rate_bp BETWEEN 0 AND 10000", name="vat_rate_in_range"),
        CheckConstraint(
            "opens_at < first_closes_at AND first_closes_at <= closes_at"
            " AND closes_at <= hard_close_at",
            name="times_in_order",
        ),
        CheckConstraint("closed_at IS NULL OR closed_at >= opens_at", name="closed_after_open"),
        CheckConstraint(
            "awarded_at IS NULL OR (closed_at IS NOT NULL AND withdrawn_at IS NULL)",
            name="awarded_after_close",
        ),
        CheckConstraint("hazard_free AND radiation_checked AND no_sealed_vessels", name="screened"),
        Index(
            "uq_listing_open_lot",
            "lot_code",
            unique=True,
            sqlite_where=text(HOLDS_LOT),
            postgresql_where=text(HOLDS_LOT),
        ),
        Index("ix_listing_closing", "closed_at", "withdrawn_at", "closes_at"),
    )

    code: str = Field(unique=True, max_length=14)
    lot_code: str = Field(index=True, max_length=14)
    seller_id: int = bigint(foreign_key="organisation.id", index=True)
    seller_person_id: int = bigint(foreign_key="person.id")
    site_id: int = bigint(foreign_key="site.id", index=True)
    adcode: str = Field(max_length=6, index=True)
    metal: str = Field(max_length=10, index=True)
    grade_system: str = Field(max_length=20)
    grade_code: str = Field(max_length=40)
    grade_edition: str = Field(max_length=80)
    grade_zh: str = Field(max_length=200)
    grade_en: str = Field(max_length=200)
    place_zh: str = Field(max_length=130)
    place_en: str = Field(max_length=210)
    form: str = Field(max_length=20)
    declared_mass_g: int = bigint()
    origin: str = Field(max_length=20)
    evidence: str = Field(max_length=20)
    track: str = Field(max_length=20)
    origin_area: str = Field(max_length=2)
    productive: bool
    certificate: str = Field(default="", max_length=200)
    hazard_free: bool
    radiation_checked: bool
    no_sealed_vessels: bool
    price_mode: str = Field(max_length=10)
    fixed_fen_per_t: int | None = bigint(nullable=True, default=None)
    start_fen_per_t: int | None = bigint(nullable=True, default=None)
    step_fen_per_t: int | None = bigint(nullable=True, default=None)
    reserve_fen_per_t: int | None = bigint(nullable=True, default=None)
    tax_included: bool
    vat_rate_bp: int
    title: str = Field(max_length=120)
    description: str = Field(default="", max_length=2000)
    auto_award: bool = True
    new_lot: bool = True
    published_at: datetime | None = None
    opens_at: datetime
    first_closes_at: datetime
    closes_at: datetime
    hard_close_at: datetime
    extension_s: int = 120
    closed_at: datetime | None = None
    awarded_at: datetime | None = None
    withdrawn_at: datetime | None = None
    bid_seq: int = 0
    bid_count: int = 0
    leading_fen_per_t: int | None = bigint(nullable=True, default=None)
    leading_bid_id: int | None = bigint(nullable=True, default=None)


class ListingPhoto(Row, table=True):
    """One photo of a listing, kept under the hash of its bytes; `ord` is its place, from 0."""

    __tablename__ = "listing_photo"
    __table_args__ = table_args(
        UniqueConstraint("listing_id", "ord", name="uq_listing_photo_ord"),
        CheckConstraint("ord BETWEEN 0 AND 11", name="ord_in_range"),
    )

    listing_id: int = bigint(foreign_key="listing.id")
    ord: int
    sha256: str = Field(max_length=64)
    width_px: int
    height_px: int


class Bid(Row, table=True):
    """One answered offer. Insert-only; `seq` is the order of decision within the listing.

    reason: the public code of the refusal, empty when accepted. least_fen_per_t: the least that
    would have been taken at that moment, None where no price would have helped.
    closes_at: the end of the auction after this answer.
    """

    __tablename__ = "bid"
    __table_args__ = table_args(
        UniqueConstraint("listing_id", "seq", name="uq_bid_listing_id_seq"),
        one_of("verdict", VERDICTS),
        CheckConstraint("(verdict = 'accepted') = (reason = '')", name="reason_fits_verdict"),
        CheckConstraint("seq > 0", name="seq_positive"),
    )

    listing_id: int = bigint(foreign_key="listing.id")
    seq: int
    bidder_id: int = bigint(foreign_key="organisation.id", index=True)
    person_id: int = bigint(foreign_key="person.id")
    deliver_to_site_id: int = bigint(foreign_key="site.id")
    price_fen_per_t: int = bigint()
    placed_at: datetime
    verdict: str = Field(max_length=10)
    reason: str = Field(default="", max_length=60)
    least_fen_per_t: int | None = bigint(nullable=True, default=None)
    closes_at: datetime


class Award(Row, table=True):
    """Who was chosen. Insert-only; `place` is 1 for the first choice, 2 for the next in line."""

    __tablename__ = "award"
    __table_args__ = table_args(
        UniqueConstraint("listing_id", "place", name="uq_award_place"),
        one_of("decided_by", DECIDED_BY),
    )

    listing_id: int = bigint(foreign_key="listing.id")
    bid_id: int = bigint(foreign_key="bid.id")
    place: int = 1
    decided_by: str = Field(max_length=10)
    person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    decided_at: datetime


class Contract(Row, table=True):
    """What seller and buyer owe each other over one lot.

    Title passes when the lot is first weighed away from where it was sold (`title_passed_at`),
    at the hub or the smelter that accepts it: the amount follows that net weight, and until then
    the risk is the seller's.
    Goods that the buyer's gate refuses end it (`refused_at`, refused_for: the cause); the lot stays
    the seller's. terms: the listing's terms as they stood, JSON of integers and text.
    """

    __tablename__ = "contract"
    __table_args__ = table_args(
        CheckConstraint("seller_id <> buyer_id", name="two_parties"),
        CheckConstraint("price_fen_per_t > 0", name="price_positive"),
        CheckConstraint("title_passed_at IS NULL OR title_passed_at >= made_at", name="in_order"),
        CheckConstraint("title_passed_at IS NULL OR refused_at IS NULL", name="ends_once"),
        CheckConstraint("(refused_at IS NULL) = (refused_for = '')", name="refused_for_a_cause"),
        Index(
            "uq_contract_open_lot",
            "lot_code",
            unique=True,
            sqlite_where=text("title_passed_at IS NULL AND refused_at IS NULL"),
            postgresql_where=text("title_passed_at IS NULL AND refused_at IS NULL"),
        ),
    )

    code: str = Field(unique=True, max_length=14)
    listing_id: int = bigint(foreign_key="listing.id", unique=True)
    award_id: int = bigint(foreign_key="award.id", unique=True)
    lot_code: str = Field(max_length=14)
    seller_id: int = bigint(foreign_key="organisation.id", index=True)
    buyer_id: int = bigint(foreign_key="organisation.id", index=True)
    from_site_id: int = bigint(foreign_key="site.id")
    deliver_to_site_id: int = bigint(foreign_key="site.id")
    declared_mass_g: int = bigint()
    price_fen_per_t: int = bigint()
    tax_included: bool
    vat_rate_bp: int
    made_at: datetime
    title_passed_at: datetime | None = None
    refused_at: datetime | None = None
    refused_for: str = Field(default="", max_length=20)
    terms: dict[str, Any] = json_column()


class PriceBoardEntry(Row, table=True):
    """One line a site hung out: what it pays for a grade from a moment on. Insert-only.

    tier_from_g: the price holds from this mass up. price_fen_per_t: None takes the line off.
    with_invoice: the price is for goods with a VAT invoice at `vat_rate_bp`.
    """

    __tablename__ = "price_board_entry"
    __table_args__ = table_args(
        CheckConstraint("price_fen_per_t IS NULL OR price_fen_per_t > 0", name="price_positive"),
        CheckConstraint(f"tier_from_g BETWEEN 0 AND {MAX_MASS_G}", name="tier_in_range"),
        CheckConstraint("vat_rate_bp BETWEEN 0 AND 10000", name="vat_rate_in_range"),
        Index(
            "ix_price_board_entry_line",
            "site_id", "grade_system", "grade_code", "with_invoice", "tier_from_g", "valid_from",
        ),
    )  # fmt: skip

    site_id: int = bigint(foreign_key="site.id")
    grade_system: str = Field(max_length=20)
    grade_code: str = Field(max_length=40)
    with_invoice: bool
    vat_rate_bp: int = 0
    tier_from_g: int = bigint(default=0)
    price_fen_per_t: int | None = bigint(nullable=True, default=None)
    valid_from: datetime
    set_at: datetime
    person_id: int = bigint(foreign_key="person.id")
