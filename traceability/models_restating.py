"""What a correction needs of the past, as stored: lots before workings, and what was said anew."""

from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, UniqueConstraint

from remelt.platform.kernel.rows import Row, bigint, json_column, table_args
from remelt.traceability.models import of_event


class LotBefore(Row, table=True):
    """A lot as a working found it, or as a correction found it; the newest writing holds.

    written_key: the event that said so, the working itself at first. Insert-only; the owner stands
    apart from the figures, so that a person can be erased and no figure be changed.
    """

    __tablename__ = "lot_before"
    __table_args__ = table_args(
        UniqueConstraint("event_key", "lot_id", "written_key", name="uq_lot_before_event_lot"),
        Index("ix_lot_before_lot_id", "lot_id"),
        Index(
            "ix_lot_before_written_key",
            "written_key",
            sqlite_where=text("written_key <> event_key"),
            postgresql_where=text("written_key <> event_key"),
        ),
        of_event("lot_before"),
    )

    event_key: int = bigint()
    lot_id: int = bigint(foreign_key="lot.id")
    written_key: int = bigint()
    owner: str = Field(max_length=120)
    lot: dict[str, Any] = json_column()


class Restatement(Row, table=True):
    """An event that is said anew, by which event, and with which event that took effect."""

    __tablename__ = "restatement"
    __table_args__ = table_args(
        UniqueConstraint("event_key", "by_key", name="uq_restatement_event_key_by_key"),
        Index("ix_restatement_by_key", "by_key"),
        Index("ix_restatement_written_key", "written_key"),
        of_event("restatement"),
    )

    event_key: int = bigint()
    by_key: int = bigint()
    written_key: int = bigint()


class CorrectionWaiting(Row, table=True):
    """A correction that reaches so far that a job derives what follows; done_key: the event.

    A worklist, not history: the row is kept and marked done.
    """

    __tablename__ = "correction_waiting"
    __table_args__ = table_args(
        UniqueConstraint("event_key", name="uq_correction_waiting_event_key"),
        of_event("correction_waiting"),
    )

    event_key: int = bigint()
    event_hash: str = Field(max_length=64)
    done_key: int | None = bigint(nullable=True, default=None)
