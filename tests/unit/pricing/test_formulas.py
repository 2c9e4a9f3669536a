"""The language of prices: what it says, what it refuses and where, and that it never breaks.

REMELT_PROPERTIES: how many formulas and texts of the long form (`make formulas`).
"""

import os
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from remelt.platform.kernel.errors import Refusal
from remelt.platform.settlement.pricing import errors
from remelt.platform.settlement.pricing.checking import read_formula
from remelt.platform.settlement.pricing.parser import parse
from remelt.platform.settlement.pricing.periods import Dates, Days, Month, Quotation
from remelt.platform.settlement.pricing.printing import canonical
from remelt.platform.settlement.pricing.syntax import (
    MOST_CHARACTERS,
    Binary,
    Choice,
    Formula,
    Invoice,
    Negative,
    Number,
    Quote,
    Taxed,
)
from remelt.platform.settlement.pricing.units import (
    CNY_PER_T,
    CNY_PER_USD,
    NUMBER,
    USD_PER_T,
)
from remelt.platform.settlement.pricing.words import sentence

LONG = int(os.environ.get("REMELT_PROPERTIES", "0"))
INDICES = {"SMM_A00": CNY_PER_T, "LME_AL": USD_PER_T, "USD_CNY": CNY_PER_USD}


@pytest.mark.parametrize(
    ("typed", "kept", "zh", "en"),
    [
        (
            "88% *avg(smm_a00,QP)-150CNY/t with invoice 13%",
            "0.88 * avg(SMM_A00, QP) - 150 CNY/t with invoice 13%",
            "SMM_A00 作价期均价的 88% 减 150 元/吨；含税价，开 13% 增值税发票",
            "88% of the average of SMM_A00 over the quotation period, less 150 CNY/t;"
            " with an invoice, 13% VAT included",
        ),
        (
            "１８．５ 元/公斤",
            "18500 CNY/t",
            "18500 元/吨",
            "18500 CNY/t",
        ),
        (
            "plus_vat((avg(LME_AL,M+1)＋25 USD/t)×avg(USD_CNY,M+1),13%) without invoice",
            "plus_vat((avg(LME_AL, M+1) + 25 USD/t) * avg(USD_CNY, M+1), 13%) without invoice",
            "（（LME_AL 交货次月均价 加 25 美元/吨） 乘以 USD_CNY 交货次月均价）（加 13% 增值税）"
            "；不开票价",
            "((the average of LME_AL over the month after delivery, plus 25 USD/t) times the"
            " average of USD_CNY over the month after delivery) (with VAT of 13%); without invoice",
        ),
        (
            "min(called(SMM_A00), 21000 CNY/t) - 300 CNY/t",
            "min(called(SMM_A00), 21000 CNY/t) - 300 CNY/t",
            "（SMM_A00 点价；21000 元/吨）中较低者 减 300 元/吨",
            "the lower of (the called price of SMM_A00; 21000 CNY/t), less 300 CNY/t",
        ),
        (
            "last(SMM_A00, D+1..D+5)",
            "last(SMM_A00, D+1..D+5)",
            "SMM_A00 交货日后第 1 至第 5 个交易日末日价",
            "SMM_A00 on the last day of trading days 1 to 5 after delivery",
        ),
    ],
)
def test_a_formula_is_kept_in_one_form_and_said_in_two_languages(typed, kept, zh, en):
    formula = read_formula(typed, indices=INDICES)
    assert canonical(formula) == kept
    assert sentence(formula, zh=True) == zh
    assert sentence(formula, zh=False) == en


