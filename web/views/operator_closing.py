"""The operator's day and month: every rail beside the book, and signs that sales are split."""

from datetime import date

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING, month_of
from remelt.platform.settlement.rails.closing import closing
from remelt.platform.settlement.reverse.rates import tax_rules
from remelt.platform.settlement.reverse.splitting import flags
from remelt.web.address import asked_day
from remelt.web.context import clock, require, store
from remelt.web.reverse_words import WORDS

bp = Blueprint("operator_closing", __name__, url_prefix="/operator")


@bp.get("/closing")
def show() -> ResponseReturnValue:
    """Show how bank accounts and providers stand beside the book at the end of a day."""
    who = require("settlement.oversee")
    with store().read() as session:
        today = _today(session)
        day = min(asked_day("day") or today, today)
        found = closing(session, organisation_id=who.organisation_id, day=day)
        return render_template(
            "operator/closing.html",
            day=day,
            month=(day.replace(day=1), day),
            closing=found,
            today=today,
        )


@bp.get("/splitting")
def signs() -> ResponseReturnValue:
    """Show what several sellers share over all buyers: nobody is named, nothing is refused."""
    require("settlement.oversee")
    with store().read() as session:
        now = clock().now(session)
        rules = tax_rules(session, on=_today(session))
        found = flags(session, month=month_of(now), rules=rules)
    return render_template("operator/splitting.html", flags=found, words=WORDS)


def _today(session: Session) -> date:
    return clock().now(session).astimezone(BEIJING).date()
