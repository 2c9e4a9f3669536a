"""Tables as downloads."""

from collections.abc import Iterable, Sequence
from typing import Final

from flask import Response

from remelt.platform.kernel.sheets.writing import Entry, csv_text, xlsx_bytes

Table = tuple[list[str], list[list[Entry]]]
"""Headings, and the rows below them."""

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_answer(
    header: Sequence[str], rows: Iterable[Sequence[Entry]], *, file_name: str
) -> Response:
    """Return the table as a download named `file_name` (ASCII)."""
    response = Response(csv_text(header, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def table_answer(table: Table, *, name: str, shape: str) -> Response:
    """Return the table as a download `<name>.csv` or `<name>.xlsx` by the shape asked for."""
    header, rows = table
    if shape != "xlsx":
        return csv_answer(header, rows, file_name=f"{name}.csv")
    response = Response(xlsx_bytes(header, rows), mimetype=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
