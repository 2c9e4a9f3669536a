"""Books, accounts, entries and postings. All of them are only ever added to.

The database keeps every entry zero in sum per currency and of one book (`migrations/ddl_money.py`).
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, one_of, table_args
from remelt.platform.settlement.ledger.chart import CNY, KINDS


class MoneyBook(Row, table=True):
    """A set of books: an organisation's, or the platform's own, which has none."""

    __tablename__ = "money_book"
    __table_args__ = table_args(
        CheckConstraint(
            "(organisation_id IS NULL) = (name = 'platform')", name="organisation_or_platform"
        )
    )

    name: str = Field(unique=True, max_length=20)
    organisation_id: int | None = bigint(
        nullable=True, default=None, foreign_key="organisation.id", unique=True
    )


class MoneyAccount(Row, table=True):
    """An account of a book, see `chart`. code: what pages call it by."""

    __tablename__ = "money_account"
    __table_args__ = table_args(
        one_of("kind", KINDS),
        UniqueConstraint("book_id", "kind", "subject", "currency", name="uq_money_account_in_book"),
        UniqueConstraint("id", "book_id", "currency", name="uq_money_account_whole"),
        CheckConstraint("length(currency) = 3", name="currency_of_three"),
    )

    code: str = Field(unique=True, max_length=14)
    book_id: int = bigint(foreign_key="money_book.id")
    kind: str = Field(max_length=20)
    subject: str = Field(default="", max_length=40)
    currency: str = Field(default=CNY, max_length=3)


class MoneyEntry(Row, table=True):
    """One entry of one book. The same key again is the same entry.

    kind: what happened; ref: the code of what it happened to; on_day: the Beijing day of `at`.
    lines: how many postings it has, all written with it; sha256: over them. reverses_id: the
    entry that this one takes back. person_id: who did it, None where a rule did.
    """

    __tablename__ = "money_entry"
    __table_args__ = table_args(
        UniqueConstraint("id", "book_id", name="uq_money_entry_whole"),
        CheckConstraint("lines >= 2", name="lines_two_or_more"),
    )

    code: str = Field(unique=True, max_length=14)
    idem_key: str = Field(unique=True, max_length=120)
    book_id: int = bigint(foreign_key="money_book.id")
    kind: str = Field(max_length=40)
    ref: str = Field(max_length=40, index=True)
    at: datetime
    on_day: date = Field(index=True)
    lines: int
    sha256: str = Field(max_length=64)
    reverses_id: int | None = bigint(
        nullable=True, default=None, foreign_key="money_entry.id", unique=True
    )
    person_id: int | None = bigint(nullable=True, default=None, foreign_key="person.id")


class MoneyPosting(Row, table=True):
    """One line of an entry, debit above zero. position: 1, 2, ... `lines` of the entry."""

    __tablename__ = "money_posting"
    __table_args__ = table_args(
        UniqueConstraint("entry_id", "position", name="uq_money_posting_position"),
        ForeignKeyConstraint(
            ["entry_id", "book_id"],
            ["money_entry.id", "money_entry.book_id"],
            name="fk_money_posting_entry",
        ),
        ForeignKeyConstraint(
            ["account_id", "book_id", "currency"],
            ["money_account.id", "money_account.book_id", "money_account.currency"],
            name="fk_money_posting_account",
        ),
        CheckConstraint("amount_minor <> 0", name="amount_not_nothing"),
        CheckConstraint("position >= 1", name="position_from_one"),
    )

    entry_id: int = bigint()
    position: int
    book_id: int = bigint()
    account_id: int = bigint(index=True)
    currency: str = Field(max_length=3)
    amount_minor: int = bigint()
