"""Papers of metal on its way between firms: ladle notes, tolling accounts. Masses: the ledger's."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, not_negative, one_of, table_args
from remelt.traceability.models import of_event

SIDES: Final = ("sent", "received")
TERMS: Final = ("own_metal", "equivalent", "swap")
MATERIALS: Final = ("scrap", "dross")
ENTRIES: Final = ("received", "returned")


class LadleNote(Row, table=True):
    """One ladle of liquid metal as one side wrote it down. Insert-only.

    other_id: the other organisation, the own one for its own cast house. lot_code: what the
    sender sent; a receiver's note names no lot. net = gross - tare; the sender's counts.
    primary: tapped as primary metal, not cast from scrap.
    """

    __tablename__ = "ladle_note"
    __table_args__ = table_args(
        one_of("side", SIDES),
        CheckConstraint("tare_g >= 0 AND gross_g > tare_g", name="tare_below_gross"),
        CheckConstraint("(side = 'sent') = (lot_code IS NOT NULL)", name="sender_names_the_lot"),
        CheckConstraint("temperature_c BETWEEN 200 AND 2000", name="liquid_is_hot"),
        Index("ix_ladle_note_site_id_at", "site_id", "at"),
    )

    code: str = Field(unique=True, max_length=14)
    side: str = Field(max_length=10)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    site_id: int = bigint(foreign_key="site.id")
    other_id: int = bigint(foreign_key="organisation.id", index=True)
    ladle: str = Field(max_length=20)
    tap: str = Field(max_length=20)
    lot_code: str | None = Field(default=None, max_length=14, unique=True)
    gross_g: int = bigint()
    tare_g: int = bigint()
    temperature_c: int
    at: datetime
    primary: bool = False
    person_id: int = bigint(foreign_key="person.id")
    recorded_at: datetime

    @property
    def net_g(self) -> int:
        """Net mass, in g."""
        return self.gross_g - self.tare_g


class LadleMatch(Row, table=True):
    """Two notes of one ladle. Insert-only; person_id None: matched by ladle and tap number."""

    __tablename__ = "ladle_match"
    __table_args__ = table_args(
        UniqueConstraint("sent_id", name="uq_ladle_match_sent_id"),
        UniqueConstraint("received_id", name="uq_ladle_match_received_id"),
    )

    sent_id: int = bigint(foreign_key="ladle_note.id")
    received_id: int = bigint(foreign_key="ladle_note.id")
    person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    at: datetime


class TollingAccount(Row, table=True):
    """Metal that a processor works for its owner (来料加工) or swaps for ingot.

    terms: `own_metal` stays the owner's all the way; `equivalent` and `swap` pass to the
    processor at receipt, who owes ingot. yield_bp: metal owed per mass received, in 1/10,000.
    fee_fen_per_t: of what is returned. material: dross stays run-around. It binds once accepted.
    """

    __tablename__ = "tolling_account"
    __table_args__ = table_args(
        one_of("terms", TERMS),
        one_of("material", MATERIALS),
        CheckConstraint("yield_bp BETWEEN 1 AND 10000", name="yield_is_a_share"),
        CheckConstraint("owner_id <> processor_id", name="two_parties"),
        CheckConstraint("material <> 'dross' OR terms = 'own_metal'", name="dross_stays_own"),
        *not_negative("fee_fen_per_t"),
    )

    code: str = Field(unique=True, max_length=14)
    owner_id: int = bigint(foreign_key="organisation.id", index=True)
    owner_site_id: int = bigint(foreign_key="site.id")
    processor_id: int = bigint(foreign_key="organisation.id", index=True)
    site_id: int = bigint(foreign_key="site.id")
    metal: str = Field(max_length=10)
    material: str = Field(max_length=10)
    product: str = Field(max_length=60)
    terms: str = Field(max_length=12)
    yield_bp: int
    fee_fen_per_t: int = bigint(default=0)
    opened_at: datetime
    opened_by: int = bigint(foreign_key="person.id")
    accepted_at: datetime | None = None
    accepted_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    ended_at: datetime | None = None


class TollingEntry(Row, table=True):
    """One lot in or out of a metal account. Insert-only; what it weighed is the ledger's to say.

    event_key: the last event of the lot when it was booked: its mass then, as believed today, is
    what counts, so that a corrected weighing reaches the account.
    """

    __tablename__ = "tolling_entry"
    __table_args__ = table_args(
        one_of("kind", ENTRIES),
        Index("ix_tolling_entry_lot_code", "lot_code"),
        Index("ix_tolling_entry_event_key", "event_key"),
        of_event("tolling_entry"),
    )

    account_id: int = bigint(foreign_key="tolling_account.id", index=True)
    kind: str = Field(max_length=10)
    lot_code: str = Field(max_length=14)
    event_key: int = bigint()
    person_id: int = bigint(foreign_key="person.id")
    at: datetime
