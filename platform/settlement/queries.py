"""What is owed and what was paid, as the pages of both parties read it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from remelt.platform.parties.models import Organisation, Site
from remelt.platform.settlement.errors import NoSuchPayment, NoSuchSettlement
from remelt.platform.settlement.models import (
    PaymentInstruction,
    PaymentRecord,
    Settlement,
    SettlementLine,
)
from remelt.platform.settlement.rules import Balance


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One settlement in force as one of its parties sees it. `pays`: this side is the payer."""

    code: str
    kind: str
    subject_code: str
    pays: bool
    other_name_zh: str
    other_name_en: str
    payable_g: int
    balance: Balance
    computed_at: datetime
    revision: int
    waiting_fen: int


@dataclass(frozen=True, slots=True)
class SettlementView:
    """A settlement with its lines, payments and earlier revisions."""

    settlement: Settlement
    pays: bool
    payer: Organisation
    payee: Organisation | None
    site: Site
    lines: tuple[SettlementLine, ...]
    payments: tuple[PaymentRecord, ...]
    revisions: tuple[Settlement, ...]
    instruction: PaymentInstruction | None
    balance: Balance

    @property
    def in_force(self) -> bool:
        """Whether no newer revision stands."""
        return self.settlement.revision == max(each.revision for each in self.revisions)


def money(
    session: Session,
    *,
    organisation_id: int,
    kind: str | None = None,
    open_only: bool = False,
    limit: int = 100,
) -> list[MoneyLine]:
    """Return the settlements in force of an organisation on either side, the latest first.

    open_only: those whose payments, confirmed or waiting, are not the amount.
    """
    newer, payer, payee = aliased(Settlement), aliased(Organisation), aliased(Organisation)
    stands = col(PaymentRecord.declined_at).is_(None)
    confirmed = col(PaymentRecord.confirmed_at).is_not(None)
    amount = col(PaymentRecord.amount_fen)
    paid = (
        select(
            col(PaymentRecord.subject_code).label("subject_code"),
            func.coalesce(func.sum(amount).filter(stands), 0).label("recorded_fen"),
            func.coalesce(func.sum(amount).filter(confirmed), 0).label("confirmed_fen"),
        )
        .group_by(col(PaymentRecord.subject_code))
        .subquery()
    )
    statement = (
        sa.select(Settlement, payer, payee, paid.c.recorded_fen, paid.c.confirmed_fen)
        .join(payer, col(payer.id) == col(Settlement.payer_id))
        .outerjoin(payee, col(payee.id) == col(Settlement.payee_id))
        .outerjoin(newer, col(newer.supersedes_id) == col(Settlement.id))
        .outerjoin(paid, paid.c.subject_code == col(Settlement.subject_code))
        .where(
            or_(
                col(Settlement.payer_id) == organisation_id,
                col(Settlement.payee_id) == organisation_id,
            ),
            col(newer.id).is_(None),
        )
        .order_by(col(Settlement.computed_at).desc(), col(Settlement.id).desc())
        .limit(limit)
    )
    if kind is not None:
        statement = statement.where(col(Settlement.kind) == kind)
    if open_only:
        owed = col(Settlement.amount_fen)
        statement = statement.where(
            or_(*(owed != func.coalesce(each, 0) for each in
                  (paid.c.recorded_fen, paid.c.confirmed_fen)))
        )  # fmt: skip
    return [_line(*row, organisation_id=organisation_id) for row in session.execute(statement)]


def waiting(session: Session, *, organisation_id: int) -> list[tuple[PaymentRecord, Settlement]]:
    """Return the payments of an organisation that wait for a second person, oldest first."""
    rows = session.exec(
        select(PaymentRecord, Settlement)
        .join(Settlement, col(Settlement.id) == col(PaymentRecord.settlement_id))
        .where(
            Settlement.payer_id == organisation_id,
            col(PaymentRecord.confirmed_at).is_(None),
            col(PaymentRecord.declined_at).is_(None),
        )
        .order_by(col(PaymentRecord.id))
    )
    return [(row[0], row[1]) for row in rows]


