"""Tables as CSV files that a spreadsheet opens rightly: in UTF-8 with its mark, and harmless."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

Cell = str | int | None
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    r"""Return the table as CSV with the byte order mark. Headers name their units.

    Text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers, None
    is an empty cell.

    >>> csv_text(["name", "mass (g)"], [["=1+1", -5], ["tin", None]]).splitlines()
    ['\ufeffname,mass (g)', "'=1+1,-5", 'tin,']
    """
    file = io.StringIO()
    file.write("\ufeff")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(map(_harmless, header))
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def csv_answer(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, file_name: str
) -> Response:
    """Return the table as a download named `file_name` (ASCII)."""
    response = Response(csv_text(header, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def _harmless(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_BEGINS_FORMULA):
        return f"'{cell}"
    return cell
