"""What of the money that the platform holds is due to whom, and may be paid out now."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.terms_models import Deposit
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.escrow.errors import PaidOn
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyPosting
from remelt.platform.settlement.ledger.reading import balance_of, book_id_of
from remelt.platform.settlement.models import PaymentRecord, Settlement

MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutDue:
    """Money to be paid out: what it is, of what, to whom, in fen; fees_fen is kept back of it."""

    purpose: str
    subject_code: str
    payee_id: int | None
    amount_fen: int
    fees_fen: int = 0
    deposit_id: int | None = None


def stands(session: Session, kind: str, subject: str = "", *, of: int | None = None) -> int:
    """Return what an account stands at in the book of an organisation, None for the platform's."""
    book_id = book_id_of(session, organisation_id=of)
    if book_id is None:
        return 0
    return balance_of(session, book_id=book_id, account=Account(kind, subject))


def contract_of(session: Session, *, code: str, lock: bool = False) -> Contract | None:
    """Return a contract; locked by its settlement in force, which is locked first."""
    if lock:
        in_force(session, kind="contract", subject_code=code, lock=True)
    statement = select(Contract).where(Contract.code == code)
    return session.exec(statement.with_for_update() if lock else statement).one_or_none()


def price_due(session: Session, contract: Contract) -> PayoutDue | None:
    """Return what of the price the platform holds and may pay to the seller now.

    What the seller owes the platform is kept back. A deposit that was set off stays until the
    final settlement: it answers for what the seller may come to owe.
    """
    held_fen = stands(session, "held", contract.code, of=contract.seller_id)
    fees_fen = min(-stands(session, "fees_due", contract.code, of=contract.seller_id), held_fen)
    at_rest = -stands(session, "escrow", contract.code) - _waiting(session, "price", contract.code)
    kept_fen = _deposit_kept(session, contract)
    amount_fen = min(held_fen - fees_fen, at_rest) - kept_fen
    if amount_fen <= 0:
        return None
    return PayoutDue(
        purpose="price", subject_code=contract.code, payee_id=contract.seller_id,
        amount_fen=amount_fen, fees_fen=max(fees_fen, 0),
    )  # fmt: skip


def free_fen(session: Session, contract: Contract) -> int:
    """Return what is held for the seller of a contract and in no payout.

    A debit note may take it, before the platform's own charges, and a match may be undone by it.
    """
    waiting = session.exec(
        select(func.coalesce(func.sum(Payout.amount_fen + col(Payout.fees_fen)), 0)).where(
            Payout.purpose == "price", Payout.subject_code == contract.code, *_unanswered()
        )
    ).one()
    return max(stands(session, "held", contract.code, of=contract.seller_id) - int(waiting), 0)


def check_there(session: Session, payments: Sequence[PaymentRecord]) -> None:
    """Refuse to take back a payment to the platform whose money was paid on. Raises `PaidOn`."""
    for payment in payments:
        contract = contract_of(session, code=payment.subject_code, lock=True)
        if contract is None or payment.method != "escrow":
            continue
        if payment.amount_fen > free_fen(session, contract):
            raise PaidOn(contract=contract.code)


def payouts_due(session: Session) -> list[PayoutDue]:
    """Return everything that may be paid out now, contracts first, then deposits."""
    found = [due for contract in _contracts(session) for due in contract_dues(session, contract)]
    return [*found, *_deposits(session)]


def contract_dues(session: Session, contract: Contract) -> list[PayoutDue]:
    """Return what of one contract may be paid out: to the seller, the buyer, an umpire."""
    price = price_due(session, contract)
    found = [] if price is None else [price]
    said = (("back", "payout_due", contract.buyer_id), ("umpire", "umpire", None))
    for purpose, kind, payee_id in said:
        left = -stands(session, kind, contract.code) - _waiting(session, purpose, contract.code)
        if left > 0:
            found.append(
                PayoutDue(
                    purpose=purpose, subject_code=contract.code, payee_id=payee_id,
                    amount_fen=left,
                )
            )  # fmt: skip
    return found


def deposit_due(session: Session, *, deposit_id: int) -> PayoutDue | None:
    """Return what of one deposit may be paid out."""
    return next((due for due in _deposits(session) if due.deposit_id == deposit_id), None)


def held_contracts(session: Session) -> dict[str, int]:
    """Return the contracts that the platform holds money for or is owed charges of, in fen.

    Above zero is held; below zero is still to come in.
    """
    rows = session.exec(
        select(MoneyAccount.subject, func.sum(MoneyPosting.amount_minor))
        .join(MoneyPosting, col(MoneyPosting.account_id) == col(MoneyAccount.id))
        .where(
            MoneyAccount.book_id == (book_id_of(session, organisation_id=None) or 0),
            col(MoneyAccount.kind).in_(("escrow", "umpire", "payout_due")),
            MoneyAccount.currency == "CNY",
        )
        .group_by(col(MoneyAccount.subject))
        .having(func.sum(MoneyPosting.amount_minor) != 0)
        .order_by(col(MoneyAccount.subject))
    )
    return {subject: -int(amount) for subject, amount in rows}


def _contracts(session: Session) -> list[Contract]:
    codes = list(held_contracts(session))
    rows = select(Contract).where(col(Contract.code).in_(codes)).order_by(col(Contract.id))
    return list(session.exec(rows.limit(MOST)))


def _deposits(session: Session) -> list[PayoutDue]:
    """Deposits that ended and are in no payout: back to the bidder, or to the seller."""
    live = select(Payout.deposit_id).where(
        col(Payout.deposit_id).is_not(None), col(Payout.declined_at).is_(None)
    )
    rows = session.exec(
        select(Deposit, Listing.code, Listing.seller_id)
        .join(Auction, col(Auction.id) == col(Deposit.auction_id))
        .join(Listing, col(Listing.id) == col(Auction.listing_id))
        .where(
            col(Deposit.ended_as).in_(("released", "forfeited")), col(Deposit.id).not_in(live),
            col(Deposit.reserved).is_(False),
        )
        .order_by(col(Deposit.id))
        .limit(MOST)
    )  # fmt: skip
    return [
        PayoutDue(
            purpose=deposit.ended_as, subject_code=code, amount_fen=deposit.amount_fen,
            payee_id=deposit.bidder_id if deposit.ended_as == "released" else seller_id,
            deposit_id=deposit.key,
        )
        for deposit, code, seller_id in rows
    ]  # fmt: skip


def _waiting(session: Session, purpose: str, subject_code: str) -> int:
    """What of it waits for a second person."""
    found = session.exec(
        select(func.coalesce(func.sum(Payout.amount_fen), 0)).where(
            Payout.purpose == purpose, Payout.subject_code == subject_code, *_unanswered()
        )
    ).one()
    return int(found)


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    return col(Payout.confirmed_at).is_(None), col(Payout.declined_at).is_(None)


def _deposit_kept(session: Session, contract: Contract) -> int:
    """What of a deposit was set off and stays, while only a provisional payment is settled."""
    owed: Settlement | None = in_force(session, kind="contract", subject_code=contract.code)
    if owed is not None and owed.withheld_fen == 0:
        return 0
    paid = session.exec(
        select(func.coalesce(func.sum(PaymentRecord.amount_fen), 0)).where(
            PaymentRecord.subject_code == contract.code, PaymentRecord.method == "deposit"
        )
    ).one()
    return int(paid)
