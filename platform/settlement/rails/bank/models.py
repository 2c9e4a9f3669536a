"""Bank accounts, the statements taken in, their lines, and what these were matched with."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, one_of, table_args
from remelt.platform.settlement.ledger.chart import CNY
from remelt.platform.settlement.two_hands import answered, two_hands

MATCH_KINDS: Final = ("payment", "deposit", "payout", "rounding", "account")


class BankAccount(Row, table=True):
    """A bank account whose statements are taken in.

    of_platform: it holds the money of others (deposits); it is then entered in the platform's
    book, else in the organisation's own.
    """

    __tablename__ = "bank_account"
    __table_args__ = table_args(
        UniqueConstraint("organisation_id", "number", name="uq_bank_account_number")
    )

    code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    of_platform: bool = False
    bank: str = Field(max_length=60)
    number: str = Field(max_length=34)
    currency: str = Field(default=CNY, max_length=3)
    opened_at: datetime


class BankLayout(Row, table=True):
    """What the headings of an account's files mean, as somebody said; the newest counts.

    columns: heading -> the name of a column of `statement.COLUMNS`. Insert-only.
    """

    __tablename__ = "bank_layout"
    __table_args__ = table_args()

    bank_account_id: int = bigint(foreign_key="bank_account.id", index=True)
    columns: dict[str, str] = json_column()
    person_id: int = bigint(foreign_key="person.id")
    said_at: datetime


class BankStatement(Row, table=True):
    """A file of an account's movements, taken in. fresh: lines not known from an earlier file."""

    __tablename__ = "bank_statement"
    __table_args__ = table_args()

    bank_account_id: int = bigint(foreign_key="bank_account.id", index=True)
    filename: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    rows: int
    fresh: int
    person_id: int = bigint(foreign_key="person.id")
    imported_at: datetime


class BankMovement(Row, table=True):
    """One line of a statement: money in above zero, out below, in the account's currency.

    row: where it stood in the file; sha256: what tells it from every other line of the account.
    balance_minor: what the bank says the account stood at after it, None where it does not say.
    """

    __tablename__ = "bank_movement"
    __table_args__ = table_args(
        UniqueConstraint("bank_account_id", "sha256", name="uq_bank_movement_once"),
        CheckConstraint("amount_minor <> 0", name="amount_not_nothing"),
    )

    code: str = Field(unique=True, max_length=14)
    bank_account_id: int = bigint(foreign_key="bank_account.id", index=True)
    statement_id: int = bigint(foreign_key="bank_statement.id", index=True)
    row: int
    sha256: str = Field(max_length=64)
    at: datetime
    on_day: date = Field(index=True)
    amount_minor: int = bigint()
    balance_minor: int | None = bigint(nullable=True, default=None)
    name: str = Field(default="", max_length=120)
    account: str = Field(default="", max_length=40)
    bank_ref: str = Field(default="", max_length=60)
    text: str = Field(default="", max_length=300)


class BankMatch(Row, table=True):
    """What part of a line was for what: a payment, a deposit, a payout, a cent, or no trade.

    booked_to: the kind of ledger account that a line of no trade belongs to.
    amount_minor: signed as the line; it counts once confirmed, until it is undone.
    made_payment: the payment was recorded from this line; rounding_id: a payment of one cent that
    writes off what the line is short. why: how it was found.
    """

    __tablename__ = "bank_match"
    __table_args__ = table_args(
        one_of("kind", MATCH_KINDS),
        CheckConstraint("amount_minor <> 0", name="amount_not_nothing"),
        CheckConstraint("(kind = 'payment') = (payment_id IS NOT NULL)", name="of_a_payment"),
        CheckConstraint("(kind = 'deposit') = (deposit_id IS NOT NULL)", name="of_a_deposit"),
        CheckConstraint("(kind = 'payout') = (payout_id IS NOT NULL)", name="of_a_payout"),
        CheckConstraint("(kind = 'account') = (length(booked_to) > 0)", name="to_an_account"),
        *two_hands(),
        CheckConstraint("undone_at IS NULL OR confirmed_at IS NOT NULL", name="undone_after"),
    )

    code: str = Field(unique=True, max_length=14)
    movement_id: int = bigint(foreign_key="bank_movement.id", index=True)
    kind: str = Field(max_length=10)
    payment_id: int | None = bigint(
        nullable=True, default=None, foreign_key="payment_record.id", index=True
    )
    deposit_id: int | None = bigint(nullable=True, default=None, foreign_key="deposit.id")
    payout_id: int | None = bigint(nullable=True, default=None, foreign_key="payout.id", index=True)
    rounding_id: int | None = bigint(nullable=True, default=None, foreign_key="payment_record.id")
    made_payment: bool = False
    booked_to: str = Field(default="", max_length=20)
    amount_minor: int = bigint()
    why: str = Field(default="by-hand", max_length=20)
    person_id: int = bigint(foreign_key="person.id")
    made_at: datetime
    needs_second: bool
    second_person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    confirmed_at: datetime | None = None
    declined_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: int | None = bigint(nullable=True, default=None, foreign_key="person.id")
    reason: str = Field(default="", max_length=200)

    @property
    def state(self) -> str:
        """Waiting (for a second person), confirmed, declined or undone."""
        if self.undone_at is not None:
            return "undone"
        return answered(confirmed_at=self.confirmed_at, declined_at=self.declined_at)
