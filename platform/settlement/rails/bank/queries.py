"""What the cashier sees: accounts, lines with what they are for, each day beside the book."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.ledger.reading import balance_of, book_id_of
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rails.bank.errors import NoSuchMovement
from remelt.platform.settlement.rails.bank.expected import dues
from remelt.platform.settlement.rails.bank.lines import guessed
from remelt.platform.settlement.rails.bank.models import (
    BankAccount,
    BankMatch,
    BankMovement,
    BankStatement,
)
from remelt.platform.settlement.rails.bank.proposing import Due, Proposal, propose


@dataclass(frozen=True, slots=True)
class AccountCard:
    """A bank account with what its book says: its balance, in suspense, on the way."""

    account: BankAccount
    book_minor: int
    suspense_minor: int
    clearing_minor: int


@dataclass(frozen=True, slots=True)
class MovementLine:
    """A line of a statement and how much of it is matched, confirmed or waiting (both >= 0)."""

    movement: BankMovement
    confirmed_minor: int
    waiting_minor: int

    @property
    def left_minor(self) -> int:
        """What nobody has said anything about."""
        return abs(self.movement.amount_minor) - self.confirmed_minor - self.waiting_minor

    @property
    def state(self) -> str:
        """One of: open, waiting, part, matched."""
        if self.waiting_minor:
            return "waiting"
        if not self.left_minor:
            return "matched"
        return "part" if self.confirmed_minor else "open"


@dataclass(frozen=True, slots=True)
class MatchView:
    """A match with the payment that it is of, and the settlement that was paid."""

    match: BankMatch
    payment: PaymentRecord | None
    settlement_code: str | None


@dataclass(frozen=True, slots=True)
class MovementView:
    """A line with its matches, what it may be for, and all that is due its way.

    guess: the account that its words speak for, where it is no trade.
    """

    line: MovementLine
    account: BankAccount
    matches: tuple[MatchView, ...]
    proposals: tuple[Proposal, ...]
    dues: tuple[Due, ...]
    guess: str | None


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of an account. bank_minor: the bank's own balance after it, None unsaid."""

    day: date
    in_minor: int
    out_minor: int
    bank_minor: int | None
    book_minor: int
    open_lines: int

    @property
    def differs_minor(self) -> int | None:
        """Bank less book; None where the bank says no balance."""
        return None if self.bank_minor is None else self.bank_minor - self.book_minor


def cards(session: Session, *, organisation_id: int) -> list[AccountCard]:
    """Return the bank accounts of an organisation."""
    rows = session.exec(
        select(BankAccount)
        .where(BankAccount.organisation_id == organisation_id)
        .order_by(col(BankAccount.id))
    ).all()
    return [_card(session, row) for row in rows]


def statements(session: Session, *, account: BankAccount, limit: int = 20) -> list[BankStatement]:
    """Return the files taken in, the newest first."""
    return list(
        session.exec(
            select(BankStatement)
            .where(BankStatement.bank_account_id == account.key)
            .order_by(col(BankStatement.id).desc())
            .limit(limit)
        )
    )


def movements(
    session: Session, *, account: BankAccount, open_only: bool = False, limit: int = 200
) -> list[MovementLine]:
    """Return the lines of an account, the newest first; on wish those not fully matched."""
    amount = func.abs(col(BankMatch.amount_minor))
    confirmed = col(BankMatch.confirmed_at).is_not(None)
    done = (
        select(
            col(BankMatch.movement_id).label("movement_id"),
            func.coalesce(func.sum(amount).filter(confirmed), 0).label("confirmed"),
            func.coalesce(func.sum(amount).filter(~confirmed), 0).label("waiting"),
        )
        .where(col(BankMatch.declined_at).is_(None), col(BankMatch.undone_at).is_(None))
        .group_by(col(BankMatch.movement_id))
        .subquery()
    )
    confirmed_minor = func.coalesce(done.c.confirmed, 0)
    statement = (
        select(BankMovement, confirmed_minor, func.coalesce(done.c.waiting, 0))
        .outerjoin(done, done.c.movement_id == col(BankMovement.id))
        .where(BankMovement.bank_account_id == account.key)
        .order_by(col(BankMovement.on_day).desc(), col(BankMovement.id).desc())
        .limit(limit)
    )
    if open_only:
        statement = statement.where(confirmed_minor < func.abs(col(BankMovement.amount_minor)))
    return [MovementLine(row[0], int(row[1]), int(row[2])) for row in session.exec(statement)]


def movement(session: Session, *, code: str, organisation_id: int) -> MovementView:
    """Return a line with everything about it. Raises `NoSuchMovement`."""
    found = session.exec(
        select(BankMovement, BankAccount)
        .join(BankAccount, col(BankAccount.id) == col(BankMovement.bank_account_id))
        .where(BankMovement.code == code, BankAccount.organisation_id == organisation_id)
    ).one_or_none()
    if found is None:
        raise NoSuchMovement(movement=code[:20])
    row, account = found
    matches = session.exec(
        select(BankMatch, PaymentRecord, Settlement.code)
        .outerjoin(PaymentRecord, col(PaymentRecord.id) == col(BankMatch.payment_id))
        .outerjoin(Settlement, col(Settlement.id) == col(PaymentRecord.settlement_id))
        .where(BankMatch.movement_id == row.key)
        .order_by(col(BankMatch.id))
    ).all()
    line = MovementLine(row, _summed(matches, "confirmed"), _summed(matches, "waiting"))
    due = dues(session, account=account, incoming=row.amount_minor > 0) if line.left_minor else []
    said = f"{row.text} {row.bank_ref}"
    return MovementView(
        line=line,
        account=account,
        matches=tuple(MatchView(*each) for each in matches),
        proposals=tuple(propose(line.left_minor, text=said, name=row.name, dues=due)),
        dues=tuple(due),
        guess=guessed(row.text, incoming=row.amount_minor > 0),
    )


def days(session: Session, *, account: BankAccount, limit: int = 31) -> list[DayLine]:
    """Return the newest days on which an account moved: the bank's balance beside the book's."""
    lines = movements(session, account=account, limit=5_000)
    book_minor = _card(session, account).book_minor
    by_day: dict[date, list[MovementLine]] = {}
    for line in lines:
        by_day.setdefault(line.movement.on_day, []).append(line)
    found = []
    for day, each in by_day.items():
        amounts = [line.movement.amount_minor for line in each]
        last = max(each, key=lambda line: (line.movement.at, line.movement.row)).movement
        found.append(
            DayLine(
                day=day,
                in_minor=sum(amount for amount in amounts if amount > 0),
                out_minor=-sum(amount for amount in amounts if amount < 0),
                bank_minor=last.balance_minor,
                book_minor=book_minor,
                open_lines=sum(1 for line in each if line.state != "matched"),
            )
        )
        book_minor -= sum(amounts)
    return found[:limit]


def _card(session: Session, account: BankAccount) -> AccountCard:
    owner_id = None if account.of_platform else account.organisation_id
    book_id = book_id_of(session, organisation_id=owner_id)
    if book_id is None:
        return AccountCard(account, 0, 0, 0)
    stands = [
        balance_of(session, book_id=book_id, account=each)
        for each in (Account("bank", account.code), Account("suspense"), Account("bank_clearing"))
    ]
    return AccountCard(account, *stands)


def _summed(matches: Sequence[tuple[BankMatch, PaymentRecord, str]], state: str) -> int:
    return sum(abs(each.amount_minor) for each, *_ in matches if each.state == state)
