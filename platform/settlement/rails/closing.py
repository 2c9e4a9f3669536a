"""A day's close over every rail: what the book says, and what bank and provider say."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyEntry, MoneyPosting
from remelt.platform.settlement.ledger.reading import book_id_of
from remelt.platform.settlement.rails.bank.models import BankAccount, BankMovement
from remelt.platform.settlement.rails.bank.queries import movements
from remelt.platform.settlement.rails.provider_models import (
    PaymentIntentRequest,
    ProviderBalance,
    ProviderDifference,
    ProviderEvent,
)

MOST = 5_000
UNDER_WAY = ("stored", "waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class RailDay:
    """One account of money on one day. statement_minor: what bank or provider says, None unsaid.

    open_lines, open_minor: what the other side shows and nobody has explained; dead: notices that
    were tried in vain; under_way: orders without an answer.
    """

    rail: str
    name: str
    code: str
    currency: str
    book_minor: int
    statement_minor: int | None
    open_lines: int
    open_minor: int
    dead: int = 0
    under_way: int = 0

    @property
    def differs_minor(self) -> int | None:
        """What the other side says less the book; None where it says nothing of the day."""
        return None if self.statement_minor is None else self.statement_minor - self.book_minor

    @property
    def agrees(self) -> bool:
        """Whether nothing is left to explain."""
        return self.differs_minor == 0 and not (self.open_lines or self.dead or self.under_way)


@dataclass(frozen=True, slots=True)
class Closing:
    """A day's close: every rail, and what of the platform's book hangs between them."""

    rails: tuple[RailDay, ...]
    suspense_minor: int
    clearing_minor: int
    sum_minor: int


def closing(session: Session, *, organisation_id: int, day: date) -> Closing:
    """Return how the rails of the operator stand at the end of a Beijing day."""
    accounts = session.exec(
        select(BankAccount)
        .where(
            BankAccount.organisation_id == organisation_id, col(BankAccount.of_platform).is_(True)
        )
        .order_by(col(BankAccount.id))
    ).all()
    book_id = book_id_of(session, organisation_id=None) or 0
    banks = [_bank(session, account, day=day, book_id=book_id) for account in accounts]
    return Closing(
        rails=(*banks, *_providers(session, day=day)),
        suspense_minor=_stood(session, Account("suspense"), book_id=book_id, day=day),
        clearing_minor=_stood(session, Account("bank_clearing"), book_id=book_id, day=day),
        sum_minor=_sum(session, book_id=book_id, day=day),
    )


def _bank(session: Session, account: BankAccount, *, day: date, book_id: int) -> RailDay:
    last = session.exec(
        select(BankMovement)
        .where(BankMovement.bank_account_id == account.key, col(BankMovement.on_day) <= day)
        .order_by(
            col(BankMovement.on_day).desc(), col(BankMovement.at).desc(),
            col(BankMovement.row).desc(),
        )
        .limit(1)
    ).one_or_none()  # fmt: skip
    waits = [
        line
        for line in movements(session, account=account, open_only=True, limit=MOST)
        if line.movement.on_day <= day
    ]
    place = Account("bank", account.code, account.currency)
    return RailDay(
        rail="bank",
        name=f"{account.bank} …{account.number[-4:]}",
        code=account.code,
        currency=account.currency,
        book_minor=_stood(session, place, book_id=book_id, day=day),
        statement_minor=None if last is None else last.balance_minor,
        open_lines=len(waits),
        open_minor=sum(line.left_minor + line.waiting_minor for line in waits),
    )


def _providers(session: Session, *, day: date) -> list[RailDay]:
    """Every provider that was ever compared or asked, by currency, as it was last compared."""
    rows = session.exec(
        select(ProviderBalance)
        .where(col(ProviderBalance.on_day) <= day)
        .order_by(col(ProviderBalance.id))
    )
    newest = {(row.provider, row.currency): row for row in rows}
    return [_provider(session, row, day=day) for _, row in sorted(newest.items())]


def _provider(session: Session, row: ProviderBalance, *, day: date) -> RailDay:
    open_rows = session.exec(
        select(ProviderDifference).where(
            ProviderDifference.provider == row.provider,
            ProviderDifference.currency == row.currency,
            col(ProviderDifference.on_day) <= day,
            col(ProviderDifference.explained_at).is_(None),
        )
    ).all()
    moved = [each for each in open_rows if each.kind != "balance-differs"]
    dead = select(func.count(col(ProviderEvent.id))).where(
        ProviderEvent.provider == row.provider, ProviderEvent.state == "dead"
    )
    waits = select(func.count(col(PaymentIntentRequest.id))).where(
        PaymentIntentRequest.provider == row.provider,
        col(PaymentIntentRequest.state).in_(UNDER_WAY),
        PaymentIntentRequest.currency == row.currency,
    )
    return RailDay(
        rail=row.provider,
        name=row.provider.capitalize(),
        code="",
        currency=row.currency,
        book_minor=row.ours_minor,
        statement_minor=row.theirs_minor,
        open_lines=len(moved),
        open_minor=sum(abs(each.theirs_minor - each.ours_minor) for each in moved),
        dead=session.exec(dead).one(),
        under_way=session.exec(waits).one(),
    )


def _stood(session: Session, account: Account, *, book_id: int, day: date) -> int:
    """What an account stood at at the end of a day."""
    found = session.exec(
        select(func.coalesce(func.sum(MoneyPosting.amount_minor), 0))
        .join(MoneyAccount, col(MoneyAccount.id) == col(MoneyPosting.account_id))
        .join(MoneyEntry, col(MoneyEntry.id) == col(MoneyPosting.entry_id))
        .where(
            MoneyAccount.book_id == book_id,
            MoneyAccount.kind == account.kind,
            MoneyAccount.subject == account.subject,
            MoneyAccount.currency == account.currency,
            col(MoneyEntry.on_day) <= day,
        )
    ).one()
    return int(found)


def _sum(session: Session, *, book_id: int, day: date) -> int:
    """Debit less credit of a whole book: nought, or the database was written past its rules."""
    found = session.exec(
        select(func.coalesce(func.sum(MoneyPosting.amount_minor), 0))
        .join(MoneyEntry, col(MoneyEntry.id) == col(MoneyPosting.entry_id))
        .where(MoneyPosting.book_id == book_id, col(MoneyEntry.on_day) <= day)
    ).one()
    return int(found)
