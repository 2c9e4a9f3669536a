"""A file from outside, read as rows of cells: CSV in any Chinese or Unicode writing, or XLSX."""

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from openpyxl import load_workbook

from remelt.platform.kernel.sheets.cells import Cell
from remelt.platform.kernel.sheets.errors import FileTooLarge, FileUnreadable, TooManyRows

FILE_LIMIT: Final = 8 * 1024 * 1024
UNPACKED_LIMIT: Final = 64 * 1024 * 1024
RATIO_LIMIT: Final = 100
PARTS_LIMIT: Final = 500
ROWS_LIMIT: Final = 5_000
COLUMNS_LIMIT: Final = 60
SOUGHT_ROWS: Final = 20
SHEET_ROWS: Final = ROWS_LIMIT + 2 * SOUGHT_ROWS
CELL_LIMIT: Final = 2_000
_MERGED: Final = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\""
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file, each with as many cells as it had; rows count from 1.

    merged: (row from 1, column from 0) of cells that a cell above them is merged over.
    """

    rows: tuple[tuple[Cell, ...], ...]
    merged: frozenset[tuple[int, int]] = frozenset()


def read_sheet(content: bytes, *, filename: str) -> Sheet:
    """Return the rows of the first sheet.

    Taken are XLSX and CSV: UTF-8, UTF-16 with its mark, or GB18030, its cells divided by the one
    of comma, semicolon and tab that its first rows hold most of.
    Bounds: 8 MiB, 60 columns, and 5,000 rows with a few more for titles and sums: who knows the
    headings holds a file to 5,000 below them. A workbook unpacks to at most 64 MiB and a hundred
    times its size. Formulas count by the value that was saved with them.
    Raises `FileTooLarge`, `TooManyRows` and `FileUnreadable`.
    """
    if len(content) > FILE_LIMIT:
        raise FileTooLarge(field="file", limit_mb=FILE_LIMIT // 1024 // 1024)
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileUnreadable(field="file", file=filename[:80], why="xls")
    return _text(content, filename=filename)


def column_letters(column: int) -> str:
    """Return the name of a column, counted from 0, as a spreadsheet shows it.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_place(letters: bytes) -> int:
    """Return the place of a column, counted from 0, from its name in a workbook.

    >>> column_place(b"A"), column_place(b"AB")
    (0, 27)
    """
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _text(content: bytes, *, filename: str) -> Sheet:
    text = _decoded(content, filename=filename)
    top = "\n".join(text.split("\n", SOUGHT_ROWS)[:SOUGHT_ROWS])
    delimiter = max(",;\t", key=top.count)
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(tuple(cell[: CELL_LIMIT + 1].strip() for cell in row[:COLUMNS_LIMIT]))
            _check_length(len(rows))
    except csv.Error as reason:
        raise FileUnreadable(field="file", file=filename[:80], why="csv") from reason
    return Sheet(rows=tuple(rows))


def _decoded(content: bytes, *, filename: str) -> str:
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    tries = [writing for mark, writing in marks.items() if content.startswith(mark)]
    for writing in tries or ("utf-8", "gb18030"):
        try:
            text = content.decode(writing)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and text.strip():
            return text
        break
    raise FileUnreadable(field="file", file=filename[:80], why="text")


def _workbook(content: bytes) -> Sheet:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_package(package)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows = []
            for row in sheet.iter_rows(max_col=COLUMNS_LIMIT, values_only=True):
                rows.append(tuple(_cell(value) for value in row))
                _check_length(len(rows))
            read_only: Any = sheet  # which know nothing of merged cells
            with read_only._get_source() as part:  # noqa: SLF001
                merged = _merged(part.read())
        finally:
            book.close()
    except FileTooLarge:
        raise
    except Exception as reason:  # a damaged workbook fails in a hundred ways
        raise FileUnreadable(field="file", why="xlsx") from reason
    return Sheet(rows=tuple(rows), merged=merged)


def _merged(part: bytes) -> frozenset[tuple[int, int]]:
    """Return the cells that one above them is merged over, within the bounds of a file."""
    found: set[tuple[int, int]] = set()
    looked = 0
    for first, top, last, bottom in _MERGED.findall(part):
        rows = range(int(top) + 1, min(int(bottom), SHEET_ROWS) + 1)
        columns = range(column_place(first), min(column_place(last) + 1, COLUMNS_LIMIT))
        looked += 1 + len(rows) * len(columns)
        if looked > SHEET_ROWS * COLUMNS_LIMIT:
            raise TooManyRows(field="file", limit_rows=ROWS_LIMIT)
        found.update((row, column) for row in rows for column in columns)
    return frozenset(found)


def _check_package(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    bomb = unpacked > UNPACKED_LIMIT or unpacked > RATIO_LIMIT * max(packed, 4096)
    if bomb or len(parts) > PARTS_LIMIT:
        raise FileTooLarge(field="file", limit_mb=UNPACKED_LIMIT // 1024 // 1024)
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with package.open(part) as stream:
                if b"<!DOCTYPE" in stream.read(2048):
                    raise ValueError("a workbook declares no document type")


def _check_length(rows: int) -> None:
    if rows > SHEET_ROWS:
        raise TooManyRows(field="file", limit_rows=ROWS_LIMIT)


def _cell(value: object) -> Cell:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a wall clock, as typed
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    return str(value)[: CELL_LIMIT + 1].strip()
