"""A weighbridge program's file, read cell by cell."""

import io
import zipfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from remelt.platform.kernel.errors import Invalid
from remelt.platform.kernel.sheets.cells import read_time, read_whole
from remelt.platform.kernel.sheets.errors import (
    FileTooLarge,
    FileUnreadable,
    HeadingsMissing,
    UnitMissing,
)
from remelt.platform.yard.filerows import parse

CHINESE = """过磅明细表
流水号,日期时间,车号,货名,毛重(kg),皮重(kg),净重(kg),扣率(%),单价(元/kg),金额(元),付款方式,客户
0001,2026-03-01 09:10:00,贵A12345,易拉罐,"1,850",350,1500,2,12.80,18816,微信,张三
0002,2026/3/1 10:05,,光亮铜,620.5,500,120.5,,66,7953.00,现金,李四
合计,,,,2470.5,850,1620.5,,,26769,,
"""
ENGLISH = (
    "Ticket No.;Time;Plate;Material;Gross (t);Tare (t);Price (CNY/t)\n"
    "A-7;2026-03-01 09:10;贵A12345;UBC;1.85;0.35;12,800\n"
)


def problems(text: str, **units: str) -> list[tuple[str, str]]:
    parsed = parse(text.encode(), filename="f.csv", **units)
    return [(each.cell, each.refusal.code) for each in parsed.problems]


@pytest.mark.parametrize("writing", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_file_is_read_in_any_writing(writing):
    parsed = parse(CHINESE.encode(writing), filename="过磅.csv")
    first, second = parsed.rows
    assert parsed.problems == ()
    assert (first.gross_g, first.tare_g, first.share_bp) == (1_850_000, 350_000, 200)
    assert (first.price_fen_per_t, first.amount_fen, first.method) == (
        1_280_000,
        1_881_600,
        "wechat",
    )
    assert first.at == datetime(2026, 3, 1, 1, 10, tzinfo=UTC)
    assert (second.gross_g, second.plate, second.method) == (620_500, "", "cash")
    assert [(each.row, each.why) for each in parsed.left_out] == [(5, "total")]


def test_english_headings_in_tonnes_are_read_too():
    (row,) = parse(ENGLISH.encode(), filename="export.csv").rows
    assert (row.number, row.gross_g, row.tare_g) == ("A-7", 1_850_000, 350_000)
    assert row.price_fen_per_t == 1_280_000


def test_a_workbook_says_the_same_as_its_csv():
    book = Workbook()
    sheet = book.active
    sheet.append(["票号", "日期", "货名", "毛重（公斤）", "皮重（公斤）", "单价（元/斤）", "类型"])
    sheet.append(["1", datetime(2026, 3, 1, 9, 10), "易拉罐", 1850.0, 350, 6.4, "采购"])  # noqa: DTZ001
    sheet.append(["2", datetime(2026, 3, 1, 9, 30), "铝锭", 30_000, 15_000, None, "销售"])  # noqa: DTZ001
    file = io.BytesIO()
    book.save(file)
    parsed = parse(file.getvalue(), filename="x.xlsx")
    (row,) = parsed.rows
    assert (row.gross_g, row.price_fen_per_t) == (1_850_000, 1_280_000)
    assert row.at == datetime(2026, 3, 1, 1, 10, tzinfo=UTC)
    assert [(each.row, each.why) for each in parsed.left_out] == [(3, "outgoing")]


def test_a_jin_is_half_a_kilogram_and_a_cell_may_say_its_unit():
    text = "单号,日期,货名,毛重/斤,皮重/斤\n1,2026-03-01,废铝,100,20kg\n"
    (row,) = parse(text.encode(), filename="f.csv").rows
    assert (row.gross_g, row.tare_g) == (50_000, 20_000)


def test_a_heading_without_a_unit_asks_for_it():
    text = "单号,日期,货名,毛重,皮重\n1,2026-03-01,废铝,100,20\n"
    with pytest.raises(UnitMissing) as refused:
        parse(text.encode(), filename="f.csv")
    assert refused.value.field == "mass_unit"
    (row,) = parse(text.encode(), filename="f.csv", mass_unit="t").rows
    assert row.gross_g == 100_000_000


@pytest.mark.parametrize(
    ("row", "cell", "code"),
    [
        ("1,2026-03-01,废铝,1O0,20", "D2", "cell-not-a-number"),
        ("1,2026-03-01,废铝,-100,20", "D2", "cell-not-a-number"),
        ("1,2026-03-01,废铝,1e9,20", "D2", "cell-not-a-number"),
        ("1,2026-03-01,废铝,999999999,20", "D2", "cell-not-a-number"),
        ("1,2026-03-01,废铝,100.00001,20", "D2", "cell-not-a-number"),
        ("1,2026-03-01,废铝,,20", "D2", "cell-empty"),
        ("1,2026-03-01,废铝,20,20", "E2", "cell-net-differs"),
        ("1,2026-03-01,,100,20", "C2", "cell-empty"),
        ("1,2026-13-01,废铝,100,20", "B2", "cell-not-a-time"),
        ("1,gestern,废铝,100,20", "B2", "cell-not-a-time"),
        (",2026-03-01,废铝,100,20", "A2", "cell-empty"),
        ("1,2026-03-01," + "铝" * 201 + ",100,20", "C2", "cell-too-long"),
    ],
)
def test_what_is_wrong_is_named_by_its_cell(row, cell, code):
    assert problems("单号,日期,货名,毛重(kg),皮重(kg)\n" + row + "\n") == [(cell, code)]


def test_net_payable_and_words_have_to_fit():
    head = "单号,日期,货名,毛重(kg),皮重(kg),净重(kg),实重(kg),付款方式,类型\n"
    assert problems(head + "1,2026-03-01,废铝,100,20,81,79,现金,进\n") == [
        ("F2", "cell-net-differs")
    ]
    assert problems(head + "1,2026-03-01,废铝,100,20,80,81,比特币,绕\n") == [
        ("G2", "cell-net-differs"),
        ("I2", "cell-unknown-word"),
        ("H2", "cell-unknown-word"),
    ]


def test_full_width_digits_and_nul_bytes():
    text = "单号,日期,货名,毛重(kg),皮重(kg)\n１,２０２６－０３－０１,废铝,１００,２０\n"
    (row,) = parse(text.encode(), filename="f.csv").rows
    assert (row.number, row.gross_g) == ("1", 100_000)
    with pytest.raises(FileUnreadable):
        parse(text.replace("废铝", "废\0铝").encode(), filename="f.csv")


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", FileUnreadable),
        (b"\xff\xd8\xff\xe0 a photo", FileUnreadable),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, FileUnreadable),
        (b"PK\x03\x04 torn", FileUnreadable),
        (b"a,b\n1,2\n", HeadingsMissing),
        (b"x" * (8 * 1024 * 1024 + 1), FileTooLarge),
        ("单号,日期,货名,毛重(kg),皮重(kg)\n".encode() + b"1,2,3,4,5\n" * 5_001, FileTooLarge),
    ],
)
def test_a_file_that_is_none_is_refused_whole(content, refusal):
    with pytest.raises(refusal):
        parse(content, filename="f")


