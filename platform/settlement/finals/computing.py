"""From terms and inputs to a statement. Pure: no clock, no database, no order of arrival."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from remelt.platform.kernel.money import amount_fen
from remelt.platform.settlement.finals.assaying import Settled, settle_content, umpire_charges
from remelt.platform.settlement.finals.inputs import Inputs, check_inputs
from remelt.platform.settlement.finals.statement import (
    Charge,
    Sheet,
    Stage,
    Statement,
    Waiting,
)
from remelt.platform.settlement.finals.terms import (
    PPM,
    Payable,
    Penalty,
    Terms,
    formula_of,
    quotation_of,
    terms_sha256,
)
from remelt.platform.settlement.finals.weighing import Governing, excess, governing, one_side
from remelt.platform.settlement.pricing.evaluating import (
    BP,
    Calling,
    NotYet,
    Occasion,
    evaluate,
    half_up,
)
from remelt.platform.settlement.pricing.printing import printed
from remelt.platform.settlement.pricing.quotes import E6


def provisional(terms: Terms, inputs: Inputs) -> Statement | Waiting | None:
    """Return the first payment, what it waits for, or None where the terms know none.

    One side's weight at the last prices quoted up to the day it was weighed, times the share.
    Raises what `check_inputs` refuses.
    """
    if terms.provisional is None:
        return None
    check_inputs(inputs)
    sheet = Sheet()
    side = terms.provisional.weight
    weighed = one_side(sheet, side, terms=terms, inputs=inputs)
    if weighed is None:
        return sheet.waiting
    day = max(weight.day for weight in inputs.of(side))
    payable_g = sheet.put(
        "provisional-weight", weighed.net_g - weighed.off_g, "g",
        rule=f"weight-of-{side}", of=("line:base",),
    )  # fmt: skip
    price = _price(sheet, terms=terms, inputs=inputs, delivered_on=day, upto=day)
    if price is None:
        return sheet.waiting
    share = terms.provisional.share_bp
    value = _value(sheet, payable_g, price=price, of=("line:provisional-weight", "line:price"))
    due = sheet.put(
        "due", half_up(Fraction(value * share, BP)), "fen", rule="provisional-share",
        of=("line:value", "terms:provisional.share_bp"),
    )  # fmt: skip
    return _statement(
        "provisional", sheet, terms=terms, net_g=weighed.net_g, payable_g=payable_g, price=price,
        due=due,
    )  # fmt: skip


def final(terms: Terms, inputs: Inputs) -> Statement | Waiting:
    """Return what is owed in the end, or everything that it still waits for.

    The governing weight less packing and what is above the free limits; at the formula's price
    less the penalties; the amount rounded half up to the fen. Raises what `check_inputs` refuses.
    """
    check_inputs(inputs)
    sheet = Sheet()
    weighed = governing(sheet, terms=terms, inputs=inputs)
    contents = {
        clause.analyte: settle_content(sheet, clause, inputs=inputs) for clause in terms.measured
    }
    day = _delivered_on(terms, inputs=inputs)
    price = None
    if day is not None:
        price = _price(sheet, terms=terms, inputs=inputs, delivered_on=day)
    if weighed is None or price is None or None in contents.values():
        return sheet.waiting
    known = {name: found for name, found in contents.items() if found is not None}
    payable_g = _payable(sheet, weighed, terms=terms, contents=known)
    final_price = _penalised(sheet, price, terms=terms, contents=known)
    if final_price < 0:
        sheet.want("price", "below-nought")
        return sheet.waiting
    value = _value(sheet, payable_g, price=final_price, of=("line:payable", "line:final-price"))
    return _statement(
        "final", sheet, terms=terms, net_g=weighed.net_g, payable_g=payable_g, price=final_price,
        due=value, charges=_charges(sheet, value, terms=terms, contents=known),
        rejectable=tuple(
            limit.analyte
            for limit in terms.limits
            if limit.reject_ppm is not None and known[limit.analyte].ppm > limit.reject_ppm
        ),
    )  # fmt: skip


def _delivered_on(terms: Terms, *, inputs: Inputs) -> date | None:
    """Return the day of delivery: the last weighing at the buyer's, else on the governing side."""
    arrived = inputs.of("buyer") or inputs.of(terms.weights.inside)
    return max((weight.day for weight in arrived), default=None)


