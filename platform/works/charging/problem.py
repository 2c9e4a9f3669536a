"""A charge problem in whole numbers: what could be charged, what is to be melted, on what terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from remelt.traceability.rules.grades import SPENT, downgrade

WHOLE_PPM = 1_000_000
WHOLE_BP = 10_000
TONNE_G = 1_000_000


@dataclass(frozen=True, slots=True)
class Content:
    """The share of one element in the metal of a source, in ppm by mass: mean and deviation."""

    mean_ppm: int
    sd_ppm: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something that can be charged: a lot, primary metal or an alloying addition.

    mass_g: gross mass at hand, > 0. price_fen_per_t: what a gross tonne costs at the furnace,
    delivered, net of recoverable VAT. yield_bp: metal recovered from the gross mass after melt
    loss, 1..10,000. elements: shares in that metal; an element not named is taken for absent.
    co2e_g_per_t: burden of a gross tonne at the furnace. scrap: it counts in the scrap share.
    whole: it is charged wholly and into one charge, or not at all. alloy_class: as
    `traceability.rules.grades` says it, empty when unknown.
    """

    key: str
    mass_g: int
    price_fen_per_t: int
    elements: Mapping[str, Content]
    yield_bp: int = WHOLE_BP
    co2e_g_per_t: int = 0
    scrap: bool = True
    whole: bool = False
    alloy_class: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """The limits of one element in what is cast, in ppm by mass; None is no limit."""

    min_ppm: int | None = None
    max_ppm: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One charge of a furnace: recovered metal between `least_g` and `most_g`, within limits.

    recovery_bp: what the melt keeps of an element, for those that burn off; 10,000 unless named.
    worst_index: the deepest fall of alloy class that may enter (grade-preserving rule); metal of
    unknown class may enter only where every fall may.
    """

    key: str
    least_g: int
    most_g: int
    limits: Mapping[str, Limit]
    recovery_bp: Mapping[str, int] = field(default_factory=dict)
    alloy_class: str = ""
    worst_index: int = SPENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What everything is weighed by.

    margin_centi: how many hundredths of a standard deviation each source is held off the limits.
    carbon_fen_per_t: fen per tonne CO2e. fall_fen_per_t: fen per gross tonne for each downgrade
    index from 0 to 4; metal of unknown class costs as index 0.
    """

    margin_centi: int = 0
    carbon_fen_per_t: int = 0
    fall_fen_per_t: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class ChargeProblem:
    """Everything a plan is made from; keys are unique among sources and among charges."""

    sources: tuple[Source, ...]
    charges: tuple[Charge, ...]
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Line:
    """So many grams of a source into a charge."""

    source: str
    charge: str
    mass_g: int


def fall_of(source: Source, charge: Charge) -> int | None:
    """Return the downgrade index of a source in a charge: 0 to 4, None when a class is unknown.

    Primary metal and alloying lose nothing: they are no recovered metal.
    """
    if not source.scrap:
        return 0
    return downgrade(source.alloy_class, charge.alloy_class)


def may_enter(source: Source, charge: Charge) -> bool:
    """Tell whether the grade-preserving rule lets a source into a charge."""
    fall = fall_of(source, charge)
    return charge.worst_index >= SPENT if fall is None else fall <= charge.worst_index


def hundredth_fen_per_t(source: Source, charge: Charge, terms: Terms) -> int:
    """Return what a gross tonne in this charge weighs in the objective, in 1/100 fen.

    Price + carbon + fall of alloy class. The hundredths keep the carbon exact to 1 g CO2e at
    fen per tonne; they are rounded half up.
    """
    carbon = (2 * source.co2e_g_per_t * terms.carbon_fen_per_t * 100 + TONNE_G) // (2 * TONNE_G)
    fall = terms.fall_fen_per_t[fall_of(source, charge) or 0]
    return (source.price_fen_per_t + fall) * 100 + carbon
