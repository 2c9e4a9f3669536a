"""The book of money for programs: trial balance and entries."""

from remelt.platform.settlement.ledger import reading
from remelt.platform.settlement.ledger.errors import NoSuchEntry
from remelt.web.api.banking_shapes import EntryLineOut, EntryOut, TrialIn, TrialLineOut, TrialOut
from remelt.web.api.base import api_blueprint
from remelt.web.context import needs, require, store
from remelt.web.views.books import own_book
from remelt.web.views.books import trial as lines_of

bp = api_blueprint("books", tag="Settlement")


@bp.get("/books/trial-balance")
@needs("settlement.books")
@bp.input(TrialIn, location="query", arg_name="asked")
@bp.output(TrialOut)
def trial(asked: TrialIn) -> TrialOut:
    """The trial balance of the own book."""
    who = require("settlement.books")
    with store().read() as session:
        lines = lines_of(session, who, since=asked.since, until=asked.until)
    return TrialOut(
        accounts=[
            TrialLineOut(
                code=line.account.code,
                number=line.title.number,
                kind=line.account.kind,
                subject=line.account.subject,
                currency=line.account.currency,
                opening_minor=line.opening_minor,
                debit_minor=line.debit_minor,
                credit_minor=line.credit_minor,
                closing_minor=line.closing_minor,
            )
            for line in lines
        ]
    )


@bp.get("/books/entries/<money_entry>")
@needs("settlement.books")
@bp.output(EntryOut)
def entry(money_entry: str) -> EntryOut:
    """One entry of the own book with its lines."""
    who = require("settlement.books")
    with store().read() as session:
        book_id = own_book(session, who)
        if book_id is None:
            raise NoSuchEntry(entry=money_entry[:20])
        view = reading.entry_by_code(session, book_id=book_id, code=money_entry)
    row = view.entry
    return EntryOut(
        code=row.code,
        kind=row.kind,
        ref=row.ref,
        at=row.at,
        on_day=row.on_day,
        sha256=row.sha256,
        reversed_by=None if view.reversed_by is None else view.reversed_by.code,
        reverses=None if view.reverses is None else view.reverses.code,
        lines=[
            EntryLineOut(
                account_code=account.code,
                kind=account.kind,
                subject=account.subject,
                currency=account.currency,
                amount_minor=amount,
            )
            for account, amount in view.lines
        ],
    )
