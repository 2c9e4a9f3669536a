"""What the market keeps of saved searches, watch lists, and questions with their answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, table_args


class SavedSearch(Row, table=True):
    """A search of the board under a name; with `alert`, each new listing that fits is told.

    wanted: the fields of the board's filter that were set. metal: as in `wanted`, for the look-up.
    """

    __tablename__ = "saved_search"
    __table_args__ = table_args(
        CheckConstraint("ended_at IS NULL OR ended_at >= saved_at", name="ended_after_saved"),
        Index("ix_saved_search_alert_metal", "alert", "metal"),
    )

    code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    person_id: int = bigint(foreign_key="person.id")
    name: str = Field(max_length=60)
    metal: str = Field(default="", max_length=10)
    wanted: dict[str, Any] = json_column()
    alert: bool
    saved_at: datetime
    ended_at: datetime | None = None


class Watch(Row, table=True):
    """A listing that an organisation watches."""

    __tablename__ = "watch"
    __table_args__ = table_args(
        UniqueConstraint("organisation_id", "listing_id", name="uq_watch_listing")
    )

    organisation_id: int = bigint(foreign_key="organisation.id")
    listing_id: int = bigint(foreign_key="listing.id", index=True)
    person_id: int = bigint(foreign_key="person.id")
    since: datetime


class Question(Row, table=True):
    """A question about a listing, and the seller's answer: both for everybody to read.

    Who asked is kept and not shown: bidders do not know one another.
    """

    __tablename__ = "question"
    __table_args__ = table_args(
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered_in_words"),
        CheckConstraint("answered_at IS NULL OR answered_at >= asked_at", name="in_order"),
        CheckConstraint("length(asked) > 0", name="asks_something"),
    )

    code: str = Field(unique=True, max_length=14)
    listing_id: int = bigint(foreign_key="listing.id", index=True)
    asker_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    asked: str = Field(max_length=500)
    asked_at: datetime
    answer: str = Field(default="", max_length=1000)
    answered_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    answered_at: datetime | None = None
