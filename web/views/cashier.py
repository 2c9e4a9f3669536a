"""The cashier's desk: bank accounts, statements taken in, lines matched and confirmed."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.files import NoSuchFile
from remelt.platform.kernel.sheets.errors import HeadingsMissing
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.permissions import OPERATOR
from remelt.platform.settlement.rails.bank import accounts, queries
from remelt.platform.settlement.rails.bank.layout import layout_of, sample, say_layout
from remelt.platform.settlement.rails.bank.models import BankAccount
from remelt.platform.settlement.rails.bank.statement import parse
from remelt.web.context import clock, files, require, store
from remelt.web.errors import say
from remelt.web.forms import FormState, blank, submit
from remelt.web.money_forms import (
    BankAccountForm,
    CheckedStatementForm,
    ColumnsForm,
    StatementForm,
)
from remelt.web.money_words import MEANINGS, WORDS
from remelt.web.uploads import SHOWN, in_words, sent_table

bp = Blueprint("cashier", __name__, url_prefix="/cashier")


@bp.get("")
def index() -> ResponseReturnValue:
    """Show the bank accounts with what their book says."""
    require("settlement.bank")
    return _index(blank())


@bp.post("")
def add() -> ResponseReturnValue:
    """Keep a bank account."""
    who = require("settlement.bank")

    def act(session: Session, form: BankAccountForm) -> str:
        made = accounts.open_bank_account(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            bank=form.bank,
            number=form.number,
            of_platform=who.role == OPERATOR,
        )
        return url_for("cashier.show", bank_account=made.code)

    return submit(BankAccountForm, act, who=who, page=_index)


@bp.get("/<bank_account>")
def show(bank_account: str) -> ResponseReturnValue:
    """Show an account: lines in suspense first, each day beside the book, files taken in."""
    who = require("settlement.bank")
    whole = request.args.get("lines") == "all"
    with store().read() as session:
        row = _own(session, who, bank_account)
        return render_template(
            "cashier/account.html",
            account=row,
            lines=queries.movements(session, account=row, open_only=not whole),
            whole=whole,
            days=queries.days(session, account=row),
            statements=queries.statements(session, account=row),
            words=WORDS,
        )


@bp.get("/<bank_account>/statements")
def ask(bank_account: str) -> ResponseReturnValue:
    """Ask for the bank's file."""
    require("settlement.bank")
    return _ask(bank_account, blank())


@bp.post("/<bank_account>/statements")
def upload(bank_account: str) -> ResponseReturnValue:
    """Keep the file and show what it says."""
    who = require("settlement.bank")
    with store().read() as session:
        said = layout_of(session, _own(session, who, bank_account))

    def act(_session: Session, _form: StatementForm) -> str:
        sent = sent_table()
        page = "cashier.check"
        try:
            parse(sent.content, filename=sent.name, columns=said)
        except HeadingsMissing:
            page = "cashier.columns"
        kept = files().put(sent.content)
        return url_for(page, bank_account=bank_account, file=kept, name=sent.name)

    return submit(StatementForm, act, who=who, page=lambda state: _ask(bank_account, state))


@bp.get("/<bank_account>/statements/columns")
def columns(bank_account: str) -> ResponseReturnValue:
    """Ask what the columns of a file are, beside its first lines."""
    require("settlement.bank")
    return _columns(bank_account, blank())


@bp.post("/<bank_account>/statements/columns")
def say_columns(bank_account: str) -> ResponseReturnValue:
    """Keep what the columns are, and check the file by it."""
    who = require("settlement.bank")
    with store().read() as session:
        _own(session, who, bank_account)

    def act(session: Session, form: ColumnsForm) -> str:
        say_layout(
            session,
            clock=clock(),
            account_code=bank_account,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            columns=[(each.heading, each.meaning) for each in form.columns],
        )
        return url_for("cashier.check", bank_account=bank_account, file=form.file, name=form.name)

    def page(state: FormState) -> str:
        return _columns(bank_account, state)

    return submit(ColumnsForm, act, who=who, page=page)


@bp.get("/<bank_account>/statements/check")
def check(bank_account: str) -> ResponseReturnValue:
    """Show the dry run: new lines, known ones, cells to mend, lines that seem to be missing."""
    require("settlement.bank")
    return _check(bank_account, blank())


@bp.post("/<bank_account>/statements/check")
def take_in(bank_account: str) -> ResponseReturnValue:
    """Take in every new line of the checked file, or none."""
    who = require("settlement.bank")
    with store().read() as session:
        said = layout_of(session, _own(session, who, bank_account))

    def act(session: Session, form: CheckedStatementForm) -> str:
        accounts.take_in(
            session,
            clock=clock(),
            account_code=bank_account,
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            parsed=parse(files().get(form.file), filename=form.name, columns=said),
        )
        return url_for("cashier.show", bank_account=bank_account)

    def page(state: FormState) -> ResponseReturnValue:
        return _check(bank_account, state)

    return submit(CheckedStatementForm, act, who=who, page=page)


def _index(state: FormState) -> str:
    who = require("settlement.bank")
    with store().read() as session:
        cards = queries.cards(session, organisation_id=who.organisation_id)
    return render_template("cashier/index.html", state=state, cards=cards)


def _ask(bank_account: str, state: FormState) -> str:
    who = require("settlement.bank")
    with store().read() as session:
        row = _own(session, who, bank_account)
    return render_template("cashier/statement.html", state=state, account=row)


def _check(bank_account: str, state: FormState) -> ResponseReturnValue:
    who = require("settlement.bank")
    asked = {name: request.values.get(name, "")[:200] for name in ("file", "name")}
    with store().read() as session:
        row = _own(session, who, bank_account)
        try:
            parsed = parse(
                files().get(asked["file"]), filename=asked["name"],
                columns=layout_of(session, row),
            )  # fmt: skip
        except NoSuchFile:
            raise
        except Refusal as refused:
            told = FormState(values=asked, errors={}, refusal=say(refused))
            return render_template("cashier/statement.html", state=told, account=row), 422
        return render_template(
            "cashier/check.html",
            state=state,
            account=row,
            preview=accounts.dry_run(session, account=row, parsed=parsed),
            problems=in_words(parsed.problems),
            asked=asked,
            shown=SHOWN,
        )


def _columns(bank_account: str, state: FormState) -> str:
    who = require("settlement.bank")
    asked = {name: request.values.get(name, "")[:200] for name in ("file", "name")}
    with store().read() as session:
        row = _own(session, who, bank_account)
        said = layout_of(session, row)
    return render_template(
        "cashier/columns.html",
        state=state,
        account=row,
        asked=asked,
        sample=sample(files().get(asked["file"]), filename=asked["name"], said=said),
        meanings=MEANINGS,
    )


def _own(session: Session, who: Actor, bank_account: str) -> BankAccount:
    return accounts.bank_account(session, code=bank_account, organisation_id=who.organisation_id)
