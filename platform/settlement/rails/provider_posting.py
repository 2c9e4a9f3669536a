"""Money that a provider says has moved, entered in the platform's book: each movement once."""

from typing import Final

from sqlmodel import Session, col, func, select

from remelt.platform.settlement.ledger.chart import Account, Line
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyEntry, MoneyPosting
from remelt.platform.settlement.ledger.posting import book, post
from remelt.platform.settlement.rails.protocol import Movement

# kind of movement -> the account that stands against the provider's balance
AGAINST: Final = {
    "charge": "escrow",
    "refund": "escrow",
    "refund-failed": "escrow",
    "transfer": "escrow",
    "reversal": "escrow",
    "dispute": "receivable",
    "payout": "bank_clearing",
}


def entry_key(provider: str, rail_ref: str) -> str:
    """Return the key under which a movement stands in the book."""
    return f"{provider}:{rail_ref}"


def lines_of(movement: Movement, *, subject: str) -> list[Line]:
    """Return the entry of a movement: the provider's balance, its fee, and what it is against.

    amount_minor is before the fee, above zero when it comes to us.
    """
    currency = movement.currency
    against = AGAINST[movement.kind]
    net = movement.amount_minor - movement.fee_minor
    place = "" if against == "bank_clearing" else subject
    lines = [
        Line(Account("stripe_balance", "", currency), net),
        Line(Account("charges", "", currency), movement.fee_minor),
        Line(Account(against, place, currency), -movement.amount_minor),
    ]
    return [line for line in lines if line.amount_minor]


def post_movement(
    session: Session, movement: Movement, *, provider: str, subject: str
) -> MoneyEntry | None:
    """Enter a movement, once; None when its kind is not known here."""
    if movement.kind not in AGAINST:
        return None
    return post(
        session,
        book_id=book(session, organisation_id=None),
        key=entry_key(provider, movement.rail_ref),
        kind=f"provider-{movement.kind}",
        ref=subject or movement.rail_ref[:40],
        at=movement.at,
        lines=lines_of(movement, subject=subject),
    )


def posted(session: Session, *, provider: str, rail_refs: list[str]) -> dict[str, int]:
    """Return, of these movements, what the book has against the provider's balance for each."""
    book_id = book(session, organisation_id=None)
    keys = {f"{book_id}:{entry_key(provider, ref)}": ref for ref in rail_refs}
    rows = session.exec(
        select(MoneyEntry.idem_key, func.sum(MoneyPosting.amount_minor))
        .join(MoneyPosting, col(MoneyPosting.entry_id) == col(MoneyEntry.id))
        .join(MoneyAccount, col(MoneyAccount.id) == col(MoneyPosting.account_id))
        .where(col(MoneyEntry.idem_key).in_(list(keys)), MoneyAccount.kind == "stripe_balance")
        .group_by(MoneyEntry.idem_key)
    )
    return {keys[key]: int(amount) for key, amount in rows}


def held_by_us(session: Session) -> dict[str, int]:
    """Return what the platform's book says the provider holds, by currency."""
    rows = session.exec(
        select(MoneyAccount.currency, func.sum(MoneyPosting.amount_minor))
        .join(MoneyPosting, col(MoneyPosting.account_id) == col(MoneyAccount.id))
        .where(
            MoneyAccount.kind == "stripe_balance",
            MoneyAccount.book_id == book(session, organisation_id=None),
        )
        .group_by(MoneyAccount.currency)
    )
    return {currency: int(amount) for currency, amount in rows}
