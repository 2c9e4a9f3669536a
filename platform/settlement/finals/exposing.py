"""Exposure: tonnes that were bought or sold and whose price is still open, by metal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from remelt.platform.market.models import Contract, Listing
from remelt.platform.settlement.finals.drafting import terms_by_contract, terms_of
from remelt.platform.settlement.finals.gathering import (
    BEFORE,
    call_of,
    calls_by_contract,
    weight_of,
    weights_by_contract,
)
from remelt.platform.settlement.finals.inputs import Inputs
from remelt.platform.settlement.finals.terms import Terms, formula_of, quotation_of
from remelt.platform.settlement.pricing.indices import load_book
from remelt.platform.settlement.pricing.periods import Dates, Quotation, days_of
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
    sold = session.exec(statement).all()
    known = _known(session, contract_ids=[contract.key for contract, _ in sold], today=today)
    found = []
    for contract, metal in sold:
        if contract.key not in known:
            continue
        terms, inputs = known[contract.key]
        declared_g = contract.declared_mass_g
        mass_g, open_g = open_mass(terms, inputs, declared_g=declared_g, today=today)
        buys = contract.buyer_id == organisation_id
        if open_g:
            found.append(Exposed(contract.code, metal, buys, terms.formula, mass_g, open_g))
    return found


def open_mass(terms: Terms, inputs: Inputs, *, declared_g: int, today: date) -> tuple[int, int]:
    """Return the mass of a contract and how much of it has no price, in g. Pure.

    declared_g: what counts while nothing is weighed. today: a window that has passed leaves
    nothing to be called.
    """
    called = terms.called
    if called is not None:
        called_g = sum(call.mass_g for call in inputs.calls)
        return called.mass_g, 0 if today > called.last else max(called.mass_g - called_g, 0)
    weights = inputs.of("buyer") or inputs.of("seller")
    mass_g = sum(weight.net_g for weight in weights) or declared_g
    quoted, asked = quoted_days(terms, inputs)
    return mass_g, mass_g * (asked - quoted) // asked if asked else 0


def quoted_days(terms: Terms, inputs: Inputs) -> tuple[int, int]:
    """Return how many days of the formula's periods are quoted, of how many; rates apart.

    Before delivery the days that count from it are not known, and all of them are open.
    """
    asked = [quote for quote in quotes(formula_of(terms.formula).price) if _is_price(quote, inputs)]
    arrived = inputs.of("buyer") or inputs.of(terms.weights.inside)
    delivered_on = max((weight.day for weight in arrived), default=None)
    known = count = 0
    for quote in asked:
        period = quotation_of(terms.quotation)
        period = period if isinstance(quote.period, Quotation) else quote.period
        if period is None or (delivered_on is None and not isinstance(period, Dates)):
            count += 1
            continue
        index = inputs.book[quote.code]
        days = days_of(period, delivered_on=delivered_on or date.max, calendar=index.calendar)
        days = days[-1:] if quote.how == "last" else days
        count += len(days)
        known += sum(day in index.quotes for day in days)
    return known, count


def _known(
    session: Session, *, contract_ids: Sequence[int], today: date
) -> dict[int, tuple[Terms, Inputs]]:
    """Return terms, weights, calls and quotes of those contracts that have signed terms."""
    signed = terms_by_contract(session, contract_ids=contract_ids)
    terms = {key: terms_of(row) for key, row in signed.items()}
    weights = weights_by_contract(session, contract_ids=terms)
    calls = calls_by_contract(session, contract_ids=terms)
    first = min((row.day for rows in weights.values() for row in rows), default=today)
    asked = {
        quote.code for each in terms.values() for quote in quotes(formula_of(each.formula).price)
    }
    book = load_book(session, codes=asked, since=first - BEFORE)
    return {
        key: (
            each,
            Inputs(
                weights=tuple(map(weight_of, weights.get(key, ()))),
                calls=tuple(map(call_of, calls.get(key, ()))),
                book=book,
            ),
        )
        for key, each in terms.items()
    }


def _is_price(quote: Quote, inputs: Inputs) -> bool:
    return quote.code in inputs.book and inputs.book[quote.code].unit != CNY_PER_USD
