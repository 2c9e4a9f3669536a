"""The accountant's desk: trial balance, an account with its entries, an entry with its origin."""

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.permissions import OPERATOR
from remelt.platform.settlement.ledger import reading
from remelt.platform.settlement.ledger.chart import CHART
from remelt.platform.settlement.ledger.errors import NoSuchAccount, NoSuchEntry
from remelt.web.address import asked_day
from remelt.web.books_page import (
    journal_table,
    origin,
    subject_page,
    titles,
    totals,
    trial_table,
)
from remelt.web.context import clock, require, store
from remelt.web.money_words import WORDS
from remelt.web.sheets import table_answer

bp = Blueprint("books", __name__, url_prefix="/books")
SHOWN = 200


@bp.get("")
def index() -> ResponseReturnValue:
    """Show the trial balance over a span of days, this year's by default; or give it as a file.

    `kind` shows each account of one title.
    """
    who = require("settlement.books")
    kind = request.args.get("kind", "")
    with store().read() as session:
        since, until = _span(session)
        lines = trial(session, who, since=since, until=until)
    shape = request.args.get("format", "")
    if shape:
        return table_answer(trial_table(lines), name=f"trial-balance-{since}-{until}", shape=shape)
    shown = titles(lines)
    return render_template(
        "books/index.html",
        titles=shown,
        sums=totals(shown),
        kind=kind,
        lines=[line for line in lines if line.account.kind == kind],
        since=since,
        until=until,
        words=WORDS,
    )


@bp.get("/journal")
def journal() -> ResponseReturnValue:
    """Give every posting of a span of days as a file for the accountant's own system."""
    who = require("settlement.books")
    with store().read() as session:
        since, until = _span(session)
        book_id = own_book(session, who)
        lines = (
            []
            if book_id is None
            else reading.journal(session, book_id=book_id, since=since, until=until)
        )
    shape = request.args.get("format", "csv")
    return table_answer(journal_table(lines), name=f"journal-{since}-{until}", shape=shape)


@bp.get("/accounts/<money_account>")
def show(money_account: str) -> ResponseReturnValue:
    """Show an account with its newest entries and the balance after each."""
    who = require("settlement.books")
    with store().read() as session:
        book_id = own_book(session, who)
        if book_id is None:
            raise NoSuchAccount(account=money_account[:20])
        row = reading.account_by_code(session, book_id=book_id, code=money_account)
        return render_template(
            "books/account.html",
            account=row,
            title=CHART[row.kind],
            lines=reading.account_lines(session, account=row, limit=SHOWN),
            shown=SHOWN,
            subject=subject_page(session, row, ours=who.role != OPERATOR),
            words=WORDS,
        )


@bp.get("/entries/<money_entry>")
def entry(money_entry: str) -> ResponseReturnValue:
    """Show an entry with its lines and what it comes from."""
    who = require("settlement.books")
    with store().read() as session:
        book_id = own_book(session, who)
        if book_id is None:
            raise NoSuchEntry(entry=money_entry[:20])
        view = reading.entry_by_code(session, book_id=book_id, code=money_entry)
        return render_template(
            "books/entry.html",
            view=view,
            origin=origin(session, view.entry, ours=who.role != OPERATOR),
            words=WORDS,
        )


def own_book(session: Session, who: Actor) -> int | None:
    """Return the book that an actor keeps: the platform's for its operator, else the own."""
    return reading.book_id_of(
        session, organisation_id=None if who.role == OPERATOR else who.organisation_id
    )


def entries_of(session: Session, who: Actor, *, subject: str) -> list[reading.Posted]:
    """Return the entries about a thing in the actor's book; none where no book was opened."""
    book_id = own_book(session, who)
    if book_id is None:
        return []
    return reading.entries_about(session, book_id=book_id, subject=subject)


def trial(session: Session, who: Actor, *, since: date, until: date) -> list[reading.TrialLine]:
    """Return the trial balance of the actor's book; nothing where none was opened."""
    book_id = own_book(session, who)
    if book_id is None:
        return []
    return reading.trial_balance(session, book_id=book_id, since=since, until=until)


def _span(session: Session) -> tuple[date, date]:
    """Return the days asked for, else this year up to today."""
    today = clock().now(session).astimezone(BEIJING).date()
    until = asked_day("until") or today
    since = asked_day("since") or until.replace(month=1, day=1)
    return min(since, until), until
