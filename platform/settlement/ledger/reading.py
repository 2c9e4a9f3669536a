"""What the book of money says: trial balance, an account with its lines, an entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case
from sqlmodel import Session, col, func, select

from remelt.platform.settlement.ledger.chart import CHART, Account, Title
from remelt.platform.settlement.ledger.errors import NoSuchAccount, NoSuchEntry
from remelt.platform.settlement.ledger.models import (
    MoneyAccount,
    MoneyBook,
    MoneyEntry,
    MoneyPosting,
)

Posted = tuple[MoneyEntry, list[tuple[MoneyAccount, int]]]
"""An entry with its lines: which account, and how much, debit above zero."""


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One account over a span of days: what it stood at, what came on each side, what it stands at.

    Signed, debit above zero; `debit_minor` and `credit_minor` are the turnover, both >= 0.
    """

    account: MoneyAccount
    opening_minor: int
    debit_minor: int
    credit_minor: int

    @property
    def closing_minor(self) -> int:
        """What the account stands at after the last day."""
        return self.opening_minor + self.debit_minor - self.credit_minor

    @property
    def title(self) -> Title:
        """Its place in the chart."""
        return CHART[self.account.kind]


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One posting of an account, and what the account stood at after it."""

    entry: MoneyEntry
    amount_minor: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One posting of a book with its entry and account, as a journal lists them."""

    entry: MoneyEntry
    account: MoneyAccount
    amount_minor: int


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry with its lines, and what took it back or was taken back by it."""

    entry: MoneyEntry
    lines: tuple[tuple[MoneyAccount, int], ...]
    reversed_by: MoneyEntry | None
    reverses: MoneyEntry | None


def book_id_of(session: Session, *, organisation_id: int | None) -> int | None:
    """Return the book of an organisation, None for the platform's; None where none is open."""
    name = "platform" if organisation_id is None else str(organisation_id)
    return session.exec(select(MoneyBook.id).where(MoneyBook.name == name)).one_or_none()


def trial_balance(session: Session, *, book_id: int, since: date, until: date) -> list[TrialLine]:
    """Return every account of a book that ever moved, by its number, over `since`..`until`.

    Both days are Beijing days and included. The closing balances are zero in sum per currency.
    """
    day, amount = col(MoneyEntry.on_day), col(MoneyPosting.amount_minor)
    within = and_(day >= since, day <= until)
    statement = (
        select(
            MoneyAccount,
            _sum(amount, day < since),
            _sum(amount, and_(within, amount > 0)),
            _sum(-amount, and_(within, amount < 0)),
        )
        .join(MoneyPosting, col(MoneyPosting.account_id) == col(MoneyAccount.id))
        .join(MoneyEntry, col(MoneyEntry.id) == col(MoneyPosting.entry_id))
        .where(MoneyAccount.book_id == book_id, day <= until)
        .group_by(*MoneyAccount.__table__.c)  # type: ignore[attr-defined]
    )
    lines = [
        TrialLine(row[0], int(row[1]), int(row[2]), int(row[3])) for row in session.exec(statement)
    ]
    return sorted(
        lines, key=lambda line: (line.title.number, line.account.subject, line.account.currency)
    )


def journal(session: Session, *, book_id: int, since: date, until: date) -> list[JournalLine]:
    """Return every posting of a book over Beijing days, both included, as they were entered."""
    rows = session.exec(
        select(MoneyEntry, MoneyAccount, MoneyPosting.amount_minor)
        .join(MoneyPosting, col(MoneyPosting.entry_id) == col(MoneyEntry.id))
        .join(MoneyAccount, col(MoneyAccount.id) == col(MoneyPosting.account_id))
        .where(MoneyEntry.book_id == book_id, col(MoneyEntry.on_day).between(since, until))
        .order_by(col(MoneyEntry.id), col(MoneyPosting.position))
    )
    return [JournalLine(*row) for row in rows]


def balance_of(session: Session, *, book_id: int, account: Account) -> int:
    """Return what an account of a book stands at, debit above zero; 0 for one never opened."""
    found = session.exec(
        select(func.coalesce(func.sum(MoneyPosting.amount_minor), 0))
        .join(MoneyAccount, col(MoneyAccount.id) == col(MoneyPosting.account_id))
        .where(
            MoneyAccount.book_id == book_id,
            MoneyAccount.kind == account.kind,
            MoneyAccount.subject == account.subject,
            MoneyAccount.currency == account.currency,
        )
    ).one()
    return int(found)


