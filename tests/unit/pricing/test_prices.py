"""What a formula comes to: the days that count, what is missing, one rounding."""

from datetime import date
from fractions import Fraction

import pytest

from remelt.platform.settlement.pricing.evaluating import (
    Call,
    Calling,
    NotYet,
    Occasion,
    Priced,
    evaluate,
    half_up,
)
from remelt.platform.settlement.pricing.parser import parse
from remelt.platform.settlement.pricing.periods import Calendar, Dates, Days, days_of, read_period
from remelt.platform.settlement.pricing.quotes import E6, Index, Quoted, Wanting

MONDAY = date(2026, 3, 2)


def march(day: int) -> date:
    return date(2026, 3, day)


def index(
    quotes: dict[int, int], *, code="SMM_A00", unit="CNY/t", calendar: Calendar | None = None
) -> Index:
    """An index with values by day of March 2026."""
    known = {march(day): Quoted(march(day), value * E6) for day, value in quotes.items()}
    return Index(code, unit, "SMM", calendar or Calendar(), known)


def worked(text: str, *indices: Index, **changes):
    occasion = Occasion(**({"delivered_on": MONDAY, "quotation": Days(1, 5)} | changes))
    return evaluate(parse(text), book={each.code: each for each in indices}, occasion=occasion)


WEEK = {3: 20_480, 4: 20_510, 5: 20_390, 6: 20_440, 9: 20_530}


def test_the_average_of_five_trading_days_skips_the_weekend():
    found = worked("0.88 * avg(SMM_A00, QP) - 150 CNY/t", index(WEEK))
    assert isinstance(found, Priced)
    assert found.price_fen_per_t == 1_786_360
    (figure,) = found.figures
    assert figure.value == 20_470
    assert [each.day.day for each in figure.used] == [3, 4, 5, 6, 9]


def test_a_holiday_inside_the_period_is_no_gap_and_a_day_more_counts():
    calendar = Calendar(closed=frozenset({march(4)}))
    quotes = {3: 20_480, 5: 20_390, 6: 20_440, 9: 20_530, 10: 20_600}
    found = worked("avg(SMM_A00, QP)", index(quotes, calendar=calendar))
    assert isinstance(found, Priced)
    assert found.price_fen_per_t == 2_048_800


def test_a_holiday_inside_fixed_dates_leaves_fewer_days():
    calendar = Calendar(closed=frozenset({march(4)}))
    quotes = {3: 20_480, 5: 20_390, 6: 20_440}
    found = worked(
        "avg(SMM_A00, 2026-03-03..2026-03-08)", index(quotes, calendar=calendar), quotation=None
    )
    assert isinstance(found, Priced)
    assert found.exact == Fraction(20_480 + 20_390 + 20_440, 3)
    assert found.price_fen_per_t == 2_043_667


def test_a_trading_day_without_a_quote_is_named():
    found = worked("avg(SMM_A00, QP)", index({3: 20_480, 5: 20_390}))
    assert found == NotYet(tuple(Wanting("SMM_A00", march(day)) for day in (4, 6, 9)))


def test_a_worked_saturday_counts_when_the_calendar_says_so():
    calendar = Calendar(opened=frozenset({march(7)}))
    days = days_of(Days(1, 5), delivered_on=MONDAY, calendar=calendar)
    assert [day.day for day in days] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("period", "delivered", "first", "last", "count"),
    [
        ("M", march(31), march(2), march(31), 22),
        ("M+1", date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 29), 21),
        ("M-1", march(1), date(2026, 2, 2), date(2026, 2, 27), 20),
        ("D", march(8), march(6), march(6), 1),
        ("D-2..D+2", march(8), march(4), march(10), 5),
        ("2026-03-07..2026-03-08", MONDAY, None, None, 0),
    ],
)
def test_a_period_names_its_trading_days(period, delivered, first, last, count):
    days = days_of(read_period(period), delivered_on=delivered, calendar=Calendar())
    assert len(days) == count
    if days:
        assert (days[0], days[-1]) == (first, last)


def test_a_period_in_which_nothing_trades_is_waited_for():
    found = worked("avg(SMM_A00, 2026-03-07..2026-03-08)", index(WEEK))
    assert found == NotYet((Wanting("SMM_A00"),))


def test_a_dollar_price_is_turned_by_the_rate_of_the_same_days():
    lme = index({3: 2_500}, code="LME_AL", unit="USD/t")
    rate = Index(
        "USD_CNY", "CNY/USD", "BOC", Calendar(), {march(3): Quoted(march(3), 7_123_400, 2)}
    )
    found = worked("avg(LME_AL, D+1) * avg(USD_CNY, D+1) - 100 CNY/t", lme, rate)
    assert isinstance(found, Priced)
    assert found.price_fen_per_t == 1_770_850
    assert found.figures[1].used[0].revision == 2


def test_a_provisional_price_takes_the_last_quote_up_to_its_day():
    found = worked("avg(SMM_A00, QP)", index({2: 20_650, 3: 1}), upto=march(2))
    assert isinstance(found, Priced)
    assert found.price_fen_per_t == 2_065_000


def test_vat_is_put_on_and_taken_out_exactly():
    found = worked("less_vat(plus_vat(100.01 CNY/t, 13%), 13%)")
    assert isinstance(found, Priced)
    assert found.exact == Fraction(10_001, 100)


def test_half_a_fen_goes_up():
    assert [half_up(Fraction(n, 2)) for n in (1, 3, -1, 5)] == [1, 2, -1, 3]


def called(*calls: Call, over: bool = False, default="avg") -> Calling:
    return Calling(
        mass_g=60_000_000, window=Dates(march(3), march(9)), default=default, over=over, calls=calls
    )


def test_called_parts_weigh_by_their_tonnes():
    calls = (Call("SMM_A00", march(3), 20_000_000), Call("SMM_A00", march(5), 40_000_000))
    found = worked("called(SMM_A00)", index(WEEK), calling=called(*calls))
    assert isinstance(found, Priced)
    assert found.price_fen_per_t == 2_042_000


def test_what_is_not_called_waits_until_the_window_is_over():
    call = Call("SMM_A00", march(3), 20_000_000)
    assert worked("called(SMM_A00)", index(WEEK), calling=called(call)) == NotYet(
        (Wanting("SMM_A00", march(9), what="call"),)
    )
    average = worked("called(SMM_A00)", index(WEEK), calling=called(call, over=True))
    last = worked("called(SMM_A00)", index(WEEK), calling=called(call, over=True, default="last"))
    assert isinstance(average, Priced)
    assert isinstance(last, Priced)
    assert average.exact == (20_480 + 2 * Fraction(20_470)) / 3
    assert last.exact == Fraction(20_480 + 2 * 20_530, 3)
