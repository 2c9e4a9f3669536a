"""What two parties agree on beside the lot: price, weight, quality, umpire, times. Strict JSON.

Shares and contents are integers: `_bp` in 1/10,000, `_ppm` in 1/1,000,000 by mass.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from remelt.platform.settlement.finals.errors import CallingMissing, TermsTwice, TermsUnreadable
from remelt.platform.settlement.pricing.checking import read_formula
from remelt.platform.settlement.pricing.errors import (
    InvoiceNotSaid,
    PeriodUnreadable,
    QuotationMissing,
)
from remelt.platform.settlement.pricing.parser import parse
from remelt.platform.settlement.pricing.periods import (
    Dates,
    Period,
    Quotation,
    period_text,
    read_period,
)
from remelt.platform.settlement.pricing.printing import canonical
from remelt.platform.settlement.pricing.syntax import Formula, quotes
from remelt.platform.settlement.pricing.units import Unit

PPM: Final = 1_000_000
MOST_DAYS: Final = 365
MIDNIGHT: Final = 24 * 60
MOST_FEN: Final = 10**12
MOST_G: Final = 10**12

Side = Literal["seller", "buyer"]
Bp = Annotated[int, Field(ge=0, le=10_000)]
Ppm = Annotated[int, Field(ge=0, le=PPM)]
Fen = Annotated[int, Field(ge=0, le=MOST_FEN)]
Minutes = Annotated[int, Field(ge=0, le=MIDNIGHT)]
Grams = Annotated[int, Field(ge=0, le=MOST_G)]


class Clause(BaseModel):
    """A part of the terms: nothing unknown, nothing guessed, never changed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Provisional(Clause):
    """A first payment: `share_bp` of the value of one side's weight at the last quoted price."""

    share_bp: Annotated[int, Field(gt=0, le=10_000)]
    weight: Side = "seller"


class Weights(Clause):
    """Whose weight governs: `inside` while both differ by at most the tolerance, else `outside`.

    tolerance_ppm: of the inside weight; None takes the inside weight alone, whatever the other is.
    packing_g: taken off whichever governs. step_g: what deductions are rounded to, half up.
    """

    inside: Side = "buyer"
    outside: Side = "buyer"
    tolerance_ppm: Ppm | None = None
    packing_g: Grams = 0
    step_g: Literal[1, 10, 100, 1000] = 1


class Measured(Clause):
    """How a content is settled: by one side's result, or by both.

    analyte: moisture, oil, impurity, or an element's symbol. splitting_ppm: both results are
    averaged up to this distance; beyond it an umpire decides. None averages always.
    """

    analyte: Annotated[str, Field(pattern=r"^(moisture|oil|impurity|[A-Z][a-z]?)$")]
    decided: Literal["seller", "buyer", "exchange"] = "exchange"
    splitting_ppm: Ppm | None = None


class Limit(Measured):
    """What is free up to `free_ppm`; the excess comes off the weight, one to one.

    reject_ppm: above it the buyer may refuse the goods.
    """

    free_ppm: Ppm
    reject_ppm: Ppm | None = None


class Penalty(Measured):
    """For each full `step_ppm` above `above_ppm` the price falls by `fen_per_t`."""

    above_ppm: Ppm
    step_ppm: Annotated[int, Field(gt=0, le=PPM)]
    fen_per_t: Annotated[int, Field(gt=0, le=10**9)]


class Payable(Measured):
    """Paid is the metal inside: the weight times its content, less `unit_ppm` of it."""

    unit_ppm: Ppm = 0


class CalledPrice(Clause):
    """点价: who calls the price, from when to when, at least how much at a time.

    opens_min, closes_min: the exchange's session, minutes of the Beijing day; outside it nothing
    is called, for the day's quote may be known. default: what the uncalled rest costs at expiry:
    the window's average, or its last quote.
    """

    by: Side
    first: date
    last: date
    mass_g: Annotated[int, Field(gt=0, le=MOST_G)]
    least_g: Grams = 0
    opens_min: Minutes = 0
    closes_min: Minutes = MIDNIGHT
    default: Literal["avg", "last"] = "avg"

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.closes_min <= self.opens_min:
            raise ValueError("the session closes before it opens")
        return self

    @property
    def window(self) -> Dates:
        """The days on which a price may be called."""
        return Dates(self.first, self.last)


def clock_time(minutes: int) -> str:
    """Return a minute of the day as people write it.

    >>> clock_time(540)
    '09:00'
    """
    return f"{minutes // 60:02}:{minutes % 60:02}"


