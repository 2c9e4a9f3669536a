"""What of the money that the platform holds is due to whom, and may be paid out now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.terms_models import Deposit
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.escrow.errors import PaidOn
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.ledger.chart import CNY, Account
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyBook, MoneyPosting
from remelt.platform.settlement.ledger.reading import balance_of, book_id_of
from remelt.platform.settlement.models import PaymentRecord, Settlement

MOST = 500
# what the dues of a contract are read from, in the books of its parties and of the platform
KINDS = ("held", "fees_due", "escrow", "payout_due", "umpire")


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
    return _price(contract, _facts(session, [contract]))


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
    contracts = _contracts(session)
    facts = _facts(session, contracts)
    found = [due for contract in contracts for due in _dues(contract, facts)]
    return [*found, *_deposits(session)]


def contract_dues(session: Session, contract: Contract) -> list[PayoutDue]:
    """Return what of one contract may be paid out: to the seller, the buyer, an umpire."""
    return _dues(contract, _facts(session, [contract]))


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
            MoneyAccount.currency == CNY,
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


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    return col(Payout.confirmed_at).is_(None), col(Payout.declined_at).is_(None)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the dues of contracts are worked out from, in fen; what is not there is nought.

    stands: by organisation (None is the platform), kind of account and contract. waiting: for a
    second person, by purpose and contract. kept: of deposits, until the final settlement.
    """

    stands: Counter[tuple[int | None, str, str]]
    waiting: Counter[tuple[str, str]]
    kept: Counter[str]


def _price(contract: Contract, facts: _Facts) -> PayoutDue | None:
    code, seller_id = contract.code, contract.seller_id
    held_fen = facts.stands[seller_id, "held", code]
    fees_fen = min(-facts.stands[seller_id, "fees_due", code], held_fen)
    at_rest = -facts.stands[None, "escrow", code] - facts.waiting["price", code]
    amount_fen = min(held_fen - fees_fen, at_rest) - facts.kept[code]
    if amount_fen <= 0:
        return None
    return PayoutDue(
        purpose="price", subject_code=code, payee_id=seller_id, amount_fen=amount_fen,
        fees_fen=max(fees_fen, 0),
    )  # fmt: skip


def _dues(contract: Contract, facts: _Facts) -> list[PayoutDue]:
    code, price = contract.code, _price(contract, facts)
    found = [] if price is None else [price]
    said = (("back", "payout_due", contract.buyer_id), ("umpire", "umpire", None))
    for purpose, kind, payee_id in said:
        left_fen = -facts.stands[None, kind, code] - facts.waiting[purpose, code]
        if left_fen > 0:
            found.append(
                PayoutDue(
                    purpose=purpose, subject_code=code, payee_id=payee_id, amount_fen=left_fen
                )
            )
    return found


def _facts(session: Session, contracts: Sequence[Contract]) -> _Facts:
    codes = [contract.code for contract in contracts]
    standing = session.exec(
        select(
            MoneyBook.organisation_id, MoneyAccount.kind, MoneyAccount.subject,
            func.sum(MoneyPosting.amount_minor),
        )
        .join(MoneyAccount, col(MoneyAccount.book_id) == col(MoneyBook.id))
        .join(MoneyPosting, col(MoneyPosting.account_id) == col(MoneyAccount.id))
        .where(
            col(MoneyAccount.subject).in_(codes), col(MoneyAccount.kind).in_(KINDS),
            MoneyAccount.currency == CNY,
        )
        .group_by(col(MoneyBook.organisation_id), col(MoneyAccount.kind), col(MoneyAccount.subject))
    )  # fmt: skip
    waiting = session.exec(
        select(Payout.purpose, Payout.subject_code, func.sum(Payout.amount_fen))
        .where(col(Payout.subject_code).in_(codes), *_unanswered())
        .group_by(col(Payout.purpose), col(Payout.subject_code))
    )
    return _Facts(
        stands=Counter({(row[0], row[1], row[2]): int(row[3]) for row in standing}),
        waiting=Counter({(row[0], row[1]): int(row[2]) for row in waiting}),
        kept=_deposits_kept(session, codes=codes),
    )


def _deposits_kept(session: Session, *, codes: Sequence[str]) -> Counter[str]:
    """What of deposits was set off and stays, while only a provisional payment is settled."""
    newer = aliased(Settlement)
    whole = (
        select(Settlement.subject_code)
        .outerjoin(newer, col(newer.supersedes_id) == col(Settlement.id))
        .where(
            Settlement.kind == "contract", col(Settlement.subject_code).in_(codes),
            Settlement.withheld_fen == 0, col(newer.id).is_(None),
        )
    )  # fmt: skip
    rows = session.exec(
        select(PaymentRecord.subject_code, func.sum(PaymentRecord.amount_fen))
        .where(
            col(PaymentRecord.subject_code).in_(codes), PaymentRecord.method == "deposit",
            col(PaymentRecord.subject_code).not_in(whole),
        )
        .group_by(col(PaymentRecord.subject_code))
    )  # fmt: skip
    return Counter({code: int(fen) for code, fen in rows})
