"""The chart of accounts: what kinds there are, by the numbers that accountants know."""

from dataclasses import dataclass
from typing import Final, Literal

Side = Literal["debit", "credit"]


@dataclass(frozen=True, slots=True)
class Title:
    """One kind of account. Amounts are kept signed: debit above zero, credit below.

    number: of the general chart, subdivided after the dot; side: where its balance stands.
    """

    number: str
    side: Side


CHART: Final[dict[str, Title]] = {
    "opening": Title("0000", "credit"),
    "cash": Title("1001", "debit"),
    "bank": Title("1002", "debit"),
    "bank_clearing": Title("1012.01", "debit"),
    "wallet": Title("1012.02", "debit"),
    "stripe_balance": Title("1012.03", "debit"),
    "receivable": Title("1122", "debit"),
    "advance": Title("1123", "debit"),
    "deposit_paid": Title("1221", "debit"),
    "held": Title("1221.01", "debit"),
    "tax_advanced": Title("1221.02", "debit"),
    "outside": Title("1221.09", "debit"),
    "purchases": Title("1402", "debit"),
    "payable": Title("2202", "credit"),
    "payment_held": Title("2202.01", "credit"),
    "fees_due": Title("2202.02", "credit"),
    "tax_input": Title("2221.01", "debit"),
    "tax_output": Title("2221.02", "credit"),
    "vat_agent": Title("2221.03", "credit"),
    "income_tax_agent": Title("2221.04", "credit"),
    "escrow": Title("2241.01", "credit"),
    "deposit_held": Title("2241.02", "credit"),
    "suspense": Title("2241.03", "credit"),
    "umpire": Title("2241.04", "credit"),
    "payout_due": Title("2241.05", "credit"),
    "sales": Title("6001", "credit"),
    "platform_fee": Title("6051", "credit"),
    "gain": Title("6301", "credit"),
    "fees": Title("6601", "debit"),
    "charges": Title("6603.01", "debit"),
    "rounding": Title("6603.02", "debit"),
    "loss": Title("6711", "debit"),
}
KINDS: Final = tuple(CHART)
CNY: Final = "CNY"


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """Which account of a book is meant: its kind, what it is kept for ("" for all), its currency.

    subject: the code of a contract, ticket, metal account, listing or bank account, or a month.
    """

    kind: str
    subject: str = ""
    currency: str = CNY


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry: an account, and what it gets in the smallest unit; debit above zero."""

    account: Account
    amount_minor: int
