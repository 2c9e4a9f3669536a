"""The accountant's desk: trial balance, an account with its entries, an entry with its origin."""

from datetime import date, timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.permissions import OPERATOR
from remelt.platform.settlement.ledger import reading
from remelt.platform.settlement.ledger.chart import CHART
from remelt.platform.settlement.ledger.errors import NoSuchAccount, NoSuchEntry
from remelt.platform.settlement.ledger.models import MoneyEntry
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.web.context import clock, require, store
from remelt.web.money_words import WORDS
from remelt.web.sheets import csv_answer

bp = Blueprint("books", __name__, url_prefix="/books")


@bp.get("")
def index() -> ResponseReturnValue:
    """Show the trial balance over a span of days, this year's by default; or give it as CSV."""
    who = require("settlement.books")
    with store().read() as session:
        since, until = _span(session)
        lines = trial(session, who, since=since, until=until)
    if request.args.get("format") == "csv":
        return csv_answer(
            ["account number", "account", "for", "currency", "opening (fen)", "debit (fen)",
             "credit (fen)", "closing (fen)"],
            [
                [each.title.number, each.account.kind, each.account.subject,
                 each.account.currency, each.opening_minor, each.debit_minor, each.credit_minor,
                 each.closing_minor]
                for each in lines
            ],
            file_name=f"trial-balance-{since}-{until}.csv",
        )  # fmt: skip
    sums = {
        "debit": sum(each.debit_minor for each in lines),
        "credit": sum(each.credit_minor for each in lines),
        "closing": sum(each.closing_minor for each in lines),
    }
    return render_template(
        "books/index.html", lines=lines, sums=sums, since=since, until=until, words=WORDS
    )


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
            lines=reading.account_lines(session, account=row),
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
            "books/entry.html", view=view, origin=_origin(session, view.entry), words=WORDS
        )


def own_book(session: Session, who: Actor) -> int | None:
    """Return the book that an actor keeps: the platform's for its operator, else the own."""
    return reading.book_id_of(
        session, organisation_id=None if who.role == OPERATOR else who.organisation_id
    )


def trial(session: Session, who: Actor, *, since: date, until: date) -> list[reading.TrialLine]:
    """Return the trial balance of the actor's book; nothing where none was opened."""
    book_id = own_book(session, who)
    if book_id is None:
        return []
    return reading.trial_balance(session, book_id=book_id, since=since, until=until)


def _span(session: Session) -> tuple[date, date]:
    """Return the days asked for, else this year up to today."""
    today = clock().now(session).astimezone(BEIJING).date()
    until = _day(request.args.get("until", "")) or today
    since = _day(request.args.get("since", "")) or until.replace(month=1, day=1)
    return min(since, until), until


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if timedelta(days=1) < found - date(1999, 1, 1) else None


def _origin(session: Session, entry: MoneyEntry) -> str | None:
    """Return the address of what an entry comes from."""
    if entry.kind.startswith("settled-"):
        return url_for("money.show", settlement=entry.ref)
    if entry.kind in {"paid", "payment-held"}:
        code = session.exec(
            select(Settlement.code)
            .join(PaymentRecord, col(PaymentRecord.settlement_id) == col(Settlement.id))
            .where(PaymentRecord.code == entry.ref)
        ).one_or_none()
        return code and url_for("money.show", settlement=code)
    if entry.kind in {"on-statement", "matched"}:
        return url_for("movements.show", movement=entry.ref)
    if entry.kind == "opening":
        return url_for("cashier.show", bank_account=entry.ref)
    if entry.kind.startswith("deposit-"):
        return url_for("market.show", code=entry.ref)
    return None
