"""Reference files: read whole, or every bad cell named."""

import pytest

from remelt.platform.catalogue.reading import Problem, read_reference

HEADER = "id,kind,category,activity,value,unit,scope,region,year,source,confidence,note"
ROW = "melt_gas,factor,melt,Gas melting,0.5777,kgCO2e/kWh,metered,China,2025,meter,sourced,"


def a_file(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows)).encode()


def test_a_value_is_kept_exactly_as_printed():
    reading = read_reference(a_file(ROW.replace("0.5777", "0.5770")))
    assert reading.problems == []
    assert (reading.rows[0]["value_digits"], reading.rows[0]["value_places"]) == (5770, 4)
    assert reading.rows[0]["gas"] == "CO2e"


def test_full_width_digits_and_a_byte_order_mark_are_read():
    reading = read_reference(b"\xef\xbb\xbf" + a_file(ROW.replace("0.5777", "０．５７７７")))
    assert reading.problems == []
    assert reading.rows[0]["value_digits"] == 5777


@pytest.mark.parametrize(
    ("cell", "bad", "column", "reason"),
    [
        ("melt_gas", "", "id", "empty"),
        ("factor", "Factor", "kind", "not-one-of-the-words"),
        ("0.5777", "a lot", "value", "not-a-number"),
        ("0.5777", "1e5", "value", "not-a-number"),
        ("0.5777", "1_000", "value", "not-a-number"),
        ("0.5777", "-1", "value", "out-of-range"),
        ("0.5777", "9" * 40, "value", "not-a-number"),
        ("0.5777", "", "value", "empty-but-not-missing"),
        ("sourced", "missing", "confidence", "missing-but-not-empty"),
        ("2025", "25", "year", "out-of-range"),
        ("2025", "2025.5", "year", "too-many-decimals"),
        ("Gas melting", "x" * 201, "activity", "too-long"),
        ("Gas melting", "a\x07b", "activity", "control-character"),
        ("sourced", "certain", "confidence", "not-one-of-the-words"),
    ],
)
def test_a_bad_cell_is_named(cell, bad, column, reason):
    reading = read_reference(a_file(ROW, ROW.replace("melt_gas", "other").replace(cell, bad, 1)))
    if cell == "melt_gas":
        reading = read_reference(a_file(ROW, ROW.replace(cell, bad, 1)))
    assert [(p.row, p.column, p.reason) for p in reading.problems] == [(3, column, reason)]


def test_every_problem_is_told_at_once():
    bad = ROW.replace("melt_gas", "b").replace("2025", "soon").replace("sourced", "sure")
    reading = read_reference(a_file(ROW, bad, ROW, "too,few"))
    assert [(p.row, p.column, p.reason) for p in reading.problems] == [
        (3, "year", "not-a-number"),
        (3, "confidence", "not-one-of-the-words"),
        (4, "factor_id", "row-twice"),
        (5, "", "cells-missing"),
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem(1, "", "no-rows")),
        (HEADER.encode(), Problem(1, "", "no-rows")),
        (b"a,b\n1,2\n", Problem(1, "", "kind-unknown", "a, b")),
        (a_file(ROW) + "铝".encode("gb18030"), Problem(2, "", "not-utf-8")),
        (a_file(ROW, "\0"), Problem(3, "", "control-character")),
        (a_file('"never closed'), Problem(1, "", "not-csv")),
        (b"x" * 5_000_001, Problem(1, "", "file-too-large")),
        (a_file(ROW, header=HEADER.replace("unit", "units")), None),
        (a_file(ROW, header=HEADER.replace("note", "id")), None),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, problem):
    reading = read_reference(content)
    assert reading.rows == []
    if problem is not None:
        assert reading.problems == [problem]
    else:
        assert {p.reason for p in reading.problems} <= {
            "column-missing",
            "column-unknown",
            "column-twice",
        }
        assert reading.problems


def test_a_point_that_is_not_wgs84_is_refused():
    header = (
        "name_zh,name_en,kind,metal,adcode,place,lat,lon,coord_precision,capacity,unit,year,"
        "source,confidence,note,datum"
    )
    row = "厂,Works,rolling,Al,520304,Bozhou,27.53974,106.82574,county seat,,,2025,news,sourced,,"
    assert read_reference(a_file(row + "WGS84", header=header)).rows[0]["lat_e6"] == 27_539_740
    problems = read_reference(a_file(row + "GCJ-02", header=header)).problems
    assert [(p.column, p.reason) for p in problems] == [("datum", "not-wgs84")]


def test_limits_are_parts_per_million_in_order():
    header = (
        "alloy,name_zh_or_near,standard,family,base_metal,element,min_pct,max_pct,source,year,"
        "confidence,complete"
    )
    row = "ADC12,,JIS,cast,Al,Si,9.6,12.0,page,2006,sourced,no"
    made = read_reference(a_file(row, header=header)).rows[0]
    assert (made["min_ppm"], made["max_ppm"]) == (96_000, 120_000)
    bad = read_reference(a_file(row.replace("9.6", "12.5"), header=header)).problems
    assert [(p.column, p.reason) for p in bad] == [("min_pct", "above-the-maximum")]