def test_a_packed_bomb_is_not_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"0" * 70_000_000)
    with pytest.raises(FileTooLarge):
        parse(file.getvalue(), filename="bomb.xlsx")


def test_the_same_row_has_the_same_hash_however_it_is_written():
    head = "单号,日期,货名,毛重({}),皮重({})\n"
    kg = parse((head.format("kg", "kg") + "1,2026-03-01 08:00,废铝,1000,20").encode(), filename="a")
    t = parse((head.format("t", "t") + "1,2026/3/1 8:00:00,废铝,1.0,0.02").encode(), filename="b")
    other = parse(
        (head.format("t", "t") + "1,2026/3/1 8:00:00,废铝,1.0,0.03").encode(), filename="b"
    )
    assert kg.rows[0].sha256 == t.rows[0].sha256 != other.rows[0].sha256


@pytest.mark.parametrize(
    "text", ["2026-03-02 12:30", "2026/3/2 12:30:00", "2026年3月2日 12时30分", "2026.3.2 12:30"]
)
def test_times_as_programs_write_them(text):
    assert read_time(text) == datetime(2026, 3, 2, 12, 30)  # noqa: DTZ001


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reader(content):
    with suppress(Invalid):
        parse(content, filename="f")


@given(st.text(max_size=40))
def test_no_text_breaks_a_cell(text):
    value = read_whole(text, factor=1_000, limit=10**9)
    assert value is None or 0 <= value <= 10**9
    read_time(text)
