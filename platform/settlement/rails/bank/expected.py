"""What is expected to move on a bank account: open settlements, payments and deposits told."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Subquery
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, func, or_, select

from remelt.platform.market.deposits import waiting_deposits
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.models import PaymentInstruction, PaymentRecord, Settlement
from remelt.platform.settlement.queries import MoneyLine, money
from remelt.platform.settlement.rails.bank.models import BankAccount, BankMatch, BankMovement
from remelt.platform.settlement.rails.bank.proposing import Due

MOST = 500


def dues(session: Session, *, account: BankAccount, incoming: bool) -> list[Due]:
    """Return what may come in to an account, or go out of it, the oldest last.

    On an account of the platform these are deposits on their way and the prices of contracts, and
    out of it payouts that were confirmed; on one of a party what it still gets, or pays, under
    settlements, payments told that no statement has shown, and payouts that it gets.
    """
    if account.of_platform:
        if not incoming:
            return list(_payouts(session, account=account))
        return [*_deposits(session), *_prices(session)]
    lines = [
        line
        for line in money(
            session, organisation_id=account.organisation_id, open_only=True, limit=MOST
        )
        if line.kind != "gate" and _moves(line, incoming=incoming)
    ]
    references = _references(session, [line.subject_code for line in lines])
    found = list(_payments(session, account=account, incoming=incoming, references=references))
    if incoming:
        found += _payouts(session, account=account)
    return found + [
        Due(
            kind="settlement",
            code=line.code,
            subject=line.subject_code,
            minor=abs(line.balance.open_fen),
            references=references.get(line.subject_code, ()),
            names=_named(line.other_name_zh, line.other_name_en),
            back=line.balance.open_fen < 0,
        )
        for line in lines
    ]


def _moves(line: MoneyLine, *, incoming: bool) -> bool:
    """Whether what is open moves this way: what was paid too much comes back the other way."""
    return line.balance.open_fen != 0 and incoming == ((line.balance.open_fen < 0) == line.pays)


def _prices(session: Session) -> Iterator[Due]:
    """What buyers owe under contracts: they may transfer it to the platform."""
    newer, paid = aliased(Settlement), _recorded()
    rows = session.execute(
        sa_select(Settlement, Organisation, paid.c.fen)
        .join(Organisation, col(Organisation.id) == col(Settlement.payer_id))
        .outerjoin(newer, col(newer.supersedes_id) == col(Settlement.id))
        .outerjoin(paid, paid.c.subject_code == col(Settlement.subject_code))
        .where(
            col(Settlement.kind) == "contract",
            col(newer.id).is_(None),
            col(Settlement.amount_fen) > func.coalesce(paid.c.fen, 0),
        )
        .order_by(col(Settlement.id).desc())
        .limit(MOST)
    ).all()
    references = _references(session, [owed.subject_code for owed, _, _ in rows])
    for owed, payer, fen in rows:
        yield Due(
            kind="settlement",
            code=owed.code,
            subject=owed.subject_code,
            minor=owed.amount_fen - int(fen or 0),
            references=references[owed.subject_code],
            names=_named(payer.name_zh, payer.name_en),
        )


def _recorded() -> Subquery:
    """What was recorded and not declined, by contract."""
    return (
        select(
            col(PaymentRecord.subject_code).label("subject_code"),
            func.sum(PaymentRecord.amount_fen).label("fen"),
        )
        .where(col(PaymentRecord.declined_at).is_(None))
        .group_by(col(PaymentRecord.subject_code))
        .subquery()
    )


def _payouts(session: Session, *, account: BankAccount) -> Iterator[Due]:
    """Payouts that were confirmed and that no line of this side stands for yet."""
    side = col(BankAccount.of_platform).is_(account.of_platform)
    seen = (
        select(BankMatch.payout_id)
        .join(BankMovement, col(BankMovement.id) == col(BankMatch.movement_id))
        .join(BankAccount, col(BankAccount.id) == col(BankMovement.bank_account_id))
        .where(
            col(BankMatch.payout_id).is_not(None),
            col(BankMatch.declined_at).is_(None),
            col(BankMatch.undone_at).is_(None),
            side,
        )
    )
    statement = (
        select(Payout, Organisation)
        .outerjoin(Organisation, col(Organisation.id) == col(Payout.payee_id))
        .where(
            col(Payout.confirmed_at).is_not(None),
            col(Payout.id).not_in(seen),
            Payout.rail == "bank",
        )
        .order_by(col(Payout.id).desc())
        .limit(MOST)
    )
    if not account.of_platform:
        statement = statement.where(Payout.payee_id == account.organisation_id)
    for paid, payee in session.exec(statement):
        names = (paid.payee,) if paid.payee else (payee.name_zh, payee.name_en)
        yield Due(
            kind="payout",
            code=paid.code,
            subject=paid.subject_code,
            minor=paid.amount_fen,
            references=(paid.code, paid.subject_code),
            names=_named(*names) if account.of_platform else (),
        )


def _references(session: Session, subjects: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What transfers for a contract may carry: the reference of any revision, or its code."""
    rows = session.exec(
        select(Settlement.subject_code, PaymentInstruction.reference)
        .join(PaymentInstruction, col(PaymentInstruction.settlement_id) == col(Settlement.id))
        .where(col(Settlement.subject_code).in_(subjects))
    )
    found: dict[str, tuple[str, ...]] = {subject: (subject,) for subject in subjects}
    for subject, reference in rows:
        found[subject] = (*found[subject], reference)
    return found


