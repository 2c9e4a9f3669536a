"""Mass balance arithmetic: nothing out that did not come in, whatever the order of months."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remelt.traceability.rules.credits import Intake, Terms, balances, shifted

MONTHS = [shifted("2026-01", i) for i in range(18)]
grams = st.integers(0, 10**9)
by_month = st.dictionaries(st.sampled_from(MONTHS), grams)


def credits_of(**more) -> Terms:
    return Terms(**{"method": "credits", "from_month": "2026-01", "expiry_months": 3} | more)


def rolling(**more) -> Terms:
    return Terms(**{"method": "rolling_average", "from_month": "2026-01"} | more)


def told(terms, intake, taken, *, until):
    recycled = {month: Intake(recycled_g=g) for month, g in intake.items()}
    return balances(terms, intake=recycled, taken=taken, until=until)


def test_credits_expire_oldest_first():
    made = told([credits_of(expiry_months=1)], {"2026-01": 100, "2026-02": 50},
                {"2026-02": 30}, until="2026-04")  # fmt: skip
    assert [(each.came_g, each.taken_g, each.expired_g, each.left_g) for each in made] == [
        (100, 0, 0, 100),
        (50, 30, 0, 120),
        (0, 0, 70, 50),
        (0, 0, 50, 0),
    ]


def test_a_period_of_a_quarter_adds_its_months():
    (quarter,) = told([credits_of(period_months=3)], {"2026-01": 5, "2026-03": 7},
                      {"2026-02": 4}, until="2026-03")  # fmt: skip
    assert (quarter.period, quarter.last_month, quarter.left_g) == ("2026-01", "2026-03", 8)


def test_a_rolling_average_applies_the_share_of_its_window_to_the_casts_of_the_period():
    intake = {
        "2026-01": Intake(recycled_g=80, other_g=20, cast_g=90),
        "2026-02": Intake(recycled_g=20, other_g=80, cast_g=100),
    }
    january, february = balances(
        [rolling(window_months=2)], intake=intake, taken={"2026-01": 72}, until="2026-02"
    )
    assert (january.share, january.came_g, january.left_g) == ((80, 100), 72, 0)
    assert (february.share, february.came_g) == ((100, 200), 50)
    narrow = balances([rolling(window_months=1)], intake=intake, taken={}, until="2026-02")
    assert [each.came_g for each in narrow] == [72, 20]
    assert [each.expired_g for each in narrow] == [72, 0]  # what is not claimed lapses


def test_another_method_begins_anew_and_a_period_has_one_method():
    terms = [credits_of(), rolling(from_month="2026-03")]
    made = told(terms, {"2026-01": 100}, {}, until="2026-04")
    assert [each.method for each in made] == ["credits"] * 2 + ["rolling_average"] * 2
    assert [each.left_g for each in made] == [100, 100, 0, 0]


@pytest.mark.parametrize("after", [credits_of(from_month="2026-02"), rolling(from_month="2026-02")])
def test_what_is_overdrawn_stays_so_through_editions_and_later_input_pays_it(after: Terms):
    intake = {
        "2026-01": Intake(recycled_g=60),  # 100 before its correction
        "2026-02": Intake(recycled_g=30, cast_g=30),
        "2026-03": Intake(recycled_g=30, cast_g=30),
    }
    made = balances([credits_of(), after], intake=intake, taken={"2026-01": 100}, until="2026-03")
    assert [each.left_g for each in made] == [-40, -10, 20]


@given(intake=by_month, claims=st.lists(st.tuples(st.sampled_from(MONTHS), grams)),
       expiry=st.integers(0, 12), period=st.sampled_from([1, 3, 6, 12]),
       factor=st.sampled_from([(1, 1), (9, 10), (1, 3)]))  # fmt: skip
def test_who_claims_no_more_than_is_left_never_overdraws(intake, claims, expiry, period, factor):
    terms = [credits_of(expiry_months=expiry, period_months=period, factor=factor)]
    taken: dict[str, int] = {}
    for month, wanted_g in sorted(claims):
        left_g = told(terms, intake, taken, until=month)[-1].left_g
        assert left_g >= 0
        taken[month] = taken.get(month, 0) + min(wanted_g, left_g)
    made = told(terms, intake, taken, until=MONTHS[-1])
    came_g = sum(intake.values()) * factor[0] // factor[1]
    assert sum(each.taken_g for each in made) == sum(taken.values()) <= came_g
    assert all(each.left_g >= 0 and each.expired_g >= 0 for each in made)
    for before, after in pairwise(made):
        assert after.opened_g == before.left_g


def test_a_rolling_average_counts_nothing_that_credits_were_given_for():
    intake = {
        "2026-01": Intake(recycled_g=600, cast_g=600),
        "2026-07": Intake(other_g=100, cast_g=100),
        "2026-08": Intake(recycled_g=100, cast_g=100),
    }
    terms = [
        Terms(method="credits", from_month="2026-01"),
        Terms(method="rolling_average", from_month="2026-07"),
        Terms(method="rolling_average", from_month="2026-08", window_months=3),
    ]
    made = balances(terms, intake=intake, taken={"2026-01": 600}, until="2026-08")
    assert [(each.came_g, each.share) for each in made[-2:]] == [(0, (0, 100)), (50, (100, 200))]
