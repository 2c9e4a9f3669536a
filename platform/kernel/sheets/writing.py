"""Tables as CSV and XLSX files that a spreadsheet opens rightly, and that do nothing there."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

Entry = str | int | None
_FIGURE: Final = re.compile(r"-\d+\.\d{2}", re.ASCII)
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Entry]]) -> str:
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


def xlsx_bytes(header: Sequence[str], rows: Iterable[Sequence[Entry]]) -> bytes:
    """Return the table as an XLSX workbook of one sheet; text stays text, whatever it begins with.

    Numbers of more than 15 digits, such as identity numbers, must come as text.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (header, *rows):
        cells = [WriteOnlyCell(sheet, value=cell) for cell in row]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _harmless(cell: Entry) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, str) and _FIGURE.fullmatch(cell):
        return cell
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_BEGINS_FORMULA):
        return f"'{cell}"
    return cell
