"""The published charge of a 7075-type alloy (IBM): its optimum and its scrap shares."""

import json
from fractions import Fraction

import pytest

from remelt.platform.works.charging.frontier import frontier, within
from remelt.platform.works.charging.planning import plan
from remelt.platform.works.charging.problem import (
    Charge,
    ChargeProblem,
    Content,
    Limit,
    Source,
)
from tests.shared import needs, shared

POUND_G = 1_000_000  # a pound stands as a tonne, a dollar as 100 fen: the figures are ratios
POINT = Fraction(5, 1_000_000)

pytestmark = needs("bench/blending")


def published() -> ChargeProblem:
    """The published charge in our units; every figure of it is a whole number there."""
    folder = shared("bench/blending")
    assert folder is not None
    said = json.loads((folder / "alloy_ibm_7075.json").read_text())
    load = said["furnace_load_lb"]
    sources = tuple(
        Source(
            key=key,
            mass_g=said["limits_other"].get(key, load) * POUND_G,
            price_fen_per_t=round(each["cost"] * 100),
            elements={name: Content(round(x * 1e6)) for name, x in each["comp"].items()},
            scrap=each["scrap"],
        )
        for key, each in said["sources"].items()
    )
    limits = {
        name: Limit(None if low is None else low * 1_000_000 // load, high * 1_000_000 // load)
        for name, (low, high) in said["limits_lb"].items()
    }
    charge = Charge(key="7075", least_g=load * POUND_G, most_g=load * POUND_G, limits=limits)
    return ChargeProblem(sources=sources, charges=(charge,))


def test_the_cheapest_charge_costs_what_was_published():
    found = plan(published())
    assert float(found.verdict.objective_fen) / 100 == pytest.approx(2149.247891, rel=1e-6)
    assert found.bound_fen / 100 == pytest.approx(2149.247891, rel=1e-6)
    assert not found.verdict.faults


def test_its_scrap_share_is_93_636_per_cent():
    assert abs(plan(published()).verdict.scrap_share - Fraction(93_636, 100_000)) < POINT


def test_the_frontier_ends_at_99_667_per_cent_scrap():
    points = frontier(published(), towards="scrap")
    last = points[-1].verdict
    assert abs(last.scrap_share - Fraction(99_667, 100_000)) < POINT
    # 2195.345 is published for that share; among the charges that reach it ours is the cheapest
    assert 2179.9 < float(last.objective_fen) / 100 <= 2195.345
    assert not any(each.verdict.faults for each in points)


def test_one_per_cent_of_cost_buys_98_551_per_cent_scrap():
    found = within(published(), above=0.01).verdict
    assert abs(found.scrap_share - Fraction(98_551, 100_000)) < POINT
    assert float(found.objective_fen) / 100 <= 2149.247891 * 1.01 * (1 + 1e-9)
    assert not found.faults
