"""Two conventions for scrap, and power by contract: each lays every gram once."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remelt.traceability.rules import editions as rules
from remelt.traceability.rules.conventions import ONLY_BY_MASS, SCRAP, laid, power
from remelt.traceability.rules.footprint import footprint
from remelt.traceability.rules.states import State, merged
from remelt.traceability.rules.views import LotView
from remelt.traceability.terms import LotSpec

SPEC = LotSpec(
    metal="Al", grade_system="GB/T", grade_code="1", form="ingot", origin="primary", metal_bp=10_000
)
GRAMS = st.integers(min_value=1, max_value=10**9)
BURDENS = st.dictionaries(st.sampled_from(["hub", "melt_energy", "upstream"]), GRAMS, max_size=3)


@given(
    co2e=BURDENS,
    scrap_g=st.integers(-(10**9), 10**9),
    market_g=st.integers(-(10**9), 10**9),
    parts=st.lists(st.tuples(GRAMS, st.booleans()), min_size=1, max_size=6),
)
def test_what_is_laid_sums_to_what_there_was(co2e, scrap_g, market_g, parts):
    burden = State(co2e=co2e, scrap_burden_g=scrap_g, market_g=market_g)
    weights, scraps = zip(*parts, strict=True)
    shares = laid(burden, weights, scraps)
    whole = merged(shares)
    assert whole.co2e == burden.co2e
    assert (whole.scrap_burden_g, whole.market_g) == (scrap_g, market_g)
    by_mass = [share.co2e_g + share.scrap_burden_g for share in shares]
    if any(scraps) and not all(scraps):
        total = burden.co2e_g + scrap_g
        assert not any(s.co2e_g for s, scrap in zip(shares, scraps, strict=True) if scrap)
        for grams, weight in zip(by_mass, weights, strict=True):
            assert abs(grams * sum(weights) - total * weight) <= sum(weights)


def a_lot(code, mass_g, *, origin="primary", **state):
    spec = replace(SPEC, origin=origin)
    known = State(
        mass_g=mass_g,
        classes={origin: mass_g},
        elements={"Al": mass_g * 1_000},
        track={"520102": mass_g},
        **state,
    )
    return LotView(
        code=code, spec=spec, owner="o", custodian="o", site_code="s", adcode="520102", state=known
    )


def a_melt(inputs, outputs, *, co2e_g=0, market=None):
    """Facts of a melt that loses nothing: (code, g) in, (code, g, role) out."""
    line = {
        "stage": "melt_energy",
        "name": "current of the furnace",
        "power": True,
        "provisional": False,
        "co2e_g": co2e_g,
        "primary_g": 0,
    }
    taken = {"recovery_bp": None, "internal": False, "role": "charge"}
    made = {"spec": asdict(SPEC), "owner": "o", "into": False}
    return {
        "kind": "melt",
        "rules": 1,
        "time": "2026-03-02T04:00:00+00:00",
        "site": "s",
        "adcode": "520102",
        "custodian": "o",
        "inputs": [{"lot": code, "mass_g": mass_g, **taken} for code, mass_g in inputs],
        "outputs": [
            {"lot": code, "mass_g": mass_g, "role": role, **made} for code, mass_g, role in outputs
        ],
        "losses": {},
        "flux_g": 0,
        "oxygen_g": 0,
        "additions": [],
        "burdens": [line if market is None else line | {"market": market}],
        "scale_division_g": 0,
    }


def melted(lots, facts):
    return {lot.code: lot for lot in rules.apply(lots, facts, event_hash="h" * 64).lots}


@st.composite
def worlds(draw, *, sells):
    """A chain of melts: each takes parts of lots there are, and may sell some of it as scrap."""
    declared = draw(st.integers(0, 10**6)) if sells else 0
    lots = {
        "a": a_lot("a", 10**6, co2e={"upstream": draw(GRAMS)}),
        "b": a_lot("b", 10**6, origin="pre_consumer", scrap_burden_g=declared),
    }
    spent = sum(lot.state.co2e_g for lot in lots.values())
    for n in range(draw(st.integers(1, 5))):
        there = sorted(code for code, lot in lots.items() if lot.state.mass_g > 10)
        taken = draw(st.lists(st.sampled_from(there), min_size=1, max_size=3, unique=True))
        inputs = [(code, draw(st.integers(4, lots[code].state.mass_g))) for code in taken]
        whole = sum(mass_g for _, mass_g in inputs)
        cut = draw(st.integers(1, whole - 1))
        roles = ["product", draw(st.sampled_from([SCRAP, "product", "heel"])) if sells else "heel"]
        outputs = [(f"{n}x", cut, roles[0]), (f"{n}y", whole - cut, roles[1])]
        co2e_g = draw(st.integers(0, 10**6))
        lots |= melted(lots, a_melt(inputs, outputs, co2e_g=co2e_g))
        spent += co2e_g
    return lots, spent, declared


@settings(max_examples=60, deadline=None)
@given(worlds(sells=True))
def test_each_convention_conserves_the_worlds_total(world):
    lots, spent, declared = world
    prints = [footprint(lot.state) for lot in lots.values()]
    assert sum(each.cut_off.co2e_g for each in prints) == spent
    assert sum(each.by_mass.co2e_g for each in prints) == spent + declared


@settings(max_examples=40, deadline=None)
@given(worlds(sells=False))
def test_both_are_equal_where_no_pre_consumer_scrap_is_bought_or_sold(world):
    for lot in world[0].values():
        known = footprint(lot.state)
        assert known.cut_off.co2e_g == known.by_mass.co2e_g


def test_neither_bounds_the_other():
    """The process that sells scrap is lower by mass; the one that buys it is higher."""
    lots = {"a": a_lot("a", 1_000, co2e={"upstream": 9_000})}
    lots = melted(lots, a_melt([("a", 1_000)], [("p", 600, "product"), ("s", 400, SCRAP)]))
    product, scrap = footprint(lots["p"].state), footprint(lots["s"].state)
    assert (product.cut_off.co2e_g, product.by_mass.co2e_g) == (9_000, 5_400)
    assert (scrap.cut_off.co2e_g, scrap.by_mass.co2e_g) == (0, 3_600)
    cast = melted(lots, a_melt([("s", 400)], [("c", 400, "product")], co2e_g=100))["c"]
    known = footprint(cast.state)
    assert (known.cut_off.co2e_g, known.by_mass.co2e_g) == (100, 3_700)


def test_scrap_of_a_process_with_gaps_names_its_own():
    lots = {"a": a_lot("a", 1_000, missing=("upstream",))}
    lots = melted(lots, a_melt([("a", 1_000)], [("p", 600, "product"), ("s", 400, SCRAP)]))
    assert lots["p"].state.missing == ("upstream",)
    assert lots["s"].state.missing == (ONLY_BY_MASS,)
    assert footprint(lots["s"].state).cut_off.complete
    assert not footprint(lots["s"].state).by_mass.complete


def test_power_by_contract_stands_beside_power_by_location():
    lots = {"a": a_lot("a", 1_000)}
    facts = a_melt([("a", 1_000)], [("p", 1_000, "product")], co2e_g=500, market={"co2e_g": 40})
    known = footprint(melted(lots, facts)["p"].state)
    assert (known.cut_off.co2e_g, known.market.co2e_g, known.market.available) == (500, 40, True)


@pytest.mark.parametrize("market", [None, {"co2e_g": None}])
def test_without_a_residual_factor_it_is_not_available(market):
    lots = {"a": a_lot("a", 1_000), "b": a_lot("b", 1_000)}
    facts = a_melt([("a", 500)], [("p", 500, "product")], co2e_g=500, market=market)
    lots |= melted(lots, facts)
    facts = a_melt([("p", 500), ("b", 500)], [("q", 1_000, "product")], market={"co2e_g": 0})
    lots |= melted(lots, facts)
    assert not footprint(lots["q"].state).market.available
    assert footprint(lots["q"].state).cut_off.complete
    assert footprint(lots["b"].state).market.available


def test_fuel_is_no_power():
    assert power({"name": "natural_gas", "stage": "melt_energy", "co2e_g": 5}) == State()


def test_exhaust_alone_leaves_the_way_of_the_fuel_missing():
    exhaust = {"kind": "carry", "rules": 1, "lot": "a", "stage": "transport", "co2e_g": 5}
    exhaust |= {"primary_g": 0, "factors": [{"includes_upstream": False}]}
    lots = {"a": a_lot("a", 1_000, missing=("transport",))}
    carried = rules.apply(lots, exhaust, event_hash="h" * 64).lots[0].state
    assert carried.missing == ("transport:fuel_upstream",)
    assert carried.co2e == {"transport": 5}
    whole = exhaust | {"factors": [{"includes_upstream": True}]}
    assert rules.apply(lots, whole, event_hash="h" * 64).lots[0].state.missing == ()
