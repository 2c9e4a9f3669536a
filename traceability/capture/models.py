"""What others captured: evidence beside the ledger. It is logged, and creates no balance."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, not_negative, one_of, table_args

BEHAVIOURS = ("rollback", "proceed")


def _of_event(table: str) -> ForeignKeyConstraint:
    """Point at an event that is numbered and stored as the write session is left."""
    return ForeignKeyConstraint(
        ["event_key"],
        ["ledger_event.id"],
        name=f"fk_{table}_event_key",
        deferrable=True,
        initially="DEFERRED",
    )


class CaptureJob(Row, table=True):
    """One capture: who gave how many events, and what was wrong with those left out."""

    __tablename__ = "capture_job"
    __table_args__ = table_args(
        UniqueConstraint("code", name="uq_capture_job_code"),
        Index("ix_capture_job_organisation_code", "organisation_code", "id"),
        one_of("behaviour", BEHAVIOURS),
        *not_negative("events", "fresh"),
    )

    code: str = Field(max_length=14)
    organisation_code: str = Field(max_length=40)
    created_at: datetime
    behaviour: str = Field(max_length=10)
    events: int
    fresh: int
    faults: list[dict[str, Any]] = json_column()


class Evidence(Row, table=True):
    """An organisation captured this event, in its own words.

    said_id: the event's id that it gave, or empty. said: the whole event as it sent it, canonical,
    where comments, ids or other fields beside the hash differ from those stored first; else None.
    """

    __tablename__ = "evidence"
    __table_args__ = table_args(
        UniqueConstraint("event_key", "organisation_code", name="uq_evidence_event_key"),
        Index("ix_evidence_organisation_code", "organisation_code", "event_key"),
        _of_event("evidence"),
    )

    event_key: int = bigint()
    organisation_code: str = Field(max_length=40)
    job_id: int = bigint(foreign_key="capture_job.id")
    said_id: str = Field(default="", max_length=500, index=True)
    said: str | None = None


class EvidenceName(Row, table=True):
    """A thing that captured evidence names: an EPC, class or parent, as a GS1 web address."""

    __tablename__ = "evidence_name"
    __table_args__ = table_args(
        UniqueConstraint("event_key", "name", name="uq_evidence_name_event_key"),
        Index("ix_evidence_name_name", "name", "event_key"),
        _of_event("evidence_name"),
    )

    event_key: int = bigint()
    name: str = Field(max_length=500)
