"""Taking masses out of what is charged: which lot loses what, and what each output gets."""

from collections.abc import Sequence
from dataclasses import dataclass

from remelt.traceability.rules.allot import Vector, allot, less, more, scaled, take, tidy
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.states import MG_PER_G, NOTHING, UNKNOWN, State, merged, part

OXYGEN = "O"


@dataclass(frozen=True, kw_only=True)
class Pot:
    """One input: its state without burden, and the metal expected to come back from it.

    own_loss_g: what this input has lost so far.
    """

    state: State
    recovered_g: int
    own_loss_g: int = 0

    @property
    def expected_g(self) -> int:
        """Loss expected of what is left in the pot."""
        return self.state.mass_g - min(self.recovered_g, self.state.mass_g)


def bare(state: State) -> State:
    """Return the state without its burden."""
    return but(state, co2e={}, scrap_burden_g=0, market_g=0, primary_data_g=0)


def loss_by_lot(loss_g: int, *, expected_g: Sequence[int], recovered_g: Sequence[int]) -> list[int]:
    """Share a melt loss over the charged lots by each lot's own expected loss, in grams.

    Up to the expected sum E each lot loses in proportion to its expectation e_i; what goes
    beyond falls on the metal expected back r_i. 0 <= loss_g <= sum(e) + sum(r).

    >>> loss_by_lot(50, expected_g=[100, 0], recovered_g=[900, 1_000])
    [50, 0]
    >>> loss_by_lot(290, expected_g=[100, 0], recovered_g=[900, 1_000])
    [190, 100]
    """
    expected = sum(expected_g)
    if loss_g <= expected:
        return allot(loss_g, expected_g)
    beyond = allot(loss_g - expected, recovered_g)
    return [e + b for e, b in zip(expected_g, beyond, strict=True)]


def remove_dirt(pots: Sequence[Pot], dirt_g: int) -> tuple[list[Pot], State]:
    """Take moisture, dirt and packaging out: from unanalysed mass first, lot by lot."""
    unknown_g = [pot.state.elements.get(UNKNOWN, 0) // MG_PER_G for pot in pots]
    weights = unknown_g if dirt_g <= sum(unknown_g) else [pot.state.mass_g for pot in pots]
    return _lose(pots, allot(dirt_g, weights), unknown_first=True)


def remove_loss(pots: Sequence[Pot], loss_g: int) -> tuple[list[Pot], State]:
    """Take a melt loss out, by each lot's own expected loss."""
    shares = loss_by_lot(
        loss_g,
        expected_g=[pot.expected_g for pot in pots],
        recovered_g=[pot.state.mass_g - pot.expected_g for pot in pots],
    )
    return _lose(pots, shares, unknown_first=False)


def _lose(
    pots: Sequence[Pot], shares: Sequence[int], *, unknown_first: bool
) -> tuple[list[Pot], State]:
    left, lost = [], []
    for pot, share_g in zip(pots, shares, strict=True):
        cut = part_unknown_first if unknown_first else part
        if not share_g:
            left.append(pot)
            continue
        gone, rest = cut(pot.state, share_g)
        lost.append(gone)
        left.append(but(pot, state=rest, own_loss_g=pot.own_loss_g + share_g))
    return left, merged(lost) if lost else _nothing(pots)


def _nothing(pots: Sequence[Pot]) -> State:
    """Return what is taken when nothing is: no mass, but what the pots say of gaps."""
    return merged(part(pot.state, 0)[0] for pot in pots)


def part_unknown_first(state: State, mass_g: int) -> tuple[State, State]:
    """Cut `mass_g` off, taking elements from the unanalysed mass before any known metal."""
    cut, rest = part(state, mass_g)
    if not rest.mass_g or not mass_g:
        return cut, rest
    need_mg = mass_g * MG_PER_G
    unknown = min(need_mg, state.elements.get(UNKNOWN, 0))
    known, _ = take(
        less(state.elements, {UNKNOWN: state.elements.get(UNKNOWN, 0)}), need_mg - unknown
    )
    elements = more(known, {UNKNOWN: unknown})
    return (
        but(cut, elements=elements),
        but(rest, elements=less(state.elements, elements)),
    )


def deal(state: State, masses: Sequence[int]) -> list[State]:
    """Deal a homogeneous mass out to `masses`, which sum to it; every entry is exact."""
    dealt = []
    for mass_g in masses:
        cut, state = part(state, mass_g)
        dealt.append(cut)
    return dealt


def deal_by_claim(
    state: State, masses: Sequence[int], claims: Sequence[tuple[str, int | None]]
) -> list[State]:
    """Deal a sorted mass out: each output gets its own metal up to its grade's content first.

    claims: per output the base metal and its content in 1/10,000 (None: no claim). When the
    input does not hold what the grades promise, the claims are cut in proportion; the elements
    left fill the outputs evenly.
    """
    elements = _elements_by_claim(state.elements, masses, claims)
    return [
        but(dealt, elements=own) for dealt, own in zip(deal(state, masses), elements, strict=True)
    ]


def _elements_by_claim(
    elements: Vector, masses: Sequence[int], claims: Sequence[tuple[str, int | None]]
) -> list[Vector]:
    wanted = [
        mass * MG_PER_G * bp // 10_000 if bp is not None else 0
        for mass, (_, bp) in zip(masses, claims, strict=True)
    ]
    given: list[Vector] = [{} for _ in masses]
    for metal in sorted({metal for metal, _ in claims}):
        mine = [want if claims[i][0] == metal else 0 for i, want in enumerate(wanted)]
        granted = (
            mine if sum(mine) <= elements.get(metal, 0) else allot(elements.get(metal, 0), mine)
        )
        for i, amount in enumerate(granted):
            given[i] = more(given[i], {metal: amount})
    left = less(elements, more(*given))
    for i, mass in enumerate(masses):
        filling, left = take(left, mass * MG_PER_G - sum(given[i].values()))
        given[i] = more(given[i], filling)
    return given


def nonmetal(*, flux_g: int, oxygen_g: int) -> State:
    """Return the state of flux and of oxygen taken up: no metal, no origin."""
    mass_g = flux_g + oxygen_g
    if not mass_g:
        return NOTHING
    return State(
        mass_g=mass_g,
        classes=tidy({UNKNOWN: mass_g}),
        elements=tidy({UNKNOWN: flux_g * MG_PER_G, OXYGEN: oxygen_g * MG_PER_G}),
        track=tidy({UNKNOWN: mass_g}),
    )


def stranger(mass_g: int) -> State:
    """Return the state of mass that nobody can explain: all of it unknown."""
    return nonmetal(flux_g=mass_g, oxygen_g=0)


def added(*, mass_g: int, elements_bp: Vector) -> State:
    """Return the state of an addition: primary, its elements as stated, the rest unknown."""
    elements = {name: mass_g * MG_PER_G * bp // 10_000 for name, bp in elements_bp.items()}
    rest = mass_g * MG_PER_G - sum(elements.values())
    return State(
        mass_g=mass_g,
        classes=tidy({"primary": mass_g}),
        elements=more(elements, {UNKNOWN: rest}),
        track=tidy({UNKNOWN: mass_g}),
    )


def contained_mg(state: State) -> int:
    """Return the metal that is known to be in a mass, in mg."""
    return sum(mg for name, mg in state.elements.items() if name not in {UNKNOWN, OXYGEN})


def origins_of(amount: int, state: State) -> Vector:
    """Share `amount` of a lot's metal over its origins."""
    return scaled(state.classes, amount) if amount else {}
