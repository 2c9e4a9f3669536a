"""The state that a lot carries: whole numbers that split and merge without loss."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from remelt.traceability.rules.allot import Vector, allot, less, more, scaled, take, tidy
from remelt.traceability.rules.copies import but
from remelt.traceability.terms import LotSpec

MG_PER_G = 1_000
UNKNOWN = "unknown"
CUSTODY = (
    "identity_preserved",
    "segregated",
    "controlled_blending",
    "mass_balance",
    "book_and_claim",
)


@dataclass(frozen=True, kw_only=True)
class State:
    """What a lot carries.

    mass_g; classes by origin and track by place of collection, each summing to mass_g; elements
    in mg, summing to 1,000 x mass_g; co2e by stage in g under cut-off, power by location;
    scrap_burden_g: what the second convention (pre-consumer scrap by mass) adds, below zero where
    sold scrap took burden along; market_g: what counting power by contract adds, below zero where
    it takes away; unmarketed: stages whose power has no figure by contract; primary_data_g: how
    much of co2e rests on measured data; melted_g: mass that a furnace of this ledger has melted
    already; claimed_g: recycled mass that was claimed as the lot held it, so that it gives no
    credits; missing: footprint lines without data; custody: the weakest chain-of-custody model
    used so far.
    """

    mass_g: int = 0
    classes: Vector = field(default_factory=dict)
    elements: Vector = field(default_factory=dict)
    track: Vector = field(default_factory=dict)
    co2e: Vector = field(default_factory=dict)
    scrap_burden_g: int = 0
    market_g: int = 0
    primary_data_g: int = 0
    melted_g: int = 0
    claimed_g: int = 0
    missing: tuple[str, ...] = ()
    unmarketed: tuple[str, ...] = ()
    custody: str = CUSTODY[0]

    @property
    def co2e_g(self) -> int:
        """Known burden under cut-off, in g; a total only when nothing is missing."""
        return sum(self.co2e.values())

    def holds(self) -> bool:
        """Tell whether the vectors sum to the mass they describe and nothing is below zero."""
        vectors = (self.classes, self.elements, self.track, self.co2e)
        return all(amount >= 0 for vector in vectors for amount in vector.values()) and (
            sum(self.classes.values()) == sum(self.track.values()) == self.mass_g
            and sum(self.elements.values()) == self.mass_g * MG_PER_G
            and 0 <= self.melted_g <= self.mass_g
            and 0 <= self.claimed_g <= self.mass_g
        )

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON; its vectors are in order as they are made."""
        return {
            "mass_g": self.mass_g,
            "classes": self.classes,
            "elements": self.elements,
            "track": self.track,
            "co2e": self.co2e,
            "scrap_burden_g": self.scrap_burden_g,
            "market_g": self.market_g,
            "primary_data_g": self.primary_data_g,
            "melted_g": self.melted_g,
            "claimed_g": self.claimed_g,
            "missing": sorted(self.missing),
            "unmarketed": sorted(self.unmarketed),
            "custody": self.custody,
        }

    @staticmethod
    def from_json(stored: dict[str, Any]) -> "State":
        """Return the state that `to_json` stored."""
        names = {name: tuple(stored.get(name, ())) for name in ("missing", "unmarketed")}
        return but(NOTHING, **{**stored, **names})


NOTHING = State()


def born(spec: LotSpec, mass_g: int) -> State:
    """Return the state of freshly weighed metal: all of one origin, its grade's metal content.

    >>> spec = LotSpec(metal="Al", grade_system="ReMA", grade_code="Talc", form="cans",
    ...     origin="post_consumer", metal_bp=9_000, track="520102")
    >>> born(spec, 1_000).elements
    {'Al': 900000, 'unknown': 100000}
    """
    known = 0 if spec.metal_bp is None else mass_g * MG_PER_G * spec.metal_bp // 10_000
    return State(
        mass_g=mass_g,
        classes=tidy({spec.origin: mass_g}),
        elements=more({spec.metal: known}, {UNKNOWN: mass_g * MG_PER_G - known}),
        track=tidy({spec.track: mass_g}),
    )


def resized(state: State, mass_g: int) -> State:
    """Return the same material at another mass; its burden stays, its vectors keep proportion."""
    if not state.mass_g:
        raise ValueError("nothing to resize")
    return but(
        state,
        mass_g=mass_g,
        classes=scaled(state.classes, mass_g),
        elements=scaled(state.elements, mass_g * MG_PER_G),
        track=scaled(state.track, mass_g),
        melted_g=_part_of(mass_g, state.melted_g, state.mass_g),
        claimed_g=_part_of(mass_g, state.claimed_g, state.mass_g),
    )


def part(state: State, mass_g: int) -> tuple[State, State]:
    """Cut `mass_g` off a lot; return what is cut off and what stays. 0 <= mass_g <= its mass.

    Every vector is cut in proportion; the two parts sum to the whole, exactly.
    """
    rest_g = state.mass_g - mass_g
    if rest_g == 0:
        return state, _none_of(state)
    if mass_g == 0:
        return _none_of(state), state
    classes, elements = take(state.classes, mass_g), take(state.elements, mass_g * MG_PER_G)
    track = take(state.track, mass_g)

    melted_g = _part_of(mass_g, state.melted_g, state.mass_g)
    claimed_g = _part_of(mass_g, state.claimed_g, state.mass_g)
    cut = but(
        state,
        mass_g=mass_g,
        classes=classes[0],
        elements=elements[0],
        track=track[0],
        melted_g=melted_g,
        claimed_g=claimed_g,
    )
    rest = but(
        state,
        mass_g=rest_g,
        classes=classes[1],
        elements=elements[1],
        track=track[1],
        melted_g=state.melted_g - melted_g,
        claimed_g=state.claimed_g - claimed_g,
    )
    if _burdened(state):
        burdens = share_burden(state, [mass_g, rest_g])
        return _laden(cut, burdens[0]), _laden(rest, burdens[1])
    return cut, rest


