"""Running accounts as both parties read them: views over settlements, payments and advances."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.market.models import Contract
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.running.errors import NoSuchRunningAccount, NoSuchStatement
from remelt.platform.settlement.running.models import (
    AccountStatement,
    Advance,
    AdvanceLimit,
    AdvanceUse,
    RunningAccount,
    StatementAnswer,
    StatementLine,
)
from remelt.platform.settlement.running.rules import Fact, aged, statement_hash

NETTING = "netting"


@dataclass(frozen=True, slots=True)
class OpenAdvance:
    """A confirmed or waiting advance and what of it is not netted yet."""

    advance: Advance
    left_fen: int


@dataclass(frozen=True, slots=True)
class OpenDelivery:
    """A settlement in force with what is still to be paid for it."""

    settlement: Settlement
    open_fen: int


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement with its lines and its answer; `sound`: the hash is that of its lines."""

    statement: AccountStatement
    facts: tuple[Fact, ...]
    answer: StatementAnswer | None
    sound: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """One running account: balances, ages, advances and statements.

    balance_fen: what the payer owes over all, below zero what the payee has still to deliver for.
    """

    account: RunningAccount
    payer: Organisation
    payee: Organisation
    pays: bool
    balance_fen: int
    limit_fen: int | None
    advances: tuple[OpenAdvance, ...]
    deliveries: tuple[OpenDelivery, ...]
    owed_ages: tuple[int, ...]
    advance_ages: tuple[int, ...]
    facts: tuple[Fact, ...]
    statements: tuple[StatementView, ...]

    @property
    def outstanding_fen(self) -> int:
        """What of confirmed advances is not netted yet."""
        return sum(one.left_fen for one in self.advances if one.advance.state == "confirmed")

    @property
    def other(self) -> Organisation:
        """The other party."""
        return self.payee if self.pays else self.payer


def account(session: Session, *, code: str, organisation_id: int) -> RunningAccount:
    """Return a running account of an organisation. Raises `NoSuchRunningAccount`."""
    found = session.exec(
        select(RunningAccount).where(RunningAccount.code == code, _party(organisation_id))
    ).one_or_none()
    if found is None:
        raise NoSuchRunningAccount(account_code=code[:20])
    return found


def accounts_of(session: Session, *, organisation_id: int) -> list[RunningAccount]:
    """Return the running accounts of an organisation on either side."""
    statement = select(RunningAccount).where(_party(organisation_id))
    return list(session.exec(statement.order_by(col(RunningAccount.id))))


def suppliers(session: Session, *, organisation_id: int) -> list[Organisation]:
    """Return whom an organisation bought of under a contract, by name."""
    bought_of = select(Contract.seller_id).where(Contract.buyer_id == organisation_id)
    rows = select(Organisation).where(col(Organisation.id).in_(bought_of))
    return list(session.exec(rows.order_by(col(Organisation.name_zh))))


def view(
    session: Session, row: RunningAccount, *, organisation_id: int, today: date
) -> AccountView:
    """Return an account with everything on it, as of a Beijing day."""
    facts = facts_of(session, row)
    advances, deliveries = open_advances(session, row), open_deliveries(session, row)
    owed = [(_day(one.settlement), one.open_fen) for one in deliveries]
    lent = [(one.advance.paid_on, one.left_fen) for one in advances
            if one.advance.state == "confirmed"]  # fmt: skip
    return AccountView(
        account=row,
        payer=session.get_one(Organisation, row.payer_id),
        payee=session.get_one(Organisation, row.payee_id),
        pays=row.payer_id == organisation_id,
        balance_fen=sum(fact.amount_fen for fact in facts),
        limit_fen=limit_of(session, row),
        advances=tuple(advances),
        deliveries=tuple(deliveries),
        owed_ages=aged(owed, today=today),
        advance_ages=aged(lent, today=today),
        facts=tuple(reversed(facts)),
        statements=tuple(statements_of(session, row)),
    )


def limit_of(session: Session, row: RunningAccount) -> int | None:
    """Return the limit of advances in force, None without one."""
    return session.exec(
        select(AdvanceLimit.limit_fen)
        .where(AdvanceLimit.account_id == row.key)
        .order_by(col(AdvanceLimit.id).desc())
        .limit(1)
    ).first()


def facts_of(session: Session, row: RunningAccount) -> list[Fact]:
    """Return everything that changed what is owed, oldest first."""
    facts = [*_settled(session, row), *_paid(session, row), *_advanced(session, row)]
    return sorted(facts)


def open_advances(session: Session, row: RunningAccount) -> list[OpenAdvance]:
    """Return advances of which something is left, or that wait, oldest first."""
    used = (
        select(col(AdvanceUse.advance_id), func.sum(AdvanceUse.amount_fen).label("fen"))
        .group_by(col(AdvanceUse.advance_id))
        .subquery()
    )
    rows = session.execute(
        sa.select(Advance, used.c.fen)
        .outerjoin(used, used.c.advance_id == col(Advance.id))
        .where(col(Advance.account_id) == row.key, col(Advance.declined_at).is_(None))
        .order_by(col(Advance.id))
    )
    found = [OpenAdvance(advance, advance.amount_fen - int(fen or 0)) for advance, fen in rows]
    return [one for one in found if one.left_fen > 0]