def _price(
    sheet: Sheet, *, terms: Terms, inputs: Inputs, delivered_on: date, upto: date | None = None
) -> int | None:
    """Write down what the indices came to and the price; None while a quote is missing."""
    occasion = Occasion(
        delivered_on=delivered_on, quotation=quotation_of(terms.quotation), upto=upto,
        calling=calling_of(terms, inputs=inputs),
    )  # fmt: skip
    found = evaluate(formula_of(terms.formula), book=inputs.book, occasion=occasion)
    if isinstance(found, NotYet):
        for each in found.wanting:
            sheet.want(each.what, each.code, "" if each.day is None else each.day.isoformat())
        return None
    keys = []
    for figure in found.figures:
        key = f"index:{printed(figure.quote)}"
        sheet.put(
            key, half_up(figure.value * E6), "e6", rule=f"index-{figure.quote.how}",
            of=[f"index:{each.origin}" for each in figure.used],
        )  # fmt: skip
        keys.append(f"line:{key}")
    if found.price_fen_per_t < 0:
        sheet.want("price", "below-nought")
        return None
    of = (*keys, "terms:formula")
    return sheet.put("price", found.price_fen_per_t, "fen/t", rule="formula", of=of)


def calling_of(terms: Terms, *, inputs: Inputs) -> Calling | None:
    """Return what may be called and what was, None where the price is not called."""
    called = terms.called
    if called is None:
        return None
    return Calling(
        mass_g=called.mass_g, window=called.window, default=called.default,
        over=inputs.window_over, calls=inputs.calls,
    )  # fmt: skip


def _payable(
    sheet: Sheet, weighed: Governing, *, terms: Terms, contents: dict[str, Settled]
) -> int:
    """Return the weight that is paid: less each excess, all of it off the same base."""
    base_g = weighed.net_g - weighed.off_g
    off_g = sum(
        excess(sheet, limit, settled=contents[limit.analyte], base_g=base_g, terms=terms)
        for limit in terms.limits
    )
    of = ["line:base", *(f"line:excess:{limit.analyte}" for limit in terms.limits)]
    settlement_g = max(base_g - off_g, 0)
    if terms.payable is None:
        return sheet.put("payable", settlement_g, "g", rule="base-less-excess", of=of)
    sheet.put("settlement-weight", settlement_g, "g", rule="base-less-excess", of=of)
    return _metal(sheet, settlement_g, payable=terms.payable, terms=terms, contents=contents)


def _metal(
    sheet: Sheet, settlement_g: int, *, payable: Payable, terms: Terms, contents: dict[str, Settled]
) -> int:
    """Return the metal inside that is paid, in g."""
    share = max(contents[payable.analyte].ppm - payable.unit_ppm, Fraction(0))
    step_g = terms.weights.step_g
    metal_g = half_up(share * settlement_g / PPM / step_g) * step_g
    of = ("line:settlement-weight", f"line:settled:{payable.analyte}", "terms:payable")
    return sheet.put("payable", metal_g, "g", rule="metal-inside", of=of)


def _penalised(sheet: Sheet, price: int, *, terms: Terms, contents: dict[str, Settled]) -> int:
    """Return the price less the penalty of each full step above a limit."""
    off = sum(
        _penalty(sheet, penalty, settled=contents[penalty.analyte]) for penalty in terms.penalties
    )
    of = ["line:price", *(f"line:penalty:{penalty.analyte}" for penalty in terms.penalties)]
    return sheet.put("final-price", price - off, "fen/t", rule="price-less-penalties", of=of)


