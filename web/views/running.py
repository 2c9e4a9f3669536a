"""Running accounts: what two parties owe each other, advances, netting, monthly statements."""

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.sheets.writing import Entry
from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.running import advancing, queries, stating
from remelt.platform.settlement.running.errors import NoSuchRunningAccount
from remelt.web.context import clock, require, store
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.running_forms import (
    AdvanceForm,
    AnswerForm,
    LimitForm,
    MonthForm,
    PartnerForm,
    VerdictForm,
)
from remelt.web.running_words import FACT_WORDS, WORDS
from remelt.web.sheets import csv_answer
from remelt.web.tax_figures import yuan
from remelt.web.yard_words import WORDS as YARD

bp = Blueprint("running", __name__, url_prefix="/running-accounts")


@bp.get("")
def index() -> ResponseReturnValue:
    """List the organisation's running accounts."""
    require("settlement.running")
    return _index(blank())


@bp.post("")
def post_account() -> ResponseReturnValue:
    """Open a running account with a partner that one buys of."""
    who = require("settlement.running")

    def act(session: Session, form: PartnerForm) -> str:
        row = advancing.open_account(
            session, clock=clock(), payer_id=who.organisation_id, partner_code=form.partner
        )
        return url_for("running.show", account=row.code)

    return submit(PartnerForm, act, who=who, page=_index)


@bp.get("/<account>")
def show(account: str) -> ResponseReturnValue:
    """Show one running account to one of its parties."""
    require("settlement.running")
    return _account(account, blank())


@bp.post("/<account>/limit")
def limit(account: str) -> ResponseReturnValue:
    """Set the limit of advances."""
    who = _payer(account)

    def act(session: Session, form: LimitForm) -> str:
        advancing.set_limit(
            session, clock=clock(), code=account, payer_id=who.organisation_id,
            person_id=who.person_id, limit_fen=form.limit_yuan,
        )  # fmt: skip
        return url_for("running.show", account=account)

    return submit(LimitForm, act, who=who, page=lambda state: _account(account, state))


@bp.post("/<account>/advances")
def advance(account: str) -> ResponseReturnValue:
    """Record money paid in advance."""
    who = _payer(account)

    def act(session: Session, form: AdvanceForm) -> str:
        advancing.pay_advance(
            session, clock=clock(), code=account, payer_id=who.organisation_id,
            person_id=who.person_id, amount_fen=form.amount_yuan, paid_on=form.paid_on,
            purpose=form.purpose, method=form.method, reference=form.reference,
        )  # fmt: skip
        return url_for("running.show", account=account)

    return submit(AdvanceForm, act, who=who, page=lambda state: _account(account, state))


@bp.post("/<account>/advances/<advance>/answer")
def answer_advance(account: str, advance: str) -> ResponseReturnValue:
    """Confirm an advance as the second person, or decline it."""
    who = _payer(account)

    def act(session: Session, form: AnswerForm) -> str:
        advancing.answer_advance(
            session, clock=clock(), code=account, advance_code=advance,
            payer_id=who.organisation_id, person_id=who.person_id, paid=form.answer == "paid",
        )  # fmt: skip
        return url_for("running.show", account=account)

    return submit(AnswerForm, act, who=who, page=lambda state: _account(account, state))


@bp.post("/<account>/net")
def net(account: str) -> ResponseReturnValue:
    """Net advances over deliveries, the oldest first."""
    who = _payer(account)

    def act(session: Session, form: Press) -> str:
        del form
        advancing.net(
            session, clock=clock(), code=account, payer_id=who.organisation_id,
            person_id=who.person_id,
        )  # fmt: skip
        return url_for("running.show", account=account)

    return submit(Press, act, who=who, page=lambda state: _account(account, state))


