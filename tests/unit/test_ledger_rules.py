"""The ledger's rules need no database: exact splits, fair losses, gaps with names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remelt.traceability.epcis.eventid import event_id
from remelt.traceability.facts import NONCE, Private, close, plain, reopen
from remelt.traceability.passports.public import disclosed
from remelt.traceability.rules.allot import allot, more, scaled, take
from remelt.traceability.rules.footprint import footprint
from remelt.traceability.rules.pots import deal_by_claim, loss_by_lot, part_unknown_first
from remelt.traceability.rules.shares import coverage_label, loop_share, lot_share, use_share
from remelt.traceability.rules.states import (
    CUSTODY,
    State,
    born,
    merged,
    minus,
    part,
    resized,
    weakest,
    within_tolerance,
)
from remelt.traceability.terms import FactorRef, LotSpec

CANS = LotSpec(
    metal="Al",
    grade_system="ReMA",
    grade_code="Talc",
    form="cans",
    origin="post_consumer",
    metal_bp=9_000,
    track="520102",
)
grams = st.integers(1, 10**10)


@given(total=st.integers(-(10**12), 10**12), weights=st.lists(st.integers(0, 10**9), min_size=1))
def test_a_split_is_exact_and_near_its_due(total: int, weights: list[int]):
    parts = allot(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    if whole:
        assert all(abs(p * whole - total * w) < whole for p, w in zip(parts, weights, strict=True))


@given(vector=st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10**9), min_size=1),
       share=st.floats(0, 1))  # fmt: skip
def test_nothing_gives_more_than_it_holds(vector: dict[str, int], share: float):
    amount = int(sum(vector.values()) * share)
    taken, left = take(vector, amount)
    assert sum(taken.values()) == amount
    assert all(0 <= grams <= vector[name] for name, grams in taken.items())
    assert more(taken, left) == scaled(vector, sum(vector.values()))


@given(mass_g=grams, cut=st.floats(0, 1), co2e_g=st.integers(0, 10**9))
def test_a_lot_and_its_piece_are_the_lot_again(mass_g: int, cut: float, co2e_g: int):
    whole = merged([born(CANS, mass_g), State(co2e={"hub": co2e_g}, missing=("collection",))])
    piece, rest = part(whole, int(mass_g * cut))
    assert minus(merged([piece, rest]), whole) == State()
    assert piece.holds()
    assert rest.holds()


@given(mass_g=grams, seen_g=grams, co2e_g=st.integers(0, 10**9))
def test_another_weighing_changes_mass_not_burden(mass_g: int, seen_g: int, co2e_g: int):
    whole = merged([born(CANS, mass_g), State(co2e={"hub": co2e_g})])
    seen = resized(whole, seen_g)
    assert seen.holds()
    assert (seen.mass_g, seen.co2e_g) == (seen_g, co2e_g)


@given(lots=st.lists(st.tuples(grams, st.integers(0, 10_000)), min_size=1, max_size=8),
       share=st.floats(0, 1))  # fmt: skip
def test_a_loss_falls_on_each_lot_by_its_own_expectation(lots, share: float):
    recovered = [mass * bp // 10_000 for mass, bp in lots]
    expected = [mass - back for (mass, _), back in zip(lots, recovered, strict=True)]
    loss_g = int(sum(mass for mass, _ in lots) * share)
    shares = loss_by_lot(loss_g, expected_g=expected, recovered_g=recovered)
    assert sum(shares) == loss_g
    assert all(0 <= lost <= mass for lost, (mass, _) in zip(shares, lots, strict=True))


def test_dirt_takes_unanalysed_mass_before_metal():
    dirt, clean = part_unknown_first(born(CANS, 1_000), 60)
    assert dirt.elements == {"unknown": 60_000}
    assert clean.elements == {"Al": 900_000, "unknown": 40_000}


def test_a_grade_gets_no_more_metal_than_there_is():
    lean = born(CANS, 1_000)
    rich, rest = deal_by_claim(lean, [950, 50], [("Al", 9_800), ("Al", None)])
    assert rich.elements == {"Al": 900_000, "unknown": 50_000}
    assert rest.elements == {"unknown": 50_000}


@given(states=st.permutations([born(CANS, g) for g in (3, 5, 11, 70)]))
def test_the_order_on_the_heap_does_not_count(states: list[State]):
    assert merged(states) == merged(sorted(states, key=lambda s: s.mass_g))


@given(models=st.lists(st.sampled_from(CUSTODY), min_size=1))
def test_blending_only_moves_custody_down(models: list[str]):
    assert all(CUSTODY.index(weakest(models)) >= CUSTODY.index(model) for model in models)


@pytest.mark.parametrize(
    ("difference_g", "mass_g", "division_g", "within"),
    [(50, 10_000, 20, True), (51, 10_000, 20, False), (-51, 10_000, 20, False), (20, 1, 20, True)],
)
def test_scales_show_half_a_percent_or_one_division(difference_g, mass_g, division_g, within):
    assert within_tolerance(difference_g, mass_g=mass_g, scale_division_g=division_g) is within


def test_a_footprint_with_gaps_is_no_total():
    known = footprint(
        State(
            mass_g=1_000,
            co2e={"transport": 20, "melt_energy": 500},
            scrap_burden_g=7,
            missing=("collection", "melt_energy:gas", "pre_consumer_scrap_burden"),
            primary_data_g=100,
        )
    )
    assert known.cut_off.co2e_g == 520
    assert known.by_mass.co2e_g == 527
    assert known.cut_off.missing == ("collection", "melt_energy:gas")
    assert not known.cut_off.complete
    assert known.completeness_bp == 3_333
    assert known.primary_data == (100, 520)


def test_a_complete_footprint_says_so():
    known = footprint(State(mass_g=1_000, co2e={"transport": 20}))
    assert known.cut_off.complete
    assert known.completeness_bp == 10_000


def test_unknown_origin_stands_in_the_denominator_only():
    share = use_share(post_mg=40, pre_mg=10, unknown_mg=30, primary_mg=20)
    assert (share.numerator, share.denominator, share.bp) == (50, 100, 5_000)
    lot = lot_share(State(mass_g=4, classes={"pre_consumer": 1, "unknown": 3}))
    assert (lot.numerator, lot.denominator, lot.pre) == (1, 4, 1)


def test_a_share_of_nothing_is_no_number():
    assert use_share(post_mg=0, pre_mg=0, unknown_mg=0, primary_mg=0).bp is None
    assert loop_share(in_province_mg=3, shipped_out_mg=1).bp == 7_500


@pytest.mark.parametrize(
    ("reporting", "register", "label"),
    [(3, None, "platform-sample"), (3, 10, "platform-sample"), (9, 10, "province")],
)
def test_a_ratio_is_a_platform_sample_until_the_register_is_covered(reporting, register, label):
    assert coverage_label(reporting=reporting, register=register) == label


def test_few_suppliers_are_told_by_a_wider_area():
    told = disclosed(
        {"520102": 4, "520103": 6, "520304": 5, "AU": 7}, {"520102": 2, "520103": 3, "520304": 4}
    )
    assert told == {"520000": 5, "520100": 10, "AU": 7}


def test_the_same_private_event_has_the_same_digests_and_another_none_of_them():
    keys = {"org:LI": b"k" * 32}
    facts = {"kind": "weigh", "mass_g": Private("org:LI", 5), "owner": Private("org:LI", "LI")}
    public, opened = close(facts, keys=keys)
    again, _ = close(dict(reversed(facts.items())), keys=keys)
    other, _ = close(facts | {"mass_g": Private("org:LI", 6)}, keys=keys)
    assert public == again
    assert other["owner"] != public["owner"]
    told = reopen(public, {each.path: each.value for each in opened})
    assert told == plain(facts) | {NONCE: public[NONCE]}


def test_the_notation_of_a_time_and_the_order_of_keys_make_no_other_event():
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-03-02T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "remelt:a": [1, 2],
    }
    same = {
        "remelt:a": [2, 1],
        **event,
        "eventTime": "2026-03-02T00:00:00.000Z",
        "errorDeclaration": {"declarationTime": "2026-03-03T00:00:00Z"},
        "recordTime": "2026-03-04T00:00:00Z",
    }
    assert event_id(event) == event_id(same)
    assert event_id(event) != event_id(event | {"eventTimeZoneOffset": "+07:00"})


def test_half_a_gram_of_co2e_rounds_up():
    factor = FactorRef(id="f", edition="1", numerator=1, denominator=2, unit="kg")
    assert [factor.co2e_g(quantity) for quantity in (1, 2, 3)] == [1, 1, 2]