def settlement(session: Session, *, code: str, organisation_id: int) -> SettlementView:
    """Return a settlement to one of its parties. Raises `NoSuchSettlement`."""
    payer, payee = aliased(Organisation), aliased(Organisation)
    found = session.exec(
        select(Settlement, payer, payee, Site)
        .join(payer, col(payer.id) == col(Settlement.payer_id))
        .outerjoin(payee, col(payee.id) == col(Settlement.payee_id))
        .join(Site, col(Site.id) == col(Settlement.site_id))
        .where(
            Settlement.code == code,
            or_(
                col(Settlement.payer_id) == organisation_id,
                col(Settlement.payee_id) == organisation_id,
            ),
        )
    ).one_or_none()
    if found is None:
        raise NoSuchSettlement(settlement_code=code[:20])
    row = found[0]
    payments = _payments(session, row)
    return SettlementView(
        settlement=row,
        pays=row.payer_id == organisation_id,
        payer=found[1],
        payee=found[2],
        site=found[3],
        lines=lines_of(session, row),
        payments=payments,
        revisions=_revisions(session, row),
        instruction=_asked(session, row),
        balance=Balance(
            amount_fen=row.amount_fen,
            confirmed_fen=sum(p.amount_fen for p in payments if p.state == "confirmed"),
            recorded_fen=sum(p.amount_fen for p in payments if p.state != "declined"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Sums:
    """What an organisation still owes and is still owed under settlements in force, in fen."""

    owes_fen: int
    owed_fen: int
    waiting_fen: int


def sums(session: Session, *, organisation_id: int) -> Sums:
    """Return the sums over every settlement in force of an organisation."""
    lines = money(session, organisation_id=organisation_id, open_only=True, limit=100_000)
    return Sums(
        owes_fen=sum(max(line.balance.open_fen, 0) for line in lines if line.pays),
        owed_fen=sum(
            max(line.balance.amount_fen - line.balance.confirmed_fen, 0)
            for line in lines
            if not line.pays
        ),
        waiting_fen=sum(line.waiting_fen for line in lines if line.pays),
    )


def check_payer(session: Session, *, code: str, organisation_id: int) -> None:
    """Refuse a settlement that another organisation pays. Raises `NoSuchSettlement`."""
    found = session.exec(
        select(Settlement.id).where(Settlement.code == code, Settlement.payer_id == organisation_id)
    ).first()
    if found is None:
        raise NoSuchSettlement(settlement_code=code[:20])


def settlement_code_of(session: Session, *, payment_code: str, organisation_id: int) -> str:
    """Return the settlement of one of the organisation's payments. Raises `NoSuchPayment`."""
    found = session.exec(
        select(Settlement.code)
        .join(PaymentRecord, col(PaymentRecord.settlement_id) == col(Settlement.id))
        .where(PaymentRecord.code == payment_code, Settlement.payer_id == organisation_id)
    ).one_or_none()
    if found is None:
        raise NoSuchPayment(payment_code=payment_code[:20])
    return found


def settlement_of(session: Session, *, kind: str, subject_code: str) -> Settlement | None:
    """Return the settlement in force of a contract or a gate ticket."""
    return session.exec(
        select(Settlement)
        .where(Settlement.kind == kind, Settlement.subject_code == subject_code)
        .order_by(col(Settlement.revision).desc())
        .limit(1)
    ).one_or_none()


def settlement_by_ticket(session: Session, *, kind: str, ticket_code: str) -> Settlement | None:
    """Return the settlement in force that was worked from a ticket, None when none was."""
    newer = aliased(Settlement)
    return session.exec(
        select(Settlement)
        .outerjoin(newer, col(newer.supersedes_id) == col(Settlement.id))
        .where(
            Settlement.kind == kind,
            Settlement.ticket_code == ticket_code,
            col(newer.id).is_(None),
        )
    ).one_or_none()


def lines_of(session: Session, row: Settlement) -> tuple[SettlementLine, ...]:
    """Return the lines of a settlement in their order."""
    return tuple(
        session.exec(
            select(SettlementLine)
            .where(SettlementLine.settlement_id == row.key)
            .order_by(col(SettlementLine.position))
        )
    )


def _asked(session: Session, row: Settlement) -> PaymentInstruction | None:
    """What a settlement asks for now; None where nothing is, or all of it was set off."""
    newest = session.exec(
        select(PaymentInstruction)
        .where(PaymentInstruction.settlement_id == row.key)
        .order_by(col(PaymentInstruction.id).desc())
        .limit(1)
    ).one_or_none()
    return newest if newest is not None and newest.amount_fen else None


def _payments(session: Session, row: Settlement) -> tuple[PaymentRecord, ...]:
    return tuple(
        session.exec(
            select(PaymentRecord)
            .where(PaymentRecord.subject_code == row.subject_code)
            .order_by(col(PaymentRecord.id))
        )
    )


def _revisions(session: Session, row: Settlement) -> tuple[Settlement, ...]:
    return tuple(
        session.exec(
            select(Settlement)
            .where(Settlement.kind == row.kind, Settlement.subject_code == row.subject_code)
            .order_by(col(Settlement.revision))
        )
    )


def _line(
    row: Settlement,
    payer: Organisation,
    payee: Organisation | None,
    recorded_fen: int | None,
    confirmed_fen: int | None,
    *,
    organisation_id: int,
) -> MoneyLine:
    pays = row.payer_id == organisation_id
    other = payee if pays else payer
    balance = Balance(
        amount_fen=row.amount_fen,
        confirmed_fen=int(confirmed_fen or 0),
        recorded_fen=int(recorded_fen or 0),
    )
    return MoneyLine(
        code=row.code,
        kind=row.kind,
        subject_code=row.subject_code,
        pays=pays,
        other_name_zh="" if other is None else other.name_zh,
        other_name_en="" if other is None else other.name_en,
        payable_g=row.payable_g,
        balance=balance,
        computed_at=row.computed_at,
        revision=row.revision,
        waiting_fen=balance.recorded_fen - balance.confirmed_fen,
    )
