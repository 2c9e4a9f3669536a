"""Monthly statements: issued by one party, confirmed or disputed by the other, chained by hash."""

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock, month_of, month_span
from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.errors import ReasonMissing
from remelt.platform.settlement.running.errors import StatementAnswered, StatementNotDue
from remelt.platform.settlement.running.models import (
    AccountStatement,
    RunningAccount,
    StatementAnswer,
    StatementLine,
)
from remelt.platform.settlement.running.queries import account, facts_of, statement
from remelt.platform.settlement.running.rules import statement_hash


def issue(
    session: Session, *, clock: Clock, code: str, organisation_id: int, person_id: int, month: str
) -> AccountStatement:
    """Issue the statement of a month that has ended: every fact up to its end not yet stated.

    What is settled anew or confirmed later stands on the next statement. Raises
    `NoSuchRunningAccount` or `StatementNotDue`.
    """
    row = account(session, code=code, organisation_id=organisation_id)
    session.exec(select(RunningAccount).where(RunningAccount.id == row.key).with_for_update()).one()
    now = clock.now(session)
    last = session.exec(
        select(AccountStatement)
        .where(AccountStatement.account_id == row.key)
        .order_by(col(AccountStatement.month).desc())
        .limit(1)
    ).one_or_none()
    try:
        begins, ends = month_span(month)
    except ValueError:
        raise StatementNotDue(field="month") from None
    if month_of(begins) != month or ends > now or (last is not None and month <= last.month):
        raise StatementNotDue(field="month")
    stated = set(
        session.exec(
            select(StatementLine.fact, StatementLine.fact_code)
            .join(AccountStatement)
            .where(AccountStatement.account_id == row.key)
        )
    )
    facts = [
        fact
        for fact in facts_of(session, row)
        if fact.at < ends and (fact.fact, fact.code) not in stated
    ]
    opening_fen = 0 if last is None else last.closing_fen
    before = "" if last is None else last.sha256
    made = AccountStatement(
        code=new_code(),
        account_id=row.key,
        month=month,
        opening_fen=opening_fen,
        closing_fen=opening_fen + sum(fact.amount_fen for fact in facts),
        before_sha256=before,
        sha256=statement_hash(
            account=row.code, month=month, opening_fen=opening_fen, facts=facts, before=before
        ),
        issuer_id=organisation_id,
        person_id=person_id,
        issued_at=now,
    )
    session.add(made)
    session.flush()
    for position, fact in enumerate(facts):
        session.add(
            StatementLine(
                statement_id=made.key, position=position, fact=fact.fact, fact_code=fact.code,
                subject_code=fact.subject_code, at=fact.at, amount_fen=fact.amount_fen,
            )
        )  # fmt: skip
    session.flush()
    return made


def answer(
    session: Session,
    *,
    clock: Clock,
    statement_code: str,
    organisation_id: int,
    person_id: int,
    verdict: str,
    reason: str = "",
) -> StatementAnswer:
    """Confirm or dispute, as the other party, what a statement says.

    Raises `NoSuchStatement`, `StatementAnswered` or `ReasonMissing`.
    """
    row, view = statement(session, code=statement_code, organisation_id=organisation_id)
    session.exec(select(RunningAccount).where(RunningAccount.id == row.key).with_for_update()).one()
    _row, view = statement(session, code=statement_code, organisation_id=organisation_id)
    if view.answer is not None or view.statement.issuer_id == organisation_id:
        raise StatementAnswered(statement_code=view.statement.code)
    tidy = reason.strip()[:200] if verdict == "disputed" else ""
    if verdict == "disputed" and not tidy:
        raise ReasonMissing(field="reason")
    made = StatementAnswer(
        statement_id=view.statement.key,
        verdict=verdict,
        reason=tidy,
        person_id=person_id,
        answered_at=clock.now(session),
    )
    session.add(made)
    session.flush()
    return made