def _none_of(state: State) -> State:
    """Return no mass of a lot; what is said of its gaps and its custody still holds."""
    if not state.missing and not state.unmarketed and state.custody == CUSTODY[0]:
        return NOTHING
    return but(NOTHING, missing=state.missing, unmarketed=state.unmarketed, custody=state.custody)


def _part_of(amount: int, one: int, whole: int) -> int:
    """Return how much of `amount` falls to `one` of two parts of `whole`, by largest remainder."""
    if not one or one == whole:
        return amount if one else 0
    return allot(amount, [one, whole - one])[0]


def _burdened(state: State) -> bool:
    """Tell whether a state carries any burden, known and laid to whatever account."""
    return bool(state.co2e or state.scrap_burden_g or state.market_g or state.primary_data_g)


def _laden(state: State, burden: State) -> State:
    return but(
        state,
        co2e=burden.co2e,
        scrap_burden_g=burden.scrap_burden_g,
        market_g=burden.market_g,
        primary_data_g=burden.primary_data_g,
    )


def share_burden(state: State, weights: Sequence[int]) -> list[State]:
    """Share only the burden of `state` over `weights`; the parts hold no mass."""
    stages = {stage: allot(grams, weights) for stage, grams in state.co2e.items()}
    nothing = [0] * len(weights)
    scrap = allot(state.scrap_burden_g, weights) if state.scrap_burden_g else nothing
    market = allot(state.market_g, weights) if state.market_g else nothing
    primary = allot(state.primary_data_g, weights) if state.primary_data_g else nothing
    none = _none_of(state)
    return [
        but(
            none,
            co2e={stage: grams[i] for stage, grams in stages.items() if grams[i]},
            scrap_burden_g=scrap[i],
            market_g=market[i],
            primary_data_g=primary[i],
        )
        for i in range(len(weights))
    ]


def merged(states: Iterable[State]) -> State:
    """Return the sum of `states`: vectors add up, missing lines gather, custody is the weakest."""
    every = [state for state in states if state is not NOTHING]
    if len(every) < 2:  # noqa: PLR2004 - nothing to add up
        return every[0] if every else NOTHING
    return _merged(every)


def _merged(states: Sequence[State]) -> State:
    classes: Vector = {}
    elements: Vector = {}
    track: Vector = {}
    co2e: Vector = {}
    sums = [0, 0, 0, 0, 0, 0]
    missing: set[str] = set()
    unmarketed: set[str] = set()
    customs: set[str] = set()
    for s in states:
        if s.classes:
            _add(classes, s.classes)
        if s.elements:
            _add(elements, s.elements)
        if s.track:
            _add(track, s.track)
        if s.co2e:
            _add(co2e, s.co2e)
        sums[0] += s.mass_g
        sums[1] += s.scrap_burden_g
        sums[2] += s.market_g
        sums[3] += s.primary_data_g
        sums[4] += s.melted_g
        sums[5] += s.claimed_g
        missing.update(s.missing)
        unmarketed.update(s.unmarketed)
        customs.add(s.custody)
    return but(
        NOTHING,
        mass_g=sums[0],
        classes=tidy(classes),
        elements=tidy(elements),
        track=tidy(track),
        co2e=tidy(co2e),
        scrap_burden_g=sums[1],
        market_g=sums[2],
        primary_data_g=sums[3],
        melted_g=sums[4],
        claimed_g=sums[5],
        missing=tuple(sorted(missing)),
        unmarketed=tuple(sorted(unmarketed)),
        custody=weakest(customs),
    )


def _add(vector: Vector, more_of: Vector) -> None:
    if not vector:
        vector.update(more_of)
        return
    for name, amount in more_of.items():
        vector[name] = vector.get(name, 0) + amount


def weakest(models: Iterable[str]) -> str:
    """Return the lowest of the chain-of-custody models; the highest when there is none.

    >>> weakest(["segregated", "identity_preserved"])
    'segregated'
    """
    return max(models, key=CUSTODY.index, default=CUSTODY[0])


def minus(after: State, before: State) -> State:
    """Return the signed difference of two states, entry by entry."""
    return but(
        NOTHING,
        mass_g=after.mass_g - before.mass_g,
        classes=less(after.classes, before.classes),
        elements=less(after.elements, before.elements),
        track=less(after.track, before.track),
        co2e=less(after.co2e, before.co2e),
        scrap_burden_g=after.scrap_burden_g - before.scrap_burden_g,
        market_g=after.market_g - before.market_g,
        primary_data_g=after.primary_data_g - before.primary_data_g,
        melted_g=after.melted_g - before.melted_g,
        claimed_g=after.claimed_g - before.claimed_g,
    )


def within_tolerance(difference_g: int, *, mass_g: int, scale_division_g: int) -> bool:
    """Tell whether a difference is what scales show: at most 0.5 % or one scale division.

    >>> within_tolerance(50, mass_g=10_000, scale_division_g=20)
    True
    >>> within_tolerance(51, mass_g=10_000, scale_division_g=20)
    False
    """
    return abs(difference_g) * 200 <= mass_g or abs(difference_g) <= scale_division_g
