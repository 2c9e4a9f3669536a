"""A target is met or missed only by a published figure of the same thing."""

from datetime import date

import pytest

from remelt.platform.catalogue.models import PolicyTarget
from remelt.web.targets import judge


def a_row(**changes):
    valid = {
        "target_id": "cn_recycled_2025",
        "kind": "target",
        "indicator": "Recycled nonferrous output",
        "op": ">=",
        "value_digits": 200,
        "value_places": 1,
        "value_text": "",
        "unit": "Mt",
        "scope": "China",
        "period_start": date(2025, 1, 1),
        "period_end": date(2025, 12, 31),
        "document": "plan",
        "note": "",
    }
    return PolicyTarget(**(valid | changes))


def an_actual(digits, **changes):
    return a_row(kind="actual", op="=", value_digits=digits, **changes)


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([a_row(), an_actual(200)], "met"),
        ([a_row(), an_actual(199)], "missed"),
        ([a_row(op=">"), an_actual(200)], "missed"),
        ([a_row(op="="), an_actual(201)], "met"),
        ([a_row(op="<="), an_actual(201)], "missed"),
        ([a_row()], "no-data"),
        ([a_row(), an_actual(300, scope="Guizhou")], "no-data"),
        ([a_row(), an_actual(300, unit="%")], "no-data"),
        ([a_row(), an_actual(300, period_end=date(2025, 6, 30))], "no-data"),
        ([a_row(period_end=date(2027, 12, 31))], "running"),
        ([a_row(value_digits=None, value_places=None, value_text="higher")], "no-number"),
        ([a_row(op="")], "no-number"),
    ],
)
def test_a_target_is_judged(rows, verdict):
    (judged,) = judge(rows, on=date(2026, 3, 2))
    assert judged.verdict == verdict


def test_rules_and_actuals_are_no_targets():
    assert judge([a_row(kind="rule"), an_actual(1)], on=date(2026, 3, 2)) == []
