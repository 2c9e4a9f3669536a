"""Setting off without a transfer: deposits towards a price, debit notes against what is held."""

from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.terms_models import Deposit
from remelt.platform.settlement.accounts import keep_payment
from remelt.platform.settlement.books import ask_again, balance, in_force
from remelt.platform.settlement.escrow.due import contract_of, free_fen, price_due, stands
from remelt.platform.settlement.escrow.entries import enter_left
from remelt.platform.settlement.ledger.chart import CNY
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyPosting
from remelt.platform.settlement.ledger.reading import book_id_of
from remelt.platform.settlement.models import PaymentRecord, Settlement


def set_off(session: Session, *, clock: Clock, contract_code: str) -> None:
    """Set off what stands towards a contract that was settled, and what its seller owes back.

    The buyer's deposit pays what is open; the rest of it goes back once the price is whole. Then
    what the seller owes back under any contract is taken: see `recover`.
    """
    owed = in_force(session, kind="contract", subject_code=contract_code, lock=True)
    contract = contract_of(session, code=contract_code)
    if owed is None or contract is None:
        return
    _apply_deposit(session, contract, owed=owed, at=clock.now(session))
    for debit in overpaid(session, seller_id=contract.seller_id):
        recover(session, clock=clock, owed=debit)


def recover(session: Session, *, clock: Clock, owed: Settlement) -> None:
    """Take what the seller owes back under a contract, in this order.

    Of what is held for the contract, a deposit that was set off among it; of its next payouts;
    of the next payment that this buyer owes it. The rest stays owed.
    """
    at, seller_id = clock.now(session), owed.payee_id or 0
    contract = contract_of(session, code=owed.subject_code, lock=True)
    over_fen = _over(session, owed)
    if contract is None or over_fen <= 0:
        return
    over_fen -= _take(session, owed, most_fen=min(over_fen, free_fen(session, contract)),
                      held_for=contract.code, at=at)  # fmt: skip
    for code in _others(session, contract):
        if over_fen <= 0:
            return
        other = contract_of(session, code=code, lock=True)
        due = None if other is None else price_due(session, other)
        if due is not None:
            most_fen = min(over_fen, due.amount_fen)
            over_fen -= _take(session, owed, most_fen=most_fen, held_for=code, at=at)
    for next_ in _open(session, payer_id=owed.payer_id, payee_id=seller_id):
        if over_fen <= 0:
            return
        part_fen = min(over_fen, balance(session, next_).open_fen)
        if part_fen > 0:
            _keep(session, owed, -part_fen, method="netting", reference=next_.subject_code, at=at)
            _keep(session, next_, part_fen, method="netting", reference=owed.subject_code, at=at)
            over_fen -= part_fen


def overpaid(session: Session, *, seller_id: int) -> list[Settlement]:
    """Return the settlements in force of a seller that more was paid for than is owed.

    One that waits to be weighed again owes nothing back yet.
    """
    confirmed_fen = _paid(col(PaymentRecord.confirmed_at).is_not(None))
    over = confirmed_fen > col(Settlement.amount_fen)
    return _standing(session, col(Settlement.net_g) > 0, over, payee_id=seller_id)


def _apply_deposit(session: Session, contract: Contract, *, owed: Settlement, at: datetime) -> None:
    listing_code = session.exec(
        select(Listing.code)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .join(Deposit, col(Deposit.auction_id) == col(Auction.id))
        .where(
            Listing.id == contract.listing_id, Deposit.bidder_id == contract.buyer_id,
            Deposit.ended_as == "applied",
        )
    ).first()  # fmt: skip
    if listing_code is None or owed.net_g == 0:
        return
    left_fen = stands(session, "deposit_paid", listing_code, of=contract.buyer_id)
    part_fen = min(left_fen, balance(session, owed).open_fen)
    if part_fen > 0:
        _keep(session, owed, part_fen, method="deposit", reference=listing_code, at=at)
        left_fen -= part_fen
    if left_fen > 0 and owed.withheld_fen == 0:
        enter_left(
            session, contract, key=owed.code, listing_code=listing_code, amount_fen=left_fen, at=at
        )


def _take(session: Session, owed: Settlement, *, most_fen: int, held_for: str, at: datetime) -> int:
    """Give so much of what is held for the seller back to the buyer; return it."""
    if most_fen <= 0:
        return 0
    _keep(session, owed, -most_fen, method="set-off", reference=held_for, at=at)
    return most_fen


def _keep(
    session: Session, owed: Settlement, amount_fen: int, *, method: str, reference: str,
    at: datetime,
) -> None:  # fmt: skip
    payment = PaymentRecord(
        code=new_code(), settlement_id=owed.key, subject_code=owed.subject_code,
        amount_fen=amount_fen, method=method, reference=reference,
        paid_on=at.astimezone(BEIJING).date(), person_id=None, recorded_at=at,
        needs_second=False, confirmed_at=at,
    )  # fmt: skip
    keep_payment(session, payment, owed=owed)
    ask_again(session, owed, at=at)


def _over(session: Session, owed: Settlement) -> int:
    """What of a settlement is confirmed beyond the amount; what waits is not believed yet."""
    return balance(session, owed).confirmed_fen - owed.amount_fen


def _others(session: Session, contract: Contract) -> list[str]:
    """The other contracts of the seller that money is held for, the oldest first."""
    rows = session.exec(
        select(Contract.code)
        .join(MoneyAccount, col(MoneyAccount.subject) == col(Contract.code))
        .join(MoneyPosting, col(MoneyPosting.account_id) == col(MoneyAccount.id))
        .where(
            MoneyAccount.book_id == book_id_of(session, organisation_id=contract.seller_id),
            MoneyAccount.kind == "held", MoneyAccount.currency == CNY,
            Contract.seller_id == contract.seller_id, Contract.id != contract.key,
        )
        .group_by(col(Contract.id), col(Contract.code))
        .having(func.sum(MoneyPosting.amount_minor) > 0)
        .order_by(col(Contract.id))
    )  # fmt: skip
    return list(rows)


def _open(session: Session, *, payer_id: int, payee_id: int) -> list[Settlement]:
    """What a payer has not paid in full of a payee's contracts; what is recorded counts as paid."""
    recorded_fen = _paid(col(PaymentRecord.declined_at).is_(None))
    unpaid = recorded_fen < col(Settlement.amount_fen)
    return _standing(session, col(Settlement.payer_id) == payer_id, unpaid, payee_id=payee_id)


def _paid(which: ColumnElement[bool]) -> ScalarSelect[int]:
    """What was paid of a settlement's contract over all its revisions, in its own row."""
    return (
        select(func.coalesce(func.sum(PaymentRecord.amount_fen), 0))
        .where(PaymentRecord.subject_code == Settlement.subject_code, which)
        .correlate(Settlement)
        .scalar_subquery()
    )


def _standing(session: Session, *which: ColumnElement[bool], payee_id: int) -> list[Settlement]:
    """The settlements of contracts in force that somebody is paid under, the oldest first."""
    newer = aliased(Settlement)
    return list(
        session.exec(
            select(Settlement)
            .outerjoin(newer, col(newer.supersedes_id) == col(Settlement.id))
            .where(
                Settlement.kind == "contract", Settlement.payee_id == payee_id,
                col(newer.id).is_(None), *which,
            )
            .order_by(col(Settlement.id))
        )
    )  # fmt: skip
