"""The public reference pages: what the trade looks up, and where each line comes from."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from remelt.platform.catalogue import queries
from remelt.platform.catalogue.errors import NoSuchKind
from remelt.web.context import store
from remelt.web.views.reference_tables import TABLES

bp = Blueprint("reference", __name__, url_prefix="/reference")


@bp.get("")
def index() -> ResponseReturnValue:
    """Show which tables there are, how many lines each has and what is missing."""
    with store().read() as session:
        lines = [(table, table.rows(session)) for table in TABLES]
        missing = [row for row in queries.factors(session) if queries.needed(row)]
        editions = queries.editions(session)
    return render_template(
        "reference/index.html", lines=lines, missing=missing, editions=editions, tables=TABLES
    )


@bp.get("/<kind>")
def show(kind: str) -> ResponseReturnValue:
    """Show one table; `q` keeps the lines that hold a text, `metal` those of one metal."""
    table = next((each for each in TABLES if each.name == kind), None)
    if table is None:
        raise NoSuchKind(kind=kind[:40])
    text, metal = request.args.get("q", "")[:100].strip(), request.args.get("metal", "")[:10]
    with store().read() as session:
        rows = table.rows(session)
        metals = queries.metals(session)
    shown = table.matching(rows, text=text, metal=metal)
    return render_template(
        "reference/table.html",
        table=table,
        tables=TABLES,
        rows=shown,
        total=len(rows),
        metals=metals if table.by_metal else [],
        text=text,
        metal=metal,
    )