def _penalty(sheet: Sheet, penalty: Penalty, *, settled: Settled) -> int:
    steps = max(int((settled.ppm - penalty.above_ppm) // penalty.step_ppm), 0)
    name = penalty.analyte
    of = (f"line:settled:{name}", f"terms:penalties.{name}")
    sheet.put(f"steps:{name}", steps, "steps", rule="full-steps", of=of)
    of = (f"line:steps:{name}", f"terms:penalties.{name}")
    return sheet.put(f"penalty:{name}", steps * penalty.fen_per_t, "fen/t", rule="penalty", of=of)


def _value(sheet: Sheet, payable_g: int, *, price: int, of: tuple[str, ...]) -> int:
    amount = amount_fen(payable_g, price_fen_per_t=price)
    return sheet.put("value", amount, "fen", rule="weight-times-price", of=of)


def _charges(
    sheet: Sheet, value: int, *, terms: Terms, contents: dict[str, Settled]
) -> tuple[Charge, ...]:
    """Write down VAT, umpire and commission; return what third parties get."""
    _tax(sheet, value, terms=terms)
    charges: list[Charge] = []
    for name, settled in sorted(contents.items()):
        for charge in umpire_charges(terms.umpire_fen, further=settled.further):
            sheet.put(
                f"umpire:{name}:{charge.bearer}", charge.amount_fen, "fen", rule="umpire-pays",
                of=(f"line:settled:{name}", "terms:umpire_fen"),
            )  # fmt: skip
            charges.append(charge)
    if terms.commission_bp:
        amount = half_up(Fraction(value * terms.commission_bp, BP))
        of = ("line:value", "terms:commission_bp")
        sheet.put("commission", amount, "fen", rule="commission", of=of)
        charges.append(Charge("commission", "seller", amount))
    return tuple(charges)


def _tax(sheet: Sheet, value: int, *, terms: Terms) -> None:
    """Write down the VAT inside the price, and the tax that a reverse invoice withholds."""
    invoice = formula_of(terms.formula).invoice
    if invoice is None or not invoice.included:
        return
    of = ("line:value", "terms:formula")
    net = half_up(Fraction(value * BP, BP + invoice.rate_bp))
    sheet.put("net-of-vat", net, "fen", rule="net-of-vat", of=of)
    sheet.put("vat", value - net, "fen", rule="vat-inside", of=("line:value", "line:net-of-vat"))
    if terms.reverse_tax_bp is not None:
        tax = half_up(Fraction(net * terms.reverse_tax_bp, BP))
        of = ("line:net-of-vat", "terms:reverse_tax_bp")
        sheet.put("income-tax", tax, "fen", rule="income-tax", of=of)


def _statement(
    stage: Stage, sheet: Sheet, *, terms: Terms, net_g: int, payable_g: int, price: int, due: int,
    charges: tuple[Charge, ...] = (), rejectable: tuple[str, ...] = (),
) -> Statement:  # fmt: skip
    return Statement(
        stage=stage,
        terms_sha256=terms_sha256(terms),
        net_g=net_g,
        payable_g=payable_g,
        price_fen_per_t=price,
        value_fen=sheet.lines["value"].value,
        due_fen=due,
        lines=tuple(sheet.lines.values()),
        charges=charges,
        rejectable=rejectable,
    )


@dataclass(frozen=True, slots=True)
class Payout:
    """What is left once part is paid: the balance, and what of it reaches the seller.

    balance_fen below zero: the seller owes it back, by a debit note. payout_fen: of the balance,
    after what the seller bears of umpire and commission. buyer_fen: balance and what the buyer
    bears. seller_total_fen: what the seller has got in all.
    """

    balance_fen: int
    payout_fen: int
    buyer_fen: int
    seller_total_fen: int


def payout(statement: Statement, *, paid_fen: int) -> Payout:
    """Return what a final statement leaves to be paid after `paid_fen`."""
    balance = statement.value_fen - paid_fen
    borne = {
        side: sum(charge.amount_fen for charge in statement.charges if charge.bearer == side)
        for side in ("seller", "buyer")
    }
    left = balance - borne["seller"]
    return Payout(balance, left, balance + borne["buyer"], paid_fen + left)
