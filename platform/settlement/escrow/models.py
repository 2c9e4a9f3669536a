"""What the platform pays out of what it holds for others."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, not_negative, one_of, table_args
from remelt.platform.settlement.two_hands import answered, one_answer

RAILS: Final = ("bank", "stripe")
PURPOSES: Final = ("price", "back", "released", "forfeited", "umpire")


class Payout(Row, table=True):
    """Money of others that one person lets go and a second confirms; then it is transferred.

    price: of a contract, to its seller; back: what of it the buyer had paid too much; released,
    forfeited: a deposit, to its bidder or to the seller; umpire: to the laboratory that `payee`
    names. subject_code: the contract, or the listing of the deposit. fees_fen: what the payee owed
    the platform for the contract, kept back. code: the reference on the transfer. rail: how it is
    sent, by bank transfer or to the payee's account at the payment provider.
    """

    __tablename__ = "payout"
    __table_args__ = table_args(
        one_of("purpose", PURPOSES),
        one_of("rail", RAILS),
        CheckConstraint("rail = 'bank' OR purpose = 'price'", name="provider_pays_prices"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("fees_fen = 0 OR purpose = 'price'", name="fees_of_a_price"),
        CheckConstraint(
            "(deposit_id IS NOT NULL) = (purpose IN ('released', 'forfeited'))", name="of_a_deposit"
        ),
        CheckConstraint("(payee_id IS NULL) = (purpose = 'umpire')", name="to_somebody"),
        CheckConstraint("(length(payee) > 0) = (purpose = 'umpire')", name="umpire_is_named"),
        one_answer(),
        CheckConstraint(
            "(second_person_id IS NULL) = (confirmed_at IS NULL AND declined_at IS NULL)",
            name="answered_by_somebody",
        ),
        CheckConstraint("second_person_id <> person_id", name="two_hands"),
        CheckConstraint(
            "(declined_at IS NULL) = (length(reason) = 0)", name="declined_for_a_reason"
        ),
        *not_negative("fees_fen"),
    )

    code: str = Field(unique=True, max_length=14)
    purpose: str = Field(max_length=10)
    subject_code: str = Field(max_length=14, index=True)
    deposit_id: int | None = bigint(
        nullable=True, default=None, foreign_key="deposit.id", index=True
    )
    payee_id: int | None = bigint(
        nullable=True, default=None, foreign_key="organisation.id", index=True
    )
    payee: str = Field(default="", max_length=60)
    amount_fen: int = bigint()
    fees_fen: int = bigint(default=0)
    rail: str = Field(default="bank", max_length=10)
    person_id: int = bigint(foreign_key="person.id")
    made_at: datetime
    second_person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    confirmed_at: datetime | None = None
    declined_at: datetime | None = None
    reason: str = Field(default="", max_length=200)

    @property
    def state(self) -> str:
        """Confirmed, declined, or waiting for a second person."""
        return answered(confirmed_at=self.confirmed_at, declined_at=self.declined_at)
