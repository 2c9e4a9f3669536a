"""Continuous lines and the periods they are accounted over. Masses live in the ledger."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, not_negative, one_of, table_args
from remelt.traceability.terms import STOCK_METHODS

LINE_KINDS: Final = ("tankhouse", "rod_line", "casting_line")


class ProductionLine(Row, table=True):
    """A process that never stops for a heat: copper tankhouse, rod line, casting line.

    stock_lot: the lot that is in process now. campaign: the running drain-to-drain campaign's
    number; it begins with the first period and after each period that ends drained.
    """

    __tablename__ = "production_line"
    __table_args__ = table_args(
        UniqueConstraint("site_id", "name", name="uq_production_line_site_id_name"),
        one_of("kind", LINE_KINDS),
        *not_negative("periods", "campaign"),
    )

    code: str = Field(unique=True, max_length=14)
    site_id: int = bigint(foreign_key="site.id", index=True)
    name: str = Field(max_length=40)
    kind: str = Field(max_length=20)
    metal: str = Field(max_length=10)
    stock_lot: str | None = Field(default=None, max_length=14)
    periods: int = 0
    campaign: int = 0
    added_at: datetime
    ended_at: datetime | None = None


class LinePeriod(Row, table=True):
    """One period of a line. Insert-only; opening, in, out and closing masses are the ledger's.

    method: how the closing in-process stock was found; a drained line holds none.
    """

    __tablename__ = "line_period"
    __table_args__ = table_args(
        UniqueConstraint("line_id", "number", name="uq_line_period_line_id_number"),
        one_of("method", STOCK_METHODS),
        CheckConstraint("until >= since", name="period_in_order"),
    )

    code: str = Field(unique=True, max_length=14)
    line_id: int = bigint(foreign_key="production_line.id")
    number: int
    campaign: int
    person_id: int = bigint(foreign_key="person.id")
    since: date
    until: date
    method: str = Field(max_length=20)
    difference_note: str = Field(default="", max_length=300)
    recorded_at: datetime
    event_hash: str = Field(max_length=64, unique=True)
