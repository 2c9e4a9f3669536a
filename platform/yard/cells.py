"""Cells as people and weighbridge programs write them: numbers, times, words."""

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import Final

from remelt.platform.yard.sheets import Cell

PRICE_LIMIT_FEN_PER_T: Final = 100_000_000
AMOUNT_LIMIT_FEN: Final = 10**12
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
_TIMES: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
)
METHOD_WORDS: Final = {
    "现金": "cash", "cash": "cash",
    "微信": "wechat", "微信支付": "wechat", "wechat": "wechat",
    "支付宝": "alipay", "alipay": "alipay",
    "银行": "bank", "转账": "bank", "银行转账": "bank", "对公": "bank",
    "对公转账": "bank", "bank": "bank",
}  # fmt: skip
INCOMING: Final = {
    "",
    "进",
    "入",
    "进厂",
    "入库",
    "采购",
    "收购",
    "收货",
    "in",
    "purchase",
    "receipt",
}
OUTGOING: Final = {"出", "出厂", "出库", "销售", "发货", "外销", "out", "sale", "dispatch"}
TOTALS: Final = ("合计", "总计", "小计", "total", "sum")


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
    """Return the wall-clock time of a cell: 2026-03-02 12:30, 2026/3/2 12:30:05, 2026年3月2日.

    None for anything else; no zone is attached.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
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


def tidy(cell: Cell) -> str:
    """Return a cell as one line of text: NFKC, no control characters, white space folded."""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    kept = "".join(c for c in unicodedata.normalize("NFKC", cell) if c.isprintable() or c.isspace())
    return " ".join(kept.split())


def yuan(fen: int) -> str:
    """Return fen as a plain number of yuan."""
    return format(Decimal(fen) / 100, ".2f")


def kg(mass_g: int) -> str:
    """Return grams as a plain number of kilograms."""
    return format(Decimal(mass_g) / 1000, "f")
