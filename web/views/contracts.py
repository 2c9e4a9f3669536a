"""Contracts, as seller and buyer see them."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from remelt.platform.market import queries
from remelt.web.context import require, store
from remelt.web.flow_words import CAUSE_WORDS
from remelt.web.market_words import WORDS

bp = Blueprint("contracts", __name__)
CONTRACTS = 24
LAST_PAGE = 10_000


@bp.get("/contracts")
def index() -> ResponseReturnValue:
    """List the contracts in which the organisation sells or buys."""
    who = require("market.contracts")
    page = min(max(1, request.args.get("page", 1, type=int) or 1), LAST_PAGE)
    with store().read() as session:
        rows = queries.contracts(
            session,
            organisation_id=who.organisation_id,
            limit=CONTRACTS + 1,
            offset=(page - 1) * CONTRACTS,
        )
    return render_template(
        "market/contracts.html", rows=rows[:CONTRACTS], page=page, more=len(rows) > CONTRACTS
    )


@bp.get("/contracts/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show a contract to its two parties; to others there is none."""
    who = require("market.contracts")
    with store().read() as session:
        sold = queries.contract(session, code=code, organisation_id=who.organisation_id)
    return render_template("market/contract.html", sold=sold, words=WORDS, causes=CAUSE_WORDS)