@bp.post("/<account>/statements")
def issue(account: str) -> ResponseReturnValue:
    """Issue the statement of a month that has ended."""
    who = require("settlement.running")
    with store().read() as session:
        queries.account(session, code=account, organisation_id=who.organisation_id)

    def act(session: Session, form: MonthForm) -> str:
        made = stating.issue(
            session, clock=clock(), code=account, organisation_id=who.organisation_id,
            person_id=who.person_id, month=form.month,
        )  # fmt: skip
        return url_for("running.statement", statement=made.code)

    return submit(MonthForm, act, who=who, page=lambda state: _account(account, state))


@bp.get("/statements/<statement>")
def statement(statement: str) -> ResponseReturnValue:
    """Show a statement, to print."""
    require("settlement.running")
    return _statement(statement, blank())


@bp.get("/statements/<statement>/file")
def file(statement: str) -> Response:
    """Give a statement as CSV."""
    who = require("settlement.running")
    with store().read() as session:
        row, view = queries.statement(session, code=statement, organisation_id=who.organisation_id)
    said = view.statement
    rows: list[list[Entry]] = [[said.month, _("Opening"), "", yuan(said.opening_fen)]]
    rows += [
        [f"{fact.at.astimezone(BEIJING):%Y-%m-%d}", _(FACT_WORDS[fact.fact]),
         fact.subject_code or fact.code, yuan(fact.amount_fen)]
        for fact in view.facts
    ]  # fmt: skip
    rows += [
        [said.month, _("Closing"), "", yuan(said.closing_fen)],
        ["SHA-256", said.sha256, "", ""],
    ]
    header = [_("Day"), _("What"), _("Code"), _("Amount (CNY)")]
    return csv_answer(header, rows, file_name=f"statement-{row.code}-{said.month}.csv")


@bp.post("/statements/<statement>/answer")
def answer(statement: str) -> ResponseReturnValue:
    """Confirm or dispute the other party's statement."""
    who = require("settlement.running")
    with store().read() as session:
        queries.statement(session, code=statement, organisation_id=who.organisation_id)

    def act(session: Session, form: VerdictForm) -> str:
        stating.answer(
            session, clock=clock(), statement_code=statement, organisation_id=who.organisation_id,
            person_id=who.person_id, verdict=form.verdict, reason=form.reason,
        )  # fmt: skip
        return url_for("running.statement", statement=statement)

    return submit(VerdictForm, act, who=who, page=lambda state: _statement(statement, state))


def _payer(account: str) -> Actor:
    """Refuse an account that somebody else pays, before any input is read."""
    who = require("settlement.running")
    with store().read() as session:
        row = queries.account(session, code=account, organisation_id=who.organisation_id)
        if row.payer_id != who.organisation_id:
            raise NoSuchRunningAccount(account_code=account[:20])
    return who


def _index(state: FormState) -> str:
    who = require("settlement.running")
    with store().read() as session:
        today = clock().now(session).astimezone(BEIJING).date()
        rows = queries.accounts_of(session, organisation_id=who.organisation_id)
        views = [
            queries.view(session, row, organisation_id=who.organisation_id, today=today)
            for row in rows
        ]
        suppliers = queries.suppliers(session, organisation_id=who.organisation_id)
        return render_template(
            "running/index.html", state=state, views=views, suppliers=suppliers, words=WORDS
        )


def _account(account: str, state: FormState) -> str:
    who = require("settlement.running")
    with store().read() as session:
        today = clock().now(session).astimezone(BEIJING).date()
        row = queries.account(session, code=account, organisation_id=who.organisation_id)
        view = queries.view(session, row, organisation_id=who.organisation_id, today=today)
        return render_template(
            "running/account.html", state=state, view=view, today=today, words=WORDS, yard=YARD
        )


def _statement(statement: str, state: FormState) -> str:
    who = require("settlement.running")
    with store().read() as session:
        row, view = queries.statement(session, code=statement, organisation_id=who.organisation_id)
        whole = queries.view(
            session, row, organisation_id=who.organisation_id,
            today=clock().now(session).astimezone(BEIJING).date(),
        )  # fmt: skip
        return render_template(
            "running/statement.html", state=state, view=view, whole=whole, words=WORDS
        )
