"""Words of weighbridge programs, and their figures as text."""

from decimal import Decimal
from typing import Final

AMOUNT_LIMIT_FEN: Final = 10**12
METHOD_WORDS: Final = {
    "现金": "cash", "cash": "cash",
    "微信": "wechat", "微信支付": "wechat", "wechat": "wechat",
    "支付宝": "alipay", "alipay": "alipay",
    "银行": "bank", "转账": "bank", "银行转账": "bank", "对公": "bank",
    "对公转账": "bank", "bank": "bank",
}  # fmt: skip
INCOMING: Final = ("进", "入", "进厂", "入库", "采购", "收购", "收货", "in", "purchase", "receipt")
OUTGOING: Final = ("出", "出厂", "出库", "销售", "发货", "外销", "out", "sale", "dispatch")
DIRECTIONS: Final = dict.fromkeys(INCOMING, "in") | dict.fromkeys(OUTGOING, "out")


def yuan(fen: int) -> str:
    """Return fen as a plain number of yuan."""
    return format(Decimal(fen) / 100, ".2f")


def kg(mass_g: int) -> str:
    """Return grams as a plain number of kilograms."""
    return format(Decimal(mass_g) / 1000, "f")
