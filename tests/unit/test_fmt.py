"""Kept integers read as the trade writes them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from remelt.web import fmt

AT = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 kg"),
        (108_000, "108 kg"),
        (108_450, "108.5 kg"),
        (999_999, "1,000 kg"),
        (1_000_000, "1.00 t"),
        (23_456_789, "23.46 t"),
        (-1_200, "−1.2 kg"),
        (-40, "0 kg"),
        (None, "–"),
    ],
)
def test_a_mass_is_in_kg_below_a_tonne(value, text):
    assert fmt.mass(value) == text.replace(" ", fmt.NBSP)


def test_a_ticket_shows_every_gram():
    assert fmt.mass(12_345_678, exact=True) == "12.346\N{NO-BREAK SPACE}t"
    assert fmt.mass(345_678, exact=True) == "345.678\N{NO-BREAK SPACE}kg"
    assert fmt.kilograms(12_345_678) == "12,345.678\N{NO-BREAK SPACE}kg"


def test_a_difference_carries_its_sign():
    assert fmt.difference(8_000) == "+8\N{NO-BREAK SPACE}kg"
    assert fmt.difference(-8_000) == "−8\N{NO-BREAK SPACE}kg"
    assert fmt.difference(0) == "0\N{NO-BREAK SPACE}kg"


def test_money_in_both_languages():
    assert fmt.price(1_836_500) == "¥18,365/吨"
    assert fmt.price(1_836_550) == "¥18,365.50/吨"
    assert fmt.price(1_836_500, zh=False) == "CNY\N{NO-BREAK SPACE}18,365/t"
    assert fmt.money(-12_345) == "−¥123.45"
    assert fmt.money(12_345, zh=False) == "CNY\N{NO-BREAK SPACE}123.45"
    assert fmt.total(123_456_789) == "123.46\N{NO-BREAK SPACE}万元"
    assert fmt.total(123_456_789, zh=False) == "CNY\N{NO-BREAK SPACE}1,234,568"
    assert fmt.total(999_999) == "¥9,999.99"


def test_ratios():
    assert fmt.percent(2390) == "23.9%"
    assert fmt.ratio(10_500, 44_000) == "23.9%"
    assert fmt.ratio(10_500, 54_500) == "19.3%"
    assert fmt.ratio(1, 0) == fmt.ratio(None, 5) == "–"


def test_footprints():
    assert fmt.co2e(412_300) == "412\N{NO-BREAK SPACE}kgCO₂e"
    assert fmt.co2e(9_120) == "9.12\N{NO-BREAK SPACE}kgCO₂e"
    assert fmt.co2e(1_230_000) == "1.23\N{NO-BREAK SPACE}tCO₂e"
    assert fmt.intensity(412_300, 1_000_000) == "412\N{NO-BREAK SPACE}kgCO₂e/t"
    assert fmt.intensity(412_300, 0) == "–"


def test_ways_and_spans():
    assert fmt.distance(850) == "850\N{NO-BREAK SPACE}m"
    assert fmt.distance(27_440) == "27.4\N{NO-BREAK SPACE}km"
    assert fmt.distance(338_000) == "338\N{NO-BREAK SPACE}km"
    assert fmt.duration(8_100) == "2 小时 15 分".replace(" ", fmt.NBSP)
    assert fmt.duration(8_100, zh=False) == "2 h 15 min".replace(" ", fmt.NBSP)
    assert fmt.duration(61) == "2\N{NO-BREAK SPACE}分钟"
    assert fmt.duration(7_200, zh=False) == "2\N{NO-BREAK SPACE}h"


def test_times_are_beijing_times_and_machines_read_utc():
    assert fmt.moment(AT) == '<time datetime="2026-11-22T16:05:00Z">2026年11月23日 00:05</time>'
    assert "23\N{NO-BREAK SPACE}Nov\N{NO-BREAK SPACE}2026, 00:05" in fmt.moment(AT, zh=False)
    assert fmt.day(AT) == '<time datetime="2026-11-23">2026年11月23日</time>'
    assert fmt.day(date(2026, 3, 2), weekday=True).endswith("2026年3月2日 周一</time>")
    assert fmt.hour(AT) == '<time datetime="2026-11-22T16:05:00Z">00:05</time>'
    assert fmt.month("2026-03") == "2026年3月"
    assert fmt.month(date(2026, 3, 2), zh=False) == "Mar\N{NO-BREAK SPACE}2026"
    assert fmt.day(None) == fmt.moment(None) == fmt.month(None) == "–"


def test_a_code_is_read_out_in_fours():
    assert fmt.code("ABCDEFGHIJKL3W") == "ABCD-EFGH-IJKL-3W"


def test_a_name_falls_back_to_the_other_language():
    @dataclass
    class Row:
        name_zh: str
        name_en: str

    assert fmt.named(Row("铝", ""), zh=False) == "铝"
    assert fmt.named(Row("铝", "Aluminium"), zh=False) == "Aluminium"
