"""What a contract of signed terms is priced at before its settlement says so. Pure."""

from datetime import date

from remelt.platform.market.estimating import Estimate
from remelt.platform.settlement.finals.computing import calling_of
from remelt.platform.settlement.finals.inputs import Inputs
from remelt.platform.settlement.finals.statement import Statement
from remelt.platform.settlement.finals.terms import Terms, formula_of, quotation_of
from remelt.platform.settlement.pricing.evaluating import NotYet, Occasion, evaluate


def estimated(terms: Terms, inputs: Inputs, *, today: date, found: Statement | None) -> Estimate:
    """Return the price that was found in the end, else the formula's at the latest quotes.

    Prudent for a buyer's credit: neither deductions nor penalties are expected, and what was
    called counts at what it was called at. A price below nought counts as nought.
    """
    if found is not None and found.stage == "final":
        return Estimate("settled", found.price_fen_per_t)
    occasion = Occasion(
        delivered_on=today, quotation=quotation_of(terms.quotation), upto=today,
        calling=calling_of(terms, inputs=inputs),
    )  # fmt: skip
    priced = evaluate(formula_of(terms.formula), book=inputs.book, occasion=occasion)
    if isinstance(priced, NotYet):
        return Estimate("awaited")
    price = max(priced.price_fen_per_t, 0)
    if not priced.figures:
        return Estimate("agreed", price)
    last = dict.fromkeys(figure.used[-1].origin for figure in priced.figures)
    return Estimate("quoted", price, " ".join(last))
