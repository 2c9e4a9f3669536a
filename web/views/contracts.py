"""Contracts, as seller and buyer see them."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from remelt.platform.market import queries
from remelt.platform.market.estimating import estimate_of, estimates_of
from remelt.platform.settlement.finals.drafting import signed_terms
from remelt.platform.settlement.finals.queries import terms_in_force
from remelt.web.address import asked_page
from remelt.web.context import require, store
from remelt.web.deal_origins import credit_weight
from remelt.web.deal_page import sentences
from remelt.web.flow_words import CAUSE_WORDS
from remelt.web.fmt import is_chinese
from remelt.web.market_words import WORDS

bp = Blueprint("contracts", __name__)
CONTRACTS = 24


@bp.get("/contracts")
def index() -> ResponseReturnValue:
    """List the contracts in which the organisation sells or buys."""
    who = require("market.contracts")
    page = asked_page()
    with store().read() as session:
        rows = queries.contracts(
            session,
            organisation_id=who.organisation_id,
            limit=CONTRACTS + 1,
            offset=(page - 1) * CONTRACTS,
        )
        ids = [row.contract.key for row in rows]
        estimates = estimates_of(session, contract_ids=ids)
    return render_template(
        "market/contracts.html", rows=rows[:CONTRACTS], page=page, more=len(rows) > CONTRACTS,
        estimates=estimates,
    )  # fmt: skip


@bp.get("/contracts/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show a contract to its two parties; to others there is none."""
    who = require("market.contracts")
    with store().read() as session:
        sold = queries.contract(session, code=code, organisation_id=who.organisation_id)
        estimate = estimate_of(session, contract_id=sold.contract.key)
        signed = signed_terms(session, contract_id=sold.contract.key)
    terms = terms_in_force(sold.contract, signed=signed)
    return render_template(
        "market/contract.html", sold=sold, words=WORDS, causes=CAUSE_WORDS, signed=signed,
        said=sentences(terms)[0 if is_chinese() else 1],
        weight=None if estimate is None else credit_weight(estimate),
    )  # fmt: skip
