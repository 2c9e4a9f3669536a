"""What the market keeps of drafts."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, table_args


class LotDraft(Row, table=True):
    """A lot that its seller has not published yet; anything may still be missing.

    said: fields of `ListingDraft` in kept units, the price as `{"mode": ..., ...}`; no times.
    open_s: how long it stays on offer once published. photos: [hash, width, height] each.
    listing_id: set by publishing, once. own_number: what the seller's own list calls it;
    from_file, from_row: where it was read, for a draft out of a file.
    """

    __tablename__ = "lot_draft"
    __table_args__ = table_args(
        UniqueConstraint("seller_id", "from_file", "from_row", name="uq_lot_draft_file_row"),
        CheckConstraint("(listing_id IS NULL) = (published_at IS NULL)", name="published_whole"),
        CheckConstraint("listing_id IS NULL OR dropped_at IS NULL", name="ends_once"),
        CheckConstraint("open_s > 0", name="open_positive"),
        Index("ix_lot_draft_seller_id_own_number", "seller_id", "own_number"),
    )

    code: str = Field(unique=True, max_length=14)
    seller_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    site_id: int | None = bigint(nullable=True, default=None, foreign_key="site.id")
    said: dict[str, Any] = json_column()
    photos: list[Any] = json_column()
    open_s: int
    own_number: str = Field(default="", max_length=40)
    from_file: str | None = Field(default=None, max_length=64)
    from_row: int | None = None
    kept_at: datetime
    changed_at: datetime
    listing_id: int | None = bigint(
        nullable=True, default=None, foreign_key="listing.id", unique=True
    )
    published_at: datetime | None = None
    dropped_at: datetime | None = None
