"""Price indices: who publishes them, what they said, holidays, and taking in a file of quotes."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.sheets.headings import CellProblem
from remelt.platform.settlement.pricing.indices import add_index, mark_day
from remelt.platform.settlement.pricing.queries import index_lines, index_page
from remelt.web.address import asked_day
from remelt.web.context import clock, require, store
from remelt.web.deal_forms import IndexForm, QuotesForm, TradingDayForm
from remelt.web.forms import FormState, blank, submit
from remelt.web.quoting import keep_quotes, read_quotes, work_again
from remelt.web.uploads import in_words, sent_table

bp = Blueprint("indices", __name__, url_prefix="/indices")


@bp.get("")
def index() -> ResponseReturnValue:
    """List the indices with their last quotes."""
    require("settlement.indices")
    return _index(blank())


@bp.get("/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show an index: its quotes up to a day with their revisions, and what its calendar marks."""
    require("settlement.indices")
    until = asked_day("until")
    with store().read() as session:
        page = index_page(session, code=code, until=until or date.max)
    return render_template("deals/index.html", page=page, until=until)


@bp.post("")
def add() -> ResponseReturnValue:
    """Keep a new index."""
    who = require("settlement.quote")

    def act(session: Session, form: IndexForm) -> str:
        row = add_index(session, form.draft(), clock=clock(), person_id=who.person_id)
        return url_for("indices.show", code=row.code)

    return submit(IndexForm, act, who=who, page=_index)


@bp.post("/days")
def day() -> ResponseReturnValue:
    """Mark a holiday of a calendar, or a weekend that is worked; what follows is worked anew."""
    who = require("settlement.quote")

    def act(session: Session, form: TradingDayForm) -> str:
        mark_day(
            session, clock=clock(), person_id=who.person_id, calendar=form.calendar, day=form.day,
            trades=form.trades == "yes", name=form.name,
        )  # fmt: skip
        work_again(session, codes=[])
        return url_for("indices.index")

    return submit(TradingDayForm, act, who=who, page=_index)


@bp.post("/quotes")
def quotes() -> ResponseReturnValue:
    """Take in a file of quotes, whole or not at all; contracts that follow them are worked anew."""
    who = require("settlement.quote")
    problems: list[CellProblem] = []

    def act(session: Session, form: QuotesForm) -> str:
        del form
        read = read_quotes(session, sent_table())
        problems.extend(read.problems)
        done = keep_quotes(session, read, person_id=who.person_id)
        return url_for("indices.index", added=done.added, revised=done.revised, known=done.known)

    return submit(QuotesForm, act, who=who, page=partial(_index, problems=problems))


def _index(state: FormState, problems: Sequence[CellProblem] = ()) -> str:
    with store().read() as session:
        return render_template(
            "deals/indices.html",
            lines=index_lines(session),
            state=state,
            problems=in_words(problems),
            wrong=len(problems),
            done={k: request.args.get(k, type=int) for k in ("added", "revised", "known")},
        )