class Terms(Clause):
    """The terms of a purchase. quotation: what QP stands for in the formula.

    reverse_tax_bp: the buyer invoices for a natural person, and pays this income tax for it out
    of the price. umpire_fen: of each content that an umpire decides; the party further off pays.
    claim_days: how long after the final settlement either side may object.
    """

    version: Literal[1] = 1
    formula: Annotated[str, Field(min_length=1, max_length=500)]
    quotation: Annotated[str, Field(max_length=40)] | None = None
    called: CalledPrice | None = None
    provisional: Provisional | None = None
    weights: Weights = Weights()
    limits: Annotated[tuple[Limit, ...], Field(max_length=10)] = ()
    penalties: Annotated[tuple[Penalty, ...], Field(max_length=20)] = ()
    payable: Payable | None = None
    umpire_fen: Fen = 0
    commission_bp: Bp = 0
    reverse_tax_bp: Bp | None = None
    claim_days: Annotated[int, Field(ge=0, le=MOST_DAYS)] = 0

    @property
    def measured(self) -> tuple[Measured, ...]:
        """Every content that has to be known."""
        payable = () if self.payable is None else (self.payable,)
        return (*self.limits, *self.penalties, *payable)


def plain_terms(*, price_fen_per_t: int, tax_included: bool, vat_rate_bp: int) -> Terms:
    """Return the terms of an award: a fixed price on the first weighing, nothing besides."""
    whole, fen = divmod(price_fen_per_t, 100)
    rate = f"{vat_rate_bp // 100}.{vat_rate_bp % 100:02d}".rstrip("0").rstrip(".")
    invoice = f"with invoice {rate}%" if tax_included else "without invoice"
    formula = canonical(parse(f"{whole}.{fen:02d} CNY/t {invoice}"))
    return Terms(formula=formula)


def read_terms(said: Mapping[str, Any], *, indices: Mapping[str, Unit]) -> Terms:
    """Return the terms that a person or program says, with the formula in its canonical form.

    indices: code -> unit of the indices that are kept. Raises `TermsUnreadable`, `TermsTwice`,
    `InvoiceNotSaid`, `QuotationMissing`, `CallingMissing`, or what the formula is refused for.
    """
    try:
        terms = Terms.model_validate_json(orjson.dumps(dict(said)))
    except (ValidationError, orjson.JSONEncodeError) as refused:
        raise TermsUnreadable(field="terms", where=_where(refused)) from None
    formula = read_formula(terms.formula, indices=indices)
    check_terms(terms, formula=formula)
    period = None if terms.quotation is None else period_text(read_period(terms.quotation))
    return terms.model_copy(update={"formula": canonical(formula), "quotation": period})


def check_terms(terms: Terms, *, formula: Formula) -> None:
    """Refuse terms whose parts do not fit each other."""
    if formula.invoice is None:
        raise InvoiceNotSaid(field="formula")
    asked = quotes(formula.price)
    if any(isinstance(quote.period, Quotation) for quote in asked) and terms.quotation is None:
        raise QuotationMissing(field="quotation")
    if terms.quotation is not None and isinstance(read_period(terms.quotation), Quotation):
        raise PeriodUnreadable(field="quotation", column=1, typed="QP")
    called = any(quote.period is None for quote in asked)
    window = terms.called
    if called and (window is None or window.last < window.first):
        raise CallingMissing(field="called")
    for clauses in (terms.limits, terms.penalties):
        names = [clause.analyte for clause in clauses]
        for name in names:
            if names.count(name) > 1:
                raise TermsTwice(field="terms", analyte=name)


def canonical_json(value: Any) -> bytes:
    """Return the bytes that hashes are taken over: sorted keys, no blanks, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def terms_json(terms: Terms) -> dict[str, Any]:
    """Return terms as plain JSON."""
    return terms.model_dump(mode="json")


@lru_cache(1024)
def terms_sha256(terms: Terms) -> str:
    """Return the SHA-256 of the terms' canonical JSON."""
    return hashlib.sha256(canonical_json(terms_json(terms))).hexdigest()


@lru_cache(4096)
def formula_of(text: str) -> Formula:
    """Return a formula that terms hold; it was judged when they were read."""
    return parse(text)


@lru_cache(1024)
def quotation_of(text: str | None) -> Period | None:
    """Return the quotation period that terms hold."""
    return None if text is None else read_period(text)


def _where(refused: Exception) -> str:
    if not isinstance(refused, ValidationError):
        return "JSON"
    first = refused.errors(include_url=False, include_input=False)[0]
    return ".".join(str(each) for each in first["loc"])[:80] or "JSON"
