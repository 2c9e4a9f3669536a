"""Index prices as they are kept: a figure that changes gets a new revision, none is edited."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, one_of, table_args
from remelt.platform.settlement.pricing.units import UNITS

MOST_E6 = 10**15


class PriceIndex(Row, table=True):
    """A price or rate that somebody publishes: SMM A00, LME settlement, a bank's CNY/USD.

    unit: of `UNITS`; calendar: by which days it is quoted. vat_rate_bp: the VAT inside the
    published figure, 0 where it is without.
    """

    __tablename__ = "price_index"
    __table_args__ = table_args(
        one_of("unit", tuple(UNITS)),
        CheckConstraint("vat_rate_bp BETWEEN 0 AND 10000", name="vat_rate_in_range"),
    )

    code: str = Field(unique=True, max_length=20)
    name_zh: str = Field(max_length=60)
    name_en: str = Field(default="", max_length=60)
    source: str = Field(max_length=60)
    unit: str = Field(max_length=10)
    calendar: str = Field(max_length=20)
    vat_rate_bp: int = 0
    added_at: datetime
    person_id: int = bigint(foreign_key="person.id")


class IndexPrice(Row, table=True):
    """What an index says for a day, in millionths of its unit. The highest revision stands.

    published_at: when the source says it published it; file_sha256: the file it was read from.
    """

    __tablename__ = "index_price"
    __table_args__ = table_args(
        UniqueConstraint("index_id", "day", "revision", name="uq_index_price_revision"),
        CheckConstraint(f"value_e6 BETWEEN 1 AND {MOST_E6}", name="value_in_range"),
        CheckConstraint("revision >= 1", name="revision_from_one"),
    )

    index_id: int = bigint(foreign_key="price_index.id", index=True)
    day: date
    revision: int
    value_e6: int = bigint()
    published_at: datetime | None = None
    imported_at: datetime
    file_sha256: str = Field(max_length=64)
    person_id: int = bigint(foreign_key="person.id")


class TradingDay(Row, table=True):
    """A day that a calendar treats otherwise than its weekday: a holiday, or a worked weekend."""

    __tablename__ = "trading_day"
    __table_args__ = table_args(
        UniqueConstraint("calendar", "day", "revision", name="uq_trading_day_revision"),
    )

    calendar: str = Field(max_length=20)
    day: date
    revision: int
    trades: bool
    name: str = Field(default="", max_length=60)
    set_at: datetime
    person_id: int = bigint(foreign_key="person.id")