@pytest.mark.parametrize(
    ("typed", "refusal", "column"),
    [
        ("0.88 * avg(SMM_A00, QP) - 150", errors.FormulaUnits, 25),
        ("avg(SMM_A00, QP) + avg(LME_AL, QP)", errors.FormulaUnits, 18),
        ("max(1 CNY/t, 2 USD/t)", errors.FormulaUnits, 14),
        ("0.88", errors.FormulaNotAPrice, None),
        ("avg(LME_AL, QP)", errors.FormulaNotAPrice, None),
        ("avg(COMEX, QP)", errors.FormulaUnknownIndex, 1),
        ("1 CNY/t * mean(SMM_A00, QP)", errors.FormulaUnknownName, 11),
        ("__import__", errors.FormulaUnreadable, 1),
        ("1 CNY/t; with invoice", errors.FormulaUnfinished, 22),
        ("1 CNY/t with invoice 101%", errors.FormulaRate, 22),
        ("avg(SMM_A00, next week)", errors.PeriodUnreadable, 14),
        ("avg(SMM_A00, D+5..D+1)", errors.PeriodTurned, 14),
        ("avg(SMM_A00, 2026-03-02..2028-03-02)", errors.PeriodTurned, 14),
        ("avg(SMM_A00 QP)", errors.FormulaUnfinished, 13),
        ("min(1 CNY/t)", errors.FormulaUnfinished, 12),
        ("1 CNY/t / 0", errors.FormulaDivides, 9),
        ("1 CNY/t / (1 - 1)", errors.FormulaDivides, 9),
        ("1234567890123 CNY/t", errors.FormulaNumber, 1),
        ("0.1234567 CNY/t", errors.FormulaNumber, 1),
        ("(" * 30 + "1", errors.FormulaTooDeep, 25),
        ("-" * 30 + "1", errors.FormulaTooDeep, 25),
        ("1 CNY/t " + " " * MOST_CHARACTERS, errors.FormulaTooLong, None),
        ("+".join(["1CNY/t"] * 57), errors.FormulaTooLong, None),
        ("", errors.FormulaUnfinished, 1),
        ("1 CNY/t 2 CNY/t", errors.FormulaUnreadable, 9),
        ("1 CNY/t & 2 CNY/t", errors.FormulaUnreadable, 9),
    ],
)
def test_a_formula_is_refused_at_its_column(typed, refusal, column):
    with pytest.raises(refusal) as refused:
        read_formula(typed, indices=INDICES)
    assert refused.value.facts.get("column") == column
    assert refused.value.field == "formula"


NAMES = some.sampled_from([*INDICES, "X", "Q1"])
DAYS = some.dates(date(2020, 1, 1), date(2030, 1, 1))
PERIODS = some.one_of(
    some.just(Quotation()),
    some.builds(Month, some.integers(-12, 12)),
    some.tuples(some.integers(-60, 60), some.integers(-60, 60)).map(lambda d: Days(*sorted(d))),
    some.builds(lambda d, n: Dates(d, d + timedelta(days=n)), DAYS, some.integers(0, 370)),
)
NUMBERS = some.builds(
    lambda n, places, unit: Number(Fraction(n, 10**places), unit),
    some.integers(0, 10**9),
    some.integers(0, 6),
    some.sampled_from([NUMBER, CNY_PER_T, USD_PER_T, CNY_PER_USD]),
)
QUOTES = some.one_of(
    some.builds(Quote, some.sampled_from(["avg", "last"]), NAMES, PERIODS),
    some.builds(Quote, some.just("called"), NAMES),
)
LEAVES = some.one_of(NUMBERS, QUOTES)


def _more(parts):
    return some.one_of(
        some.builds(Negative, parts),
        some.builds(Binary, some.sampled_from("+-*"), parts, parts),
        some.builds(Binary, some.just("/"), parts, QUOTES),
        some.builds(Choice, some.sampled_from(["min", "max"]), some.tuples(parts, parts)),
        some.builds(
            Taxed, some.sampled_from(["plus_vat", "less_vat"]), parts, some.integers(0, 10_000)
        ),
    )


FORMULAS = some.builds(
    Formula,
    some.recursive(LEAVES, _more, max_leaves=6),
    some.one_of(
        some.none(),
        some.just(Invoice(included=False)),
        some.integers(0, 10_000).map(lambda bp: Invoice(included=True, rate_bp=bp)),
    ),
)


@settings(max_examples=LONG or 200, deadline=None)
@given(FORMULAS)
def test_what_is_printed_reads_back_as_the_same(formula):
    text = canonical(formula)
    if len(text) <= MOST_CHARACTERS:
        assert parse(text) == formula
        assert canonical(parse(text)) == text
    assert sentence(formula, zh=True)
    assert sentence(formula, zh=False)


PIECES = some.sampled_from(
    [*"+-*/(),%;. 09", "avg", "last", "called", "min", "max", "plus_vat", "SMM_A00", "QP", "M+1",
     "D+1..D+5", "2026-03-02..", "CNY/t", "元/吨", "with invoice", "13%", "without invoice", "１",
     "．", "²", "㎏"]
)  # fmt: skip


@settings(max_examples=LONG or 300, deadline=None)
@given(some.one_of(some.text(max_size=60), some.lists(PIECES, max_size=60).map("".join)))
@example("avg(SMM_A00, 2026-13-99..2026-02-31)")
@example("(" * 400)
def test_no_text_breaks_the_parser(text):
    formula, refused = _read(text)
    if refused is None:
        assert read_formula(canonical(formula), indices=INDICES) == formula
    else:
        assert 1 <= refused.facts.get("column", 1) <= len(text) + 1
        assert refused.field == "formula"


def _read(text):
    try:
        return read_formula(text, indices=INDICES), None
    except Refusal as refused:
        return None, refused
