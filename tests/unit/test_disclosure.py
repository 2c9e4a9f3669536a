"""The public learns a class of mass, never the grams of a purchase."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, product
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from remelt.traceability.passports import disclosure
from remelt.traceability.passports.disclosure import TONNE_G, band, is_product, public
from remelt.traceability.rules.allot import scaled
from remelt.traceability.rules.footprint import footprint
from remelt.traceability.rules.states import State, born, merged, resized
from remelt.traceability.terms import LotSpec
from tests.loop import CANS, CLIPS

MASSES = st.integers(10_000, 2_000_000_000)


@pytest.mark.parametrize(
    ("mass_g", "from_g", "below_g"),
    [
        (0, 0, 100_000),
        (99_999, 0, 100_000),
        (100_000, 100_000, 1_000_000),
        (4_387_123, 1_000_000, 10_000_000),
        (10_000_000, 10_000_000, 100_000_000),
        (5_000_000_000, 1_000_000_000, None),
    ],
)
def test_a_class_is_a_power_of_ten(mass_g, from_g, below_g):
    assert (band(mass_g).from_g, band(mass_g).below_g) == (from_g, below_g)


@given(MASSES, MASSES)
def test_a_claimed_purchase_tells_no_grams_either(one_g, other_g):
    claimed = [replace(born(CANS, mass_g), claimed_g=mass_g) for mass_g in (one_g, other_g)]
    assert public(claimed[0]) == public(claimed[1])


@given(MASSES, MASSES)
def test_a_purchase_of_any_mass_tells_the_same(one_g, other_g):
    assert public(born(CANS, one_g)) == public(born(CANS, other_g))


UNSAID = replace(CANS, origin="unknown", metal_bp=8_500, track="unknown")
INGOT = replace(CLIPS, origin="primary", metal_bp=9_970, track="530000")
KG = 1_000
MANY = 10
PURCHASES = [
    (CANS, CLIPS),
    (CANS, CLIPS, UNSAID),
    (CANS, replace(CLIPS, track=CANS.track), replace(UNSAID, track=CLIPS.track)),
    (CANS, CLIPS, UNSAID, INGOT),
]
SCALES = [  # division of the scale, the class of the lot
    (20 * KG, 100 * KG, 1_000 * KG),
    (20 * KG, 1_000 * KG, 10_000 * KG),
    (50 * KG, 1_000 * KG, 10_000 * KG),
    (20 * KG, 10_000 * KG, 100_000 * KG),
]


def heap(specs: Sequence[LotSpec], parts: Sequence[int], division_g: int) -> State:
    """Purchases put together, each of so many divisions of a scale, with a measured burden."""
    born_of = zip(specs, parts, strict=True)
    state = merged([born(spec, n * division_g) for spec, n in born_of if n])
    kg = state.mass_g // KG
    return replace(state, co2e={"hub": 7 * kg, "transport": 14 * kg}, primary_data_g=14 * kg)


def near(share: int, n: int, whole: int) -> list[int]:
    """Return how many of n divisions a purchase can have been, the likeliest first."""
    at = (2 * share * n + whole) // (2 * whole)
    reach = n // disclosure.STEPS_BELOW_A_TONNE // 2 + 2
    return sorted(range(max(0, at - reach), at + reach + 1), key=lambda tried: abs(tried - at))


def stands_behind(
    specs: Sequence[LotSpec], parts: Sequence[int], scale: tuple[int, int, int]
) -> int:
    """Count, up to `MANY`, the masses on the scale that give the whole public state of a lot.

    Whoever reckons back knows the scale, what was bought, and the class that is told.
    """
    division_g, from_g, below_g = scale
    told = public(heap(specs, parts, division_g))
    found = 0
    for n in reversed(range(from_g // division_g, below_g // division_g)):
        tries = product(*(near(part, n, sum(parts)) for part in parts[1:]))
        found += any(
            public(heap(specs, [n - sum(tried), *tried], division_g)) == told
            for tried in tries
            if sum(tried) <= n
        )
        if found == MANY:
            break
    return found


def lots(scale: tuple[int, int, int], specs: Sequence[LotSpec], count: int) -> Iterator[list[int]]:
    """Give lots of a class as divisions of each purchase, thin ones of one division among them."""
    division_g, from_g, below_g = scale
    chance = Random(f"{scale} {len(specs)}")
    for at in range(count):
        n = chance.randrange(from_g // division_g, below_g // division_g)
        rest = n - len(specs)
        cuts = sorted(chance.randint(0, rest) for _ in specs[1:])
        if at % 4 == 0:
            cuts = [0] * len(cuts)
        yield [b - a + 1 for a, b in pairwise([0, *cuts, rest])]


@pytest.mark.parametrize("specs", PURCHASES)
@pytest.mark.parametrize("scale", SCALES)
def test_many_masses_on_the_scale_stand_behind_everything_told(scale, specs):
    for parts in lots(scale, specs, 8):
        assert stands_behind(specs, parts, scale) == MANY, parts


@pytest.mark.parametrize(("scale", "steps"), [(SCALES[0], 100), (SCALES[1], 10_000)])
def test_in_finer_steps_the_mass_could_be_reckoned_back(monkeypatch, scale, steps):
    monkeypatch.setattr(disclosure, "STEPS", steps)
    monkeypatch.setattr(disclosure, "STEPS_BELOW_A_TONNE", steps)
    specs = PURCHASES[2] if steps == 100 else PURCHASES[1]
    found = [stands_behind(specs, parts, scale) for parts in lots(scale, specs, 6)]
    assert min(found) <= 2, found
    assert sum(count < MANY for count in found) > len(found) // 2, found


@given(st.lists(st.integers(0, 400), min_size=1, max_size=4), st.integers(200, 5_000))
def test_every_whole_per_cent_can_be_any_number_of_divisions_from_200_on(parts, n):
    """The bound of the module's words: the parts of the largest remainder say the same again."""
    assume(sum(parts))
    told = scaled(dict(enumerate(map(int, parts))), 100)
    again = scaled(told, n)
    assert scaled(again, 100) == told


def test_sums_and_ratios_stay():
    mixed = merged([born(CANS, 1_234_567), born(CLIPS, 7_654_321)])
    told = public(mixed)
    assert told.holds()
    assert told.classes == {"post_consumer": 140_000, "pre_consumer": 860_000}
    measured = State(mass_g=3, co2e={"hub": 70_001, "transport": 3}, primary_data_g=70_004)
    primary, known = footprint(public(measured)).primary_data
    assert primary == known


def test_only_metal_that_was_melted_tells_its_mass():
    scrap = born(CANS, 4_000_000)
    cast = State(mass_g=4_000_000, melted_g=4_000_000)
    assert not is_product(scrap, role="product")
    assert is_product(cast, role="product")
    assert not is_product(cast, role="dross")
    assert not is_product(merged([cast, born(CANS, 1)]), role="product")
    assert is_product(State(), role="product")
    assert public(cast) == cast
    assert public(cast, role="dross").mass_g == TONNE_G
    assert public(resized(scrap, 9)).mass_g == TONNE_G
