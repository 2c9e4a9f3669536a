"""Plans are the cheapest there are, within limits that hold for what is not known exactly too."""

import itertools
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ortools.linear_solver import pywraplp

from remelt.platform.works.charging.frontier import frontier
from remelt.platform.works.charging.planning import plan
from remelt.platform.works.charging.problem import (
    ChargeProblem,
    Content,
    Limit,
    Source,
    hundredth_fen_per_t,
    may_enter,
)
from tests.unit.charging.world import T, a_charge, a_lot, a_problem


def by_hand(problem: ChargeProblem) -> float | None:
    """The optimum in fen of the whole programme, said term by term to another front end."""
    lp = pywraplp.Solver.CreateSolver("GLOP")
    x = {
        (s.key, c.key): lp.NumVar(0, s.mass_g / T, "")
        for s in problem.sources
        for c in problem.charges
        if may_enter(s, c)
    }
    for s in problem.sources:
        lp.Add(sum(x.get((s.key, c.key), 0) for c in problem.charges) <= s.mass_g / T)
    k = problem.terms.margin_centi / 100
    for c in problem.charges:
        taken = [(s, x[s.key, c.key]) for s in problem.sources if (s.key, c.key) in x]
        metal = sum(s.yield_bp / 10_000 * v for s, v in taken)
        lp.Add(metal >= c.least_g / T)
        lp.Add(metal <= c.most_g / T)
        for name, limit in c.limits.items():
            kept = c.recovery_bp.get(name, 10_000) / 10_000
            for bound, sign in ((limit.max_ppm, 1), (limit.min_ppm, -1)):
                if bound is None:
                    continue
                said = sum(
                    s.yield_bp / 10_000 * kept * v
                    * max(0, s.elements[name].mean_ppm + sign * k * s.elements[name].sd_ppm)
                    for s, v in taken if name in s.elements
                )  # fmt: skip
                lp.Add(sign * (said - bound * metal) <= 0)
    lp.Minimize(
        sum(
            hundredth_fen_per_t(s, c, problem.terms) / 100 * x[s.key, c.key]
            for s in problem.sources for c in problem.charges if (s.key, c.key) in x
        )
    )  # fmt: skip
    return lp.Objective().Value() if lp.Solve() == lp.OPTIMAL else None


