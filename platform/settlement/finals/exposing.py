"""Exposure: tonnes that were bought or sold and whose price is still open, by metal."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from remelt.platform.market.models import Contract, Listing
from remelt.platform.settlement.finals.drafting import signed_terms, terms_of
from remelt.platform.settlement.finals.gathering import calls_of, gather, standing_weights
from remelt.platform.settlement.finals.inputs import Inputs
from remelt.platform.settlement.finals.terms import Terms, formula_of, quotation_of
from remelt.platform.settlement.pricing.periods import Quotation, days_of
from remelt.platform.settlement.pricing.syntax import Quote, quotes
from remelt.platform.settlement.pricing.units import CNY_PER_USD


@dataclass(frozen=True, slots=True)
class Exposed:
    """A contract whose price is open. mass_g: weighed, else declared; open_g: without a price.

    buys: this side buys, and gains when the price falls.
    """

    contract_code: str
    metal: str
    buys: bool
    formula: str
    mass_g: int
    open_g: int


def exposure(session: Session, *, organisation_id: int, today: date) -> list[Exposed]:
    """Return the contracts of an organisation whose price is not yet known, by metal.

    Of a called price what was called is known. Of an average each quoted day of the period is
    its share of the tonnage. Nothing is netted: what is bought and what is sold stand apart.
    """
    statement = (
        select(Contract, Listing.metal)
        .join(Listing, col(Listing.id) == col(Contract.listing_id))
        .where(
            (col(Contract.seller_id) == organisation_id)
            | (col(Contract.buyer_id) == organisation_id),
            col(Contract.refused_at).is_(None),
            col(Contract.paid_at).is_(None),
        )
        .order_by(col(Listing.metal), col(Contract.id))
    )
    found = []
    for contract, metal in session.exec(statement).all():
        signed = signed_terms(session, contract_id=contract.key)
        if signed is None:
            continue
        terms = terms_of(signed)
        mass_g, open_g = _open(session, contract, terms=terms, today=today)
        buys = contract.buyer_id == organisation_id
        if open_g:
            found.append(Exposed(contract.code, metal, buys, terms.formula, mass_g, open_g))
    return found


def quoted_days(terms: Terms, inputs: Inputs) -> tuple[int, int]:
    """Return how many days of the formula's periods are quoted, of how many; rates apart.

    Before delivery no day is known, and all of it is open.
    """
    asked = [quote for quote in quotes(formula_of(terms.formula).price) if _is_price(quote, inputs)]
    arrived = inputs.of("buyer") or inputs.of(terms.weights.inside)
    if not asked or not arrived:
        return 0, len(asked)
    delivered_on = max(weight.day for weight in arrived)
    known = count = 0
    for quote in asked:
        period = quotation_of(terms.quotation)
        period = period if isinstance(quote.period, Quotation) else quote.period
        index = inputs.book[quote.code]
        if period is None:
            continue
        days = days_of(period, delivered_on=delivered_on, calendar=index.calendar)
        days = days[-1:] if quote.how == "last" else days
        count += len(days)
        known += sum(day in index.quotes for day in days)
    return known, count


def _is_price(quote: Quote, inputs: Inputs) -> bool:
    return quote.code in inputs.book and inputs.book[quote.code].unit != CNY_PER_USD


def _open(session: Session, contract: Contract, *, terms: Terms, today: date) -> tuple[int, int]:
    """Return the mass of a contract and how much of it has no price, in g."""
    if terms.called is not None:
        called_g = sum(call.mass_g for call in calls_of(session, contract.key))
        over = today > terms.called.last
        return terms.called.mass_g, 0 if over else max(terms.called.mass_g - called_g, 0)
    weights = standing_weights(session, contract_id=contract.key)
    side = "buyer" if any(w.side == "buyer" for w in weights) else "seller"
    mass_g = sum(w.gross_g - w.tare_g for w in weights if w.side == side)
    mass_g = mass_g or contract.declared_mass_g
    inputs = gather(session, contract_id=contract.key, terms=terms, today=today)
    known, asked = quoted_days(terms, inputs)
    return mass_g, mass_g * (asked - known) // asked if asked else 0
