"""The operator's report of sellers for the tax office: a quarter on a page, and as a file."""

from datetime import datetime, timedelta
from typing import Literal

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import Field

from remelt.platform.kernel.errors import Refusal
from remelt.platform.settlement.reporting import quarter_of, read_quarter, sellers_report
from remelt.web.context import clock, require, store
from remelt.web.fields import Words
from remelt.web.forms import Form, FormState, blank, read_form, refused_again
from remelt.web.seller_report import natural_persons, report_table
from remelt.web.sheets import table_answer
from remelt.web.words import LEGAL
from remelt.web.yard_sites import vault

bp = Blueprint("seller_report", __name__, url_prefix="/operator/sellers")
OFFERED = 8
SUMMED = ("deals", "gross_fen", "returned_fen", "net_fen", "vat_fen")


class ReportForm(Form):
    """Which quarter goes into a file, and of which shape."""

    quarter: Words = Field(max_length=7)
    shape: Literal["csv", "xlsx"] = "csv"


@bp.get("")
def show() -> ResponseReturnValue:
    """Show what each seller sold over the platform in a quarter, by default the last that ended."""
    require("settlement.oversee")
    return _page(blank(), quarter=request.args.get("quarter", ""))


@bp.post("/file")
def file() -> ResponseReturnValue:
    """Give the report as a file; that identities were opened for it is kept."""
    who = require("settlement.oversee")
    try:
        form = read_form(ReportForm)
        quarter = read_quarter(form.quarter)
    except Refusal as refused:
        return refused_again(_page, ReportForm, refused)
    with store().write() as session:
        table = report_table(session, clock=clock(), who=who, quarter=quarter, vault=vault())
    return table_answer(table, name=f"sellers-{quarter.name}", shape=form.shape)


def _page(state: FormState, quarter: str = "") -> str:
    with store().read() as session:
        offered = _quarters(clock().now(session))
        asked = read_quarter(quarter or offered[1])
        lines = sellers_report(session, quarter=asked)
        persons = natural_persons(session, lines)
    return render_template(
        "operator/sellers.html",
        state=state,
        quarter=asked,
        offered=offered,
        lines=lines,
        persons=persons,
        sums={name: sum(getattr(line, name) for line in lines) for name in SUMMED},
        legal=LEGAL,
    )


def _quarters(now: datetime) -> list[str]:
    """Return the present quarter and those before it, the latest first."""
    names = [quarter_of(now)]
    while len(names) < OFFERED:
        names.append(quarter_of(read_quarter(names[-1]).since - timedelta(days=1)))
    return names
