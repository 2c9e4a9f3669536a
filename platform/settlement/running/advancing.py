"""Opening a running account, paying in advance, and netting advances over deliveries."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Organisation, Site
from remelt.platform.settlement.accounts import keep_payment, lock_settlement
from remelt.platform.settlement.books import ask_again
from remelt.platform.settlement.errors import PaymentNotWaiting, SamePerson
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rules import check_payment
from remelt.platform.settlement.running.errors import (
    AdvanceLimitReached,
    NoSuchAdvance,
    NoSuchPartner,
    NoSuchRunningAccount,
    NothingToNet,
)
from remelt.platform.settlement.running.models import (
    Advance,
    AdvanceLimit,
    AdvanceUse,
    RunningAccount,
)
from remelt.platform.settlement.running.queries import (
    NETTING,
    account,
    limit_of,
    open_advances,
    open_deliveries,
)
from remelt.platform.settlement.running.rules import netted
from remelt.platform.settlement.vouchers import enter_advance


def open_account(
    session: Session, *, clock: Clock, payer_id: int, partner_code: str
) -> RunningAccount:
    """Open the running account of a payer with a partner, or return the one there is.

    Raises `NoSuchPartner`.
    """
    partner = session.exec(
        select(Organisation).where(Organisation.code == partner_code)
    ).one_or_none()
    if partner is None or partner.key == payer_id:
        raise NoSuchPartner(field="partner")
    known = session.exec(
        select(RunningAccount).where(
            RunningAccount.payer_id == payer_id, RunningAccount.payee_id == partner.key
        )
    ).one_or_none()
    if known is not None:
        return known
    made = RunningAccount(
        code=new_code(), payer_id=payer_id, payee_id=partner.key, opened_at=clock.now(session)
    )
    session.add(made)
    session.flush()
    return made


def set_limit(
    session: Session, *, clock: Clock, code: str, payer_id: int, person_id: int, limit_fen: int
) -> None:
    """Say how much may be outstanding in advances from now on."""
    row = lock(session, code=code, payer_id=payer_id)
    session.add(
        AdvanceLimit(
            account_id=row.key, limit_fen=limit_fen, person_id=person_id, set_at=clock.now(session)
        )
    )
    session.flush()


def pay_advance(
    session: Session,
    *,
    clock: Clock,
    code: str,
    payer_id: int,
    person_id: int,
    amount_fen: int,
    paid_on: date,
    purpose: str = "prepayment",
    method: str = "bank",
    reference: str = "",
) -> Advance:
    """Record money paid in advance; above the payer's threshold a second person confirms it.

    Raises `NoSuchRunningAccount`, `AdvanceLimitReached` or what a payment is refused for.
    """
    row = lock(session, code=code, payer_id=payer_id)
    now = clock.now(session)
    today = now.astimezone(BEIJING).date()
    check_payment(
        amount_fen=amount_fen, open_fen=amount_fen, method=method, paid_on=paid_on, today=today
    )
    outstanding = sum(one.left_fen for one in open_advances(session, row))
    limit_fen = limit_of(session, row)
    if limit_fen is not None and outstanding + amount_fen > limit_fen:
        left = max(limit_fen - outstanding, 0)
        raise AdvanceLimitReached(field="amount_yuan", left_yuan=f"{left // 100}.{left % 100:02d}")
    threshold = _strictest(session, organisation_id=payer_id)
    second = threshold is not None and amount_fen > threshold
    made = Advance(
        code=new_code(),
        account_id=row.key,
        purpose=purpose,
        amount_fen=amount_fen,
        method=method,
        reference=reference[:60],
        paid_on=paid_on,
        person_id=person_id,
        recorded_at=now,
        needs_second=second,
        confirmed_at=None if second else now,
    )
    session.add(made)
    session.flush()
    if not second:
        _enter(session, row, made, at=now, person_id=person_id)
    return made


def answer_advance(
    session: Session,
    *,
    clock: Clock,
    code: str,
    advance_code: str,
    payer_id: int,
    person_id: int,
    paid: bool,
) -> Advance:
    """Confirm as the second person that an advance was paid, or decline it.

    Raises `NoSuchAdvance`, `PaymentNotWaiting` or `SamePerson`.
    """
    row = lock(session, code=code, payer_id=payer_id)
    found = session.exec(
        select(Advance).where(Advance.code == advance_code, Advance.account_id == row.key)
    ).one_or_none()
    if found is None:
        raise NoSuchAdvance(advance_code=advance_code[:20])
    if found.state != "waiting":
        raise PaymentNotWaiting(payment_code=found.code)
    second = parties.second_hand(
        session, first_id=found.person_id, person_id=person_id, organisation_id=payer_id
    )
    if not second:
        raise SamePerson(payment_code=found.code)
    now = clock.now(session)
    found.sqlmodel_update(
        {"second_person_id": person_id, ("confirmed_at" if paid else "declined_at"): now}
    )
    session.add(found)
    session.flush()
    if paid:
        _enter(session, row, found, at=now, person_id=person_id)
    return found


def net(
    session: Session, *, clock: Clock, code: str, payer_id: int, person_id: int
) -> list[AdvanceUse]:
    """Net confirmed advances against open deliveries, the oldest first; return what was used.

    Each use is a payment of the delivery by `netting`: no money moves, the advance moved it.
    Raises `NothingToNet`.
    """
    row = lock(session, code=code, payer_id=payer_id)
    for each in open_deliveries(session, row):
        lock_settlement(session, code=each.settlement.code)
    now = clock.now(session)
    deliveries = open_deliveries(session, row)
    advances = [one for one in open_advances(session, row) if one.advance.state == "confirmed"]
    draws = netted([one.left_fen for one in advances], [one.open_fen for one in deliveries])
    if not draws:
        raise NothingToNet(account_code=row.code)
    used = []
    for draw in draws:
        advance = advances[draw.advance].advance
        payment = _netting(
            deliveries[draw.delivery].settlement, advance, amount_fen=draw.amount_fen
        )
        payment.sqlmodel_update(
            {"person_id": person_id, "recorded_at": now, "confirmed_at": now,
             "paid_on": now.astimezone(BEIJING).date()}
        )  # fmt: skip
        keep_payment(session, payment, owed=deliveries[draw.delivery].settlement)
        ask_again(session, deliveries[draw.delivery].settlement, at=now)
        used.append(
            AdvanceUse(
                advance_id=advance.key, payment_id=payment.key, amount_fen=draw.amount_fen, at=now
            )
        )
        session.add(used[-1])
    session.flush()
    return used


def lock(session: Session, *, code: str, payer_id: int) -> RunningAccount:
    """Return the running account of a payer, locked. Raises `NoSuchRunningAccount`."""
    row = account(session, code=code, organisation_id=payer_id)
    if row.payer_id != payer_id:
        raise NoSuchRunningAccount(account_code=row.code)
    return session.exec(
        select(RunningAccount).where(RunningAccount.id == row.key).with_for_update()
    ).one()


def _enter(
    session: Session, row: RunningAccount, paid: Advance, *, at: datetime, person_id: int
) -> None:
    enter_advance(
        session, paid.code, method=paid.method, amount_fen=paid.amount_fen, payer_id=row.payer_id,
        payee_id=row.payee_id, at=at, person_id=person_id,
    )  # fmt: skip


def _netting(owed: Settlement, advance: Advance, *, amount_fen: int) -> PaymentRecord:
    return PaymentRecord(
        code=new_code(),
        settlement_id=owed.key,
        subject_code=owed.subject_code,
        amount_fen=amount_fen,
        method=NETTING,
        reference=advance.code,
        paid_on=advance.paid_on,
        person_id=advance.person_id,
        recorded_at=advance.recorded_at,
        needs_second=False,
    )


def _strictest(session: Session, *, organisation_id: int) -> int | None:
    """The payer's rule for a payment that is of no site: the strictest of its sites."""
    rules = session.exec(
        select(Site.second_person_above_fen).where(
            Site.organisation_id == organisation_id,
            col(Site.ended_at).is_(None),
            col(Site.second_person_above_fen).is_not(None),
        )
    )
    return min((rule for rule in rules if rule is not None), default=None)
