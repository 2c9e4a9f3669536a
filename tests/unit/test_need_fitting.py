"""Whether a lot fits a need: each point judged apart, limits met exactly fit."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remelt.platform.market.following.errors import ContactInWords, QuestionUnreadable
from remelt.platform.market.following.questions import check_words
from remelt.platform.market.needs.fitting import BARRIERS, Offered, Wanted, fit, rank, under

WANTED = Wanted(
    metal="Al",
    grades=frozenset({("ReMA", "Tutu"), ("CN-trade", "CN-6063-bai")}),
    forms=frozenset({"bale"}),
    tracks=frozenset({"in_province"}),
    mass_g=20_000_000,
    least_lot_g=1_000_000,
    most_fen_per_t=1_500_000,
    most_distance_m=100_000,
    most_co2e_g_per_t=30_000,
)
OFFERED = Offered(
    metal="Al",
    grade=("ReMA", "Tutu"),
    form="bale",
    track="in_province",
    mass_g=2_000_000,
    asked_fen_per_t=1_500_000,
    distance_m=100_000,
    co2e_g_per_t=30_000,
)


def test_a_lot_at_every_limit_fits():
    judged = fit(WANTED, OFFERED)
    assert judged.fits
    assert {each.verdict for each in judged.reasons} == {"fits"}
    assert [each.point for each in judged.reasons] == [
        "grade", "form", "mass", "price", "track", "distance", "carbon",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "point"),
    [
        ({"metal": "Cu"}, "grade"),
        ({"grade": ("ReMA", "Talc")}, "grade"),
        ({"productive": True}, "productive"),
        ({"form": "loose"}, "form"),
        ({"mass_g": 999_999}, "mass"),
        ({"mass_g": 20_000_001}, "mass"),
        ({"asked_fen_per_t": 1_500_001}, "price"),
        ({"track": "import"}, "track"),
        ({"distance_m": 100_001}, "distance"),
        ({"co2e_g_per_t": 30_001}, "carbon"),
    ],
)
def test_one_point_beyond_its_limit_misses_alone(changes: dict[str, Any], point: str):
    judged = fit(WANTED, replace(OFFERED, **changes))
    assert [each.point for each in judged.misses] == [point]
    assert judged.nearly == (point not in BARRIERS)


@pytest.mark.parametrize(
    ("changes", "point"),
    [
        ({"asked_fen_per_t": None}, "price"),
        ({"distance_m": None}, "distance"),
        ({"co2e_g_per_t": None}, "carbon"),
    ],
)
def test_what_is_not_known_stands_against_nothing_and_ranks_behind(changes, point):
    offered = replace(OFFERED, **changes)
    judged = fit(WANTED, offered)
    assert judged.fits
    assert [each.point for each in judged.unknown] == [point]
    assert rank(judged, offered) > rank(fit(WANTED, OFFERED), OFFERED)


def test_a_need_that_asks_for_nothing_takes_any_lot_of_the_metal():
    free = Wanted(metal="Al", mass_g=20_000_000, productive=True)
    for form, track, productive in product(("loose", "dross"), ("import",), (True, False)):
        lot = replace(OFFERED, form=form, track=track, productive=productive)
        assert fit(free, lot).fits


@given(
    asked=st.integers(1, 10**8), limit=st.integers(1, 10**8),
    vats=st.tuples(st.sampled_from([0, 100, 300, 1300]), st.sampled_from([0, 100, 300, 1300])),
)  # fmt: skip
def test_prices_compare_net_of_vat(asked: int, limit: int, vats: tuple[int, int]):
    told = under(asked, asked_vat_bp=vats[0], limit_fen=limit, limit_vat_bp=vats[1])
    assert told == (asked / (10_000 + vats[0]) <= limit / (10_000 + vats[1])) or (
        asked * (10_000 + vats[1]) == limit * (10_000 + vats[0])
    )
    if vats[0] == vats[1]:
        assert told == (asked <= limit)


@pytest.mark.parametrize(
    "words",
    [
        "打我电话 13800001234", "138 0000 1234", "１３８００００１２３４", "0851-88001234",
        "加V 聊", "me@example.com", "见 https://a.cn", "微信同号",
    ],
)  # fmt: skip
def test_nobody_leaves_an_address_in_public(words: str):
    with pytest.raises(ContactInWords):
        check_words(words, field="asked", longest=500)


@pytest.mark.parametrize(
    "words",
    [
        "12,900-13,100 元/吨?",
        "2026-03-02 到 2026-03-05 能看货？",
        "毛重 34440 kg，皮 15420",
        "Fe 0.21 %?",
    ],
)
def test_figures_of_the_trade_are_no_addresses(words: str):
    check_words(words, field="asked", longest=500)


@pytest.mark.parametrize("words", ["", " \u3000 ", "长" * 501, "nul\0"])
def test_public_words_are_some_and_not_too_many(words: str):
    with pytest.raises(QuestionUnreadable):
        check_words(words, field="asked", longest=500)