def drawn(seed: int, *, lots: int = 30) -> ChargeProblem:
    """Lots around 6063, 6061 and casting alloy, for two charges that compete for them."""
    draw = random.Random(seed)
    made = [
        a_lot(
            f"L{n}",
            mass_g=draw.randint(500, 12_000) * 1_000,
            price_fen_per_t=draw.randint(1_200_000, 1_900_000),
            yield_bp=draw.randint(8_000, 9_900),
            elements={
                name: Content(draw.randint(0, most), draw.randint(0, most // 20))
                for name, most in (("Si", 90_000 if n % 3 == 0 else 9_000), ("Fe", 6_000),
                                   ("Mg", 12_000))
            },
            co2e_g_per_t=draw.randint(0, 300_000),
            alloy_class=draw.choice(("wrought:6xxx:", "wrought:6xxx+7xxx:", "cast:Al-Si:", "")),
        )
        for n in range(lots)
    ]  # fmt: skip
    cast = a_charge(
        key="cast", least_g=30 * T, most_g=31 * T, alloy_class="cast:Al-Si:A356",
        limits={"Si": Limit(65_000, 75_000), "Fe": Limit(None, 4_000), "Mg": Limit(2_500, 4_500)},
        recovery_bp={"Mg": 9_000}, worst_index=draw.choice((1, 3, 4)),
    )  # fmt: skip
    return a_problem(
        *made, charges=(a_charge(), cast), margin_centi=draw.choice((0, 100, 200)),
        carbon_fen_per_t=draw.choice((0, 9_000)), fall_fen_per_t=(0, 0, 10_000, 50_000, 90_000),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_costs_what_the_whole_programme_says(seed):
    problem = drawn(seed)
    best = by_hand(problem)
    found = plan(problem)
    assert best is not None
    assert found.bound_fen == pytest.approx(best, rel=1e-7)
    assert float(found.verdict.objective_fen) == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_a_changed_plan_is_that_of_a_fresh_start(seed):
    problem = drawn(seed, lots=120)
    before = plan(problem)
    draw = random.Random(seed)
    sources = list(problem.sources)
    bends: list[dict[str, Any]] = [
        {"price_fen_per_t": draw.randint(900_000, 2_000_000)},
        {"mass_g": draw.randint(500, 12_000) * 1_000, "yield_bp": 9_000},
        {"elements": {"Si": Content(7_000, 400), "Fe": Content(1_500)}},
        {"alloy_class": "wrought:5xxx:", "co2e_g_per_t": 900_000},
    ]
    for at, bend in zip(draw.sample(range(len(sources) - 3), 4), bends, strict=True):
        sources[at] = replace(sources[at], **bend)
    changed = replace(problem, sources=tuple(sources))
    found, fresh = plan(changed, after=before), plan(changed)
    assert found.bound_fen == pytest.approx(by_hand(changed), rel=1e-7)
    assert np.array_equal(found.known.cost, fresh.known.cost)
    for one, other in zip(found.known.blocks, fresh.known.blocks, strict=True):
        assert np.array_equal(one.cells, other.cells)


def test_a_plan_for_other_charges_does_not_begin_at_the_old_numbers():
    problem = drawn(1, lots=60)
    before = plan(problem)
    more = replace(problem.charges[0], least_g=2 * T, most_g=3 * T)
    changed = replace(problem, charges=(more, *problem.charges[1:]))
    assert plan(changed, after=before).bound_fen == pytest.approx(by_hand(changed), rel=1e-7)


@pytest.mark.parametrize("seed", range(5))
def test_whole_lots_are_the_best_of_every_choice(seed):
    draw = random.Random(seed)
    lots = [
        a_lot(f"L{n}", whole=True, mass_g=draw.randint(3, 9) * T,
              price_fen_per_t=draw.randint(1_400_000, 1_900_000),
              elements={"Fe": Content(draw.randint(1_000, 6_500)), "Si": Content(4_000),
                        "Mg": Content(5_000)})
        for n in range(6)
    ]  # fmt: skip
    problem = a_problem(*lots)
    costs = []
    for chosen in itertools.product((False, True), repeat=len(lots)):
        kept = [lot for lot, taken in zip(lots, chosen, strict=True) if taken]
        costs.append(_with_all_of(problem, kept))
    best = min(cost for cost in costs if cost is not None)
    found = plan(problem)
    assert not found.verdict.faults
    assert float(found.verdict.objective_fen) == pytest.approx(best, rel=6e-4)
    assert float(found.verdict.objective_fen) >= best * (1 - 1e-6)


def _with_all_of(problem: ChargeProblem, kept: list[Source]) -> float | None:
    """The cheapest plan that charges exactly these lots, wholly: their metal is given."""
    lp = pywraplp.Solver.CreateSolver("GLOP")
    charge = problem.charges[0]
    rest = [s for s in problem.sources if not s.scrap]
    x = {s.key: lp.NumVar(0, 1e6, "") for s in rest} | {s.key: s.mass_g / T for s in kept}
    every = [*rest, *kept]
    metal = sum(s.yield_bp / 10_000 * x[s.key] for s in every)
    lp.Add(metal == charge.least_g / T)
    for name, limit in charge.limits.items():
        held = sum(
            s.yield_bp / 10_000 * s.elements[name].mean_ppm * x[s.key]
            for s in every
            if name in s.elements
        )
        lp.Add(held <= limit.max_ppm * metal)
        if limit.min_ppm:
            lp.Add(held >= limit.min_ppm * metal)
    lp.Minimize(sum(s.price_fen_per_t * x[s.key] for s in every))
    return lp.Objective().Value() if lp.Solve() == lp.OPTIMAL else None


def test_a_lot_that_is_less_certain_is_held_off_the_limit():
    lots = [a_lot("sure", elements={"Fe": Content(3_400), "Mg": Content(6_000)}),
            a_lot("vague", elements={"Fe": Content(3_400, 900), "Mg": Content(6_000)})]  # fmt: skip
    problem = a_problem(*lots, margin_centi=200)
    taken = {line.source: line.mass_g for line in plan(problem).lines}
    assert taken["sure"] == 10 * T
    assert taken.get("vague", 0) < taken["sure"]
    assert plan(a_problem(*lots)).verdict.scrap_share > plan(problem).verdict.scrap_share
    share = plan(problem).verdict.charges[0].shares[1]
    assert share.element == "Fe"
    assert share.mean_ppm < share.high_ppm <= 3_501


def test_carbon_and_falls_change_what_is_charged():
    dear = a_lot("clean", price_fen_per_t=1_700_000, co2e_g_per_t=0)
    cheap = a_lot("far", price_fen_per_t=1_650_000, co2e_g_per_t=5_000_000)
    charge = a_charge(least_g=9 * T, most_g=9 * T, limits={"Si": Limit(None, 4_500)})
    assert plan(a_problem(dear, cheap, charges=(charge,))).lines[0].source == "far"
    found = plan(a_problem(dear, cheap, charges=(charge,), carbon_fen_per_t=20_000))
    assert found.lines[0].source == "clean"
    fallen = replace(cheap, alloy_class="wrought:3xxx:", co2e_g_per_t=0)
    kept = plan(a_problem(dear, fallen, charges=(charge,), fall_fen_per_t=(0, 0, 60_000, 0, 0)))
    assert kept.lines[0].source == "clean"


def test_what_is_lacking_is_named_with_its_mass():
    charge = a_charge(limits={"Cu": Limit(15_000, 35_000)})
    found = plan(a_problem(a_lot(), charges=(charge,)))
    assert not found.lines
    assert [(each.charge, each.element, each.side) for each in found.lacking] == [
        ("6063", "Cu", "min")
    ]
    assert found.lacking[0].mass_g == pytest.approx(20 * T * 15_000 / 1_000_000, rel=1e-3)


def test_the_worth_of_a_lot_is_where_the_plan_lets_it_go():
    problem = drawn(3)
    found = plan(problem)
    for at, source in enumerate(problem.sources[:12]):
        worth = found.worths.of(source.key)
        if worth is None:
            continue
        for price, wanted in ((worth.fen_per_t - 500, True), (worth.fen_per_t + 500, False)):
            sources = list(problem.sources)
            sources[at] = replace(source, price_fen_per_t=price)
            taken = [x for x in plan(replace(problem, sources=tuple(sources))).lines
                     if x.source == source.key]  # fmt: skip
            whole = sum(x.mass_g for x in taken) >= source.mass_g - 1
            if wanted:
                assert taken, (source.key, worth)
            else:
                assert not whole, (source.key, worth)


def test_the_reasons_of_a_worth_sum_to_it():
    found = plan(drawn(4))
    for number in range(30):
        worth = found.worths.of(f"L{number}")
        if worth is not None:
            total = sum(each.fen_per_t for each in worth.reasons)
            assert abs(total - worth.fen_per_t) <= len(worth.reasons) + 1


@pytest.mark.parametrize("towards", ["scrap", "carbon"])
def test_a_frontier_only_gets_dearer(towards):
    points = frontier(drawn(5), towards=towards)
    costs = [float(each.verdict.objective_fen) for each in points]
    assert len(points) > 3
    assert costs == pytest.approx(sorted(costs), rel=1e-6)
    if towards == "scrap":
        shares = [float(each.verdict.scrap_share) for each in points]
        assert shares == pytest.approx(sorted(shares), abs=1e-6)
    else:
        burdens = [float(each.verdict.co2e_g) for each in points]
        assert burdens == pytest.approx(sorted(burdens, reverse=True), rel=1e-6)
    assert not any(each.verdict.faults for each in points)
