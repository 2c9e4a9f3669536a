"""What the market keeps: listings and their photos, contracts and price boards.

Masses in grams, prices in fen per tonne. How a listing's price is found: `auction_models.py`.
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

MAX_MASS_G = 10_000_000_000
MAX_PRICE_FEN_PER_T = 100_000_000


class Listing(Row, table=True):
    """An offer to sell one lot: what it is, where it lies, on which terms.

    Its price is found by its auction.

    declared_mass_g: what the seller says; the ledger's mass begins at the first weighing.
    grade_zh, place_zh and their English: as the catalogue named them when it was published.
    amends_id: the listing of the same lot whose terms this one's took the place of.
    origin_area: two digits of the province, or the ISO country code of an import.
    released_at: since when it no longer holds its lot: it was taken back, closed with nothing
    sold, or awarded, and then the contract holds the lot. Until then nobody may offer it again.
    """

    __tablename__ = "listing"
    __table_args__ = table_args(
        one_of("form", FORMS),
        one_of("origin", ORIGINS),
        one_of("evidence", EVIDENCE),
        one_of("track", TRACKS),
        CheckConstraint(f"declared_mass_g BETWEEN 1 AND {MAX_MASS_G}", name="mass_in_range"),
        CheckConstraint("vat_rate_bp BETWEEN 0 AND 10000", name="vat_rate_in_range"),
        CheckConstraint("hazard_free AND radiation_checked AND no_sealed_vessels", name="screened"),
        Index(
            "uq_listing_open_lot",
            "lot_code",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
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
    tax_included: bool
    vat_rate_bp: int
    title: str = Field(max_length=120)
    description: str = Field(default="", max_length=2000)
    new_lot: bool = True
    amends_id: int | None = bigint(
        nullable=True, default=None, foreign_key="listing.id", unique=True
    )
    published_at: datetime | None = None
    released_at: datetime | None = None


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


class Contract(Row, table=True):
    """What seller and buyer owe each other over one lot.

    Title passes when the lot is first weighed away from where it was sold (`title_passed_at`),
    at the hub or the smelter that accepts it: the amount follows that net weight, and until then
    the risk is the seller's.
    Goods that the buyer's gate refuses end it (`refused_at`, refused_for: the cause); the lot stays
    the seller's. paid_at: since when its final settlement is paid in full, as the payments that
    stand say; None again where one is taken back. suspended_at: since when it stands still, None
    while it runs; the outbox keeps every stop and every resumption.
    terms: the listing's terms as they stood, JSON of integers and text.
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
    paid_at: datetime | None = None
    suspended_at: datetime | None = None
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
