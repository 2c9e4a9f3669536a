"""A table from outside is read by its columns; one of ours opens as meant and runs nothing."""

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook

from remelt.platform.kernel.sheets.columns import choice, day, mass, signed, words
from remelt.platform.kernel.sheets.errors import ImportHasErrors, TooManyRows
from remelt.platform.kernel.sheets.reading import ROWS_LIMIT
from remelt.platform.kernel.sheets.tables import read_table, stop_at
from remelt.platform.kernel.sheets.writing import csv_text, xlsx_bytes


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "|calc"]
)
def test_a_formula_is_only_text(text):
    assert csv_text(["a"], [[text]]).splitlines()[1].lstrip('"').startswith("'")


def test_it_begins_with_the_mark_and_keeps_numbers_and_commas():
    written = csv_text(["mass (kg)", "说明"], [[-5, "a,b"], [None, '"']])
    assert written.encode().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.removeprefix("\ufeff"))))
    assert rows == [["mass (kg)", "说明"], ["-5", "a,b"], ["", '"']]


def test_the_sheet_keeps_text_as_text():
    sheet = load_workbook(io.BytesIO(xlsx_bytes(["a"], [["=1+1"], [5], [None]]))).active
    assert [(row[0].value, row[0].data_type) for row in sheet][1:3] == [("=1+1", "s"), (5, "n")]


NAME = words("name", "名称, name", most=5, needed=True)
MASS = mass("mass", "重量, mass", limit=10**9)
MONEY = signed("money", "金额, money", limit=10**6)
DAY = day("day", "日期, day")
SAFE = choice("safe", "安全, safe", {"是": True, "否": False}, empty=False)


def rows_of(text: str, **asked):
    return read_table(
        text.encode(),
        filename="f.csv",
        columns=(NAME, MASS, MONEY, DAY, SAFE),
        read=lambda at: (at[NAME], at[MASS], at[MONEY], at[DAY], at[SAFE]),
        **asked,
    )


def test_columns_are_found_by_any_of_their_names_below_a_title():
    table = rows_of(
        "A list, of lots\nSafe;NAME;Mass (t);Money;Day;Colour\n是;a;1,5;(3.20);20260302;red\n"
        ";Sum-it;2 kg;-;;\nTotal;;3;;;\n".replace("1,5", "1.5")
    )
    assert table.problems == ()
    assert table.rows[0] == ("a", 1_500_000, -320, date(2026, 3, 2), True)
    assert [(each.row, each.why) for each in table.left_out] == [(4, "total"), (5, "total")]
    assert table.unused == ("Colour",)


def test_the_makers_own_headings_come_before_those_known():
    own = {"Money": "mass", "Betrag": "money", "Was": "name"}
    table = rows_of("Was,Money,Betrag\na,2,5\n", also=own, units={"mass_unit": "kg"})
    assert table.rows == (("a", 2_000, 500, None, False),)


def test_cells_that_are_wrong_are_all_named_and_stop_the_file():
    table = rows_of("name,money,safe,day\n,1.001,perhaps,2101-01-01\nlonger,--,,\nfine,1,,\n")
    assert [(each.cell, each.refusal.code) for each in table.problems] == [
        ("A2", "cell-empty"), ("B2", "cell-not-a-number"), ("D2", "cell-not-a-time"),
        ("C2", "cell-unknown-word"), ("A3", "cell-too-long"),
    ]  # fmt: skip
    assert [row[0] for row in table.rows] == ["fine"]
    with pytest.raises(ImportHasErrors) as refused:
        stop_at(table.problems)
    assert (refused.value.facts["count"], refused.value.facts["cell"]) == (5, "A2")


@pytest.mark.parametrize("top", ["", "A month,of lots\n\n"])
@pytest.mark.parametrize("end", ["", "Total,5\n\n\n"])
def test_the_rows_of_a_file_are_counted_below_its_headings(top, end):
    head, row = f"{top}name,mass (kg)\n", "a,1\n"

    def read(count):
        content = (head + row * count + end).encode()
        return read_table(content, filename="f.csv", columns=(NAME, MASS), read=lambda at: at[MASS])

    assert len(read(ROWS_LIMIT).rows) == ROWS_LIMIT == 5_000
    for count in (ROWS_LIMIT + 1, 3 * ROWS_LIMIT):
        with pytest.raises(TooManyRows) as refused:
            read(count)
        assert refused.value.facts["limit_rows"] == 5_000
