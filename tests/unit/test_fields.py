"""What a person types becomes the integer that is kept, or a sentence."""

import pytest
from pydantic import ValidationError

from remelt.web.fields import Count, Day, Kg, LotCode, Percent, Tick, Words, YuanPerT
from remelt.web.inputs import ApiIn, InputRefused, Strict


class Typed(Strict):
    kg: Kg = 0
    price: YuanPerT = 0
    percent: Percent = 0
    count: Count = 0
    words: Words = "-"
    tick: Tick = False
    day: Day | None = None
    code: LotCode = ""


@pytest.mark.parametrize(
    ("field", "text", "kept"),
    [
        ("kg", "1250.5", 1_250_500),
        ("kg", "1,250.5", 1_250_500),
        ("kg", "１２５０", 1_250_000),
        ("price", "18022.00", 1_802_200),
        ("percent", "99.95", 9_995),
        ("count", " 7 ", 7),
        ("words", "  废铝 ", "废铝"),
        ("tick", "on", True),
        ("tick", "0", False),
    ],
)
def test_is_read(field: str, text: str, kept: object):
    assert getattr(Typed.model_validate({field: text}), field) == kept


@pytest.mark.parametrize(
    ("field", "text", "rule"),
    [
        ("kg", "", "blank"),
        ("kg", "-1", "decimal"),
        ("kg", "1e9", "decimal"),
        ("kg", "1_000", "decimal"),
        ("kg", "12t", "decimal"),
        ("kg", "1.2345", "decimal"),
        ("kg", "9" * 15, "too_large"),
        ("kg", "9" * 400, "decimal"),
        ("kg", "1,25", "decimal"),
        ("price", "NaN", "decimal"),
        ("price", "100000001", "too_large"),
        ("percent", "100.01", "too_large"),
        ("count", "1.5", "whole"),
        ("words", "a\0b", "nul"),
        ("words", "a" * 20_001, "string_too_long"),
        ("day", "31/03/2026", "date"),
        ("code", "ABC", "bad_code"),
    ],
)
def test_is_refused_by_rule(field: str, text: str, rule: str):
    with pytest.raises(ValidationError) as refused:
        Typed.model_validate({field: text})
    assert refused.value.errors()[0]["type"] == rule


class Body(ApiIn):
    mass_g: int
    note: str = ""


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({}, "missing"),
        ({"mass_g": "5"}, "int_type"),
        ({"mass_g": 5.0}, "int_type"),
        ({"mass_g": True}, "int_type"),
        ({"mass_g": 5, "extra": 1}, "extra_forbidden"),
        ({"mass_g": 5, "note": "\0"}, "nul"),
        ({"mass_g": 5, "note": "\ud800"}, "json_invalid"),
        ([1], "model_type"),
        (None, "model_type"),
    ],
)
def test_programs_are_held_to_types(app_context: None, body: object, rule: str):
    with pytest.raises(InputRefused) as refused:
        Body.model_validate(body)
    assert [r for r, _ in refused.value.errors.values()] == [rule]
