"""What happens to metal decides its chain of custody, and it only ever moves down."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remelt.traceability.errors import ClaimAboveCustody, WordsAboveCustody
from remelt.traceability.rules.custody import (
    WORDING,
    allows,
    check_model,
    check_words,
    heaped,
    processed,
    source_of,
)
from remelt.traceability.rules.dealing import Charge
from remelt.traceability.rules.states import CUSTODY, State, born
from remelt.traceability.rules.views import LotView
from remelt.traceability.terms import LotSpec

CANS = LotSpec(
    metal="Al", grade_system="ReMA", grade_code="Talc", form="cans", origin="post_consumer"
)
PLAIN = {"additions": []}


def a_charge(*, source="A", custody=CUSTODY[0], spec=CANS, unknown_g=0) -> Charge:
    state = born(spec, 10_000 - unknown_g)
    if unknown_g:
        state = replace(state, mass_g=10_000, classes=state.classes | {"unknown": unknown_g})
    state = replace(state, custody=custody)
    lot = LotView(
        code="L", spec=spec, owner="O", custodian="O", site_code="S", adcode="52", source=source
    )
    return Charge(lot=lot, cut=state, rest=State(), recovered_g=1, internal=False, role="charge")


PRE = replace(CANS, origin="pre_consumer")
OTHER = replace(CANS, grade_code="Twitch")
UNKNOWN = replace(CANS, origin="unknown")


@pytest.mark.parametrize(
    ("charges", "facts", "model"),
    [
        ([a_charge()], PLAIN, "identity_preserved"),
        ([a_charge(), a_charge()], PLAIN, "identity_preserved"),  # two pieces of one lot
        ([a_charge(), a_charge(source="B")], PLAIN, "segregated"),
        ([a_charge(), a_charge(source="B", unknown_g=50)], PLAIN, "segregated"),
        ([a_charge(), a_charge(source="B", unknown_g=51)], PLAIN, "controlled_blending"),
        ([a_charge(), a_charge(source="B", spec=PRE)], PLAIN, "controlled_blending"),
        ([a_charge(), a_charge(source="B", spec=OTHER)], PLAIN, "controlled_blending"),
        ([a_charge(spec=UNKNOWN), a_charge(source="B", spec=UNKNOWN)], PLAIN,
         "controlled_blending"),
        ([a_charge()], {"additions": [{"name": "Si", "mass_g": 1}]}, "controlled_blending"),
        ([a_charge(source="", custody="segregated")], PLAIN, "segregated"),
        ([a_charge(), a_charge(custody="mass_balance")], PLAIN, "mass_balance"),
        ([a_charge()], PLAIN | {"model": "mass_balance"}, "mass_balance"),
        ([a_charge(custody="book_and_claim")], PLAIN | {"model": "mass_balance"},
         "book_and_claim"),
    ],
)  # fmt: skip
def test_what_was_charged_decides_the_model(charges, facts, model: str):
    assert processed(charges, facts) == model


def test_one_source_stays_one_source_until_something_is_added():
    assert source_of([a_charge(), a_charge()], PLAIN) == "A"
    assert source_of([a_charge(), a_charge(source="B")], PLAIN) == ""
    assert source_of([a_charge()], {"additions": [{"name": "Si"}]}) == ""


@given(models=st.lists(st.sampled_from(CUSTODY), min_size=1), one=st.booleans())
def test_a_process_gives_no_charge_a_higher_model(models: list[str], *, one: bool):
    charges = [
        a_charge(custody=model, source="A" if one else str(i)) for i, model in enumerate(models)
    ]
    assert all(allows(processed(charges, PLAIN), custody=model) for model in models)


@given(pool=st.sampled_from(CUSTODY), joined=st.sampled_from(CUSTODY))
def test_a_heap_is_blended_or_lower(pool: str, joined: str):
    model = heaped(State(custody=pool), State(custody=joined))
    assert all(allows(model, custody=each) for each in (pool, joined, "controlled_blending"))


def test_a_claim_above_the_lot_is_refused_and_one_below_is_not():
    for at, custody in enumerate(CUSTODY):
        for claimed in CUSTODY[:at]:
            with pytest.raises(ClaimAboveCustody):
                check_model(claimed, custody=custody)
        for claimed in CUSTODY[at:]:
            check_model(claimed, custody=custody)


def test_words_belong_to_their_custody():
    for custody, words in WORDING.items():
        check_words(words, custody=custody)
        for other in {"iso-14021", "attributed", "certificate"} - {words}:
            with pytest.raises(WordsAboveCustody):
                check_words(other, custody=custody)