def open_deliveries(session: Session, row: RunningAccount) -> list[OpenDelivery]:
    """Return settlements in force that are not all paid for, oldest first."""
    newer = aliased(Settlement)
    paid = (
        select(col(PaymentRecord.subject_code), func.sum(PaymentRecord.amount_fen).label("fen"))
        .where(col(PaymentRecord.declined_at).is_(None))
        .group_by(col(PaymentRecord.subject_code))
        .subquery()
    )
    rows = session.execute(
        sa.select(Settlement, paid.c.fen)
        .outerjoin(newer, col(newer.supersedes_id) == col(Settlement.id))
        .outerjoin(paid, paid.c.subject_code == col(Settlement.subject_code))
        .where(
            col(Settlement.payer_id) == row.payer_id,
            col(Settlement.payee_id) == row.payee_id,
            col(newer.id).is_(None),
        )
        .order_by(col(Settlement.computed_at), col(Settlement.id))
    )
    found = [OpenDelivery(owed, owed.amount_fen - int(fen or 0)) for owed, fen in rows]
    return [one for one in found if one.open_fen > 0]


def statements_of(session: Session, row: RunningAccount) -> Iterator[StatementView]:
    """Yield the statements of an account, the latest first."""
    rows = session.exec(
        select(AccountStatement, StatementAnswer)
        .outerjoin(StatementAnswer)
        .where(AccountStatement.account_id == row.key)
        .order_by(col(AccountStatement.month).desc())
    )
    for statement, answer in rows.all():
        yield _statement(session, row, statement, answer)


def statement(
    session: Session, *, code: str, organisation_id: int
) -> tuple[RunningAccount, StatementView]:
    """Return a statement to one of its parties. Raises `NoSuchStatement`."""
    found = session.exec(
        select(RunningAccount, AccountStatement, StatementAnswer)
        .join(AccountStatement, col(AccountStatement.account_id) == col(RunningAccount.id))
        .outerjoin(StatementAnswer, col(StatementAnswer.statement_id) == col(AccountStatement.id))
        .where(AccountStatement.code == code, _party(organisation_id))
    ).one_or_none()
    if found is None:
        raise NoSuchStatement(statement_code=code[:20])
    return found[0], _statement(session, *found)


def _statement(
    session: Session, row: RunningAccount, said: AccountStatement, answer: StatementAnswer | None
) -> StatementView:
    lines = session.exec(
        select(StatementLine)
        .where(StatementLine.statement_id == said.key)
        .order_by(col(StatementLine.position))
    )
    facts = tuple(
        Fact(line.at, line.fact, line.fact_code, line.subject_code, line.amount_fen)
        for line in lines
    )
    sha256 = statement_hash(
        account=row.code, month=said.month, opening_fen=said.opening_fen, facts=facts,
        before=said.before_sha256,
    )  # fmt: skip
    return StatementView(said, facts, answer, sound=sha256 == said.sha256)


def _settled(session: Session, row: RunningAccount) -> Iterator[Fact]:
    older = aliased(Settlement)
    rows = session.execute(
        sa.select(Settlement, col(older.amount_fen))
        .outerjoin(older, col(Settlement.supersedes_id) == col(older.id))
        .where(col(Settlement.payer_id) == row.payer_id, col(Settlement.payee_id) == row.payee_id)
    )
    for owed, before_fen in rows:
        delta_fen = owed.amount_fen - int(before_fen or 0)
        if delta_fen:
            yield Fact(owed.computed_at, "settlement", owed.code, owed.subject_code, delta_fen)


def _paid(session: Session, row: RunningAccount) -> Iterator[Fact]:
    rows = session.exec(
        select(PaymentRecord)
        .join(Settlement, col(Settlement.id) == col(PaymentRecord.settlement_id))
        .where(
            Settlement.payer_id == row.payer_id,
            Settlement.payee_id == row.payee_id,
            col(PaymentRecord.confirmed_at).is_not(None),
            PaymentRecord.method != NETTING,
        )
    )
    for paid in rows:
        at = paid.confirmed_at or paid.recorded_at
        yield Fact(at, "payment", paid.code, paid.subject_code, -paid.amount_fen)


def _advanced(session: Session, row: RunningAccount) -> Iterator[Fact]:
    rows = session.exec(
        select(Advance).where(Advance.account_id == row.key, col(Advance.confirmed_at).is_not(None))
    )
    for advance in rows:
        at = advance.confirmed_at or advance.recorded_at
        yield Fact(at, "advance", advance.code, "", -advance.amount_fen)


def _day(owed: Settlement) -> date:
    return owed.computed_at.astimezone(BEIJING).date()


def _party(organisation_id: int) -> sa.ColumnElement[bool]:
    return or_(
        col(RunningAccount.payer_id) == organisation_id,
        col(RunningAccount.payee_id) == organisation_id,
    )
