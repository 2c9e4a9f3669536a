"""A table opens in a spreadsheet as it was meant, and runs nothing."""

import csv
import io

import pytest
from openpyxl import load_workbook

from remelt.web.sheets import csv_text, xlsx_bytes


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
