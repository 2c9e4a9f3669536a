"""The works' own papers: furnaces, heats, sortings, bays, energy. Masses live in the ledger."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import (
    Row,
    bigint,
    not_negative,
    one_of,
    table_args,
)

FURNACES: Final = ("reverberatory", "rotary", "tilting", "induction", "crucible", "holding")
CARRIERS: Final = ("electricity", "natural_gas")
HEEL_METHODS: Final = ("drained", "level", "weighed", "none")
SORTINGS: Final = ("sort", "split", "blend", "shred")
STANDING: Final = ("metered", "provisional", "missing")


class Furnace(Row, table=True):
    """A furnace of a site. `heel_lot` is the lot that stays in it between two heats.

    capacity_g: melt that it holds; has_meter: its energy is read for each heat.
    heats: how many it has tapped; the next heat's number is one more.
    """

    __tablename__ = "furnace"
    __table_args__ = table_args(
        UniqueConstraint("site_id", "name", name="uq_furnace_site_id_name"),
        one_of("kind", FURNACES),
        CheckConstraint("capacity_g > 0", name="capacity_positive"),
        *not_negative("heats"),
    )

    code: str = Field(unique=True, max_length=14)
    site_id: int = bigint(foreign_key="site.id", index=True)
    name: str = Field(max_length=40)
    kind: str = Field(max_length=20)
    metal: str = Field(max_length=10)
    capacity_g: int = bigint()
    has_meter: bool
    heel_lot: str | None = Field(default=None, max_length=14)
    heats: int = 0
    added_at: datetime
    ended_at: datetime | None = None


class Heat(Row, table=True):
    """One heat of a furnace: what the ledger's melt does not say. Insert-only.

    Masses, differences and vectors are read from the ledger, so that a correction shows at once.
    difference_note: the cause that was named at tapping. energy: metered for this heat,
    provisional (the last closed period stands in) or missing.
    """

    __tablename__ = "heat"
    __table_args__ = table_args(
        UniqueConstraint("furnace_id", "number", name="uq_heat_furnace_id_number"),
        one_of("heel_method", HEEL_METHODS),
        one_of("energy", STANDING),
        Index("ix_heat_site_id_tapped_at", "site_id", "tapped_at"),
    )

    code: str = Field(unique=True, max_length=14)
    site_id: int = bigint(foreign_key="site.id")
    furnace_id: int = bigint(foreign_key="furnace.id")
    person_id: int = bigint(foreign_key="person.id")
    number: int
    tapped_at: datetime
    metal: str = Field(max_length=10)
    alloy: str = Field(max_length=40)
    standard: str = Field(max_length=100)
    heel_method: str = Field(max_length=20)
    difference_note: str = Field(default="", max_length=300)
    energy: str = Field(max_length=20)
    event_hash: str = Field(max_length=64, unique=True)


class Sorting(Row, table=True):
    """One sorting, split, blend or shredding at a hub. Insert-only; the masses are the ledger's."""

    __tablename__ = "sorting"
    __table_args__ = table_args(
        one_of("kind", SORTINGS),
        Index("ix_sorting_site_id_at", "site_id", "at"),
    )

    code: str = Field(unique=True, max_length=14)
    kind: str = Field(max_length=20)
    site_id: int = bigint(foreign_key="site.id")
    person_id: int = bigint(foreign_key="person.id")
    at: datetime
    difference_note: str = Field(default="", max_length=300)
    event_hash: str = Field(max_length=64, unique=True)


class BayPlacing(Row, table=True):
    """Where a lot was put within its site; the newest placing holds. Insert-only."""

    __tablename__ = "bay_placing"
    __table_args__ = table_args(Index("ix_bay_placing_lot_code_id", "lot_code", "id"))

    lot_code: str = Field(max_length=14)
    site_id: int = bigint(foreign_key="site.id", index=True)
    bay: str = Field(max_length=40)
    person_id: int = bigint(foreign_key="person.id")
    at: datetime


class EnergyEntry(Row, table=True):
    """Energy read off a meter: of a heat, of a furnace and period, or of a site and period.

    quantity: Wh of electricity, dm3 of natural gas at normal conditions. Insert-only: a
    correction names the entry that it replaces.
    """

    __tablename__ = "energy_entry"
    __table_args__ = table_args(
        one_of("carrier", CARRIERS),
        CheckConstraint("until >= since", name="period_in_order"),
        *not_negative("quantity"),
        UniqueConstraint("corrects_id", name="uq_energy_entry_corrects_id"),
        Index("ix_energy_entry_site_id_until", "site_id", "until"),
    )

    code: str = Field(unique=True, max_length=14)
    site_id: int = bigint(foreign_key="site.id")
    furnace_id: int | None = bigint(nullable=True, default=None, foreign_key="furnace.id")
    heat_id: int | None = bigint(nullable=True, default=None, foreign_key="heat.id")
    carrier: str = Field(max_length=20)
    quantity: int = bigint()
    since: date
    until: date
    meter: str = Field(default="", max_length=60)
    person_id: int = bigint(foreign_key="person.id")
    at: datetime
    corrects_id: int | None = bigint(nullable=True, default=None, foreign_key="energy_entry.id")


class EnergyMonth(Row, table=True):
    """A closed month of a site and carrier: what all its heats used, over what they cast.

    quantity / cast_g is the intensity that stands in for heats without a meter of their own.
    """

    __tablename__ = "energy_month"
    __table_args__ = table_args(
        one_of("carrier", CARRIERS),
        UniqueConstraint("site_id", "month", "carrier", name="uq_energy_month_site_month_carrier"),
        CheckConstraint("cast_g > 0", name="cast_positive"),
        *not_negative("quantity"),
    )

    site_id: int = bigint(foreign_key="site.id")
    month: str = Field(max_length=7)
    carrier: str = Field(max_length=20)
    quantity: int = bigint()
    cast_g: int = bigint()
    closed_at: datetime
    person_id: int = bigint(foreign_key="person.id")
