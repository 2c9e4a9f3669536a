"""Bank accounts, and the statements that are taken in from them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.many import insert_many
from remelt.platform.kernel.sheets.tables import Table, stop_at
from remelt.platform.settlement.ledger.chart import Account, Line
from remelt.platform.settlement.ledger.posting import Draft, book, post, post_all
from remelt.platform.settlement.rails.bank.errors import (
    BadAccountNumber,
    BankAccountKnown,
    NoSuchBankAccount,
)
from remelt.platform.settlement.rails.bank.models import BankAccount, BankMovement, BankStatement
from remelt.platform.settlement.rails.bank.statement import StatementRow, gaps, opening_minor

_NUMBER: Final = re.compile(r"[0-9A-Z]{6,34}")
SUSPENSE: Final = Account("suspense")
_MOVEMENTS: sqlalchemy.Table = BankMovement.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking in a file would do: lines that are new, and those that are known."""

    parsed: Table[StatementRow]
    fresh: tuple[StatementRow, ...]
    known: int

    @property
    def gaps(self) -> tuple[int, ...]:
        """Rows before which a line seems to be missing."""
        return gaps(self.parsed.rows)

    @property
    def in_minor(self) -> int:
        """What the new lines bring in."""
        return sum(row.amount_minor for row in self.fresh if row.amount_minor > 0)

    @property
    def out_minor(self) -> int:
        """What the new lines take out."""
        return -sum(row.amount_minor for row in self.fresh if row.amount_minor < 0)


def open_bank_account(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    bank: str,
    number: str,
    of_platform: bool = False,
) -> BankAccount:
    """Keep a bank account, so that its statements can be taken in.

    Raises `BadAccountNumber` and `BankAccountKnown`.
    """
    plain = re.sub(r"[\s-]", "", number).upper()
    if not _NUMBER.fullmatch(plain):
        raise BadAccountNumber(field="number")
    known = select(BankAccount.id).where(
        BankAccount.organisation_id == organisation_id, BankAccount.number == plain
    )
    if session.exec(known).first() is not None:
        raise BankAccountKnown(field="number")
    made = BankAccount(
        code=new_code(), organisation_id=organisation_id, of_platform=of_platform,
        bank=bank.strip()[:60], number=plain, opened_at=clock.now(session),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def bank_account(
    session: Session, *, code: str, organisation_id: int, lock: bool = False
) -> BankAccount:
    """Return an organisation's bank account. Raises `NoSuchBankAccount`."""
    statement = select(BankAccount).where(
        BankAccount.code == code, BankAccount.organisation_id == organisation_id
    )
    found = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NoSuchBankAccount(account=code[:20])
    return found


def dry_run(session: Session, *, account: BankAccount, parsed: Table[StatementRow]) -> Preview:
    """Tell the new lines of a file from those that are known; nothing is written."""
    hashes = [row.sha256 for row in parsed.rows]
    known = set(
        session.exec(
            select(BankMovement.sha256).where(
                BankMovement.bank_account_id == account.key,
                col(BankMovement.sha256).in_(hashes),
            )
        )
    )
    fresh = tuple(row for row in parsed.rows if row.sha256 not in known)
    return Preview(parsed=parsed, fresh=fresh, known=len(parsed.rows) - len(fresh))


def take_in(
    session: Session,
    *,
    clock: Clock,
    account_code: str,
    organisation_id: int,
    person_id: int,
    parsed: Table[StatementRow],
) -> BankStatement:
    """Take in every new line of a file; each stands in suspense until it is matched.

    The same file, or the same line in another file, moves nothing again.
    Raises `NoSuchBankAccount`, or `ImportHasErrors` when one cell stands in the way.
    """
    account = bank_account(session, code=account_code, organisation_id=organisation_id, lock=True)
    stop_at(parsed.problems)
    preview = dry_run(session, account=account, parsed=parsed)
    made = BankStatement(
        bank_account_id=account.key, filename=parsed.filename, sha256=parsed.sha256,
        rows=len(parsed.rows), fresh=len(preview.fresh), person_id=person_id,
        imported_at=clock.now(session),
    )  # fmt: skip
    session.add(made)
    session.flush()
    book_id = book_of(session, account)
    if not preview.known:
        _enter_opening(session, preview, account=account, statement=made, book_id=book_id)
    _enter(session, preview.fresh, account=account, statement=made, book_id=book_id)
    return made


def book_of(session: Session, account: BankAccount) -> int:
    """Return the book that an account is entered in."""
    return book(session, organisation_id=None if account.of_platform else account.organisation_id)


def _enter_opening(
    session: Session,
    preview: Preview,
    *,
    account: BankAccount,
    statement: BankStatement,
    book_id: int,
) -> None:
    """Enter what the account stood at before the first file that says balances."""
    opening = opening_minor(preview.parsed.rows)
    first = select(BankMovement.id).where(BankMovement.bank_account_id == account.key)
    if not opening or session.exec(first).first() is not None:
        return
    post(
        session,
        book_id=book_id,
        key=f"opening:{account.code}",
        kind="opening",
        ref=account.code,
        at=min(row.at for row in preview.fresh),
        lines=[
            Line(Account("bank", account.code), opening),
            Line(Account("opening"), -opening),
        ],
        person_id=statement.person_id,
    )


def _enter(
    session: Session,
    rows: Sequence[StatementRow],
    *,
    account: BankAccount,
    statement: BankStatement,
    book_id: int,
) -> None:
    """Keep the lines of a file and enter each, all in a few statements."""
    codes = [new_code() for _row in rows]
    movements = [
        {
            "code": code, "bank_account_id": account.key, "statement_id": statement.key,
            "row": row.row, "sha256": row.sha256, "at": row.at,
            "on_day": row.at.astimezone(BEIJING).date(), "amount_minor": row.amount_minor,
            "balance_minor": row.balance_minor, "name": row.name, "account": row.account,
            "bank_ref": row.bank_ref, "text": row.text,
        }
        for code, row in zip(codes, rows, strict=True)
    ]  # fmt: skip
    insert_many(session, _MOVEMENTS, movements)
    bank = Account("bank", account.code)
    drafts = [
        Draft(
            key=f"movement:{code}", kind="on-statement", ref=code, at=row.at,
            lines=(Line(bank, row.amount_minor), Line(SUSPENSE, -row.amount_minor)),
            person_id=statement.person_id,
        )
        for code, row in zip(codes, rows, strict=True)
    ]  # fmt: skip
    post_all(session, book_id=book_id, drafts=drafts)
