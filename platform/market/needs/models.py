"""What the market keeps of needs."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, table_args
from remelt.platform.market.models import MAX_MASS_G


class Need(Row, table=True):
    """What a buyer looks for, shown to every seller until `ends_at` or until it is ended.

    grades: `system|code` each, none for every grade of the metal; forms, tracks: none for all.
    mass_g: wanted in all; least_lot_g: smaller lots are not worth a truck. most_fen_per_t: the
    highest price, shown to sellers, tax as said; None is not told. productive: the buyer takes
    productive scrap as well. most_distance_m: as the crow flies; most_co2e_g_per_t: of the way,
    per tonne. purpose: the recipe or alloy that it is for.
    """

    __tablename__ = "need"
    __table_args__ = table_args(
        CheckConstraint(f"mass_g BETWEEN 1 AND {MAX_MASS_G}", name="mass_in_range"),
        CheckConstraint("least_lot_g BETWEEN 1 AND mass_g", name="least_lot_in_mass"),
        CheckConstraint("coalesce(most_fen_per_t, 1) > 0", name="price_positive"),
        CheckConstraint("coalesce(most_distance_m, 1) > 0", name="distance_positive"),
        CheckConstraint("coalesce(most_co2e_g_per_t, 0) >= 0", name="co2e_not_negative"),
        CheckConstraint("vat_rate_bp BETWEEN 0 AND 10000", name="vat_rate_in_range"),
        CheckConstraint("stated_at < ends_at", name="times_in_order"),
        CheckConstraint("ended_at IS NULL OR ended_at >= stated_at", name="ended_after_stated"),
        Index("ix_need_metal_ends_at", "metal", "ends_at"),
    )

    code: str = Field(unique=True, max_length=14)
    buyer_id: int = bigint(foreign_key="organisation.id", index=True)
    person_id: int = bigint(foreign_key="person.id")
    site_id: int = bigint(foreign_key="site.id")
    metal: str = Field(max_length=10)
    grades: list[str] = json_column()
    forms: list[str] = json_column()
    tracks: list[str] = json_column()
    mass_g: int = bigint()
    least_lot_g: int = bigint()
    most_fen_per_t: int | None = bigint(nullable=True, default=None)
    tax_included: bool
    vat_rate_bp: int
    productive: bool
    most_distance_m: int | None = bigint(nullable=True, default=None)
    most_co2e_g_per_t: int | None = bigint(nullable=True, default=None)
    purpose: str = Field(default="", max_length=100)
    note: str = Field(default="", max_length=1000)
    place_zh: str = Field(max_length=130)
    place_en: str = Field(max_length=210)
    stated_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
