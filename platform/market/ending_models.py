"""What is kept of ends that could not be made."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, one_of, table_args

ENDS = ("auction", "turn", "claim", "sale", "award", "tender")


class Holdup(Row, table=True):
    """An end that fell due and could not be made; gone once it is made.

    kind, subject: what was to end, by its code; a claim by the number of its deposit. again_at:
    until then it is left alone, so that it holds up no other. reason: the last one.
    """

    __tablename__ = "holdup"
    __table_args__ = table_args(
        one_of("kind", ENDS),
        UniqueConstraint("kind", "subject", name="uq_holdup_subject"),
        CheckConstraint("tries > 0", name="tries_positive"),
        CheckConstraint("first_at <= last_at AND last_at <= again_at", name="in_order"),
    )

    kind: str = Field(max_length=10)
    subject: str = Field(max_length=20)
    tries: int = 1
    first_at: datetime
    last_at: datetime
    again_at: datetime = Field(index=True)
    reason: str = Field(max_length=300)
