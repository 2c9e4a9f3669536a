"""Running accounts for programs: what is owed, how old it is, advances, monthly statements."""

from datetime import datetime
from typing import Annotated, Literal

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.running import queries, stating
from remelt.platform.settlement.running.models import StatementAnswer
from remelt.platform.settlement.running.queries import AccountView, StatementView
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut, Month

bp = api_blueprint("running", tag="Settlement")


class AgesOut(ApiOut):
    """What is open by age, in fen: up to 30, 60, 90 days old, and older."""

    days_30_fen: int
    days_60_fen: int
    days_90_fen: int
    older_fen: int


class RunningAccountOut(ApiOut):
    """A running account as one of its parties sees it; amounts in fen, above zero the payer owes.

    side: payer or payee. limit_fen: the most that may be outstanding in advances, null without.
    """

    code: str
    side: Literal["payer", "payee"]
    partner_code: str
    balance_fen: int
    advances_outstanding_fen: int
    limit_fen: int | None
    owed_by_age: AgesOut
    advances_by_age: AgesOut
    statements: list[str]


class RunningAccountsOut(ApiOut):
    """The organisation's running accounts."""

    accounts: list[RunningAccountOut]


class FactOut(ApiOut):
    """A line of a statement: a settlement, payment or advance that changed what is owed."""

    at: datetime
    fact: str
    code: str
    subject_code: str
    amount_fen: int


class RunningStatementOut(ApiOut):
    """The statement of a month. sound: its hash is that of what stands here.

    verdict: what the other party said, null while it has not.
    """

    code: str
    account_code: str
    month: str
    opening_fen: int
    closing_fen: int
    sha256: str
    before_sha256: str
    sound: bool
    verdict: str | None
    reason: str
    lines: list[FactOut]


class RunningStatementIn(ApiIn):
    """A month that has ended."""

    month: Month


class RunningAnswerIn(ApiIn):
    """What the other party says of a statement; a dispute for a reason."""

    verdict: Literal["confirmed", "disputed"]
    reason: Annotated[str, Field(max_length=200)] = ""


class RunningAnswerOut(ApiOut):
    """What was said of a statement."""

    statement_code: str
    verdict: str
    reason: str
    answered_at: datetime


def _own_account(who: Actor, account: str) -> None:
    with store().read() as session:
        queries.account(session, code=account, organisation_id=who.organisation_id)


def _own_statement(who: Actor, statement: str) -> None:
    with store().read() as session:
        queries.statement(session, code=statement, organisation_id=who.organisation_id)


@bp.get("/running-accounts")
@needs("settlement.running")
@bp.output(RunningAccountsOut)
def accounts() -> RunningAccountsOut:
    """The organisation's running accounts with what is owed, by age."""
    who = require("settlement.running")
    with store().read() as session:
        today = clock().now(session).astimezone(BEIJING).date()
        rows = queries.accounts_of(session, organisation_id=who.organisation_id)
        views = [
            queries.view(session, row, organisation_id=who.organisation_id, today=today)
            for row in rows
        ]
    return RunningAccountsOut(accounts=[_account(view) for view in views])


@bp.get("/running-accounts/<account>")
@needs("settlement.running")
@bp.output(RunningAccountOut)
def show(account: str) -> RunningAccountOut:
    """One running account."""
    who = require("settlement.running")
    with store().read() as session:
        today = clock().now(session).astimezone(BEIJING).date()
        row = queries.account(session, code=account, organisation_id=who.organisation_id)
        view = queries.view(session, row, organisation_id=who.organisation_id, today=today)
    return _account(view)


@bp.post("/running-accounts/<account>/statements")
@needs("settlement.running")
@first(_own_account, permission="settlement.running", of="account")
@bp.input(RunningStatementIn, arg_name="data")
@bp.output(RunningStatementOut, status_code=201)
def issue(account: str, data: RunningStatementIn) -> Response:
    """Issue the statement of a month that has ended."""
    who = require("settlement.running")

    def act(session: Session) -> tuple[int, RunningStatementOut]:
        made = stating.issue(
            session, clock=clock(), code=account, organisation_id=who.organisation_id,
            person_id=who.person_id, month=data.month,
        )  # fmt: skip
        row, view = queries.statement(session, code=made.code, organisation_id=who.organisation_id)
        return 201, _statement(row.code, view)

    return once(who, act)


@bp.get("/running-accounts/statements/<statement>")
@needs("settlement.running")
@bp.output(RunningStatementOut)
def statement(statement: str) -> RunningStatementOut:
    """A statement with its lines, its hash and what the other party said."""
    who = require("settlement.running")
    with store().read() as session:
        row, view = queries.statement(session, code=statement, organisation_id=who.organisation_id)
    return _statement(row.code, view)


@bp.post("/running-accounts/statements/<statement>/answer")
@needs("settlement.running")
@first(_own_statement, permission="settlement.running", of="statement")
@bp.input(RunningAnswerIn, arg_name="data")
@bp.output(RunningAnswerOut, status_code=201)
def answer(statement: str, data: RunningAnswerIn) -> Response:
    """Confirm or dispute the other party's statement, once."""
    who = require("settlement.running")

    def act(session: Session) -> tuple[int, RunningAnswerOut]:
        made = stating.answer(
            session, clock=clock(), statement_code=statement,
            organisation_id=who.organisation_id, person_id=who.person_id, verdict=data.verdict,
            reason=data.reason,
        )  # fmt: skip
        return 201, _answer(statement, made)

    return once(who, act)


def _account(view: AccountView) -> RunningAccountOut:
    return RunningAccountOut(
        code=view.account.code,
        side="payer" if view.pays else "payee",
        partner_code=view.other.code,
        balance_fen=view.balance_fen,
        advances_outstanding_fen=view.outstanding_fen,
        limit_fen=view.limit_fen,
        owed_by_age=_ages(view.owed_ages),
        advances_by_age=_ages(view.advance_ages),
        statements=[each.statement.code for each in view.statements],
    )


def _ages(buckets: tuple[int, ...]) -> AgesOut:
    days_30, days_60, days_90, older = buckets
    return AgesOut(days_30_fen=days_30, days_60_fen=days_60, days_90_fen=days_90, older_fen=older)


def _statement(account_code: str, view: StatementView) -> RunningStatementOut:
    said, answered = view.statement, view.answer
    return RunningStatementOut(
        code=said.code,
        account_code=account_code,
        month=said.month,
        opening_fen=said.opening_fen,
        closing_fen=said.closing_fen,
        sha256=said.sha256,
        before_sha256=said.before_sha256,
        sound=view.sound,
        verdict=None if answered is None else answered.verdict,
        reason="" if answered is None else answered.reason,
        lines=[
            FactOut(
                at=fact.at, fact=fact.fact, code=fact.code, subject_code=fact.subject_code,
                amount_fen=fact.amount_fen,
            )
            for fact in view.facts
        ],
    )  # fmt: skip


def _answer(statement_code: str, made: StatementAnswer) -> RunningAnswerOut:
    return RunningAnswerOut(
        statement_code=statement_code, verdict=made.verdict, reason=made.reason,
        answered_at=made.answered_at,
    )  # fmt: skip
