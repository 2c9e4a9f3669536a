"""The judge of charge plans: whole numbers and fractions alone, nothing of the solver.

What it says of mass, cost, carbon, scrap and chemistry is what pages show; a plan that it
refuses is not shown. Masses are whole grams, so a limit may be missed by one gram a line.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from remelt.platform.works.charging.problem import (
    TONNE_G,
    WHOLE_BP,
    WHOLE_PPM,
    Charge,
    ChargeProblem,
    Line,
    Source,
    fall_of,
    hundredth_fen_per_t,
    may_enter,
)
from remelt.traceability.rules.grades import PRESERVED


@dataclass(frozen=True, slots=True)
class Share:
    """One element in a charge, in ppm of its metal: mean, least and most to reckon with."""

    element: str
    mean_ppm: Fraction
    low_ppm: Fraction
    high_ppm: Fraction
    min_ppm: int | None
    max_ppm: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What one charge comes to.

    preserved_g, classed_g: gross scrap that falls by one index at most, and of known class.
    """

    charge: str
    gross_g: int
    metal_g: Fraction
    scrap_g: int
    price_fen: Fraction
    objective_fen: Fraction
    co2e_g: Fraction
    preserved_g: int
    classed_g: int
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A plan judged: its charges, and every rule it breaks, in words for a developer."""

    charges: tuple[Judged, ...]
    faults: tuple[str, ...]

    @property
    def objective_fen(self) -> Fraction:
        """Price, carbon and falls together."""
        return sum((each.objective_fen for each in self.charges), Fraction())

    @property
    def price_fen(self) -> Fraction:
        """What is paid for the charge."""
        return sum((each.price_fen for each in self.charges), Fraction())

    @property
    def co2e_g(self) -> Fraction:
        """The burden that is charged."""
        return sum((each.co2e_g for each in self.charges), Fraction())

    @property
    def scrap_share(self) -> Fraction:
        """Scrap over all that is charged, gross; nought for an empty plan."""
        gross = sum(each.gross_g for each in self.charges)
        return Fraction(sum(each.scrap_g for each in self.charges), gross) if gross else Fraction()


def judge(problem: ChargeProblem, lines: Sequence[Line]) -> Verdict:
    """Judge a plan from first principles."""
    sources = {each.key: each for each in problem.sources}
    faults = [*_unknown(problem, lines), *_stock(sources, lines)]
    known = [each for each in lines if each.source in sources]
    charges = []
    for charge in problem.charges:
        taken = [(sources[x.source], x.mass_g) for x in known if x.charge == charge.key]
        faults += [
            f"{source.key} may not enter {charge.key}"
            for source, _mass in taken
            if not may_enter(source, charge)
        ]
        judged = _judged(problem, charge, taken)
        charges.append(judged)
        faults += _misses(charge, judged, slack_g=len(taken))
    return Verdict(charges=tuple(charges), faults=tuple(faults))


def _unknown(problem: ChargeProblem, lines: Sequence[Line]) -> list[str]:
    sources = {each.key for each in problem.sources}
    charges = {each.key for each in problem.charges}
    pairs = Counter((each.source, each.charge) for each in lines)
    return [
        f"{each.source} -> {each.charge}: no such line, or said twice, or no mass"
        for each in lines
        if each.source not in sources
        or each.charge not in charges
        or each.mass_g <= 0
        or pairs[each.source, each.charge] > 1
    ]


def _stock(sources: dict[str, Source], lines: Sequence[Line]) -> list[str]:
    taken: dict[str, list[int]] = {}
    for line in lines:
        taken.setdefault(line.source, []).append(line.mass_g)
    faults = []
    for key, masses in taken.items():
        if key not in sources:
            continue
        source = sources[key]
        if sum(masses) > source.mass_g:
            faults.append(f"{key}: more is charged than there is")
        if source.whole and masses != [source.mass_g]:
            faults.append(f"{key}: not charged whole")
    return faults


def _judged(problem: ChargeProblem, charge: Charge, taken: Sequence[tuple[Source, int]]) -> Judged:
    terms = problem.terms
    scrap = [(source, mass) for source, mass in taken if source.scrap]
    falls = [(fall_of(source, charge), mass) for source, mass in scrap]
    weighed = sum(hundredth_fen_per_t(each, charge, terms) * mass for each, mass in taken)
    return Judged(
        charge=charge.key,
        gross_g=sum(mass for _source, mass in taken),
        metal_g=Fraction(sum(each.yield_bp * mass for each, mass in taken), WHOLE_BP),
        scrap_g=sum(mass for _source, mass in scrap),
        price_fen=Fraction(sum(each.price_fen_per_t * mass for each, mass in taken), TONNE_G),
        objective_fen=Fraction(weighed, 100 * TONNE_G),
        co2e_g=Fraction(sum(each.co2e_g_per_t * mass for each, mass in taken), TONNE_G),
        preserved_g=sum(mass for fall, mass in falls if fall is not None and fall <= PRESERVED),
        classed_g=sum(mass for fall, mass in falls if fall is not None),
        shares=_shares(charge, taken, margin_centi=terms.margin_centi),
    )


def _shares(
    charge: Charge, taken: Sequence[tuple[Source, int]], *, margin_centi: int
) -> tuple[Share, ...]:
    metal = sum(source.yield_bp * mass for source, mass in taken)
    if not metal:
        return ()
    return tuple(
        _share(element, charge, taken, metal=metal, margin_centi=margin_centi)
        for element in charge.limits
    )


def _share(
    element: str,
    charge: Charge,
    taken: Sequence[tuple[Source, int]],
    *,
    metal: int,
    margin_centi: int,
) -> Share:
    """Sum one element over a charge in whole numbers: grams x bp of metal, hundredths of ppm."""
    mean = lower = upper = 0
    for source, mass in taken:
        content = source.elements.get(element)
        if content is None:
            continue
        held, said = source.yield_bp * mass, content.mean_ppm * 100
        off = margin_centi * content.sd_ppm
        mean += held * said
        lower += held * max(said - off, 0)
        upper += held * min(said + off, WHOLE_PPM * 100)
    kept = charge.recovery_bp.get(element, WHOLE_BP)
    limit = charge.limits[element]
    whole = metal * WHOLE_BP * 100
    return Share(
        element=element,
        mean_ppm=Fraction(mean * kept, whole),
        low_ppm=Fraction(lower * kept, whole),
        high_ppm=Fraction(upper * kept, whole),
        min_ppm=limit.min_ppm,
        max_ppm=limit.max_ppm,
    )


def _misses(charge: Charge, judged: Judged, *, slack_g: int) -> list[str]:
    """Name the limits that are missed by more than `slack_g` grams: masses are whole grams."""
    faults = []
    if judged.metal_g < charge.least_g - slack_g or judged.metal_g > charge.most_g + slack_g:
        faults.append(f"{charge.key}: {float(judged.metal_g):.0f} g of metal")
    slack_ppm = Fraction(slack_g * WHOLE_PPM) / judged.metal_g if judged.metal_g else Fraction()
    for share in judged.shares:
        if share.max_ppm is not None and share.high_ppm > share.max_ppm + slack_ppm:
            faults.append(f"{charge.key}: {share.element} too high")
        if share.min_ppm is not None and share.low_ppm < share.min_ppm - slack_ppm:
            faults.append(f"{charge.key}: {share.element} too low")
    return faults