def account_by_code(session: Session, *, book_id: int, code: str) -> MoneyAccount:
    """Return an account of a book. Raises `NoSuchAccount`."""
    found = session.exec(
        select(MoneyAccount).where(MoneyAccount.code == code, MoneyAccount.book_id == book_id)
    ).one_or_none()
    if found is None:
        raise NoSuchAccount(account=code[:20])
    return found


def account_lines(
    session: Session, *, account: MoneyAccount, limit: int = 200
) -> list[AccountLine]:
    """Return the newest postings of an account, newest first, with the balance after each."""
    running = func.sum(MoneyPosting.amount_minor).over(order_by=col(MoneyPosting.id))
    rows = session.exec(
        select(MoneyEntry, MoneyPosting.amount_minor, running)
        .join(MoneyEntry, col(MoneyEntry.id) == col(MoneyPosting.entry_id))
        .where(MoneyPosting.account_id == account.key)
        .order_by(col(MoneyPosting.id).desc())
        .limit(limit)
    )
    return [AccountLine(row[0], row[1], int(row[2])) for row in rows]


def entry_by_code(session: Session, *, book_id: int, code: str) -> EntryView:
    """Return an entry of a book with its lines. Raises `NoSuchEntry`."""
    entry = session.exec(
        select(MoneyEntry).where(MoneyEntry.code == code, MoneyEntry.book_id == book_id)
    ).one_or_none()
    if entry is None:
        raise NoSuchEntry(entry=code[:20])
    lines = session.exec(
        select(MoneyAccount, MoneyPosting.amount_minor)
        .join(MoneyPosting, col(MoneyPosting.account_id) == col(MoneyAccount.id))
        .where(MoneyPosting.entry_id == entry.key)
        .order_by(col(MoneyPosting.position))
    )
    back = select(MoneyEntry).where(MoneyEntry.reverses_id == entry.key)
    first = select(MoneyEntry).where(MoneyEntry.id == entry.reverses_id)
    return EntryView(
        entry=entry,
        lines=tuple((row[0], row[1]) for row in lines),
        reversed_by=session.exec(back).one_or_none(),
        reverses=session.exec(first).one_or_none() if entry.reverses_id else None,
    )


def entries_about(
    session: Session, *, book_id: int, subject: str, limit: int = 100
) -> list[Posted]:
    """Return the entries of a book that touch an account kept for `subject`, oldest first."""
    touched = (
        select(MoneyPosting.entry_id)
        .join(MoneyAccount, col(MoneyAccount.id) == col(MoneyPosting.account_id))
        .where(MoneyAccount.book_id == book_id, MoneyAccount.subject == subject)
    )
    rows = session.exec(
        select(MoneyEntry, MoneyAccount, MoneyPosting.amount_minor)
        .join(MoneyPosting, col(MoneyPosting.entry_id) == col(MoneyEntry.id))
        .join(MoneyAccount, col(MoneyAccount.id) == col(MoneyPosting.account_id))
        .where(MoneyEntry.book_id == book_id, col(MoneyEntry.id).in_(touched))
        .order_by(col(MoneyEntry.id), col(MoneyPosting.position))
    )
    found: dict[int, Posted] = {}
    for entry, account, amount in rows:
        found.setdefault(entry.key, (entry, []))[1].append((account, amount))
    return list(found.values())[-limit:]


def unbalanced(session: Session) -> Sequence[str]:
    """Return the codes of entries that are not zero in sum or have not the lines that they say.

    The database refuses them as they come; this looks at what is kept, past its triggers too.
    """
    sums = (
        select(
            col(MoneyPosting.entry_id).label("entry_id"),
            func.sum(MoneyPosting.amount_minor).label("left_minor"),
            func.count(col(MoneyPosting.id)).label("lines"),
        )
        .group_by(col(MoneyPosting.entry_id), col(MoneyPosting.currency))
        .subquery()
    )
    by_entry = (
        select(
            sums.c.entry_id,
            func.sum(func.abs(sums.c.left_minor)).label("left_minor"),
            func.sum(sums.c.lines).label("lines"),
        )
        .group_by(sums.c.entry_id)
        .subquery()
    )
    return session.exec(
        select(MoneyEntry.code)
        .outerjoin(by_entry, by_entry.c.entry_id == col(MoneyEntry.id))
        .where(
            by_entry.c.lines.is_(None)
            | (by_entry.c.left_minor != 0)
            | (by_entry.c.lines != col(MoneyEntry.lines))
        )
        .order_by(col(MoneyEntry.id))
    ).all()


def _sum(amount: SQLColumnExpression[int], when: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((when, amount), else_=0)), 0)
