"""Paying out what the platform holds for others: one person lets it go, a second confirms."""

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.suspending import check_running
from remelt.platform.market.terms_models import Deposit
from remelt.platform.parties import queries as parties
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.errors import ReasonMissing, SamePerson
from remelt.platform.settlement.escrow.due import (
    PayoutDue,
    contract_dues,
    contract_of,
    deposit_due,
    stands,
)
from remelt.platform.settlement.escrow.entries import enter_payout
from remelt.platform.settlement.escrow.errors import (
    LaboratoryMissing,
    NoSuchPayout,
    NothingToPayOut,
    PayoutNotWaiting,
)
from remelt.platform.settlement.escrow.models import Payout
from remelt.platform.settlement.escrow.setting_off import overpaid, recover
from remelt.platform.settlement.events import PayoutConfirmed

REASON_MOST = 200


def let_go(
    session: Session,
    *,
    clock: Clock,
    purpose: str,
    subject_code: str,
    person_id: int,
    deposit_id: int | None = None,
    payee: str = "",
    rail: str = "bank",
) -> Payout:
    """Let go what is due now of a contract or deposit, until a second person confirms it.

    Before a seller is paid, what it owes back under other contracts is taken of it. payee: the
    laboratory that an umpire's charge is for. Raises `NothingToPayOut`, `LaboratoryMissing` or
    `ContractSuspended`.
    """
    due = _due(session, clock, purpose=purpose, subject_code=subject_code, deposit_id=deposit_id)
    named = payee.strip()[:60] if purpose == "umpire" else ""
    if purpose == "umpire" and not named:
        raise LaboratoryMissing(field="payee")
    made = Payout(
        code=new_code(), purpose=due.purpose, subject_code=due.subject_code,
        deposit_id=due.deposit_id, payee_id=due.payee_id, payee=named, amount_fen=due.amount_fen,
        fees_fen=due.fees_fen, rail=rail, person_id=person_id, made_at=clock.now(session),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def confirm_payout(
    session: Session, *, clock: Clock, code: str, organisation_id: int, person_id: int
) -> Payout:
    """Confirm a payout as the second person: it is entered and may be transferred.

    Raises `NoSuchPayout`, `PayoutNotWaiting`, `SamePerson`, `ContractSuspended`, or
    `NothingToPayOut` where a new settlement has left less.
    """
    paid = _waiting(session, code=code, organisation_id=organisation_id, person_id=person_id)
    if paid.purpose == "price" and -stands(session, "escrow", paid.subject_code) < paid.amount_fen:
        raise NothingToPayOut(subject=paid.subject_code)
    contract = contract_of(session, code=paid.subject_code, lock=True)
    if contract is not None:
        check_running(contract)
    now = clock.now(session)
    paid.sqlmodel_update({"second_person_id": person_id, "confirmed_at": now})
    session.add(paid)
    session.flush()
    enter_payout(session, paid)
    outbox.record(
        session,
        PayoutConfirmed(
            at=now, payout_code=paid.code, purpose=paid.purpose, subject_code=paid.subject_code,
            amount_fen=paid.amount_fen, payee_id=paid.payee_id, person_id=person_id,
        ),
    )  # fmt: skip
    return paid


def decline_payout(
    session: Session, *, clock: Clock, code: str, organisation_id: int, person_id: int, reason: str
) -> Payout:
    """Decline a payout as the second person: the money stays held.

    Raises `NoSuchPayout`, `PayoutNotWaiting`, `SamePerson` or `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    found = _waiting(session, code=code, organisation_id=organisation_id, person_id=person_id)
    found.sqlmodel_update(
        {
            "second_person_id": person_id,
            "declined_at": clock.now(session),
            "reason": reason.strip()[:REASON_MOST],
        }
    )
    session.add(found)
    session.flush()
    return found


def payout(session: Session, *, code: str) -> Payout:
    """Return a payout. Raises `NoSuchPayout`."""
    found = session.exec(select(Payout).where(Payout.code == code)).one_or_none()
    if found is None:
        raise NoSuchPayout(payout=code[:20])
    return found


def _due(
    session: Session, clock: Clock, *, purpose: str, subject_code: str, deposit_id: int | None
) -> PayoutDue:
    """Return what is due now, its contract or deposit locked. Raises `NothingToPayOut`."""
    found = None
    if deposit_id is not None:
        _lock_deposit(session, deposit_id=deposit_id)
        found = deposit_due(session, deposit_id=deposit_id)
    else:
        contract = contract_of(session, code=subject_code, lock=True)
        if contract is not None:
            check_running(contract)
        if contract is not None and purpose == "price":
            for owed in overpaid(session, seller_id=contract.seller_id):
                recover(session, clock=clock, owed=owed)
        dues = [] if contract is None else contract_dues(session, contract)
        found = next((due for due in dues if due.purpose == purpose), None)
    if found is None or found.purpose != purpose:
        raise NothingToPayOut(subject=subject_code[:20])
    return found


def _lock_deposit(session: Session, *, deposit_id: int) -> None:
    session.exec(select(Deposit.id).where(Deposit.id == deposit_id).with_for_update()).all()


def _waiting(session: Session, *, code: str, organisation_id: int, person_id: int) -> Payout:
    subject = payout(session, code=code).subject_code
    in_force(session, kind="contract", subject_code=subject, lock=True)
    found = session.exec(
        select(Payout)
        .where(col(Payout.code) == code)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if found.state != "waiting":
        raise PayoutNotWaiting(payout=found.code)
    if not parties.second_hand(
        session, first_id=found.person_id, person_id=person_id, organisation_id=organisation_id
    ):
        raise SamePerson(payout=found.code)
    return found