def _payments(
    session: Session,
    *,
    account: BankAccount,
    incoming: bool,
    references: dict[str, tuple[str, ...]],
) -> Iterator[Due]:
    """Payments by bank that were told and that no line of ours stands for yet."""
    other = aliased(Organisation)
    own, theirs = (
        (Settlement.payee_id, Settlement.payer_id)
        if incoming
        else (Settlement.payer_id, Settlement.payee_id)
    )
    ours = select(BankAccount.id).where(BankAccount.organisation_id == account.organisation_id)
    stands = and_(col(BankMatch.declined_at).is_(None), col(BankMatch.undone_at).is_(None))
    taken_back = and_(col(BankMatch.made_payment).is_(True), col(BankMatch.undone_at).is_not(None))
    seen = (
        select(BankMatch.payment_id)
        .join(BankMovement, col(BankMovement.id) == col(BankMatch.movement_id))
        .where(
            col(BankMatch.payment_id).is_not(None),
            or_(and_(stands, col(BankMovement.bank_account_id).in_(ours)), taken_back),
        )
    )
    rows = session.exec(
        select(PaymentRecord, other)
        .join(Settlement, col(Settlement.id) == col(PaymentRecord.settlement_id))
        .join(other, col(other.id) == col(theirs))
        .where(
            col(own) == account.organisation_id,
            col(PaymentRecord.method).in_(("bank",) if incoming else ("bank", "escrow")),
            PaymentRecord.amount_fen > 0,
            col(PaymentRecord.declined_at).is_(None),
            col(PaymentRecord.id).not_in(seen),
        )
        .order_by(col(PaymentRecord.id).desc())
        .limit(MOST)
    )
    for payment, party in rows:
        yield Due(
            kind="payment",
            code=payment.code,
            subject=payment.subject_code,
            minor=payment.amount_fen,
            references=(payment.reference, *references.get(payment.subject_code, ())),
            names=_named(party.name_zh, party.name_en),
        )


def _deposits(session: Session) -> Iterator[Due]:
    for line in waiting_deposits(session, limit=MOST):
        yield Due(
            kind="deposit",
            code=str(line.deposit.key),
            subject=line.listing.code,
            minor=line.deposit.amount_fen,
            references=(line.deposit.reference, line.listing.code),
            names=_named(line.bidder.name_zh, line.bidder.name_en),
        )


def _named(*names: str) -> tuple[str, ...]:
    return tuple(name for name in names if name)
