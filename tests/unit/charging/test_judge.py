"""The judge of charge plans needs no solver, and lets nothing through."""

from dataclasses import replace
from fractions import Fraction

import pytest

from remelt.platform.works.charging.judge import judge
from remelt.platform.works.charging.planning import plan
from remelt.platform.works.charging.problem import Content, Limit, Line
from tests.unit.charging.world import T, a_charge, a_lot, a_problem

LOTS = (
    a_lot("L1"),
    a_lot("L2", price_fen_per_t=1_500_000, mass_g=6 * T),
    a_lot("L3", whole=True, mass_g=3 * T),
)


def test_a_charge_is_weighed_and_priced_by_hand():
    problem = a_problem(a_lot(), carbon_fen_per_t=10_000, charges=(a_charge(limits={}),))
    found = judge(problem, [Line("L1", "6063", 10 * T), Line("primary", "6063", 5 * T)])
    charge = found.charges[0]
    assert charge.metal_g == Fraction(10 * T * 95, 100) + Fraction(5 * T * 99, 100)
    assert charge.price_fen == 10 * 1_600_000 + 5 * 2_050_000
    assert charge.co2e_g == 10 * 60_000 + 5 * 13_000_000
    assert charge.objective_fen == charge.price_fen + charge.co2e_g * 10_000 / T
    assert found.scrap_share == Fraction(10, 15)


def test_shares_hold_yield_recovery_and_margin():
    lot = a_lot(elements={"Mg": Content(8_000, sd_ppm=1_000)}, yield_bp=9_000)
    charge = a_charge(limits={"Mg": Limit(1, 9_000)}, recovery_bp={"Mg": 9_500})
    found = judge(a_problem(lot, charges=(charge,), margin_centi=150), [Line("L1", "6063", T)])
    share = found.charges[0].shares[0]
    assert (share.mean_ppm, share.low_ppm, share.high_ppm) == (
        Fraction(8_000 * 95, 100), Fraction(6_500 * 95, 100), Fraction(9_500 * 95, 100),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda x: [*x, Line("nothing", "6063", 1)], "no such line"),
        (lambda x: [*x, x[0]], "said twice"),
        (lambda x: [replace(x[0], mass_g=11 * T), *x[1:]], "more is charged"),
        (lambda x: [replace(each, mass_g=each.mass_g // 2) for each in x], "not charged whole"),
        (lambda x: x[1:], "of metal"),
        (lambda x: [each for each in x if each.source != "Mg"] + [Line("Mg", "6063", T)],
         "Mg too high"),
        (lambda x: [replace(x[0], mass_g=0), *x[1:]], "no mass"),
    ],
)  # fmt: skip
def test_a_spoilt_plan_is_refused(spoil, said):
    problem = a_problem(*LOTS)
    found = plan(problem)
    assert not found.verdict.faults
    assert any(line.source == "L3" for line in found.lines)
    verdict = judge(problem, spoil(list(found.lines)))
    assert any(said in fault for fault in verdict.faults), verdict.faults


def test_what_the_rule_keeps_out_is_refused():
    charge = a_charge(key="cast", limits={}, alloy_class="cast:Al-Si-Cu:AD12.1", worst_index=2)
    problem = a_problem(a_lot(), charges=(charge,))
    faults = judge(problem, [Line("L1", "cast", 10 * T)]).faults
    assert "L1 may not enter cast" in faults
