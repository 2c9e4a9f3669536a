"""Whether the book says what the settlements say: what `remelt books` tells."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from remelt.platform.settlement.books import balance
from remelt.platform.settlement.ledger.models import (
    MoneyAccount,
    MoneyBook,
    MoneyEntry,
    MoneyPosting,
)
from remelt.platform.settlement.ledger.reading import unbalanced
from remelt.platform.settlement.models import Settlement


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that does not agree. what: entry-unbalanced or payable-differs; of: its code."""

    what: str
    of: str
    book_fen: int = 0
    owed_fen: int = 0


def counts(session: Session) -> tuple[int, int]:
    """Return how many entries and lines there are."""
    entries = session.exec(select(func.count(col(MoneyEntry.id)))).one()
    return entries, session.exec(select(func.count(col(MoneyPosting.id)))).one()


def drifts(session: Session) -> Iterator[Drift]:
    """Yield every entry that is not zero in sum, and every payable that differs from what is owed.

    Sums are made anew from the lines and from the payments: nothing that is kept is believed.
    """
    for code in unbalanced(session):
        yield Drift("entry-unbalanced", code)
    newer = aliased(Settlement)
    stands = _payables(session)
    in_force = session.exec(
        select(Settlement)
        .outerjoin(newer, col(newer.supersedes_id) == col(Settlement.id))
        .where(col(newer.id).is_(None))
        .order_by(col(Settlement.id))
    )
    for owed in in_force.all():
        owed_fen = balance(session, owed).open_fen
        book_fen = -stands.get((owed.payer_id, owed.subject_code), 0)
        if book_fen != owed_fen:
            yield Drift("payable-differs", owed.code, book_fen, owed_fen)


def _payables(session: Session) -> dict[tuple[int, str], int]:
    """What the payable of each contract stands at, by payer."""
    rows = session.exec(
        select(
            MoneyBook.organisation_id,
            MoneyAccount.subject,
            func.sum(MoneyPosting.amount_minor),
        )
        .join(MoneyAccount, col(MoneyAccount.book_id) == col(MoneyBook.id))
        .join(MoneyPosting, col(MoneyPosting.account_id) == col(MoneyAccount.id))
        .where(MoneyAccount.kind == "payable")
        .group_by(col(MoneyBook.organisation_id), col(MoneyAccount.subject))
    )
    return {(owner or 0, subject): int(amount) for owner, subject, amount in rows}
