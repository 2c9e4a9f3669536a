"""What is to be transferred by bank, to which account, with which reference."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rails.bank.models import BankAccount, BankMatch, BankMovement


@dataclass(frozen=True, slots=True)
class Transfer:
    """A payout that was confirmed and that no statement has shown; its code is the reference.

    account: where the payee keeps one here, None for a laboratory or where it keeps none.
    """

    payout: Payout
    payee: Organisation | None
    account: BankAccount | None


@dataclass(frozen=True, slots=True)
class PayTo:
    """Where a buyer may transfer a price: to the payee, or to the platform that holds it."""

    payee: BankAccount | None
    platform: BankAccount | None


def transfers(session: Session) -> list[Transfer]:
    """Return the payouts that the operator's bank is to transfer, oldest first."""
    shown = (
        select(BankMatch.payout_id)
        .join(BankMovement, col(BankMovement.id) == col(BankMatch.movement_id))
        .join(BankAccount, col(BankAccount.id) == col(BankMovement.bank_account_id))
        .where(
            col(BankMatch.payout_id).is_not(None),
            col(BankMatch.declined_at).is_(None),
            col(BankMatch.undone_at).is_(None),
            col(BankAccount.of_platform).is_(True),
        )
    )
    rows = session.exec(
        select(Payout, Organisation)
        .outerjoin(Organisation, col(Organisation.id) == col(Payout.payee_id))
        .where(
            col(Payout.confirmed_at).is_not(None),
            Payout.rail == "bank",
            col(Payout.id).not_in(shown),
        )
        .order_by(col(Payout.id))
    ).all()
    accounts = _accounts(session, {paid.payee_id for paid, _ in rows if paid.payee_id})
    return [Transfer(paid, payee, accounts.get(paid.payee_id or 0)) for paid, payee in rows]


def pay_to(session: Session, *, owed: Settlement) -> PayTo:
    """Return the accounts that a settlement may be paid to."""
    payee = _accounts(session, {owed.payee_id or 0}).get(owed.payee_id or 0)
    platform = session.exec(
        select(BankAccount)
        .where(col(BankAccount.of_platform).is_(True))
        .order_by(col(BankAccount.id))
        .limit(1)
    ).one_or_none()
    return PayTo(payee, platform if owed.kind == "contract" else None)


def _accounts(session: Session, organisation_ids: set[int]) -> dict[int, BankAccount]:
    """The account that each organisation opened here first."""
    rows = session.exec(
        select(BankAccount)
        .where(
            col(BankAccount.organisation_id).in_(organisation_ids),
            col(BankAccount.of_platform).is_(False),
        )
        .order_by(col(BankAccount.id).desc())
    )
    return {row.organisation_id: row for row in rows}
