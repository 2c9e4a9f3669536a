"""Whose weight governs, and what comes off it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from remelt.platform.settlement.finals.assaying import Settled
from remelt.platform.settlement.finals.inputs import Inputs, Weight
from remelt.platform.settlement.finals.statement import Sheet
from remelt.platform.settlement.finals.terms import PPM, Limit, Side, Terms, Weights
from remelt.platform.settlement.pricing.evaluating import half_up


@dataclass(frozen=True, slots=True)
class Governing:
    """The weight that governs: net as weighed, and less packing and the tickets' deductions."""

    net_g: int
    off_g: int


def governing(sheet: Sheet, *, terms: Terms, inputs: Inputs) -> Governing | None:
    """Return the weight that governs the final settlement, None while one is missing.

    Both sides are compared before packing is taken off, in parts of the inside weight; a
    difference of exactly the tolerance is inside it.
    """
    rule = terms.weights
    inside = _side(sheet, rule.inside, inputs=inputs)
    if rule.tolerance_ppm is None:
        return None if inside is None else _less_packing(sheet, inside, rule=rule, inputs=inputs)
    outside = _side(sheet, rule.outside, inputs=inputs)
    if inside is None or outside is None or _unpaired(sheet, inputs):
        return None
    apart_g = abs(inside.net_g - outside.net_g)
    of = (f"line:net:{rule.inside}", f"line:net:{rule.outside}")
    sheet.put("weights-apart", apart_g, "g", rule="tolerance", of=of)
    apart_ppb = half_up(Fraction(apart_g * PPM * 1000, inside.net_g))
    sheet.put("weights-apart-share", apart_ppb, "ppb", rule="tolerance", of=("line:weights-apart",))
    within = apart_g * PPM <= rule.tolerance_ppm * inside.net_g
    chosen = inside if within else outside
    return _less_packing(sheet, chosen, rule=rule, inputs=inputs)


def one_side(sheet: Sheet, side: Side, *, terms: Terms, inputs: Inputs) -> Governing | None:
    """Return one side's weight, as a provisional payment takes it."""
    weighed = _side(sheet, side, inputs=inputs)
    if weighed is None:
        return None
    return _less_packing(sheet, weighed, rule=terms.weights, inputs=inputs)


def excess(sheet: Sheet, limit: Limit, *, settled: Settled, base_g: int, terms: Terms) -> int:
    """Return what a content above its free limit takes off the weight, in g."""
    above = max(settled.ppm - limit.free_ppm, Fraction(0))
    exact = above * base_g / PPM
    step_g = terms.weights.step_g
    return sheet.put(
        f"excess:{limit.analyte}",
        half_up(exact / step_g) * step_g,
        "g",
        rule="excess",
        of=(f"line:settled:{limit.analyte}", "line:base", f"terms:limits.{limit.analyte}"),
    )


@dataclass(frozen=True, slots=True)
class _Weighed:
    side: Side
    net_g: int
    deducted_g: int


def _side(sheet: Sheet, side: Side, *, inputs: Inputs) -> _Weighed | None:
    weights = inputs.of(side)
    if not weights:
        sheet.want("weight", side)
        return None
    for weight in weights:
        origin = (f"ticket:{weight.ticket}",)
        sheet.put(f"load:{side}:{weight.load}", weight.net_g, "g", rule="net", of=origin)
    sheet.put(f"net:{side}", _net(weights), "g", rule="sum", of=_loads(side, weights))
    return _Weighed(side, _net(weights), sum(weight.deducted_g for weight in weights))


def _less_packing(
    sheet: Sheet, weighed: _Weighed, *, rule: Weights, inputs: Inputs
) -> Governing | None:
    off = min(rule.packing_g + weighed.deducted_g, weighed.net_g)
    of = [f"line:net:{weighed.side}"]
    if weighed.deducted_g:
        tickets = [f"ticket:{weight.ticket}" for weight in inputs.of(weighed.side)]
        sheet.put("ticket-deductions", weighed.deducted_g, "g", rule="tickets", of=tickets)
        of.append("line:ticket-deductions")
    if rule.packing_g:
        sheet.put("packing", rule.packing_g, "g", rule="packing", of=("terms:weights.packing_g",))
        of.append("line:packing")
    sheet.put("base", weighed.net_g - off, "g", rule=f"weight-of-{weighed.side}", of=of)
    return Governing(net_g=weighed.net_g, off_g=off)


def _unpaired(sheet: Sheet, inputs: Inputs) -> bool:
    """Ask for the other side's weight of each load that only one side has weighed."""
    loads: dict[Side, set[str]] = {
        "seller": {weight.load for weight in inputs.of("seller")},
        "buyer": {weight.load for weight in inputs.of("buyer")},
    }
    for side, other in (("seller", "buyer"), ("buyer", "seller")):
        for load in loads[other] - loads[side]:  # type: ignore[index]  # the two sides
            sheet.want("weight", side, load)
    return loads["seller"] != loads["buyer"]


def _net(weights: Sequence[Weight]) -> int:
    return sum(weight.net_g for weight in weights)


def _loads(side: Side, weights: Sequence[Weight]) -> list[str]:
    return [f"line:load:{side}:{weight.load}" for weight in weights]
