"""Cells as people and programs write them: numbers, times, words."""

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import Final

Cell = str | datetime
"""A cell as text; dates of a workbook stay dates, and empty is ''."""

_TOTAL: Final = re.compile(
    r"(本[页日月期年])?([合总小累]\s*计)|((grand |sub)?total|sum)\b", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
_DIGITS: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?: ?(\d{2}):?(\d{2}):?(\d{2}))?", re.ASCII)
_TIMES: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
)


def read_whole(text: str, *, factor: int, limit: int) -> int | None:
    """Return the number in kept units, None for what is no plain number of whole kept units.

    >>> read_whole("12,340.5", factor=1_000, limit=10**9)
    12340500
    >>> read_whole("1_000", factor=1, limit=10**9) is read_whole("-3", factor=1, limit=9) is None
    True
    """
    if not _NUMBER.fullmatch(text) or len(text) > 30:  # noqa: PLR2004 - no scale shows more
        return None
    exact = Decimal(text.replace(",", "")) * factor
    whole = int(exact)
    return whole if whole == exact and whole <= limit else None


def read_time(text: str) -> datetime | None:
    """Return the wall-clock time of a cell: 2026-03-02 12:30, 2026/3/2, 2026年3月2日, 20260302.

    None for anything else; no zone is attached.

    >>> read_time("20260302123005"), read_time("2026年3月2日")
    (datetime.datetime(2026, 3, 2, 12, 30, 5), datetime.datetime(2026, 3, 2, 0, 0))
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if digits := _DIGITS.fullmatch(plain):
        *ymd, hour, minute, second = digits.groups()
        plain = "-".join(ymd) + (f" {hour}:{minute}:{second}" if hour else "")
    for old, new in (("年", "-"), ("月", "-"), ("日", " "), ("/", "-"), (".", "-"), ("T", " "),
                     ("时", ":"), ("分", ":"), ("秒", "")):  # fmt: skip
        plain = plain.replace(old, new)
    plain = " ".join(plain.split()).rstrip(":")
    for shape in _TIMES:
        try:
            return datetime.strptime(plain, shape)  # noqa: DTZ007 - a wall clock
        except ValueError:
            continue
    return None


def says_total(cell: Cell) -> bool:
    """Tell whether a row that begins with this cell sums up others.

    >>> [says_total(word) for word in ("合 计：", "Total", "本页小计", "Sumitomo", "合肥")]
    [True, True, True, False, False]
    """
    return isinstance(cell, str) and _TOTAL.match(tidy(cell)) is not None


def tidy(cell: Cell) -> str:
    """Return a cell as one line of text: NFKC, no control characters, white space folded."""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    kept = "".join(c for c in unicodedata.normalize("NFKC", cell) if c.isprintable() or c.isspace())
    return " ".join(kept.split())
