"""Whether a lot on offer fits what a buyer looks for, point by point (pure).

The same judgement serves both ways: lots for a need, and needs for a lot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Point = Literal[
    "grade", "productive", "form", "mass", "price", "track", "distance", "carbon"
]  # fmt: skip
Verdict = Literal["fits", "misses", "unknown"]
POINTS: Final[tuple[Point, ...]] = (
    "grade", "productive", "form", "mass", "price", "track", "distance", "carbon",
)  # fmt: skip
BARRIERS: Final[frozenset[Point]] = frozenset({"grade", "productive"})
"""Points that no bargain mends: another metal, or scrap that the buyer may not take."""

Grade = tuple[str, str]
WHOLE_BP: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a buyer looks for. Empty sets and None ask for nothing.

    grades: with all that trade calls by the same word. mass_g, least_lot_g in grams;
    most_fen_per_t with its tax; most_co2e_g_per_t: of the way, in g per tonne.
    """

    metal: str
    grades: frozenset[Grade] = frozenset()
    forms: frozenset[str] = frozenset()
    tracks: frozenset[str] = frozenset()
    mass_g: int
    least_lot_g: int = 1
    most_fen_per_t: int | None = None
    tax_included: bool = False
    vat_rate_bp: int = 0
    productive: bool = False
    most_distance_m: int | None = None
    most_co2e_g_per_t: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A lot on offer. asked_fen_per_t: the least that buys it or is taken as the next bid.

    asked_fen_per_t is None where the seller asks for offers; distance_m where a position is
    missing; co2e_g_per_t where the way is not known.
    """

    metal: str
    grade: Grade
    form: str
    track: str
    mass_g: int
    asked_fen_per_t: int | None
    tax_included: bool = False
    vat_rate_bp: int = 0
    productive: bool = False
    distance_m: int | None = None
    co2e_g_per_t: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """How one point stands. limit, found: its figures where it has any, in kept units."""

    point: Point
    verdict: Verdict
    limit: int | None = None
    found: int | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """The judgement: a reason for every point that the buyer asked about."""

    reasons: tuple[Reason, ...]

    @property
    def misses(self) -> tuple[Reason, ...]:
        """What does not fit."""
        return tuple(each for each in self.reasons if each.verdict == "misses")

    @property
    def unknown(self) -> tuple[Reason, ...]:
        """What cannot be told."""
        return tuple(each for each in self.reasons if each.verdict == "unknown")

    @property
    def fits(self) -> bool:
        """Whether nothing stands against it; what is unknown stands against nothing."""
        return not self.misses

    @property
    def nearly(self) -> bool:
        """Whether one point alone misses, and one that a talk can mend."""
        missed = self.misses
        return len(missed) == 1 and missed[0].point not in BARRIERS


def fit(wanted: Wanted, offered: Offered) -> Fit:
    """Judge a lot by a need, point by point in the order of `POINTS`.

    A limit that is met exactly fits. Prices compare net of recoverable VAT, whoever named them.
    """
    return Fit(tuple(_reasons(wanted, offered)))


def rank(judged: Fit, offered: Offered) -> tuple[int, int, int, int]:
    """Return the order in which a buyer reads lots: what fits, what is known, near, then large."""
    far = offered.distance_m if offered.distance_m is not None else 10**9
    return len(judged.misses), len(judged.unknown), far, -offered.mass_g


def under(asked_fen: int, *, asked_vat_bp: int, limit_fen: int, limit_vat_bp: int) -> bool:
    """Tell whether a price is at or under a limit once both are net of VAT (exact).

    >>> under(11_300, asked_vat_bp=1_300, limit_fen=10_000, limit_vat_bp=0)
    True
    """
    return asked_fen * (WHOLE_BP + limit_vat_bp) <= limit_fen * (WHOLE_BP + asked_vat_bp)


def _reasons(wanted: Wanted, offered: Offered) -> Iterator[Reason]:
    same_metal = wanted.metal == offered.metal
    yield _told("grade", same_metal and (not wanted.grades or offered.grade in wanted.grades))
    if offered.productive:
        yield _told("productive", wanted.productive)
    if wanted.forms:
        yield _told("form", offered.form in wanted.forms)
    yield _mass(wanted, offered)
    if wanted.most_fen_per_t is not None:
        yield _price(wanted, offered, limit=wanted.most_fen_per_t)
    if wanted.tracks:
        yield _told("track", offered.track in wanted.tracks)
    if wanted.most_distance_m is not None:
        yield _within("distance", offered.distance_m, limit=wanted.most_distance_m)
    if wanted.most_co2e_g_per_t is not None:
        yield _within("carbon", offered.co2e_g_per_t, limit=wanted.most_co2e_g_per_t)


def _told(point: Point, fits: bool) -> Reason:  # noqa: FBT001 - a verdict is a yes or no
    return Reason(point, "fits" if fits else "misses")


def _mass(wanted: Wanted, offered: Offered) -> Reason:
    if offered.mass_g < wanted.least_lot_g:
        return Reason("mass", "misses", limit=wanted.least_lot_g, found=offered.mass_g)
    enough = offered.mass_g <= wanted.mass_g
    return Reason("mass", "fits" if enough else "misses", wanted.mass_g, offered.mass_g)


def _price(wanted: Wanted, offered: Offered, *, limit: int) -> Reason:
    if offered.asked_fen_per_t is None:
        return Reason("price", "unknown", limit)
    fits = under(
        offered.asked_fen_per_t,
        asked_vat_bp=offered.vat_rate_bp if offered.tax_included else 0,
        limit_fen=limit,
        limit_vat_bp=wanted.vat_rate_bp if wanted.tax_included else 0,
    )
    return Reason("price", "fits" if fits else "misses", limit, offered.asked_fen_per_t)


def _within(point: Point, found: int | None, *, limit: int) -> Reason:
    if found is None:
        return Reason(point, "unknown", limit)
    return Reason(point, "fits" if found <= limit else "misses", limit, found)
