"""Returns with their cause: who sent what back to whom, and who bears the way."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, one_of, table_args
from remelt.traceability.terms import CAUSES

KINDS: Final = ("refused", "unloaded", "customer")
BEARERS: Final = ("here", "there", "carrier")


class LotReturn(Row, table=True):
    """One return. kind: refused at the gate, returned after unloading, or a customer's return.

    site_id: where it was returned from; for a customer's return, where it came back to.
    to_site_id: where it goes back to. freight_by, co2e_by: `here` is the organisation of
    site_id, `there` the other party, who agrees to it (`agreed_at`) or has not yet. co2e_g: of
    the way back, None until its bearer states it. event_hash: the ledger's event. arrived_at:
    received at its end.
    """

    __tablename__ = "lot_return"
    __table_args__ = table_args(
        one_of("kind", KINDS),
        one_of("cause", CAUSES),
        one_of("freight_by", BEARERS),
        one_of("co2e_by", BEARERS),
        CheckConstraint("mass_g >= 0", name="mass_not_negative"),
        CheckConstraint("(kind = 'customer') = (to_site_id IS NULL)", name="has_a_way_back"),
        CheckConstraint("(agreed_at IS NULL) = (agreed_by IS NULL)", name="agreed_by_somebody"),
        Index("ix_lot_return_lot_code", "lot_code"),
    )

    code: str = Field(unique=True, max_length=14)
    kind: str = Field(max_length=10)
    lot_code: str = Field(max_length=14)
    mass_g: int = bigint(default=0)
    site_id: int = bigint(foreign_key="site.id", index=True)
    to_site_id: int | None = bigint(nullable=True, default=None, foreign_key="site.id", index=True)
    customer: str = Field(default="", max_length=80)
    cause: str = Field(max_length=20)
    note: str = Field(default="", max_length=300)
    freight_by: str = Field(max_length=10)
    co2e_by: str = Field(max_length=10)
    co2e_g: int | None = bigint(nullable=True, default=None)
    event_hash: str = Field(max_length=64)
    person_id: int = bigint(foreign_key="person.id")
    at: datetime
    arrived_at: datetime | None = None
    agreed_at: datetime | None = None
    agreed_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
