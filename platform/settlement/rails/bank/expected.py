"""What is expected to move on a bank account: open settlements, payments and deposits told."""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, or_, select

from remelt.platform.market.deposits import waiting_deposits
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.models import PaymentInstruction, PaymentRecord, Settlement
from remelt.platform.settlement.queries import money
from remelt.platform.settlement.rails.bank.models import BankAccount, BankMatch, BankMovement
from remelt.platform.settlement.rails.bank.proposing import Due

MOST = 500


def dues(session: Session, *, account: BankAccount, incoming: bool) -> list[Due]:
    """Return what may come in to an account, or go out of it, the oldest last.

    On an account of the platform these are deposits on their way; on one of a party what it
    still gets, or pays, under settlements, and payments told that no statement has shown.
    """
    if account.of_platform:
        return list(_deposits(session)) if incoming else []
    lines = [
        line
        for line in money(session, organisation_id=account.organisation_id, limit=MOST)
        if line.kind != "gate" and line.pays is not incoming
    ]
    references = _references(session, [line.subject_code for line in lines])
    found = list(_payments(session, account=account, incoming=incoming, references=references))
    found += [
        Due(
            kind="settlement",
            code=line.code,
            subject=line.subject_code,
            minor=line.balance.open_fen,
            references=references.get(line.subject_code, ()),
            names=_named(line.other_name_zh, line.other_name_en),
        )
        for line in lines
        if line.balance.open_fen > 0
    ]
    return found


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
            PaymentRecord.method == "bank",
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
