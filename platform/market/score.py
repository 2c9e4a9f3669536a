"""What an offer is worth by one measure: per tonne of recovered metal, delivered, net of tax.

A seller ranks buyers by price less freight, carbon and penalty; a buyer ranks sellers by price
plus freight, carbon and penalty. Each line is rounded to a whole fen against the offer, so that
the lines of an explanation add up to what they explain.
"""

from dataclasses import dataclass
from typing import Final, Literal

WHOLE_BP: Final = 10_000
G_PER_T: Final = 1_000_000
M_PER_KM: Final = 1_000
Side = Literal["sale", "purchase"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """By what an owner measures offers. side: `sale` seeks the most, `purchase` the least.

    freight_fen_per_tkm and co2e_g_per_tkm: of bringing a tonne a kilometre. carbon_fen_per_t: fen
    per tonne CO2e. recovers_vat: whether the owner's side counts tax with an invoice as passed on.
    """

    side: Side
    freight_fen_per_tkm: int = 0
    co2e_g_per_tkm: int = 0
    carbon_fen_per_t: int = 0
    recovers_vat: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What one offer says, per tonne gross.

    road_m: from where the lot lies to where it goes, None where no position is known (then no
    freight is counted and `Score.complete` is False). co2e_g_per_t: carried by the lot itself.
    penalty_fen_per_t: deductions agreed for its quality. recovery_bp: recovered metal of the gross
    mass in 1/10,000, above 0.
    """

    price_fen_per_t: int
    tax_included: bool
    vat_rate_bp: int
    road_m: int | None = None
    co2e_g_per_t: int = 0
    penalty_fen_per_t: int = 0
    recovery_bp: int = WHOLE_BP


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation: what it is called, and its fen per tonne gross, signed."""

    name: Literal["price", "vat", "freight", "carbon", "penalty"]
    fen_per_t: int


@dataclass(frozen=True, slots=True)
class Score:
    """An offer measured: `recovered_fen_per_t` ranks, the lines add up to `gross_fen_per_t`."""

    lines: tuple[Line, ...]
    gross_fen_per_t: int
    recovered_fen_per_t: int
    complete: bool


def score(quote: Quote, *, rates: Rates) -> Score:
    """Return the score of an offer with its lines.

    1 t at 16,950 yuan with 13 % VAT, 200 km at 0.50 yuan/tkm, 100 g CO2e/tkm at 60 yuan/t,
    recovered to 92 %: 15,000 net, 100 freight, 1.20 carbon.

    >>> rates = Rates(side="sale", freight_fen_per_tkm=50, co2e_g_per_tkm=100,
    ...     carbon_fen_per_t=6_000)
    >>> quote = Quote(price_fen_per_t=1_695_000, tax_included=True, vat_rate_bp=1_300,
    ...     road_m=200_000, recovery_bp=9_200)
    >>> found = score(quote, rates=rates)
    >>> [(line.name, line.fen_per_t) for line in found.lines]
    [('price', 1695000), ('vat', -195000), ('freight', -10000), ('carbon', -120)]
    >>> found.gross_fen_per_t, found.recovered_fen_per_t
    (1489880, 1619434)
    """
    if quote.recovery_bp <= 0:
        raise ValueError("an offer without recovered metal has no score")
    sign = -1 if rates.side == "sale" else 1
    km_g = rates.co2e_g_per_tkm * (quote.road_m or 0)
    carbon_g = quote.co2e_g_per_t * M_PER_KM + km_g
    burdens: tuple[tuple[Literal["freight", "carbon", "penalty"], int], ...] = (
        ("freight", _up(rates.freight_fen_per_tkm * (quote.road_m or 0), M_PER_KM)),
        ("carbon", _up(carbon_g * rates.carbon_fen_per_t, G_PER_T * M_PER_KM)),
        ("penalty", quote.penalty_fen_per_t),
    )
    lines = [Line("price", quote.price_fen_per_t)]
    if quote.tax_included and rates.recovers_vat:
        lines.append(Line("vat", _net(quote, rates.side) - quote.price_fen_per_t))
    lines += [Line(name, sign * fen) for name, fen in burdens if fen]
    gross = sum(line.fen_per_t for line in lines)
    return Score(
        lines=tuple(lines),
        gross_fen_per_t=gross,
        recovered_fen_per_t=_against(gross * WHOLE_BP, quote.recovery_bp, rates.side),
        complete=quote.road_m is not None,
    )


def rank(found: Score, *, side: Side, seq: int) -> tuple[int, int]:
    """Return what offers are ordered by, the best first; of equal ones the earlier.

    >>> one, other = Score((), 5, 5, True), Score((), 6, 6, True)
    >>> rank(other, side="sale", seq=2) < rank(one, side="sale", seq=1)
    True
    """
    worth = found.recovered_fen_per_t
    return (-worth if side == "sale" else worth), seq


def _net(quote: Quote, side: Side) -> int:
    return _against(quote.price_fen_per_t * WHOLE_BP, WHOLE_BP + quote.vat_rate_bp, side)


def _against(top: int, bottom: int, side: Side) -> int:
    """Divide, rounded against the offer: down for a sale, up for a purchase."""
    return top // bottom if side == "sale" else _up(top, bottom)


def _up(top: int, bottom: int) -> int:
    return -(-top // bottom)
