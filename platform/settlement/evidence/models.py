"""Papers that prove a purchase, beside what the scale and the till keep themselves."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, one_of, table_args

PAPERS: Final = ("photo", "payment", "invoice")


class PurchasePaper(Row, table=True):
    """A photo of the goods, a proof of payment or a seller's invoice: a file, a number or both.

    kind, subject_code: of the purchase's settlement. Insert-only.
    """

    __tablename__ = "purchase_paper"
    __table_args__ = table_args(
        one_of("paper", PAPERS),
        CheckConstraint("sha256 IS NOT NULL OR length(number) > 0", name="file_or_number"),
    )

    buyer_id: int = bigint(foreign_key="organisation.id", index=True)
    kind: str = Field(max_length=10)
    subject_code: str = Field(max_length=14, index=True)
    paper: str = Field(max_length=10)
    number: str = Field(default="", max_length=40)
    sha256: str | None = Field(default=None, max_length=64)
    person_id: int = bigint(foreign_key="person.id")
    added_at: datetime
