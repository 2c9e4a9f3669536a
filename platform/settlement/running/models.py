"""Running accounts of a payer with a payee: advances, their use, statements and their answers."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, not_negative, one_of, table_args
from remelt.platform.settlement.models import METHODS
from remelt.platform.settlement.two_hands import answered, two_hands

PURPOSES: Final = ("prepayment", "advance")
FACTS: Final = ("settlement", "payment", "advance")
VERDICTS: Final = ("confirmed", "disputed")


class RunningAccount(Row, table=True):
    """What one organisation buys of another, month by month. Locked while it is drawn on."""

    __tablename__ = "running_account"
    __table_args__ = table_args(
        UniqueConstraint("payer_id", "payee_id", name="uq_running_account_pair"),
        CheckConstraint("payer_id <> payee_id", name="two_parties"),
    )

    code: str = Field(unique=True, max_length=14)
    payer_id: int = bigint(foreign_key="organisation.id")
    payee_id: int = bigint(foreign_key="organisation.id", index=True)
    opened_at: datetime


class AdvanceLimit(Row, table=True):
    """The most that may be outstanding in advances; the newest counts. Insert-only."""

    __tablename__ = "advance_limit"
    __table_args__ = table_args(*not_negative("limit_fen"))

    account_id: int = bigint(foreign_key="running_account.id", index=True)
    limit_fen: int = bigint()
    person_id: int = bigint(foreign_key="person.id")
    set_at: datetime


class Advance(Row, table=True):
    """Money paid before anything was delivered. It counts once it is confirmed.

    prepayment: towards goods ordered; advance: to a collector, to buy with.
    """

    __tablename__ = "advance"
    __table_args__ = table_args(
        one_of("purpose", PURPOSES),
        one_of("method", METHODS),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        *two_hands(),
    )

    code: str = Field(unique=True, max_length=14)
    account_id: int = bigint(foreign_key="running_account.id", index=True)
    purpose: str = Field(max_length=10)
    amount_fen: int = bigint()
    method: str = Field(max_length=10)
    reference: str = Field(default="", max_length=60)
    paid_on: date
    person_id: int = bigint(foreign_key="person.id")
    recorded_at: datetime
    needs_second: bool
    second_person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    confirmed_at: datetime | None = None
    declined_at: datetime | None = None

    @property
    def state(self) -> str:
        """confirmed, declined, or waiting for a second person."""
        return answered(confirmed_at=self.confirmed_at, declined_at=self.declined_at)


class AdvanceUse(Row, table=True):
    """What of an advance paid for a delivery: the payment record that says so. Insert-only."""

    __tablename__ = "advance_use"
    __table_args__ = table_args(CheckConstraint("amount_fen > 0", name="amount_positive"))

    advance_id: int = bigint(foreign_key="advance.id", index=True)
    payment_id: int = bigint(foreign_key="payment_record.id", unique=True)
    amount_fen: int = bigint()
    at: datetime


class AccountStatement(Row, table=True):
    """The statement (对账单) of a month: what was owed before, each fact, what is owed after.

    Above zero the payer owes. sha256: over account, month, sums, lines and the hash of the
    statement before it, so that none can be swapped. Insert-only.
    """

    __tablename__ = "account_statement"
    __table_args__ = table_args(
        UniqueConstraint("account_id", "month", name="uq_account_statement_month"),
    )

    code: str = Field(unique=True, max_length=14)
    account_id: int = bigint(foreign_key="running_account.id")
    month: str = Field(max_length=7)
    opening_fen: int = bigint()
    closing_fen: int = bigint()
    before_sha256: str = Field(default="", max_length=64)
    sha256: str = Field(max_length=64)
    issuer_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    issued_at: datetime


class StatementLine(Row, table=True):
    """One fact on a statement; a fact stands on one statement only. Insert-only."""

    __tablename__ = "statement_line"
    __table_args__ = table_args(
        one_of("fact", FACTS),
        UniqueConstraint("fact", "fact_code", name="uq_statement_line_fact"),
        UniqueConstraint("statement_id", "position", name="uq_statement_line_position"),
    )

    statement_id: int = bigint(foreign_key="account_statement.id")
    position: int
    fact: str = Field(max_length=10)
    fact_code: str = Field(max_length=14)
    subject_code: str = Field(default="", max_length=14)
    at: datetime
    amount_fen: int = bigint()


class StatementAnswer(Row, table=True):
    """The other party's word on a statement. Insert-only."""

    __tablename__ = "statement_answer"
    __table_args__ = table_args(
        one_of("verdict", VERDICTS),
        CheckConstraint(
            "(verdict = 'disputed') = (length(reason) > 0)", name="disputed_for_a_reason"
        ),
    )

    statement_id: int = bigint(foreign_key="account_statement.id", unique=True)
    verdict: str = Field(max_length=10)
    reason: str = Field(default="", max_length=200)
    person_id: int = bigint(foreign_key="person.id")
    answered_at: datetime
